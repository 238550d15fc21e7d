import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Kysely, sql } from 'kysely';
import { type Migration, type MigrationProvider, Migrator } from 'kysely/migration';
import { UserError } from '../errors.ts';

const folder = join(import.meta.dirname, '../../migrations');

/** What Postgres says to who lacks a right. */
const notAllowed = '42501';

/**
 * What a migration says of itself that takes away what older programs need (docs/upgrading.md). All others only add: programs that
 * do not know them go on beside newer ones.
 */
export interface Contract {
  /** The migration that a program has to know to work with the schema from here on, such as `0025_display_name`. */
  needs: string;
  /** What is taken away, and by which version nothing used it any more. */
  because: string;
}

/** A migration's file. */
export interface MigrationFile extends Migration {
  contract?: Contract;
}

const provider: MigrationProvider = {
  async getMigrations() {
    return Object.fromEntries(
      Object.entries(await migrationFiles()).map(([name, file]) => [name, withItsContract(file)]),
    );
  },
};

/** All migrations of this program, by name, oldest first. */
export async function migrationFiles(): Promise<Record<string, MigrationFile>> {
  const files: Record<string, MigrationFile> = {};
  for (const file of (await readdir(folder)).sort()) {
    const match = /^(\d{4}_[a-z0-9_]+)\.(?:ts|js)$/.exec(file);
    if (match?.[1]) files[match[1]] = await import(pathToFileURL(join(folder, file)).href);
  }
  return files;
}

/** Where the schema says which migration a program has to know: a row of the table `settings`. */
const needsSetting = 'schema_needs';

/** In the transaction of the migration itself: no older program meets a schema that it cannot work with and is not told. */
function withItsContract(file: MigrationFile): Migration {
  const { contract, up, down } = file;
  if (!contract) return { up, ...(down && { down }) };
  return {
    async up(db) {
      await up(db);
      const value = JSON.stringify(contract);
      await sql`
        insert into settings as known (name, value) values (${needsSetting}, ${value}::jsonb)
        on conflict (name) do update set value = excluded.value
        where known.value->>'needs' < excluded.value->>'needs'`.execute(db);
    },
    ...(down && { down }),
  };
}

/** One migration's standing. */
export interface MigrationStatus {
  name: string;
  /** Undefined while it is still to be run. */
  executedAt: Date | undefined;
  /** False: a newer program has run it, and this one does not know what it does. */
  isKnown: boolean;
}

// Kysely's migrator takes pg_advisory_xact_lock for the whole run, so processes that start together take turns
// and the later ones find nothing left to do.
// biome-ignore lint/suspicious/noExplicitAny: Kysely's own type for "whatever the schema is at that point"
const migratorFor = (db: Kysely<any>) => new Migrator({ db, provider });

/**
 * Brings the schema up to date. One that a newer program has brought further is left as it is: migrations add, and take away only
 * what no program needs that may still run, so this program goes on until it is replaced.
 * @returns the names of the migrations that were run now, none if the schema was current
 * @throws UserError naming the migration that failed, of which nothing is kept; or saying that this program is too old for the schema
 */
// biome-ignore lint/suspicious/noExplicitAny: see migratorFor
export async function migrate(db: Kysely<any>): Promise<string[]> {
  if (await isNewer(db)) return [];
  const { error, results = [] } = await migratorFor(db).migrateToLatest();
  if (error) {
    // A newer program was quicker, after our look.
    if (await isNewer(db)) return [];
    const failed = results.find((result) => result.status === 'Error');
    throw new UserError(
      `The database could not be migrated${failed ? ` (${failed.migrationName})` : ''}: ${String((error as Error).message ?? error)}`,
      {
        code: 'migration',
        cause: error,
        hint:
          (error as { code?: string }).code === notAllowed
            ? 'The role that we connect as may not change the schema: run "broadsheet db migrate" as the one that owns the tables.'
            : 'Nothing of that migration was kept. Run "broadsheet db status" to see where the schema stands.',
      },
    );
  }
  return results.map((result) => result.migrationName);
}

/** Undoes the newest migration. @returns its name, or undefined if there was none to undo */
// biome-ignore lint/suspicious/noExplicitAny: see migratorFor
export async function rollback(db: Kysely<any>): Promise<string | undefined> {
  const { error, results = [] } = await migratorFor(db).migrateDown();
  if (error)
    throw new UserError(`The migration could not be undone: ${String((error as Error).message ?? error)}`, {
      cause: error,
    });
  return results[0]?.migrationName;
}

/** Every migration, oldest first, with when it was run; also those that only a newer program knows. */
// biome-ignore lint/suspicious/noExplicitAny: see migratorFor
export async function migrationStatus(db: Kysely<any>): Promise<MigrationStatus[]> {
  const known = await migrationFiles();
  const executed = await executedMigrations(db);
  return [...new Set([...Object.keys(known), ...executed.keys()])].sort().map((name) => ({
    name,
    executedAt: executed.get(name),
    isKnown: known[name] !== undefined,
  }));
}

/**
 * Whether the schema is up to date without changing it.
 * @throws UserError naming the migrations that are still to be run
 */
// biome-ignore lint/suspicious/noExplicitAny: see migratorFor
export async function mustBeMigrated(db: Kysely<any>): Promise<void> {
  if (await isNewer(db)) return;
  const pending = (await migrationStatus(db)).filter(({ executedAt }) => executedAt === undefined);
  if (pending.length === 0) return;
  throw new UserError(
    `The database's schema is older than this program: ${pending.map(({ name }) => name).join(', ')} ${pending.length === 1 ? 'was' : 'were'} not run yet, and MIGRATE=off keeps this process from doing so.`,
    { code: 'migration', hint: 'Run "broadsheet db migrate" first, as whoever may change the schema.' },
  );
}

/**
 * Whether a newer program has brought the schema further than this one knows.
 * @throws UserError if this program does not work with it
 */
// biome-ignore lint/suspicious/noExplicitAny: see migratorFor
async function isNewer(db: Kysely<any>): Promise<boolean> {
  const status = await migrationStatus(db);
  const newer = status.filter(({ isKnown }) => !isKnown);
  if (newer.length === 0) return false;
  const { rows } = await sql<{ value: Contract }>`
    select value from settings where name = ${needsSetting}`.execute(db);
  const { needs, because } = rows[0]?.value ?? {};
  const missing =
    needs !== undefined && status.some(({ name, isKnown }) => name === needs && !isKnown)
      ? `it needs ${needs} (${because})`
      : undefined;
  const pending = status.find(({ executedAt }) => executedAt === undefined);
  const wrong = missing ?? (pending && `${pending.name} of this program was not run there`);
  if (!wrong) return true;
  throw new UserError(
    `This program is too old for its database, whose schema a newer Broadsheet has changed (up to ${newer.at(-1)?.name}): ${wrong}.`,
    { code: 'too-old', hint: 'Install the version of Broadsheet that the other processes run.' },
  );
}

// biome-ignore lint/suspicious/noExplicitAny: see migratorFor
async function executedMigrations(db: Kysely<any>): Promise<Map<string, Date>> {
  const { rows: tables } = await sql<{ there: boolean }>`
    select to_regclass('kysely_migration') is not null as there`.execute(db);
  if (!tables[0]?.there) return new Map();
  const { rows } = await sql<{ name: string; timestamp: string }>`
    select name, timestamp from kysely_migration`.execute(db);
  return new Map(rows.map(({ name, timestamp }) => [name, new Date(timestamp)]));
}
