import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { listSources } from '../../src/stories/sources.ts';
import { createTestContext } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { seedEdition, seedList, seedNewsletter } from '../support/seed.ts';
import { seedStories } from '../support/stories.ts';
import { inProcess } from './in-process.ts';

vi.setConfig({ testTimeout: 120_000 });

async function setUp() {
  const context = await createTestContext({}, new Date().toISOString());
  const run = (...args: string[]) => inProcess(context.environment, ...args);
  const json = async (...args: string[]) => JSON.parse((await run(...args, '--json')).out);
  return { context, run, json };
}

test('a source is shown and changed, moves to another address, and keeps its stories', async () => {
  const { context, run, json } = await setUp();
  const [one, two] = [temporaryFolder('one'), temporaryFolder('two')];
  writeFileSync(join(one, 'a.txt'), 'The bridge hums again\n\nAt night it hums.\n');
  await run('sources', 'create', one, '--name', 'Desk', '--topics', 'city', '--language', 'en');
  await run('sources', 'create', two, '--name', 'Other');
  await run('sources', 'fetch', 'Desk');
  expect((await run('sources', 'show', 'desk')).out).toMatch(
    /^Desk \(folder, id 1\)\n[\s\S]*Stories: 1\n[\s\S]*Health: ok/,
  );
  const edited = await json(
    'sources',
    'edit',
    'Desk',
    '--name',
    'City desk',
    '--weight',
    '2',
    '--topics',
    'none',
    '--language',
    'none',
  );
  expect(edited).toMatchObject({
    id: 1,
    name: 'City desk',
    weight: 2,
    topics: [],
    language: null,
    interval_seconds: 900,
  });
  const [moved] = await listSources(context);
  expect(moved).toMatchObject({ name: 'City desk', stories: 1, url: one });
  await expect(run('sources', 'edit', '1', '--address', two)).rejects.toMatchObject({ code: 'exists' });
  await expect(run('sources', 'edit', '1', '--name', 'Other')).rejects.toMatchObject({ code: 'exists' });
  await expect(run('sources', 'edit', '1')).rejects.toMatchObject({ code: 'usage' });
  const three = temporaryFolder('three');
  expect(await json('sources', 'edit', '1', '--address', three)).toMatchObject({
    url: three,
    kind: 'folder',
  });
});

test('what takes something away is refused where nobody can be asked, told by --dry-run, and done with --yes', async () => {
  const { context, run, json } = await setUp();
  await seedStories(context, [{ title: 'The bridge hums again', publisher: 'Harbour Post' }]);
  await expect(run('stories', 'remove', '1')).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining('The bridge hums again'),
  });
  expect(await json('stories', 'remove', '1', '1', '--dry-run')).toMatchObject({ dryRun: true, ids: [1] });
  expect(await json('stories', 'list')).toHaveLength(1);
  expect(await json('stories', 'remove', '1', '--yes')).toEqual({ removed: [1] });
  expect(await json('stories', 'list')).toEqual([]);
});

test('an edition that was not sent can be removed, one on its way has to be cancelled first', async () => {
  const { context, run, json } = await setUp();
  const { listId } = await seedList(context, 3);
  const { id } = await seedNewsletter(context, [listId]);
  const edition = String(await seedEdition(context, id));
  await expect(run('editions', 'remove', edition, '--yes')).rejects.toMatchObject({
    code: 'state',
    hint: expect.stringContaining('editions cancel'),
  });
  expect((await run('editions', 'cancel', edition, '--dry-run')).out).toContain('nobody has it');
  expect(await json('editions', 'show', edition)).toMatchObject({ state: 'approved' });
  expect(await json('editions', 'cancel', edition, '--yes')).toMatchObject({ state: 'cancelled' });
  expect(await json('editions', 'remove', edition, '--yes')).toEqual({ removed: Number(edition) });
  expect(await json('editions', 'list')).toEqual([]);
});

test('a sent edition stays; with its newsletter it goes, and its ledger with it', async () => {
  const { context, run, json } = await setUp();
  const { listId } = await seedList(context, 3);
  const { id, slug } = await seedNewsletter(context, [listId]);
  const edition = await seedEdition(context, id);
  const { out } = await run('editions', 'send', String(edition));
  expect(out).toBe('3 planned = 3 accepted\n');
  await expect(run('editions', 'remove', String(edition), '--yes')).rejects.toMatchObject({ code: 'state' });
  const second = await seedEdition(context, id, undefined, new Date(Date.now() + 60_000));
  await expect(run('newsletters', 'remove', slug, '--yes')).rejects.toMatchObject({
    message: expect.stringContaining(`Edition ${second}`),
  });
  await run('editions', 'cancel', String(second), '--yes');
  expect(await json('newsletters', 'remove', slug, '--dry-run')).toMatchObject({
    editions: 2,
    sent: 1,
    deliveries: 3,
  });
  expect(await json('newsletters', 'remove', String(id), '--yes')).toMatchObject({
    removed: slug,
    editions: 2,
  });
  expect(await json('newsletters', 'list')).toEqual([]);
  const { rows } = await context.database.pool.query(
    `select relname from pg_class where relname ~ '^(deliveries|engagement)_e[0-9]+$'`,
  );
  expect(rows).toEqual([]);
  expect(await json('lists', 'list')).toHaveLength(1);
});

