import { type Command, Option } from 'commander';
import type { Explanation, SegmentCount } from '../subscribers/segments/count.ts';
import { fields } from '../subscribers/segments/fields.ts';
import { type CommandContext, type Output, wholeNumber, withContext } from './command.ts';
import { confirmDestructive, type DestructiveOptions, destructive } from './confirm.ts';
import { helpText } from './help.ts';
import { lazily } from './lazily.ts';

const { findSubscriber, listSubscribers } = lazily(() => import('../subscribers/find.ts'));
const { findList } = lazily(() => import('../subscribers/lists.ts'));
const { countSegment, explainSegment } = lazily(() => import('../subscribers/segments/count.ts'));
const { resolveSegment } = lazily(() => import('../subscribers/segments/reference.ts'));
const { createSegment, editSegment, findSegment, listSegments, removeSegment, showSegment } = lazily(
  () => import('../subscribers/segments/segments.ts'),
);

const shape = '{ id, name, description, filter, createdAt, updatedAt }';
const eitherWay = 'a saved segment’s name or id, or a filter';

/** `broadsheet segments`: saved filters over subscribers. */
export function register(group: Command): void {
  group.addHelpText('after', () => `\n${fieldsTable()}`);

  group
    .command('create')
    .description('save a filter under a name')
    .argument('<name>', 'lower-case letters, digits and hyphens')
    .argument('<filter>', 'such as "frequency = weekly and clicked within 30d"')
    .option('--description <text>', 'what it is for')
    .addHelpText(
      'after',
      helpText({
        text: 'The language is described in docs/segments.md; "broadsheet segments --help" lists the fields.',
        json: `${shape}, with people, reachable and subscribers`,
        examples: [
          'segments create engaged "clicked >= 3 within 90d"',
          'segments create german-weekly "list = weekly and frequency = weekly and country = DE"',
        ],
      }),
    )
    .action((name: string, filter: string, options: { description?: string }, command: Command) =>
      withContext(command, async (context, output) => {
        const segment = await createSegment(context, { name, filter, description: options.description });
        const count = await countSegment(context, segment.id);
        output.text(`Saved the segment "${segment.name}". ${countSentence(count)}`);
        output.result({ ...segment, ...count });
      }),
    );

  group
    .command('list')
    .description('list saved segments, and what uses them')
    .addHelpText(
      'after',
      helpText({
        json: '[{ id, name, description, filter, createdAt, updatedAt, segments, newsletters }]',
        examples: ['segments list'],
      }),
    )
    .action((_options, command: Command) =>
      withContext(command, async (context, output) => {
        const segments = await listSegments(context);
        output.table(
          segments.map(({ name, filter, segments: named, newsletters }) => ({
            segment: name,
            'used by': [...named, ...newsletters],
            filter: filter.length > 80 ? `${filter.slice(0, 79)}…` : filter,
          })),
          'There are no segments yet. Make one with: broadsheet segments create NAME "frequency = weekly"',
        );
        output.result(segments);
      }),
    );

  group
    .command('show')
    .description('show a segment: its filter, what uses it, and how many people it has')
    .argument('<segment>', 'its name or id')
    .addHelpText(
      'after',
      helpText({
        json: '{ id, name, description, filter, createdAt, updatedAt, segments, newsletters, subscribers, people, reachable }',
        examples: ['segments show engaged'],
      }),
    )
    .action((nameOrId: string, _options, command: Command) =>
      withContext(command, async (context, output) => {
        const segment = await showSegment(context, nameOrId);
        const count = await countSegment(context, segment.id);
        output.text(
          `${segment.name} (id ${segment.id})`,
          ...(segment.description ? [segment.description] : []),
          '',
          segment.filter,
          '',
          countSentence(count),
          ...(segment.segments.length > 0 ? [`Part of the segments: ${segment.segments.join(', ')}`] : []),
          ...(segment.newsletters.length > 0
            ? [`Newsletters limited to it: ${segment.newsletters.join(', ')}`]
            : []),
        );
        output.result({ ...segment, ...count });
      }),
    );

  group
    .command('edit')
    .description('change a segment; what is not named stays')
    .argument('<segment>', 'its name or id')
    .option('--filter <filter>', 'another filter')
    .option('--name <name>', 'another name; segments that refer to it follow')
    .option('--description <text>', 'what it is for')
    .addHelpText(
      'after',
      helpText({
        json: `${shape}, with people, reachable and subscribers`,
        examples: [
          'segments edit engaged --filter "clicked within 60d"',
          'segments edit engaged --name active',
        ],
      }),
    )
    .action(
      (
        nameOrId: string,
        options: { filter?: string; name?: string; description?: string },
        command: Command,
      ) =>
        withContext(command, async (context, output) => {
          const segment = await editSegment(context, nameOrId, options);
          const count = await countSegment(context, segment.id);
          output.text(`Changed the segment "${segment.name}". ${countSentence(count)}`);
          output.result({ ...segment, ...count });
        }),
    );

  destructive(
    group
      .command('remove')
      .description('remove a segment that nothing uses; nobody is unsubscribed')
      .argument('<segment>', 'its name or id'),
  )
    .addHelpText('after', helpText({ json: '{ removed }', examples: ['segments remove engaged --yes'] }))
    .action((nameOrId: string, options: DestructiveOptions, command: Command) =>
      withContext(command, async (context, output) => {
        const segment = await findSegment(context, nameOrId);
        const goOn = await confirmDestructive(output, options, {
          what: `This removes the segment "${segment.name}".`,
          effects: [`its filter: ${segment.filter}`],
          plan: { segment: segment.name },
        });
        if (!goOn) return;
        await removeSegment(context, segment.id);
        output.text(`Removed the segment "${segment.name}".`);
        output.result({ removed: segment.name });
      }),
    );

  group
    .command('count')
    .description('count whom a filter fits, before it is used')
    .argument('<segment>', eitherWay)
    .option('--list <lists...>', 'count as reachable who can be reached through these lists only')
    .addHelpText(
      'after',
      helpText({
        json: '{ subscribers, people, reachable }',
        examples: ['segments count engaged', 'segments count "not opened within 90d" --list weekly'],
      }),
    )
    .action((reference: string, options: { list?: string[] }, command: Command) =>
      withContext(command, async (context, output) => {
        const lists =
          options.list && (await Promise.all(options.list.map((list) => findList(context, list))));
        const count = await countSegment(
          context,
          reference,
          lists?.map(({ id }) => id),
        );
        output.text(countSentence(count));
        output.result(count);
      }),
    );

  group
    .command('test')
    .description('show how a filter is read and whom it fits, or why it fits somebody or does not')
    .argument('<segment>', eitherWay)
    .argument('[subscriber]', 'an address or id')
    .addOption(
      new Option('--limit <number>', 'how many people to show')
        .argParser(wholeNumber('--limit', 1))
        .default(10),
    )
    .addHelpText(
      'after',
      helpText({
        json: '{ name, filter, people: [{ id, email, name, lists, createdAt }] }; with a subscriber { name, filter, subscriberId, fits, because }',
        examples: [
          'segments test "topic in (climate, energy)"',
          'segments test "list = weekly and clicked within 30d" ada@example.com',
        ],
      }),
    )
    .action((reference: string, person: string | undefined, options: { limit: number }, command: Command) =>
      withContext(command, (context, output) => test(context, output, reference, person, options.limit)),
    );
}

