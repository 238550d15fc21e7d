import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { deliverySums } from '../delivery/report.ts';
import { parseTracking } from '../editions/tracking.ts';
import { type EngagementCount, engagementReport } from './engagement-report.ts';

/** What a sent edition came to, as it was counted last. */
export interface EditionFigures {
  editionId: number;
  countedAt: Date;
  accepted: number;
  /** Readers, persons alone; null: they are not counted, or not told apart. */
  opened: number | null;
  clicked: number | null;
  unsubscribed: number;
  complaints: number;
  bounced: number;
}

/** Counts what an edition came to, and keeps it. Takes as long as there are readers: not for a page that somebody waits for. */
export async function countFigures(context: Pick<Context, 'db' | 'clock'>, editionId: number): Promise<void> {
  const { db, clock } = context;
  const edition = await db
    .selectFrom('editions')
    .innerJoin('newsletters', 'newsletters.id', 'editions.newsletter_id')
    .select('newsletters.tracking')
    .where('editions.id', '=', editionId)
    .executeTakeFirst();
  if (!edition) return;
  const tracking = parseTracking(edition.tracking);
  const [{ accepted, unsubscribed, complaints, bounced }, { privacy, opens, clicks }] = await Promise.all([
    deliverySums(context, editionId),
    engagementReport(context, editionId),
  ]);
  // What was counted under an earlier setting is shown all the same.
  const told = (isCounted: boolean, { readers }: EngagementCount) =>
    (privacy === 'individual' && isCounted) || readers > 0 ? readers : null;
  const figures = {
    counted_at: clock.now(),
    accepted,
    opened: told(tracking.opens, opens),
    clicked: told(tracking.clicks, clicks),
    unsubscribed,
    complaints,
    bounced,
  };
  await db
    .insertInto('edition_figures')
    .values({ edition_id: editionId, ...figures })
    .onConflict((conflict) => conflict.column('edition_id').doUpdateSet(figures))
    .execute();
}

/** What readers usually make of a newsletter, beside which an edition is looked at. */
export interface UsualFigures {
  editionId: number;
  /** Of how many editions before this one; at most ten. */
  of: number;
  /** The median, as shares of what was accepted; null: none was counted. */
  opened: number | null;
  clicked: number | null;
  unsubscribed: number | null;
}

/** For each edition, the median of the ten that its newsletter sent before it, as far as they were counted. */
export async function usualFigures(
  { db }: Pick<Context, 'db'>,
  editionIds: number[],
): Promise<Map<number, UsualFigures>> {
  const { rows } = await sql<UsualFigures>`
    select this.id as "editionId", usual.*
    from editions as this cross join lateral (
      select count(*)::integer as of,
             percentile_cont(0.5) within group (order by opened::float8 / accepted) as opened,
             percentile_cont(0.5) within group (order by clicked::float8 / accepted) as clicked,
             percentile_cont(0.5) within group (order by unsubscribed::float8 / accepted) as unsubscribed
      from (
        select opened, clicked, unsubscribed, accepted
        from editions as earlier join edition_figures on edition_figures.edition_id = earlier.id
        where earlier.newsletter_id = this.newsletter_id and earlier.state = 'sent'
          and earlier.scheduled_for < this.scheduled_for and accepted > 0
        order by earlier.scheduled_for desc limit 10
      ) as counted
    ) as usual
    where this.id = any(${editionIds}::bigint[])`.execute(db);
  return new Map(rows.map((row) => [row.editionId, row]));
}

const countedDays = 31;

/**
 * Which editions of the last month are to be counted again although nobody looks at them: for what is measured and alerted by the
 * week, and the doctor's look at a month. A quarter of an hour after they were sent, and then ever more seldom.
 */
export async function latestFiguresDue({ db, clock }: Pick<Context, 'db' | 'clock'>): Promise<number[]> {
  const now = clock.now();
  const { rows } = await sql<{ id: number }>`
    select editions.id from editions left join edition_figures as figures on figures.edition_id = editions.id
    where editions.state = 'sent' and editions.ledger_sums is null
      and editions.sent_at > ${now}::timestamptz - make_interval(days => ${countedDays})
      and coalesce(figures.counted_at, editions.sent_at)
        < ${now}::timestamptz - greatest(interval '15 minutes', (figures.counted_at - editions.sent_at) / 20)
    order by editions.sent_at desc
    limit 60`.execute(db);
  return rows.map(({ id }) => id);
}

const minute = 60_000;

/**
 * Which editions are to be counted again: never counted, or so long ago that readers may have done much since. Right
 * after sending that is each minute, after a day about each hour.
 * @param editions sent ones, and those that are being sent
 */
export async function figuresDue(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  newsletterIds: number[] | undefined,
  editions: number,
): Promise<number[]> {
  const now = clock.now();
  const { rows } = await sql<{ id: number }>`
    select editions.id
    from newsletters cross join lateral (
      select id, sent_at from editions
      where newsletter_id = newsletters.id and state = 'sent' order by scheduled_for desc limit ${editions}
    ) as editions
    left join edition_figures as figures on figures.edition_id = editions.id
    where (${newsletterIds ?? null}::bigint[] is null or newsletters.id = any(${newsletterIds ?? null}::bigint[]))
      and (figures.counted_at is null
        or figures.counted_at < ${now}::timestamptz
           - greatest(make_interval(secs => ${minute / 1000}), (figures.counted_at - coalesce(editions.sent_at, figures.counted_at)) / 20))
    order by editions.sent_at desc nulls last
    limit 60`.execute(db);
  return rows.map(({ id }) => id);
}
