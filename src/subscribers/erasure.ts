import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { UserError } from '../errors.ts';
import { type Address, parseAddress } from './address.ts';
import { logConsent, type Origin } from './consent.ts';
import { forgetInParts, rowsInParts } from './person-parts.ts';
import { allPersonTables, type PersonKey, type PersonTable } from './person-tables.ts';
import { suppress } from './suppression.ts';

type Deps = Pick<Context, 'db' | 'clock'>;

/** How many rows each table holds about someone. */
export type PersonCounts = Record<string, number>;

/**
 * Erases a person: their row and all that hangs on it go, in every table that `personTables` names. What stays says
 * nothing of them: the hash of their address, suppressed, so that no import brings them back; when they agreed and left,
 * by that hash, for as long as retention says; and the ledger's rows under an id that leads to nobody, so that sums hold.
 * The ledger and what was read go first, by groups of editions; all else in one transaction. Stopped in between, it is begun again.
 * @throws UserError if there is no such subscriber
 */
export async function removeSubscriber(context: Deps, subscriberId: number, origin: Origin): Promise<void> {
  const find = async (db: Context['db']) => {
    const person = await db
      .selectFrom('subscribers')
      .select(['id', 'email_key as key', 'email_hash as hash'])
      .where('id', '=', subscriberId)
      .$if(db.isTransaction, (query) => query.forUpdate())
      .executeTakeFirst();
    if (!person) throw new UserError(`There is no subscriber ${subscriberId}.`, { code: 'not-found' });
    return person;
  };
  const known = await find(context.db);
  for (const [, table] of allPersonTables) if (table.of) await forgetInParts(context.db, table, known);
  await context.db.transaction().execute(async (trx) => {
    const person = await find(trx);
    await forget({ db: trx, clock: context.clock }, person, origin);
  });
}

/**
 * Erases what is kept about an address that no subscriber has: suppressions, consent, what came back, caught mail.
 * @throws UserError if it is not an address
 */
export async function eraseAddress(context: Deps, email: string, origin: Origin): Promise<void> {
  const { key, hash } = parseAddress(email);
  await context.db
    .transaction()
    .execute((trx) => forget({ db: trx, clock: context.clock }, { id: null, key, hash }, origin));
}

async function forget(context: Deps, person: PersonKey, origin: Origin): Promise<void> {
  const { db } = context;
  const address: Pick<Address, 'hash'> & { email: null } = { hash: person.hash, email: null };
  await suppress(context, { address, reason: 'erasure' });
  const underWay = await db
    .selectFrom('editions')
    .select('id')
    .where('state', 'in', ['sending', 'paused'])
    .execute();
  const ids = underWay.map(({ id }) => id);
  // What came since the groups were gone through.
  for (const [, table] of allPersonTables)
    if (table.of) await (ids.length > 0 && table.forget(db, person, ids));
    else if (typeof table.forget === 'function') await table.forget(db, person);
  // Of the last act only that and when it was: whose machine it came from is nobody's business any more.
  await logConsent(context, person.hash, 'removed', null, { via: origin.via });
  if (person.id !== null) await db.deleteFrom('subscribers').where('id', '=', person.id).execute();
}

/** What an erasure would go through: rows by table, those without any left out. */
export async function countPerson({ db }: Pick<Context, 'db'>, person: PersonKey): Promise<PersonCounts> {
  const counts: PersonCounts = {};
  for (const [name, table] of allPersonTables) {
    const found = table.of ? (await rowsInParts(db, table, person)).length : await countOf(db, table, person);
    if (found > 0) counts[name] = found;
  }
  return counts;
}

async function countOf(db: Context['db'], table: PersonTable, person: PersonKey): Promise<number> {
  const { rows } = await sql<{ rows: number }>`
    select count(*) as rows from (${table.rows(person)}) as found`.execute(db);
  return Number(rows[0]?.rows ?? 0);
}
