// `npm run soak -- [--minutes M] [--readers N] [--seed S] [--record FOLDER] [--json]`: runs the whole program on this machine for so long, with
// sources that publish, newsletters that fire each minute, readers who come, click, bounce and go, and workers that are killed, and
// holds its promises against what the readers saw. Ends with 1 if one was broken.
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { messageOf } from '../../src/errors.ts';
import { stopWhenAsked, wholeNumber } from '../long-run.ts';
import { buildProgram } from './build.ts';
import { isGrowing, type SoakResult, soak } from './soak.ts';

try {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string' },
      readers: { type: 'string' },
      seed: { type: 'string' },
      record: { type: 'string' },
      json: { type: 'boolean' },
    },
  });
  const seed = wholeNumber('--seed', values.seed) ?? Math.floor(Math.random() * 1_000_000) + 1;
  const stopping = stopWhenAsked();
  const program = buildProgram();
  try {
    const result = await soak({
      minutes: wholeNumber('--minutes', values.minutes) ?? 30,
      readers: wholeNumber('--readers', values.readers) ?? 200,
      seed,
      record: values.record,
      main: program.main,
      stopping,
      tell: (line) => {
        if (!values.json) console.log(line);
      },
    });
    console.log(values.json ? JSON.stringify({ seed, ...result }) : `\n${summaryOf(seed, result)}`);
    if (result.violations.length > 0) process.exitCode = 1;
  } finally {
    program.remove();
  }
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = error instanceof TypeError ? 2 : 1;
}

function summaryOf(seed: number, result: SoakResult): string {
  const deeds = Object.entries(result.deeds).map(([deed, count]) => `${deed} ${count}`);
  const warnings = result.logged.map(({ level, message, count }) => `  ${level} ${count} × ${message}`);
  return [
    `${result.minutes.toFixed(1)} minutes on ${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), ${Math.round(totalmem() / 1e9)} GB, seed ${seed}:`,
    `${result.stories} stories, ${result.editions} editions, ${result.messages} messages, ${result.letters} letters; ${result.kills} workers killed, ${result.stops} stopped (${result.slowStops} with something still out)`,
    `readers: ${deeds.join(', ')}`,
    `${result.uncertain} uncertain, ${result.doubted} sent again in doubt, ${result.twice} with two, ${result.lost} lost, ${result.missed} minutes missed, ${result.skipped} editions skipped for want of new stories; an edition was sent ${Math.round(result.lateness.median)} s after its minute (median; ${Math.round(result.lateness.longest)} s at most); the database has ${result.databaseMegabytes} MB`,
    '',
    'Lines over time, after warming up (slope ± its standard error):',
    ...result.series.map(
      (series) =>
        `  ${series.name}: ${series.line.mean.toFixed(1)} ${series.unit} over ${Math.round(series.line.hours * 60)} min, ${series.line.slope.toFixed(1)} ± ${series.line.error.toFixed(1)} an hour${isGrowing(series) ? ' GROWS' : ''}`,
    ),
    ...(warnings.length > 0 ? ['', 'Logged as warnings (40) and errors (50):', ...warnings] : []),
    ...result.notLooked.map((each) => `Not looked at: ${each}`),
    '',
    ...(result.violations.length > 0
      ? ['Promises were broken:', ...result.violations.map((each) => `  ${each}`)]
      : ['No promise was broken.']),
  ].join('\n');
}
