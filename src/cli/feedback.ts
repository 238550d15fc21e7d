import { readFileSync } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { messageOf, UserError } from '../errors.ts';
import type { Applied } from '../feedback/apply.ts';
import { eventKinds } from '../feedback/event.ts';
import type { Feedback } from '../feedback/feedback.ts';
import { type Reason, reasons } from '../feedback/reasons.ts';
import { linkSigner } from '../links.ts';
import { createOutput, type Output, wholeNumber, withContext } from './command.ts';
import { helpText } from './help.ts';
import { Interrupted, interruptible } from './interrupt.ts';
import { lazily } from './lazily.ts';
import { startProgress } from './progress.ts';
import { sinceWhen } from './values.ts';

const { findEdition } = lazily(() => import('../editions/editions.ts'));
const { applyMessage } = lazily(() => import('../feedback/apply.ts'));
const { listFeedback } = lazily(() => import('../feedback/list.ts'));

/** The exit code when some of the files could not be read; the others were. */
const someUnreadable = 3;
/** EX_TEMPFAIL of sysexits.h: a mail server that pipes a message to us keeps it and tries again. */
const tryAgain = 75;

/** `broadsheet feedback`: what comes back. */
export function register(group: Command): void {
  group
    .command('parse <files...>')
    .description('show what is understood of messages that came back; the database is not touched')
    .addHelpText(
      'after',
      helpText({
        text: 'Files that cannot be read are named on standard error, and the exit code is 3.',
        json: 'one line a message: { file, kind, recipients: [{ address, status, reply, reason, hard }], reason, hard, status }',
        examples: ['feedback parse ~/Maildir/new/*'],
      }),
    )
    .action(async (files: string[], _options, command: Command) => {
      const output = createOutput(command);
      const { parseFeedback } = await import('../feedback/parse.ts');
      for (const file of files) {
        let bytes: Buffer;
        try {
          bytes = readFileSync(file);
        } catch (error) {
          process.stderr.write(`${file} cannot be read: ${messageOf(error)}\n`);
          process.exitCode = someUnreadable;
          continue;
        }
        const feedback = parseFeedback(bytes);
        output.text(...sentences(file, feedback));
        output.result(line(file, feedback));
      }
    });

  group
    .command('apply <files...>')
    .description('take messages that came back, and act on them as if they had come in ("-": standard input)')
    .option('--to <address>', 'the address it was delivered to, if the message itself does not name it')
    .addHelpText(
      'after',
      helpText({
        text: `A message that was taken before does nothing. Files that cannot be read are named on standard error, and the exit code is
${someUnreadable}. If the database does not answer the exit code is ${tryAgain}, on which mail servers try again.`,
        json: 'one line a message: { file, kind, action, edition, subscriber }',
        examples: [
          'feedback apply ~/bounces/*.eml',
          'feedback apply - --to bounces+TAG@example.com < message',
        ],
      }),
    )
    .action(async (files: string[], options: { to?: string }, command: Command) => {
      try {
        await withContext(command, (context, output) => applyFiles(context, output, files, options.to));
      } catch (error) {
        if (error instanceof Interrupted || (error instanceof UserError && error.code === 'config'))
          throw error;
        process.stderr.write(`Not everything could be recorded: ${messageOf(error)}\n`);
        process.exitCode = tryAgain;
      }
    });

  group
    .command('list')
    .description('show what came back, the newest first')
    .option('--edition <edition>', 'of one edition: its id, or a newsletter for its newest')
    .option('--since <time>', 'since then: a date, or how long ago (12h, 30d, 4w)')
    .option('--kind <kind>', `one of ${eventKinds.join(', ')}`)
    .option('--limit <n>', 'how many at most', wholeNumber('--limit', 1), 100)
    .addHelpText(
      'after',
      helpText({
        json: '[{ id, at, recordedAt, source, kind, reason, status, reply, detail, editionId, subscriberId, email, action }]',
        examples: ['feedback list --edition 12 --kind hard', 'feedback list --since 7d'],
      }),
    )
    .action((options: { edition?: string; since?: string; kind?: string; limit: number }, command: Command) =>
      withContext(command, async (context, output) => {
        if (options.kind !== undefined && !(eventKinds as readonly string[]).includes(options.kind))
          throw new UserError(`--kind takes one of ${eventKinds.join(', ')}, not "${options.kind}".`, {
            code: 'usage',
          });
        const events = await listFeedback(context, {
          editionId:
            options.edition === undefined ? undefined : (await findEdition(context, options.edition)).id,
          since: options.since === undefined ? undefined : sinceWhen(options.since, context.clock.now()),
          kind: options.kind,
          limit: options.limit,
        });
        output.table(
          events.map((event) => ({
            at: event.at,
            kind: event.kind,
            reader: event.email,
            edition: event.editionId,
            action: event.action,
            source: event.source,
            status: event.status,
            reason: event.reason && event.reason in reasons ? reasons[event.reason as Reason] : event.reason,
          })),
          'Nothing came back.',
        );
        output.result(events);
      }),
    );
}

