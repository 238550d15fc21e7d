import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { UserError } from '../errors.ts';
import { wholeNumber, withContext } from './command.ts';
import { editionFields, editionWithStories, printEdition, shown } from './edition-output.ts';
import { registerChanges } from './editions-change.ts';
import { registerLooks } from './editions-look.ts';
import { registerSending } from './editions-sending.ts';
import { helpText } from './help.ts';
import { lazily } from './lazily.ts';
import { printFindings } from './print-findings.ts';

const { ensureEdition, findEdition, getEdition, listEditions } = lazily(
  () => import('../editions/editions.ts'),
);
const { findNewsletter } = lazily(() => import('../editions/newsletters.ts'));
const { approveEdition } = lazily(() => import('../schedule/approve-edition.ts'));
const { produceEdition } = lazily(() => import('../schedule/produce.ts'));

const reference = 'id, newsletter (its newest edition), or newsletter@2026-11-24T07:00:00Z';

/** `broadsheet editions`: build, look at, approve and send the issues of a newsletter. */
export function register(group: Command): void {
  group
    .command('build [newsletter]')
    .alias('create')
    .description('choose the stories of a new edition and render it')
    .option('--at <time>', 'the time it is for, such as 2026-11-24T07:00:00Z (default: now)')
    .option('--edition <id>', 'build this draft, edition in review or skipped edition')
    .addHelpText(
      'after',
      helpText({
        json: 'the edition, as "editions show" gives it',
        examples: [
          'editions build morning',
          'editions build morning --at 2026-11-24T07:00:00Z',
          'editions build --edition 12',
        ],
      }),
    )
    .action((newsletter: string | undefined, options: { at?: string; edition?: string }, command: Command) =>
      withContext(command, async (context, output) => {
        const id = await editionToBuild(context, newsletter, options);
        const isSkipped =
          options.edition !== undefined && (await getEdition(context, id)).state === 'skipped';
        const edition = await produceEdition(context, id, null, isSkipped ? { asked: 'anyway' } : {});
        await printEdition(context, output, edition);
        if (edition.state === 'review' && edition.state_reason)
          output.text(
            '',
            `It waits for approval: all that the checks found is shown by "editions check ${id}".`,
          );
        if (edition.state === 'review')
          output.text('', `Next: broadsheet editions preview ${id}, then approve ${id} and send ${id}.`);
        if (edition.state === 'approved')
          output.text('', `Next: broadsheet editions send ${id}, or leave it to a worker.`);
      }),
    );

  group
    .command('list')
    .description('list editions, the newest first')
    .option('--newsletter <newsletter>', 'only of this newsletter')
    .option('--state <state>', 'draft, review, approved, sending, paused, sent, cancelled or skipped')
    .option('--limit <n>', 'how many at the most', wholeNumber('--limit', 1), 20)
    .addHelpText(
      'after',
      helpText({
        json: `[${editionFields.replace(' }', ', newsletter }')}]`,
        examples: ['editions list', 'editions list --newsletter morning --state review'],
      }),
    )
    .action((options: { newsletter?: string; state?: string; limit: number }, command: Command) =>
      withContext(command, async (context, output) => {
        const newsletterId = options.newsletter
          ? (await findNewsletter(context, options.newsletter)).id
          : undefined;
        const editions = await listEditions(context, {
          newsletterId,
          state: options.state,
          limit: options.limit,
        });
        output.table(
          editions.map((edition) => ({
            id: edition.id,
            newsletter: edition.newsletter,
            'scheduled for': edition.scheduled_for,
            state: edition.state,
            recipients: edition.planned_count,
            subject: edition.state_reason ? `(${edition.state_reason})` : edition.subject,
          })),
          'There are no editions.',
        );
        output.result(editions.map((edition) => ({ ...shown(edition), newsletter: edition.newsletter })));
      }),
    );

  group
    .command('show <edition>')
    .description(`show an edition and where its deliveries stand (${reference})`)
    .addHelpText(
      'after',
      helpText({
        json: editionWithStories,
        examples: [
          'editions show morning',
          'editions show morning@2026-11-24T07:00:00Z',
          'editions show 12 --json',
        ],
      }),
    )
    .action((which: string, _options, command: Command) =>
      withContext(command, async (context, output) =>
        printEdition(context, output, await findEdition(context, which)),
      ),
    );

  group
    .command('approve <edition>')
    .description('approve an edition: it goes out at its scheduled time')
    .option('--anyway', 'even if the checks found errors')
    .addHelpText(
      'after',
      `
Shows the errors and warnings that the checks found, each with where it is and what to do. Errors keep it from being
approved, unless the newsletter was told to mind none (newsletters edit --block nothing) or not these (--ignore-checks).

With --json: the edition as "editions show" gives it, without stories and deliveries, and "findings": a list of
  {"check", "severity": "error" or "warning", "message", "where": {"part", "slot", "story", "language", "counted",
   "element", "line"}, "mend"}
If it was refused, on standard error: {"error": {"code": "checks", "message", "hint", "details": {"findings"}}}.

Exits with 0 if it was approved, with 1 if not.

Examples:
  broadsheet editions approve morning
  broadsheet editions approve 12 --anyway`,
    )
    .action((which: string, options: { anyway?: boolean }, command: Command) =>
      withContext(command, async (context, output) => {
        const { edition, findings } = await approveEdition(
          context,
          await findEdition(context, which),
          (found) => printFindings(output, found),
          options,
        );
        output.text(
          `Approved: edition ${edition.id}, "${edition.subject}".`,
          `Send it now with "broadsheet editions send ${edition.id}", or leave it to a worker.`,
        );
        output.result({ ...shown(edition), findings });
      }),
    );

  registerLooks(group);
  registerSending(group);

  registerChanges(group);
}

async function editionToBuild(
  context: Context,
  newsletter: string | undefined,
  options: { at?: string; edition?: string },
): Promise<number> {
  if (options.edition) return (await findEdition(context, options.edition)).id;
  if (!newsletter) throw new UserError('Name a newsletter, or an edition with --edition.', { code: 'usage' });
  const at = options.at ? new Date(options.at) : context.clock.now();
  if (Number.isNaN(at.getTime()))
    throw new UserError(`"${options.at}" is no time.`, {
      code: 'usage',
      hint: 'Write it as 2026-11-24T07:00:00Z.',
    });
  at.setUTCMilliseconds(0);
  const { id } = await findNewsletter(context, newsletter);
  return (await ensureEdition(context, id, at)).edition.id;
}
