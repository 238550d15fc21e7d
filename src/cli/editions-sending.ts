import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import type { DeliveryReport } from '../delivery/report.ts';
import type { Edition } from '../editions/editions.ts';
import type { Transition } from '../editions/lifecycle.ts';
import { UserError } from '../errors.ts';
import { type CommandContext, type Output, withContext } from './command.ts';
import { confirmDestructive, type DestructiveOptions, destructive } from './confirm.ts';
import { editionFields, printReport, shown } from './edition-output.ts';
import { helpText } from './help.ts';
import { Interrupted, interruptible } from './interrupt.ts';
import { lazily } from './lazily.ts';
import { startProgress } from './progress.ts';

const { assertOwn } = lazily(() => import('../db/installation.ts'));
const { removeEdition } = lazily(() => import('../delivery/remove-editions.ts'));
const { deliveryReport } = lazily(() => import('../delivery/report.ts'));
const { findEdition, getEdition } = lazily(() => import('../editions/editions.ts'));
const { move } = lazily(() => import('../editions/lifecycle.ts'));

/** The part of `broadsheet editions` that sends editions, stops them, and takes them away. */
export function registerSending(group: Command): void {
  for (const [verb, transition, description, done] of [
    ['pause', 'pause', 'stop sending; no further message begins', 'Paused'],
    ['resume', 'resume', 'go on sending where it was', 'Resumed'],
  ] as const satisfies [string, Transition, string, string][])
    group
      .command(`${verb} <edition>`)
      .description(description)
      .addHelpText('after', helpText({ json: editionFields, examples: [`editions ${verb} morning`] }))
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

  destructive(group.command('cancel <edition>'))
    .description('never send, or stop sending for good')
    .addHelpText(
      'after',
      helpText({
        json: editionFields,
        examples: ['editions cancel 12 --dry-run', 'editions cancel 12 --yes'],
      }),
    )
    .action((which: string, options: DestructiveOptions, command: Command) =>
      withContext(command, async (context, output) => {
        const { id, subject, state, planned_at } = await findEdition(context, which);
        const report = planned_at ? await deliveryReport(context, id) : undefined;
        const isAgreed = await confirmDestructive(output, options, {
          what: `This cancels edition ${id}, "${subject}" (${state}), for good.`,
          effects: report
            ? [
                `${report.accepted} ${report.accepted === 1 ? 'reader has' : 'readers have'} it, ${report.waiting + report.deferred} will not get it`,
              ]
            : ['nobody has it, and nobody will get it'],
          instead: `To stop it for a while: broadsheet editions pause ${id}`,
          plan: { edition: id, state },
        });
        if (!isAgreed) return;
        const edition = await move(context, id, 'cancel');
        output.text(`Cancelled: edition ${id}, "${edition.subject}".`);
        output.result(shown(edition));
      }),
    );

  destructive(group.command('remove <edition>'))
    .description('remove an edition that was not sent: a draft, one in review, skipped or cancelled')
    .addHelpText(
      'after',
      helpText({
        text: 'What was sent stays, so that it can be shown.',
        json: '{ removed: id }',
        examples: ['editions remove 12 --dry-run', 'editions remove 12 --yes'],
      }),
    )
    .action((which: string, options: DestructiveOptions, command: Command) =>
      withContext(command, async (context, output) => {
        const { id, subject, state, planned_at } = await findEdition(context, which);
        const report = planned_at ? await deliveryReport(context, id) : undefined;
        const isAgreed = await confirmDestructive(output, options, {
          what: `This removes edition ${id}, "${subject}" (${state}), and it cannot be undone.`,
          effects:
            report && report.accepted > 0
              ? [
                  `${report.accepted} readers had it before it was cancelled: links in their mails will lead nowhere`,
                ]
              : [],
          plan: { edition: id, state },
        });
        if (!isAgreed) return;
        await removeEdition(context, id);
        output.text(`Removed edition ${id}.`);
        output.result({ removed: id });
      }),
    );

  group
    .command('send <edition>')
    .description('send an approved edition now, and wait until it is done')
    .option('--no-wait', 'leave the sending to the workers')
    .addHelpText(
      'after',
      helpText({
        text: 'Ctrl-C stops waiting, and lets what is out be finished: the edition stays in sending, and this command or a worker goes on.',
        json: 'with --no-wait the edition; without, what "editions report" counts, and its state',
        examples: ['editions send morning', 'editions send 12 --no-wait'],
      }),
    )
    .action((which: string, options: { wait: boolean }, command: Command) =>
      withContext(command, async (context, output) => {
        await assertOwn(context);
        const edition = await findEdition(context, which);
        if (edition.state !== 'sending' && edition.state !== 'approved')
          await move(context, edition.id, 'start');
        await sendNow(context, output, edition, options.wait);
      }),
    );
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
  const interrupt = interruptible();
  const before = settled(await deliveryReport(context, edition.id));
  const progress = startProgress('messages', { before });
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
      progress.update(settled(report), report.planned);
      const onlyDeferred = state === 'sending' && report.waiting === 0 && report.deferred > 0;
      if (state === 'sending' && !onlyDeferred) {
        if (interrupt.signal.aborted)
          throw new Interrupted(
            `${settled(report) - before} messages were sent, and ${report.waiting} are waiting. Go on: broadsheet editions send ${edition.id}`,
          );
        await sleep(200, undefined, { signal: interrupt.signal }).catch(() => {});
        continue;
      }
      progress.end();
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
    progress.end();
    await worker.stop();
    interrupt.end();
  }
}

const settled = ({ planned, waiting, deferred }: DeliveryReport) => planned - waiting - deferred;
