import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { UserError } from '../errors.ts';
import type { NotedEvent } from './events.ts';

/** Waits before the second try, the third and so on, in seconds: eight tries within eighteen hours. */
export const retrySeconds = [5, 60, 300, 1_800, 7_200, 18_000, 36_000] as const;
/** A post that is not recorded for so long is taken for lost with its process. */
const leaseSeconds = 120;
/** Longest wait that a receiver may ask for. */
const longestWaitSeconds = 86_400;

/** A post that is to go out now. */
export interface DuePost {
  webhookId: number;
  event: NotedEvent;
  /** Which try it is, from 1. */
  attempt: number;
}

/** What came of a post. */
export interface Outcome {
  delivered: boolean;
  /** What the receiver answered; null: nothing. */
  status: number | null;
  detail: string | null;
  /** How long the receiver asks to be left alone. */
  waitSeconds?: number;
}

/** The webhooks for which something is due. */
export async function dueWebhooks({ db, clock }: Pick<Context, 'db' | 'clock'>): Promise<number[]> {
  const rows = await db
    .selectFrom('webhooks')
    .select('id')
    .where('paused_at', 'is', null)
    .where((e) =>
      e.exists(
        e
          .selectFrom('webhook_deliveries as d')
          .whereRef('d.webhook_id', '=', 'webhooks.id')
          .where('d.state', '=', 'waiting')
          .where('d.next_attempt_at', '<=', clock.now())
          .select('d.event_id'),
      ),
    )
    .orderBy('id')
    .execute();
  return rows.map(({ id }) => id);
}

/**
 * Takes what is due for a webhook, the longest due first. Until it is recorded, or the process has been silent for two
 * minutes, no other takes it.
 */
export async function takeDue(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  webhookId: number,
  limit: number,
): Promise<DuePost[]> {
  const now = clock.now();
  const taken = await db
    .with('due', (with_) =>
      with_
        .selectFrom('webhook_deliveries')
        .select('event_id')
        .where('webhook_id', '=', webhookId)
        .where('state', '=', 'waiting')
        .where('next_attempt_at', '<=', now)
        .orderBy('next_attempt_at')
        .orderBy('event_id')
        .limit(limit)
        .forUpdate()
        .skipLocked(),
    )
    .updateTable('webhook_deliveries as d')
    .from('due')
    .set((e) => ({
      attempts: e('d.attempts', '+', 1),
      last_attempt_at: now,
      next_attempt_at: new Date(now.getTime() + leaseSeconds * 1_000),
    }))
    .where('d.webhook_id', '=', webhookId)
    .whereRef('d.event_id', '=', 'due.event_id')
    .returning(['d.event_id', 'd.attempts'])
    .execute();
  if (taken.length === 0) return [];
  const events = await db
    .selectFrom('webhook_events')
    .selectAll()
    .where(
      'id',
      'in',
      taken.map(({ event_id }) => event_id),
    )
    .orderBy('id')
    .execute();
  const attempts = new Map(taken.map(({ event_id, attempts }) => [event_id, attempts]));
  return events.map((event) => ({ webhookId, event, attempt: attempts.get(event.id) ?? 1 }));
}

/** Records what came of a post: it is done, tried again later, or given up. A later try of another process stands. */
export async function record(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  { webhookId, event, attempt }: DuePost,
  outcome: Outcome,
): Promise<void> {
  const wait = retrySeconds[attempt - 1];
  const asked = Math.min(outcome.waitSeconds ?? 0, longestWaitSeconds);
  // A little apart, so that what failed together is not tried together.
  const seconds = Math.max((wait ?? 0) * (1 + Math.random() / 5), asked);
  await db
    .updateTable('webhook_deliveries')
    .set({
      state: outcome.delivered ? 'delivered' : wait === undefined ? 'dead' : 'waiting',
      next_attempt_at: new Date(clock.now().getTime() + seconds * 1_000),
      status: outcome.status,
      detail: outcome.detail?.replaceAll('\0', ' ').toWellFormed().slice(0, 500) ?? null,
    })
    .where('webhook_id', '=', webhookId)
    .where('event_id', '=', event.id)
    .where('attempts', '=', attempt)
    .where('state', '=', 'waiting')
    .execute();
}

