import { type RawBuilder, sql } from 'kysely';
import type { Context } from '../context.ts';
import type { Partitioned } from '../db/partitions.ts';
import type { PersonKey } from './person-tables.ts';

type Db = Context['db'];
type Row = Record<string, unknown>;

/**
 * A table that has a part for each edition. It is asked about some editions at a time: Postgres then plans for their parts and locks
 * them alone, while a person whose rows are looked for in all of some years' parts takes minutes and more locks than there is room for.
 */
export interface PersonParts {
  title: string;
  of: Partitioned;
  /** What the parts of these editions hold about a person, in order. */
  rows(person: PersonKey, editions: number[]): RawBuilder<Row>;
  /** Takes the person out of the parts of these editions. May be repeated, and is a transaction of its own for each group. */
  forget(db: Db, person: PersonKey, editions: number[]): Promise<unknown>;
}

/** So many parts are planned in milliseconds, and their indexes are some hundred locks. */
const editionsAtOnce = 100;

/** The editions that have a part of a table, in groups, oldest first. */
async function editionsOf(db: Db, of: Partitioned, atOnce: number): Promise<number[][]> {
  const { rows } = await sql<{ id: number }>`
    select substring(c.relname from '_e(\\d{1,18})$')::bigint as id
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = ${of}::regclass and c.relname ~ '_e\\d{1,18}$'
    -- What an edition without a part of its own has would be in a default part.
    union select id from editions where planned_at is not null
    order by id`.execute(db);
  const ids = rows.map(({ id }) => Number(id));
  return Array.from({ length: Math.ceil(ids.length / atOnce) }, (_, group) =>
    ids.slice(group * atOnce, (group + 1) * atOnce),
  );
}

/**
 * All that a table holds about a person, in order. Who is no subscriber has nothing in any part.
 * @param atOnce editions that a statement asks about
 */
export async function rowsInParts(
  db: Db,
  table: PersonParts,
  person: PersonKey,
  atOnce = editionsAtOnce,
): Promise<Row[]> {
  if (person.id === null) return [];
  const found: Row[][] = [];
  for (const editions of await editionsOf(db, table.of, atOnce))
    found.push((await table.rows(person, editions).execute(db)).rows);
  return found.flat();
}

/** Takes a person out of every part of a table. @param db not a transaction, which would keep the locks of all groups */
export async function forgetInParts(db: Db, table: PersonParts, person: PersonKey): Promise<void> {
  if (person.id === null) return;
  for (const editions of await editionsOf(db, table.of, editionsAtOnce))
    await table.forget(db, person, editions);
}
