import {
  closeSync,
  createReadStream,
  existsSync,
  openSync,
  readFileSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename } from 'node:path';
import { type Command, Option } from 'commander';
import { messageOf, UserError } from '../errors.ts';
import { type FileFormat, fileFormats, type ImportMode, importModes } from '../subscribers/import/modes.ts';
import type { ImportProblem, ImportResult, ImportStart } from '../subscribers/import.ts';
import { type CommandContext, type Output, wholeNumber, withContext } from './command.ts';
import { helpText } from './help.ts';
import { Interrupted, interruptible } from './interrupt.ts';
import { lazily } from './lazily.ts';
import { startProgress } from './progress.ts';
import { spareMemory } from './spare-memory.ts';
import { registerImports } from './subscribers-imports.ts';
import { commaSeparated } from './values.ts';

const { findImport } = lazily(() => import('../subscribers/import/record.ts'));
const { importSubscribers } = lazily(() => import('../subscribers/import.ts'));

const shownProblems = 10;
/** Some rows were bad, the others went in. */
const someRowsBad = 3;

interface ImportOptions {
  list?: string;
  consent?: string;
  mode: ImportMode;
  map: Record<string, string>;
  keepColumns?: boolean;
  delimiter?: string;
  format?: FileFormat;
  tags?: string[];
  unconfirmed?: boolean;
  checkMx?: boolean;
  preview?: boolean;
  dryRun?: boolean;
  resume?: number;
  report?: string | true;
}

/** `broadsheet subscribers import` and `imports`. */
export function registerImport(group: Command): void {
  group
    .command('import')
    .description('take in the people in a CSV, NDJSON or XLSX file; they have agreed already')
    .argument('<file>', 'with a line that names the columns; email is needed')
    .option('--list <list>', 'short name or id')
    .option('--consent <text>', 'how they agreed; kept as proof with each of them')
    .addOption(
      new Option('--mode <mode>', 'what is done with the people').choices(importModes).default('subscribe'),
    )
    .option(
      '--map <column=field>',
      'what a column holds, where its name does not tell; can be given again',
      mapping,
      {},
    )
    .option('--keep-columns', 'keep columns that mean nothing else as custom fields')
    .option('--tags <tags>', 'tags for everybody in the file, separated by commas', commaSeparated)
    .option('--unconfirmed', 'they have not confirmed: leave them pending')
    .option('--check-mx', 'refuse addresses at domains that take no mail, by the DNS')
    .addOption(new Option('--format <format>', 'found out if not given').choices(fileFormats))
    .option('--delimiter <character>', 'what separates the cells of a CSV file; found out if not given')
    .option('--preview', 'show the first rows and what would become of all; write nothing')
    .addOption(new Option('--dry-run', 'the same as --preview'))
    .addOption(
      new Option('--resume <import>', 'go on with an import that stopped; its options hold').argParser(
        wholeNumber('--resume', 1),
      ),
    )
    .option(
      '--report [file]',
      'write every row that was not taken, and each warning, to a file, one JSON object a line (FILE.problems.ndjson)',
    )
    .addHelpText(
      'after',
      helpText({
        text:
          'Modes: subscribe puts people on the list and takes over what the file knows; add leaves everybody who is there as they are;\n' +
          'update changes only people who are known; unsubscribe and suppress stop mail, of --list or of all lists.\n' +
          'Exit code 3: some rows could not be used, the others went in. docs/import.md tells more.',
        json: '{ importId, service, rows, added, updated, unchanged, duplicates, suppressed, passedOver, badRows, warnings, bad, notTaken, warned, ignoredColumns, report, preview }',
        examples: [
          'subscribers import people.csv --list weekly --consent "Signed up at the fair" --preview',
          'subscribers import people.csv --list weekly --consent "Asked by mail" --map "Kontakt=email" --map "Firma=field.company"',
          'subscribers import left.csv --list weekly --mode unsubscribe --consent "Had left at our old service"',
          'subscribers import people.csv --resume 12',
        ],
      }),
    )
    .action((file: string, options: ImportOptions, command: Command) =>
      withContext(command, (context, output) => importFile(context, output, file, options)),
    );
  registerImports(group);
}

async function importFile(
  context: CommandContext,
  output: Output,
  file: string,
  options: ImportOptions,
): Promise<void> {
  checkFile(file);
  if (options.delimiter !== undefined && [...options.delimiter].length !== 1)
    throw new UserError(`--delimiter takes one character, not "${options.delimiter}".`, { code: 'usage' });
  const preview = Boolean(options.preview || options.dryRun);
  const reportFile = options.report === true ? `${file}.problems.ndjson` : options.report;
  const report = reportFile === undefined ? undefined : await openReport(context, reportFile, options.resume);
  const { size } = statSync(file);
  spareMemory();
  const { signal, end } = interruptible();
  const progress = startProgress('rows');
  const stream = createReadStream(file, { highWaterMark: 128 * 1024 });
  let result: ImportResult;
  try {
    result = await importSubscribers(context, stream, {
      ...{ list: options.list, consent: options.consent, mode: options.mode, map: options.map },
      ...{
        keepColumns: options.keepColumns,
        tags: options.tags,
        checkMx: options.checkMx,
        format: options.format,
      },
      ...(options.delimiter !== undefined && { delimiter: options.delimiter }),
      ...{
        confirmed: !options.unconfirmed,
        fileName: basename(file),
        preview,
        resume: options.resume,
        signal,
      },
      onStart: (start) => {
        showStart(output, preview, start);
        if (start.unfinished !== null) tellUnfinished(file, start.unfinished);
      },
      onProblem: report?.write,
      // How many rows there will be follows from the bytes that were read so far.
      onProgress: (rows) =>
        progress.update(
          rows,
          stream.bytesRead > 0 ? Math.round((rows * size) / stream.bytesRead) : undefined,
        ),
    });
  } catch (error) {
    if (error instanceof UserError && error.code === 'interrupted')
      throw new Interrupted(`${error.message}\n${error.hint ?? ''}`);
    throw error;
  } finally {
    progress.end();
    end();
    report?.close();
  }
  if (result.badRows > 0) process.exitCode = someRowsBad;
  printResult(output, result, preview, reportFile);
}

