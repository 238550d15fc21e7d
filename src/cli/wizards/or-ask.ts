import type { Command } from 'commander';
import { UserError } from '../../errors.ts';
import { withContext } from '../command.ts';
import { terminalOf } from '../terminal.ts';
import type { Script } from './run.ts';

/**
 * For a command that was called without what it needs: on a terminal a person is asked for it; where nobody can be, as in a
 * pipe or with --json, it is a misuse.
 * @param lacks what is missing, as in "a name"
 * @param load the questions, which are loaded when they are asked
 * @throws UserError (exit code 2) if there is nobody to ask
 */
export async function orAsk(command: Command, lacks: string, load: () => Promise<Script>): Promise<void> {
  const { input, output } = terminalOf(command);
  const { json } = command.optsWithGlobals() as { json?: boolean };
  if (json || !input.isTTY || !output.isTTY)
    throw new UserError(`It takes ${lacks}.`, {
      code: 'usage',
      hint: 'Run it with --help to see what it takes, with examples; on a terminal it asks.',
    });
  const [{ runWizard }, script] = await Promise.all([import('./run.ts'), load()]);
  await withContext(command, (context) => runWizard(context, command, script));
}
