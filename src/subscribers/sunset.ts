import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Context } from '../context.ts';
import { partsOf } from '../db/partitions.ts';
import type { DB } from '../db/schema.ts';
import { UserError } from '../errors.ts';
import { logConsent, type Origin } from './consent.ts';
import type { List } from './lists.ts';
import { confirm, unsubscribe } from './subscribe.ts';

type Deps = Pick<Context, 'db' | 'clock'>;

/** A list, and since when somebody must have done nothing to be asked. */
export interface Inactivity {
  list: Pick<List, 'id' | 'slug'>;
  days: number;
}

/** Whoever was sent fewer editions than this has had no occasion to do anything. */
export const leastEditions = 3;
const dayMs = 86_400_000;

const since = (context: Deps, days: number) => new Date(context.clock.now().getTime() - days * dayMs);

/**
 * The editions by which it shows who reads: sent to the list since then, by newsletters that count individually.
 * @throws UserError if there are too few to tell
 */
export async function tellingEditions(
  context: Pick<Context, 'db' | 'clock' | 'config'>,
  { list, days }: Inactivity,
): Promise<number[]> {
  const months = context.config.retention.engagementMonths;
  if (months > 0 && days > months * 28)
    throw new UserError(
      `What readers opened and clicked is kept for ${months} months, so nobody knows who was inactive for ${days} days.`,
      { code: 'usage', hint: 'Give a shorter time, or raise RETENTION_ENGAGEMENT_MONTHS.' },
    );
  const { rows } = await sql<{ id: number }>`
    select editions.id from editions
    join newsletters on newsletters.id = editions.newsletter_id
    join newsletter_lists on newsletter_lists.newsletter_id = newsletters.id and newsletter_lists.list_id = ${list.id}
    where editions.planned_at >= ${since(context, days)} and editions.state in ('sending', 'paused', 'sent')
      and coalesce(newsletters.tracking->>'privacy', 'individual') = 'individual'
      and (coalesce(newsletters.tracking->>'clicks', 'true') = 'true' or newsletters.tracking->>'opens' = 'true')
    order by editions.id`.execute(context.db);
  if (rows.length < leastEditions)
    throw new UserError(
      `Within ${days} days ${rows.length === 0 ? 'no edition was' : `only ${rows.length} were`} sent to ${list.slug} of which it is counted who reads them: that does not show who is inactive.`,
      {
        code: 'nothing-counted',
        hint: `It takes at least ${leastEditions} editions of newsletters with --privacy individual, and clicks or opens counted.`,
      },
    );
  return rows.map(({ id }) => id);
}

/**
 * Who is on the list, was sent several editions, and gave no sign: opened and clicked nothing (what a mail program loads
 * by itself counts as a sign, as its mailbox is in use), and changed or confirmed nothing. Left out are those who do not
 * want to be counted, are on a break, must not be mailed, or were asked within the time.
 */
function inactive(context: Deps, { list, days }: Inactivity, editions: number[]): RawBuilder<{ id: number }> {
  const now = context.clock.now();
  const from = since(context, days);
  return sql`
    select subscribers.id
    from subscriptions join subscribers on subscribers.id = subscriptions.subscriber_id
    join (
      select subscriber_id from deliveries
      where edition_id = any(${editions}::bigint[]) and state in ('accepted', 'uncertain')
      group by subscriber_id having count(*) >= ${leastEditions}
    ) as sent on sent.subscriber_id = subscribers.id
    where subscriptions.list_id = ${list.id} and subscriptions.state = 'confirmed'
      and coalesce(subscriptions.confirmed_at, subscriptions.created_at) < ${from}
      and not subscribers.untracked
      and (subscriptions.paused_until is null or subscriptions.paused_until < ${from})
      and not exists (
        select from engagement
        where engagement.subscriber_id = subscribers.id and last_at >= ${from} and source <> 'scanner')
      and not exists (
        select from consent_log
        where consent_log.email_hash = subscribers.email_hash and at >= ${from} and via not in ('admin', 'import', 'api'))
      and not exists (
        select from suppressions
        where suppressions.email_hash = subscribers.email_hash
          and (suppressions.list_id is null or suppressions.list_id = ${list.id})
          and (suppressions.expires_at is null or suppressions.expires_at > ${now}))
      and not exists (
        select from sunset_asks
        where sunset_asks.list_id = ${list.id} and sunset_asks.subscriber_id = subscribers.id
          and (outcome is null or settled_at >= ${from}))`;
}

