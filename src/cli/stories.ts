import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import type { TopicReason } from '../selection/topics/matcher.ts';
import type { IntakeResult } from '../stories/story.ts';
import { type Output, wholeNumber, withContext } from './command.ts';
import { confirmDestructive, type DestructiveOptions, destructive } from './confirm.ts';
import { helpText } from './help.ts';
import { lazily } from './lazily.ts';
import { commaSeparated, sinceWhen } from './values.ts';

const { relatedTo } = lazily(() => import('../selection/related-to.ts'));
const { assignStorylines, splitStoryline } = lazily(() => import('../selection/storylines.ts'));
const { addStories } = lazily(() => import('../stories/add.ts'));
const { editStory } = lazily(() => import('../stories/edit-story.ts'));
const { findStory, listStories } = lazily(() => import('../stories/find-stories.ts'));
const { readStory } = lazily(() => import('../stories/read-story.ts'));
const { removeStories } = lazily(() => import('../stories/remove-stories.ts'));

const listed = '{ id, title, url, publisher, language, topics, published_at, revision, source }';
const story =
  '{ id, url, url_key, title, dek, body_text, author, publisher, language, published_at, image_url, topics, …, source,\n  revisions: [{ revision, title, dek, replaced_at, … }] }';

interface AddOptions {
  publisher?: string;
  language?: string;
  topics?: string[];
}

interface EditOptions {
  title?: string;
  dek?: string;
  author?: string;
  publisher?: string;
  language?: string;
  topics?: string[];
  image?: string;
}

interface ListOptions {
  limit: number;
  since?: string;
  source?: string;
  search?: string;
}