/** Gives back what was taken and not posted: the try does not count. */
export async function giveBack(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  { webhookId, event, attempt }: DuePost,
): Promise<void> {
  await db
    .updateTable('webhook_deliveries')
    .set({ attempts: attempt - 1, next_attempt_at: clock.now() })
    .where('webhook_id', '=', webhookId)
    .where('event_id', '=', event.id)
    .where('attempts', '=', attempt)
    .where('state', '=', 'waiting')
    .execute();
}

/** A post as people see it. */
export interface DeliveryInfo {
  /** What the receiver knows it by: the `webhook-id` of its posts. */
  messageId: string;
  webhookId: number;
  kind: string;
  at: Date;
  state: 'waiting' | 'delivered' | 'dead';
  attempts: number;
  lastAttemptAt: Date | null;
  /** Null unless it waits. */
  nextAttemptAt: Date | null;
  status: number | null;
  detail: string | null;
}

/**
 * What was told, or is to be, the newest first.
 * @param filter.limit 50 if not given
 */
export async function listDeliveries(
  { db }: Pick<Context, 'db'>,
  filter: { webhookId?: number; state?: string; limit?: number } = {},
): Promise<DeliveryInfo[]> {
  const { webhookId, state } = filter;
  const rows = await db
    .selectFrom('webhook_deliveries as d')
    .innerJoin('webhook_events as e', 'e.id', 'd.event_id')
    .selectAll('d')
    .select(['e.message_id', 'e.kind', 'e.at'])
    .$if(webhookId !== undefined, (query) => query.where('d.webhook_id', '=', webhookId ?? 0))
    .$if(state !== undefined, (query) => query.where('d.state', '=', state ?? ''))
    .orderBy('d.event_id', 'desc')
    .orderBy('d.webhook_id')
    .limit(filter.limit ?? 50)
    .execute();
  return rows.map((row) => ({
    messageId: `msg_${row.message_id}`,
    webhookId: row.webhook_id,
    kind: row.kind,
    at: row.at,
    state: row.state as DeliveryInfo['state'],
    attempts: row.attempts,
    lastAttemptAt: row.last_attempt_at,
    nextAttemptAt: row.state === 'waiting' ? row.next_attempt_at : null,
    status: row.status,
    detail: row.detail,
  }));
}

/**
 * Has posts sent again at once, as if for the first time: those that were given up, or one by its id, whatever became of
 * it.
 * @param which.messageId as `msg_…`
 * @returns how many will be sent
 * @throws UserError if there is no post of this id, or no such webhook
 */
export async function resend(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  which: { webhookId: number; messageId?: string },
): Promise<number> {
  const uuid = which.messageId?.replace(/^msg_/, '');
  const isUuid = uuid === undefined || /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(uuid);
  const rows = isUuid
    ? await db
        .updateTable('webhook_deliveries')
        .set({ state: 'waiting', attempts: 0, next_attempt_at: clock.now() })
        .where('webhook_id', '=', which.webhookId)
        .$if(uuid === undefined, (query) => query.where('state', '=', 'dead'))
        .$if(uuid !== undefined, (query) =>
          query.where('event_id', 'in', (e) =>
            e
              .selectFrom('webhook_events')
              .select('id')
              .where('message_id', '=', uuid ?? ''),
          ),
        )
        .returning('event_id')
        .execute()
    : [];
  if (rows.length === 0 && which.messageId !== undefined)
    throw new UserError(`There is no post ${which.messageId} for webhook ${which.webhookId}.`, {
      code: 'not-found',
      hint: `See its posts with: broadsheet webhooks deliveries ${which.webhookId}`,
    });
  return rows.length;
}

const keptDays = 30;

/** Forgets events older than 30 days, delivered or not, some at a time. @returns how many went */
export async function forgetOldEvents({ db, clock }: Pick<Context, 'db' | 'clock'>): Promise<number> {
  const oldest = new Date(clock.now().getTime() - keptDays * 86_400_000);
  const { numAffectedRows = 0n } = await sql`
    delete from webhook_events where id in (
      select id from webhook_events where at < ${oldest} order by at limit 10000)`.execute(db);
  return Number(numAffectedRows);
}
