import type { Selectable } from 'kysely';
import type { Context } from '../context.ts';
import { inTransaction } from '../db/in-transaction.ts';
import type { Users } from '../db/schema.ts';
import { UserError } from '../errors.ts';
import { parseAddress } from '../subscribers/address.ts';
import { isRole, type Role, roles } from './roles.ts';

type Deps = Pick<Context, 'db' | 'clock'>;

/** Someone who may use the editors' desk. */
export interface User {
  id: number;
  email: string;
  name: string;
  /** What they may do everywhere; null: only what `newsletters` says. */
  role: Role | null;
  newsletters: { newsletterId: number; role: Role }[];
  /** The language of their desk, a BCP 47 tag; null: what the browser asks for. */
  locale: string | null;
  /** Since when they are kept out; null: they are not. */
  disabledAt: Date | null;
}

/** A user with what an admin sees of them beside. */
export interface UserDetails extends User {
  createdAt: Date;
  lastLoginAt: Date | null;
  hasPassword: boolean;
  /** They are asked for a code from their phone. */
  hasCode: boolean;
}

/** What may be said of a user; what is not given stays. */
export interface UserFields {
  name?: string;
  role?: Role | null;
  newsletters?: { newsletterId: number; role: Role }[];
  locale?: string | null;
}

/**
 * Makes a user.
 * @throws UserError if the address is none or has a user already, or the user would have no role at all
 */
export async function createUser(
  context: Deps,
  request: UserFields & { email: string },
): Promise<UserDetails> {
  const address = parseAddress(request.email);
  const { clock } = context;
  if (!request.role && !request.newsletters?.length) throw noRole();
  const id = await inTransaction(context, async (trx) => {
    const row = await trx
      .insertInto('users')
      .values({
        email: address.email,
        email_key: address.key,
        name: nameFrom(request.name ?? ''),
        role: request.role ?? null,
        locale: request.locale ?? null,
        created_at: clock.now(),
      })
      .onConflict((conflict) => conflict.column('email_key').doNothing())
      .returning('id')
      .executeTakeFirst();
    if (!row)
      throw new UserError(`There is a user ${address.email} already.`, {
        code: 'exists',
        hint: `Change them with: broadsheet users edit ${address.email}`,
      });
    await putRoles({ db: trx }, row.id, request.newsletters ?? []);
    return row.id;
  });
  return getUser(context, id);
}

/** All users, by their addresses, those who are kept out included. */
export async function listUsers({ db }: Pick<Context, 'db'>): Promise<UserDetails[]> {
  return withRoles({ db }, await db.selectFrom('users').selectAll().orderBy('email_key').execute());
}

/** The user with an id, if there is one. */
export async function findUser({ db }: Pick<Context, 'db'>, id: number): Promise<UserDetails | undefined> {
  const row = await db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst();
  return row && (await withRoles({ db }, [row]))[0];
}

/** The user with an address in any spelling, if there is one; also undefined if it is no address. */
export async function findUserByEmail(
  { db }: Pick<Context, 'db'>,
  email: string,
): Promise<UserDetails | undefined> {
  const key = keyOf(email);
  if (key === undefined) return undefined;
  const row = await db.selectFrom('users').selectAll().where('email_key', '=', key).executeTakeFirst();
  return row && (await withRoles({ db }, [row]))[0];
}

/** @throws UserError (code `not-found`) if there is none */
export async function getUser(context: Pick<Context, 'db'>, id: number): Promise<UserDetails> {
  const user = await findUser(context, id);
  if (!user) throw noUser(String(id));
  return user;
}

/** The user that a person means, by address or id. @throws UserError (code `not-found`) if there is none */
export async function findUserNamed(context: Pick<Context, 'db'>, which: string): Promise<UserDetails> {
  const user = /^\d{1,15}$/.test(which.trim())
    ? await findUser(context, Number(which))
    : await findUserByEmail(context, which);
  if (!user) throw noUser(which);
  return user;
}

/**
 * Changes what is said of a user.
 * @throws UserError if there is none, or they would have no role, or nobody would be left as an admin
 */
export async function editUser(context: Deps, id: number, fields: UserFields): Promise<UserDetails> {
  return inTransaction(context, async (trx) => {
    const deps = { ...context, db: trx };
    await lockAdmins(deps);
    const before = await getUser(deps, id);
    await trx
      .updateTable('users')
      .set({
        name: fields.name === undefined ? before.name : nameFrom(fields.name),
        role: fields.role === undefined ? before.role : fields.role,
        locale: fields.locale === undefined ? before.locale : fields.locale,
      })
      .where('id', '=', id)
      .execute();
    if (fields.newsletters) await putRoles(deps, id, fields.newsletters);
    const after = await getUser(deps, id);
    if (!after.role && after.newsletters.length === 0) throw noRole();
    await keepAnAdmin(deps, before);
    return after;
  });
}

/**
 * Keeps a user out, whose sessions end with that, or lets them in again.
 * @throws UserError if there is none, or nobody would be left as an admin
 */
