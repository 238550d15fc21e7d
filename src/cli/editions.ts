import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { type Composer, composePage, prepareComposer } from '../delivery/compose.ts';
import { anybody, loadReaders, type Reader } from '../delivery/readers.ts';
import { deliveryReport } from '../delivery/report.ts';
import { editEdition } from '../editions/edit.ts';
import { ensureEdition, findEdition, listEditions } from '../editions/editions.ts';
import { findNewsletter } from '../editions/newsletters.ts';
import { type SubjectTest, subjectFor } from '../editions/subject-test.ts';
import { UserError } from '../errors.ts';
import { engagementLines, engagementReport } from '../feedback/engagement-report.ts';
import { linkSigner } from '../links.ts';
import { checkEdition } from '../rendering/checks/check-edition.ts';
import { compileAndStore } from '../rendering/store.ts';
import { approveEdition } from '../schedule/approve-edition.ts';
import { produceEdition } from '../schedule/produce.ts';
import { parseAddress } from '../subscribers/address.ts';
import { wholeNumber, withContext } from './command.ts';
import { editionFields, editionWithStories, printEdition, printReport, shown } from './edition-output.ts';
import { registerSending } from './editions-sending.ts';
import { helpText } from './help.ts';
import { printFindings } from './print-findings.ts';

const reference = 'id, newsletter (its newest edition), or newsletter@2026-11-24T07:00:00Z';

