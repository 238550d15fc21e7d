import type { Command } from 'commander';
import type { Edition } from '../editions/editions.ts';
import { UserError } from '../errors.ts';
import { linkSigner } from '../links.ts';
import { type CommandContext, type Output, wholeNumber, withContext } from './command.ts';
import { helpText } from './help.ts';
import { Interrupted, interruptible } from './interrupt.ts';
import { lazily } from './lazily.ts';
import { startProgress } from './progress.ts';
import { editionTable, replaySummary } from './replay-table.ts';
import { sinceWhen } from './values.ts';

const { findEdition } = lazily(() => import('../editions/editions.ts'));
const { explainEdition } = lazily(() => import('../editions/explain.ts'));
const { findNewsletter, policyVersions } = lazily(() => import('../editions/newsletters.ts'));
const { replayEditions } = lazily(() => import('../editions/replay.ts'));

/** `broadsheet selection`: why an edition is as it is. */
export function register(group: Command): void {
  group
    .command('explain <edition>')
    .description('print why each story is where it is')
    .option('--all', 'the reserve too')
    .option('--reader <address>', 'why this subscriber gets what they get of it')
    .addHelpText(
      'after',
      helpText({
        json: '{ edition, …, stories: [{ position, slot, title, score, reason: { text, parts }, related: […], … }] };\n  with --reader { edition, reader, wishes, stories: [{ position, title, slot, because, parts }] }',
        examples: [
          'selection explain morning',
          'selection explain 12 --all',
          'selection explain 12 --reader ada@example.com',
        ],
      }),
    )
    .action((which: string, options: { all?: boolean; reader?: string }, command: Command) =>
      withContext(command, async (context, output) => {
        const edition = await findEdition(context, which);
        if (options.reader) return explainReader(context, output, edition, options.reader);
        const explained = await explainEdition(context, edition, options);
        const { stories } = explained;
        output.text(
          `Edition ${edition.id}, for ${edition.scheduled_for.toISOString()}: "${edition.subject}"`,
        );
        if (stories.length === 0) output.text('', edition.state_reason ?? 'It has no stories.');
        for (const story of stories) {
          const numbers = Object.entries(story.reason.parts).map(([name, value]) => `${name} ${value}`);
          output.text(
            '',
            `${story.position + 1}. ${story.title}`,
            `   ${story.slot}, score ${story.score}. ${story.reason.text}`,
            `   ${numbers.join(', ')}`,
          );
          if (story.developing) output.text(`   Developing. ${story.developing}`);
          for (const related of story.related)
            output.text(
              `   ${related.kind}: ${related.title} (${related.publisher}). ${related.reason.text}`,
            );
        }
        output.result(explained);
      }),
    );

  group
    .command('policies <newsletter>')
    .description('list the policies that a newsletter has had, the newest first')
    .option(
      '--show <number>',
      'print that one, as "newsletters edit --policy" takes it',
      wholeNumber('--show', 1),
    )
    .addHelpText(
      'after',
      helpText({
        json: '[{ version, policy, note, createdAt }]; with --show that one alone',
        examples: ['selection policies morning', 'selection policies morning --show 2 > former.json'],
      }),
    )
    .action((reference: string, options: { show?: number }, command: Command) =>
      withContext(command, async (context, output) => {
        const newsletter = await findNewsletter(context, reference);
        const versions = await policyVersions(context, newsletter.id);
        if (options.show === undefined) {
          output.table(
            versions.map(({ version, createdAt, note, policy }) => ({
              version,
              since: createdAt,
              note,
              says: JSON.stringify(policy),
            })),
            'There are none.',
          );
          output.result(versions);
          return;
        }
        const one = versions.find(({ version }) => version === options.show);
        if (!one)
          throw new UserError(`"${newsletter.slug}" has had no policy ${options.show}.`, {
            code: 'not-found',
            hint: `There are: ${versions.map(({ version }) => version).join(', ')}.`,
          });
        output.text(JSON.stringify(one.policy, undefined, 2));
        output.result(one);
      }),
    );

  group
    .command('replay <newsletter>')
    .description('show what another policy would have made of past editions, and of their clicks')
    .option('--since <time>', 'editions since then: a date, or how long ago (12h, 30d, 4w)', '30d')
    .option('--policy <file>', 'the policy to try, a JSON file; without it the one that the newsletter has')
    .addHelpText(
      'after',
      helpText({
        text: `Nothing is changed. + and - mark what only one of the two has, "to" and "from" where it stands in the other.
The clicks are an estimate; docs/selection.md says how it is made and what it cannot know.`,
        json: '{ editions: […], total, clicks, editionsWithReaders, … }',
        examples: ['selection replay morning-news --since 30d --policy bolder.json'],
      }),
    )
    .action((reference: string, options: { since: string; policy?: string }, command: Command) =>
      withContext(command, async (context, output) => {
        const [{ parsePolicy }, { readPolicyFile }] = await Promise.all([
          import('../selection/policy.ts'),
          import('../selection/policy-file.ts'),
        ]);
        const since = sinceWhen(options.since, context.clock.now());
        const tried = options.policy && readPolicyFile(options.policy).policy;
        const newsletter = await findNewsletter(context, reference);
        const { signal, end } = interruptible();
        const progress = startProgress('editions');
        try {
          const replay = await replayEditions(context, newsletter, {
            since,
            policy: tried || parsePolicy(newsletter.policy),
            onEdition: (edition, done, of) => {
              progress.end();
              output.text(...editionTable(edition), '');
              if (signal.aborted)
                throw new Interrupted(
                  `The replay was stopped after ${done} of ${of} editions; it changes nothing. Start it again, with a later --since for fewer.`,
                );
              progress.update(done, of);
            },
          });
          progress.end();
          output.text(...replaySummary(replay));
          output.result(replay);
        } finally {
          progress.end();
          end();
        }
      }),
    );
}

