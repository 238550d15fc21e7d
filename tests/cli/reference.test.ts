import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { beforeAll, expect, test } from 'vitest';
import { isHidden } from '../../src/cli/completion/tree.ts';
import { createProgram } from '../../src/cli/program.ts';
import { cliReference } from '../../src/cli/reference.ts';
import { packageRoot } from '../../src/package-root.ts';

let program: Command;
let commands: Command[];

beforeAll(async () => {
  program = await createProgram();
  commands = leaves(program);
});

const leaves = (command: Command): Command[] =>
  command.commands.length === 0
    ? [command]
    : command.commands.filter((child) => !isHidden(child) && child.name() !== 'help').flatMap(leaves);

const nameOf = (command: Command): string =>
  command.parent ? `${nameOf(command.parent)} ${command.name()}` : command.name();

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => {
      text += part;
    },
  });
  command.outputHelp();
  return text;
}

test('docs/cli.md tells what the program takes (npm run docs:cli writes it)', () => {
  expect(readFileSync(join(packageRoot, 'docs/cli.md'), 'utf8')).toBe(cliReference(program));
});

test('the help of every command has examples, and says what it prints with --json', () => {
  const without = commands.filter((command) => !/^Examples?:\n {2}\S/m.test(helpOf(command)));
  expect(without.map(nameOf)).toEqual([]);
  const untold = commands.filter((command) => !/^With --json/m.test(helpOf(command)));
  expect(untold.map(nameOf)).toEqual([]);
});

test('each example names a command that exists, with options that it has', () => {
  const wrong: string[] = [];
  let seen = 0;
  for (const command of commands) {
    const [, examples = ''] = helpOf(command).split(/^Examples?:\n/m);
    for (const line of examples.replaceAll('\\\n', ' ').split('\n')) {
      for (const [, words = ''] of line.matchAll(/(?:^|[|&(]\s*|\s{2})broadsheet ([^|&>)]*)/g)) {
        seen++;
        const problem = problemOf(words.trim());
        if (problem) wrong.push(`${nameOf(command)}: ${words} (${problem})`);
      }
    }
  }
  expect(wrong).toEqual([]);
  expect(seen).toBeGreaterThan(commands.length);
});

function problemOf(example: string): string | undefined {
  const words = example.match(/"[^"]*"|'[^']*'|\S+/g) ?? [];
  let command = program;
  while (words[0] !== undefined) {
    const next = command.commands.find(
      (child) => child.name() === words[0] || child.aliases().includes(words[0] as string),
    );
    if (!next) break;
    command = next;
    words.shift();
  }
  // A group may have one that is meant when none is named.
  const usual = (command as { _defaultCommandName?: string | null })._defaultCommandName;
  command = command.commands.find((child) => child.name() === usual) ?? command;
  if (command.commands.length > 0) return 'no such command';
  const options = words.filter((word) => word.startsWith('--')).map((word) => word.replace(/=.*/, ''));
  const unknown = options.find((name) => !command.options.some((option) => option.long === name));
  if (unknown) return `no option ${unknown}`;
  const missing = command.options.find((option) => option.mandatory && !options.includes(option.long ?? ''));
  if (missing) return `without ${missing.long}`;
  return undefined;
}

test('a verb means the same everywhere', () => {
  for (const group of program.commands) {
    const verbs = group.commands.flatMap((command) => [command.name(), ...command.aliases()]);
    const names = group.commands.map((command) => command.name());
    // What can be made can be listed, shown, changed and taken away; of a key (dkim) nothing can be changed.
    if (verbs.includes('create')) {
      const owed = ['list', 'show', 'remove', ...(group.name() === 'dkim' ? [] : ['edit'])];
      expect(names, group.name()).toEqual(expect.arrayContaining(owed));
    }
    // The older word stays as another name of the verb; nothing else has a name of its own for one of them.
    for (const other of [
      'delete',
      'new',
      'rm',
      'update',
      'set',
      'revoke',
      ...(verbs.includes('create') ? ['add'] : []),
    ])
      expect(names, group.name()).not.toContain(other);
  }
  for (const command of commands.filter((each) => ['remove', 'cancel', 'rollback'].includes(each.name())))
    expect(
      command.options.map(({ long }) => long),
      nameOf(command),
    ).toEqual(expect.arrayContaining(['--yes', '--dry-run']));
});
