import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test, vi } from 'vitest';
import { freePort } from '../../demo/free-port.ts';
import { missingFrom, stepsOf, wordsOf } from '../../scripts/walk-through/page.ts';
import { packageRoot } from '../../src/package-root.ts';
import { createTestContext } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { program } from '../support/program.ts';
import { inProcess } from './in-process.ts';

// A process starts once, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 180_000 });

const run = promisify(execFile);
/** What is done in part ends with 3: the page says so of the import with a bad line. */
const inPart = /import people\.csv/;

test('every command of docs/admin.md does what the page says, in order, in an empty folder', async () => {
  const context = await createTestContext();
  const home = temporaryFolder('admin');
  const port = await freePort(0);
  const environment = {
    ...context.environment,
    PORT: String(port),
    ALLOW_PRIVATE_NETWORK: 'false',
    EMBEDDINGS: 'off',
  };
  const folder = process.cwd();
  process.chdir(home);
  onTestFinished(() => process.chdir(folder));

  const steps = stepsOf(readFileSync(join(packageRoot, 'docs/admin.md'), 'utf8'));
  expect(steps.filter(({ kind }) => kind === 'command').length).toBeGreaterThan(25);
  for (const step of steps) {
    if (step.kind === 'file') {
      mkdirSync(dirname(join(home, step.path)), { recursive: true });
      writeFileSync(join(home, step.path), step.text);
      continue;
    }
    const line = step.line.replaceAll('localhost:8080', `localhost:${port}`);
    const { words, into } = wordsOf(line);
    let printed: string;
    if (line === 'broadsheet serve &') printed = await serve(home, environment);
    else if (words[0] === 'broadsheet') {
      const { code, out, err } = await inProcess(environment, ...words.slice(1));
      expect(
        code === 3 && inPart.test(line) ? 0 : code,
        `docs/admin.md:${step.at} ${line}\n${out}${err}`,
      ).toBe(0);
      if (into) writeFileSync(join(home, into), out);
      printed = into ? err : out + err;
    } else printed = (await run('bash', ['-c', line], { cwd: home })).stdout;
    expect(missingFrom(printed, step.expected), `docs/admin.md:${step.at} $ ${line}\n${printed}`).toBe(
      undefined,
    );
  }
});

/** Starts the program itself, in the background. @returns what it printed before it listened */
async function serve(home: string, environment: Record<string, string>): Promise<string> {
  const child = spawn(process.execPath, [...program, 'serve'], {
    cwd: home,
    env: { PATH: process.env.PATH, LOG_LEVEL: 'silent', NO_COLOR: '1', ...environment },
  });
  onTestFinished(async () => {
    if (child.exitCode !== null) return;
    child.kill('SIGINT');
    await once(child, 'exit');
  });
  let printed = '';
  child.stderr.on('data', (text: Buffer) => {
    printed += text;
  });
  child.stdout.on('data', (text: Buffer) => {
    printed += text;
  });
  while (!printed.includes('Stop with Ctrl-C') && child.exitCode === null)
    await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  return printed;
}

test('a page is read as it is meant: files, commands, and what they print', () => {
  const page = [
    '```csv a/b.csv',
    'x',
    '```',
    'words',
    '```console',
    '$ one "two three" > f',
    'out …',
    '$ four',
    '```',
    '```sh',
    '# words',
    'five \\',
    '  --six',
    'seven',
    '```',
  ];
  expect(stepsOf(page.join('\n'))).toEqual([
    { kind: 'file', path: 'a/b.csv', text: 'x\n' },
    { kind: 'command', line: 'one "two three" > f', expected: ['out …'], at: 6 },
    { kind: 'command', line: 'four', expected: [], at: 8 },
    { kind: 'command', line: 'five --six', expected: [], at: 12 },
    { kind: 'command', line: 'seven', expected: [], at: 14 },
  ]);
  expect(wordsOf('one "two three" > f')).toEqual({ words: ['one', 'two three'], into: 'f' });
  expect(missingFrom('a\nout 3\nb', ['a', '…', 'out …'])).toBe(undefined);
  expect(missingFrom('out 3\na', ['a', 'out …'])).toBe('out …');
});
