import { createWriteStream, renameSync, rmSync, statSync } from 'node:fs';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type Command, Option } from 'commander';
import { messageOf, UserError } from '../errors.ts';
import { type CommandContext, type Output, withContext } from './command.ts';
import { helpText } from './help.ts';
import { Interrupted, interruptible } from './interrupt.ts';
import { lazily } from './lazily.ts';
import { startProgress } from './progress.ts';
import { spareMemory } from './spare-memory.ts';
import { commaSeparated } from './values.ts';

const { countExported } = lazily(() => import('../subscribers/export.ts'));
const { segmentCondition } = lazily(() => import('../subscribers/segments/reference.ts'));

interface ExportOptions {
  list?: string;
  state?: 'pending' | 'confirmed' | 'unsubscribed';
  segment?: string;
  columns?: string[];
  format?: 'csv' | 'ndjson';
  gzip?: boolean;
}

/** `broadsheet subscribers export`. */
export function registerExport(group: Command): void {
  group
    .command('export')
    .description('write subscribers to a file, or to standard output, as CSV or NDJSON')
    .argument('[file]', 'such as people.csv or people.ndjson.gz; standard output if not given, or -')
    .option('--list <list>', 'only this list, with state, frequency and topics')
    .addOption(
      new Option('--state <state>', 'only those in this state').choices([
        'pending',
        'confirmed',
        'unsubscribed',
      ]),
    )
    .option('--segment <segment>', 'a saved segment’s name, or a filter such as "clicked within 30d"')
    .option(
      '--columns <columns>',
      'which columns, separated by commas; field.NAME is one too',
      commaSeparated,
    )
    .addOption(
      new Option('--format <format>', 'by the name of the file, or csv, if not given').choices([
        'csv',
        'ndjson',
      ]),
    )
    .option('--gzip', 'compress it; a name that ends in .gz asks for it as well')
    .addHelpText(
      'after',
      helpText({
        text: 'What is written, `subscribers import` reads back unchanged. A file is there once it is whole: until then it has .part behind its name.',
        json: '{ file, format, gzip, rows } (with a file)',
        examples: [
          'subscribers export people.csv.gz --list weekly --state confirmed',
          'subscribers export --columns email,name,field.company --format ndjson > people.ndjson',
        ],
      }),
    )
    .action((file: string | undefined, options: ExportOptions, command: Command) =>
      withContext(command, (context, output) =>
        exportTo(context, output, file === '-' ? undefined : file, options),
      ),
    );
}

async function exportTo(
  context: CommandContext,
  output: Output,
  file: string | undefined,
  options: ExportOptions,
): Promise<void> {
  const format = options.format ?? (/\.(nd)?jsonl?(\.gz)?$/i.test(file ?? '') ? 'ndjson' : 'csv');
  const gzip = Boolean(options.gzip || file?.endsWith('.gz'));
  const wanted = {
    ...{ list: options.list, state: options.state },
    ...(options.segment !== undefined && {
      where: await segmentCondition(context, options.segment, 'subscribers'),
    }),
  };
  spareMemory();
  const total = process.stderr.isTTY ? await countExported(context, wanted) : undefined;
  const progress = startProgress('rows', { total });
  const { signal, end } = interruptible();
  let rows = 0;
  const { exportSubscribers } = await import('../subscribers/export.ts');
  const pieces = exportSubscribers(context, {
    ...{ ...wanted, columns: options.columns, format },
    onProgress: (done) => {
      rows = done;
      progress.update(done);
    },
  });
  const source = Readable.from(pieces, { objectMode: true, highWaterMark: 2 });
  try {
    if (file === undefined) await write(source, process.stdout, { gzip, ends: false, signal });
    else await writeWhole(source, file, { gzip, signal });
  } catch (error) {
    if (!signal.aborted) throw error;
    progress.end();
    throw new Interrupted(
      file === undefined
        ? `The export was stopped after ${rows.toLocaleString('en')} rows; what was written is not whole. Start it again for all of them.`
        : `The export was stopped after ${rows.toLocaleString('en')} rows; ${file} is as it was. Start it again for all of them.`,
    );
  } finally {
    progress.end();
    end();
  }
  if (file === undefined) return;
  output.text(`Wrote ${rows.toLocaleString('en')} ${rows === 1 ? 'row' : 'rows'} to ${file}.`);
  output.result({ file, format, gzip, rows });
}

/** Writes to a file beside, which takes the file's place when it is whole. What is no plain file is written to as it is. */
async function writeWhole(
  source: Readable,
  file: string,
  { gzip, signal }: { gzip: boolean; signal: AbortSignal },
): Promise<void> {
  const isSpecial = statSync(file, { throwIfNoEntry: false })?.isFile() === false;
  const target = isSpecial ? file : `${file}.part`;
  try {
    await write(source, createWriteStream(target), { gzip, ends: true, signal });
    if (!isSpecial) renameSync(target, file);
  } catch (error) {
    if (!isSpecial) rmSync(target, { force: true });
    if (error instanceof UserError || !(error as NodeJS.ErrnoException).path) throw error;
    throw new UserError(`The file cannot be written: ${messageOf(error)}.`, { code: 'file' });
  }
}

/** @param ends false leaves the target open, as standard output has to be */
const write = (
  source: Readable,
  target: Writable,
  { gzip, ends, signal }: { gzip: boolean; ends: boolean; signal: AbortSignal },
) =>
  gzip
    ? pipeline(source, createGzip({ level: 6 }), target, { end: ends, signal })
    : pipeline(source, target, { end: ends, signal });
