import type pg from 'pg';
import { applyBackup } from './apply.ts';
import { unfinishedMark as mark } from './mark.ts';
import type { BackupPart } from './read.ts';
import { withClient } from './server.ts';

/** How a database is filled. */
export interface FillOptions {
  /** Called after each piece with the rows that are in by then. */
  onProgress?(rows: number): void;
  signal?: AbortSignal;
  /**
   * Brings what came to where it shall stand, before anybody takes it for whole.
   * @param counts rows by table
   * @throws what makes the whole fail
   */
  complete(client: pg.Client, counts: Record<string, number>): Promise<void>;
  /** What becomes true in the same moment as that the whole is there. */
  atLast?(client: pg.Client): Promise<void>;
}

/**
 * Runs the parts of a backup in a database that is empty, a transaction each: in one for all, every table that is made would hold its
 * locks to the end, and after some years there are more than a server has room for. What does not come to its end is taken out
 * again; what is killed leaves its mark.
 * @returns rows by table, as the backup names them
 * @throws what `applyBackup`, `complete` and `atLast` throw; the database is empty then, as far as the server can still be reached
 */
export async function fillEmpty(
  connection: pg.ClientConfig,
  parts: AsyncIterable<BackupPart>,
  { complete, atLast, ...options }: FillOptions,
): Promise<Record<string, number>> {
  const extensions = await withClient(connection, extensionsOf);
  let isCommitting = false;
  try {
    return await withClient(connection, async (client) => {
      await client.query(`create table ${mark} (began_at timestamptz not null default now())`);
      // Nothing is waited for but the end, which waits for all that came before it.
      await client.query('set synchronous_commit = off');
      const counts = await applyBackup(client, parts, options);
      await complete(client, counts);
      await analyze(client);
      await client.query('set synchronous_commit = on');
      await client.query('begin');
      await client.query(`drop table ${mark}`);
      await atLast?.(client);
      isCommitting = true;
      await client.query('commit');
      return counts;
    });
  } catch (error) {
    // Whether it is whole is not known if it was lost in that moment.
    if (!isCommitting) await withClient(connection, (client) => empty(client, extensions)).catch(() => {});
    throw error;
  }
}

const extensionsOf = async (client: pg.Client): Promise<string[]> =>
  (await client.query<{ name: string }>('select extname::text as name from pg_extension')).rows.map(
    ({ name }) => name,
  );

/** Counts for the planner of queries, table by table: a partitioned one as a whole would lock all of its parts at once. */
async function analyze(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ statement: string }>(
    `select format('analyze public.%I', relname) as statement from pg_class
     where relnamespace = 'public'::regnamespace and relkind = 'r' order by relname`,
  );
  for (const { statement } of rows) await client.query(statement);
}

/** Takes out, one by one, what a backup brings. @param extensions those that were there before */
async function empty(client: pg.Client, extensions: string[]): Promise<void> {
  await client.query('set synchronous_commit = off');
  const { rows } = await client.query<{ statement: string }>(
    `select statement from (
       select format('drop table if exists public.%I cascade', relname) as statement,
              case when c.oid = to_regclass('${mark}') then 5 when relispartition then 0 when relkind = 'r' then 1 else 2 end as turn
       from pg_class c where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not ${ofExtension('pg_class')}
       union all
       select format('drop routine if exists %s cascade', c.oid::regprocedure), 3
       from pg_proc c where pronamespace = 'public'::regnamespace and not ${ofExtension('pg_proc')}
       union all
       select format('drop extension if exists %I cascade', extname), 4 from pg_extension where extname <> all ($1)
     ) as all_of_it order by turn, statement`,
    [extensions],
  );
  for (const { statement } of rows) await client.query(statement);
}

const ofExtension = (catalog: string) =>
  `exists (select from pg_depend e where e.classid = '${catalog}'::regclass and e.objid = c.oid and e.deptype = 'e')`;
