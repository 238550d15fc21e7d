import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { createList } from '../../src/subscribers/lists.ts';
import { createTestContext } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { broadsheet } from './run.ts';

// Each command starts a process, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

async function withLists() {
  const context = await createTestContext();
  await createList(context, { name: 'Weekly' });
  await createList(context, { name: 'Daily', optIn: 'single' });
  const run = (...args: string[]) => broadsheet(context, 'subscribers', ...args);
  const json = async (...args: string[]) => {
    const { code, out, err } = await run(...args, '--json');
    if (code !== 0) throw new Error(err);
    return JSON.parse(out);
  };
  return { context, run, json };
}

const fileOf = (content: string) => {
  const file = join(temporaryFolder('import'), 'people.csv');
  writeFileSync(file, content);
  return file;
};

test('adding to a double opt-in list sends the confirmation into the inbox, once an hour', async () => {
  const { context, run } = await withLists();
  const first = await run('add', 'anna@example.com', '--list', 'weekly', '--name', 'Anna');
  expect(first).toMatchObject({
    code: 0,
    out: 'anna@example.com gets a mail to confirm, through the embedded inbox.\n',
  });
  const second = await run('add', 'Anna@EXAMPLE.com', '--list', 'weekly');
  expect(second.out).toContain('none was sent now');
  const mails = await context.db.selectFrom('inbox_messages').select(['subject', 'rcpt_to']).execute();
  expect(mails).toEqual([
    { subject: 'Please confirm your subscription to Weekly', rcpt_to: ['anna@example.com'] },
  ]);
});

test('who is added as confirmed needs a consent, which is kept', async () => {
  const { run, json } = await withLists();
  const without = await run('add', 'anna@example.com', '--list', 'weekly', '--confirmed');
  expect(without).toMatchObject({ code: 2 });
  expect(without.err).toContain('how did they agree?');
  const added = await json(
    'add',
    'anna@example.com',
    '--list',
    'weekly',
    '--confirmed',
    '--consent',
    'At the fair',
  );
  expect(added).toMatchObject({ state: 'confirmed', confirmationSent: false });

  const shown = await json('show', 'anna@example.com');
  expect(shown).toMatchObject({
    subscriptions: [{ slug: 'weekly', state: 'confirmed' }],
    consent: [{ act: 'added', via: 'admin', evidence: { consent: 'At the fair' } }],
  });
  expect(await json('list', '--list', 'weekly', '--state', 'confirmed')).toHaveLength(1);
});

test('who has left is shown as such, and not brought back', async () => {
  const { run, json } = await withLists();
  const { subscriberId } = await json('add', 'anna@example.com', '--list', 'daily');
  await json('unsubscribe', 'anna@example.com', '--list', 'daily');
  const back = await run('add', 'anna@example.com', '--list', 'daily', '--confirmed', '--consent', 'x');
  expect(back.code).toBe(1);
  expect(back.err).toContain('its owner has left');
  const readable = await run('show', String(subscriberId));
  expect(readable.out).toMatch(/daily\s+unsubscribed/);
});

test('a person is erased only when that is said clearly', async () => {
  const { run, json } = await withLists();
  const { subscriberId } = await json('add', 'anna@example.com', '--list', 'daily');
  const careful = await run('remove', 'anna@example.com');
  expect(careful).toMatchObject({ code: 2 });
  expect((await json('show', 'anna@example.com')).id).toBe(subscriberId);
  expect(await json('remove', 'anna@example.com', '--yes')).toMatchObject({ removed: subscriberId });
  const gone = await run('show', 'anna@example.com');
  expect(gone).toMatchObject({ code: 1 });
  expect(gone.err).toContain('Nobody is subscribed as anna@example.com.');
});

test('an erased address is not brought back by an import, and a manual suppression holds until it is lifted', async () => {
  const { run, json } = await withLists();
  await json('add', 'erased@example.com', '--list', 'daily');
  await json('remove', 'erased@example.com', '--yes');
  await json('suppress', 'stop@example.com', '--note', 'Asked on the phone');
  const file = fileOf('email\nerased@example.com\nstop@example.com\nnew@example.com\n');
  const result = await json('import', file, '--list', 'daily', '--consent', 'Old system');
  expect(result).toMatchObject({ added: 1, suppressed: 2 });
  const refused = await run('add', 'stop@example.com', '--list', 'daily');
  expect(refused.err).toContain('--lift-suppression');
  await json('add', 'stop@example.com', '--list', 'daily', '--lift-suppression', 'Asked again');
  const people = await json('list');
  expect(people.map(({ email }: { email: string }) => email)).toEqual([
    'stop@example.com',
    'new@example.com',
  ]);
});

test('an import prints the first ten bad rows, writes all to the report, and exits with 3', async () => {
  const { run } = await withLists();
  const bad = Array.from({ length: 12 }, (_, index) => `bad${index}\u001b[31m,X`);
  const file = fileOf(['Kontakt;Name', 'ok@example.com;Ok', ...bad, 'two@example.com;Two'].join('\n'));
  const result = await run(
    'import',
    file,
    '--list',
    'daily',
    '--consent',
    'Old system',
    '--map',
    'Kontakt=email',
    '--report',
  );
  expect(result).toMatchObject({ code: 3, err: '' });
  expect(result.out).toContain(
    '14 rows: 2 added, 0 updated, 0 unchanged, 0 duplicates, 0 suppressed, 12 bad.',
  );
  expect(result.out).toContain('line 3, column Kontakt:');
  expect(result.out).toContain('and 2 more');
  expect(result.out).not.toContain('\u001b');
  const report = readFileSync(`${file}.problems.ndjson`, 'utf8').trim().split('\n');
  expect(report).toHaveLength(12);
  expect(JSON.parse(report[11] ?? '')).toMatchObject({ kind: 'bad', line: 14, column: 'Kontakt' });
});

test('a file that is not there, or has the wrong header, is explained', async () => {
  const { run } = await withLists();
  const options = ['--list', 'daily', '--consent', 'x'];
  const missing = await run('import', '/no/such/file.csv', ...options);
  expect(missing).toMatchObject({ code: 2 });
  expect(missing.err).toContain('/no/such/file.csv cannot be read: there is no such file.');
  expect(await run('add', 'no-address', '--list', 'daily')).toMatchObject({ code: 2 });
  const wrong = await run('import', fileOf('Kontakt,Ort\nx,y\n'), ...options);
  expect(wrong).toMatchObject({ code: 1 });
  expect(wrong.err).toContain('Its first line has: Kontakt, Ort.');
  const unmapped = await run('import', fileOf('email\n'), ...options, '--map', 'nonsense');
  expect(unmapped).toMatchObject({ code: 2 });
});
