import type { Context } from '../context.ts';
import { UserError } from '../errors.ts';
import { fillEmpty } from './backup/fill.ts';
import { backupParts } from './backup/read.ts';
import { isEmpty, othersConnected } from './backup/server.ts';
import { backupPieces, type Written } from './backup/write.ts';
import { type Database, openDatabase } from './connect.ts';
import { hold, installationOf } from './installation.ts';
import { placeOf } from './place.ts';

/** What a move did. */
export interface Moved {
  /** Host, port and database, without the password. */
  to: string;
  /** Rows by table, the same in both. */
  rows: Record<string, number>;
  /** Whether the new place sends; it does not if the old one did not. */
  sends: boolean;
}

/** How data are moved. */
export interface MoveOptions {
  onProgress?(rows: number): void;
  signal?: AbortSignal;
}

/**
 * Moves all data into an empty database of another server, and the installation with them: the new one sends, the old one is held.
 * If it fails, nothing of it is in the new database, and the old one goes on as before.
 * @param to a DATABASE_URL
 * @throws UserError if others are connected, or the other database is not empty or cannot hold the data
 */
export async function moveData(
  database: Database,
  context: Pick<Context, 'config' | 'clock'>,
  to: string,
  options: MoveOptions = {},
): Promise<Moved> {
  const { config, clock } = context;
  const target = await openDatabase(
    { databaseUrl: to, home: config.home },
    { migrate: false, connections: 2 },
  );
  try {
    const { rows } = await target.pool.query<{ name: string }>('select current_database() as name');
    const url = new URL(to);
    const where = `${decodeURIComponent(url.hostname) || 'localhost'}:${url.port || 5432}/${rows[0]?.name}`;
    await checkTarget(database, target, where);
    await assertAlone(database);
    const source = { db: database.db, config, clock };
    const before = await installationOf(source);
    const standing = await database.db.selectFrom('installation').selectAll().executeTakeFirstOrThrow();
    // The old one is held before the new one is there, so that at no moment both would send.
    if (before.held === undefined) await hold(source, 'moved', where);
    const settle = { committing: false };
    try {
      // Who came before it was held may be at work.
      await assertAlone(database);
      const counts = await copyAll(
        database,
        target,
        context,
        { to, sends: before.held === undefined, settle },
        options,
      );
      return { to: where, rows: counts, sends: before.held === undefined };
    } catch (error) {
      if (!settle.committing)
        await database.db
          .updateTable('installation')
          .set({ held_because: standing.held_because, held_details: standing.held_details })
          .execute();
      throw error;
    }
  } finally {
    await target.close();
  }
}

async function assertAlone(database: Database): Promise<void> {
  const others = await othersConnected(database);
  if (others > 0)
    throw new UserError(
      `${others} other connections to the database are open: what they write would be lost.`,
      { code: 'busy', hint: 'Stop "broadsheet serve" and every "broadsheet worker", then move.' },
    );
}

async function checkTarget(database: Database, target: Database, where: string): Promise<void> {
  if (!(await isEmpty(target)))
    throw new UserError(`The database ${where} is not empty.`, {
      code: 'not-empty',
      hint: 'Data are only moved into an empty one: make one with "create database".',
    });
  const { rows } = await target.pool.query<{ encoding: string; extensions: string[] }>(
    `select current_setting('server_encoding') as encoding, (select array_agg(name::text) from pg_available_extensions) as extensions`,
  );
  const { encoding = '', extensions = [] } = rows[0] ?? {};
  if (encoding !== 'UTF8')
    throw new UserError(`The database ${where} is encoded in ${encoding}; Broadsheet needs UTF8.`, {
      code: 'database',
      hint: `Make it with "create database … encoding 'UTF8' template template0".`,
    });
  const { rows: needed } = await database.pool.query<{ name: string }>(
    `select extname::text as name from pg_extension where extname <> 'plpgsql'`,
  );
  const missing = needed.map(({ name }) => name).filter((name) => !extensions.includes(name));
  if (missing.length > 0)
    throw new UserError(`The server of ${where} has no ${missing.join(', ')}.`, {
      code: 'database',
      hint: 'Install the extensions there (Debian: postgresql-contrib).',
    });
}

async function copyAll(
  database: Database,
  target: Database,
  { config, clock }: Pick<Context, 'config' | 'clock'>,
  { to, sends, settle }: { to: string; sends: boolean; settle: { committing: boolean } },
  { onProgress, signal }: MoveOptions,
): Promise<Record<string, number>> {
  const place = await placeOf({ db: target.db, config: { ...config, databaseUrl: to } });
  const dump = backupPieces(database.db, { now: clock.now(), ...(signal && { signal }) });
  let written: Written | undefined;
  const pieces = async function* () {
    written = yield* dump;
  };
  const counts = await fillEmpty(target.connection, backupParts(pieces()), {
    ...(onProgress && { onProgress }),
    ...(signal && { signal }),
    async complete(client) {
      if (!written) throw new Error('The copy ended before all was read.');
      for (const [table, rows] of Object.entries(written.rows)) {
        const { rows: counted } = await client.query<{ count: number }>(
          `select count(*) as count from ${table}`,
        );
        if (Number(counted[0]?.count) !== rows)
          throw new UserError(`${table} has ${rows} rows here and ${counted[0]?.count} there.`, {
            code: 'copy',
            hint: 'Nothing was moved. Move again.',
          });
      }
    },
    async atLast(client) {
      if (sends)
        await client.query(
          'update installation set place = $1, held_because = null, held_details = null, adopted_at = $2',
          [JSON.stringify(place), clock.now()],
        );
      settle.committing = true;
    },
  });
  return counts;
}
