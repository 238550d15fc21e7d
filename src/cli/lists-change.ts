import type { Command } from 'commander';
import type { MergePreview } from '../subscribers/lists-merge.ts';
import type { ListUse } from '../subscribers/lists-use.ts';
import { withContext } from './command.ts';
import { confirmDestructive, type DestructiveOptions, destructive } from './confirm.ts';
import { helpText } from './help.ts';
import { lazily } from './lazily.ts';
import { listShape } from './list-output.ts';

const { findList } = lazily(() => import('../subscribers/lists.ts'));
const { archiveList, renameList, unarchiveList } = lazily(() => import('../subscribers/lists-archive.ts'));
const { mergeLists, previewMerge } = lazily(() => import('../subscribers/lists-merge.ts'));
const { copyList, previewCarry, splitList } = lazily(() => import('../subscribers/lists-split.ts'));
const { previewRemoval, removeList, usesOf } = lazily(() => import('../subscribers/lists-use.ts'));

/** The commands of `broadsheet lists` that change what lists there are. */
export function registerChanges(group: Command): void {
  group
    .command('rename')
    .description('give a list another short name; addresses and forms with the old one go on working')
    .argument('<list>', 'its short name or id')
    .argument('<slug>', 'the new short name')
    .option('--name <name>', 'the name that readers see, if that changes too')
    .addHelpText(
      'after',
      helpText({
        json: `${listShape}, with before and segments: [names]`,
        examples: [
          'lists rename weekly week-in-review',
          'lists rename weekly sunday --name "The Sunday Letter"',
        ],
      }),
    )
    .action((slugOrId: string, slug: string, options: { name?: string }, command: Command) =>
      withContext(command, async (context, output) => {
        const list = await renameList(context, slugOrId, { slug, name: options.name });
        output.text(
          `The list "${list.before}" is called "${list.slug}" now.`,
          `People subscribe at ${context.config.publicUrl}/subscribe/${list.slug}; the old address goes on working.`,
          ...rewritten(list.segments),
        );
        output.result(list);
      }),
    );

  registerMerge(group);
  registerSplit(group);

  group
    .command('copy')
    .description('make a list with the settings and people of another; no newsletter sends to it yet')
    .argument('<list>', 'short name or id of the list to copy')
    .argument('<name>', 'name of the new list')
    .option('--slug <slug>', 'its short name; made from the name if not given')
    .option('--segment <segment>', 'only the people of a saved segment, or whom a filter fits')
    .option('--no-people', 'only the settings')
    .addHelpText(
      'after',
      helpText({
        text: 'Who has left the one list has left the copy too. Ask yourself whether people agreed to what you will send to it.',
        json: '{ from, into, people }',
        examples: [
          'lists copy weekly "Weekly test" --no-people',
          'lists copy weekly VIP --segment "tag = vip"',
        ],
      }),
    )
    .action(
      (
        slugOrId: string,
        name: string,
        options: { slug?: string; segment?: string; people: boolean },
        command: Command,
      ) =>
        withContext(command, async (context, output) => {
          const { from, into, people } = await copyList(context, slugOrId, { name, ...options });
          output.text(`Made the list "${into.slug}" like "${from.slug}", with ${counted(people)}.`);
          output.result({ from: from.slug, into: into.slug, people });
        }),
    );

  registerArchive(group);
  registerRemove(group);
}

function registerMerge(group: Command): void {
  destructive(
    group
      .command('merge')
      .description('put lists into another and remove them; of two states the stricter holds')
      .argument('<lists...>', 'short names or ids of the lists that go')
      .requiredOption('--into <list>', 'the list that remains'),
  )
    .addHelpText(
      'after',
      helpText({
        text: 'Whoever left one of them has left the one that remains. Newsletters, routes, segments, addresses and forms of the lists go on with it.',
        json: '{ into, merged: [{ list, people, added }], segments }; with --dry-run also from: [{ list, people, added, stricter, uses }]',
        examples: ['lists merge old older --into weekly --dry-run', 'lists merge old --into weekly --yes'],
      }),
    )
    .action((lists: string[], options: DestructiveOptions & { into: string }, command: Command) =>
      withContext(command, async (context, output) => {
        const request = { from: lists, into: options.into };
        const preview = await previewMerge(context, request);
        const goOn = await confirmDestructive(output, options, {
          what: `This puts ${preview.from.map(({ list }) => `"${list}"`).join(', ')} into "${preview.into.slug}", and cannot be undone.`,
          effects: preview.from.flatMap(mergeEffects),
          plan: { into: preview.into.slug, from: preview.from },
        });
        if (!goOn) return;
        const { into, merged, segments } = await mergeLists(context, request);
        output.text(
          ...merged.map(
            ({ list, people, added }) =>
              `Put "${list}" into "${into.slug}": ${counted(people)}, ${added.toLocaleString('en')} of them new there.`,
          ),
          ...rewritten(segments),
        );
        output.result({ into: into.slug, merged, segments });
      }),
    );
}

function mergeEffects({ list, people, added, stricter, uses }: MergePreview): string[] {
  return [
    `${list}: ${counted(people)}, ${added.toLocaleString('en')} of them new to the other list`,
    ...stricter.map(
      (change) => `${list}: ${counted(change.people)} there will be ${change.to} instead of ${change.from}`,
    ),
    ...effectsOnUses(list, uses, 'goes on with the other list'),
  ];
}

