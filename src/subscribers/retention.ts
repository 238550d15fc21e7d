import { type RawBuilder, sql } from 'kysely';
import type { Retention } from '../config.ts';
import type { Context } from '../context.ts';
import { countWithoutNames } from './person-tables.ts';

type Deps = Pick<Context, 'db' | 'clock' | 'config'>;
type Db = Context['db'];

/** What one rule of retention found or did. */
export interface RetentionResult {
  /** Such as `pending`. */
  rule: RuleName | 'ledgers';
  what: string;
  /** The setting that says for how long. */
  setting: string;
  /** What is from before this instant goes; null: it is kept for ever. */
  before: Date | null;
  /** Rows that went, or would go. */
  rows: number;
}

type RuleName = 'pending' | 'unmatched-feedback' | 'engagement' | 'consent-ip' | 'erased-consent';

interface Rule {
  name: RuleName;
  what: string;
  setting: string;
  length: keyof Retention;
  unit: 'days' | 'months';
  count(db: Db, before: Date): Promise<number>;
  /** Takes away one group in a transaction of its own. @returns how many rows went; 0: all is done */
  apply(db: Db, before: Date, now: Date): Promise<number>;
}

/** So many rows at a time: others never wait long for a lock. */
const groupSize = 5_000;

/**
 * Takes away what has been kept for as long as the settings say, in small transactions, so that it may run beside
 * everything else, be stopped at any time, and go on with the next run.
 * @param options.dryRun only counts
 * @param options.stopping no new group is begun once it is set
 */
export async function applyRetention(
  context: Deps,
  options: { dryRun?: boolean; stopping?: AbortSignal } = {},
): Promise<RetentionResult[]> {
  const { db, clock, config } = context;
  const results: RetentionResult[] = [];
  for (const rule of rules) {
    const before = cutOff(clock.now(), config.retention[rule.length], rule.unit);
    let rows = 0;
    if (before && options.dryRun) rows = await rule.count(db, before);
    else if (before)
      while (!options.stopping?.aborted) {
        const gone = await rule.apply(db, before, clock.now());
        rows += gone;
        if (gone === 0) break;
      }
    results.push({ rule: rule.name, what: rule.what, setting: rule.setting, before, rows });
  }
  return results;
}

/** The instant before which things are old; null: nothing ever is. Months are the calendar's, in UTC. */
export function cutOff(now: Date, length: number, unit: 'days' | 'months'): Date | null {
  if (length === 0) return null;
  if (unit === 'days') return new Date(now.getTime() - length * 86_400_000);
  const before = new Date(now);
  before.setUTCMonth(before.getUTCMonth() - length);
  // The 31st of a month that has 30 days would be the next month's first.
  if (before.getUTCDate() !== now.getUTCDate()) before.setUTCDate(0);
  return before;
}

const countOf = async (db: Db, query: RawBuilder<unknown>): Promise<number> => {
  const { rows } = await sql<{ rows: number }>`select count(*) as rows from (${query}) as found`.execute(db);
  return Number(rows[0]?.rows ?? 0);
};

const waiting = (before: Date) => sql`
  select subscriber_id, list_id, confirmed_at from subscriptions
  where state = 'pending' and updated_at < ${before}
    and (confirmation_sent_at is null or confirmation_sent_at < ${before})`;
const unmatched = (before: Date) => sql`
  select id from feedback_events where action = 'unmatched' and recorded_at < ${before}`;
const oldEngagement = (before: Date) => sql`
  engagement.last_at < ${before}
  and engagement.edition_id in (select id from editions where planned_at < ${before})`;
const machines = (before: Date) => sql`select id from consent_log where ip is not null and at < ${before}`;
const ofTheErased = (before: Date) => sql`
  select consent_log.id from suppressions join consent_log using (email_hash)
  where suppressions.reason = 'erasure' and suppressions.list_id is null and suppressions.created_at < ${before}
    and not exists (select from subscribers where subscribers.email_hash = suppressions.email_hash)`;

const linesOf = async (db: Db, call: RawBuilder<unknown>): Promise<number> => {
  const { rows } = await sql<{ lines: number }>`select ${call} as lines`.execute(db);
  return Number(rows[0]?.lines ?? 0);
};