/** How many would be asked. @throws as `tellingEditions` */
export async function countInactive(
  context: Pick<Context, 'db' | 'clock' | 'config'>,
  about: Inactivity,
): Promise<number> {
  const editions = await tellingEditions(context, about);
  const { rows } = await sql<{ people: number }>`
    select count(*) as people from (${inactive(context, about, editions)}) as found`.execute(context.db);
  return Number(rows[0]?.people ?? 0);
}

/**
 * Notes who is to be asked, at most so many; the mails follow. Two runs at once note nobody twice.
 * @returns how many were noted
 * @throws as `tellingEditions`
 */
export async function noteInactive(
  context: Pick<Context, 'db' | 'clock' | 'config'>,
  about: Inactivity,
  limit: number,
): Promise<number> {
  const editions = await tellingEditions(context, about);
  const { numAffectedRows } = await sql`
    insert into sunset_asks as known (list_id, subscriber_id, found_at)
    select ${about.list.id}, id, ${context.clock.now()}::timestamptz
    from (${inactive(context, about, editions)} order by subscribers.id limit ${limit}) as found
    on conflict (list_id, subscriber_id) do update set
      found_at = excluded.found_at, asked_at = null, answer_by = null, outcome = null, settled_at = null
    where known.outcome is not null`.execute(context.db);
  return Number(numAffectedRows ?? 0);
}

/** Who was noted for a list and has got no mail yet. */
export async function waitingForAsk(
  { db }: Pick<Context, 'db'>,
  listId: number,
  limit: number,
): Promise<number[]> {
  const rows = await db
    .selectFrom('sunset_asks')
    .select('subscriber_id')
    .where('list_id', '=', listId)
    .where('asked_at', 'is', null)
    .where('outcome', 'is', null)
    .orderBy('subscriber_id')
    .limit(limit)
    .execute();
  return rows.map((row) => row.subscriber_id);
}

const askedAtOnce = 200;

/** What became of those whose time to answer is over. */
export interface Settled {
  left: number;
  active: number;
  gone: number;
}

/** How many have not answered in time. */
export async function countUnanswered(context: Deps, listId: number): Promise<number> {
  const row = await context.db
    .selectFrom('sunset_asks')
    .select((e) => e.fn.countAll<number>().as('people'))
    .where('list_id', '=', listId)
    .where('outcome', 'is', null)
    .where('answer_by', '<=', context.clock.now())
    .executeTakeFirstOrThrow();
  return Number(row.people);
}

/**
 * Unsubscribes those who were asked and have not answered in time, each in a transaction of its own; who has opened or
 * clicked something since stays. Whoever answers at the same moment is not unsubscribed.
 * @param stopping nobody more is looked at once it is set
 */
export async function settleAsks(context: Deps, listId: number, stopping?: AbortSignal): Promise<Settled> {
  const result: Settled = { left: 0, active: 0, gone: 0 };
  while (!stopping?.aborted) {
    const asks = await asksDue(context, listId);
    if (asks.length === 0) return result;
    for (const ask of asks) {
      if (stopping?.aborted) break;
      const outcome = await settleOne(context, listId, ask);
      if (outcome) result[outcome] += 1;
    }
  }
  return result;
}

/** Somebody whose time to answer is over, and whether they have opened or clicked anything since they were asked. */
interface AskDue {
  id: number;
  askedAt: Date | null;
  isActive: boolean;
}

/**
 * Some of those whose time is over. What they did is looked up for all of them at once: it may lie in the part of any edition, and
 * there may be thousands.
 */
async function asksDue({ db, clock }: Deps, listId: number): Promise<AskDue[]> {
  const { rows } = await sql<AskDue>`
    with asks as materialized (
      select subscriber_id, asked_at from sunset_asks
      where list_id = ${listId} and outcome is null and answer_by <= ${clock.now()}
      order by answer_by, subscriber_id limit ${askedAtOnce}
    )
    select asks.subscriber_id as id, asks.asked_at as "askedAt", coalesce(active.found, false) as "isActive"
    from asks left join (
      select distinct asks.subscriber_id, true as found
      from engagement join asks on asks.subscriber_id = engagement.subscriber_id
      where engagement.last_at > asks.asked_at and engagement.source <> 'scanner'
    ) as active on active.subscriber_id = asks.subscriber_id
    order by asks.subscriber_id`.execute(db);
  return rows;
}

