import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { messageOf, UserError } from '../errors.ts';
import type { TopicDefinition } from '../selection/topics/taxonomy.ts';
import { withContext } from './command.ts';
import { confirmDestructive, type DestructiveOptions, destructive } from './confirm.ts';
import { helpText } from './help.ts';
import { Interrupted, interruptible } from './interrupt.ts';
import { lazily } from './lazily.ts';
import { startProgress } from './progress.ts';
import { commaSeparated } from './values.ts';

const { labelStories } = lazily(() => import('../selection/topics/label.ts'));
const { findTopic, labelAnew, loadTaxonomy, putTopics, removeTopic, storiesByTopic } = lazily(
  () => import('../selection/topics/taxonomy.ts'),
);

const fields = '{ slug, name, categories, keywords }';

interface TopicOptions {
  name?: string;
  categories?: string[];
  keywords?: string[];
}

/** `broadsheet topics`: what stories can be about, and how that is told. */
export function register(group: Command): void {
  group
    .command('list')
    .description('list the topics, with how many stories of the last month have each')
    .addHelpText(
      'after',
      helpText({ json: '[{ id, slug, name, categories, keywords, stories }]', examples: ['topics list'] }),
    )
    .action((_options, command: Command) =>
      withContext(command, async (context, output) => {
        const topics = await loadTaxonomy(context);
        const counts = await storiesByTopic(context);
        output.table(
          topics.map(({ id, slug, name, categories, keywords }) => ({
            id,
            topic: slug,
            name,
            stories: counts.get(slug) ?? 0,
            categories: categories.length,
            keywords: keywords.length,
          })),
          'There are no topics. Add one: broadsheet topics create harbour --keywords "quay,dock*"',
        );
        output.result(
          topics.map((topic) => ({ id: topic.id, ...plain(topic), stories: counts.get(topic.slug) ?? 0 })),
        );
      }),
    );

  group
    .command('show <topic>')
    .description('print a topic as JSON, as "topics import" takes it')
    .addHelpText(
      'after',
      helpText({ json: fields, examples: ['topics show harbour', 'topics show harbour > harbour.json'] }),
    )
    .action((slug: string, _options, command: Command) =>
      withContext(command, async (context, output) => {
        const topic = plain(await findTopic(context, slug));
        output.text(JSON.stringify(topic, undefined, 2));
        output.result(topic);
      }),
    );

  group
    .command('create <topic>')
    .alias('add')
    .description('add a topic')
    .option('--name <name>', 'what people call it')
    .option('--categories <names>', 'what sources call it, separated by commas', commaSeparated)
    .option(
      '--keywords <words>',
      'words and phrases that stand for it; dock* for all that begin so',
      commaSeparated,
    )
    .addHelpText(
      'after',
      helpText({
        json: fields,
        examples: [
          'topics create harbour --categories Port,Shipping --keywords "quay,dock*,container ship*"',
        ],
      }),
    )
    .action((slug: string, options: TopicOptions, command: Command) =>
      withContext(command, async (context, output) => {
        if ((await loadTaxonomy(context)).some((topic) => topic.slug === slug))
          throw new UserError(`There is a topic "${slug}" already.`, {
            code: 'exists',
            hint: `Change it: broadsheet topics edit ${slug}`,
          });
        const name = options.name ?? `${slug[0]?.toUpperCase()}${slug.slice(1).replaceAll('-', ' ')}`;
        const [topic] = await putTopics(context, [{ slug, ...options, name }]);
        output.text(`Added the topic "${slug}".`, afterwards);
        output.result(topic);
      }),
    );

  group
    .command('edit <topic>')
    .description('change what is given of a topic')
    .option('--name <name>', 'what people call it')
    .option('--categories <names>', 'instead of the present ones', commaSeparated)
    .option('--keywords <words>', 'instead of the present ones', commaSeparated)
    .addHelpText(
      'after',
      helpText({ json: fields, examples: ['topics edit harbour --keywords "quay,dock*,ferry"'] }),
    )
    .action((reference: string, options: TopicOptions, command: Command) =>
      withContext(command, async (context, output) => {
        const before = plain(await findTopic(context, reference));
        const [topic] = await putTopics(context, [{ ...before, ...options }]);
        output.text(`Changed the topic "${before.slug}".`, afterwards);
        output.result(topic);
      }),
    );

  destructive(group.command('remove <topic>'))
    .description('remove a topic; stories lose it, subscribers’ wishes stay')
    .addHelpText(
      'after',
      helpText({
        json: '{ removed: topic }',
        examples: ['topics remove harbour --dry-run', 'topics remove harbour --yes'],
      }),
    )
    .action((reference: string, options: DestructiveOptions, command: Command) =>
      withContext(command, async (context, output) => {
        const topic = await findTopic(context, reference);
        const { slug } = topic;
        const stories = (await storiesByTopic(context)).get(slug) ?? 0;
        const isAgreed = await confirmDestructive(output, options, {
          what: `This removes the topic "${topic.name}" (${slug}).`,
          effects: [`${stories} ${stories === 1 ? 'story' : 'stories'} of the last month lose it`],
          instead: `To keep its words: broadsheet topics show ${slug} > ${slug}.json`,
          plan: { topic: slug, stories },
        });
        if (!isAgreed) return;
        await removeTopic(context, slug);
        output.text(`Removed the topic "${slug}".`, afterwards);
        output.result({ removed: slug });
      }),
    );

  group
    .command('import <file>')
    .description('add or change topics from a JSON file: a list as "topics export" prints it')
    .addHelpText('after', helpText({ json: `[${fields}]`, examples: ['topics import topics.json'] }))
    .action((file: string, _options, command: Command) =>
      withContext(command, async (context, output) => {
        const topics = await putTopics(context, readTopics(file));
        output.text(`Took in ${topics.length} ${topics.length === 1 ? 'topic' : 'topics'}.`, afterwards);
        output.result(topics);
      }),
    );

  group
    .command('export')
    .description('print all topics as JSON')
    .addHelpText('after', helpText({ json: `[${fields}]`, examples: ['topics export > topics.json'] }))
    .action((_options, command: Command) =>
      withContext(command, async (context, output) => {
        const topics = (await loadTaxonomy(context)).map(plain);
        output.text(JSON.stringify(topics, undefined, 2));
        output.result(topics);
      }),
    );

  group
    .command('label')
    .description('give all stories of the last month their topics anew, now')
    .addHelpText('after', helpText({ json: '{ labelled }', examples: ['topics label'] }))
    .action((_options, command: Command) =>
      withContext(command, async (context, output) => {
        await labelAnew(context);
        const { signal, end } = interruptible();
        const progress = startProgress('stories');
        let left = 0;
        const labelled = await labelStories(context, {
          signal,
          onProgress: (done, waiting) => {
            left = waiting;
            progress.update(done, done + waiting);
          },
        }).finally(() => {
          progress.end();
          end();
        });
        if (signal.aborted && left > 0)
          throw new Interrupted(
            `Stopped after ${labelled} stories; ${left} wait. They get their topics in the background, by a worker, or now: broadsheet topics label`,
          );
        output.text(`Gave ${labelled} ${labelled === 1 ? 'story its' : 'stories their'} topics.`);
        output.result({ labelled });
      }),
    );
}

const afterwards =
  'Stories of the last month get their topics anew in the background, or now: broadsheet topics label';

const plain = ({ slug, name, categories, keywords }: TopicDefinition): TopicDefinition => ({
  slug,
  name,
  categories,
  keywords,
});

function readTopics(file: string): unknown[] {
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UserError(`${file} cannot be read as JSON: ${messageOf(error)}`, { code: 'usage' });
  }
  if (Array.isArray(document)) return document;
  throw new UserError(`${file} holds no list of topics.`, {
    code: 'usage',
    hint: 'It begins with [ and holds topics as "broadsheet topics export" prints them.',
  });
}
