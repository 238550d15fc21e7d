import { type Command, Option } from 'commander';
import { shown } from '../stories/shown-url.ts';
import type { SourceKind } from '../stories/sources.ts';
import { withContext } from './command.ts';
import { confirmDestructive, type DestructiveOptions, destructive } from './confirm.ts';
import { helpText } from './help.ts';
import { lazily } from './lazily.ts';
import { registerFetch } from './sources-fetch.ts';
import { registerFiles } from './sources-files.ts';
import { commaSeparated, duration } from './values.ts';
import { orAsk } from './wizards/or-ask.ts';

const { editSource } = lazily(() => import('../stories/edit-source.ts'));
const { addSource, findSource, listSources, pauseSource, removeSource, resumeSource } = lazily(
  () => import('../stories/sources.ts'),
);

const fields =
  '{ id, kind, url, name, publisher, language, topics, weight, interval_seconds, paused, failures, etag, last_modified,\n  last_error, last_error_at, last_fetched_at, last_fetch_ms, last_success_at, next_fetch_at, created_at }';

interface EditOptions extends Omit<AddOptions, 'kind'> {
  address?: string;
}

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
export function register(group: Command): void {
  group
    .command('create [address]')
    .alias('add')
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
    .addHelpText(
      'after',
      helpText({
        json: `the source: ${fields}`,
        examples: [
          'sources create',
          'sources create https://www.example.com/feed.xml',
          'sources create https://www.example.com --name Herald --interval 30m --weight 2',
          'sources create ./stories --topics city,port',
          'sources create wire --kind api',
        ],
      }),
    )
    .action((address: string | undefined, options: AddOptions, command: Command) => {
      if (address === undefined)
        return orAsk(
          command,
          'the address of a source',
          async () => (await import('./wizards/source.ts')).sourceScript,
        );
      return withContext(command, async (context, output) => {
        const { interval: intervalSeconds, ...rest } = options;
        const source = await addSource(context, address, { ...rest, intervalSeconds });
        output.text(`Added the ${source.kind} "${source.name}" (${shown(source.url)}).`);
        if (source.kind !== 'api') output.text(`Fetch it now: broadsheet sources fetch ${source.id}`);
        output.result(source);
      });
    });

  group
    .command('list')
    .description('list sources and how they do')
    .addHelpText(
      'after',
      helpText({
        json: `[{ stories, health, … }], beside all that "sources show" gives; health is ok, failing, paused, new or api`,
        examples: ['sources list', `sources list --json | jq '.[] | select(.health == "failing") | .url'`],
      }),
    )
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
    .command('show <source>')
    .description('show one source: its name, id or address')
    .addHelpText(
      'after',
      helpText({
        json: fields.replace('{ id,', '{ stories, health, id,'),
        examples: ['sources show Herald', 'sources show 3 --json'],
      }),
    )
    .action((reference: string, _options, command: Command) =>
      withContext(command, async (context, output) => {
        const { id } = await findSource(context, reference);
        const source = (await listSources(context)).find((each) => each.id === id);
        if (!source) return;
        const at = (when: Date | null) => when?.toISOString() ?? 'never';
        output.text(
          `${source.name} (${source.kind}, id ${source.id})`,
          shown(source.url),
          `Publisher: ${source.publisher}`,
          `Counts: ${source.weight}`,
          `Topics: ${source.topics.join(', ') || 'none'}`,
          `Language: ${source.language ?? 'as the stories say'}`,
          `Stories: ${source.stories}`,
          `Fetched: every ${Math.round(source.interval_seconds / 60)} minutes; last ${at(source.last_fetched_at)}, with success ${at(source.last_success_at)}`,
          `Health: ${source.health}${source.last_error ? `. ${source.last_error}` : ''}`,
        );
        output.result(source);
      }),
    );

  group
    .command('edit <source>')
    .description('change a source; what is not named stays, its stories too')
    .option('--address <address>', 'where it is now; it is looked at as when it was added')
    .option('--name <name>', 'what to call it')
    .option('--publisher <name>', 'the publisher of stories that name none')
    .option('--weight <number>', 'how much its stories count; 1 is usual', positive('--weight'))
    .option('--interval <time>', 'how often to fetch it: 15m, 2h, or seconds', interval)
    .option('--topics <topics>', 'topics of all its stories, separated by commas, or "none"', commaSeparated)
    .option('--language <tag>', 'the language of stories that do not say, or "none"')
    .addHelpText(
      'after',
      helpText({
        json: `the source: ${fields}`,
        examples: [
          'sources edit Herald --interval 30m --weight 2',
          'sources edit 3 --address https://www.example.com/new-feed.xml',
        ],
      }),
    )
    .action((reference: string, options: EditOptions, command: Command) =>
      withContext(command, async (context, output) => {
        const { interval: intervalSeconds, topics, language, ...rest } = options;
        const source = await editSource(context, reference, {
          ...rest,
          intervalSeconds,
          topics: topics?.filter((topic) => topic !== 'none'),
          language: language === 'none' ? null : language,
        });
        output.text(`Changed the ${source.kind} "${source.name}" (${shown(source.url)}).`);
        output.result(source);
      }),
    );

  group
    .command('pause <source>')
    .description('stop fetching a source; its stories stay')
    .addHelpText(
      'after',
      helpText({ json: 'the source, as "sources create" gives it', examples: ['sources pause Herald'] }),
    )
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
    .addHelpText(
      'after',
      helpText({ json: 'the source, as "sources create" gives it', examples: ['sources resume Herald'] }),
    )
    .action((reference: string, _options, command: Command) =>
      withContext(command, async (context, output) => {
        const source = await resumeSource(context, reference);
        output.text(`"${source.name}" is fetched again.`);
        output.result(source);
      }),
    );

  destructive(group.command('remove <source>'))
    .description('forget a source; its stories stay')
    .addHelpText(
      'after',
      helpText({
        json: 'the source that was removed, as "sources create" gives it',
        examples: ['sources remove Herald --dry-run', 'sources remove 3 --yes'],
      }),
    )
    .action((reference: string, options: DestructiveOptions, command: Command) =>
      withContext(command, async (context, output) => {
        const { id, name, url } = await findSource(context, reference);
        const isAgreed = await confirmDestructive(output, options, {
          what: `This forgets the source "${name}" (${shown(url)}). Its stories stay.`,
          instead: `To stop fetching it for a while: broadsheet sources pause ${id}`,
          plan: { id, name },
        });
        if (!isAgreed) return;
        const source = await removeSource(context, id);
        output.text(`"${source.name}" is removed.`);
        output.result(source);
      }),
    );

  registerFetch(group);
  registerFiles(group);
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
