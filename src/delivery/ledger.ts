import { CompiledQuery, sql } from 'kysely';
import type { Context } from '../context.ts';
import { prepared } from '../db/connect.ts';
import { heldByItself } from '../db/installation.ts';
import { mayReceive } from './may-receive.ts';

/** Who holds deliveries, and for how long without a word. */
export interface Holder {
  /**
   * A UUID, made anew for each batch that is taken: who was silent for too long, and comes back, must not be mistaken
   * for whoever has taken the batch since, even in the same process.
   */
  worker: string;
  leaseSeconds: number;
}

/** A delivery as a holder claimed it. */
export interface Claim {
  subscriberId: number;
  worker: string;
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
  /** The server says that there is no such mailbox: no list mails the address again. */
  isUnknown: boolean;
}

// Leases are told by the database's clock, which all hosts share; everything else by ours.

/** A part of an edition's deliveries: those of a range of subscribers. */
export interface Batch {
  editionId: number;
  batch: number;
  /** Ids of subscribers, both among them. */
  firstId: number;
  lastId: number;
}

/**
 * Takes the next batch in which something is due, for this worker alone. Editions share the workers evenly, and among
 * those of which as much is under way the one that began first comes first; of its batches the one that waits longest.
 * @param except editions of which this worker can send nothing at the moment
 */
export async function takeBatch(
  context: Context,
  holder: Holder,
  except: number[] = [],
): Promise<Batch | undefined> {
  const { rows } = await sql<Batch>`
    with sending as (
      select id, planned_at,
             (select count(*) from delivery_batches as busy
              where busy.edition_id = editions.id and busy.due_at is not null and busy.lease_until > clock_timestamp()) as busy
      from editions where state = 'sending' and id <> all(${except}::bigint[]) and not ${heldByItself}
    ), next as (
      select due.edition_id, due.batch
      from sending join delivery_batches as due on due.edition_id = sending.id
      where due.due_at <= ${context.clock.now()}
        and (due.lease_until is null or due.lease_until < clock_timestamp())
      order by sending.busy, sending.planned_at, due.edition_id, due.due_at, due.batch
      limit 1
      for update of due skip locked
    )
    update delivery_batches as taken
    set worker = ${holder.worker}, lease_until = clock_timestamp() + make_interval(secs => ${holder.leaseSeconds})
    from next where taken.edition_id = next.edition_id and taken.batch = next.batch
    returning taken.edition_id as "editionId", taken.batch, taken.first_id as "firstId", taken.last_id as "lastId"`.execute(
    context.db,
  );
  return rows[0];
}

/**
 * Lets go of a batch, and notes when something in it is due next.
 * @param earliest before which nobody needs to look: what is due waits for its recipients' servers
 */
export async function leaveBatch(
  context: Context,
  holder: Holder,
  batch: Batch,
  earliest: Date | null = null,
): Promise<void> {
  const { editionId, firstId, lastId } = batch;
  const now = context.clock.now();
  // What others hold is looked at again when they have had time to go silent.
  const later = new Date(now.getTime() + holder.leaseSeconds * 1000);
  await sql`
    update delivery_batches as left_now
    set worker = null, lease_until = null,
        due_at = (
          select min(case when state in ('planned', 'deferred') then greatest(coalesce(next_attempt_at, ${now}::timestamptz), ${earliest}::timestamptz) else ${later}::timestamptz end)
          from deliveries
          where edition_id = ${editionId} and subscriber_id between ${firstId} and ${lastId}
            and state in ('planned', 'claimed', 'begun', 'deferred'))
    where left_now.edition_id = ${editionId} and left_now.batch = ${batch.batch}
      and (left_now.worker = ${holder.worker} or left_now.worker is null)`.execute(context.db);
}

/**
 * Claims deliveries of a batch that are due: planned ones, and deferred ones whose time has come.
 * Rows that another worker looks at in this moment are passed over (skip locked).
 * @returns subscriber ids, ascending, with how often each was tried
 */