async function test(
  context: CommandContext,
  output: Output,
  reference: string,
  person: string | undefined,
  limit: number,
): Promise<void> {
  const { name, filter } = await resolveSegment(context, reference);
  const { printFilter } = await import('../subscribers/segments/print.ts');
  const read = printFilter(filter);
  output.text(`Read as: ${read}`, '');
  if (person === undefined) {
    const people = await listSubscribers(context, { segment: reference, limit });
    output.table(
      people.map(({ id, email, name: called, lists }) => ({ id, email, name: called, lists })),
      'It fits nobody.',
    );
    output.result({ name, filter: read, people });
    return;
  }
  const subscriberId = await findSubscriber(context, person);
  const because = await explainSegment(context, reference, subscriberId);
  output.text(`${because.holds ? 'It fits' : 'It does not fit'} ${person}:`, ...explanationLines(because, 1));
  output.result({ name, filter: read, subscriberId, fits: because.holds, because });
}

function explanationLines({ kind, text, holds, parts }: Explanation, depth: number): string[] {
  const said = kind === 'all' ? 'all of these' : kind === 'any' ? 'one of these' : text;
  return [
    `${'  '.repeat(depth)}${holds ? 'yes' : 'no '}  ${said}`,
    ...parts.flatMap((part) => explanationLines(part, depth + 1)),
  ];
}

function countSentence({ subscribers, people, reachable }: SegmentCount): string {
  const number = (value: number) => value.toLocaleString('en');
  return `It fits ${number(people)} of ${number(subscribers)} subscribers; ${number(reachable)} of them can be mailed now.`;
}

function fieldsTable(): string {
  const width = Math.max(...fields.map(({ name }) => name.length));
  return [
    'Fields:',
    ...fields.map(({ name, about, example }) => `  ${name.padEnd(width)}  ${about}: ${example}`),
    `  ${'field.NAME'.padEnd(width)}  one of your own fields: field.company = "ACME"`,
  ].join('\n');
}
