import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { prepared } from '../db/connect.ts';
import { mayReceive } from './may-receive.ts';

/** Who holds deliveries, and for how long without a word. */
export interface Holder {
  /** A UUID, made anew by each process. */
  worker: string;
  leaseSeconds: number;
}

/** What became of one message. */
export interface Verdict {
  subscriberId: number;
  state: 'accepted' | 'deferred' | 'failed' | 'skipped' | 'uncertain' | 'planned';
  smtpCode: number | null;
  /** The server's words. */
  detail: string | null;
  /** For a deferred message. */
  nextAttemptAt: Date | null;
  /** Positions of the stories in the digest, in order. */
  stories: number[] | null;
  /** Whether the try counts: a connection that failed is the route's fault, not the recipient's. */
  counts: boolean;
}

// Leases are told by the database's clock, which all hosts share; everything else by ours.

/**
 * Claims deliveries of a batch that are due: planned ones, and deferred ones whose time has come.
 * Rows that another worker looks at in this moment are passed over (skip locked).
 * @returns subscriber ids, ascending, with how often each was tried
 */
export async function claim(
  context: Context,
  holder: Holder,
  editionId: number,
  batch: number,
  limit: number,
): Promise<{ subscriberId: number; attempts: number; subject: number | null }[]> {
  const { rows } = await sql<{ subscriberId: number; attempts: number; subject: number | null }>`
    with due as (
      select subscriber_id from deliveries
      where edition_id = ${editionId} and batch = ${batch}
        and state in ('planned', 'deferred')
        -- A planned one may wait for a test of subjects.
        and (next_attempt_at is null or next_attempt_at <= ${context.clock.now()})
      order by subscriber_id
      limit ${limit}
      for update skip locked
    )
    update deliveries
    set state = 'claimed', worker = ${holder.worker},
        lease_until = clock_timestamp() + make_interval(secs => ${holder.leaseSeconds})
    from due
    where deliveries.edition_id = ${editionId} and deliveries.subscriber_id = due.subscriber_id
    returning deliveries.subscriber_id as "subscriberId", deliveries.attempts, deliveries.subject`.execute(
    context.db,
  );
  return rows.sort((a, b) => a.subscriberId - b.subscriberId);
}

/** Keeps this worker's claims from running out. */
export async function renewLeases(context: Context, holder: Holder, editionId: number): Promise<void> {
  await sql`
    update deliveries set lease_until = clock_timestamp() + make_interval(secs => ${holder.leaseSeconds})
    where edition_id = ${editionId} and worker = ${holder.worker} and state in ('claimed', 'begun')`.execute(
    context.db,
  );
}

/**
 * Records verdicts, and that other messages are about to go out, all in one commit: durable before the first byte of one
 * is sent. Beginning is the last look at consent, and at whether the edition is still to be sent: who left meanwhile is
 * skipped, and if the edition was paused or cancelled nothing begins.
 *
 * Doing it twice changes nothing: a verdict is written once, and asking again for what this worker has begun itself is
 * allowed, so that a lost answer from the database does no harm. A verdict that comes late, after others gave its
 * delivery up as uncertain, still settles it.
 * @param editionId of all of them
 * @param begin subscriber ids, none of which is among the verdicts
 * @returns what became of each that was to begin; nothing of it if the edition is not being sent
 */
export async function exchange(
  context: Context,
  holder: Holder,
  editionId: number,
  verdicts: Verdict[],
  begin: number[],
): Promise<Map<number, 'begun' | 'skipped'>> {
  if (verdicts.length === 0 && begin.length === 0) return new Map();
  const now = context.clock.now();
  const column = <T>(value: (verdict: Verdict) => T) => verdicts.map(value);
  // The partition itself: with hundreds of editions Postgres would look at the table of each.
  const deliveries = sql.table(`deliveries_e${editionId}`);
  const { rows } = await sql<{
    subscriberId: number;
    state: 'begun' | 'skipped';
  }>`${prepared(`exchange_${editionId}`)}
    with recorded as (
      update ${deliveries} as delivery
      set state = verdict.state, smtp_code = verdict.code, detail = verdict.detail,
          next_attempt_at = verdict.next, stories = coalesce(verdict.stories::smallint[], delivery.stories),
          attempts = delivery.attempts + verdict.tried,
          settled_at = case when verdict.state in ('accepted', 'failed', 'skipped', 'uncertain') then ${now}::timestamptz end,
          worker = null, lease_until = null
      from unnest(
        ${column(({ subscriberId }) => subscriberId)}::bigint[], ${column(({ state }) => state)}::text[],
        ${column(({ smtpCode }) => smtpCode)}::smallint[], ${column(({ detail }) => storable(detail))}::text[],
        ${column(({ nextAttemptAt }) => nextAttemptAt)}::timestamptz[],
        ${column(({ stories }) => stories && `{${stories.join(',')}}`)}::text[],
        ${column(({ counts }) => (counts ? 1 : 0))}::smallint[]
      ) as verdict (id, state, code, detail, next, stories, tried)
      where delivery.edition_id = ${editionId} and delivery.subscriber_id = verdict.id
        and delivery.worker = ${holder.worker} and delivery.state in ('begun', 'uncertain')
    ), edition as (
      select newsletter_id from editions where id = ${editionId} and state = 'sending'
    ), consenting as (
      select distinct subscriptions.subscriber_id
      from edition
      join newsletter_lists on newsletter_lists.newsletter_id = edition.newsletter_id
      join subscriptions on subscriptions.list_id = newsletter_lists.list_id
        and subscriptions.subscriber_id = any(${begin}::bigint[])
      join subscribers on subscribers.id = subscriptions.subscriber_id
      where ${mayReceive(now)}
    )
    update ${deliveries} as delivery
    set state = case when consenting.subscriber_id is null then 'skipped' else 'begun' end,
        detail = case when consenting.subscriber_id is null then 'no consent any more when the message was due' end,
        settled_at = case when consenting.subscriber_id is null then ${now}::timestamptz end,
        lease_until = clock_timestamp() + make_interval(secs => ${holder.leaseSeconds})
    from edition, unnest(${begin}::bigint[]) as wanted (id)
    left join consenting on consenting.subscriber_id = wanted.id
    where delivery.edition_id = ${editionId} and delivery.subscriber_id = wanted.id
      and delivery.worker = ${holder.worker} and delivery.state in ('claimed', 'begun')
    returning delivery.subscriber_id as "subscriberId", delivery.state`.execute(context.db);
  return new Map(rows.map(({ subscriberId, state }) => [subscriberId, state]));
}

