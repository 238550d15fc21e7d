import { Argument, type Command } from 'commander';
import { createOutput } from './command.ts';
import { bashScript } from './completion/bash.ts';
import { fishScript } from './completion/fish.ts';
import { completedCommands } from './completion/tree.ts';
import { zshScript } from './completion/zsh.ts';
import { helpText } from './help.ts';

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript };

/** `broadsheet completion`: lets a shell complete commands, options, and the names of what is in the database. */
export function register(group: Command): void {
  group
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
}
