import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { packageRoot } from '../../src/package-root.ts';
import { bounceMessage, complaintMessage, letterMessage, seedDeliveries } from '../support/bounces.ts';
import { createTestContext } from '../support/context.ts';
import { program } from '../support/program.ts';
import { broadsheet } from './run.ts';

const lines = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

test('messages are handed in by files, each acts once, and are listed', async () => {
  const context = await createTestContext();
  const { returnPath, messageId, editionIds, subscriberIds } = await seedDeliveries(context);
  const folder = mkdtempSync(join(tmpdir(), 'broadsheet-apply-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = (name: string, bytes: Buffer) => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  };
  const bounce = file('bounce.eml', bounceMessage({ returnPath: returnPath() }));
  const { code, out, err } = await broadsheet(
    context,
    'feedback',
    'apply',
    '--json',
    bounce,
    join(folder, 'missing'),
    bounce,
    file('stray.eml', bounceMessage({ to: 'reader2@example.com' })),
    file('letter.eml', letterMessage('x@example.com')),
    file('complaint.eml', complaintMessage(messageId(1))),
  );
  expect(code).toBe(3);
  expect(err).toContain('missing cannot be read');
  const about = { edition: editionIds[0], subscriber: subscriberIds[0] };
  expect(lines(out)).toMatchObject([
    { file: bounce, kind: 'hard', action: 'suppressed', ...about },
    { kind: 'hard', action: 'repeated' },
    { kind: 'hard', action: 'unmatched', edition: null, subscriber: null },
    { kind: 'other', action: 'nothing' },
    { kind: 'complaint', action: 'unsubscribed', subscriber: subscriberIds[1] },
  ]);

  const list = async (...options: string[]) =>
    lines((await broadsheet(context, 'feedback', 'list', '--json', ...options)).out)[0];
  expect(await list()).toMatchObject([
    { kind: 'complaint', email: 'reader2@example.com', source: 'hand' },
    // Unmatched: the reader is the one whom the notice names.
    { kind: 'hard', email: 'reader2@example.com', subscriberId: null, action: 'unmatched' },
    { kind: 'hard', email: 'reader1@example.com', reason: 'userunknown', status: '5.1.1', reply: 550 },
  ]);
  expect(await list('--edition', String(editionIds[0]), '--kind', 'hard')).toHaveLength(1);
  expect(await list('--since', '2040-01-01')).toEqual([]);
  const shown = await broadsheet(context, 'feedback', 'list');
  expect(shown.out).toMatch(/hard +reader1@example\.com .*suppressed .*there is no such mailbox/);
  const report = await broadsheet(context, 'editions', 'report', String(editionIds[0]));
  expect(report.out).toContain('came back: 1 bounced, 1 complained, 0 left by it');
  expect((await broadsheet(context, 'feedback', 'list', '--kind', 'odd')).code).toBe(2);
}, 60_000);

async function pipe(environment: Record<string, string>, input: Buffer, ...args: string[]) {
  const child = spawn(process.execPath, [...program, 'feedback', 'apply', '-', ...args], {
    cwd: packageRoot,
    env: { PATH: process.env.PATH, NO_COLOR: '1', ...environment },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const code = await new Promise((resolve) => child.once('close', resolve));
  return { code, out };
}

test('a mail server pipes a message in; without a database it is told to try again', async () => {
  const context = await createTestContext();
  const { returnPath, events } = await seedDeliveries(context);
  const message = bounceMessage();
  const away = { ...context.environment, DATABASE_URL: 'postgres://broadsheet@127.0.0.1:1/none' };
  expect((await pipe(away, message)).code).toBe(75);
  const { code, out } = await pipe(context.environment, message, '--to', returnPath());
  expect({ code, out }).toEqual({ code: 0, out: '-: hard, the address gets no more mail\n' });
  expect(await events()).toMatchObject([{ source: 'hand', action: 'suppressed' }]);
}, 60_000);
