import { Argument, type Command } from 'commander';
import { loadConfig } from '../config.ts';
import { openDatabase } from '../db/connect.ts';
import { createOutput } from './command.ts';
import { bashScript } from './completion/bash.ts';
import { fishScript } from './completion/fish.ts';
import { knownNames } from './completion/names.ts';
import { completedCommands, type NameKind, nameKinds } from './completion/tree.ts';
import { zshScript } from './completion/zsh.ts';
import { helpText } from './help.ts';

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript };

/** `broadsheet completion`: lets a shell complete commands, options, and the names of what is in the database. */
export function register(program: Command): void {
  program
    .command('completion')
    .description('print a script that lets a shell complete commands, options and names')
    .addArgument(new Argument('<shell>', 'which one').choices(Object.keys(scripts)))
    .addHelpText(
      'after',
      helpText({
        text: 'Names of lists, newsletters, segments, sources, topics and routes are looked up in the database each time.',
        json: '{ shell, script }',
        examples: [
          'source <(broadsheet completion bash)',
          'completion zsh > ~/.zfunc/_broadsheet',
          'completion fish > ~/.config/fish/completions/broadsheet.fish',
        ],
      }),
    )
    .action(async (shell: keyof typeof scripts, _options, command: Command) => {
      const output = createOutput(command);
      const { createProgram } = await import('./program.ts');
      const script = scripts[shell](completedCommands(await createProgram()));
      output.text(script.trimEnd());
      output.result({ shell, script });
    });

  // For the scripts. A shell waits for it at each press of Tab, and nobody reads what went wrong.
  program
    .command('complete-names', { hidden: true })
    .addArgument(new Argument('<kind>').choices(nameKinds))
    .action(async (kind: NameKind, _options, command: Command) => {
      const output = createOutput(command);
      const names = await look(kind).catch(() => []);
      output.text(...names);
      output.result(names);
    });
}

async function look(kind: NameKind): Promise<string[]> {
  const database = await openDatabase(loadConfig(), { migrate: false, connections: 1 });
  try {
    return await knownNames(database.db, kind);
  } finally {
    await database.close();
  }
}
