import ipaddr from 'ipaddr.js';
import type { Selectable } from 'kysely';
import type { Context } from '../context.ts';
import type { Webhooks } from '../db/schema.ts';
import { UserError } from '../errors.ts';
import { shown } from '../stories/fetch.ts';
import { isPublicAddress } from '../stories/public-address.ts';
import { type EventKind, parseKinds } from './events.ts';
import { newSecret, parseSecret, shownSecret } from './signature.ts';

/** An address that is told what happens. */
export interface Webhook {
  id: number;
  /** Without a password that may stand in it. */
  url: string;
  name: string;
  events: EventKind[];
  createdAt: Date;
  /** Null: it is told. */
  pausedAt: Date | null;
  pausedBecause: string | null;
}

/** A webhook with what there is to tell it. */
export interface WebhookWithCounts extends Webhook {
  waiting: number;
  delivered: number;
  /** Given up after the last try; they can be sent again. */
  dead: number;
}

/**
 * Makes a webhook. It is told what happens from now on.
 * @param request.secret what its posts are signed with, as `whsec_…`; made if not given
 * @returns the webhook and its secret, which is shown here and nowhere else
 * @throws UserError if the address or an event's name is wrong
 */
export async function createWebhook(
  context: Pick<Context, 'db' | 'clock' | 'config'>,
  request: { url: string; events: readonly string[]; name?: string; secret?: string },
): Promise<Webhook & { secret: string }> {
  const secret = request.secret === undefined ? newSecret() : parseSecret(request.secret);
  const row = await context.db
    .insertInto('webhooks')
    .values({
      url: checkedUrl(request.url, context.config.allowPrivateNetwork),
      name: request.name?.trim().slice(0, 200) ?? '',
      events: parseKinds(request.events),
      secret,
      created_at: context.clock.now(),
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return { ...fromRow(row), secret: shownSecret(secret) };
}

/** Every webhook, the oldest first. */
export async function listWebhooks(context: Pick<Context, 'db'>): Promise<WebhookWithCounts[]> {
  const rows = await withCounts(context).orderBy('webhooks.id').execute();
  return rows.map(counted);
}

/** @throws UserError if there is none of this id */
export async function showWebhook(context: Pick<Context, 'db'>, id: number): Promise<WebhookWithCounts> {
  const row = await withCounts(context).where('webhooks.id', '=', id).executeTakeFirst();
  if (!row) throw unknown(id);
  return counted(row);
}

/**
 * The webhook that a person means.
 * @param which its id, or its name if only one has it
 * @throws UserError if there is none, or several have the name
 */
export async function findWebhook(context: Pick<Context, 'db'>, which: string): Promise<WebhookWithCounts> {
  if (/^\d{1,15}$/.test(which)) return showWebhook(context, Number(which));
  const rows = await withCounts(context).where('webhooks.name', '=', which.trim()).execute();
  const [row] = rows;
  if (!row || which.trim() === '') throw unknown(`"${which}"`);
  if (rows.length > 1)
    throw new UserError(`Several webhooks are called "${which}".`, {
      code: 'usage',
      hint: `Name it by its id: ${rows.map(({ id }) => id).join(', ')}.`,
    });
  return counted(row);
}

/**
 * Changes where a webhook posts to, what it is told, or its name; what is not given stays, its secret and what waits, too.
 * @throws UserError if there is none of this id, a value is wrong, or nothing to change was given
 */
export async function editWebhook(
  context: Pick<Context, 'db' | 'config'>,
  id: number,
  changes: { url?: string; events?: readonly string[]; name?: string },
): Promise<Webhook> {
  const values = {
    ...(changes.url === undefined
      ? {}
      : { url: checkedUrl(changes.url, context.config.allowPrivateNetwork) }),
    ...(changes.events === undefined ? {} : { events: parseKinds(changes.events) }),
    ...(changes.name === undefined ? {} : { name: changes.name.trim().slice(0, 200) }),
  };
  if (Object.keys(values).length === 0)
    throw new UserError('Nothing to change was given.', {
      code: 'usage',
      hint: 'Say --url, --events or --name.',
    });
  const row = await context.db
    .updateTable('webhooks')
    .set(values)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
  if (!row) throw unknown(id);
  return fromRow(row);
}

/** Removes a webhook and all that waits for it. @throws UserError if there is none of this id */
export async function removeWebhook(context: Pick<Context, 'db'>, id: number): Promise<Webhook> {
  const row = await context.db.deleteFrom('webhooks').where('id', '=', id).returningAll().executeTakeFirst();
  if (!row) throw unknown(id);
  return fromRow(row);
}

/**
 * Stops posting to a webhook, or goes on. What happens while it is paused waits, for 30 days.
 * @param because null goes on
 * @throws UserError if there is none of this id
 */
export async function pauseWebhook(
  context: Pick<Context, 'db' | 'clock'>,
  id: number,
  because: string | null,
): Promise<Webhook> {
  const row = await context.db
    .updateTable('webhooks')
    .set({ paused_at: because === null ? null : context.clock.now(), paused_because: because })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
  if (!row) throw unknown(id);
  return fromRow(row);
}

const unknown = (which: number | string) =>
  new UserError(`There is no webhook ${which}.`, {
    code: 'not-found',
    hint: 'See those that there are with: broadsheet webhooks list',
  });

const withCounts = ({ db }: Pick<Context, 'db'>) =>
  db
    .selectFrom('webhooks')
    .leftJoin('webhook_deliveries', 'webhook_deliveries.webhook_id', 'webhooks.id')
    .groupBy('webhooks.id')
    .selectAll('webhooks')
    .select((e) =>
      (['waiting', 'delivered', 'dead'] as const).map((state) =>
        e.fn.count<number>('event_id').filterWhere('state', '=', state).as(state),
      ),
    );

type Counts = Record<'waiting' | 'delivered' | 'dead', number>;
const counted = (row: Selectable<Webhooks> & Counts): WebhookWithCounts => ({
  ...fromRow(row),
  waiting: row.waiting,
  delivered: row.delivered,
  dead: row.dead,
});

const fromRow = (row: Selectable<Webhooks>): Webhook => ({
  id: row.id,
  url: shown(row.url),
  name: row.name,
  events: row.events as EventKind[],
  createdAt: row.created_at,
  pausedAt: row.paused_at,
  pausedBecause: row.paused_because,
});

/** What is posted names people: it must be encrypted on its way, and must not go to where only this machine gets. */
function checkedUrl(text: string, allowPrivateNetwork: boolean): string {
  const url = URL.parse(text.trim());
  const isHttp = url?.protocol === 'https:' || (allowPrivateNetwork && url?.protocol === 'http:');
  if (!url || !isHttp || text.length > 2000)
    throw new UserError(`"${text.slice(0, 200)}" cannot be a webhook’s address.`, {
      code: 'usage',
      hint: 'It begins with https://. While ALLOW_PRIVATE_NETWORK is set, http:// will do.',
    });
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (!allowPrivateNetwork && (host === 'localhost' || (ipaddr.isValid(host) && !isPublicAddress(host))))
    throw new UserError(`${shown(url)} is on a private network, so nothing is posted there.`, {
      code: 'private-network',
      hint: 'If you trust it, set ALLOW_PRIVATE_NETWORK=true.',
    });
  return url.href;
}
