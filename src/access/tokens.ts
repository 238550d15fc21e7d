import { createHash, randomBytes } from 'node:crypto';
import type { Selectable } from 'kysely';
import type { Context } from '../context.ts';
import type { ApiTokens } from '../db/schema.ts';
import { UserError } from '../errors.ts';

/** What a token may be for. Whoever may write may read, too. */
export const scopes = {
  'lists:read': 'see lists',
  'lists:write': 'make, change, merge, split and remove lists',
  'subscribers:read':
    'see and export subscribers, their subscriptions and suppressions, segments and imports',
  'subscribers:write': 'subscribe, import, change, unsubscribe, suppress and erase people; segments',
  'stories:read': 'see stories and what is related to them',
  'stories:write': 'send stories in, change and remove them',
  'newsletters:read': 'see newsletters and their settings',
  'newsletters:write': 'make newsletters, and change, pause and resume them',
  'editions:read': 'see editions, their reasons, checks and reports',
  'editions:write': 'build, change and remove editions',
  'editions:approve': 'approve, hold, resume and cancel editions: what goes out, and when',
} as const;
export type Scope = keyof typeof scopes;
export const allScopes = Object.keys(scopes) as Scope[];

/** A token without its secret. */
export interface Token {
  id: number;
  name: string;
  /** How it begins. */
  beginning: string;
  scopes: Scope[];
  createdAt: Date;
  /** Null: it holds until it is revoked. */
  expiresAt: Date | null;
  /** To the minute. */
  lastUsedAt: Date | null;
  revokedAt: Date | null;
}

/** Whether scopes allow something that asks for one of them. */
export function allows(held: readonly Scope[], wanted: Scope): boolean {
  return held.includes(wanted) || (held as string[]).includes(wanted.replace(/:read$/, ':write'));
}

/** @throws UserError naming the scopes that there are, if one of these is none */
export function parseScopes(texts: readonly string[]): Scope[] {
  if (texts.length === 1 && texts[0] === 'all') return allScopes;
  if (texts.length === 1 && texts[0] === 'read') return allScopes.filter((scope) => scope.endsWith(':read'));
  const unknown = texts.find((text) => !Object.hasOwn(scopes, text));
  if (unknown !== undefined || texts.length === 0)
    throw new UserError(unknown === undefined ? 'No scope was named.' : `There is no scope "${unknown}".`, {
      code: 'usage',
      hint: `The scopes are ${allScopes.join(', ')}; "read" stands for all that read, "all" for all.`,
    });
  return [...new Set(texts as Scope[])];
}

/**
 * Makes a token.
 * @param request.expiresAt from when on it is refused; never if not given
 * @returns the token, which is shown here and nowhere else
 * @throws UserError if a scope is unknown, or the name is missing
 */
export async function createToken(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  request: { name: string; scopes: readonly string[]; expiresAt?: Date },
): Promise<Token & { token: string }> {
  const name = cleanName(request.name);
  const token = `bs_${randomBytes(32).toString('base64url')}`;
  const row = await db
    .insertInto('api_tokens')
    .values({
      name,
      token_hash: hashOf(token),
      beginning: token.slice(0, 8),
      scopes: parseScopes(request.scopes),
      created_at: clock.now(),
      expires_at: request.expiresAt ?? null,
    })
    .returningAll()
    .executeTakeFirstOrThrow();
  return { ...fromRow(row), token };
}

/** All tokens, those that are refused now included, the oldest first. */
export async function listTokens({ db }: Pick<Context, 'db'>): Promise<Token[]> {
  return (await db.selectFrom('api_tokens').selectAll().orderBy('id').execute()).map(fromRow);
}

/**
 * The token that a person means.
 * @param which its id, or its name if only one that is in use has it
 * @throws UserError if there is none, or several have the name
 */
export async function findTokenNamed({ db }: Pick<Context, 'db'>, which: string): Promise<Token> {
  const found = await db
    .selectFrom('api_tokens')
    .selectAll()
    .where((e) =>
      /^\d{1,15}$/.test(which)
        ? e('id', '=', Number(which))
        : e.and([e('name', '=', which.trim()), e('revoked_at', 'is', null)]),
    )
    .execute();
  const [token] = found;
  if (token && found.length === 1) return fromRow(token);
  throw new UserError(token ? `Several tokens are called "${which}".` : `There is no token "${which}".`, {
    code: token ? 'usage' : 'not-found',
    hint: 'Name it by its id; see them with: broadsheet tokens list',
  });
}

/**
 * Changes what a token is called, may do, or how long it holds; what is not given stays.
 * @param changes.expiresAt null: until it is revoked
 * @throws UserError if there is none, it is revoked, or nothing to change was given
 */
export async function editToken(
  context: Pick<Context, 'db' | 'clock'>,
  id: number,
  changes: { name?: string; scopes?: readonly string[]; expiresAt?: Date | null },
): Promise<Token> {
  const before = await findTokenNamed(context, String(id));
  if (before.revokedAt)
    throw new UserError(`The token "${before.name}" is revoked.`, {
      code: 'state',
      hint: 'Make another one: broadsheet tokens create',
    });
  const values = {
    ...(changes.name === undefined ? {} : { name: cleanName(changes.name) }),
    ...(changes.scopes === undefined ? {} : { scopes: parseScopes(changes.scopes) }),
    ...(changes.expiresAt === undefined ? {} : { expires_at: changes.expiresAt }),
  };
  if (Object.keys(values).length === 0)
    throw new UserError('Nothing to change was given.', {
      code: 'usage',
      hint: 'Say --name, --scopes or --expires.',
    });
  await context.db.updateTable('api_tokens').set(values).where('id', '=', id).execute();
  return findTokenNamed(context, String(id));
}

/** Revokes a token: from now on it is refused. A second time changes nothing. @throws UserError if there is none */
export async function revokeToken(context: Pick<Context, 'db' | 'clock'>, id: number): Promise<Token> {
  await context.db
    .updateTable('api_tokens')
    .set({ revoked_at: context.clock.now() })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .execute();
  return findTokenNamed(context, String(id));
}

/** The token that a caller gave, if it is one and in use; that it was used is noted, to the minute. */
export async function findToken(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  given: string,
): Promise<Token | undefined> {
  const now = clock.now();
  const row = await db
    .selectFrom('api_tokens')
    .selectAll()
    .where('token_hash', '=', hashOf(given))
    .where('revoked_at', 'is', null)
    .where((e) => e.or([e('expires_at', 'is', null), e('expires_at', '>', now)]))
    .executeTakeFirst();
  if (row && (!row.last_used_at || now.getTime() - row.last_used_at.getTime() >= 60_000))
    await db.updateTable('api_tokens').set({ last_used_at: now }).where('id', '=', row.id).execute();
  return row && fromRow(row);
}

function cleanName(text: string): string {
  const name = text.replace(/\s+/g, ' ').trim().slice(0, 200);
  if (!name) throw new UserError('A token needs a name: what it is for.', { code: 'usage' });
  return name;
}

// 256 random bits need no slow hash: nobody guesses them.
const hashOf = (token: string) => createHash('sha256').update(token).digest();

const fromRow = (row: Selectable<ApiTokens>): Token => ({
  id: row.id,
  name: row.name,
  beginning: row.beginning,
  scopes: row.scopes as Scope[],
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  lastUsedAt: row.last_used_at,
  revokedAt: row.revoked_at,
});
