import type { Command } from 'commander';
import { findEdition, storiesOf } from '../editions/editions.ts';
import { withContext } from './command.ts';

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
        const stories = (await storiesOf(context, edition.id)).filter(
          (story) => options.all || story.slot !== 'reserve',
        );
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
        output.result({
          edition: edition.id,
          policy: edition.policy,
          stories: stories.map(({ position, slot, title, score, reason, developing, coverage, related }) => ({
            position,
            slot,
            title,
            score,
            coverage,
            developing,
            reason,
            related,
          })),
        });
      }),
    );
}
