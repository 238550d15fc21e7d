import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../src/clock.ts';
import { type Config, loadConfig } from '../src/config.ts';
import type { Context } from '../src/context.ts';
import { connectTo, type Database } from '../src/db/connect.ts';
import { joinEmbedded } from '../src/db/embedded/join.ts';
import { migrate } from '../src/db/migrate.ts';
import { createLog } from '../src/log.ts';

/** A context over a database that is there for one measurement. */
export interface BenchContext extends Context {
  database: Database;
}

/**
 * Runs a measurement over an embedded Postgres of its own, with the settings it has in production (fsync on), in a
 * folder that is removed afterwards.
 */
export async function withOwnDatabase<T>(measure: (context: BenchContext) => Promise<T>): Promise<T> {
  const home = mkdtempSync(join(tmpdir(), 'broadsheet-bench-'));
  // Run by root, the server is another user, who must reach its folder.
  chmodSync(home, 0o755);
  try {
    const lease = await joinEmbedded(home);
    const database = connectTo(
      { host: lease.socketFolder, port: 5432, user: 'broadsheet', database: 'broadsheet' },
      10,
      lease,
    );
    try {
      await migrate(database.db);
      return await measure(contextOver(database, home));
    } finally {
      await database.close();
    }
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A context over an open database, with a quiet log and the default settings. */
export function contextOver(database: Database, home: string, settings: Partial<Config> = {}): BenchContext {
  const config = {
    ...loadConfig({ BROADSHEET_SECRET: 'a-secret-for-benchmarks-that-is-long-enough', IMAGES: 'link' }, home),
    publicUrl: 'https://news.example.com',
    returnPath: 'bounces@news.example.com',
    ...settings,
  };
  return { config, database, db: database.db, clock: systemClock, log: createLog('silent') };
}

/** Memory of this process while something ran, in megabytes: the most it held, and how much more than before. */
export async function memoryOf(action: () => Promise<unknown>): Promise<{ peak: number; growth: number }> {
  const before = process.memoryUsage.rss();
  let peak = before;
  const look = () => {
    peak = Math.max(peak, process.memoryUsage.rss());
  };
  const timer = setInterval(look, 20);
  try {
    await action();
  } finally {
    clearInterval(timer);
  }
  look();
  return { peak: Math.round(peak / 1_000_000), growth: Math.round((peak - before) / 1_000_000) };
}
