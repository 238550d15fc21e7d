// Vitest's global set-up: one embedded Postgres for the whole run, a migrated template that each test clones, and a place for temporary folders.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PgBoss } from 'pg-boss';
import type { TestProject } from 'vitest/node';
import { connectTo } from '../../src/db/connect.ts';
import { joinEmbedded } from '../../src/db/embedded/join.ts';
import { migrate } from '../../src/db/migrate.ts';
import { packageRoot } from '../../src/package-root.ts';

declare module 'vitest' {
  interface ProvidedContext {
    socketFolder: string;
    template: string;
    temporaryFolders: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const home = join(packageRoot, 'node_modules/.cache/broadsheet-tests');
  mkdirSync(home, { recursive: true });
  // Tests lose nothing that matters when the machine goes down.
  const lease = await joinEmbedded(home, { fsync: 'off', full_page_writes: 'off', max_connections: '400' });
  const admin = connectTo({ host: lease.socketFolder, user: 'broadsheet', database: 'postgres' });
  // Names carry the pid of their run: what a killed run left goes, what another run uses now stays.
  const { rows } = await admin.pool.query<{ datname: string; pid: number }>(
    `select datname, substring(datname from '_(\\d+)')::integer as pid from pg_database
     where datname ~ '^(test|template)_\\d+'`,
  );
  for (const { datname, pid } of rows)
    if (!isAlive(pid)) await admin.pool.query(`drop database if exists "${datname}" with (force)`);

  const template = `template_${process.pid}`;
  await admin.pool.query(`create database ${template}`);
  const fresh = connectTo({ host: lease.socketFolder, user: 'broadsheet', database: template });
  await migrate(fresh.db);
  // The job queue's own tables too: making them takes longer than cloning everything.
  const boss = new PgBoss({
    host: lease.socketFolder,
    user: 'broadsheet',
    database: template,
    schedule: false,
  });
  await boss.start();
  await boss.stop({ graceful: false });
  await fresh.close();
  project.provide('socketFolder', lease.socketFolder);
  project.provide('template', template);
  const temporaryFolders = mkdtempSync(join(tmpdir(), 'broadsheet-tests-'));
  project.provide('temporaryFolders', temporaryFolders);
  return async () => {
    await admin.close();
    await lease.release();
    rmSync(temporaryFolders, { recursive: true, force: true, maxRetries: 3 });
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
