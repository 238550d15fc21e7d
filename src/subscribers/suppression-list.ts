import { type RawBuilder, sql } from 'kysely';
import type { Context } from '../context.ts';
import { UserError } from '../errors.ts';
import { parseAddress } from './address.ts';
import { logConsent, type Origin } from './consent.ts';
import { findList } from './lists.ts';
import { type SuppressionReason, suppressionReasons } from './suppression.ts';

/** An address as suppressions know it. */
export interface SuppressedAddress {
  hash: Buffer;
  /** Null: only the hash is known. */
  email: string | null;
}

/** A suppression as it is kept. */
export interface SuppressionRow {
  id: number;
  /** Null where only the hash is kept. */
  email: string | null;
  /** SHA-256 of the address in lower case, in hexadecimal. */
  hash: string;
  /** The list's short name; null: for all lists. */
  list: string | null;
  reason: SuppressionReason;
  note: string | null;
  since: Date;
  /** Null: it does not end. */
  until: Date | null;
}

/** Which suppressions. What is not given does not matter. */
export interface SuppressionFilter {
  /** Short name or id; null: only those for all lists. */
  list?: string | number | null;
  reason?: SuppressionReason;
  /** Part of an address. */
  search?: string;
  /** Whether those are wanted that have ended; false if not given. */
  ended?: boolean;
}

/**
 * Reads an address, or the SHA-256 of one in 64 hexadecimal digits.
 * @throws UserError if it is neither
 */
export function parseSuppressed(text: string): SuppressedAddress {
  const written = text.trim();
  if (/^[0-9a-f]{64}$/i.test(written)) return { hash: Buffer.from(written, 'hex'), email: null };
  const { hash, email } = parseAddress(written);
  return { hash, email };
}

/**
 * Finds whom a text means: an address or the SHA-256 of one, known or not, or the id of a suppression.
 * @returns with that suppression's id and list (null: for all lists) if it is an id
 * @throws UserError if it is none of these, or there is no such suppression
 */
export async function findSuppressed(
  { db }: Pick<Context, 'db'>,
  text: string,
): Promise<SuppressedAddress & { id?: number; listId?: number | null }> {
  if (!/^\d{1,15}$/.test(text.trim())) return parseSuppressed(text);
  const row = await db
    .selectFrom('suppressions')
    .select(['id', 'email', 'email_hash', 'list_id'])
    .where('id', '=', Number(text))
    .executeTakeFirst();
  if (row) return { id: row.id, email: row.email, hash: row.email_hash, listId: row.list_id };
  throw new UserError(`There is no suppression ${text.trim()}.`, {
    code: 'not-found',
    hint: 'List them with: broadsheet suppressions list',
  });
}

/** @throws UserError naming the reasons that there are */
export function parseReason(text: string): SuppressionReason {
  const reason = suppressionReasons.find((each) => each === text.trim().toLowerCase());
  if (reason) return reason;
  throw new UserError(`"${text}" is no reason for a suppression.`, {
    code: 'usage',
    hint: `There is ${suppressionReasons.join(', ')}.`,
  });
}

/**
 * Suppressions, newest first.
 * @param options.limit how many at most
 * @param options.before only those with a smaller id
 * @throws UserError if there is no such list
 */
export async function listSuppressions(
  context: Pick<Context, 'db' | 'clock'>,
  filter: SuppressionFilter,
  options: { limit: number; before?: number },
): Promise<SuppressionRow[]> {
  const where = await conditionOf(context, filter);
  const older = options.before === undefined ? sql`` : sql`and s.id < ${options.before}`;
  return readRows(context, sql`${where} ${older} order by s.id desc limit ${options.limit}`);
}

const pageSize = 10_000;

/**
 * All suppressions that fit, the oldest first, a page at a time: any number takes constant memory.
 * @throws UserError if there is no such list
 */
