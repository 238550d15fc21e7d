import { fork } from 'node:child_process';
import { join } from 'node:path';
import { sql } from 'kysely';
import { type BenchContext, withOwnDatabase } from './database.ts';
import { type Measurement, type MeasureOptions, rounded } from './measure.ts';
import type { SelectionRequest, SelectionResult } from './selection-round.ts';
import { seedWindow } from './story-window.ts';

const until = Date.UTC(2026, 10, 24, 8);

/**
 * An edition chosen from a window of stories, by a process that has held them before (warm) and by one that has just
 * begun (cold), against Postgres reading the same stories' columns without their texts.
 */
export async function measureChoose({
  rows = 100_000,
  rounds = 9,
  say,
}: MeasureOptions): Promise<Measurement> {
  return withOwnDatabase(async (context) => {
    await seedWindow(context, rows, until);
    say(`${rows} stories in the window`);
    const result = await runRound(context, 'choose', rounds);
    const { coldSeconds, warmSeconds, slowestSeconds, referenceSeconds, megabytes, found } = result;
    say(`cold ${rounded(coldSeconds)} s, then ${rounded(warmSeconds)} s, at most ${megabytes} MB`);
    return {
      name: 'choose',
      ours: rounded(warmSeconds),
      oursUnit: 'seconds an edition',
      reference: rounded(referenceSeconds),
      referenceUnit: 'seconds to read the window’s columns',
      ratio: rounded(referenceSeconds / warmSeconds),
      stories: rows,
      coldSeconds: rounded(coldSeconds),
      slowestSeconds: rounded(slowestSeconds),
      residentMegabytes: megabytes,
      chosen: found,
    };
  });
}

/** What is related to one story of many, against a full-text search of Postgres (GIN, ts_rank) for its title. */
export async function measureRelated({
  rows = 100_000,
  rounds = 60,
  say,
}: MeasureOptions): Promise<Measurement> {
  return withOwnDatabase(async (context) => {
    await seedWindow(context, rows, until);
    await sql`
      create table searched as
      select id, to_tsvector('english', title || ' ' || dek || ' ' || body_text) as words from stories`.execute(
      context.db,
    );
    await sql`create unique index on searched (id)`.execute(context.db);
    await sql`create index on searched using gin (words)`.execute(context.db);
    await sql`vacuum analyze searched`.execute(context.db);
    say(`${rows} stories`);
    const result = await runRound(context, 'related', rounds);
    const { coldSeconds, warmSeconds, slowestSeconds, referenceSeconds, megabytes } = result;
    return {
      name: 'related',
      ours: rounded(warmSeconds * 1000),
      oursUnit: 'ms a story',
      reference: rounded(referenceSeconds * 1000),
      referenceUnit: 'ms a full-text search',
      ratio: rounded(referenceSeconds / warmSeconds),
      stories: rows,
      slowestMs: rounded(slowestSeconds * 1000),
      coldSeconds: rounded(coldSeconds),
      residentMegabytes: megabytes,
    };
  });
}

async function runRound(
  context: BenchContext,
  what: SelectionRequest['what'],
  times: number,
): Promise<SelectionResult> {
  const child = fork(join(import.meta.dirname, 'selection-round.ts'), [], {
    // As `npm run broadsheet` has it: where much is held for long, a larger new space is filled with what is long dead.
    execArgv: ['--max-semi-space-size=8', '--import', 'tsx'],
    env: { PATH: process.env.PATH, NODE_ENV: 'production' },
  });
  const result = new Promise<SelectionResult>((resolve, reject) => {
    child.once('message', (message) => resolve(message as SelectionResult));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`The measurement ended with ${code} before it was done.`)));
  });
  const socketFolder = context.database.connection.host ?? '';
  const request: SelectionRequest = { what, socketFolder, home: context.config.home, until, times };
  child.send(request);
  return result;
}
