import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { ManualClock } from '../../src/clock.ts';
import { type Config, loadConfig } from '../../src/config.ts';
import { connectTo } from '../../src/db/connect.ts';
import { joinEmbedded } from '../../src/db/embedded/join.ts';
import { migrate } from '../../src/db/migrate.ts';
import { createLog } from '../../src/log.ts';
import { findImport } from '../../src/subscribers/import/record.ts';
import { importSubscribers } from '../../src/subscribers/import.ts';
import { createList } from '../../src/subscribers/lists.ts';
import type { TestContext } from '../support/context.ts';
import { bytesOf } from '../support/imports.ts';

/** A context over a Postgres of its own, which may be killed. */
async function contextOfItsOwn(): Promise<TestContext> {
  const home = mkdtempSync(join(tmpdir(), 'broadsheet-crash-'));
  // As root the server runs under another account, which has to get in here.
  chmodSync(home, 0o755);
  const lease = await joinEmbedded(home, { shared_buffers: '16MB', wal_writer_delay: '10s' });
  const database = connectTo(
    { host: lease.socketFolder, port: 5432, user: 'broadsheet', database: 'broadsheet' },
    4,
    lease,
  );
  onTestFinished(async () => {
    await database.close();
    rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  });
  await migrate(database.db);
  const config: Config = loadConfig({ BROADSHEET_SECRET: 'a-secret-for-tests-that-is-long-enough' }, home);
  const clock = new ManualClock('2026-11-24T08:00:00Z');
  return { config, database, db: database.db, clock, log: createLog('silent'), environment: {} };
}

test('batches that a killed Postgres had not written to the disk are stored by the import that goes on', async () => {
  const context = await contextOfItsOwn();
  await createList(context, { name: 'Weekly' });
  const people = 4_000;
  const file = `email,name\n${Array.from({ length: people }, (_, row) => `p${row}@example.com,Person ${row}\n`).join('')}`;
  const { rows: folder } = await sql<{ at: string }>`select setting as at from pg_settings
    where name = 'data_directory'`.execute(context.db);
  const postmaster = Number(
    readFileSync(join(folder[0]?.at as string, 'postmaster.pid'), 'utf8').split('\n')[0],
  );
  let storedBefore = 0;
  const pieces = async function* () {
    for await (const piece of bytesOf(file, 4_000)) {
      storedBefore = (await findImport(context, 1).catch(() => ({ rows: 0 }))).rows;
      if (storedBefore >= people / 2) process.kill(postmaster, 'SIGKILL');
      yield piece;
      if (storedBefore >= people / 2) return;
    }
  };
  const options = { list: 'weekly', consent: 'At the fair', rowsAtOnce: 100 };
  await expect(importSubscribers(context, pieces(), options)).rejects.toMatchObject({ code: 'import' });
  expect(storedBefore).toBeGreaterThanOrEqual(people / 2);

  let kept = -1;
  for (let tries = 0; kept < 0; tries++) {
    try {
      kept = (await findImport(context, 1)).rows;
    } catch (error) {
      if (tries > 200) throw error;
      await sleep(50);
    }
  }
  // Most of the time less than there was: the last commits had not been written. Whatever is there, the rest is stored now.
  expect(kept).toBeLessThan(people);
  const result = await importSubscribers(context, bytesOf(file), { resume: 1 });
  expect(result).toMatchObject({ rows: people, added: people, unchanged: 0 });
  const { rows } = await sql<{ people: number; on: number; log: number }>`select
    (select count(*)::int from subscribers) as people, (select count(*)::int from subscriptions) as on,
    (select count(*)::int from consent_log) as log`.execute(context.db);
  expect(rows).toEqual([{ people, on: people, log: people }]);
});
