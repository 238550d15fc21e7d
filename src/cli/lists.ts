import { type Command, Option } from 'commander';
import type { ListWithCounts } from '../subscribers/lists.ts';
import { withContext } from './command.ts';
import { helpText } from './help.ts';
import { lazily } from './lazily.ts';
import { listShape } from './list-output.ts';
import { registerChanges } from './lists-change.ts';
import { registerStats } from './lists-stats.ts';
import { commaSeparated } from './values.ts';
import { orAsk } from './wizards/or-ask.ts';

const { createList, editList, listLists, showList } = lazily(() => import('../subscribers/lists.ts'));

interface CreateOptions {
  name?: string;
  slug?: string;
  description?: string;
  optIn?: 'double' | 'single';
  topics?: string[];
  welcome?: 'on' | 'off';
  goodbye?: 'on' | 'off';
}

/** `broadsheet lists`: the audiences. */
export function register(group: Command): void {
  group
    .command('create')
    .description('make a list')
    .argument('[name]', 'its name, or its short name if --name gives the name; asked for if not given')
    .option('--name <name>', 'the name that readers see')
    .option('--slug <slug>', 'the short name in addresses and commands; made from the name if not given')
    .option('--description <text>', 'a line for the page where people subscribe')
    .addOption(
      new Option('--opt-in <kind>', 'double: people confirm by mail; single: they are on it at once')
        .choices(['double', 'single'])
        .default('double'),
    )
    .option('--topics <topics>', 'topics to choose among, separated by commas', commaSeparated)
    .addOption(onOff('--welcome', 'a mail to who has confirmed; on if not given'))
    .addOption(onOff('--goodbye', 'a mail to who has left; off if not given'))
    .addHelpText(
      'after',
      helpText({
        json: listShape,
        examples: [
          'lists create',
          'lists create "The Weekly" --topics "climate,energy"',
          'lists create weekly --name "The Weekly" --opt-in single',
        ],
      }),
    )
    .action((name: string | undefined, options: CreateOptions, command: Command) => {
      if (name === undefined)
        return orAsk(
          command,
          'the name of the list',
          async () => (await import('./wizards/list.ts')).listScript,
        );
      return withContext(command, async (context, output) => {
        const list = await createList(context, {
          name: options.name ?? name,
          slug: options.slug ?? (options.name ? name : undefined),
          description: options.description,
          optIn: options.optIn,
          topics: options.topics,
          ...mailsOf(options),
        });
        output.text(
          `Made the list "${list.name}" (${list.slug}).`,
          `People subscribe at ${context.config.publicUrl}/subscribe/${list.slug}`,
        );
        output.result(list);
      });
    });

  group
    .command('edit')
    .description('change a list')
    .argument('<list>', 'its short name or id')
    .option('--name <name>', 'the name that readers see')
    .option('--description <text>', 'a line for the page where people subscribe')
    .addOption(
      new Option('--opt-in <kind>', 'double: people confirm by mail; single: they are on it at once').choices(
        ['double', 'single'],
      ),
    )
    .option('--topics <topics>', 'topics to choose among, separated by commas', commaSeparated)
    .addOption(onOff('--welcome', 'a mail to who has confirmed'))
    .addOption(onOff('--goodbye', 'a mail to who has left'))
    .addHelpText(
      'after',
      helpText({
        text: 'For another short name: broadsheet lists rename',
        json: listShape,
        examples: ['lists edit weekly --description "Every Friday" --goodbye on'],
      }),
    )
    .action((slugOrId: string, options: Omit<CreateOptions, 'slug'>, command: Command) =>
      withContext(command, async (context, output) => {
        const list = await editList(context, slugOrId, { ...options, ...mailsOf(options) });
        output.text(`Changed the list "${list.name}" (${list.slug}).`);
        output.result(list);
      }),
    );

  group
    .command('list')
    .description('show all lists with how many people are on them')
    .option('--archived', 'archived lists too')
    .addHelpText(
      'after',
      helpText({
        json: `[${listShape.replace(' }', ', confirmed, pending, unsubscribed }')}]`,
        examples: ['lists list', 'lists list --archived'],
      }),
    )
    .action((options: { archived?: boolean }, command: Command) =>
      withContext(command, async (context, output) => {
        const lists = await listLists(context, options);
        output.table(
          lists.map((list) => ({
            id: list.id,
            list: list.slug,
            name: list.archivedAt ? `${list.name} (archived)` : list.name,
            'opt-in': list.optIn,
            ...counts(list),
          })),
          'There are no lists yet. Make one with: broadsheet lists create NAME',
        );
        output.result(lists);
      }),
    );

  group
    .command('show')
    .description('show one list')
    .argument('<list>', 'its short name or id')
    .addHelpText(
      'after',
      helpText({
        json: listShape.replace(' }', ', confirmed, pending, unsubscribed }'),
        examples: ['lists show weekly'],
      }),
    )
    .action((slugOrId: string, _options, command: Command) =>
      withContext(command, async (context, output) => {
        const list = await showList(context, slugOrId);
        output.text(
          `${list.name} (${list.slug}, id ${list.id})`,
          ...(list.description ? [list.description] : []),
          ...(list.archivedAt ? [`Archived since ${list.archivedAt.toISOString().slice(0, 10)}`] : []),
          `Opt-in: ${list.optIn}`,
          `Mails: ${['confirmation', ...(list.welcome ? ['welcome'] : []), ...(list.goodbye ? ['goodbye'] : [])].join(', ')}`,
          `Topics: ${list.topics.join(', ') || 'none'}`,
          `People: ${list.confirmed} confirmed, ${list.pending} pending, ${list.unsubscribed} unsubscribed`,
          `Page: ${context.config.publicUrl}/subscribe/${list.slug}`,
        );
        output.result(list);
      }),
    );

  registerStats(group);
  registerChanges(group);
}

const onOff = (name: string, what: string) => new Option(`${name} <on or off>`, what).choices(['on', 'off']);

const mailsOf = ({ welcome, goodbye }: Pick<CreateOptions, 'welcome' | 'goodbye'>) => ({
  welcome: welcome && welcome === 'on',
  goodbye: goodbye && goodbye === 'on',
});

const counts = ({ confirmed, pending, unsubscribed }: ListWithCounts) => ({
  confirmed,
  pending,
  unsubscribed,
});
