import { styleText } from 'node:util';
import type { Command } from 'commander';
import { UserError } from '../errors.ts';
import { createOutput } from './command.ts';
import { helpText } from './help.ts';

/** `broadsheet config`: the settings, as they are and whether they can be. It needs no database. */
export function register(group: Command): void {
  group
    .command('list')
    .description('list all settings with their values; secrets are hidden')
    .option('--set', 'only those that were set')
    .addHelpText(
      'after',
      helpText({
        json: '[{ name, value, origin, isSecret, about, mistake }]; origin is "environment", ".env", the path of the file that NAME_FILE names, "default" or "not set"',
        examples: ['config list', 'config list --set', 'config list --json | jq -r ".[].name"'],
      }),
    )
    .action(async (options: { set?: boolean }, command: Command) => {
      const output = createOutput(command);
      const { given, listSettings } = await settingsAtHand();
      const settings = listSettings(given).filter(
        ({ origin }) => !options.set || (origin !== 'default' && origin !== 'not set'),
      );
      output.table(
        settings.map(({ name, value, origin, mistake }) => ({
          setting: name,
          value: mistake ? `${value} (${mistake})` : value,
          from: origin,
        })),
        'Nothing is set: Broadsheet runs on its defaults. .env.example explains each setting.',
      );
      output.result(settings);
    });

  group
    .command('show <setting>')
    .description('show one setting, and what it is for')
    .addHelpText(
      'after',
      helpText({
        json: '{ name, value, origin, isSecret, about, mistake }',
        examples: ['config show SMTP_URL', 'config show port'],
      }),
    )
    .action(async (name: string, _options, command: Command) => {
      const output = createOutput(command);
      const { given, listSettings } = await settingsAtHand();
      const settings = listSettings(given);
      const setting = settings.find((each) => each.name === name.toUpperCase().replaceAll('-', '_'));
      if (!setting)
        throw new UserError(`There is no setting "${name}".`, {
          code: 'not-found',
          hint: 'List them with "broadsheet config list".',
        });
      output.text(
        `${setting.name}: ${setting.value ?? 'not set'}`,
        `From: ${setting.origin}`,
        ...(setting.mistake ? [`Wrong: ${setting.mistake}`] : []),
        ...(setting.about ? ['', setting.about] : []),
      );
      output.result(setting);
    });

  group
    .command('check')
    .description('look for mistakes in the settings, all at once; exits with 1 if there are any')
    .addHelpText(
      'after',
      helpText({
        text: 'Errors keep Broadsheet from starting; warnings do not, and leave the exit code at 0.',
        json: '{ file, errors, warnings }, where each of the two is [{ setting, severity, message }]',
        examples: ['config check', 'config check && systemctl restart broadsheet'],
      }),
    )
    .action(async (_options, command: Command) => {
      const output = createOutput(command);
      const { given, settingProblems } = await settingsAtHand();
      const problems = settingProblems(given);
      const errors = problems.filter(({ severity }) => severity === 'error');
      const warnings = problems.filter(({ severity }) => severity === 'warning');
      for (const { severity, setting, message } of [...errors, ...warnings])
        output.text(
          `${styleText(severity === 'error' ? 'red' : 'yellow', severity === 'error' ? 'wrong' : 'maybe')}  ${setting} ${message}`,
        );
      if (problems.length === 0) output.text('The settings are fine.');
      else
        output.text(
          '',
          `${count(errors.length, 'mistake')}, ${count(warnings.length, 'warning')}. Correct them in the environment or in ${given.file}.`,
        );
      output.result({ file: given.file, errors, warnings });
      if (errors.length > 0) process.exitCode = 1;
    });
}

/** The settings that were given, and what can be told of them; loaded by who needs it. */
async function settingsAtHand() {
  const [{ readSettings }, settings] = await Promise.all([import('../config.ts'), import('../settings.ts')]);
  return { given: readSettings(), ...settings };
}

const count = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`;
