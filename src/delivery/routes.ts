import type { Selectable } from 'kysely';
import type { Context } from '../context.ts';
import type { Routes } from '../db/schema.ts';
import { messageOf, UserError } from '../errors.ts';
import { findList } from '../subscribers/lists.ts';
import { otherTransport } from './other-transport.ts';
import { usualPatience } from './route.ts';
import { TokenSource } from './smtp/authenticate.ts';
import { SmtpConnection } from './smtp/connection.ts';
import type { Extensions } from './smtp/extensions.ts';
import { parseSmtpUrl } from './smtp/server.ts';
import type { Limits } from './throttle.ts';

type Deps = Pick<Context, 'db' | 'clock'>;

/** A way out for editions, as an admin set it up. */
export interface RouteSettings {
  /** Null: the one that SMTP_URL stands for. */
  id: number | null;
  name: string;
  /** With its password: not for showing. */
  url: string;
  weight: number | null;
  fromDomain: string | null;
  listId: number | null;
  /** Of all processes together. */
  connections: number | null;
  messagesPerConnection: number | null;
  perSecond: number | null;
  perDay: number | null;
  /** So many on the first day, and each day more by a factor. */
  warmUp: { from: string; first: number; factor: number } | null;
  active: boolean;
}

/** What may be said when a route is made or changed; null takes a setting away. */
export type RouteChanges = Partial<Omit<RouteSettings, 'id' | 'name' | 'listId'>> & { list?: string | null };

/** What a route, or each of them, may send to one mail provider or domain; `*` stands for each that is not named. */
export interface GroupLimit {
  /** Empty: it holds for every route that has none of its own. */
  route: string;
  recipients: string;
  perSecond: number | null;
  connections: number | null;
}

/** All routes, by name. */
export async function listRoutes({ db }: Pick<Context, 'db'>): Promise<RouteSettings[]> {
  const rows = await db.selectFrom('routes').selectAll().orderBy('name').execute();
  return rows.map(settingsOf);
}

/**
 * @param name its name, or its id if none has that for a name
 * @throws UserError naming the routes that there are, if it is none of them
 */
export async function findRoute({ db }: Pick<Context, 'db'>, name: string): Promise<RouteSettings> {
  const rows = await db
    .selectFrom('routes')
    .selectAll()
    .where((e) =>
      /^\d{1,9}$/.test(name)
        ? e.or([e('name', '=', name), e('id', '=', Number(name))])
        : e('name', '=', name),
    )
    .execute();
  const row = rows.find((each) => each.name === name) ?? rows[0];
  if (row) return settingsOf(row);
  const others = await db.selectFrom('routes').select('name').orderBy('name').limit(10).execute();
  throw new UserError(`There is no route "${name}".`, {
    code: 'not-found',
    hint:
      others.length > 0
        ? `There is ${others.map((other) => other.name).join(', ')}.`
        : 'There are no routes yet: SMTP_URL is the only way out. Make one with: broadsheet routes create NAME URL',
  });
}

/** @throws UserError if there is one of this name, or a value cannot be used */
export async function createRoute(
  context: Deps,
  name: string,
  changes: RouteChanges & { url: string },
): Promise<RouteSettings> {
  checkRouteName(name);
  const values = await valuesOf(context, changes);
  const row = await context.db
    .insertInto('routes')
    .values({ name, ...values, url: changes.url, created_at: context.clock.now() })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst();
  if (!row) throw new UserError(`There is a route "${name}" already.`, { code: 'exists' });
  return settingsOf(row);
}

/** @throws UserError if a route cannot be called so */
export function checkRouteName(name: string): void {
  if (/^[a-z0-9][a-z0-9-]{0,40}$/.test(name)) return;
  throw new UserError(`"${name}" cannot be a route's name.`, {
    code: 'usage',
    hint: 'Use lower-case letters, digits and hyphens.',
  });
}

/** @throws UserError if there is no such route, or a value cannot be used */
export async function editRoute(context: Deps, name: string, changes: RouteChanges): Promise<RouteSettings> {
  const { id } = await findRoute(context, name);
  const values = await valuesOf(context, changes);
  if (Object.keys(values).length === 1)
    throw new UserError('Nothing to change was given.', { code: 'usage' });
  return settingsOf(
    await context.db
      .updateTable('routes')
      .set(values)
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow(),
  );
}

/** @throws UserError if there is no such route */
export async function removeRoute(context: Pick<Context, 'db'>, name: string): Promise<void> {
  const route = await findRoute(context, name);
  await context.db.deleteFrom('routes').where('id', '=', route.id).execute();
  await context.db.deleteFrom('route_groups').where('route', '=', route.name).execute();
}

/** All limits for mail providers and domains. */
export async function listGroupLimits({ db }: Pick<Context, 'db'>): Promise<GroupLimit[]> {
  return db
    .selectFrom('route_groups')
    .select(['route', 'recipients', 'per_second as perSecond', 'connections'])
    .orderBy('route')
    .orderBy('recipients')
    .execute();
}

/**
 * Sets what may go to a mail provider or domain, or takes the limit away if neither is given.
 * @returns it, with the route by its name
 */
