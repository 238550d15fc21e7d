import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { importSubscribers } from '../src/subscribers/import.ts';
import { createList } from '../src/subscribers/lists.ts';
import { type BenchContext, memoryOf, withOwnDatabase } from './database.ts';
import { byTurns, type Measurement, type MeasureOptions, rounded, secondsOf } from './measure.ts';

/**
 * A CSV file of new subscribers taken into a list (each row parsed and checked, consent logged, suppressions looked up),
 * against COPY of the same file into a temporary table and one upsert from it into a table of the same shape.
 */
export async function measureImport({
  rows = 200_000,
  rounds = 3,
  say,
}: MeasureOptions): Promise<Measurement> {
  const file = join(tmpdir(), `broadsheet-bench-${process.pid}.csv`);
  try {
    await pipeline(Readable.from(lines(rows)), createWriteStream(file));
    return await withOwnDatabase((context) => measureOver(context, file, rows, rounds, say));
  } finally {
    await rm(file, { force: true });
  }
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
  const memory = { peak: 0, growth: 0 };
  const ours = async () => {
    // The consent log refuses to be emptied, as it should.
    await pool.query('alter table consent_log disable trigger user');
    await pool.query('truncate subscribers, subscriptions, consent_log, imports cascade');
    await pool.query('alter table consent_log enable trigger user');
    const seconds = await secondsOf(async () => {
      const used = await memoryOf(async () => {
        const result = await importSubscribers(context, createReadStream(file), {
          list: 'readers',
          consent: 'Invented for a benchmark',
        });
        if (result.added !== rows)
          throw new Error(`${result.added} of ${rows} were added; the first bad: ${result.bad[0]?.reason}`);
      });
      memory.peak = Math.max(memory.peak, used.peak);
      memory.growth = Math.max(memory.growth, used.growth);
    });
    say(`ours: ${Math.round(rows / seconds)} rows a second`);
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
    residentMegabytes: memory.peak,
    residentGrowthMegabytes: memory.growth,
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
