import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createList } from '../src/subscribers/lists.ts';
import { runCommand } from './cli-process.ts';
import { type BenchContext, withOwnDatabase } from './database.ts';
import { seedAudience, seedEdition } from './edition.ts';
import { importFile, withFile } from './import.ts';
import { type Measurement, type MeasureOptions, median, rounded } from './measure.ts';
import { readyRound, type Sink, startSink } from './send-setup.ts';

const connections = 16;
// More than go out in the time.
const recipients = 250_000;
const aloneMs = 6_000;

/** How sending went for a while. */
interface Stretch {
  rate: number;
  longestPauseMs: number;
}

/**
 * One edition that is being sent the whole time, by turns alone, beside an import, and beside an export of all that was
 * imported, each by the command in a process of its own.
 */
export async function measureBesideImport({
  rows = 200_000,
  rounds = 1,
  say,
}: MeasureOptions): Promise<Measurement> {
  return withFile(rows, (file) =>
    withOwnDatabase(async (context) => {
      const sink = await startSink(0, { counts: true });
      try {
        return await measureOver(context, sink, file, { rows, rounds, say });
      } finally {
        sink.stop();
      }
    }),
  );
}

async function measureOver(
  context: BenchContext,
  sink: Sink,
  file: string,
  { rows, rounds, say }: { rows: number; rounds: number; say: MeasureOptions['say'] },
): Promise<Measurement> {
  const newsletterId = await seedAudience(context, recipients);
  for (let round = 1; round <= rounds; round++)
    await createList(context, { slug: `new-${round}`, name: `New ${round}` });
  const worker = await readyRound({
    ...{ who: 'ours', smtpUrl: sink.url, connections, plans: true },
    editionId: await seedEdition(context, newsletterId),
    socketFolder: String(context.database.connection.host),
    home: context.config.home,
  });
  const exported = join(tmpdir(), `broadsheet-bench-${process.pid}-beside.csv`);
  const stretches: Record<'alone' | 'beside import' | 'beside export', Stretch[]> = {
    alone: [],
    'beside import': [],
    'beside export': [],
  };
  const during = async (what: keyof typeof stretches, work: () => Promise<unknown>) => {
    const stretch = await sentDuring(sink, work);
    stretches[what].push(stretch);
    say(`${what}: ${Math.round(stretch.rate)} messages a second, longest pause ${stretch.longestPauseMs} ms`);
  };
  try {
    worker.send('go');
    while ((await takenBy(sink)).taken === 0) await sleep(100);
    await sleep(1_000);
    for (let round = 1; round <= rounds; round++) {
      await during('alone', () => sleep(aloneMs));
      await during('beside import', () => importFile(context, file, rows, `new-${round}`));
      await during('alone', () => sleep(aloneMs));
      await during('beside export', () =>
        runCommand(context, 'subscribers', 'export', exported, '--list', `new-${round}`),
      );
    }
    await during('alone', () => sleep(aloneMs));
  } finally {
    worker.kill();
    await rm(exported, { force: true });
  }
  const rate = (what: keyof typeof stretches) => median(stretches[what].map((each) => each.rate));
  const pause = (what: keyof typeof stretches) =>
    Math.max(...stretches[what].map((each) => each.longestPauseMs));
  return {
    name: 'beside-import',
    ours: rounded(rate('beside import')),
    oursUnit: `messages a second beside an import of ${rows} rows`,
    reference: rounded(rate('alone')),
    referenceUnit: 'messages a second, alone',
    ratio: rounded(rate('beside import') / rate('alone')),
    besideExport: rounded(rate('beside export')),
    ratioBesideExport: rounded(rate('beside export') / rate('alone')),
    longestPauseMs: {
      alone: pause('alone'),
      besideImport: pause('beside import'),
      besideExport: pause('beside export'),
    },
    verdict: `beside an import at ${rounded(rate('beside import') / rate('alone'))} of its own speed, longest pause ${pause('beside import')} ms (alone ${pause('alone')}); beside an export at ${rounded(rate('beside export') / rate('alone'))}, ${pause('beside export')} ms`,
    rows,
    rounds,
  };
}

async function sentDuring(sink: Sink, work: () => Promise<unknown>): Promise<Stretch> {
  await takenBy(sink);
  const started = performance.now();
  await work();
  const seconds = (performance.now() - started) / 1000;
  const { taken, longestPauseMs } = await takenBy(sink);
  return { rate: taken / seconds, longestPauseMs };
}

async function takenBy(sink: Sink): Promise<{ taken: number; longestPauseMs: number }> {
  if (!sink.taken) throw new Error('This sink does not count.');
  return sink.taken();
}
