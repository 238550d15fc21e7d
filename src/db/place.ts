import { existsSync, readFileSync, statSync } from 'node:fs';
import { sql } from 'kysely';
import type { Context } from '../context.ts';

/** Where an installation runs, by what a copy of its data does not have in common with it. Null: it cannot be known here. */
export interface Place {
  /** What a Postgres server drew when it was initialised; a dump that is restored elsewhere has another. */
  server: string | null;
  /** The database's number on that server; one that was restored or cloned beside has another. */
  database: number;
  /** The data folder's number on its disk, of an embedded server; a copied folder has another. */
  folder: string | null;
  /** The machine's id, of an embedded server outside containers; a disk in another machine has another. */
  machine: string | null;
  /** INSTALLATION_NAME. */
  name: string | null;
}

/** What the parts are called to people. */
const partNames: Record<keyof Place, string> = {
  server: 'the Postgres server',
  database: 'the database',
  folder: 'the data folder',
  machine: 'the machine',
  name: 'INSTALLATION_NAME',
};

/** Where this process runs. */
export async function placeOf({ db, config }: Pick<Context, 'db' | 'config'>): Promise<Place> {
  const { rows } = await sql<{ database: number; folder: string | null }>`
    select oid::bigint as database, current_setting('data_directory', true) as folder
    from pg_database where datname = current_database()`
    .execute(db)
    // Who may not read the data folder's name is told so by an error.
    .catch(() =>
      sql<{ database: number; folder: null }>`
      select oid::bigint as database, null as folder from pg_database where datname = current_database()`.execute(
        db,
      ),
    );
  // Some managed servers keep it to themselves.
  const server = await sql<{ id: string }>`select system_identifier::text as id from pg_control_system()`
    .execute(db)
    .then(
      (result) => result.rows[0]?.id ?? null,
      () => null,
    );
  const isEmbedded = config.databaseUrl === undefined;
  return {
    server,
    database: rows[0]?.database ?? 0,
    folder: isEmbedded && rows[0]?.folder ? folderNumber(rows[0].folder) : null,
    machine: isEmbedded ? machineId() : null,
    name: config.installationName ?? null,
  };
}

/**
 * How two places differ, in words; empty: they are the same as far as both are known. A name counts once it was given: where it
 * was and is not now, that is another place; where it was not, it says nothing.
 */
export function differences(before: Place, now: Place): string[] {
  return (Object.keys(partNames) as (keyof Place)[])
    .filter((part) => {
      const [one, other] = [before[part], now[part]];
      if (part === 'name') return one !== null && one !== other;
      return one !== null && other !== null && one !== other;
    })
    .map((part) => partNames[part]);
}

function folderNumber(folder: string): string | null {
  try {
    return String(statSync(folder, { bigint: true }).ino);
  } catch {
    return null;
  }
}

/** Undefined in containers, where it is the image's or new each time. */
function machineId(): string | null {
  const containers = ['/.dockerenv', '/run/.containerenv', '/var/run/secrets/kubernetes.io'];
  if (containers.some((path) => existsSync(path))) return null;
  try {
    return readFileSync('/etc/machine-id', 'utf8').trim() || null;
  } catch {
    return null;
  }
}