// What is opened at all is nearly always opened within a month.
const lookedBackDays = 30;

/** Whether somebody opened or clicked something of the latest editions while others were settled. */
async function isActiveSince(db: Kysely<DB>, id: number, since: Date | null, now: Date): Promise<boolean> {
  const { rows: editions } = await sql<{ id: number }>`
    select id from editions where planned_at > ${now}::timestamptz - make_interval(days => ${lookedBackDays})`.execute(
    db,
  );
  const { rows } = await sql`
    select from engagement
    where edition_id = any(${partsOf(editions)}::bigint[]) and subscriber_id = ${id} and last_at > ${since} and source <> 'scanner'
    limit 1`.execute(db);
  return rows.length > 0;
}

/** Waits for another process that is at it. @returns undefined if they have answered, or were settled, meanwhile */
async function settleOne(
  context: Deps,
  listId: number,
  { id, askedAt, isActive }: AskDue,
): Promise<keyof Settled | undefined> {
  return context.db.transaction().execute(async (trx) => {
    const inside = { db: trx, clock: context.clock };
    const ask = await trx
      .selectFrom('sunset_asks')
      .select('subscriber_id')
      .where('list_id', '=', listId)
      .where('subscriber_id', '=', id)
      .where('outcome', 'is', null)
      .where('answer_by', '<=', context.clock.now())
      .forUpdate()
      .executeTakeFirst();
    if (!ask) return undefined;
    let outcome: keyof Settled = 'active';
    if (!isActive && !(await isActiveSince(trx, id, askedAt, context.clock.now()))) {
      const origin = { via: 'sunset', evidence: { asked: askedAt?.toISOString() ?? null } };
      const { left } = await unsubscribe(inside, id, [listId], origin);
      outcome = left.length > 0 ? 'left' : 'gone';
    }
    await settle(inside, { subscriberId: id, listId }, outcome);
    return outcome;
  });
}

/** Notes what became of an ask. */
export async function settle(
  context: Deps,
  { subscriberId, listId }: { subscriberId: number; listId: number },
  outcome: 'stayed' | keyof Settled,
): Promise<void> {
  await context.db
    .updateTable('sunset_asks')
    .set({ outcome, settled_at: context.clock.now() })
    .where('list_id', '=', listId)
    .where('subscriber_id', '=', subscriberId)
    .execute();
}

/**
 * Somebody says that they want to stay, or that they want to be back after they were taken off for want of an answer.
 * @returns `gone`: they have left by themselves or must not be mailed, so that nothing was done
 */
export async function stayOn(
  context: Deps,
  about: { subscriberId: number; listId: number },
  origin: Origin,
): Promise<{ state: 'stays' | 'back' | 'gone' }> {
  const { subscriberId, listId } = about;
  const found = await context.db.transaction().execute(async (trx) => {
    const inside = { db: trx, clock: context.clock };
    const ask = await trx
      .selectFrom('sunset_asks')
      .select('outcome')
      .where('list_id', '=', listId)
      .where('subscriber_id', '=', subscriberId)
      .forUpdate()
      .executeTakeFirst();
    const person = await trx
      .selectFrom('subscriptions')
      .innerJoin('subscribers', 'subscribers.id', 'subscriptions.subscriber_id')
      .select(['subscriptions.state', 'subscribers.email_hash'])
      .where('subscriber_id', '=', subscriberId)
      .where('list_id', '=', listId)
      .executeTakeFirst();
    if (!person) return 'gone';
    // The question went with a list that was merged into one that they are on.
    if (!ask) return person.state === 'confirmed' ? 'stays' : 'gone';
    if (person.state === 'unsubscribed') return ask.outcome === 'left' ? 'left' : 'gone';
    if (ask.outcome !== 'stayed') {
      await settle(inside, about, 'stayed');
      await logConsent(inside, person.email_hash, 'confirmed', listId, origin);
    }
    return 'stays';
  });
  if (found !== 'left') return { state: found };
  const { state } = await confirm(context, subscriberId, listId, origin);
  if (state !== 'confirmed' && state !== 'already') return { state: 'gone' };
  await settle(context, about, 'stayed');
  return { state: 'back' };
}
