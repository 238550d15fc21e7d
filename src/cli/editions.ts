import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { type Composer, composePage, prepareComposer } from '../delivery/compose.ts';
import { anybody, loadReaders, type Reader } from '../delivery/readers.ts';
import { type DeliveryReport, deliveryReport } from '../delivery/report.ts';
import { editEdition } from '../editions/edit.ts';
import {
  type Edition,
  ensureEdition,
  findEdition,
  getEdition,
  listEditions,
  storiesOf,
} from '../editions/editions.ts';
import { move, type Transition } from '../editions/lifecycle.ts';
import { findNewsletter } from '../editions/newsletters.ts';
import { type SubjectTest, subjectFor } from '../editions/subject-test.ts';
import { UserError } from '../errors.ts';
import { engagementLines, engagementReport } from '../feedback/engagement-report.ts';
import { linkSigner } from '../links.ts';
import { checkEdition } from '../rendering/checks/check-edition.ts';
import { compileAndStore } from '../rendering/store.ts';
import { produceEdition } from '../schedule/produce.ts';
import { parseAddress } from '../subscribers/address.ts';
import { approveEdition } from './approve-edition.ts';
import { type CommandContext, type Output, wholeNumber, withContext } from './command.ts';
import { printFindings } from './print-findings.ts';

const reference = 'id, newsletter (its newest edition), or newsletter@2026-11-24T07:00:00Z';

/** `broadsheet editions`: build, look at, approve and send the issues of a newsletter. */
export function register(program: Command): void {
  const group = program.command('editions').description('build, preview, approve and send editions');

  group
    .command('build [newsletter]')
    .description('choose the stories of a new edition and render it')
    .option('--at <time>', 'the time it is for, such as 2026-11-24T07:00:00Z (default: now)')
    .option('--edition <id>', 'build this draft, or this edition in review, again')
    .addHelpText(
      'after',
      '\nExamples:\n  broadsheet editions build morning\n  broadsheet editions build --edition 12',
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

  for (const [verb, transition, description, done] of [
    ['pause', 'pause', 'stop sending; no further message begins', 'Paused'],
    ['resume', 'resume', 'go on sending where it was', 'Resumed'],
    ['cancel', 'cancel', 'never send, or stop sending for good', 'Cancelled'],
  ] as const satisfies [string, Transition, string, string][])
    group
      .command(`${verb} <edition>`)
      .description(description)
      .action((which: string, _options, command: Command) =>
        withContext(command, async (context, output) => {
          const { id } = await findEdition(context, which);
          const edition = await move(
            context,
            id,
            transition,
            transition === 'pause' ? 'paused by hand' : null,
          );
          output.text(`${done}: edition ${id}, "${edition.subject}".`);
          output.result(shown(edition));
        }),
      );

  group
    .command('send <edition>')
    .description('send an approved edition now, and wait until it is done')
    .option('--no-wait', 'leave the sending to the workers')
    .action((which: string, options: { wait: boolean }, command: Command) =>
      withContext(command, async (context, output) => {
        const edition = await findEdition(context, which);
        if (edition.state !== 'sending' && edition.state !== 'approved')
          await move(context, edition.id, 'start');
        await sendNow(context, output, edition, options.wait);
      }),
    );

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
          output.result(shown(edition));
        }),
    );

  group
    .command('subjects <edition>')
    .description('show the subjects that an edition tries out, and which one won')
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

async function sendNow(
  context: CommandContext,
  output: Output,
  edition: Edition,
  wait: boolean,
): Promise<void> {
  // Due from now on, whatever its scheduled time: workers look at this too.
  const { startWorker } = await import('../schedule/worker.ts');
  const worker = await startWorker(context, {
    connection: context.database.connection,
    schedule: false,
    sweepSeconds: 1,
  });
  try {
    await worker.start(edition.id);
    if (!wait) {
      output.text(`Edition ${edition.id} is being sent by the workers.`);
      output.result(shown(await getEdition(context, edition.id)));
      return;
    }
    for (;;) {
      const { state, state_reason } = await getEdition(context, edition.id);
      const report = await deliveryReport(context, edition.id);
      if (process.stderr.isTTY && !output.json)
        process.stderr.write(
          `\r${report.planned - report.waiting - report.deferred} of ${report.planned} done `,
        );
      const onlyDeferred = state === 'sending' && report.waiting === 0 && report.deferred > 0;
      if (state === 'sending' && !onlyDeferred) {
        await sleep(200);
        continue;
      }
      if (process.stderr.isTTY && !output.json) process.stderr.write('\r\u001b[K');
      printReport(output, report);
      output.result({ ...report, state });
      if (state === 'paused')
        throw new UserError(`Edition ${edition.id} was paused: ${state_reason ?? 'by hand'}.`, {
          code: 'paused',
          hint: `When that is mended: broadsheet editions resume ${edition.id}, then send ${edition.id}.`,
        });
      if (onlyDeferred)
        output.text('A worker tries the deferred ones again: keep "broadsheet worker" or "serve" running.');
      return;
    }
  } finally {
    await worker.stop();
  }
}

async function printEdition(context: Context, output: Output, edition: Edition): Promise<void> {
  const stories = await storiesOf(context, edition.id);
  output.text(
    `Edition ${edition.id}, for ${edition.scheduled_for.toISOString()}: ${edition.state}${edition.state_reason ? ` (${edition.state_reason})` : ''}`,
    ...(edition.subject ? [`Subject: ${edition.subject}`] : []),
    '',
  );
  output.table(
    stories
      .filter((story) => story.slot !== 'reserve')
      .map((story) => ({
        '#': story.position + 1,
        slot: story.slot,
        publisher: story.publisher,
        title: story.title,
      })),
    'It has no stories.',
  );
  const report = edition.planned_at ? await deliveryReport(context, edition.id) : null;
  if (report) {
    output.text('');
    printReport(output, report);
  }
  output.result({ ...shown(edition), stories, deliveries: report });
}

function printReport(output: Output, report: DeliveryReport): void {
  const parts = ['accepted', 'deferred', 'failed', 'skipped', 'uncertain', 'waiting'] as const;
  output.text(
    `${report.planned} planned = ${parts
      .filter((part) => report[part] > 0 || part === 'accepted')
      .map((part) => `${report[part]} ${part}`)
      .join(' + ')}${report.sums ? '' : ' (these do not add up: please report this)'}`,
  );
  const { bounced, complaints, unsubscribed } = report;
  if (bounced + complaints + unsubscribed > 0)
    output.text(`  came back: ${bounced} bounced, ${complaints} complained, ${unsubscribed} left by it`);
  for (const { state, detail, count } of report.reasons)
    output.text(`  ${count} ${state}: ${detail || 'no reason given'}`);
  for (const { subscriberId, email, detail } of report.uncertainDeliveries)
    output.text(`  uncertain: ${email ?? `subscriber ${subscriberId}`} (${detail})`);
}

/** The documented shape of an edition in `--json`. */
function shown(edition: Edition) {
  return {
    id: edition.id,
    newsletterId: edition.newsletter_id,
    scheduledFor: edition.scheduled_for,
    state: edition.state,
    stateReason: edition.state_reason,
    subject: edition.subject,
    preheader: edition.preheader,
    theme: edition.theme,
    language: edition.language,
    version: edition.version,
    recipients: edition.planned_count,
    builtAt: edition.built_at,
    approvedAt: edition.approved_at,
    sentAt: edition.sent_at,
  };
}
