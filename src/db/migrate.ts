import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Kysely } from 'kysely';
import { type Migration, type MigrationProvider, Migrator } from 'kysely/migration';
import { UserError } from '../errors.ts';

const folder = join(import.meta.dirname, '../../migrations');

/** What Postgres says to who lacks a right. */
const notAllowed = '42501';

const provider: MigrationProvider = {
  async getMigrations() {
    const migrations: Record<string, Migration> = {};
    for (const file of await readdir(folder)) {
      const match = /^(\d{4}_[a-z0-9_]+)\.(?:ts|js)$/.exec(file);
      if (match?.[1]) migrations[match[1]] = await import(pathToFileURL(join(folder, file)).href);
    }
    return migrations;
  },
};

/** One migration's standing. `executedAt` is undefined while it is still to be run. */
export interface MigrationStatus {
  name: string;
  executedAt: Date | undefined;
}

// Kysely's migrator takes pg_advisory_xact_lock for the whole run, so processes that start together take turns
// and the later ones find nothing left to do.
// biome-ignore lint/suspicious/noExplicitAny: Kysely's own type for "whatever the schema is at that point"
const migratorFor = (db: Kysely<any>) => new Migrator({ db, provider });

/**
 * Brings the schema up to date.
 * @returns the names of the migrations that were run now, none if the schema was current
 * @throws UserError naming the migration that failed; nothing of it is kept
 */
// biome-ignore lint/suspicious/noExplicitAny: see migratorFor
export async function migrate(db: Kysely<any>): Promise<string[]> {
  const { error, results = [] } = await migratorFor(db).migrateToLatest();
  if (error) {
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

/** Every migration, oldest first, with when it was run. */
// biome-ignore lint/suspicious/noExplicitAny: see migratorFor
export async function migrationStatus(db: Kysely<any>): Promise<MigrationStatus[]> {
  const migrations = await migratorFor(db).getMigrations();
  return migrations.map(({ name, executedAt }) => ({ name, executedAt }));
}
