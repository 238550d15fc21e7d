import { execFile, spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, test, vi } from 'vitest';
import { bashScript } from '../../src/cli/completion/bash.ts';
import { fishScript } from '../../src/cli/completion/fish.ts';
import { type CompletedCommand, completedCommands } from '../../src/cli/completion/tree.ts';
import { zshScript } from '../../src/cli/completion/zsh.ts';
import { createProgram } from '../../src/cli/program.ts';
import { createList } from '../../src/subscribers/lists.ts';
import { createTestContext } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { seedNewsletter } from '../support/seed.ts';
import { broadsheet } from './run.ts';

vi.setConfig({ testTimeout: 120_000 });

const run = promisify(execFile);
const folder = temporaryFolder('completion');
let commands: CompletedCommand[];

beforeAll(async () => {
  commands = completedCommands(await createProgram());
});

const installed = (shell: string) => spawnSync(shell, ['-c', 'true']).status === 0;

test.each([
  ['bash', bashScript],
  ['zsh', zshScript],
  ['fish', fishScript],
] as const)('%s takes its script', async (shell, scriptOf) => {
  const file = join(folder, `broadsheet.${shell}`);
  writeFileSync(file, scriptOf(commands));
  if (!installed(shell)) return expect(shell).not.toBe('bash');
  const { stderr } = await run(shell, ['-n', file]);
  expect(stderr).toBe('');
});

/** What bash would offer for the last of some words. */
async function offered(names: Record<string, string>, ...words: string[]): Promise<string[]> {
  const script = join(folder, 'broadsheet.bash');
  writeFileSync(script, bashScript(commands));
  const program = join(folder, 'broadsheet');
  const cases = Object.entries(names).map(([kind, text]) => `${kind}) printf '%s\\n' ${text} ;;`);
  writeFileSync(
    program,
    `#!/bin/sh\n[ "$1" = complete-names ] || exit 1\ncase "$2" in\n${cases.join('\n')}\nesac\n`,
  );
  chmodSync(program, 0o755);
  const { stdout } = await run('bash', [
    '-c',
    `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _broadsheet; printf '%s\\n' "\${COMPREPLY[@]}"`,
    'test',
    script,
    program,
    ...words,
  ]);
  return stdout.split('\n').filter(Boolean);
}

test('bash completes groups, verbs, options, their values, and names', async () => {
  expect(await offered({}, 'sel')).toEqual(['selection']);
  expect(await offered({}, 'lists', '')).toEqual(expect.arrayContaining(['create', 'list', 'show', 'edit']));
  expect(await offered({}, '--json', 'lists', 'sh')).toEqual(['show']);
  expect(await offered({}, 'lists', 'create', '--opt')).toEqual(['--opt-in']);
  expect(await offered({}, 'lists', 'create', '--opt-in', 's')).toEqual(['single']);
  expect(await offered({}, 'lists', 'create', '--opt-in', '=', 's')).toEqual(['single']);
  const names = { lists: 'readers staff', newsletters: 'morning', editions: 'morning 12' };
  expect(await offered(names, 'lists', 'show', '')).toEqual(['readers', 'staff']);
  expect(await offered(names, 'newsletters', 'create', 'evening', '--name', 'lists', '--list', 'st')).toEqual(
    ['staff'],
  );
  // The first place is a newsletter's, and there is no second.
  expect(await offered(names, 'newsletters', 'edit', '')).toEqual(['morning']);
  expect(await offered(names, 'newsletters', 'edit', 'morning', '')).toEqual([]);
  expect(await offered(names, 'editions', 'approve', '')).toEqual(['morning', '12']);
  // Files are the shell's own affair.
  expect(await offered(names, 'topics', 'import', '')).toEqual([]);
});

test('names come from the database, and without one there are none, in silence', async () => {
  const context = await createTestContext();
  await createList(context, { name: 'Our readers', slug: 'readers' });
  await seedNewsletter(context, [], { slug: 'morning' });
  const names = (kind: string) => broadsheet(context, 'complete-names', kind);
  expect(await names('lists')).toMatchObject({ code: 0, out: expect.stringContaining('readers\n'), err: '' });
  expect((await names('newsletters')).out).toBe('morning\n');
  context.environment.DATABASE_URL = 'postgres://nobody@127.0.0.1:1/nothing';
  expect(await names('lists')).toEqual({ code: 0, out: '', err: '' });
});

test('the program prints the scripts, and hides what only they use', async () => {
  const context = await createTestContext();
  const printed = await broadsheet(context, 'completion', 'bash');
  expect(printed).toMatchObject({ code: 0, err: '' });
  expect(printed.out.trim()).toBe(bashScript(commands).trim());
  expect(await broadsheet(context, 'completion', 'csh')).toMatchObject({ code: 2 });
  expect((await broadsheet(context, '--help')).out).not.toContain('complete-names');
});
