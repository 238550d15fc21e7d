import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { messageOf } from '../errors.ts';
import type { Feedback } from '../feedback/feedback.ts';
import { parseFeedback } from '../feedback/parse.ts';
import { reasons } from '../feedback/reasons.ts';
import { createOutput } from './command.ts';

/** The exit code when some of the files could not be read; the others were. */
const someUnreadable = 3;

/** `broadsheet feedback`: what comes back. */
export function register(program: Command): void {
  const group = program
    .command('feedback')
    .description('understand bounces, complaints and automatic answers');

  group
    .command('parse <files...>')
    .description('show what is understood of messages that came back; the database is not touched')
    .addHelpText(
      'after',
      '\nWith --json, one line a message. Files that cannot be read are named on standard error, and the exit code is 3.\n\nExample:\n  broadsheet feedback parse ~/Maildir/new/*',
    )
    .action((files: string[], _options, command: Command) => {
      const output = createOutput(command);
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
}

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