async function explainReader(
  context: CommandContext,
  output: Output,
  edition: Edition,
  address: string,
): Promise<void> {
  const [{ explainChoice, prepareComposer }, { readerFor }] = await Promise.all([
    import('../delivery/compose.ts'),
    import('./edition-reader.ts'),
  ]);
  const composer = await prepareComposer(context, edition, await linkSigner(context));
  const reader = await readerFor(context, composer, address);
  const placements = explainChoice(composer, reader).map((placement) => ({
    ...placement,
    title: composer.stories.find(({ position }) => position === placement.position)?.title ?? '',
  }));
  const wishes = {
    topics: reader.topics,
    mutedTopics: reader.mutedTopics,
    mutedSources: reader.mutedSources,
    clicks: reader.clicks?.length ?? 0,
    had: reader.had?.length ?? 0,
    since: reader.since ?? null,
  };
  output.text(`What ${reader.email} gets of edition ${edition.id}:`);
  const said: [string, string[] | number | string | null][] = [
    ['chosen topics', wishes.topics],
    ['muted topics', wishes.mutedTopics],
    ['muted sources', wishes.mutedSources],
    ['clicks that count', wishes.clicks],
    ['stories of it that they have had', wishes.had],
    ['last digest, or as long as they wait', wishes.since],
  ];
  for (const [name, value] of said)
    if (Array.isArray(value) ? value.length > 0 : value)
      output.text(`   ${name}: ${Array.isArray(value) ? value.join(', ') : value}`);
  if (placements.length === 0) output.text('', 'Nothing: their wishes leave no story of it.');
  for (const { title, slot, because, parts } of placements)
    output.text(
      '',
      title,
      `   ${slot}. ${because.join('; ')}.`,
      `   place in the edition ${parts.editionPlace}, value ${parts.value}, interest ${parts.interest}`,
    );
  output.result({ edition: edition.id, reader: reader.email, wishes, stories: placements });
}
