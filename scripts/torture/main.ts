// `npm run torture -- [--runs N] [--seed S] [--minutes M] [--readers N] [--at-once N] [--json]`: sends editions while
// workers, databases and mail servers are killed, and checks that nobody is lost, and nobody gets two unless that is
// reported. A run is drawn from its seed; `--runs 1 --seed S` does that one again. Ends with 1 if a promise was broken.
import { parseArgs } from 'node:util';
import { messageOf } from '../../src/errors.ts';
import { stopWhenAsked, wholeNumber } from '../long-run.ts';
import type { RunResult } from './run.ts';
import { type KindSummary, summaryOf, torture } from './torture.ts';

process.env.NODE_ENV = 'production';

try {
  const { values } = parseArgs({
    options: {
      runs: { type: 'string' },
      seed: { type: 'string' },
      minutes: { type: 'string' },
      readers: { type: 'string' },
      'at-once': { type: 'string' },
      json: { type: 'boolean' },
    },
  });
  const seed = wholeNumber('--seed', values.seed) ?? Math.floor(Math.random() * 1_000_000) + 1;
  const started = performance.now();
  const stopping = stopWhenAsked();
  const { results, skipped } = await torture({
    runs: wholeNumber('--runs', values.runs) ?? 50,
    seed,
    minutes: wholeNumber('--minutes', values.minutes),
    atOnce: wholeNumber('--at-once', values['at-once']) ?? 2,
    mostReaders: wholeNumber('--readers', values.readers) ?? 700,
    stopping,
    onRun: (result) => {
      if (!values.json) console.log(lineOf(result));
    },
  });
  const seconds = (performance.now() - started) / 1000;
  const summary = summaryOf(results);
  const broken = results.filter(({ violations }) => violations.length > 0);
  if (values.json) console.log(JSON.stringify({ seed, seconds, skipped, summary, results }));
  else {
    console.log(`\n${tableOf(summary)}`);
    for (const each of skipped) console.log(each);
    const stalls = results.reduce((sum, result) => sum + result.stalls, 0);
    const looks = results.reduce((sum, result) => sum + result.looks, 0);
    console.log(
      `\n${results.length} runs in ${Math.round(seconds)} s, seeds ${results[0]?.plan.seed} to ${results.at(-1)?.plan.seed}; the report was read ${looks} times; ${stalls} workers were too slow for their lease.`,
    );
    console.log(
      broken.length === 0
        ? 'No promise was broken.'
        : `Promises were broken with the seeds ${broken.map(({ plan }) => plan.seed).join(', ')}.`,
    );
  }
  if (broken.length > 0 || results.length === 0) process.exitCode = 1;
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = error instanceof TypeError ? 2 : 1;
}

function lineOf({ plan, violations, ...result }: RunResult): string {
  const faults = plan.faults.map(({ kind }) => kind).join(', ');
  const line = `seed ${plan.seed}: ${plan.readers} readers, ${plan.workers}×${plan.connections} connections, ${plan.onUncertain}; ${faults}: ${result.messages} messages, ${result.doubts} in doubt, ${result.twice} twice, ${result.lost} lost, ${result.seconds.toFixed(1)} s`;
  return [line, ...violations.map((each) => `  BROKEN: ${each}`)].join('\n');
}

function tableOf(summary: KindSummary[]): string {
  const rows = [
    [
      'fault',
      'runs',
      'killed',
      'db killed',
      'messages',
      'uncertain',
      'in doubt',
      'twice',
      'lost',
      'broken',
      'longest recovery',
    ],
    ...summary.map((each) => [
      each.kind,
      ...[
        each.runs,
        each.kills,
        each.databaseKills,
        each.messages,
        each.uncertain,
        each.doubts,
        each.twice,
        each.lost,
        each.violations,
      ].map(String),
      `${each.longestRecoverySeconds.toFixed(1)} s`,
    ]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
        .join('  '),
    )
    .join('\n');
}
