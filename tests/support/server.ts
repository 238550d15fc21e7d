// Vitest's global set-up: one embedded Postgres for the whole run, a migrated template that each test clones, and a place for
// temporary folders.
import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PgBoss } from 'pg-boss';
import type { TestProject } from 'vitest/node';
import { connectTo, type Database } from '../../src/db/connect.ts';
import { joinEmbedded } from '../../src/db/embedded/join.ts';
import { migrate } from '../../src/db/migrate.ts';
import { packageRoot } from '../../src/package-root.ts';

declare module 'vitest' {
  interface ProvidedContext {
    socketFolder: string;
    template: string;
    /** What the databases of this run are called, before what tells them apart. */
    databases: string;
    temporaryFolders: string;
  }
}

const roomNeeded = 2 * 2 ** 30;

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const home = homeOfServer();
  mkdirSync(home, { recursive: true });
  // Tests lose nothing that matters when the machine goes down.
  const lease = await joinEmbedded(home, { fsync: 'off', full_page_writes: 'off', max_connections: '400' });
  const admin = connectTo({ host: lease.socketFolder, user: 'broadsheet', database: 'postgres' });
  const temporaryFolders = mkdtempSync(join(tmpdir(), 'broadsheet-tests-'));
  const databases = `test_${process.pid}`;
  await dropOf(admin, (pid) => !isAlive(pid));
  project.provide('socketFolder', lease.socketFolder);
  project.provide('template', await template(admin, lease.socketFolder));
  project.provide('databases', databases);
  project.provide('temporaryFolders', temporaryFolders);
  return async () => {
    await dropOf(admin, (pid) => pid === process.pid);
    await admin.close();
    await lease.release();
    rmSync(temporaryFolders, { recursive: true, force: true, maxRetries: 3 });
  };
}

/** In memory where the system has a place for that (a clone is hundreds of new files), else beside the packages. */
function homeOfServer(): string {
  const inMemory = '/dev/shm';
  try {
    accessSync(inMemory, constants.W_OK);
    const { bavail, bsize } = statfsSync(inMemory);
    const checkout = createHash('sha256')
      .update(`${process.getuid?.()} ${packageRoot}`)
      .digest('hex')
      .slice(0, 12);
    if (bavail * bsize > roomNeeded) return join(inMemory, `broadsheet-tests-${checkout}`);
  } catch {
    // No such place, or none for us.
  }
  return join(packageRoot, 'node_modules/.cache/broadsheet-tests');
}

/** The migrated database that tests clone. It is kept for the next run, for as long as no migration changes. */
async function template(admin: Database, host: string): Promise<string> {
  const hash = createHash('sha256');
  const migrations = join(packageRoot, 'migrations');
  for (const file of readdirSync(migrations).sort())
    hash.update(file).update(readFileSync(join(migrations, file)));
  // What moves the schema that a file only names, and the job queue's own tables.
  for (const file of ['src/db/migrate.ts', 'node_modules/pg-boss/package.json'])
    hash.update(readFileSync(join(packageRoot, file)));
  const name = `template_${hash.digest('hex').slice(0, 16)}`;
  const making = await admin.pool.connect();
  try {
    await making.query(`select pg_advisory_lock(hashtext('template'))`);
    const { rows } = await making.query<{ datname: string }>(
      `select datname from pg_database where datname ~ '^template_[0-9a-f]+$' order by oid desc`,
    );
    if (rows.some(({ datname }) => datname === name)) return name;
    // Another run may use the newest of the others.
    for (const { datname } of rows.slice(2))
      await making.query(`drop database if exists "${datname}" with (force)`);
    const unfinished = `unfinished_${name}`;
    await making.query(`drop database if exists "${unfinished}" with (force)`);
    await making.query(`create database "${unfinished}"`);
    const fresh = connectTo({ host, user: 'broadsheet', database: unfinished });
    await migrate(fresh.db);
    // The job queue's own tables too: making them takes longer than cloning everything.
    const boss = new PgBoss({ host, user: 'broadsheet', database: unfinished, schedule: false });
    await boss.start();
    await boss.stop({ graceful: false });
    await fresh.close();
    await making.query(`alter database "${unfinished}" rename to "${name}"`);
    return name;
  } finally {
    await making.query(`select pg_advisory_unlock(hashtext('template'))`);
    making.release();
  }
}

/** Drops databases by their run: what a killed run left goes, what another run uses now stays. */
async function dropOf(admin: Database, run: (pid: number) => boolean): Promise<void> {
  const { rows } = await admin.pool.query<{ datname: string; pid: number }>(
    `select datname, substring(datname from '^test_(\\d+)')::integer as pid from pg_database where datname ~ '^test_\\d+'`,
  );
  for (const { datname, pid } of rows)
    if (run(pid)) await admin.pool.query(`drop database if exists "${datname}" with (force)`);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
