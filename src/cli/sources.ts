import { readFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { messageOf, UserError } from '../errors.ts';
import { decodeText } from '../stories/charset.ts';
import { shown } from '../stories/fetch.ts';
import {
  addSource,
  exportOpml,
  fetchDueSources,
  fetchSource,
  findSource,
  importOpml,
  listSources,
  pauseSource,
  removeSource,
  resumeSource,
  type Source,
  type SourceKind,
  type SourceOutcome,
} from '../stories/sources.ts';
import { type Output, withContext } from './command.ts';
import { printProblems, summary } from './stories.ts';
import { commaSeparated, duration } from './values.ts';

interface AddOptions {
  name?: string;
  publisher?: string;
  weight?: number;
  interval?: number;
  topics?: string[];
  language?: string;
  kind?: SourceKind;
}

/** `broadsheet sources`: where stories come from. */
export function register(program: Command): void {
  const group = program
    .command('sources')
    .description('look after feeds, sitemaps, pages and folders of stories');

  group
    .command('add <address>')
    .description(
      'add a feed, sitemap, page, file or folder; it is fetched when it is due, or by "sources fetch"',
    )
    .option('--name <name>', 'what to call it')
    .option('--publisher <name>', 'the publisher of stories that name none')
    .option('--weight <number>', 'how much its stories count; 1 is usual', positive('--weight'))
    .option('--interval <time>', 'how often to fetch it: 15m, 2h, or seconds', interval)
    .option('--topics <topics>', 'topics of all its stories, separated by commas', commaSeparated)
    .option('--language <tag>', 'the language of stories that do not say, such as en')
    .addOption(
      new Option('--kind <kind>', 'what it is, instead of looking').choices([
        'feed',
        'sitemap',
        'page',
        'folder',
        'file',
        'api',
      ]),
    )
    .action((address: string, options: AddOptions, command: Command) =>
      withContext(command, async (context, output) => {
        const { interval: intervalSeconds, ...rest } = options;
        const source = await addSource(context, address, { ...rest, intervalSeconds });
        output.text(`Added the ${source.kind} "${source.name}" (${shown(source.url)}).`);
        if (source.kind !== 'api') output.text(`Fetch it now: broadsheet sources fetch ${source.id}`);
        output.result(source);
      }),
    );

  group
    .command('list')
    .description('list sources and how they do')
    .action((_options, command: Command) =>
      withContext(command, async (context, output) => {
        const sources = await listSources(context);
        output.table(
          sources.map((source) => ({
            id: source.id,
            name: source.name,
            kind: source.kind,
            health: source.health === 'failing' ? `failing (${source.failures})` : source.health,
            stories: source.stories,
            'last success': source.last_success_at,
            'next fetch': source.paused || source.kind === 'api' ? null : source.next_fetch_at,
            'last error': source.last_error,
          })),
          'There are no sources. Add one: broadsheet sources add https://news.example.com/feed.xml',
        );
        output.result(sources);
      }),
    );

  group
    .command('fetch [sources...]')
    .description('fetch the sources that are due, or the named ones now; exits with 3 if some failed')
    .action((references: string[], _options, command: Command) =>
      withContext(command, async (context, output) => {
        const outcomes: SourceOutcome[] = [];
        if (references.length === 0) outcomes.push(...(await fetchDueSources(context)));
        else {
          const sources: Source[] = [];
          for (const reference of references) sources.push(await findSource(context, reference));
          for (const source of sources) outcomes.push(await fetchSource(context, source));
        }
        if (outcomes.length === 0) output.text('No source is due.');
        for (const outcome of outcomes) print(output, outcome);
        output.result(outcomes);
        if (outcomes.some(({ outcome }) => outcome === 'failed')) process.exitCode = 3;
      }),
    );

  group
    .command('pause <source>')
    .description('stop fetching a source; its stories stay')
    .action((reference: string, _options, command: Command) =>
      withContext(command, async (context, output) => {
        const source = await pauseSource(context, reference);
        output.text(`"${source.name}" is paused.`);
        output.result(source);
      }),
    );

  group
    .command('resume <source>')
    .description('fetch a paused source again')
    .action((reference: string, _options, command: Command) =>
      withContext(command, async (context, output) => {
        const source = await resumeSource(context, reference);
        output.text(`"${source.name}" is fetched again.`);
        output.result(source);
      }),
    );

  group
    .command('remove <source>')
    .description('forget a source; its stories stay')
    .action((reference: string, _options, command: Command) =>
      withContext(command, async (context, output) => {
        const source = await removeSource(context, reference);
        output.text(`"${source.name}" is removed.`);
        output.result(source);
      }),
    );

  group
    .command('import <file>')
    .description('add the sources of an OPML file (- reads standard input)')
    .action((file: string, _options, command: Command) =>
      withContext(command, async (context, output) => {
        const result = await importOpml(context, readText(file));
        output.text(
          `${result.added.length} added, ${result.existing.length} already there${
            result.problems.length > 0 ? `, ${result.problems.length} left out:` : '.'
          }`,
        );
        printProblems(output, result);
        output.result(result);
      }),
    );

  group
    .command('export')
    .description('print the sources as OPML')
    .action((_options, command: Command) =>
      withContext(command, async (context, output) => {
        const result = await exportOpml(context);
        output.text(result.opml.trimEnd());
        if (result.left.length > 0)
          process.stderr.write(`Left out, as only this machine has them: ${result.left.join(', ')}.\n`);
        output.result(result);
      }),
    );
}

function print(output: Output, outcome: SourceOutcome): void {
  if (outcome.outcome === 'failed') output.text(`${outcome.name}: failed. ${outcome.error}`);
  else if (outcome.outcome === 'unchanged') output.text(`${outcome.name}: nothing new.`);
  else output.text(`${outcome.name}: ${summary(outcome.intake)}`);
  if (outcome.note) output.text(`  ${outcome.note}`);
  printProblems(output, outcome.intake);
}

function readText(file: string): string {
  try {
    return decodeText(readFileSync(file === '-' ? 0 : file)).text;
  } catch (error) {
    throw new UserError(`${file} cannot be read: ${messageOf(error)}.`, { code: 'file', cause: error });
  }
}

function positive(name: string): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (!text.trim() || !(number >= 0))
      throw new TypeError(`${name} takes a number of at least 0, not "${text}"`);
    return number;
  };
}

function interval(text: string): number {
  const seconds = duration(text) ?? Number(text);
  if (!text.trim() || !(seconds >= 60))
    throw new TypeError(`--interval takes a time of at least 60 seconds, such as 15m, not "${text}"`);
  return Math.round(seconds);
}
