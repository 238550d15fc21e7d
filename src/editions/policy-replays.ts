import { type Selectable, sql } from 'kysely';
import type { Context } from '../context.ts';
import type { PolicyReplays } from '../db/schema.ts';
import { messageOf, UserError } from '../errors.ts';
import { parsePolicy } from '../selection/policy.ts';
import { findNewsletter, type Newsletter } from './newsletters.ts';
import { type Replay, replayEditions } from './replay.ts';

// A replay whose process was silent so long is not computed any more.
const silentMs = 60_000;
const seenEveryMs = 15_000;
const keptOfEach = 20;

/** A replay that was asked for, and how far it is. */
export interface PolicyReplay {
  id: number;
  newsletterId: number;
  policy: Record<string, unknown>;
  since: Date;
  askedBy: string;
  askedAt: Date;
  done: number;
  /** Null: not known yet. */
  of: number | null;
  state: 'running' | 'done' | 'failed' | 'interrupted';
  result: Replay | null;
  failed: string | null;
}

/**
 * Asks for a replay of a newsletter's last editions by another policy.
 * @param editions how many
 * @returns its id; `work` computes it in this process, as `computeReplay` does
 * @throws UserError if the newsletter has sent none, or the policy is wrong
 */
export async function askForReplay(
  context: Context,
  newsletter: Newsletter,
  { policy, editions, by }: { policy: Record<string, unknown>; editions: number; by: string },
): Promise<{ id: number; work: () => Promise<void> }> {
  parsePolicy(policy);
  const { db, clock } = context;
  const sent = await db
    .selectFrom('editions')
    .select('scheduled_for')
    .where('newsletter_id', '=', newsletter.id)
    .where('state', '=', 'sent')
    .orderBy('scheduled_for', 'desc')
    .limit(editions)
    .execute();
  const since = sent.at(-1)?.scheduled_for;
  if (!since) throw new UserError(`"${newsletter.slug}" has sent no edition yet.`, { code: 'not-found' });
  const now = clock.now();
  const { id } = await db
    .insertInto('policy_replays')
    .values({
      newsletter_id: newsletter.id,
      policy: JSON.stringify(policy),
      since,
      asked_by: by,
      asked_at: now,
      seen_at: now,
      of: sent.length,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await sql`
    delete from policy_replays where newsletter_id = ${newsletter.id} and id not in (
      select id from policy_replays where newsletter_id = ${newsletter.id} order by id desc limit ${keptOfEach})`.execute(
    db,
  );
  return { id, work: () => computeReplay(context, id) };
}

/**
 * Does what a replay needs, and notes meanwhile that a process has it, so that one that waits for its turn is not called interrupted.
 * @param everyMs how often it is noted, in milliseconds
 * @returns what `work` returns; throws what it throws
 */
export async function keepingSeen<Done>(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  id: number,
  work: () => Promise<Done>,
  everyMs = seenEveryMs,
): Promise<Done> {
  const timer = setInterval(() => {
    db.updateTable('policy_replays')
      .set({ seen_at: clock.now() })
      .where('id', '=', id)
      .execute()
      // The next one notes it.
      .catch(() => {});
  }, everyMs).unref();
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

/** Computes a replay that was asked for, and keeps what comes of it. Throws only if the database is away. */
export async function computeReplay(context: Context, id: number): Promise<void> {
  const { db, clock } = context;
  const { newsletter_id, policy, since } = await db
    .selectFrom('policy_replays')
    .select(['newsletter_id', 'policy', 'since'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const newsletter = await findNewsletter(context, String(newsletter_id));
  const note = (set: Record<string, unknown>) =>
    db
      .updateTable('policy_replays')
      .set({ ...set, seen_at: clock.now() })
      .where('id', '=', id)
      .execute();
  try {
    let noting = Promise.resolve<unknown>(undefined);
    const result = await replayEditions(context, newsletter, {
      since,
      policy: parsePolicy(policy),
      onEdition: (_edition, done, of) => {
        noting = noting.then(() => note({ done, of })).catch(() => {});
      },
    });
    await noting;
    await note({ result: JSON.stringify(result) });
  } catch (error) {
    if (!(error instanceof UserError))
      context.log.error({ error: messageOf(error), newsletter: newsletter.slug }, 'a replay failed');
    await note({ failed: messageOf(error) });
  }
}

/** A replay of a newsletter; undefined: there is none such, any more. */
export async function findReplay(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  newsletterId: number,
  id: number,
): Promise<PolicyReplay | undefined> {
  const row = await db
    .selectFrom('policy_replays')
    .selectAll()
    .where('newsletter_id', '=', newsletterId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row && fromRow(row, clock.now());
}

/** The replays of a newsletter that are kept, the newest first, without what came of them. */
export async function listReplays(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  newsletterId: number,
): Promise<PolicyReplay[]> {
  const rows = await db
    .selectFrom('policy_replays')
    .select([
      'id',
      'newsletter_id',
      'policy',
      'since',
      'asked_by',
      'asked_at',
      'seen_at',
      'done',
      'of',
      'failed',
    ])
    .select(sql<boolean>`result is not null`.as('isDone'))
    .where('newsletter_id', '=', newsletterId)
    .orderBy('id', 'desc')
    .execute();
  return rows.map(({ isDone, ...row }) => ({
    ...fromRow({ ...row, result: isDone ? {} : null }, clock.now()),
    result: null,
  }));
}

function fromRow(row: Selectable<PolicyReplays>, now: Date): PolicyReplay {
  const isSilent = now.getTime() - row.seen_at.getTime() > silentMs;
  return {
    id: row.id,
    newsletterId: row.newsletter_id,
    policy: row.policy as Record<string, unknown>,
    since: row.since,
    askedBy: row.asked_by,
    askedAt: row.asked_at,
    done: row.done,
    of: row.of,
    state:
      row.failed !== null ? 'failed' : row.result !== null ? 'done' : isSilent ? 'interrupted' : 'running',
    result: row.result as unknown as Replay | null,
    failed: row.failed,
  };
}