async function applyFiles(context: Context, output: Output, files: string[], to?: string): Promise<void> {
  const signer = await linkSigner(context);
  const { signal, end } = interruptible();
  const progress = startProgress('messages', { total: files.length });
  try {
    for (const [done, file] of files.entries()) {
      if (signal.aborted)
        throw new Interrupted(
          `Stopped after ${done} of ${files.length} messages. To go on, give the same command again: what was taken does nothing the second time.`,
        );
      progress.update(done);
      await applyFile(file);
    }
  } finally {
    progress.end();
    end();
  }

  async function applyFile(file: string): Promise<void> {
    let bytes: Buffer;
    try {
      bytes = file === '-' ? await buffer(process.stdin) : readFileSync(file);
    } catch (error) {
      progress.end();
      process.stderr.write(`${file} cannot be read: ${messageOf(error)}\n`);
      process.exitCode = someUnreadable;
      return;
    }
    const applied = await applyMessage(context, signer, bytes, {
      source: 'hand',
      envelopeTo: to ? [to] : [],
    });
    progress.end();
    output.text(`${file}: ${applied ? `${applied.kind}, ${actions[applied.action]}` : 'nothing to act on'}`);
    output.result({
      file,
      kind: applied?.kind ?? 'other',
      action: applied?.action ?? 'nothing',
      edition: applied?.about?.editionId ?? null,
      subscriber: applied?.about?.subscriberId ?? null,
    });
  }
}

const actions: Record<Applied['action'], string> = {
  suppressed: 'the address gets no more mail',
  rested: 'the address gets no mail for a while',
  unsubscribed: 'the reader is unsubscribed',
  counted: 'counted',
  nothing: 'nothing to do',
  unmatched: 'kept, but it names no delivery of ours',
  repeated: 'taken before',
};

function line(file: string, { kind, recipients, reason, hard, status }: Feedback) {
  return {
    file,
    kind,
    recipients: recipients.map(({ address, status, reply, reason, hard }) => ({
      address,
      status,
      reply,
      reason,
      hard,
    })),
    reason,
    hard,
    status,
  };
}

function sentences(file: string, feedback: Feedback): string[] {
  const meaning = feedback.reason ? `: ${reasons[feedback.reason]}` : '';
  return [
    `${file}: ${feedback.kind}${feedback.recipients.length === 0 ? meaning : ''}`,
    ...feedback.recipients.map(({ address, status, reply, reason, hard }) => {
      const codes = [reply, status].filter((code) => code !== null).join(' ');
      const strength = hard ? ', hard' : '';
      return `  ${address ?? 'nobody named'}: ${reason}${strength}${codes ? ` (${codes})` : ''}: ${reasons[reason]}`;
    }),
  ];
}