test('the keys of a domain are shown, and removing one that signs says what follows', async () => {
  const { run, json } = await setUp();
  await run('dkim', 'create', 'news.example.com', '--type', 'ed25519', '--selector', 'one');
  await run('dkim', 'activate', 'news.example.com', 'one');
  expect((await run('dkim', 'show', 'news.example.com')).out).toMatch(
    /^one \(ed25519-sha256\): signs since [\s\S]*v=DKIM1/,
  );
  await expect(run('dkim', 'show', 'news.example.com', 'two')).rejects.toMatchObject({ code: 'not-found' });
  await expect(run('dkim', 'remove', 'news.example.com', 'one')).rejects.toMatchObject({
    message: expect.stringContaining('is signed with it now'),
  });
  expect(await json('dkim', 'remove', 'news.example.com', 'one', '--yes')).toMatchObject({ removed: true });
});

test('what a person wants is changed for them, on one list or on all of theirs', async () => {
  const { context, run, json } = await setUp();
  await seedList(context, 1, 'daily');
  await seedList(context, 1, 'weekly');
  const edit = (...args: string[]) => json('subscribers', 'edit', 'reader1@example.com', ...args);
  expect(await edit('--name', 'Ada Moor', '--language', 'pt-br', '--frequency', 'weekly')).toMatchObject({
    name: 'Ada Moor',
    language: 'pt-BR',
    subscriptions: [
      { slug: 'daily', frequency: 'weekly' },
      { slug: 'weekly', frequency: 'weekly' },
    ],
  });
  expect(
    await edit('--list', 'daily', '--frequency', 'daily', '--topics', 'port,city', '--mute', 'city'),
  ).toMatchObject({
    name: 'Ada Moor',
    subscriptions: [
      { frequency: 'daily', topics: ['port'], mutedTopics: ['city'] },
      { frequency: 'weekly', topics: [] },
    ],
  });
  expect(await edit('--name', 'none', '--list', 'daily', '--mute', 'none')).toMatchObject({
    name: null,
    subscriptions: [{ mutedTopics: [] }, {}],
  });
  const refused = (...args: string[]) => run('subscribers', 'edit', 'reader1@example.com', ...args);
  await expect(refused()).rejects.toMatchObject({ code: 'usage' });
  await expect(refused('--list', 'daily')).rejects.toMatchObject({ code: 'usage' });
  await seedList(context, 0, 'other');
  await expect(refused('--list', 'other', '--topics', 'port')).rejects.toMatchObject({ code: 'not-found' });
});

test('a suppression is found by its id, its note and end are changed, and an erasure does not end', async () => {
  const { context, run, json } = await setUp();
  await seedList(context, 1, 'daily');
  await run('suppressions', 'create', 'ada@example.com');
  await run('suppressions', 'create', 'ada@example.com', '--list', 'daily', '--expires', '90d');
  await run('suppressions', 'create', 'gone@example.com', '--reason', 'erasure');
  const [erased, ofList, ofAll] = await json('suppressions', 'list');
  const [edited] = await json('suppressions', 'edit', String(ofAll.id), '--note', 'Full', '--expires', '30d');
  expect(edited).toMatchObject({ id: ofAll.id, list: null, note: 'Full', until: expect.any(String) });
  const rows = await json('suppressions', 'edit', 'ada@example.com', '--list', 'daily', '--expires', 'never');
  expect(rows).toMatchObject([{ id: ofList.id, until: null }]);
  const logged = await context.db.selectFrom('consent_log').select('evidence').orderBy('id').execute();
  expect(logged.map(({ evidence }) => evidence)).toEqual([
    { suppression: 'manual', until: edited.until },
    { suppression: 'manual', until: null },
  ]);
  await expect(run('suppressions', 'edit', erased.hash, '--expires', '30d')).rejects.toMatchObject({
    hint: expect.stringContaining('suppressions remove'),
  });
  await expect(run('suppressions', 'edit', 'ada@example.com')).rejects.toMatchObject({ code: 'usage' });
  await expect(run('suppressions', 'show', '999')).rejects.toMatchObject({ code: 'not-found' });
  expect(
    await json('suppressions', 'remove', String(ofList.id), '--because', 'Asked on 3 May', '--yes'),
  ).toEqual({ removed: [{ reason: 'manual', list: 'daily' }] });
  expect((await json('suppressions', 'show', String(ofAll.id))).suppressions).toHaveLength(1);
});

test('a story is changed, keeps what it said before, and is labelled anew', async () => {
  const { context, run, json } = await setUp();
  await seedStories(context, [{ title: 'The bridge hums', publisher: 'Harbour Post' }]);
  const before = await json('stories', 'show', '1');
  const edited = await json(
    ...[
      'stories',
      'edit',
      '1',
      '--title',
      'The bridge hums again',
      '--topics',
      'port',
      '--author',
      'Ada Moor',
    ],
  );
  expect(edited).toMatchObject({
    ...{
      title: 'The bridge hums again',
      author: 'Ada Moor',
      topics: ['port'],
      revision: before.revision + 1,
    },
    ...{ dek: before.dek, body_text: before.body_text, language: before.language, url: before.url },
    revisions: [{ title: 'The bridge hums' }],
  });
  expect(await json('stories', 'edit', before.url, '--author', 'none')).toMatchObject({
    author: null,
    revision: edited.revision,
  });
  for (const wrong of [[], ['--image', 'javascript:x'], ['--title', ' ']])
    await expect(run('stories', 'edit', '1', ...wrong)).rejects.toMatchObject({ code: 'usage' });
});