export async function claim(
  context: Context,
  holder: Holder,
  { editionId, firstId, lastId }: Batch,
  limit: number,
): Promise<{ subscriberId: number; attempts: number; subject: number | null }[]> {
  const { rows } = await sql<{ subscriberId: number; attempts: number; subject: number | null }>`
    with due as (
      select subscriber_id from deliveries
      where edition_id = ${editionId} and subscriber_id between ${firstId} and ${lastId}
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

/** Keeps this worker's claims in a batch, and the batch itself, from running out. */
export async function renewLeases(context: Context, holder: Holder, batch: Batch): Promise<void> {
  const { editionId, firstId, lastId } = batch;
  const until = sql`clock_timestamp() + make_interval(secs => ${holder.leaseSeconds})`;
  await sql`
    with kept as (
      update delivery_batches set lease_until = ${until}
      where edition_id = ${editionId} and batch = ${batch.batch} and worker = ${holder.worker}
    )
    update deliveries set lease_until = ${until}
    where edition_id = ${editionId} and subscriber_id between ${firstId} and ${lastId}
      and worker = ${holder.worker} and state in ('claimed', 'begun')`.execute(context.db);
}

/**
 * Records verdicts, and that other messages are about to go out, all in one commit: durable before the first byte of one
 * is sent. Beginning is the last look at consent, and at whether the edition is still to be sent: who left meanwhile is
 * skipped, and if the edition was paused or cancelled nothing begins.
 *
 * Doing it twice changes nothing: a verdict is written once, and asking again for what the same holder has begun itself is
 * allowed, so that a lost answer from the database does no harm. A verdict that comes late, after others gave its
 * delivery up as uncertain, still settles it.
 * @param editionId of all of them
 * @param begin none of which is among the verdicts
 * @returns what became of each that was to begin; nothing of it if the edition is not being sent, or another has it
 */
export async function exchange(
  context: Context,
  leaseSeconds: number,
  editionId: number,
  verdicts: (Verdict & Claim)[],
  begin: Claim[],
): Promise<(Claim & { state: 'begun' | 'skipped' })[]> {
  if (verdicts.length === 0 && begin.length === 0) return [];
  const column = <T>(value: (verdict: Verdict & Claim) => T) => verdicts.map(value);
  const { text, parameters } = exchangeStatement(
    context.db,
    editionId,
    verdicts.some(({ isUnknown }) => isUnknown),
  );
  const values: ExchangeValues = {
    now: context.clock.now(),
    leaseSeconds,
    ids: column(({ subscriberId }) => subscriberId),
    workers: column(({ worker }) => worker),
    states: column(({ state }) => state),
    codes: column(({ smtpCode }) => smtpCode),
    details: column(({ detail }) => storable(detail)),
    nexts: column(({ nextAttemptAt }) => nextAttemptAt),
    stories: column(({ stories }) => stories && `{${stories.join(',')}}`),
    tried: column(({ counts }) => (counts ? 1 : 0)),
    unknown: column(({ isUnknown }) => isUnknown),
    begin: begin.map(({ subscriberId }) => subscriberId),
    beginWorkers: begin.map(({ worker }) => worker),
  };
  const { rows } = await context.db.executeQuery<Claim & { state: 'begun' | 'skipped' }>(
    CompiledQuery.raw(
      text,
      parameters.map((each) => (each instanceof Slot ? values[each.name] : each)),
    ),
  );
  return rows;
}

interface ExchangeValues {
  now: Date;
  leaseSeconds: number;
  ids: number[];
  workers: string[];
  states: string[];
  codes: (number | null)[];
  details: (string | null)[];
  nexts: (Date | null)[];
  stories: (string | null)[];
  tried: number[];
  unknown: boolean[];
  begin: number[];
  beginWorkers: string[];
}

/** Where a value goes in a statement that is built once. */
class Slot {
  readonly name: keyof ExchangeValues;

  constructor(name: keyof ExchangeValues) {
    this.name = name;
  }
}

const slot = (name: keyof ExchangeValues) => sql<Date>`${new Slot(name)}`;

interface Statement {
  text: string;
  parameters: readonly unknown[];
}

const mostStatements = 100;
const exchangeStatements = new Map<string, Statement>();

/** Building it takes Kysely longer than running it takes Postgres: it is built once for an edition. */
function exchangeStatement(db: Context['db'], editionId: number, isUnknown: boolean): Statement {
  const key = `${editionId} ${isUnknown}`;
  let known = exchangeStatements.get(key);
  if (!known) {
    const { sql: text, parameters } = buildExchange(editionId, isUnknown).compile(db);
    known = { text, parameters };
    const [oldest] = exchangeStatements.keys();
    if (exchangeStatements.size >= mostStatements && oldest !== undefined) exchangeStatements.delete(oldest);
    exchangeStatements.set(key, known);
  }
  return known;
}

/**
 * A late answer says that one which was given up did not go out, and nobody sends the edition any more: it is named
 * among the failed instead of waiting for ever.
 */
const isTooLate = sql`(delivery.state = 'uncertain' and verdict.state in ('planned', 'deferred')
  and (select state from edition) not in ('sending', 'paused'))`;

/** Addresses that the server does not know are suppressed in the same commit. By this note webhooks are told (migration 0011). */
const suppressed = (editionId: number) => sql`, dead as (
      insert into suppressions (email_hash, email, reason, note, created_at)
      select email_hash, email, 'bounce', ${`refused as unknown when edition ${editionId} was sent`}, ${slot('now')}::timestamptz
      from recorded join subscribers on subscribers.id = recorded.subscriber_id
      where recorded.is_unknown
      on conflict (email_hash, coalesce(list_id, 0), reason) do update
        set note = excluded.note, created_at = excluded.created_at, expires_at = null
        -- A rest that is over holds nothing back; one that goes on is made lasting.
        where suppressions.expires_at is not null
    )`;

function buildExchange(editionId: number, isUnknown: boolean) {
  // The partition itself: with hundreds of editions Postgres would look at the table of each.
  const deliveries = sql.table(`deliveries_e${editionId}`);
  return sql`${prepared(`exchange_${editionId}${isUnknown ? '_unknown' : ''}`)}
    with edition as (
      select newsletter_id, state from editions where id = ${editionId}
    ), recorded as (
      update ${deliveries} as delivery
      set state = case when ${isTooLate} then 'failed' else verdict.state end, smtp_code = verdict.code,
          detail = case when ${isTooLate} then 'not sent, and the edition had ended: ' else '' end || verdict.detail,
          doubted = delivery.doubted or verdict.state = 'deferred' and verdict.code is null,
          next_attempt_at = verdict.next, stories = coalesce(verdict.stories::smallint[], delivery.stories),
          attempts = delivery.attempts + verdict.tried,
          settled_at = case when ${isTooLate} or verdict.state in ('accepted', 'failed', 'skipped', 'uncertain') then ${slot('now')}::timestamptz end,
          worker = null, lease_until = null
      from unnest(
        ${slot('ids')}::bigint[], ${slot('workers')}::uuid[],
        ${slot('states')}::text[],
        ${slot('codes')}::smallint[], ${slot('details')}::text[],
        ${slot('nexts')}::timestamptz[],
        ${slot('stories')}::text[],
        ${slot('tried')}::smallint[], ${slot('unknown')}::boolean[]
      ) as verdict (id, worker, state, code, detail, next, stories, tried, is_unknown)
      where delivery.edition_id = ${editionId} and delivery.subscriber_id = verdict.id
        and delivery.worker = verdict.worker
        -- Others may have given it up meanwhile, or planned it again.
        and (delivery.state in ('begun', 'uncertain') or delivery.state = 'planned' and delivery.doubted)
      returning delivery.subscriber_id, verdict.is_unknown
    )${isUnknown ? suppressed(editionId) : sql``}, consenting as (
      select distinct subscriptions.subscriber_id
      from edition
      join newsletter_lists on newsletter_lists.newsletter_id = edition.newsletter_id
      join lists on lists.id = newsletter_lists.list_id and lists.archived_at is null
      join subscriptions on subscriptions.list_id = newsletter_lists.list_id
        and subscriptions.subscriber_id = any(${slot('begin')}::bigint[])
      join subscribers on subscribers.id = subscriptions.subscriber_id
      where edition.state = 'sending' and ${mayReceive(slot('now'))}
    )
    update ${deliveries} as delivery
    set state = case when consenting.subscriber_id is null then 'skipped' else 'begun' end,
        detail = case when consenting.subscriber_id is null then 'no consent any more when the message was due' end,
        settled_at = case when consenting.subscriber_id is null then ${slot('now')}::timestamptz end,
        lease_until = clock_timestamp() + make_interval(secs => ${slot('leaseSeconds')})
    from edition, unnest(${slot('begin')}::bigint[], ${slot('beginWorkers')}::uuid[]) as wanted (id, worker)
    left join consenting on consenting.subscriber_id = wanted.id
    where edition.state = 'sending' and delivery.edition_id = ${editionId} and delivery.subscriber_id = wanted.id
      and delivery.worker = wanted.worker and delivery.state in ('claimed', 'begun')
    returning delivery.subscriber_id as "subscriberId", wanted.worker, delivery.state`;
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
  { editionId, firstId, lastId }: Batch,
  onUncertain: 'resend' | 'skip',
): Promise<{ replanned: number; uncertain: number }> {
  const { rows } = await sql<{ was: string }>`
    with expired as (
      select subscriber_id, state from deliveries
      where edition_id = ${editionId} and subscriber_id between ${firstId} and ${lastId}
        and state in ('claimed', 'begun') and lease_until < clock_timestamp()
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
        doubted = deliveries.doubted or expired.state = 'begun' and ${onUncertain} = 'resend',
        -- Who left it uncertain may still come back with the answer.
        worker = case when expired.state = 'begun' then deliveries.worker end,
        lease_until = null
    from expired
    where deliveries.edition_id = ${editionId} and deliveries.subscriber_id = expired.subscriber_id
    returning expired.state as was`.execute(context.db);
  return {
    replanned: rows.filter((row) => row.was === 'claimed').length,
    uncertain: rows.filter((row) => row.was === 'begun').length,
  };
}

/** A batch whose worker has gone silent, and of which nothing is held any more, may be taken by another, now. */
export async function freeBatch(
  context: Context,
  { editionId, batch, firstId, lastId }: Batch,
): Promise<void> {
  await sql`
    update delivery_batches
    set worker = null, lease_until = null, due_at = ${context.clock.now()}
    where edition_id = ${editionId} and batch = ${batch} and lease_until < clock_timestamp()
      -- What could not be taken over yet has to be found again, also when nobody sends this edition any more.
      and not exists (
        select from deliveries
        where edition_id = ${editionId} and subscriber_id between ${firstId} and ${lastId}
          and state in ('claimed', 'begun'))`.execute(context.db);
}

/** The batches of an edition whose workers have not been heard of for a lease. */
export async function silentBatches(context: Context, editionId: number): Promise<Batch[]> {
  return context.db
    .selectFrom('delivery_batches')
    .select(['edition_id as editionId', 'batch', 'first_id as firstId', 'last_id as lastId'])
    .where('edition_id', '=', editionId)
    .where('due_at', 'is not', null)
    .where('lease_until', '<', sql<Date>`clock_timestamp()`)
    .orderBy('batch')
    .execute();
}

/** Whether every delivery of an edition has come to its end. */
export async function isSettled(context: Pick<Context, 'db'>, editionId: number): Promise<boolean> {
  const open = await context.db
    .selectFrom('delivery_batches')
    .select('batch')
    .where('edition_id', '=', editionId)
    .where('due_at', 'is not', null)
    .limit(1)
    .executeTakeFirst();
  return !open;
}
