import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { ImportResult } from '../src/subscribers/import.ts';
import { createList } from '../src/subscribers/lists.ts';
import { runCommand } from './cli-process.ts';
import { type BenchContext, withOwnDatabase } from './database.ts';
import { byTurns, type Measurement, type MeasureOptions, rounded, secondsOf } from './measure.ts';

/**
 * A CSV file of new subscribers taken into a list by `broadsheet subscribers import` (each row parsed and checked, consent
 * logged, suppressions looked up; the start of the process is part of it), against COPY of the same file into a temporary table and one upsert from it into a table of the same shape.
 */
export async function measureImport({
  rows = 200_000,
  rounds = 3,
  say,
}: MeasureOptions): Promise<Measurement> {
  return withFile(rows, (file) =>
    withOwnDatabase((context) => measureOver(context, file, rows, rounds, say)),
  );
}

/** Does something with a CSV file of so many people, which is removed afterwards. */
export async function withFile<T>(rows: number, work: (file: string) => Promise<T>): Promise<T> {
  const file = join(tmpdir(), `broadsheet-bench-${process.pid}.csv`);
  try {
    await pipeline(Readable.from(lines(rows)), createWriteStream(file));
    return await work(file);
  } finally {
    await rm(file, { force: true });
  }
}

/** Takes a file into the list "readers" by the command. @throws Error if not each of its rows was added */
export async function importFile(context: BenchContext, file: string, rows: number, list = 'readers') {
  const asked = ['--list', list, '--consent', 'Invented for a benchmark', '--json'];
  const run = await runCommand(context, 'subscribers', 'import', file, ...asked);
  const { added, bad } = JSON.parse(run.out) as ImportResult;
  if (added !== rows) throw new Error(`${added} of ${rows} were added; the first bad: ${bad[0]?.reason}`);
  return run;
}

async function measureOver(
  context: BenchContext,
  file: string,
  rows: number,
  rounds: number,
  say: MeasureOptions['say'],
): Promise<Measurement> {
  const { pool } = context.database;
  await pool.query('create table reference_subscribers (like subscribers including all)');
  await createList(context, { slug: 'readers', name: 'Readers' });
  let megabytes = 0;
  const ours = async () => {
    // The consent log refuses to be emptied, as it should.
    await pool.query('alter table consent_log disable trigger user');
    await pool.query('truncate subscribers, subscriptions, consent_log, imports cascade');
    await pool.query('alter table consent_log enable trigger user');
    const run = await importFile(context, file, rows);
    const { seconds } = run;
    megabytes = Math.max(megabytes, run.megabytes);
    say(`ours: ${Math.round(rows / seconds)} rows a second, at most ${run.megabytes} MB`);
    return rows / seconds;
  };
  const reference = async () => {
    await pool.query('truncate reference_subscribers');
    const client = await pool.connect();
    try {
      const seconds = await secondsOf(() => copyAndUpsert(client, file));
      say(`COPY and upsert: ${Math.round(rows / seconds)} rows a second`);
      return rows / seconds;
    } finally {
      client.release();
    }
  };
  const [oursRate = 0, referenceRate = 0] = await byTurns(rounds, ours, reference);
  return {
    name: 'import',
    ours: rounded(oursRate),
    oursUnit: 'rows a second, checked, with subscription and consent log',
    reference: rounded(referenceRate),
    referenceUnit: 'rows a second, COPY and one upsert into a table of the same shape, unchecked',
    ratio: rounded(oursRate / referenceRate),
    residentMegabytes: megabytes,
    rows,
    rounds,
  };
}

async function copyAndUpsert(client: PoolClient, file: string): Promise<void> {
  await client.query('begin');
  await client.query(
    'create temporary table incoming (email text, name text, topics text, time_zone text) on commit drop',
  );
  await pipeline(
    createReadStream(file),
    client.query(copyFrom('copy incoming from stdin with (format csv, header true)')),
  );
  await client.query(`
    insert into reference_subscribers (email, email_key, email_hash, name, time_zone)
    overriding system value
    select email, lower(email), sha256(lower(email)::bytea), name, time_zone from incoming
    on conflict (email_key) do update set name = excluded.name, time_zone = excluded.time_zone`);
  await client.query('commit');
}

const zones = ['Europe/Berlin', 'America/New_York', 'Asia/Tokyo', ''];
const topics = ['sea', 'town;sport', 'science', ''];

function* lines(rows: number): Generator<string> {
  yield 'email,name,topics,time zone\n';
  for (let row = 1; row <= rows; row++)
    yield `Reader.${row}@mail${row % 50}.test,"Reader ${row}, of Example Bay",${topics[row % 4]},${zones[row % 4]}\n`;
}
