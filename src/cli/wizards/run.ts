import type { Command } from 'commander';
import { UserError } from '../../errors.ts';
import type { CommandContext } from '../command.ts';
import { terminalOf } from '../terminal.ts';
import { type Ask, askAt } from './ask.ts';
import { commandLine, withAnswers } from './words.ts';

/** What was answered, as a command line takes it. */
export interface Answers {
  /** Those arguments that were not given, in their order. */
  arguments: string[];
  /** Options with their values; a list is given one by one, what is undefined or empty left out. */
  options: Record<string, string | readonly string[] | undefined>;
  /** What it would do, a sentence a line. */
  does: string[];
  /** Words that are not shown, with what stands for each. */
  secrets?: Record<string, string>;
}

/** The questions of one command. @param given its options, as far as they were given: nobody is asked for those */
export type Script = (
  ask: Ask,
  given: Record<string, unknown>,
  context: CommandContext,
  args: readonly string[],
) => Promise<Answers>;

/**
 * Asks for what a command lacks, shows what it would do, and after a yes does it as if it had been given on the command line,
 * which is shown at the end. Whoever calls it has made sure that there is somebody to ask.
 * @throws Interrupted at Ctrl-C; UserError (`declined`) if the last answer is no
 */
export async function runWizard(context: CommandContext, command: Command, script: Script): Promise<void> {
  const terminal = terminalOf(command);
  const ask = askAt(terminal);
  const answers = await script(ask, givenOptions(command), context, command.args);
  const { words, program } = withAnswers(command, answers);
  const line = commandLine(words, answers.secrets);
  terminal.output.write(`\n${answers.does.join('\n')}\n\n  ${line}\n\n`);
  if (!(await ask.yes('Do this?')))
    throw new UserError('Nothing was done: the answer was no.', { code: 'declined' });
  await program.parseAsync(words, { from: 'user' });
  terminal.output.write(`\nThe same without questions:\n  ${line}\n`);
}

function givenOptions(command: Command): Record<string, unknown> {
  const isGiven = (name: string) => command.getOptionValueSource(name) === 'cli';
  return Object.fromEntries(Object.entries(command.opts()).filter(([name]) => isGiven(name)));
}
