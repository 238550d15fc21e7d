import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import type { Config } from '../config.ts';
import { messageOf, UserError } from '../errors.ts';
import { unfinishedMark } from './backup/mark.ts';
import { joinEmbedded, type Lease } from './embedded/join.ts';
import { migrate, mustBeMigrated } from './migrate.ts';
import type { DB } from './schema.ts';

// Identity columns and counts are bigint; ours stay far below 2^53.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

export type { DB };

/**
 * Connections of the pool. Statements that begin with a comment made by `prepared` are prepared on each connection once, under that name, instead
 * of being planned each time. A name stands for one text.
 */
class PreparingClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    // A connection that breaks fails its query; without this it would end the process as well.
    this.on('error', () => {});
  }

  /** Breaks the connection off. What is not answered fails. */
  hangUp(): void {
    // Not among pg's types, and the only way to its socket.
    const { connection } = this as unknown as { connection: { stream: { destroy(error: Error): void } } };
    connection.stream.destroy(new Error('Connection terminated: no answer in time'));
  }

  // The signatures of pg are handed through.
  // biome-ignore lint/suspicious/noExplicitAny: pg overloads query in seven ways
  override query(...given: any[]): any {
    const [text, values, ...rest] = given;
    const name = typeof text === 'string' ? preparedName.exec(text)?.[1] : undefined;
    // biome-ignore lint/suspicious/noExplicitAny: as above
    const query = super.query as (...given: any[]) => any;
    return name ? query.call(this, { name, text, values }, ...rest) : query.apply(this, given);
  }
}

/** @returns a client that hangs up when a statement is not answered in time */
function impatient(patienceMs: number): typeof PreparingClient {
  return class extends PreparingClient {
    // biome-ignore lint/suspicious/noExplicitAny: as in PreparingClient
    override query(...given: any[]): any {
      const asked = super.query(...given);
      if (!(asked instanceof Promise)) return asked;
      const timer = setTimeout(() => this.hangUp(), patienceMs);
      return asked.finally(() => clearTimeout(timer));
    }
  };
}

const preparedName = /^\s*\/\* prepared: (\w+) \*\//;

/** The comment with which a statement asks to be prepared. @param name letters, digits and underscores */
export const prepared = (name: string) => sql.raw(`/* prepared: ${name} */`);

/** An open database. */
export interface Database {
  db: Kysely<DB>;
  pool: pg.Pool;
  /** What a `pg` client needs to connect to the same database. */
  connection: pg.ClientConfig;
  /** Closes the pool, and lets go of the embedded server if that is what it is. */
  close(): Promise<void>;
}

/**
 * Opens the database that the settings name, or the embedded one, and brings its schema up to date.
 * @param options.migrate false leaves the schema as it is (for `broadsheet db status` and `rollback`)
 * @param options.connections pool size; 10 if not given
 * @throws UserError in a sentence if there is no server, it refuses us, its version is too old, or the schema is not ours to use
 */
export async function openDatabase(
  config: Pick<Config, 'databaseUrl' | 'home'> & Partial<Pick<Config, 'migrate'>>,
  options: { migrate?: boolean; connections?: number } = {},
): Promise<Database> {
  let lease: Lease | undefined;
  let connection: pg.ClientConfig;
  if (config.databaseUrl) connection = { connectionString: config.databaseUrl };
  else {
    lease = await joinEmbedded(config.home);
    connection = embeddedConnection(lease);
  }
  const database = connectTo(connection, options.connections, lease);
  try {
    await checkServer(database, config);
    if (options.migrate !== false) {
      await refuseUnfinished(database);
      await (config.migrate === false ? mustBeMigrated(database.db) : migrate(database.db));
    }
  } catch (error) {
    await database.close();
    throw error;
  }
  return database;
}

/**
 * What leads to the embedded server. All that `pg` would take from PGSSLMODE, PGOPTIONS and the like is said, as these are meant for another.
 */
function embeddedConnection({ socketFolder }: Lease): pg.ClientConfig {
  // An empty text would not count as said.
  const own = { user: 'broadsheet', database: 'broadsheet', ssl: false, options: ' ' };
  return { host: socketFolder, port: 5432, ...own };
}

/**
 * Opens a pool without migrating. The caller closes it.
 * @param more.settings said on each new connection, such as `set jit = off`
 * @param more.patienceMs a statement that takes longer fails, as on a connection that was lost, and so does its connection: a host
 * that has vanished says nothing
 */
