import type { Context } from '../context.ts';

/** Where an edition's deliveries stand. */
export interface DeliveryReport {
  editionId: number;
  /** Rows that planning wrote. */
  planned: number;
  accepted: number;
  failed: number;
  skipped: number;
  uncertain: number;
  /** Waiting for another try. */
  deferred: number;
  /** Not tried yet, or being tried now. */
  waiting: number;
  /** Whether the parts add up to what was planned. */
  sums: boolean;
  /** Readers of whom it came back afterwards that it was not delivered; they stay among the accepted. */
  bounced: number;
  /** Readers who complained of it, and who left by it. */
  complaints: number;
  unsubscribed: number;
  /** Each delivery of which nobody knows whether it arrived. */
  uncertainDeliveries: { subscriberId: number; email: string | null; detail: string | null }[];
  /** Each reader who may have it twice: it was sent again although nobody knew whether the first had arrived. */
  doubtedDeliveries: { subscriberId: number; email: string | null; state: string }[];
  /** The server's words for what failed or waits, the most frequent first. */
  reasons: { state: string; detail: string; count: number }[];
}

type Parts = Pick<DeliveryReport, 'accepted' | 'failed' | 'skipped' | 'uncertain' | 'deferred' | 'waiting'>;

/** The numbers of a delivery report, without who and why. */
export type DeliverySums = Omit<
  DeliveryReport,
  'editionId' | 'uncertainDeliveries' | 'doubtedDeliveries' | 'reasons'
>;

/** Adds up the ledger of an edition, and what came back of it; of one whose ledger was dropped, what it came to. */
export async function deliverySums({ db }: Pick<Context, 'db'>, editionId: number): Promise<DeliverySums> {
  const [counts, cameBack] = await Promise.all([
    // In one statement, as the edition may be planned in this moment.
    db
      .selectFrom('editions')
      .leftJoin('deliveries', (join) =>
        join.onRef('edition_id', '=', 'editions.id').on('edition_id', '=', editionId),
      )
      .select((e) => [
        'planned_count',
        'ledger_sums',
        'deliveries.state',
        e.fn.count<number>('deliveries.subscriber_id').as('count'),
      ])
      .where('editions.id', '=', editionId)
      .groupBy(['planned_count', 'ledger_sums', 'deliveries.state'])
      .execute(),
    db
      .selectFrom('feedback_events')
      .select((e) => [
        e
          .case()
          .when('kind', 'in', ['hard', 'soft', 'block'])
          .then('bounce')
          .else(e.ref('kind'))
          .end()
          .as('what'),
        e.fn.count<number>('subscriber_id').distinct().as('readers'),
      ])
      .where('edition_id', '=', editionId)
      // What was refused while it was sent is among the failed.
      .where('source', '<>', 'sending')
      .groupBy('what')
      .execute(),
  ]);
  const readers = (what: string) => cameBack.find((row) => row.what === what)?.readers ?? 0;
  const count = (...states: string[]) =>
    counts.filter((row) => row.state && states.includes(row.state)).reduce((sum, row) => sum + row.count, 0);
  // Its rows have gone, as they were old.
  const kept = counts[0]?.ledger_sums as Parts | null | undefined;
  const parts: Parts = kept ?? {
    accepted: count('accepted'),
    failed: count('failed'),
    skipped: count('skipped'),
    uncertain: count('uncertain'),
    deferred: count('deferred'),
    waiting: count('planned', 'claimed', 'begun'),
  };
  const planned = counts[0]?.planned_count ?? 0;
  return {
    planned,
    ...parts,
    sums: planned === Object.values(parts).reduce((sum, part) => sum + part, 0),
    bounced: readers('bounce'),
    complaints: readers('complaint'),
    unsubscribed: readers('unsubscribe'),
  };
}

/** Reads the ledger of an edition; of one whose ledger was dropped, what it came to. */
export async function deliveryReport(
  context: Pick<Context, 'db'>,
  editionId: number,
): Promise<DeliveryReport> {
  const { db } = context;
  const [sums, uncertain, doubted, reasons] = await Promise.all([
    deliverySums(context, editionId),
    db
      .selectFrom('deliveries')
      .leftJoin('subscribers', 'subscribers.id', 'deliveries.subscriber_id')
      .select(['deliveries.subscriber_id as subscriberId', 'subscribers.email', 'deliveries.detail'])
      .where('edition_id', '=', editionId)
      .where('state', '=', 'uncertain')
      .orderBy('subscriber_id')
      .execute(),
    db
      .selectFrom('deliveries')
      .leftJoin('subscribers', 'subscribers.id', 'deliveries.subscriber_id')
      .select(['deliveries.subscriber_id as subscriberId', 'subscribers.email', 'deliveries.state'])
      .where('edition_id', '=', editionId)
      .where('doubted', '=', true)
      .where('state', '<>', 'uncertain')
      .orderBy('subscriber_id')
      .execute(),
    db
      .selectFrom('deliveries')
      .select((e) => [
        'state',
        e.fn.coalesce('detail', e.val('')).as('detail'),
        e.fn.countAll<number>().as('count'),
      ])
      .where('edition_id', '=', editionId)
      .where('state', 'in', ['failed', 'deferred', 'skipped'])
      .groupBy(['state', 'detail'])
      .orderBy('count', 'desc')
      .limit(20)
      .execute(),
  ]);
  return {
    editionId,
    ...sums,
    uncertainDeliveries: uncertain,
    doubtedDeliveries: doubted,
    reasons,
  };
}