function showStart(output: Output, preview: boolean, { headers, rows, service }: ImportStart): void {
  if (service) output.text(`This is an export of ${service}'s.`);
  if (!preview) return;
  output.table(
    rows.map((cells) =>
      Object.fromEntries(headers.map((header, index) => [printable(header), printable(cells[index] ?? '')])),
    ),
    'No rows.',
  );
  output.text('');
}

const tellUnfinished = (file: string, id: number) =>
  process.stderr.write(
    `Import ${id} of this file did not come to its end. What it stored is passed over now.\n` +
      `To go on with it instead, press Ctrl-C: broadsheet subscribers import ${file} --resume ${id}\n`,
  );

function printResult(
  output: Output,
  result: ImportResult,
  preview: boolean,
  reportFile: string | undefined,
): void {
  const count = (number: number) => number.toLocaleString('en');
  output.text(
    `${count(result.rows)} rows: ${count(result.added)} added, ${count(result.updated)} updated, ${count(result.unchanged)} unchanged, ` +
      `${count(result.duplicates)} duplicates, ${count(result.suppressed)} suppressed, ` +
      `${result.passedOver > 0 ? `${count(result.passedOver)} passed over, ` : ''}${count(result.badRows)} bad.`,
  );
  if (result.ignoredColumns.length > 0)
    output.text(`Columns that were not used: ${result.ignoredColumns.map(printable).join(', ')}.`);
  output.text(...problemLines('These rows could not be used:', result.bad, result.badRows));
  const notTaken = result.duplicates + result.suppressed + result.passedOver;
  output.text(...problemLines('These were not taken:', result.notTaken, notTaken));
  output.text(...problemLines('These were taken, but look at them:', result.warned, result.warnings));
  if (reportFile !== undefined) output.text(`All of them are in ${reportFile}.`);
  else if (result.badRows > shownProblems) output.text('Add --report to get them all in a file.');
  if (preview) output.text('Nothing was written: this was a preview.');
  else output.text(`To take it back: broadsheet subscribers imports undo ${result.importId}`);
  output.result({ ...result, report: reportFile ?? null, preview });
}

function problemLines(title: string, problems: ImportProblem[], total: number): string[] {
  if (total === 0) return [];
  const lines = problems
    .slice(0, shownProblems)
    .map(
      ({ line, column, reason, row }) =>
        `  line ${line}${column ? `, column ${printable(column)}` : ''}: ${printable(reason)}\n    ${printable(row)}`,
    );
  const rest = total - lines.length;
  return ['', title, ...lines, ...(rest > 0 ? [`  and ${rest.toLocaleString('en')} more`] : [])];
}

/** A row from a file may hold what moves the cursor or paints the terminal. */
const printable = (row: string) => row.replace(/\p{C}+/gu, ' ').replace(/^(.{160}).+$/u, '$1…');

function checkFile(file: string): void {
  let problem: string | undefined;
  try {
    if (statSync(file).isDirectory()) problem = 'it is a folder';
  } catch (error) {
    problem = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : messageOf(error);
  }
  if (problem) throw new UserError(`${file} cannot be read: ${problem}.`, { code: 'no-file' });
}

/** A report of problems. One of an import that goes on is added to, without telling a line twice. */
async function openReport(
  context: CommandContext,
  file: string,
  resume: number | undefined,
): Promise<{ write(problem: ImportProblem): void; close(): void }> {
  const told = new Set<string>();
  const keyOf = ({ kind, line }: ImportProblem) => `${kind} ${line}`;
  if (resume !== undefined && existsSync(file)) {
    const { storedThrough } = await findImport(context, resume);
    const surely = storedThrough.length > 0 ? Math.min(...storedThrough) : 0;
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      const problem = line === '' ? undefined : asProblem(line);
      if (problem && problem.line > surely) told.add(keyOf(problem));
    }
  }
  let handle: number;
  try {
    handle = openSync(file, resume === undefined ? 'w' : 'a');
  } catch (error) {
    throw new UserError(`The report cannot be written to ${file}: ${messageOf(error)}.`, {
      code: 'file',
      hint: 'Nothing was imported. Name another place with --report FILE.',
    });
  }
  return {
    write: (problem) => {
      if (!told.has(keyOf(problem))) writeSync(handle, `${JSON.stringify(problem)}\n`);
    },
    close: () => closeSync(handle),
  };
}

function asProblem(line: string): ImportProblem | undefined {
  try {
    return JSON.parse(line) as ImportProblem;
  } catch {
    // The line that was being written when the import was killed.
    return undefined;
  }
}

function mapping(text: string, before: Record<string, string>): Record<string, string> {
  const equals = text.lastIndexOf('=');
  if (equals < 1 || equals === text.length - 1)
    throw new UserError(`--map takes COLUMN=FIELD, not "${text}".`, {
      code: 'usage',
      hint: 'For example: --map "Kontakt=email"',
    });
  return { ...before, [text.slice(0, equals).trim()]: text.slice(equals + 1).trim() };
}
