import { createWriteStream, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { to as copyTo } from 'pg-copy-streams';
import { runCommand } from './cli-process.ts';
import { type BenchContext, withOwnDatabase } from './database.ts';
import { seedAudience } from './edition.ts';
import { byTurns, type Measurement, type MeasureOptions, rounded, secondsOf } from './measure.ts';

// What `subscribers export --list` writes if no columns are named, with arrays as Postgres writes them.
const sameColumns = `
  select s.email, s.name, s.language, s.time_zone, u.frequency, array_to_string(u.topics, ', '),
    array_to_string(s.tags, ', '), u.state, nullif(s.fields, '{}')
  from subscribers s join subscriptions u on u.subscriber_id = s.id and u.list_id = (select id from lists)
  order by s.id`;

/**
 * A list's subscribers written to a file by `broadsheet subscribers export` (the start of the process is part of it), plain
 * and by gzip, against COPY of the same columns in the same order into a file.
 */
export async function measureExport({
  rows = 200_000,
  rounds = 3,
  say,
}: MeasureOptions): Promise<Measurement> {
  const file = join(tmpdir(), `broadsheet-bench-${process.pid}-export.csv`);
  try {
    return await withOwnDatabase(async (context) => {
      await seedAudience(context, rows);
      const most = { plain: 0, gzip: 0 };
      const ours = (how: keyof typeof most) => async () => {
        const asked = ['--list', 'readers', ...(how === 'gzip' ? ['--gzip'] : []), '--json'];
        const run = await runCommand(context, 'subscribers', 'export', file, ...asked);
        const written = (JSON.parse(run.out) as { rows: number }).rows;
        if (written !== rows) throw new Error(`${written} of ${rows} rows were written.`);
        most[how] = Math.max(most[how], run.megabytes);
        say(`ours, ${how}: ${toldOf(rows, run.seconds, file)}, at most ${run.megabytes} MB`);
        return rows / run.seconds;
      };
      const reference = (how: keyof typeof most) => async () => {
        const seconds = await secondsOf(() => copied(context, file, how === 'gzip'));
        say(`COPY, ${how}: ${toldOf(rows, seconds, file)}`);
        return rows / seconds;
      };
      const [plain = 0, gzip = 0, copy = 0, copyGzip = 0] = await byTurns(
        rounds,
        ours('plain'),
        ours('gzip'),
        reference('plain'),
        reference('gzip'),
      );
      return {
        name: 'export',
        ours: rounded(plain),
        oursUnit: 'rows a second, as an import reads them and no spreadsheet takes for a formula',
        reference: rounded(copy),
        referenceUnit: 'rows a second, COPY of the same columns into a file',
        ratio: rounded(plain / copy),
        gzip: rounded(gzip),
        referenceGzip: rounded(copyGzip),
        ratioGzip: rounded(gzip / copyGzip),
        residentMegabytes: most.plain,
        residentMegabytesGzip: most.gzip,
        rows,
        rounds,
      };
    });
  } finally {
    await rm(file, { force: true });
  }
}

const toldOf = (rows: number, seconds: number, file: string) =>
  `${Math.round(rows / seconds)} rows a second, a file of ${Math.round(statSync(file).size / 1e6)} MB`;

async function copied(context: BenchContext, file: string, gzip: boolean): Promise<void> {
  const client = await context.database.pool.connect();
  try {
    const rows = client.query(copyTo(`copy (${sameColumns}) to stdout with (format csv, header true)`));
    const target = createWriteStream(file);
    await (gzip ? pipeline(rows, createGzip({ level: 6 }), target) : pipeline(rows, target));
  } finally {
    client.release();
  }
}