/** `broadsheet stories`: what there is to choose from. */
export function register(group: Command): void {
  group
    .command('create <input>')
    .alias('add')
    .description('add stories from a file, a folder, a web address, or standard input (-)')
    .option('--publisher <name>', 'the publisher, whatever the story says')
    .option('--language <tag>', 'the language of stories that do not say, such as en')
    .option('--topics <topics>', 'topics, separated by commas', commaSeparated)
    .addHelpText(
      'after',
      helpText({
        json: '{ ids, added, updated, unchanged, problems: [{ where, reason }] }; the first four are lists of ids',
        examples: [
          'stories create article.txt --topics port',
          'stories create https://news.example.com/harbour-bridge',
          'cat stories.ndjson | broadsheet stories create -',
        ],
      }),
    )
    .action((input: string, options: AddOptions, command: Command) =>
      withContext(command, async (context, output) => {
        const what = input === '-' ? { text: await text(process.stdin), name: 'Standard input' } : input;
        const result = await addStories(context, what, options);
        output.text(summary(result));
        if (result.ids.length === 1) {
          const { id, title, publisher } = await findStory(context, result.ids[0]!);
          output.text(`  ${id}  ${title}  (${publisher})`);
        }
        printProblems(output, result);
        output.result(result);
        if (result.ids.length === 0 && result.problems.length > 0) process.exitCode = 1;
      }),
    );

  group
    .command('list')
    .description('list stories, the newest first')
    .option('--limit <number>', 'at most so many', wholeNumber('--limit', 1), 50)
    .option('--since <time>', 'published since then: a date, or how long ago (90m, 12h, 2d)')
    .option('--source <source>', 'of one source: its name or id')
    .option('--search <words>', 'with these words in title or dek')
    .addHelpText(
      'after',
      helpText({
        json: `[${listed}]`,
        examples: [
          'stories list --since 12h',
          'stories list --source Herald --search "harbour bridge" --limit 5',
        ],
      }),
    )
    .action((options: ListOptions, command: Command) =>
      withContext(command, async (context, output) => {
        const since = options.since === undefined ? undefined : sinceWhen(options.since, context.clock.now());
        const stories = await listStories(context, { ...options, since });
        output.table(
          stories.map((story) => ({
            id: story.id,
            published: story.published_at,
            publisher: story.publisher,
            title: story.title,
          })),
          'There are no such stories.',
        );
        output.result(stories);
      }),
    );

  group
    .command('show <story>')
    .description('show a story (its id or web address) and what it said before')
    .addHelpText(
      'after',
      helpText({
        json: story,
        examples: ['stories show 12', 'stories show https://news.example.com/harbour-bridge'],
      }),
    )
    .action((reference: string, _options, command: Command) =>
      withContext(command, async (context, output) => {
        const { sayTopic } = await import('../selection/topics/label.ts');
        const story = await findStory(context, reference);
        output.text(
          story.title,
          ...(story.dek ? [story.dek] : []),
          '',
          ...facts({
            id: story.id,
            address: story.url,
            publisher: story.publisher,
            author: story.author,
            published: story.published_at.toISOString(),
            language: story.language,
            topics:
              (story.topic_reasons as unknown as TopicReason[]).map(sayTopic).join('; ') ||
              story.topics.join(', '),
            image: story.image_url,
            source: story.source,
            revision: story.revision,
          }),
        );
        // What the dek repeats of the text's beginning is part of the text all the same.
        if (story.body_text) output.text('', story.body_text);
        for (const revision of story.revisions)
          output.text(
            '',
            `Revision ${revision.revision}, replaced ${revision.replaced_at.toISOString()}:`,
            `  ${revision.title}`,
            ...(revision.dek ? [`  ${revision.dek}`] : []),
          );
        output.result(story);
      }),
    );

  group
    .command('edit <story>')
    .description('change a story; what is not named stays, and what it said before is kept')
    .option('--title <text>', 'its title')
    .option('--dek <text>', 'the line below the title')
    .option('--author <name>', 'who wrote it, or "none"')
    .option('--publisher <name>', 'who published it')
    .option('--language <tag>', 'such as en, or "none"')
    .option(
      '--topics <topics>',
      'instead of the present ones, separated by commas, or "none"',
      commaSeparated,
    )
    .option('--image <url>', 'the address of its picture, or "none"')
    .addHelpText(
      'after',
      helpText({
        text: 'Editions keep the copies that they have. A source that tells of the story again writes over the change.',
        json: 'the story, as "stories show" gives it',
        examples: [
          'stories edit 12 --title "The bridge hums again"',
          'stories edit https://news.example.com/harbour-bridge --topics port,city --image none',
        ],
      }),
    )
    .action((reference: string, options: EditOptions, command: Command) =>
      withContext(command, async (context, output) => {
        const orNull = (text: string | undefined) => (text === 'none' ? null : text);
        const { id, source } = await editStory(context, reference, {
          ...options,
          author: orNull(options.author),
          language: orNull(options.language),
          image: orNull(options.image),
          topics: options.topics?.filter((topic) => topic !== 'none'),
        });
        const story = await findStory(context, id);
        output.text(
          `Changed story ${id}, "${story.title}".`,
          ...(source
            ? [`It is from "${source}", which writes over this if it tells of the story again.`]
            : []),
        );
        output.result(story);
      }),
    );

  group
    .command('related <story>')
    .description(
      'list what is related to a story: an id, a web address, or a file that need not be in the database',
    )
    .option('--limit <number>', 'at most so many', wholeNumber('--limit', 1), 5)
    .addHelpText(
      'after',
      helpText({
        json: '{ title, related: [{ storyId, kind, publisher, title, reason, … }] }',
        examples: ['stories related 12', 'stories related article.txt'],
      }),
    )
    .action((reference: string, options: { limit: number }, command: Command) =>
      withContext(command, async (context, output) => {
        await assignStorylines(context);
        const subject = await readStory(context, reference);
        const related = await relatedTo(context, subject, options.limit);
        output.text(`Related to "${subject.title}":`);
        output.table(
          related.map(({ storyId, kind, publisher, title, reason }) => ({
            id: storyId,
            kind,
            publisher,
            title,
            why: reason.text,
          })),
          'Nothing in the database is.',
        );
        output.result({ title: subject.title, related });
      }),
    );

  group
    .command('split <stories...>')
    .description('make a storyline of its own of some stories of another; it stays one')
    .addHelpText(
      'after',
      helpText({
        text: 'Grouping never joins the two again.',
        json: '{ storylineId, stories }',
        examples: ['stories split 12 17 18'],
      }),
    )
    .action((references: string[], _options, command: Command) =>
      withContext(command, async (context, output) => {
        const ids: number[] = [];
        for (const reference of references) ids.push((await findStory(context, reference)).id);
        const storylineId = await splitStoryline(context, ids);
        output.text(
          `${ids.length === 1 ? '1 story is' : `${ids.length} stories are`} storyline ${storylineId} now, and will stay it.`,
        );
        output.result({ storylineId, stories: ids });
      }),
    );

  destructive(group.command('remove <stories...>'))
    .description('remove stories (ids or web addresses) for good; editions keep their copies of them')
    .addHelpText(
      'after',
      helpText({
        text: 'What a source still tells of is taken in again as new: pause the source, or let it drop the story first.',
        json: '{ removed: [id] }',
        examples: ['stories remove 12 --dry-run', 'stories remove 12 17 --yes'],
      }),
    )
    .action((references: string[], options: DestructiveOptions, command: Command) =>
      withContext(command, async (context, output) => {
        const stories = [];
        for (const reference of references) stories.push(await findStory(context, reference));
        const ids = [...new Set(stories.map(({ id }) => id))];
        const isAgreed = await confirmDestructive(output, options, {
          what: `This removes ${ids.length === 1 ? 'a story' : `${ids.length} stories`}, and it cannot be undone.`,
          effects: stories.slice(0, 20).map(({ id, title, publisher }) => `${id}  ${title}  (${publisher})`),
          plan: { ids },
        });
        if (!isAgreed) return;
        await removeStories(context, ids);
        output.text(`Removed ${ids.length === 1 ? '1 story' : `${ids.length} stories`}.`);
        output.result({ removed: ids });
      }),
    );
}

/** What became of stories, in a sentence. */
export function summary(result: IntakeResult): string {
  const { added, updated, unchanged } = result;
  const parts = [
    ...(added.length > 0 ? [`${added.length} new`] : []),
    ...(updated.length > 0 ? [`${updated.length} updated`] : []),
    ...(unchanged.length > 0 ? [`${unchanged.length} already there`] : []),
  ];
  const count = added.length + updated.length + unchanged.length;
  if (count === 0) return 'No stories.';
  return `${count === 1 ? '1 story' : `${count} stories`}: ${parts.join(', ')}.`;
}

/** Lists what could not be taken. */
export function printProblems(output: Output, result: Pick<IntakeResult, 'problems'>): void {
  const shownProblems = result.problems.slice(0, 20);
  for (const { where, reason } of shownProblems) output.text(`  ${where}: ${reason}`);
  if (result.problems.length > shownProblems.length)
    output.text(`  and ${result.problems.length - shownProblems.length} more (--json lists them all)`);
}

function facts(values: Record<string, unknown>): string[] {
  return Object.entries(values)
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => `${`${name}:`.padEnd(11)}${value}`);
}