/** Servers say anything; the database takes no NUL and no half characters. */
const storable = (text: string | null) => text?.slice(0, 500).replaceAll('\0', ' ').toWellFormed() ?? null;

/** Gives back what was claimed and not begun. */
export async function release(
  context: Context,
  holder: Holder,
  editionId: number,
  subscriberIds: number[],
): Promise<void> {
  if (subscriberIds.length === 0) return;
  await sql`
    update deliveries set state = 'planned', worker = null, lease_until = null
    where edition_id = ${editionId} and subscriber_id = any(${subscriberIds}::bigint[])
      and worker = ${holder.worker} and state = 'claimed'`.execute(context.db);
}

/**
 * Takes over from workers that went silent. What they claimed is planned again: nothing of it was sent. What they had
 * begun may or may not have arrived: the newsletter's policy says whether it is sent again or left, listed as uncertain.
 * @returns how many of each
 */
export async function takeOverExpired(
  context: Context,
  editionId: number,
  onUncertain: 'resend' | 'skip',
): Promise<{ replanned: number; uncertain: number }> {
  const { rows } = await sql<{ was: string }>`
    with expired as (
      select subscriber_id, state from deliveries
      where edition_id = ${editionId} and state in ('claimed', 'begun') and lease_until < clock_timestamp()
        -- While the server was down nobody could renew a lease: they get the time of one to do so.
        and pg_postmaster_start_time() < clock_timestamp() - make_interval(secs => ${context.config.leaseSeconds})
      for update skip locked
    )
    update deliveries
    set state = case when expired.state = 'claimed' or ${onUncertain} = 'resend' then 'planned' else 'uncertain' end,
        detail = case when expired.state = 'begun' then
          case when ${onUncertain} = 'resend' then 'sent again: the worker ended before the answer was recorded'
          else 'the worker ended before the answer was recorded' end end,
        settled_at = case when expired.state = 'begun' and ${onUncertain} = 'skip' then ${context.clock.now()}::timestamptz end,
        -- Who left it uncertain may still come back with the answer.
        worker = case when expired.state = 'begun' and ${onUncertain} = 'skip' then deliveries.worker end,
        lease_until = null
    from expired
    where deliveries.edition_id = ${editionId} and deliveries.subscriber_id = expired.subscriber_id
    returning expired.state as was`.execute(context.db);
  return {
    replanned: rows.filter((row) => row.was === 'claimed').length,
    uncertain: rows.filter((row) => row.was === 'begun').length,
  };
}

/** Batches with deliveries that are due now. */
export async function dueBatches(context: Context, editionId: number): Promise<number[]> {
  const rows = await context.db
    .selectFrom('deliveries')
    .select('batch')
    .distinct()
    .where('edition_id', '=', editionId)
    .where('state', 'in', ['planned', 'deferred'])
    .where((e) => e.or([e('next_attempt_at', 'is', null), e('next_attempt_at', '<=', context.clock.now())]))
    .orderBy('batch')
    .execute();
  return rows.map((row) => row.batch);
}

/** Whether every delivery of an edition has come to its end. */
export async function isSettled(context: Pick<Context, 'db'>, editionId: number): Promise<boolean> {
  const open = await context.db
    .selectFrom('deliveries')
    .select('subscriber_id')
    .where('edition_id', '=', editionId)
    .where('state', 'in', ['planned', 'claimed', 'begun', 'deferred'])
    .limit(1)
    .executeTakeFirst();
  return !open;
}