export async function setUserDisabled(context: Deps, id: number, disabled: boolean): Promise<UserDetails> {
  return inTransaction(context, async (trx) => {
    const deps = { ...context, db: trx };
    await lockAdmins(deps);
    const before = await getUser(deps, id);
    const now = context.clock.now();
    await trx
      .updateTable('users')
      .set({ disabled_at: disabled ? (before.disabledAt ?? now) : null })
      .where('id', '=', id)
      .execute();
    if (disabled) {
      await trx
        .updateTable('user_sessions')
        .set({ revoked_at: now })
        .where('user_id', '=', id)
        .where('revoked_at', 'is', null)
        .execute();
      await trx.deleteFrom('login_steps').where('user_id', '=', id).execute();
    }
    await keepAnAdmin(deps, before);
    return getUser(deps, id);
  });
}

/**
 * Removes a user with their sessions and all by which they come in. What they did stays in the audit log.
 * @throws UserError if there is none, or nobody would be left as an admin
 */
export async function removeUser(context: Deps, id: number): Promise<void> {
  await inTransaction(context, async (trx) => {
    const deps = { ...context, db: trx };
    await lockAdmins(deps);
    const before = await getUser(deps, id);
    await trx.deleteFrom('users').where('id', '=', id).execute();
    await keepAnAdmin(deps, before);
  });
}

/**
 * The roles for single newsletters that texts name, such as `morning=editor`.
 * @throws UserError if one is not written so, or names no newsletter or role
 */
export async function parseNewsletterRoles(
  { db }: Pick<Context, 'db'>,
  written: readonly string[],
): Promise<{ newsletterId: number; role: Role }[]> {
  const wanted = new Map<number, Role>();
  for (const each of written) {
    const [slug = '', role = ''] = each.split('=').map((part) => part.trim());
    const newsletter = await db
      .selectFrom('newsletters')
      .select('id')
      .where('slug', '=', slug)
      .executeTakeFirst();
    if (!newsletter)
      throw new UserError(`There is no newsletter "${slug}".`, {
        code: 'not-found',
        hint: 'See them with: broadsheet newsletters list',
      });
    wanted.set(newsletter.id, parseRole(role));
  }
  return [...wanted].map(([newsletterId, role]) => ({ newsletterId, role }));
}

/** @throws UserError naming the roles that there are, if this is none */
export function parseRole(text: string): Role {
  if (isRole(text)) return text;
  throw new UserError(`There is no role "${text}".`, {
    code: 'usage',
    hint: `The roles are ${roles.join(', ')}.`,
  });
}

async function putRoles(
  { db }: Pick<Context, 'db'>,
  userId: number,
  newsletters: { newsletterId: number; role: Role }[],
): Promise<void> {
  await db.deleteFrom('user_roles').where('user_id', '=', userId).execute();
  if (newsletters.length === 0) return;
  await db
    .insertInto('user_roles')
    .values(
      newsletters.map(({ newsletterId, role }) => ({ user_id: userId, newsletter_id: newsletterId, role })),
    )
    .execute();
}

/** Two admins who take the role from each other take turns: whoever changes users waits for it, to the end of the transaction. */
export async function lockAdmins({ db }: Pick<Context, 'db'>): Promise<void> {
  await db.selectFrom('users').select('id').where('role', '=', 'admin').orderBy('id').forUpdate().execute();
}

async function keepAnAdmin({ db }: Pick<Context, 'db'>, before: User): Promise<void> {
  if (before.role !== 'admin' || before.disabledAt) return;
  const left = await db
    .selectFrom('users')
    .select('id')
    .where('role', '=', 'admin')
    .where('disabled_at', 'is', null)
    .limit(1)
    .executeTakeFirst();
  if (!left)
    throw new UserError(`${before.email} is the last admin, and somebody has to be one.`, {
      code: 'last-admin',
      hint: 'Make another user an admin first.',
    });
}

async function withRoles({ db }: Pick<Context, 'db'>, rows: Selectable<Users>[]): Promise<UserDetails[]> {
  const held =
    rows.length === 0
      ? []
      : await db
          .selectFrom('user_roles')
          .selectAll()
          .where(
            'user_id',
            'in',
            rows.map(({ id }) => id),
          )
          .orderBy('newsletter_id')
          .execute();
  return rows.map((row) => ({
    id: row.id,
    email: row.email,
    name: row.name,
    role: row.role as Role | null,
    newsletters: held
      .filter(({ user_id }) => user_id === row.id)
      .map(({ newsletter_id, role }) => ({ newsletterId: newsletter_id, role: role as Role })),
    locale: row.locale,
    disabledAt: row.disabled_at,
    createdAt: row.created_at,
    lastLoginAt: row.last_login_at,
    hasPassword: row.password !== null,
    hasCode: row.totp_since !== null,
  }));
}

/** An address as addresses are compared; undefined if the text is none. */
export function keyOf(email: string): string | undefined {
  try {
    return parseAddress(email).key;
  } catch {
    return undefined;
  }
}

const nameFrom = (text: string) =>
  text
    .replace(/[\s\p{C}]+/gu, ' ')
    .trim()
    .slice(0, 200);

const noUser = (which: string) =>
  new UserError(`There is no user ${which}.`, {
    code: 'not-found',
    hint: 'See them with: broadsheet users list',
  });

const noRole = () =>
  new UserError('A user needs a role: for everything, or for a newsletter.', {
    code: 'usage',
    hint: `The roles are ${roles.join(', ')}.`,
  });