export async function setGroupLimit(context: Deps, limit: GroupLimit): Promise<GroupLimit> {
  const { perSecond, connections } = limit;
  const route = ['', 'default'].includes(limit.route)
    ? limit.route
    : (await findRoute(context, limit.route)).name;
  const recipients = limit.recipients.trim().toLowerCase();
  positive('per-second', perSecond);
  positive('connections', connections);
  if (!/^(?:\*|[a-z0-9][a-z0-9.-]*)$/.test(recipients))
    throw new UserError(`"${recipients}" is neither a provider, nor a domain, nor *.`, {
      code: 'usage',
      hint: 'Such as google, microsoft, example.com, or * for each that has no limit of its own.',
    });
  if (perSecond === null && connections === null) {
    await context.db
      .deleteFrom('route_groups')
      .where('route', '=', route)
      .where('recipients', '=', recipients)
      .execute();
    return { route, recipients, perSecond, connections };
  }
  const values = { per_second: perSecond, connections, updated_at: context.clock.now() };
  await context.db
    .insertInto('route_groups')
    .values({ route, recipients, ...values })
    .onConflict((conflict) => conflict.columns(['route', 'recipients']).doUpdateSet(values))
    .execute();
  return { route, recipients, perSecond, connections };
}

/** What a route keeps to, with the limits for providers that hold for it. */
export function limitsOf(settings: Omit<RouteSettings, 'id' | 'url'>, groups: GroupLimit[]): Limits {
  const own = groups.filter(({ route }) => route === settings.name);
  const general = groups.filter(({ route }) => route === '');
  return {
    perSecond: settings.perSecond ?? undefined,
    perDay: settings.perDay ?? undefined,
    connections: settings.connections ?? undefined,
    warmUp: settings.warmUp ?? undefined,
    groups: new Map(
      [...general, ...own].map(({ recipients, perSecond, connections }) => [
        recipients,
        { perSecond: perSecond ?? undefined, connections: connections ?? undefined },
      ]),
    ),
  };
}

/** What a server said of itself. */
export interface RouteTest {
  server: string;
  secure: boolean;
  extensions: Extensions;
  loggedIn: boolean;
}

/** Connects to a route's server as sending does, and says goodbye. @throws UserError in the server's words */
export async function testRoute(url: string): Promise<RouteTest> {
  if (await otherTransport(url))
    throw new UserError(
      'Only SMTP servers can be tried: this transport is used when the first mail is sent.',
      {
        code: 'usage',
      },
    );
  const server = parseSmtpUrl(url);
  try {
    const connection = await SmtpConnection.open(server, usualPatience, new TokenSource(server.login));
    const { extensions, isSecure } = connection;
    await connection.quit();
    return {
      server: server.describe,
      secure: isSecure,
      extensions,
      loggedIn: server.login !== undefined,
    };
  } catch (error) {
    throw new UserError(`${server.describe} cannot be used: ${messageOf(error)}.`, {
      code: 'mail',
      cause: error,
      hint: 'Check host, port, name and password, and whether it wants TLS (smtps:// or STARTTLS).',
    });
  }
}

async function valuesOf(context: Deps, changes: RouteChanges) {
  if (changes.url !== undefined) checkUrl(changes.url);
  positive('weight', changes.weight);
  positive('connections', changes.connections);
  positive('messages-per-connection', changes.messagesPerConnection);
  positive('per-second', changes.perSecond);
  positive('per-day', changes.perDay);
  const { warmUp, list } = changes;
  if (warmUp && !(warmUp.first >= 1 && warmUp.factor > 1))
    throw new UserError('A warm-up begins with one message or more, and grows by a factor above 1.', {
      code: 'usage',
      hint: 'Such as --warm-up 500x1.5: 500 today, 750 tomorrow, and so on.',
    });
  const set = <Key extends string, Value>(key: Key, value: Value | undefined) =>
    value === undefined ? {} : ({ [key]: value } as Record<Key, Value>);
  return {
    ...set('url', changes.url),
    ...set('weight', changes.weight),
    ...set('from_domain', changes.fromDomain?.toLowerCase()),
    ...(list === undefined ? {} : { list_id: list === null ? null : (await findList(context, list)).id }),
    ...set('connections', changes.connections),
    ...set('messages_per_connection', changes.messagesPerConnection),
    ...set('per_second', changes.perSecond),
    ...set('per_day', changes.perDay),
    ...(warmUp !== undefined && {
      warm_up_from: warmUp?.from ?? null,
      warm_up_first: warmUp?.first ?? null,
      warm_up_factor: warmUp?.factor ?? null,
    }),
    ...set('active', changes.active),
    updated_at: context.clock.now(),
  };
}

/** @throws UserError if a URL names no way out */
function checkUrl(url: string): void {
  if (!/^(?:sendmail|module):\/\//.test(url)) parseSmtpUrl(url);
}

function positive(what: string, value: number | null | undefined): void {
  if (value !== null && value !== undefined && !(value > 0 && Number.isFinite(value)))
    throw new UserError(`--${what} takes a number above zero.`, { code: 'usage' });
}

function settingsOf(row: Selectable<Routes>): RouteSettings {
  const { warm_up_from: from, warm_up_first: first, warm_up_factor: factor } = row;
  return {
    id: row.id,
    name: row.name,
    url: row.url,
    weight: row.weight,
    fromDomain: row.from_domain,
    listId: row.list_id,
    connections: row.connections,
    messagesPerConnection: row.messages_per_connection,
    perSecond: row.per_second,
    perDay: row.per_day,
    warmUp: from && first && factor ? { from: dayOf(from), first, factor } : null,
    active: row.active,
  };
}

// A date comes as midnight of this machine's zone.
const dayOf = (at: Date) =>
  `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, '0')}-${String(at.getDate()).padStart(2, '0')}`;