export async function* allSuppressions(
  context: Pick<Context, 'db' | 'clock'>,
  filter: SuppressionFilter,
): AsyncGenerator<SuppressionRow[]> {
  const where = await conditionOf(context, filter);
  let after = 0;
  while (true) {
    const page = await readRows(context, sql`${where} and s.id > ${after} order by s.id limit ${pageSize}`);
    if (page.length > 0) yield page;
    if (page.length < pageSize) return;
    after = page.at(-1)?.id ?? after;
  }
}

/** Every suppression of an address, those that have ended too, and who it is if we know them. */
export async function showSuppressed(
  context: Pick<Context, 'db' | 'clock'>,
  { hash }: SuppressedAddress,
): Promise<{ subscriberId: number | null; suppressions: SuppressionRow[] }> {
  const person = await context.db
    .selectFrom('subscribers')
    .select('id')
    .where('email_hash', '=', hash)
    .executeTakeFirst();
  const suppressions = await readRows(context, sql`s.email_hash = ${hash} order by s.id`);
  return { subscriberId: person?.id ?? null, suppressions };
}

/**
 * Takes an address's suppressions away, and logs why. Nobody is subscribed again by it: who had left stays away until
 * they come back themselves.
 * @param request.id only this one
 * @param request.listId only those of this list; null: only those for all lists; not given: all of them
 * @param request.because kept as proof
 * @returns what was taken away
 */
export async function removeSuppressions(
  context: Pick<Context, 'db' | 'clock'>,
  request: {
    address: SuppressedAddress;
    id?: number;
    listId?: number | null;
    because: string;
    origin: Origin;
  },
): Promise<{ reason: SuppressionReason; listId: number | null }[]> {
  const { address, id, listId, because, origin } = request;
  if (because.trim() === '')
    throw new UserError('Say why mail may go again.', {
      code: 'usage',
      hint: 'For example: --because "Wrote to us on 3 May, the mailbox works again"',
    });
  return context.db.transaction().execute(async (trx) => {
    let query = trx.deleteFrom('suppressions').where('email_hash', '=', address.hash);
    if (id !== undefined) query = query.where('id', '=', id);
    if (listId === null) query = query.where('list_id', 'is', null);
    else if (listId !== undefined) query = query.where('list_id', '=', listId);
    const rows = await query.returning(['reason', 'list_id']).execute();
    for (const { reason, list_id } of rows)
      await logConsent({ db: trx, clock: context.clock }, address.hash, 'changed', list_id, {
        ...origin,
        evidence: { ...origin.evidence, lifted: [reason], because: because.trim() },
      });
    return rows.map((row) => ({ reason: row.reason as SuppressionReason, listId: row.list_id }));
  });
}

async function conditionOf(
  context: Pick<Context, 'db' | 'clock'>,
  filter: SuppressionFilter,
): Promise<RawBuilder<unknown>> {
  const parts = [sql`true`];
  if (filter.list === null) parts.push(sql`s.list_id is null`);
  else if (filter.list !== undefined)
    parts.push(sql`s.list_id = ${(await findList(context, filter.list)).id}`);
  if (filter.reason) parts.push(sql`s.reason = ${filter.reason}`);
  if (!filter.ended) parts.push(sql`(s.expires_at is null or s.expires_at > ${context.clock.now()})`);
  if (filter.search) {
    const pattern = `%${filter.search.replaceAll('\0', '').replace(/[\\%_]/g, '\\$&')}%`;
    parts.push(sql`s.email ilike ${pattern}`);
  }
  return sql.join(parts, sql` and `);
}

async function readRows({ db }: Pick<Context, 'db'>, where: RawBuilder<unknown>): Promise<SuppressionRow[]> {
  const { rows } = await sql<SuppressionRow>`
    select s.id, s.email, encode(s.email_hash, 'hex') as hash, lists.slug as list, s.reason, s.note,
           s.created_at as since, s.expires_at as until
    from suppressions as s left join lists on lists.id = s.list_id
    where ${where}`.execute(db);
  return rows;
}
