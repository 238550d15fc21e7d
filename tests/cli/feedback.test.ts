import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { packageRoot } from '../../src/package-root.ts';
import { runCommand } from '../support/command.ts';

const fixtures = join(packageRoot, 'tests/feedback/fixtures');
const folder = mkdtempSync(join(tmpdir(), 'broadsheet-feedback-'));
afterAll(() => rmSync(folder, { recursive: true }));

// No database is named, and its home cannot be made: the command must not need one.
const parse = (...args: string[]) =>
  runCommand({ BROADSHEET_HOME: '/dev/null/none' }, ['feedback', 'parse', ...args]);

test('each message is one line of JSON, without a database', async () => {
  const file = join(fixtures, 'qmail.eml');
  const { code, out } = await parse('--json', file, join(fixtures, 'newsletter.eml'));
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

test('a file that is no message is reported, one that cannot be read is an error, and the others go on', async () => {
  const noise = join(folder, 'noise.bin');
  writeFileSync(noise, Buffer.from([0, 1, 2, 3, 255]));
  const missing = join(folder, 'missing.eml');
  const { code, out, err } = await parse('--json', noise, missing, folder, join(fixtures, 'away.eml'));
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

test('a person reads sentences', async () => {
  const { out } = await parse(join(fixtures, 'dsn-unknown-user.eml'));
  expect(out).toContain('mara@reader.test: userunknown, hard (550 5.1.1): there is no such mailbox');
});
