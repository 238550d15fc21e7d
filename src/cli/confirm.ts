import { type Command, Option } from 'commander';
import { UserError } from '../errors.ts';
import type { Output } from './command.ts';
import { Interrupted } from './interrupt.ts';
import type { Asking } from './terminal.ts';

/** The options of a command that takes something away; `destructive` adds them. */
export interface DestructiveOptions {
  yes?: boolean;
  dryRun?: boolean;
}

/** What is about to be taken away. */
export interface Destruction {
  /** A sentence such as "This erases ada@example.com, and it cannot be undone." */
  what: string;
  /** What goes with it, a line each: "3 subscriptions", "the consent that was given". */
  effects?: readonly string[];
  /** What a person may want instead; shown where it is refused. */
  instead?: string;
  /** The same as a document for scripts; printed by --dry-run with --json, as `{"dryRun": true, …}`. */
  plan?: Record<string, unknown>;
}

/** Adds --yes and --dry-run to a command whose action calls `confirmDestructive`. */
export function destructive(command: Command): Command {
  return command
    .addOption(new Option('--yes', 'do it without asking'))
    .addOption(new Option('--dry-run', 'show what would be done, and do nothing'));
}

/**
 * Asks before something is taken away. On a terminal a person is asked, on standard error, so that a pipe gets nothing of
 * it; with --yes nobody is; with --dry-run it shows what would be done. Call it last, when all is known that can be wrong.
 * @returns true: go on. False: it was a dry run, and all is said
 * @throws UserError (exit code 2) if there is nobody to ask and no --yes, or with --json; (exit code 1) if the answer is no
 * @throws Interrupted if the person pressed Ctrl-C
 */
export async function confirmDestructive(
  output: Output,
  options: DestructiveOptions,
  { what, effects = [], instead, plan = {} }: Destruction,
  { input = process.stdin, output: terminal = process.stderr }: Asking = {},
): Promise<boolean> {
  const lines = effects.map((effect) => `  - ${effect}`);
  if (options.dryRun) {
    output.text(what, ...lines, 'Nothing was done: this was a dry run.');
    output.result({ dryRun: true, what, effects, ...plan });
    return false;
  }
  if (options.yes) return true;
  if (output.json || !input.isTTY || !terminal.isTTY)
    throw new UserError([what, ...lines].join('\n'), {
      code: 'usage',
      hint: `If that is what you want, add --yes; --dry-run shows what would be done.${instead ? ` ${instead}` : ''}`,
      details: { effects, ...plan },
    });
  const { confirm, isCancel } = await import('@clack/prompts');
  terminal.write(`${[what, ...lines].join('\n')}\n`);
  const answer = await confirm({ message: 'Go on?', initialValue: false, input, output: terminal });
  if (isCancel(answer)) throw new Interrupted('Nothing was done.');
  if (!answer)
    throw new UserError('Nothing was done: the answer was no.', { code: 'declined', hint: instead });
  return true;
}