const rules: Rule[] = [
  {
    name: 'pending',
    what: 'subscriptions that nobody has confirmed',
    setting: 'RETENTION_PENDING_DAYS',
    length: 'pendingDays',
    unit: 'days',
    count: (db, before) => countOf(db, waiting(before)),
    apply: forgetPending,
  },
  {
    name: 'unmatched-feedback',
    what: 'what came back and names no delivery of ours',
    setting: 'RETENTION_UNMATCHED_FEEDBACK_DAYS',
    length: 'unmatchedFeedbackDays',
    unit: 'days',
    count: (db, before) => countOf(db, unmatched(before)),
    apply: async (db, before) => {
      const { numAffectedRows } = await sql`
        delete from feedback_events where id in (${unmatched(before)} order by recorded_at limit ${groupSize})`.execute(
        db,
      );
      return Number(numAffectedRows ?? 0);
    },
  },
  {
    name: 'engagement',
    what: 'who opened and clicked what (how often each link was followed stays counted)',
    setting: 'RETENTION_ENGAGEMENT_MONTHS',
    length: 'engagementMonths',
    unit: 'months',
    count: (db, before) => countOf(db, sql`select from engagement where ${oldEngagement(before)}`),
    apply: forgetEngagement,
  },
  {
    name: 'consent-ip',
    what: 'addresses of machines in the consent log',
    setting: 'RETENTION_CONSENT_IP_MONTHS',
    length: 'consentIpMonths',
    unit: 'months',
    count: (db, before) => countOf(db, machines(before)),
    apply: (db, before) =>
      linesOf(db, sql`consent_log_forget_machines(${before}::timestamptz, ${groupSize}::integer)`),
  },
  {
    name: 'erased-consent',
    what: 'the consent log of people who were erased (the hash of their address stays suppressed)',
    setting: 'RETENTION_ERASED_CONSENT_MONTHS',
    length: 'erasedConsentMonths',
    unit: 'months',
    count: (db, before) => countOf(db, ofTheErased(before)),
    apply: (db, before) =>
      linesOf(db, sql`consent_log_forget_erased(${before}::timestamptz, ${groupSize}::integer)`),
  },
];

/**
 * A wish that nobody confirmed is forgotten with its lines in the consent log, and so is the person if nothing else is
 * known of them. Who had been on the list before, and had left it, has left it again.
 */
async function forgetPending(db: Db, before: Date, now: Date): Promise<number> {
  return db.transaction().execute(async (trx) => {
    // Whoever confirms at this moment holds the person's row: they are passed over, and are not pending any more.
    const { rows } = await sql<{ id: number; hash: Buffer; lists: number[]; returning: number[] }>`
      with people as (
        select subscribers.id, subscribers.email_hash from subscribers
        where id in (select subscriber_id from (${waiting(before)}) as waiting order by subscriber_id limit ${groupSize})
        order by id for update skip locked
      )
      select people.id, people.email_hash as hash,
             array_agg(list_id) filter (where confirmed_at is null) as lists,
             array_agg(list_id) filter (where confirmed_at is not null) as returning
      from people join (${waiting(before)}) as waiting on waiting.subscriber_id = people.id
      group by people.id, people.email_hash`.execute(trx);
    if (rows.length === 0) return 0;
    const ids = rows.map(({ id }) => id);
    const left = await sql`
      update subscriptions set state = 'unsubscribed', unsubscribed_at = coalesce(unsubscribed_at, ${now}), updated_at = ${now}
      where subscriber_id = any(${ids}::bigint[]) and state = 'pending' and confirmed_at is not null
        and updated_at < ${before}`.execute(trx);
    const gone = await sql`
      delete from subscriptions
      where subscriber_id = any(${ids}::bigint[]) and state = 'pending' and confirmed_at is null
        and updated_at < ${before} and (confirmation_sent_at is null or confirmation_sent_at < ${before})`.execute(
      trx,
    );
    const byList = new Map<number, Buffer[]>();
    for (const { hash, lists } of rows)
      for (const list of lists ?? []) byList.set(list, [...(byList.get(list) ?? []), hash]);
    for (const [list, hashes] of byList)
      await sql`select consent_log_forget_requests(${list}::bigint, ${hashes}::bytea[])`.execute(trx);
    await sql`
      delete from subscribers where id = any(${ids}::bigint[])
        and not exists (select from subscriptions where subscriptions.subscriber_id = subscribers.id)`.execute(
      trx,
    );
    return Number(left.numAffectedRows ?? 0) + Number(gone.numAffectedRows ?? 0);
  });
}

/** An edition at a time, so that each statement looks into one partition; finding those that are due looks into all. */
async function forgetEngagement(db: Db, before: Date): Promise<number> {
  const { rows } = await sql<{ id: number }>`
    select id from editions
    where planned_at < ${before} and to_regclass('engagement_e' || id) is not null
      and exists (select from engagement where engagement.edition_id = editions.id and engagement.last_at < ${before})
    order by id limit 100`.execute(db);
  let gone = 0;
  for (const { id } of rows)
    gone += await countWithoutNames(db, sql`edition_id = ${id} and last_at < ${before}`);
  return gone;
}
