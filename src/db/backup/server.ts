import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { Database } from '../connect.ts';

/** The same server and account, another database. */
export function connectionTo(connection: pg.ClientConfig, database: string): pg.ClientConfig {
  if (connection.connectionString === undefined) return { ...connection, database };
  const url = new URL(connection.connectionString);
  url.pathname = `/${encodeURIComponent(database)}`;
  return { ...connection, connectionString: String(url) };
}

/** Does something on a connection of its own to a database. */
export async function withClient<T>(
  connection: pg.ClientConfig,
  action: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = new pg.Client({
    ...connection,
    application_name: 'broadsheet',
    connectionTimeoutMillis: 15_000,
  });
  client.on('error', () => {});
  await client.connect();
  try {
    return await action(client);
  } finally {
    await client.end();
  }
}

/** Whether a database holds no table in "public". */
export async function isEmpty({ pool }: Pick<Database, 'pool'>): Promise<boolean> {
  const { rows } = await pool.query<{ empty: boolean }>(
    `select not exists (select from pg_tables where schemaname = 'public') as empty`,
  );
  return rows[0]?.empty ?? false;
}

/** How many connections others have to the database. What is about to end has a moment for it. */
export async function othersConnected({ pool }: Pick<Database, 'pool'>, patienceMs = 1500): Promise<number> {
  for (const until = performance.now() + patienceMs; ; await sleep(100)) {
    const { rows } = await pool.query<{ count: number }>(
      `select count(*) as count from pg_stat_activity
       -- What kind others' are is hidden from plain accounts; autovacuum's have no user.
       where datname = current_database() and usesysid is not null
         and coalesce(backend_type, 'client backend') = 'client backend'`,
    );
    const others = Number(rows[0]?.count) - pool.totalCount;
    if (others <= 0 || performance.now() > until) return Math.max(0, others);
  }
}
