import type { Command } from 'commander';
import { findEdition } from '../editions/editions.ts';
import { explainEdition } from '../editions/explain.ts';
import { findNewsletter, policyVersions } from '../editions/newsletters.ts';
import { UserError } from '../errors.ts';
import { wholeNumber, withContext } from './command.ts';

/** `broadsheet selection`: why an edition is as it is. */
export function register(program: Command): void {
  const group = program.command('selection').description('see how stories are chosen');

  group
    .command('explain <edition>')
    .description('print why each story is where it is')
    .option('--all', 'the reserve too')
    .action((which: string, options: { all?: boolean }, command: Command) =>
      withContext(command, async (context, output) => {
        const edition = await findEdition(context, which);
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
      '--version <number>',
      'print that one, as "newsletters edit --policy" takes it',
      wholeNumber('--version', 1),
    )
    .action((reference: string, options: { version?: number }, command: Command) =>
      withContext(command, async (context, output) => {
        const newsletter = await findNewsletter(context, reference);
        const versions = await policyVersions(context, newsletter.id);
        if (options.version === undefined) {
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
        const one = versions.find(({ version }) => version === options.version);
        if (!one)
          throw new UserError(`"${newsletter.slug}" has had no policy ${options.version}.`, {
            code: 'not-found',
            hint: `There are: ${versions.map(({ version }) => version).join(', ')}.`,
          });
        output.text(JSON.stringify(one.policy, undefined, 2));
        output.result(one);
      }),
    );
}
