import { once } from 'node:events';
import { closeSync, createReadStream, createWriteStream, openSync, writeSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { messageOf, UserError } from '../errors.ts';
import { parseDate } from '../stories/date.ts';
import { findList } from '../subscribers/lists.ts';
import { type SuppressionReason, suppress, suppressionReasons } from '../subscribers/suppression.ts';
import { importSuppressions } from '../subscribers/suppression-import.ts';
import {
  allSuppressions,
  listSuppressions,
  parseSuppressed,
  removeSuppressions,
  type SuppressionFilter,
  type SuppressionRow,
  showSuppressed,
} from '../subscribers/suppression-list.ts';
import { type CommandContext, type Output, wholeNumber, withContext } from './command.ts';
import { confirmDestructive, type DestructiveOptions, destructive } from './confirm.ts';
import { helpText } from './help.ts';
import { startProgress } from './progress.ts';
import { duration } from './values.ts';

const admin = { via: 'admin' };
const shownProblems = 10;
/** Some rows could not be used, the others went in. */
const someRowsBad = 3;

interface FilterOptions {
  list?: string;
  global?: boolean;
  reason?: SuppressionReason;
  search?: string;
  ended?: boolean;
}

interface GivenOptions {
  list?: string;
  reason: SuppressionReason;
  note?: string;
  expires?: string;
}

const rowFields = '{ id, email, hash, list, reason, note, since, until }';

/** `broadsheet suppressions`: addresses that get no mail. */
export function register(program: Command): void {
  const group = program
    .command('suppressions')
    .description('addresses that must not be mailed, for everything or for one list, and why');
  const reasonOption = (text: string) => new Option('--reason <reason>', text).choices(suppressionReasons);

  group
    .command('add')
    .description('stop mail to an address, known or not')
    .argument('<address>', 'an address, or the SHA-256 of one in lower case')
    .option('--list <list>', 'only the mail of this list: short name or id')
    .addOption(reasonOption('why').default('manual'))
    .option('--note <text>', 'in your words; shown where it matters')
    .option('--expires <time>', 'mail may go again then: a date, or how long from now (90d)')
    .addHelpText(
      'after',
      helpText({
        json: '{ email, hash, list, reason, expires }',
        examples: [
          'suppressions add ada@example.com --note "Wrote to us on 3 May"',
          'suppressions add bo@example.com --list weekly --expires 90d',
        ],
      }),
    )
    .action((text: string, options: GivenOptions, command: Command) =>
      withContext(command, async (context, output) => {
        const address = parseSuppressed(text);
        const list = options.list === undefined ? undefined : await findList(context, options.list);
        const expiresAt = endOf(options.expires, context.clock.now());
        const { reason, note } = options;
        await suppress(context, { address, reason, listId: list?.id, note, expiresAt });
        output.text(
          `${text.trim()} gets no more mail${list ? ` of ${list.slug}` : ''}${expiresAt ? ` until ${day(expiresAt)}` : ''}.`,
        );
        output.result({
          email: address.email,
          hash: address.hash.toString('hex'),
          list: list?.slug ?? null,
          reason,
          expires: expiresAt ?? null,
        });
      }),
    );

  filtered(group.command('list').description('show suppressions, newest first'))
    .option('--limit <number>', 'how many', wholeNumber('--limit', 1), 100)
    .addHelpText(
      'after',
      helpText({
        json: `[${rowFields}]`,
        examples: [
          'suppressions list --reason complaint',
          'suppressions list --list weekly --search example.com',
        ],
      }),
    )
    .action((options: FilterOptions & { limit: number }, command: Command) =>
      withContext(command, async (context, output) => {
        const rows = await listSuppressions(context, filterOf(options), options);
        output.table(rows.map(shown), 'Nobody is suppressed.');
        output.result(rows);
      }),
    );

  group
    .command('show')
    .description('show why an address gets no mail')
    .argument('<address>', 'an address, or the SHA-256 of one in lower case')
    .addHelpText(
      'after',
      helpText({
        json: `{ subscriberId, suppressions: [${rowFields}] }; what has ended is among them`,
        examples: ['suppressions show ada@example.com'],
      }),
    )
    .action((text: string, _options, command: Command) =>
      withContext(command, async (context, output) => {
        const found = await showSuppressed(context, parseSuppressed(text));
        output.table(found.suppressions.map(shown), `${text.trim()} is not suppressed.`);
        output.result(found);
      }),
    );

  destructive(
    group
      .command('remove')
      .description('let mail go again to an address; nobody is subscribed again by it')
      .argument('<address>', 'an address, or the SHA-256 of one in lower case')
      .requiredOption('--because <text>', 'why mail may go again; kept as proof')
      .option('--list <list>', 'only the suppression of this list')
      .option('--global', 'only the suppression for all lists'),
  )
    .addHelpText(
      'after',
      helpText({
        json: '{ removed: [{ reason, list }] }',
        examples: [
          'suppressions remove ada@example.com --because "The mailbox works again, phone call of 3 May"',
        ],
      }),
    )
    .action((text: string, options: RemoveOptions, command: Command) =>
      withContext(command, (context, output) => remove(context, output, text, options)),
    );

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
        text: `A stronger reason is never replaced by a weaker one: ${suppressionReasons.join(', ')}. Exit code 3: some rows were bad.`,
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
    .argument('[file]', 'standard output if not given')
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

const filtered = (command: Command) =>
  command
    .option('--list <list>', 'only those of this list')
    .option('--global', 'only those for all lists')
    .addOption(new Option('--reason <reason>', 'only those for this reason').choices(suppressionReasons))
    .option('--search <text>', 'part of an address')
    .option('--ended', 'those that have ended too');

function filterOf({ list, global, reason, search, ended }: FilterOptions): SuppressionFilter {
  if (list !== undefined && global)
    throw new UserError('--list and --global exclude each other.', {
      code: 'usage',
      hint: '--list LIST: those of one list. --global: those that hold for all lists.',
    });
  return { ...(global ? { list: null } : list === undefined ? {} : { list }), reason, search, ended };
}

const shown = ({ email, hash, list, reason, since, until, note }: SuppressionRow) => ({
  address: email ?? hash,
  list: list ?? 'all',
  reason,
  since: day(since),
  until: until && day(until),
  note,
});

const day = (at: Date) => at.toISOString().slice(0, 10);

/** The instant that --expires names. */
function endOf(text: string | undefined, now: Date): Date | undefined {
  if (text === undefined) return undefined;
  const seconds = duration(text);
  const end = seconds === undefined ? parseDate(text) : new Date(now.getTime() + seconds * 1000);
  if (!end || end <= now)
    throw new UserError(
      `--expires takes a date to come such as 2027-05-03, or how long from now (90d, 4w), not "${text}".`,
      { code: 'usage' },
    );
  return end;
}

interface RemoveOptions extends DestructiveOptions {
  because: string;
  list?: string;
  global?: boolean;
}

async function remove(
  context: CommandContext,
  output: Output,
  text: string,
  options: RemoveOptions,
): Promise<void> {
  const address = parseSuppressed(text);
  const list = options.list === undefined ? undefined : await findList(context, options.list);
  const which = filterOf(options);
  const { suppressions } = await showSuppressed(context, address);
  const going = suppressions.filter((row) =>
    list ? row.list === list.slug : which.list === null ? row.list === null : true,
  );
  if (going.length === 0)
    throw new UserError(`${text.trim()} is not suppressed${list ? ` for ${list.slug}` : ''}.`, {
      code: 'not-found',
    });
  const goOn = await confirmDestructive(output, options, {
    what: `This lets mail go again to ${text.trim()}.`,
    effects: going.map(
      ({ reason, list: of, since }) =>
        `suppressed ${of ? `for ${of}` : 'for everything'} since ${day(since)}: ${reason}${reason === 'erasure' ? ', which its owner asked for' : ''}`,
    ),
    plan: { suppressions: going },
  });
  if (!goOn) return;
  const removed = await removeSuppressions(context, {
    address,
    ...(list ? { listId: list.id } : options.global ? { listId: null } : {}),
    because: options.because,
    origin: admin,
  });
  output.text(
    `${removed.length} ${removed.length === 1 ? 'suppression is' : 'suppressions are'} gone. Who had left stays away until they come back themselves.`,
  );
  output.result({ removed: going.map(({ reason, list: of }) => ({ reason, list: of })) });
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
    throw new UserError(`${file} cannot be read: ${messageOf(error)}.`, { code: 'file' });
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
  file: string | undefined,
  options: FilterOptions & { format?: 'csv' | 'ndjson'; hashes?: boolean },
): Promise<void> {
  const format = options.format ?? (/\.(nd)?jsonl?$/i.test(file ?? '') ? 'ndjson' : 'csv');
  const stream = file === undefined ? process.stdout : createWriteStream(file);
  // Without a listener a full disk would end the process in the middle of a line, and with no word of ours.
  const failed = new Promise<never>((_, reject) => stream.once('error', reject));
  failed.catch(() => {});
  let rows = 0;
  try {
    if (format === 'csv') stream.write('email,hash,list,reason,note,since,expires\n');
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
