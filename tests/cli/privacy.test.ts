import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { hold } from '../../src/db/installation.ts';
import { createList } from '../../src/subscribers/lists.ts';
import { subscribe } from '../../src/subscribers/subscribe.ts';
import { createTestContext } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { broadsheet } from './run.ts';

// Each command starts a process, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

async function withPerson() {
  const context = await createTestContext();
  await createList(context, { name: 'Weekly', optIn: 'single' });
  await subscribe(context, { via: 'admin', email: 'anna@example.com', list: 'weekly', name: 'Anna' });
  const folder = temporaryFolder('privacy');
  const run = (...args: string[]) => broadsheet(context, ...args);
  const json = async (...args: string[]) => {
    const { code, out, err } = await run(...args, '--json');
    if (code !== 0) throw new Error(err);
    return JSON.parse(out);
  };
  return { context, folder, run, json };
}

test('suppressions go in and out of files, and are shown and removed with a reason', async () => {
  const { folder, run, json } = await withPerson();
  const file = join(folder, 'stop.csv');
  writeFileSync(file, 'email,reason\nbo@example.com,complaint\n+sum@example.com,bounce\nnobody,bounce\n');
  const imported = await run('suppressions', 'import', file, '--report', join(folder, 'bad.ndjson'));
  expect(imported.code).toBe(3);
  expect(imported.out).toContain('3 rows: 2 added, 0 changed, 0 unchanged, 0 duplicates, 1 bad.');
  expect(JSON.parse(readFileSync(join(folder, 'bad.ndjson'), 'utf8'))).toMatchObject({ line: 4 });
  await json(
    'suppressions',
    'add',
    'Cleo@example.com',
    '--list',
    'weekly',
    '--note',
    '=cmd()',
    '--expires',
    '30d',
  );

  const out = join(folder, 'out.csv');
  expect(await json('suppressions', 'export', out)).toEqual({ rows: 3, file: out });
  const csv = readFileSync(out, 'utf8');
  // What a spreadsheet would compute is a text.
  expect(csv).toContain("'=cmd()");
  expect(csv).toContain("'+sum@example.com");
  const ndjson = (await run('suppressions', 'export', '--format', 'ndjson', '--hashes')).out
    .trim()
    .split('\n');
  expect(ndjson.map((line) => JSON.parse(line).email)).toEqual([null, null, null]);
  // Read again, both change nothing.
  const again = join(folder, 'out.ndjson');
  writeFileSync(again, ndjson.join('\n'));
  for (const name of [out, again])
    expect(await json('suppressions', 'import', name)).toMatchObject({
      rows: 3,
      added: 0,
      changed: 0,
      unchanged: 3,
    });

  const careful = await run('suppressions', 'remove', 'bo@example.com', '--because', 'a slip');
  expect(careful.code).toBe(2);
  expect(careful.err).toContain('complaint');
  expect(await json('suppressions', 'remove', 'bo@example.com', '--because', 'a slip', '--yes')).toEqual({
    removed: [{ reason: 'complaint', list: null }],
  });
  expect((await json('suppressions', 'list')).map((row: { email: string }) => row.email)).toEqual([
    'Cleo@example.com',
    '+sum@example.com',
  ]);
  expect(await json('suppressions', 'show', 'bo@example.com')).toEqual({
    subscriberId: null,
    suppressions: [],
  });
});

test('a person is exported as a page and as JSON, and erased after a look at what goes', async () => {
  const { folder, run, json } = await withPerson();
  const [html, out] = [join(folder, 'anna.html'), join(folder, 'anna.json')];
  const exported = await run(
    'subscribers',
    'export-person',
    'anna@example.com',
    '--html',
    html,
    '--out',
    out,
  );
  expect(exported.out).toContain('Wrote');
  expect(readFileSync(html, 'utf8')).toContain('What is kept about anna@example.com');
  expect(statSync(html).mode & 0o077).toBe(0);
  const document = JSON.parse(readFileSync(out, 'utf8'));
  expect(document.tables.subscribers.rows).toMatchObject([{ email: 'anna@example.com', name: 'Anna' }]);

  const dry = await json('subscribers', 'remove', 'anna@example.com', '--dry-run');
  expect(dry).toMatchObject({ dryRun: true, rows: { subscribers: 1, subscriptions: 1, consent_log: 1 } });
  expect((await json('subscribers', 'remove', 'anna@example.com', '--yes')).rows).toEqual(dry.rows);
  const gone = await json('subscribers', 'export-person', 'anna@example.com');
  expect(Object.keys(gone.tables).sort()).toEqual(['consent_log', 'suppressions']);
  const slip = await run('subscribers', 'remove', 'anan@example.com', '--yes');
  expect(slip).toMatchObject({ code: 1 });
  expect(slip.err).toContain('Nothing is kept about anan@example.com');
});

test('a copy that nobody adopted asks nobody whether they want to stay', async () => {
  const { run, context } = await withPerson();
  await hold(context, 'restored', 'a test');
  const held = await run('subscribers', 'sunset', '--list', 'weekly', '--inactive', '365d');
  expect(held).toMatchObject({ code: 1 });
  expect(held.err).toContain('Sending is held');
});

test('retention shows each rule with its setting, and sunset says why it cannot tell', async () => {
  const { run, json } = await withPerson();
  const rules = await json('db', 'retention', '--dry-run');
  expect(rules.map(({ setting }: { setting: string }) => setting)).toEqual([
    'RETENTION_PENDING_DAYS',
    'RETENTION_UNMATCHED_FEEDBACK_DAYS',
    'RETENTION_ENGAGEMENT_MONTHS',
    'RETENTION_CONSENT_IP_MONTHS',
    'RETENTION_ERASED_CONSENT_MONTHS',
    'RETENTION_LEDGER_MONTHS',
  ]);
  const none = await run('subscribers', 'sunset', '--list', 'weekly', '--inactive', '365d', '--dry-run');
  expect(none).toMatchObject({ code: 1 });
  expect(none.err).toContain('does not show who is inactive');
  expect(await run('subscribers', 'sunset', '--list', 'weekly', '--inactive', '90m')).toMatchObject({
    code: 2,
  });
  expect(await run('subscribers', 'sunset', '--list', 'weekly')).toMatchObject({ code: 2 });
});
