import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { packageRoot } from '../../src/package-root.ts';
import { program } from '../support/program.ts';

const fixtures = join(packageRoot, 'tests/feedback/fixtures');
const folder = mkdtempSync(join(tmpdir(), 'broadsheet-feedback-'));
afterAll(() => rmSync(folder, { recursive: true }));

// No database is named, and its home cannot be made: the command must not need one.
function parse(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [...program, 'feedback', 'parse', ...args], {
    cwd: packageRoot,
    env: { PATH: process.env.PATH, NO_COLOR: '1', BROADSHEET_HOME: '/dev/null/none' },
    encoding: 'utf8',
  });
  return { code: status, out: stdout, err: stderr };
}

test('each message is one line of JSON, without a database', () => {
  const file = join(fixtures, 'qmail.eml');
  const { code, out } = parse('--json', file, join(fixtures, 'newsletter.eml'));
  const lines = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(code).toBe(0);
  expect(lines).toEqual([
    {
      file,
      kind: 'bounce',
      recipients: [
        { address: 'mara@reader.test', status: null, reply: 550, reason: 'userunknown', hard: true },
        { address: 'tomas@reader.test', status: '5.7.1', reply: 554, reason: 'spamdetected', hard: false },
      ],
      reason: 'userunknown',
      hard: true,
      status: null,
    },
    {
      file: join(fixtures, 'newsletter.eml'),
      kind: 'other',
      recipients: [],
      reason: null,
      hard: false,
      status: null,
    },
  ]);
});

test('a file that is no message is reported, one that cannot be read is an error, and the others go on', () => {
  const noise = join(folder, 'noise.bin');
  writeFileSync(noise, Buffer.from([0, 1, 2, 3, 255]));
  const missing = join(folder, 'missing.eml');
  const { code, out, err } = parse('--json', noise, missing, folder, join(fixtures, 'away.eml'));
  expect(code).toBe(3);
  expect(
    out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).kind),
  ).toEqual(['other', 'auto-reply']);
  expect(err).toContain(`${missing} cannot be read`);
  expect(err).toContain(`${folder} cannot be read`);
});

test('a person reads sentences', () => {
  const { out } = parse(join(fixtures, 'dsn-unknown-user.eml'));
  expect(out).toContain('mara@reader.test: userunknown, hard (550 5.1.1): there is no such mailbox');
});
