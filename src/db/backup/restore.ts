import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { Context } from '../../context.ts';
import { messageOf, UserError } from '../../errors.ts';
import { connectTo, type Database } from '../connect.ts';
import { hold } from '../installation.ts';
import { migrate } from '../migrate.ts';
import { fillEmpty } from './fill.ts';
import { type BackupSummary, backupParts } from './read.ts';
import { connectionTo, isEmpty, othersConnected, withClient } from './server.ts';

/** What a restore did. */
export interface Restored {
  database: string;
  /** Rows by table. */
  rows: Record<string, number>;
  /** The database with the former data, if it was kept. */
  former: string | undefined;
}

/** How a backup is restored. */
export interface RestoreOptions {
  /** Begins to read the backup anew; it has been verified. */
  open(): AsyncIterable<Buffer>;
  summary: BackupSummary;
  /** Leaves the former data in a database of its own. */
  keepFormer?: boolean;
  onProgress?(rows: number): void;
  signal?: AbortSignal;
}

/**
 * Restores a backup: into the database if it is empty, else into a new one that takes its name and place when it is whole. Whatever
 * fails, the former data are as they were. What was restored is held: it sends nothing until it is adopted.
 * @throws UserError if others are connected, no database can be made, or the backup does not fit
 */
export async function restoreBackup(
  database: Database,
  context: Pick<Context, 'clock'>,
  options: RestoreOptions,
): Promise<Restored> {
  const { rows } = await database.pool.query<{ name: string }>('select current_database() as name');
  const name = rows[0]?.name ?? '';
  const others = await othersConnected(database);
  if (others > 0)
    throw new UserError(`${others} other connections to the database "${name}" are open.`, {
      code: 'busy',
      hint: 'Stop "broadsheet serve" and every "broadsheet worker", and whatever else uses it, then restore.',
    });
  if (await isEmpty(database))
    return { database: name, rows: await fill(database.connection, context, options), former: undefined };

  const stamp = `${context.clock.now().toISOString().replace(/\D/g, '').slice(0, 14)}_${randomBytes(2).toString('hex')}`;
  const made = `${name.slice(0, 30)}_restoring_${stamp}`;
  const former = `${name.slice(0, 30)}_before_${stamp}`;
  const elsewhere = connectionTo(database.connection, 'postgres');
  const quoted = pg.escapeIdentifier;
  return withClient(elsewhere, async (admin) => {
    try {
      await admin.query(
        `create database ${quoted(made)} template template0 ${await likeDatabase(admin, name)}`,
      );
    } catch (error) {
      throw new UserError(`No new database can be made to restore into: ${messageOf(error)}.`, {
        code: 'database',
        hint: 'Make an empty database by other means, let DATABASE_URL name it, and restore into that; or give the account the right CREATEDB.',
        cause: error,
      });
    }
    let counts: Record<string, number>;
    try {
      counts = await fill(connectionTo(database.connection, made), context, options);
      if ((await othersConnected(database, 500)) > 0) throw cameMeanwhile(name);
      await closeIdle(database.pool);
      await swap(admin, { name, made, former });
    } catch (error) {
      await admin.query(`drop database if exists ${quoted(made)} with (force)`).catch(() => {});
      throw error;
    }
    if (!options.keepFormer) await admin.query(`drop database ${quoted(former)} with (force)`);
    return { database: name, rows: counts, former: options.keepFormer ? former : undefined };
  });
}

/** The restoring process's own connections: they open again when they are needed. */
async function closeIdle(pool: pg.Pool): Promise<void> {
  const clients = await Promise.all(Array.from({ length: pool.totalCount }, () => pool.connect()));
  for (const client of clients) client.release(true);
}

/** Somebody else has a connection to the database. */
const inUse = '55006';

const cameMeanwhile = (name: string) =>
  new UserError(`Others connected to the database "${name}" while the backup was read.`, {
    code: 'busy',
    hint: 'The former data are as they were. Stop "broadsheet serve" and every "broadsheet worker", and what starts them by itself, then restore again.',
  });

/**
 * Both names change in one transaction. Postgres renames no database that others are connected to, and lets nobody in meanwhile:
 * who came while the backup was read, and took the former data for those at home, is not cut off to come back to the restored ones.
 */
async function swap(
  admin: pg.Client,
  { name, made, former }: { name: string; made: string; former: string },
): Promise<void> {
  const quoted = pg.escapeIdentifier;
  await admin.query('begin');
  try {
    await admin.query(`alter database ${quoted(name)} rename to ${quoted(former)}`);
    await admin.query(`alter database ${quoted(made)} rename to ${quoted(name)}`);
    await admin.query('commit');
  } catch (error) {
    await admin.query('rollback').catch(() => {});
    if ((error as { code?: string }).code === inUse) throw cameMeanwhile(name);
    throw new UserError(`The restored data could not take the place of the former: ${messageOf(error)}.`, {
      code: 'database',
      hint: 'The former data are as they were. Stop whatever uses the database, and restore again.',
      cause: error,
    });
  }
}

async function fill(
  connection: pg.ClientConfig,
  context: Pick<Context, 'clock'>,
  { open, summary, onProgress, signal }: RestoreOptions,
): Promise<Record<string, number>> {
  return fillEmpty(connection, backupParts(open()), {
    ...(onProgress && { onProgress }),
    ...(signal && { signal }),
    async complete(_client, rows) {
      const total = Object.values(rows).reduce((sum, count) => sum + count, 0);
      if (total !== summary.rows)
        throw new UserError(`The backup has ${summary.rows} rows, and ${total} were taken.`, {
          code: 'restore',
        });
      const restored = connectTo(connection, 2);
      try {
        await migrate(restored.db);
        await hold({ db: restored.db, clock: context.clock }, 'restored', summary.about);
      } finally {
        await restored.close();
      }
    },
  });
}

/** Encoding and locale of a database, as CREATE DATABASE takes them. */
async function likeDatabase(admin: pg.Client, name: string): Promise<string> {
  const { rows } = await admin.query<{ row: Record<string, string | null>; encoding: string }>(
    'select to_jsonb(d) as row, pg_encoding_to_char(encoding) as encoding from pg_database d where datname = $1',
    [name],
  );
  const { row = {}, encoding = 'UTF8' } = rows[0] ?? {};
  const literal = (value: string) => pg.escapeLiteral(value);
  const locale = row.datlocale ?? row.daticulocale;
  return [
    `encoding ${literal(encoding)} lc_collate ${literal(row.datcollate ?? 'C')} lc_ctype ${literal(row.datctype ?? 'C')}`,
    row.datlocprovider === 'i' && locale && `locale_provider icu icu_locale ${literal(locale)}`,
    row.datlocprovider === 'b' && locale && `locale_provider builtin builtin_locale ${literal(locale)}`,
  ]
    .filter(Boolean)
    .join(' ');
}
