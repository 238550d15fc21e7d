import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createTestContext } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { seedList } from '../support/seed.ts';
import { fiveEvents, seedStories } from '../support/stories.ts';
import { broadsheet } from './run.ts';

const folder = temporaryFolder('cli');

test('from a newsletter to a sent edition, as an admin types it', async () => {
  const context = await createTestContext({}, new Date().toISOString());
  const { environment } = context;
  // Links in mails lead to this address.
  environment.PUBLIC_URL = 'https://news.example.com';
  await seedStories(context, fiveEvents);
  await seedList(context, 3);

  const created = await broadsheet(
    context,
    'newsletters',
    'create',
    'harbour-post',
    '--from',
    'news@harbour.example.com',
    '--cron',
    '0 7 * * *',
    '--time-zone',
    'Europe/Berlin',
    '--list',
    'readers',
    '--theme',
    'briefing',
    '--json',
  );
  expect(created).toMatchObject({ code: 0, err: '' });
  expect(JSON.parse(created.out)).toMatchObject({
    slug: 'harbour-post',
    name: 'Harbour Post',
    mode: 'approval',
    lists: ['readers'],
  });

  const built = await broadsheet(context, 'editions', 'build', 'harbour-post', '--json');
  const edition = JSON.parse(built.out);
  expect(edition).toMatchObject({ state: 'review', theme: 'briefing' });
  expect(edition.stories).toHaveLength(5);

  const explained = await broadsheet(context, 'selection', 'explain', 'harbour-post');
  expect(explained.out).toMatch(/1\. .*Odile.*\n {3}lead, score 0\.\d+\. Reported by 5 publishers/);
  expect(explained.out).toMatch(/coverage: .* reports the same event/);

  const preview = await broadsheet(
    context,
    'editions',
    'preview',
    String(edition.id),
    '--as',
    'reader2@example.com',
  );
  expect(preview.out).toContain('HARBOUR POST');
  expect(preview.out).toMatch(/reader2@example\.com is\s+subscribed/);
  expect(preview.out).toContain('https://news.example.com/unsubscribe/');

  const tooSoon = await broadsheet(context, 'editions', 'send', String(edition.id));
  expect(tooSoon.code).toBe(1);
  expect(tooSoon.err).toMatch(/cannot be sent: it is waiting for approval/);

  expect((await broadsheet(context, 'editions', 'approve', 'harbour-post')).code).toBe(0);
  const sent = await broadsheet(context, 'editions', 'send', 'harbour-post');
  expect(sent).toMatchObject({ code: 0 });
  expect(sent.out).toContain('3 planned = 3 accepted');
  const caught = await context.db.selectFrom('inbox_messages').select('rcpt_to').orderBy('rcpt_to').execute();
  expect(caught.map((mail) => mail.rcpt_to[0])).toEqual([
    'reader1@example.com',
    'reader2@example.com',
    'reader3@example.com',
  ]);

  const again = await broadsheet(context, 'editions', 'send', 'harbour-post', '--json');
  expect(again.code).toBe(1);
  expect(JSON.parse(again.err).error).toMatchObject({
    code: 'state',
    message: expect.stringContaining('is sent already'),
  });
  expect(await context.db.selectFrom('inbox_messages').select('id').execute()).toHaveLength(3);

  const report = JSON.parse((await broadsheet(context, 'editions', 'report', 'harbour-post', '--json')).out);
  expect(report).toMatchObject({ planned: 3, accepted: 3, sums: true, uncertainDeliveries: [] });
}, 120_000);

test('a wrong schedule, zone, theme or policy is refused with a sentence, and nothing is made', async () => {
  const context = await createTestContext();
  const policy = join(folder, 'policy.json');
  writeFileSync(policy, '{"slots": []}');
  const create = (...more: string[]) =>
    broadsheet(context, 'newsletters', 'create', 'x', '--from', 'a@example.com', ...more);
  const results = await Promise.all([
    create('--cron', '0 25 * * *'),
    create('--cron', '0 7 * * *', '--time-zone', 'Mars/Olympus'),
    create('--cron', '0 7 * * *', '--theme', 'gazette'),
    create('--cron', '0 7 * * *', '--policy', policy),
    create(),
  ]);
  const expected = [
    /"0 25 \* \* \*" is no schedule: hour/,
    /"Mars\/Olympus" is no time zone/,
    /no theme "gazette"/,
    /policy .*policy\.json is wrong:\n {2}line 1, slots: /,
    /takes a short name, a sender/,
  ];
  for (const [index, { code, err }] of results.entries()) {
    expect(code).toBeGreaterThan(0);
    expect(err).toMatch(expected[index] as RegExp);
    expect(err).not.toMatch(/\n\s+at /);
  }
  expect(await context.db.selectFrom('newsletters').selectAll().execute()).toEqual([]);
}, 120_000);

test('related stories are found for an id, and for a file that is not in the database', async () => {
  const context = await createTestContext({}, new Date().toISOString());
  const ids = await seedStories(context, fiveEvents);
  const byId = JSON.parse((await broadsheet(context, 'stories', 'related', String(ids[0]), '--json')).out);
  expect(byId.related.length).toBeGreaterThan(0);
  expect(byId.related[0].title).toMatch(/Odile/);
  const file = join(folder, 'article.txt');
  writeFileSync(
    file,
    'After the storm: Marlow Bay rebuilds its quay\n\nStorm Odile tore the quay of Marlow Bay apart. Now masons rebuild it.\n\nComments\n\nOrchestra of Vellmar elects Ines Kato\n',
  );
  const byFile = JSON.parse((await broadsheet(context, 'stories', 'related', file, '--json')).out);
  expect(byFile.related[0].title).toMatch(/Odile/);
  expect(byFile.related.every((each: { title: string }) => !each.title.includes('Kato'))).toBe(true);
}, 120_000);

test('--help has examples, an unknown command fails, and the preview can be written to a file', async () => {
  const context = await createTestContext({}, new Date().toISOString());
  const help = await broadsheet(context, 'newsletters', 'create', '--help');
  expect(help).toMatchObject({ code: 0 });
  expect(help.out).toMatch(/Examples?:/);
  expect((await broadsheet(context, 'editions', 'fold')).code).toBe(2);
  await seedStories(context, fiveEvents);
  await broadsheet(
    context,
    'newsletters',
    'create',
    'post',
    '--from',
    'a@example.com',
    '--cron',
    '0 7 * * *',
  );
  await broadsheet(context, 'editions', 'build', 'post');
  const out = join(folder, 'page.html');
  expect((await broadsheet(context, 'editions', 'preview', 'post', '--out', out)).code).toBe(0);
  expect(readFileSync(out, 'utf8')).toMatch(/^<!DOCTYPE html/i);
}, 120_000);