function registerSplit(group: Command): void {
  destructive(
    group
      .command('split')
      .description('move some people of a list to a new one, with their subscriptions as they are')
      .argument('<list>', 'its short name or id')
      .requiredOption('--segment <segment>', 'whom to move: a saved segment, or a filter')
      .requiredOption('--into <name>', 'name of the new list')
      .option('--slug <slug>', 'its short name; made from the name if not given')
      .option('--no-newsletters', 'no newsletter sends to the new list yet'),
  )
    .addHelpText(
      'after',
      helpText({
        text: 'Newsletters that send to the list send to both afterwards, so that nobody misses anything.',
        json: '{ from, into, people }; with --dry-run { dryRun, list, confirmed, pending, unsubscribed }',
        examples: [
          'lists split weekly --segment "country = DE" --into "Weekly Germany" --dry-run',
          'lists split weekly --segment german --into "Weekly Germany" --yes',
        ],
      }),
    )
    .action(
      (
        slugOrId: string,
        options: DestructiveOptions & {
          segment: string;
          into: string;
          slug?: string;
          newsletters: boolean;
        },
        command: Command,
      ) =>
        withContext(command, async (context, output) => {
          const { list, ...states } = await previewCarry(context, slugOrId, options.segment);
          const goOn = await confirmDestructive(output, options, {
            what: `This moves people of "${list.slug}" to a new list "${options.into}".`,
            effects: Object.entries(states).map(([state, people]) => `${counted(people)} ${state}`),
            plan: { list: list.slug, ...states },
          });
          if (!goOn) return;
          const { from, into, people } = await splitList(context, slugOrId, {
            name: options.into,
            slug: options.slug,
            segment: options.segment,
            newsletters: options.newsletters,
          });
          output.text(`Moved ${counted(people)} from "${from.slug}" to the new list "${into.slug}".`);
          output.result({ from: from.slug, into: into.slug, people });
        }),
    );
}

function registerArchive(group: Command): void {
  destructive(
    group
      .command('archive')
      .description('put a list away: hidden, no sign-ups, no newsletter sends to it; its people stay')
      .argument('<list>', 'its short name or id'),
  )
    .addHelpText('after', helpText({ json: listShape, examples: ['lists archive weekly --yes'] }))
    .action((slugOrId: string, options: DestructiveOptions, command: Command) =>
      withContext(command, async (context, output) => {
        const found = await findList(context, slugOrId);
        const uses = await usesOf(context, found);
        const goOn = await confirmDestructive(output, options, {
          what: `This puts the list "${found.slug}" away: nobody can sign up, and nothing is sent to it.`,
          effects: uses.newsletters.map((slug) => `the newsletter "${slug}" no longer goes to it`),
          plan: { list: found.slug, uses },
        });
        if (!goOn) return;
        const list = await archiveList(context, found.id);
        output.text(
          `Archived the list "${list.slug}". To use it again: broadsheet lists unarchive ${list.slug}`,
        );
        output.result(list);
      }),
    );

  group
    .command('unarchive')
    .description('take an archived list into use again')
    .argument('<list>', 'its short name or id')
    .addHelpText('after', helpText({ json: listShape, examples: ['lists unarchive weekly'] }))
    .action((slugOrId: string, _options, command: Command) =>
      withContext(command, async (context, output) => {
        const list = await unarchiveList(context, slugOrId);
        output.text(`The list "${list.slug}" is in use again.`);
        output.result(list);
      }),
    );
}

function registerRemove(group: Command): void {
  destructive(
    group
      .command('remove')
      .description('remove a list with its subscriptions; the people and the consent log stay')
      .argument('<list>', 'its short name or id'),
  )
    .addHelpText(
      'after',
      helpText({
        json: '{ removed, confirmed, pending, unsubscribed, onNoOther, suppressions, uses }',
        examples: ['lists remove weekly --dry-run', 'lists remove weekly --yes'],
      }),
    )
    .action((slugOrId: string, options: DestructiveOptions, command: Command) =>
      withContext(command, async (context, output) => {
        const preview = await previewRemoval(context, slugOrId);
        (await import('../subscribers/lists-use.ts')).refuseIfNamed(preview);
        const { list, uses, ...counts } = preview;
        const goOn = await confirmDestructive(output, options, {
          what: `This removes the list "${list.slug}", and cannot be undone.`,
          effects: [
            `${counts.confirmed.toLocaleString('en')} confirmed, ${counts.pending.toLocaleString('en')} pending and ${counts.unsubscribed.toLocaleString('en')} unsubscribed subscriptions`,
            `${counted(counts.onNoOther)} will be on no list`,
            ...(counts.suppressions > 0
              ? [`${counts.suppressions.toLocaleString('en')} suppressions that hold for this list alone`]
              : []),
            ...effectsOnUses(list.slug, uses, 'loses it'),
          ],
          instead: `To keep it and send nothing, use: broadsheet lists archive ${list.slug}`,
          plan: { list: list.slug, ...counts, uses },
        });
        if (!goOn) return;
        await removeList(context, list.id);
        output.text(`Removed the list "${list.slug}".`);
        output.result({ removed: list.slug, ...counts, uses });
      }),
    );
}

function effectsOnUses(list: string, uses: ListUse, becomes: string): string[] {
  return [
    ...uses.newsletters.map(
      (slug) =>
        `the newsletter "${slug}" ${becomes}${becomes === 'loses it' && uses.onlyList.includes(slug) ? ', and has no other' : ''}`,
    ),
    ...uses.routes.map((name) =>
      becomes === 'loses it'
        ? `the route "${name}", which serves it alone`
        : `the route "${name}" ${becomes}`,
    ),
    ...(becomes === 'loses it' ? [] : uses.segments.map((name) => `the segment "${name}" names ${list}`)),
  ];
}

const counted = (people: number) => `${people.toLocaleString('en')} ${people === 1 ? 'person' : 'people'}`;

const rewritten = (segments: string[]) =>
  segments.length > 0 ? [`Rewritten segments: ${segments.join(', ')}.`] : [];
