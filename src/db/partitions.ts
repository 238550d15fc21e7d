import { setTimeout as sleep } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import type { DB } from './schema.ts';

/** Tables in which each edition has a part of its own: `deliveries_e12`, `engagement_e12`. */
export const partitioned = ['deliveries', 'engagement'] as const;
export type Partitioned = (typeof partitioned)[number];

/** A part of a partitioned table. */
export interface Partition {
  table: string;
  of: Partitioned;
  editionId: number;
  /** `detaching`: taking it away was begun and not finished, and its rows are seen no more. `detached`: a table by itself. */
  state: 'attached' | 'detaching' | 'detached';
  /** Estimated; null: nobody has counted yet. */
  rows: number | null;
  /** With its indexes. */
  bytes: number;
}

/** What became of a part that was to go. `busy`: others held it for too long, another time; `kept`: it has rows, and stays. */
export type Removal = 'gone' | 'busy' | 'kept';

/** How long locks are waited for. */
export interface Patience {
  /** Milliseconds for each lock: whoever comes after us waits as long. */
  lockMs: number;
  tries: number;
  /** Milliseconds between tries. */
  pauseMs: number;
}

const usualPatience: Patience = { lockMs: 1_000, tries: 4, pauseMs: 2_000 };
/** Postgres waited for a lock and gave up. */
const lockNotAvailable = '55P03';
/** Who holds this advisory lock takes parts away; nobody else does meanwhile. */
const lockName = 'broadsheet partitions';

/** The parts of all editions, by edition. Sizes are read from disk, which takes a moment where there are thousands. */
export async function listPartitions(db: Kysely<DB>): Promise<Partition[]> {
  const { rows } = await sql<Partition>`
    select c.relname as table, part[1] as of, part[2]::bigint as "editionId", ${stateOf},
           case when c.reltuples >= 0 then c.reltuples::float8 end as rows, pg_total_relation_size(c.oid) as bytes
    from ${parts} order by 3, 2`.execute(db);
  return rows;
}

/** How many parts there are, by table and state. */
export async function countPartitions(
  db: Kysely<DB>,
): Promise<{ of: Partitioned; state: Partition['state']; count: number }[]> {
  const { rows } = await sql<{ of: Partitioned; state: Partition['state']; count: number }>`
    select part[1] as of, ${stateOf}, count(*)::integer as count from ${parts} group by 1, 2`.execute(db);
  return rows;
}

const stateOf = sql`case when i.inhrelid is null then 'detached' when i.inhdetachpending then 'detaching' else 'attached' end as state`;
const parts = sql`pg_class c
    cross join lateral regexp_match(c.relname, '^(deliveries|engagement)_e(\\d{1,18})$') as part
    left join pg_inherits i on i.inhrelid = c.oid
    where c.relkind = 'r' and c.relname ~ '^(deliveries|engagement)_e' and part is not null and pg_table_is_visible(c.oid)`;

/**
 * Editions as a statement takes them that is to look at their parts alone, by `edition_id = any(…)`: as values, so that Postgres neither
 * locks nor considers the others. Of no value at all it would look at every part.
 */
export const partsOf = (editions: readonly { id: number }[]): number[] =>
  editions.length > 0 ? editions.map(({ id }) => id) : [0];

/** Locks of a question about all editions, the larger of the two tables', and how many a server has for all together. */
export async function partitionLocks(db: Kysely<DB>): Promise<{ needed: number; room: number }> {
  const { rows } = await sql<{ needed: number; room: number }>`
    select coalesce(max(locks), 0)::integer as needed,
      (current_setting('max_locks_per_transaction')::bigint
        * (current_setting('max_connections')::bigint + current_setting('max_prepared_transactions')::bigint))::float8 as room
    from (
      select count(distinct inhrelid) + count(indexrelid) as locks
      from pg_inherits left join pg_index on indrelid = inhrelid
      where inhparent = any(${[...partitioned]}::regclass[])
      group by inhparent
    ) as of`.execute(db);
  return rows[0] ?? { needed: 0, room: 0 };
}

/** Default partitions, which none of our migrations makes: with one, parts cannot be attached or taken away without long locks. */
export async function defaultPartitions(db: Kysely<DB>): Promise<{ table: string; of: Partitioned }[]> {
  const { rows } = await sql<{ table: string; of: Partitioned }>`
    select partdefid::regclass::text as table, partrelid::regclass::text as of from pg_partitioned_table
    where partdefid <> 0 and partrelid = any(${[...partitioned]}::regclass[])`.execute(db);
  return rows;
}

/** Takes parts away. */
export interface PartitionKeeper {
  /**
   * Takes one away without holding up those who read or write the table: it is detached, which waits for them and not they
   * for it, and dropped when it is a table by itself. Who runs as a role that does not own the tables drops it at once, for which
   * others wait at most as long as one try for the lock.
   * @param options.onlyEmpty one that has rows is put back
   */
  remove(part: Pick<Partition, 'of' | 'editionId'>, options?: { onlyEmpty?: boolean }): Promise<Removal>;
  /** Finishes what was begun by somebody who ended meanwhile; the table stays, by itself. */
  finishDetaching(part: Pick<Partition, 'of' | 'editionId'>): Promise<Removal>;
  /**
   * Counts the rows of a partitioned table as a whole for the planner of queries, which autovacuum does for parts alone.
   * @returns undefined if our role may not
   */
  analyze(of: Partitioned): Promise<Removal | undefined>;
}