/** `broadsheet editions`: build, look at, approve and send the issues of a newsletter. */
export function register(program: Command): void {
  const group = program.command('editions').description('build, preview, approve and send editions');

  group
    .command('build [newsletter]')
    .alias('create')
    .description('choose the stories of a new edition and render it')
    .option('--at <time>', 'the time it is for, such as 2026-11-24T07:00:00Z (default: now)')
    .option('--edition <id>', 'build this draft, or this edition in review, again')
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
        const edition = await produceEdition(context, id);
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
    .command('preview <edition>')
    .description('print an edition as a subscriber would get it')
    .option('--as <email>', 'as this subscriber (default: one without wishes)')
    .option('--html', 'print the HTML instead of the text')
    .option('--out <file>', 'write the HTML to a file')
    .addHelpText(
      'after',
      helpText({
        json: 'the edition, and { html, text, … } as the reader gets it',
        examples: ['editions preview morning', 'editions preview 12 --as ada@example.com --out preview.html'],
      }),
    )
    .action((which: string, options: { as?: string; html?: boolean; out?: string }, command: Command) =>
      withContext(command, async (context, output) => {
        const edition = await findEdition(context, which);
        const composer = await prepareComposer(context, edition, await linkSigner(context));
        const page = composePage(context, composer, await readerFor(context, composer, options.as));
        if (options.out) {
          writeFileSync(options.out, page.html);
          output.text(`Wrote ${options.out}.`);
        } else output.text(options.html ? page.html : page.text);
        output.result({ ...shown(edition), ...page });
      }),
    );

  group
    .command('check <edition>')
    .description('look for what would go wrong in readers’ mail; exits with 1 if there are errors')
    .option('--no-links', 'do not follow links')
    .addHelpText(
      'after',
      helpText({
        json: '{ edition, version, findings: [{ check, severity, message, where, mend }] }',
        examples: ['editions check morning', 'editions check 12 --no-links'],
      }),
    )
    .action((which: string, { links }: { links: boolean }, command: Command) =>
      withContext(command, async (context, output) => {
        const edition = await findEdition(context, which);
        const findings = await checkEdition(context, edition, { links });
        printFindings(output, findings);
        if (findings.length === 0) output.text('Nothing was found.');
        output.result({ edition: edition.id, version: edition.version, findings });
        if (findings.some(({ severity }) => severity === 'error')) process.exitCode = 1;
      }),
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

  registerSending(group);

  group
    .command('edit <edition>')
    .description('change an edition’s subject, preheader, and the subjects that are tried out')
    .option('--subject <text>', 'what the inbox shows')
    .option('--preheader <text>', 'the line behind it')
    .option(
      '--try <subjects...>',
      'further subjects, tried out on some readers before the others get the better one',
    )
    .option('--no-try', 'try none out')
    .addHelpText(
      'after',
      helpText({
        json: 'the edition, as "editions show" gives it',
        examples: [
          'editions edit morning --subject "The bridge hums again"',
          'editions edit 12 --try "What the bridge sings" "A bridge, and its tune"',
        ],
      }),
    )
    .action(
      (
        which: string,
        options: { subject?: string; preheader?: string; try?: string[] | boolean },
        command: Command,
      ) =>
        withContext(command, async (context, output) => {
          const { id } = await findEdition(context, which);
          const edition = await editEdition(context, id, {
            subject: options.subject,
            preheader: options.preheader,
            tried: options.try === false ? [] : Array.isArray(options.try) ? options.try : undefined,
          });
          await compileAndStore(context, edition);
          await printEdition(context, output, edition);
        }),
    );

  group
    .command('subjects <edition>')
    .description('show the subjects that an edition tries out, and which one won')
    .addHelpText(
      'after',
      helpText({
        json: '{ subjects: [{ number, subject }], by, endsAt, …, outcome }',
        examples: ['editions subjects morning'],
      }),
    )
    .action((which: string, _options, command: Command) =>
      withContext(command, async (context, output) => {
        const edition = await findEdition(context, which);
        const test = edition.subject_test as SubjectTest | null;
        if (test) await subjectFor(context, edition.id);
        const subjects = await context.db
          .selectFrom('edition_subjects')
          .select(['number', 'subject'])
          .where('edition_id', '=', edition.id)
          .orderBy('number')
          .execute();
        const outcome = ((await findEdition(context, which)).subject_test as SubjectTest | null)?.outcome;
        output.table(
          subjects.map(({ number, subject }) => {
            const result = outcome?.results.find((each) => each.subject === number);
            return {
              subject: number,
              text: subject,
              readers: result?.readers ?? '',
              [test?.by === 'opens' ? 'opened' : 'clicked']: result?.responded ?? '',
              p: result?.pValue?.toPrecision(2) ?? '',
              won: outcome?.winner === number ? 'yes' : '',
            };
          }),
          'This edition tries out no subjects.',
        );
        if (outcome) output.text('', `${outcome.why}.`);
        else if (test?.endsAt) output.text('', `It is decided at ${test.endsAt}.`);
        output.result({ subjects, ...(test ?? {}), outcome: outcome ?? null });
      }),
    );

  group
    .command('report <edition>')
    .description('account for every delivery of an edition, and for who opened and clicked')
    .addHelpText(
      'after',
      helpText({
        json: '{ planned, accepted, deferred, failed, skipped, uncertain, waiting, sums, bounced, complaints, unsubscribed, reasons,\n  uncertainDeliveries, doubtedDeliveries, engagement, … }',
        examples: ['editions report morning', 'editions report 12 --json | jq .uncertainDeliveries'],
      }),
    )
    .action((which: string, _options, command: Command) =>
      withContext(command, async (context, output) => {
        const { id } = await findEdition(context, which);
        const report = await deliveryReport(context, id);
        const engagement = await engagementReport(context, id);
        printReport(output, report);
        output.text(...engagementLines(engagement));
        output.result({ ...report, engagement });
      }),
    );
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

/** @throws UserError if there is no such subscriber */
export async function readerFor(
  context: Context,
  { edition, past }: Composer,
  email: string | undefined,
): Promise<Reader> {
  if (!email) return anybody(0, 'reader@example.com');
  const { key } = parseAddress(email);
  const row = await context.db
    .selectFrom('subscribers')
    .select('id')
    .where('email_key', '=', key)
    .executeTakeFirst();
  const [reader] = row ? await loadReaders(context, edition.newsletter_id, [row.id], past) : [];
  if (!reader) throw new UserError(`There is no subscriber ${email}.`, { code: 'not-found' });
  return reader;
}
