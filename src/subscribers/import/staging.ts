import { finished } from 'node:stream/promises';
import { type Kysely, type RawBuilder, sql } from 'kysely';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { DB } from '../../db/schema.ts';
import { copyColumns } from './rows.ts';

/**
 * Makes the temporary tables of one of an import's connections, and sets it up. They go when the connection is closed.
 * @param addsPeople false: no ids are drawn for the rows
 */
export async function createStaging(db: Kysely<DB>, addsPeople: boolean): Promise<void> {
  const newId = addsPeople ? sql`default nextval(${sql.lit(await subscriberIds(db))})` : sql``;
  // A batch lost with the machine's power was not written down as stored either, and is stored again by `--resume`; the
  // import's end waits until all of them are safe.
  await sql`set synchronous_commit = off`.execute(db);
  // Which addresses the file had so far should fit into memory; a connection that was used before refuses, and is slower.
  await sql`set temp_buffers = '64MB'`.execute(db).catch(() => {});
  // A batch meets the big tables by their unique keys only. Statistics lag behind an import, and without this the
  // planner would come to read every subscriber for each batch.
  for (const way of ['hashjoin', 'mergejoin', 'seqscan', 'bitmapscan', 'material'])
    await sql.raw(`set enable_${way} = off`).execute(db);
  await sql`set jit = off`.execute(db);
  await sql`
    create temporary table import_rows (
      line bigint not null,
      email text not null,
      -- Null: the same as the address.
      email_key text,
      name text,
      language text,
      time_zone text,
      frequency text,
      topics text[],
      muted_topics text[],
      tags text[],
      fields jsonb,
      evidence jsonb,
      pending boolean not null,
      -- whose the row is if nobody is known by the address
      new_id bigint ${newId}
    ) on commit delete rows`.execute(db);
  // Without an index until it is first asked: most files repeat nobody.
  await sql`create temporary table import_seen (email_key text not null, line bigint not null)`.execute(db);
  await sql`
    create temporary table import_work (
      line bigint not null,
      email text not null,
      email_key text not null,
      email_hash bytea not null,
      name text,
      language text,
      time_zone text,
      frequency text,
      topics text[],
      muted_topics text[],
      tags text[],
      fields jsonb,
      evidence jsonb,
      pending boolean not null,
      subscriber_id bigint,
      new_person boolean not null,
      person_changes boolean not null,
      -- new, changed, or null: stays as it is
      subscription text,
      confirms boolean not null,
      -- why the address gets nothing
      blocked text
    ) on commit delete rows`.execute(db);
}

/** Fills the staging table with rows, as COPY takes them, until the transaction ends. */
export async function stageRows(client: pg.PoolClient, rows: Buffer): Promise<void> {
  const copying = client.query(copyFrom(`copy pg_temp.import_rows (${copyColumns}) from stdin`));
  const done = finished(copying);
  copying.end(rows);
  await done;
}

/** Takes out the staged rows whose addresses the file had before. */
export async function takeOutRepeated(db: Kysely<DB>): Promise<{ line: number; first: number }[]> {
  await sql`create index if not exists import_seen_key on pg_temp.import_seen using hash (email_key)`.execute(
    db,
  );
  const { rows } = await sql<{ line: number; first: number }>`
    delete from pg_temp.import_rows r using pg_temp.import_seen s
    where s.email_key = coalesce(r.email_key, r.email)
    returning r.line, s.line as first`.execute(db);
  return rows;
}

/** Remembers the addresses of the staged rows. */
export async function rememberStaged(db: Kysely<DB>): Promise<void> {
  await sql`
    insert into pg_temp.import_seen (email_key, line)
    select coalesce(r.email_key, r.email), r.line from pg_temp.import_rows r`.execute(db);
}

/** SHA-256 of a text as UTF-8, by which consent and suppressions know an address. `textsend` gives its bytes for half of what `convert_to` costs. */
export const hashOf = (text: RawBuilder<string>): RawBuilder<Buffer> => sql`sha256(textsend(${text}))`;

/**
 * Whether this connection may leave foreign keys unchecked, and nothing else would be left out with them. Superusers may,
 * as with the embedded Postgres; at most hosting services nobody may.
 */
export async function mayTrustKeys(db: Kysely<DB>): Promise<boolean> {
  const { rows } = await sql<{ may: boolean }>`
    select current_setting('is_superuser') = 'on' and not exists (
      select from pg_trigger where tgrelid = 'subscriptions'::regclass and not tgisinternal) as may`.execute(
    db,
  );
  return rows[0]?.may ?? false;
}

/** The sequence that subscribers' ids come from. */
async function subscriberIds(db: Kysely<DB>): Promise<string> {
  const { rows } = await sql<{ name: string }>`
    select pg_get_serial_sequence('subscribers', 'id') as name`.execute(db);
  return rows[0]?.name ?? '';
}
