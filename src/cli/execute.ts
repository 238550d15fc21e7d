import { styleText } from 'node:util';
import { CommanderError } from 'commander';
import { messageOf, UserError } from '../errors.ts';
import { Interrupted, interruptedCode } from './interrupt.ts';
import { createProgram } from './program.ts';

/** Codes of errors in what was asked for; others are of what became of it. */
const misuses = ['usage', 'filter', 'address', 'language', 'time-zone', 'frequency', 'no-file'];

/**
 * Does what a command line asks for, and tells on standard error what went wrong.
 * @param given the words after the program's name
 * @returns the exit code: 1 failed, 2 misused, 130 interrupted; undefined if the command ended of itself (and has set
 * `process.exitCode` if only a part of the work was done)
 */
export async function execute(given: readonly string[]): Promise<number | undefined> {
  const json = given.includes('--json');
  try {
    const program = await createProgram(wanted(given), { json });
    await program.parseAsync(given, { from: 'user' });
    return undefined;
  } catch (error) {
    return report(error, { json, debug: given.includes('--debug') });
  }
}

/** The group to load: the one that is named. The help of the program, and what to say to a slip, need none. */
function wanted(given: readonly string[]): string[] {
  const [named = '', next = ''] = given.filter((argument) => !argument.startsWith('-'));
  return [named === 'help' ? next : named];
}

function report(error: unknown, { json, debug }: { json: boolean; debug: boolean }): number {
  if (error instanceof CommanderError) {
    // Commander has printed its own message (or the help that was asked for).
    if (error.exitCode === 0) return 0;
    if (json && !error.code.startsWith('commander.help'))
      tell({ code: 'usage', message: error.message.replace(/^error: /, '') });
    return 2;
  }
  if (error instanceof Interrupted) {
    if (json) tell({ code: 'interrupted', message: error.message });
    else process.stderr.write(`${error.message}\n`);
    return interruptedCode;
  }
  const misused = error instanceof TypeError && /takes a /.test(error.message);
  if (json) {
    const {
      code = misused ? 'usage' : 'failed',
      hint,
      details,
    } = error instanceof UserError ? error : ({} as Partial<UserError>);
    tell({ code, message: messageOf(error), hint, details });
  } else {
    process.stderr.write(`${styleText('red', 'Error:', { stream: process.stderr })} ${messageOf(error)}\n`);
    if (error instanceof UserError && error.hint) process.stderr.write(`${error.hint}\n`);
    else if (!(error instanceof UserError) && !misused && !debug)
      process.stderr.write('Run it again with --debug to see where.\n');
  }
  if (debug && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return misused || (error instanceof UserError && misuses.includes(error.code)) ? 2 : 1;
}

/** An error as a script gets it: one line of JSON on standard error. */
function tell(error: { code: string; message: string; hint?: string; details?: unknown }): void {
  process.stderr.write(`${JSON.stringify({ error })}\n`);
}
