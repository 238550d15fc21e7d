import type { Database } from '../db/connect.ts';
import { type Finding, failed, ok, unknown, warning } from './finding.ts';

type Pool = Pick<Database['pool'], 'query'>;

/** A transaction that is open for so many minutes keeps vacuum from clearing what was changed since. */
const usualPatience = { longMinutes: 10, tooLongMinutes: 60 };
/** Smaller tables are not worth a word. */
const largeBytes = 64 * 1024 ** 2;
const muchDead = 0.2;
const muchBloat = 0.5;
/** Ages of the oldest row at which Postgres begins to warn, and stops (of about 2,100 million). */
const oldAge = 1_000_000_000;
const tooOldAge = 1_600_000_000;

/** How a role sees the sessions of others. */
const letSee = 'To see them: grant pg_read_all_stats to ROLE, the one of DATABASE_URL.';

// What is hidden of another's session is null, its kind too; autovacuum's have no user.
const isClient = `usesysid is not null and coalesce(backend_type, 'client backend') = 'client backend'`;

/** Whether there is room for more processes. */
export async function checkConnections(pool: Pool): Promise<Finding> {
  const { rows } = await pool.query<{ used: number; most: number; ours: number }>(
    `select (select count(*) from pg_stat_activity where ${isClient})::int as used,
            (select count(*) from pg_stat_activity where application_name = 'broadsheet')::int as ours,
            current_setting('max_connections')::int
              - current_setting('superuser_reserved_connections')::int as most`,
  );
  const { used, most, ours } = rows[0] ?? { used: 0, most: 1, ours: 0 };
  const says = `${used} of ${most} are in use, ${ours} of them by Broadsheet`;
  const mend =
    'Raise max_connections, put a pooler in front (in session mode), or run fewer processes: each has up to 10 and one for each lane of sending.';
  if (used / most > 0.95) return failed('connections', says, mend);
  return used / most > 0.8 ? warning('connections', says, mend) : ok('connections', says);
}

/** Whether anybody holds a transaction open for long, prepared ones and forgotten replication slots included. */
export async function checkTransactions(
  pool: Pool,
  { longMinutes, tooLongMinutes } = usualPatience,
): Promise<Finding> {
  const { rows } = await pool.query<{ who: string | null; seconds: number | null; hidden: number }>(
    `select oldest.who, oldest.seconds, hidden.count as hidden
     from (
       -- Of what is hidden not even the state is told.
       select count(*)::int as count from pg_stat_activity
        where datname = current_database() and ${isClient} and backend_type is null
     ) hidden left join (
       select who, extract(epoch from clock_timestamp() - since)::int as seconds from (
         select 'process ' || pid || coalesce(' of ' || nullif(application_name, ''), '') || ' (' || coalesce(state, 'hidden') || ')' as who,
                xact_start as since
           from pg_stat_activity
          where datname = current_database() and xact_start is not null and pid <> pg_backend_pid() and backend_type = 'client backend'
         union all
         select 'the prepared transaction ' || gid, prepared from pg_prepared_xacts where database = current_database()
       ) held order by since limit 1
     ) oldest on true`,
  );
  const { who = null, seconds = null, hidden = 0 } = rows[0] ?? {};
  const minutes = (seconds ?? 0) / 60;
  if (!who || minutes < longMinutes)
    return hidden > 0
      ? unknown(
          'transactions',
          `none of our role's is open for ${longMinutes} minutes; those of ${hidden} sessions of other roles are hidden from it`,
          letSee,
        )
      : ok('transactions', `none is open for ${longMinutes} minutes or longer`);
  const pid = /^process (\d+)/.exec(who)?.[1];
  const name = /^the prepared transaction (.*)$/.exec(who)?.[1];
  return (minutes > tooLongMinutes ? failed : warning)(
    'transactions',
    `${who} holds one open for ${Math.round(minutes)} minutes: what changes meanwhile cannot be cleared away`,
    pid
      ? `If it is of no use: select pg_terminate_backend(${pid}); set idle_in_transaction_session_timeout against the next.`
      : `If it is of no use: rollback prepared '${name}'`,
  );
}

interface TableRow {
  name: string;
  bytes: number;
  live: number;
  dead: number;
  /** What its rows would need, by the widths that ANALYZE found; null: it was never analysed. */
  needed: number | null;
  age: number;
}

/**
 * Whether large tables hold much that is of no use: dead rows that vacuum did not get to, and pages that are larger than their rows
 * need. Estimated from statistics, so that nothing is read.
 * @param least tables of fewer bytes are passed over
 */
export async function checkBloat(pool: Pool, least = largeBytes): Promise<Finding[]> {
  const { rows } = await pool.query<TableRow>(
    `select c.oid::regclass::text as name, pg_relation_size(c.oid) as bytes,
            coalesce(s.n_live_tup, 0)::float8 as live, coalesce(s.n_dead_tup, 0)::float8 as dead,
            case when c.reltuples > 0 and w.width > 0
              -- A row has 28 bytes of header and pointer, and starts at a multiple of 8; a page has 24 of its own.
              then c.reltuples::float8 * (ceil(w.width / 8.0) * 8 + 28) * 8192 / 8168
                   / (coalesce((select option_value::float8 from pg_options_to_table(c.reloptions)
                                 where option_name = 'fillfactor'), 100) / 100)
            end as needed,
            age(c.relfrozenxid)::float8 as age
       from pg_class c
       join pg_namespace n on n.oid = c.relnamespace
       left join pg_stat_user_tables s on s.relid = c.oid
       left join lateral (
         select sum((1 - null_frac) * avg_width) as width
           from pg_stats where schemaname = n.nspname and tablename = c.relname
       ) w on true
      where c.relkind = 'r' and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg_toast%'
        and pg_relation_size(c.oid) >= $1
      order by bytes desc limit 200`,
    [least],
  );
  const { rows: ages } = await pool.query<{ age: number }>(
    'select age(datfrozenxid)::float8 as age from pg_database where datname = current_database()',
  );
  const findings = rows.flatMap(troubleOf);
  const age = ages[0]?.age ?? 0;
  if (age > oldAge)
    findings.push(
      (age > tooOldAge ? failed : warning)(
        'bloat',
        `the oldest row is ${Math.round(age / 1e6)} million transactions old, and at 2,100 million Postgres stops`,
        'Let autovacuum finish (long transactions and replication slots hold it up), or run: vacuum freeze',
      ),
    );
  if (findings.length > 0) return findings;
  const many = rows.length === 1 ? '1 large table has' : `${rows.length} large tables have`;
  return [ok('bloat', rows.length === 0 ? 'there are no large tables yet' : `${many} little of no use`)];
}

function troubleOf({ name, bytes, live, dead, needed }: TableRow): Finding[] {
  const size = `${Math.round(bytes / 1024 ** 2).toLocaleString('en')} MB`;
  if (dead > 1_000 && dead / (live + dead) > muchDead)
    return [
      warning(
        'bloat',
        `${name} (${size}) has ${Math.round((100 * dead) / (live + dead))} % dead rows`,
        `Is autovacuum on, and does a long transaction hold it up? To clear now: vacuum analyze ${name}`,
      ),
    ];
  if (needed !== null && bytes > 0 && 1 - needed / bytes > muchBloat)
    return [
      warning(
        'bloat',
        `${name} (${size}) has about ${Math.round(100 * (1 - needed / bytes))} % room of no use (estimated)`,
        `New rows fill it again. To give it back: pg_repack, or in a quiet hour "vacuum full ${name}", which locks it.`,
      ),
    ];
  return [];
}