/**
 * Lets one process at a time take parts away.
 * @returns what `work` does; undefined if another process is at it
 */
export async function keepingPartitions<T>(
  db: Kysely<DB>,
  work: (keeper: PartitionKeeper) => Promise<T>,
  patience: Patience = usualPatience,
): Promise<T | undefined> {
  return db.connection().execute(async (own) => {
    const { rows } = await sql<{ taken: boolean }>`
      select pg_try_advisory_lock(hashtextextended(${lockName}, 0)) as taken`.execute(own);
    if (!rows[0]?.taken) return undefined;
    try {
      await sql`set lock_timeout = ${sql.lit(patience.lockMs)}`.execute(own);
      return await work(keeperOver(own, patience, await rightsOf(own)));
    } finally {
      await sql`reset lock_timeout`.execute(own);
      await sql`select pg_advisory_unlock(hashtextextended(${lockName}, 0))`.execute(own);
    }
  });
}

interface Rights {
  /** Our role owns the tables: it may detach. Another may only call what the owner made for it. */
  owns: boolean;
  analyzes: boolean;
}

async function rightsOf(db: Kysely<DB>): Promise<Rights> {
  const { rows } = await sql<Rights>`
    select owns, case when owns then true
      when current_setting('server_version_num')::int >= 170000 then has_table_privilege('deliveries', 'MAINTAIN') and has_table_privilege('engagement', 'MAINTAIN')
      else false end as analyzes
    from (select bool_and(pg_has_role(relowner, 'usage')) as owns from pg_class
          where oid = any(${[...partitioned]}::regclass[])) as found`.execute(db);
  return rows[0] ?? { owns: false, analyzes: false };
}

function keeperOver(
  own: Kysely<DB>,
  { tries, pauseMs }: Patience,
  { owns, analyzes }: Rights,
): PartitionKeeper {
  const again = async (attempt: () => Promise<Removal>): Promise<Removal> => {
    for (let left = tries; ; left--)
      try {
        return await attempt();
      } catch (error) {
        if ((error as { code?: string }).code !== lockNotAvailable) throw error;
        if (left <= 1) return 'busy';
        await sleep(pauseMs);
      }
  };
  const stateNow = async (name: string) => {
    const { rows } = await sql<{ state: Partition['state'] }>`
      select ${stateOf} from pg_class c left join pg_inherits i on i.inhrelid = c.oid
      where c.oid = to_regclass(${name})`.execute(own);
    return rows[0]?.state;
  };
  const detach = async (of: Partitioned, name: string) => {
    const state = await stateNow(name);
    if (state === undefined || state === 'detached') return;
    const hasDefault = (await defaultPartitions(own)).some((each) => each.of === of);
    // Postgres has no "concurrently" where there is a default partition.
    const how = state === 'detaching' ? sql`finalize` : hasDefault ? sql`` : sql`concurrently`;
    await sql`alter table ${sql.table(of)} detach partition ${sql.table(name)} ${how}`.execute(own);
  };
  const nameOf = ({ of, editionId }: Pick<Partition, 'of' | 'editionId'>) => `${of}_e${editionId}`;
  return {
    remove: (part, { onlyEmpty = false } = {}) =>
      again(async () => {
        const { of, editionId } = part;
        const name = nameOf(part);
        if (onlyEmpty && (await hasRows(own, name))) return 'kept';
        if (!owns) {
          await sql`select drop_edition_part(${of}, ${editionId})`.execute(own);
          return 'gone';
        }
        await detach(of, name);
        // What came in between the look and the detaching.
        if (onlyEmpty && (await hasRows(own, name))) {
          await sql`alter table ${sql.table(of)} attach partition ${sql.table(name)} for values in (${sql.lit(editionId)})`.execute(
            own,
          );
          return 'kept';
        }
        await sql`drop table if exists ${sql.table(name)}`.execute(own);
        return 'gone';
      }),
    finishDetaching: (part) =>
      again(async () => {
        if (!owns) return 'busy';
        await detach(part.of, nameOf(part));
        return 'kept';
      }),
    analyze: async (of) =>
      analyzes
        ? again(async () => {
            await sql`analyze ${sql.table(of)}`.execute(own);
            return 'kept';
          })
        : undefined,
  };
}

async function hasRows(db: Kysely<DB>, name: string): Promise<boolean> {
  const { rows: found } = await sql<{
    there: boolean;
  }>`select to_regclass(${name}) is not null as there`.execute(db);
  if (!found[0]?.there) return false;
  const { rows } = await sql`select from ${sql.table(name)} limit 1`.execute(db);
  return rows.length > 0;
}
