import { createHash } from 'node:crypto';
import type { Selectable } from 'kysely';
import type { Context } from '../context.ts';
import type { UserSessions } from '../db/schema.ts';
import { secretToken, tokenHash } from './secret-token.ts';
import { findUser, type UserDetails } from './users.ts';

type Deps = Pick<Context, 'db' | 'clock'>;

const dayMs = 86_400_000;
/** A session ends so long after its login, however busy it is. */
export const longestMs = 30 * dayMs;
/** And so long after it was last used. */
export const idleMs = 7 * dayMs;
/** For so long a login counts as proof of who someone is, where that is asked for. */
export const provenMs = 600_000;
const seenToMs = 60_000;

/** How someone came in; `cli`: by a link that the command line printed. */
export type Way = 'link' | 'password' | 'oidc' | 'cli';

/** Someone's session, as it is listed. */
export interface Session {
  id: number;
  how: Way;
  ip: string | null;
  userAgent: string | null;
  createdAt: Date;
  /** To the minute. */
  lastSeenAt: Date;
}

/** A session in use. */
export interface LiveSession {
  id: number;
  user: UserDetails;
  /** What its forms give back. Another session has another one. */
  csrf: string;
  createdAt: Date;
  lastSeenAt: Date;
  /** They showed who they are within the last ten minutes. */
  recentlyProven: boolean;
}

/**
 * Begins a session. Whoever calls has made sure of who it is for.
 * @returns its token, of which only the hash is kept
 */
export async function createSession(
  { db, clock }: Deps,
  userId: number,
  from: { ip: string | null; userAgent: string | null; how: Way },
): Promise<string> {
  const token = secretToken();
  const now = clock.now();
  await db
    .insertInto('user_sessions')
    .values({
      user_id: userId,
      token_hash: tokenHash(token),
      how: from.how,
      ip: from.ip,
      user_agent: from.userAgent?.slice(0, 300) ?? null,
      created_at: now,
      last_seen_at: now,
      proven_at: now,
    })
    .execute();
  await db.updateTable('users').set({ last_login_at: now }).where('id', '=', userId).execute();
  return token;
}

const inUse = ({ db, clock }: Deps) => {
  const now = clock.now().getTime();
  return db
    .selectFrom('user_sessions')
    .selectAll()
    .where('revoked_at', 'is', null)
    .where('created_at', '>', new Date(now - longestMs))
    .where('last_seen_at', '>', new Date(now - idleMs));
};

/** The session of a token with its user, if it has not ended and the user is not kept out; that it was used is noted. */
export async function findSession(context: Deps, token: string): Promise<LiveSession | undefined> {
  if (!/^[\w-]{43}$/.test(token)) return undefined;
  const row = await inUse(context).where('token_hash', '=', tokenHash(token)).executeTakeFirst();
  const user = row && (await findUser(context, row.user_id));
  if (!row || !user || user.disabledAt) return undefined;
  const now = context.clock.now();
  if (now.getTime() - row.last_seen_at.getTime() >= seenToMs)
    await context.db
      .updateTable('user_sessions')
      .set({ last_seen_at: now })
      .where('id', '=', row.id)
      .where('last_seen_at', '<', now)
      .execute();
  return {
    id: row.id,
    user,
    csrf: csrfOf(token),
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at,
    recentlyProven: now.getTime() - row.proven_at.getTime() < provenMs,
  };
}

// Made of the token, which a page's markup must not hold, and of no use to find it by.
const csrfOf = (token: string) => createHash('sha256').update(`csrf:${token}`).digest('base64url');

/** Notes that whoever has the session has shown once more who they are. */
export async function proveSession({ db, clock }: Deps, id: number): Promise<void> {
  await db.updateTable('user_sessions').set({ proven_at: clock.now() }).where('id', '=', id).execute();
}

/** Someone's sessions that have not ended, the last used first. */
export async function listSessions(context: Deps, userId: number): Promise<Session[]> {
  const rows = await inUse(context)
    .where('user_id', '=', userId)
    .orderBy('last_seen_at', 'desc')
    .orderBy('id', 'desc')
    .execute();
  return rows.map(fromRow);
}

/** Ends one of someone's sessions. @returns false if they have no such session in use */
export async function revokeSession(context: Deps, userId: number, id: number): Promise<boolean> {
  const { numUpdatedRows } = await unrevoked(context, userId).where('id', '=', id).executeTakeFirstOrThrow();
  return numUpdatedRows > 0n;
}

/** Ends all of someone's sessions, but for one if that is named. @returns how many ended */
export async function revokeSessions(context: Deps, userId: number, but?: number): Promise<number> {
  const { numUpdatedRows } = await unrevoked(context, userId)
    .$if(but !== undefined, (query) => query.where('id', '<>', but ?? 0))
    .executeTakeFirstOrThrow();
  return Number(numUpdatedRows);
}

const unrevoked = ({ db, clock }: Deps, userId: number) =>
  db
    .updateTable('user_sessions')
    .set({ revoked_at: clock.now() })
    .where('user_id', '=', userId)
    .where('revoked_at', 'is', null);

/** Deletes sessions that ended long enough ago that nobody asks for them, and steps of logins that were never finished. */
export async function forgetOldLogins({ db, clock }: Deps): Promise<void> {
  const now = clock.now().getTime();
  await db
    .deleteFrom('user_sessions')
    .where((e) =>
      e.or([
        e('last_seen_at', '<=', new Date(now - idleMs)),
        e('created_at', '<=', new Date(now - longestMs)),
        e('revoked_at', '<=', new Date(now - dayMs)),
      ]),
    )
    .execute();
  await db.deleteFrom('login_steps').where('expires_at', '<=', new Date(now)).execute();
}

const fromRow = (row: Selectable<UserSessions>): Session => ({
  id: row.id,
  how: row.how as Way,
  ip: row.ip,
  userAgent: row.user_agent,
  createdAt: row.created_at,
  lastSeenAt: row.last_seen_at,
});
