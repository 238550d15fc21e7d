import { createWriteStream } from 'node:fs';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { type Command, Option } from 'commander';
import { messageOf, UserError } from '../errors.ts';
import { exportSubscribers } from '../subscribers/export.ts';
import { segmentCondition } from '../subscribers/segments/reference.ts';
import { type CommandContext, withContext } from './command.ts';
import { helpText } from './help.ts';
import { commaSeparated } from './values.ts';

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
    .argument('[file]', 'such as people.csv or people.ndjson.gz; standard output if not given')
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
        text: 'What is written, `subscribers import` reads back unchanged.',
        json: '{ file, format, gzip } (with a file)',
        examples: [
          'subscribers export people.csv.gz --list weekly --state confirmed',
          'subscribers export --columns email,name,field.company --format ndjson > people.ndjson',
        ],
      }),
    )
    .action((file: string | undefined, options: ExportOptions, command: Command) =>
      withContext(command, async (context, output) => {
        const format = options.format ?? (/\.(nd)?jsonl?(\.gz)?$/i.test(file ?? '') ? 'ndjson' : 'csv');
        const gzip = Boolean(options.gzip || file?.endsWith('.gz'));
        const source = Readable.from(await exported(context, options, format), {
          objectMode: true,
          highWaterMark: 2,
        });
        if (file === undefined) {
          await write(source, process.stdout, gzip, false);
          return;
        }
        try {
          await write(source, createWriteStream(file), gzip, true);
        } catch (error) {
          if (error instanceof UserError || !(error as NodeJS.ErrnoException).path) throw error;
          throw new UserError(`The file cannot be written: ${messageOf(error)}.`, { code: 'file' });
        }
        output.text(`Written to ${file}.`);
        output.result({ file, format, gzip });
      }),
    );
}

async function exported(context: CommandContext, options: ExportOptions, format: 'csv' | 'ndjson') {
  return exportSubscribers(context, {
    ...{ list: options.list, state: options.state, columns: options.columns, format },
    ...(options.segment !== undefined && {
      where: await segmentCondition(context, options.segment, 'subscribers'),
    }),
  });
}

/** @param ends false leaves the target open, as standard output has to be */
const write = (source: Readable, target: Writable, gzip: boolean, ends: boolean) =>
  gzip
    ? pipeline(source, createGzip({ level: 6 }), target, { end: ends })
    : pipeline(source, target, { end: ends });