export function connectTo(
  connection: pg.ClientConfig,
  connections = 10,
  lease?: Lease,
  { settings, patienceMs }: { settings?: string; patienceMs?: number } = {},
): Database {
  const pool = new pg.Pool({
    ...connection,
    Client: patienceMs === undefined ? PreparingClient : impatient(patienceMs),
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    max: connections,
    connectionTimeoutMillis: 15_000,
    application_name: 'broadsheet',
  });
  // An idle connection that the server closes must not end the process; the next query opens another.
  pool.on('error', () => {});
  if (settings) pool.on('connect', (client) => void client.query(settings).catch(() => {}));
  const db = new Kysely<DB>({ dialect: new PostgresDialect({ pool }) });
  pools.set(db, pool);
  return {
    db,
    pool,
    connection,
    async close() {
      await db.destroy();
      // Kysely ends no pool that it never used.
      if (!pool.ending) await pool.end();
      await lease?.release();
    },
  };
}

const pools = new WeakMap<Kysely<DB>, pg.Pool>();

/** How many connections the pool of an open database has, how many of them are idle, and how many callers wait for one. */
export function poolState(db: Kysely<DB>): { open: number; idle: number; waiting: number } {
  const pool = pools.get(db);
  return { open: pool?.totalCount ?? 0, idle: pool?.idleCount ?? 0, waiting: pool?.waitingCount ?? 0 };
}

/** A connection of its own, for work that lasts or that Kysely does not know, such as COPY. */
export interface OwnConnection {
  client: pg.PoolClient;
  /** Kysely over this connection alone. */
  db: Kysely<DB>;
  /** Closes the connection, so that its temporary tables and settings go with it. */
  close(): void;
}

/**
 * Takes a connection out of the pool of an open database. The caller closes it.
 * @throws Error if the database is a transaction, which has no pool
 */
export async function ownConnection(db: Kysely<DB>): Promise<OwnConnection> {
  const pool = pools.get(db);
  if (!pool) throw new Error('A connection of its own can only be taken from an open database.');
  const client = await pool.connect();
  const kept = { query: client.query.bind(client), release: () => {} };
  const dialect = new PostgresDialect({
    pool: {
      connect: async () => kept as unknown as pg.PoolClient,
      end: async () => {},
    } as unknown as pg.Pool,
  });
  return { client, db: new Kysely<DB>({ dialect }), close: () => client.release(true) };
}

async function refuseUnfinished({ pool }: Database): Promise<void> {
  const { rows } = await pool.query<{ name: string; unfinished: boolean }>(
    'select current_database() as name, to_regclass($1) is not null as unfinished',
    [unfinishedMark],
  );
  if (!rows[0]?.unfinished) return;
  throw new UserError(
    `The database "${rows[0].name}" holds a part of a backup, or of data that were moved.`,
    {
      code: 'unfinished',
      hint: `If a restore or a move is under way, wait for its end. One that was killed is begun again: broadsheet db restore FILE --replace ${rows[0].name}, or into a new database.`,
    },
  );
}

async function checkServer(database: Database, config: Pick<Config, 'databaseUrl'>): Promise<void> {
  let version: number;
  try {
    const { rows } = await database.pool.query<{ version: string }>(
      `select current_setting('server_version_num') as version`,
    );
    version = Number(rows[0]?.version);
  } catch (error) {
    const where = config.databaseUrl ? redacted(config.databaseUrl) : 'the embedded Postgres';
    throw new UserError(`There is no connection to ${where}: ${messageOf(error)}.`, {
      code: 'database',
      hint: config.databaseUrl ? 'Check DATABASE_URL and that the server runs.' : undefined,
      cause: error,
    });
  }
  if (version < 140_000)
    throw new UserError(
      `The Postgres at ${redacted(config.databaseUrl ?? '')} is version ${Math.floor(version / 10_000)}; Broadsheet needs 14 or later.`,
      { code: 'database' },
    );
}

function redacted(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  return `${url.hostname || 'localhost'}:${url.port || 5432}${url.pathname}`;
}

const awayCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ENOENT',
  'ETIMEDOUT',
  // Its name or its network is away: a container that restarts, a failover.
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
]);

/**
 * Whether an error says nothing against the statement, so that trying again may help: the server is away (restarting,
 * unreachable) or has no room left (53), or two statements stood in each other's way (40).
 */
export function isConnectionError(error: unknown): boolean {
  const { code, message = '' } = (error ?? {}) as { code?: string; message?: string };
  // 25006: a primary that has become a replica.
  if (code && /^(08|57P0[123]|53|40001|40P01|25006)/.test(code)) return true;
  if (code && awayCodes.has(code)) return true;
  return /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/i.test(
    message,
  );
}
