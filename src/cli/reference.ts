import type { EventEmitter } from 'node:events';
import type { Argument, Command, Option } from 'commander';
import { isHidden } from './completion/tree.ts';

const beginning = `# Commands

Made from the program by \`npm run docs:cli\`: do not edit. \`broadsheet COMMAND --help\` says the same.

In a checkout write \`npm run broadsheet --\` instead of \`broadsheet\`.

## What holds for all

- **Names or ids.** Wherever a list, newsletter, segment, source, story, topic, subscriber, suppression, edition, route, token or webhook is
  asked for, its short name or address will do, and its id. Keys (\`dkim\`) are called by domain and selector, settings by name.
- **Verbs.** \`create\` (\`add\` where it was called so before), \`list\`, \`show\`, \`edit\`, \`remove\` mean the same in every group.
- **Asking.** On a terminal \`lists\`, \`newsletters\`, \`sources\` and \`routes create\` ask step by step for what they need and are not given,
  and show the command that does the same. In a pipe and with \`--json\` nobody is asked, and they end with 2.
- **Exit codes.** 0: done. 1: failed. 2: misused (also a wrong filter or address, or a file that
  cannot be read). 3: done in part; what was not is told. 130: interrupted by Ctrl-C.
- **\`--json\`.** One JSON document on standard output and nothing else; streams are NDJSON, one document a line. Fields may be added,
  but keep their names and meaning. \`…\` stands for fields of less interest. Times are ISO 8601 in UTC. An error is one line on standard error:
  \`{"error": {"code", "message", "hint", "details"}}\`.
- **What takes something away** asks first. With \`--yes\` it does not, and \`--dry-run\` shows what would be done. Where nobody can be asked
  (a pipe, cron, \`--json\`) it does nothing without \`--yes\`, and ends with 2.
- **Long commands** show how far they are, if standard error is a terminal. Ctrl-C ends them after the step at hand; the same
  command goes on from there.
- **Colour** is for terminals. \`NO_COLOR=1\` turns it off, \`FORCE_COLOR=1\` on.
- **Completion** of commands, options and names: \`source <(broadsheet completion bash)\`, or see [completion](#broadsheet-completion).
- **Settings** come from the environment and \`.env\`: \`broadsheet config list\`.
`;

/** docs/cli.md: every command with its arguments, options, what it prints with --json, and examples. */
export function cliReference(program: Command): string {
  const groups = visible(program);
  const contents = groups.map(
    (group) => `| [\`${group.name()}\`](#${anchor(group)}) | ${inTable(group.description())} |`,
  );
  return [
    beginning,
    '## Groups',
    '',
    '| group | what it does |',
    '|---|---|',
    ...contents,
    '',
    ...groups.flatMap((group) => section(group, 2)),
  ]
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trimEnd()
    .concat('\n');
}

function section(command: Command, depth: number): string[] {
  const children = visible(command);
  return [
    `${'#'.repeat(depth)} ${nameOf(command)}`,
    '',
    sentence(command.description()),
    '',
    ...(children.length === 0 ? usage(command) : []),
    ...children.flatMap((child) => section(child, depth + 1)),
  ];
}

function usage(command: Command): string[] {
  const help = command.createHelp();
  const own = help
    .visibleOptions(command)
    .filter((option) => !['--json', '--debug', '--help'].includes(option.long ?? ''));
  return [
    '```',
    [nameOf(command), command.usage().replace('[options]', ''), own.length > 0 ? '[options]' : '']
      .map((part) => part.trim())
      .filter(Boolean)
      .join(' '),
    '```',
    '',
    ...(command.aliases().length > 0
      ? [
          `Also: ${command
            .aliases()
            .map((alias) => `\`${alias}\``)
            .join(', ')}.`,
          '',
        ]
      : []),
    ...table(
      'argument',
      help
        .visibleArguments(command)
        .filter((argument) => argument.description)
        .map((argument) => [argument.name(), describeArgument(argument)]),
    ),
    ...table(
      'option',
      own.map((option) => [option.flags, describeOption(option)]),
    ),
    ...after(command),
    '',
  ];
}

/** What `addHelpText('after', …)` gave: sentences as they are, examples as a block. */
function after(command: Command): string[] {
  let text = '';
  // Commander hands out what follows its help by an event.
  (command as unknown as EventEmitter).emit('afterHelp', {
    error: false,
    command,
    write: (part: string) => {
      text += part;
    },
  });
  const [words = '', examples] = text.trim().split(/\n?^Examples?:\n/m);
  return [
    ...(words.trim() ? [...words.trim().split('\n').map(asMarkdown), ''] : []),
    ...(examples
      ? [
          '```sh',
          ...examples
            .trimEnd()
            .split('\n')
            .map((line) => line.replace(/^ {2}/, '')),
          '```',
        ]
      : []),
  ];
}

// A shape is code, and its braces and brackets are no links.
const asMarkdown = (line: string) =>
  /[{}[\]<>|]/.test(line)
    ? line.replace(/^(With --json: )?(.*)$/, (_, lead = '', rest) => `${lead}\`${rest.trim()}\`  `)
    : line;

function table(what: string, rows: [string, string][]): string[] {
  if (rows.length === 0) return [];
  return [
    `| ${what} | |`,
    '|---|---|',
    ...rows.map(([name, text]) => `| \`${name.replaceAll('|', '\\|')}\` | ${inTable(text)} |`),
    '',
  ];
}

function describeOption(option: Option): string {
  const preset =
    option.defaultValue !== undefined && option.defaultValue !== false && !isEmpty(option.defaultValue)
      ? ` (${String(option.defaultValueDescription ?? option.defaultValue)} if not given)`
      : '';
  return `${option.description}${choices(option.argChoices)}${option.mandatory ? ' (needed)' : ''}${option.negate ? '' : preset}`;
}

const describeArgument = (argument: Argument) => `${argument.description}${choices(argument.argChoices)}`;

const choices = (words: readonly string[] | undefined) => (words?.length ? `: ${words.join(', ')}` : '');
const isEmpty = (value: unknown) =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;
const inTable = (text: string) => text.replace(/\s+/g, ' ').replaceAll('|', '\\|').replaceAll('<', '&lt;');
const sentence = (text: string) => {
  const trimmed = text.trim();
  return `${trimmed.charAt(0).toUpperCase()}${trimmed.slice(1)}${/[.!?]$/.test(trimmed) ? '' : '.'}`;
};
const visible = (command: Command) =>
  command.commands.filter((child) => child.name() !== 'help' && !isHidden(child));

function nameOf(command: Command): string {
  return command.parent ? `${nameOf(command.parent)} ${command.name()}` : command.name();
}

const anchor = (command: Command) => nameOf(command).replaceAll(' ', '-');
