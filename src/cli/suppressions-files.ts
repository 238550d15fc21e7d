import { once } from 'node:events';
import { closeSync, createReadStream, createWriteStream, openSync, writeSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { messageOf, UserError } from '../errors.ts';
import type { SuppressionRow } from '../subscribers/suppression-list.ts';
import { type CommandContext, type Output, withContext } from './command.ts';
import { helpText } from './help.ts';
import { lazily } from './lazily.ts';
import { startProgress } from './progress.ts';
import {
  endOf,
  type FilterOptions,
  filtered,
  filterOf,
  type GivenOptions,
  reasonOption,
} from './suppressions-options.ts';

const { importSuppressions } = lazily(() => import('../subscribers/suppression-import.ts'));

const shownProblems = 10;
/** Some rows could not be used, the others went in. */
const someRowsBad = 3;

/** `broadsheet suppressions import` and `export`. */
export function registerFiles(group: Command): void {
  group
    .command('import')
    .description(
      'suppress the addresses of a file: one a line, or CSV with columns such as email, hash, list, reason',
    )
    .argument('<file>', 'addresses, or SHA-256 hashes of them')
    .option('--list <list>', 'only the mail of this list, where a row names none')
    .addOption(reasonOption('why, where a row does not tell').default('manual'))
    .option('--note <text>', 'for rows without one')
    .option('--expires <time>', 'mail may go again then, where a row does not tell: a date, or 90d')
    .option('--dry-run', 'read and check all of it, and change nothing')
    .option('--report <file>', 'write every row that cannot be used to a file, one JSON object a line')
    .addHelpText(
      'after',
      helpText({
        text: 'Each reason stands by itself, with its own note and end. Exit code 3: some rows were bad.',
        json: '{ rows, added, changed, unchanged, duplicates, badRows, bad: [{ line, reason, row }], dryRun }',
        examples: [
          'suppressions import old-bounces.txt --reason bounce --note "From our last provider"',
          'suppressions import hashes.csv --dry-run',
        ],
      }),
    )
    .action((file: string, options: GivenOptions & { dryRun?: boolean; report?: string }, command: Command) =>
      withContext(command, (context, output) => importFile(context, output, file, options)),
    );

  filtered(
    group.command('export').description('write suppressions as CSV or NDJSON, which import reads again'),
  )
    .argument('[file]', 'standard output if not given, or -')
    .addOption(
      new Option('--format <format>', 'csv or ndjson; by the name of the file, else csv').choices([
        'csv',
        'ndjson',
      ]),
    )
    .option('--hashes', 'leave addresses out: hashes alone, to hand to others')
    .addHelpText(
      'after',
      helpText({
        json: '{ rows, file } when it goes to a file',
        examples: [
          'suppressions export suppressed.csv',
          'suppressions export --format ndjson --hashes > suppressed.ndjson',
        ],
      }),
    )
    .action(
      (
        file: string | undefined,
        options: FilterOptions & { format?: 'csv' | 'ndjson'; hashes?: boolean },
        command: Command,
      ) => withContext(command, (context, output) => exportAll(context, output, file, options)),
    );
}

async function importFile(
  context: CommandContext,
  output: Output,
  file: string,
  options: GivenOptions & { dryRun?: boolean; report?: string },
): Promise<void> {
  const report = options.report === undefined ? undefined : openSync(options.report, 'w');
  const progress = startProgress('rows');
  let result: Awaited<ReturnType<typeof importSuppressions>>;
  try {
    result = await importSuppressions(context, createReadStream(file, { highWaterMark: 256 * 1024 }), {
      list: options.list,
      reason: options.reason,
      note: options.note,
      expiresAt: endOf(options.expires, context.clock.now()),
      dryRun: options.dryRun,
      onProgress: (rows) => progress.update(rows),
      onProblem: (problem) => {
        if (report !== undefined) writeSync(report, `${JSON.stringify(problem)}\n`);
      },
    });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof UserError || (code !== 'ENOENT' && code !== 'EISDIR' && code !== 'EACCES'))
      throw error;
    throw new UserError(`${file} cannot be read: ${messageOf(error)}.`, { code: 'no-file' });
  } finally {
    progress.end();
    if (report !== undefined) closeSync(report);
  }
  if (result.badRows > 0) process.exitCode = someRowsBad;
  const count = (number: number) => number.toLocaleString('en');
  output.text(
    `${count(result.rows)} rows: ${count(result.added)} ${options.dryRun ? 'would be added' : 'added'}, ${count(result.changed)} changed, ` +
      `${count(result.unchanged)} unchanged, ${count(result.duplicates)} duplicates, ${count(result.badRows)} bad.`,
    ...result.bad.slice(0, shownProblems).map(({ line, reason }) => `  line ${line}: ${reason}`),
    ...(result.badRows > shownProblems
      ? [`  and ${count(result.badRows - shownProblems)} more; --report FILE writes them all`]
      : []),
  );
  output.result({ ...result, dryRun: options.dryRun === true });
}

async function exportAll(
  context: CommandContext,
  output: Output,
  given: string | undefined,
  options: FilterOptions & { format?: 'csv' | 'ndjson'; hashes?: boolean },
): Promise<void> {
  const file = given === '-' ? undefined : given;
  const format = options.format ?? (/\.(nd)?jsonl?$/i.test(file ?? '') ? 'ndjson' : 'csv');
  const stream = file === undefined ? process.stdout : createWriteStream(file);
  // Without a listener a full disk would end the process in the middle of a line, and with no word of ours.
  const failed = new Promise<never>((_, reject) => stream.once('error', reject));
  failed.catch(() => {});
  let rows = 0;
  try {
    if (format === 'csv') stream.write('email,hash,list,reason,note,since,expires\n');
    const { allSuppressions } = await import('../subscribers/suppression-list.ts');
    for await (const page of allSuppressions(context, filterOf(options))) {
      const lines = page.map((row) => lineOf(options.hashes ? { ...row, email: null } : row, format));
      rows += page.length;
      if (!stream.write(`${lines.join('\n')}\n`)) await Promise.race([once(stream, 'drain'), failed]);
    }
    if (file !== undefined)
      await Promise.race([new Promise<void>((done) => stream.end(() => done())), failed]);
  } catch (error) {
    if (error instanceof UserError || file === undefined) throw error;
    throw new UserError(`The export to ${file} stopped: ${messageOf(error)}.`, {
      code: 'file',
      cause: error,
    });
  }
  if (file === undefined) return;
  output.text(`${rows.toLocaleString('en')} suppressions are in ${file}.`);
  output.result({ rows, file });
}

function lineOf(row: SuppressionRow, format: 'csv' | 'ndjson'): string {
  if (format === 'ndjson') {
    const { id: _id, until, ...rest } = row;
    return JSON.stringify({ ...rest, expires: until });
  }
  const { email, hash, list, reason, note, since, until } = row;
  return [email, hash, list, reason, note, since.toISOString(), until?.toISOString()].map(csvCell).join(',');
}

/** One cell on one line; what a spreadsheet would take for a formula begins with an apostrophe. */
function csvCell(value: string | null | undefined): string {
  const text = (value ?? '').replace(/\s+/g, ' ');
  const harmless = /^[=+\-@]/.test(text) ? `'${text}` : text;
  return /[",;]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
