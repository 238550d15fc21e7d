import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject, onTestFinished } from 'vitest';
import { ManualClock } from '../../src/clock.ts';
import { type Config, loadConfig } from '../../src/config.ts';
import type { Context } from '../../src/context.ts';
import { connectTo, type Database } from '../../src/db/connect.ts';
import { createLog } from '../../src/log.ts';
import { temporaryFolder } from './folder.ts';

/** A context over a database of its own, cloned from the migrated template, and a clock that stands still. */
export interface TestContext extends Context {
  clock: ManualClock;
  database: Database;
  /** For a child process: DATABASE_URL and the rest. */
  environment: Record<string, string>;
}

let adminPool: pg.Pool | undefined;

/** Where databases are made: one pool for all the test files of a process. */
function admin(): pg.Pool {
  adminPool ??= new pg.Pool({
    host: inject('socketFolder'),
    user: 'broadsheet',
    database: 'postgres',
    max: 2,
    allowExitOnIdle: true,
  });
  return adminPool;
}

/** @param settings settings that differ from the defaults; private addresses are allowed, as test servers are local */
export async function createTestContext(
  settings: Partial<Config> = {},
  start = '2026-11-24T08:00:00Z',
): Promise<TestContext> {
  const socketFolder = inject('socketFolder');
  const name = `${inject('databases')}_${randomBytes(5).toString('hex')}`;
  await admin().query(`create database ${name} template ${inject('template')} strategy file_copy`);
  const database = connectTo({ host: socketFolder, user: 'broadsheet', database: name }, 8);
  onTestFinished(async () => {
    await database.close();
    // Nobody waits for it: Postgres looks for closed connections every tenth of a second. The end of the run drops the rest.
    void admin()
      .query(`drop database if exists ${name} with (force)`)
      .catch(() => {});
  });
  const home = temporaryFolder();
  const environment = {
    DATABASE_URL: `postgres://broadsheet@${encodeURIComponent(socketFolder)}/${name}`,
    BROADSHEET_HOME: home,
    BROADSHEET_SECRET: 'a-secret-for-tests-that-is-long-enough',
    ALLOW_PRIVATE_NETWORK: 'true',
    // Invented stories' images lie nowhere.
    IMAGES: 'link',
  };
  const config = { ...loadConfig(environment, home), ...settings };
  return {
    config,
    db: database.db,
    database,
    clock: new ManualClock(start),
    log: createLog('silent'),
    environment,
  };
}
