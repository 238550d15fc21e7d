import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import iconv from 'iconv-lite';
import { expect, onTestFinished, test } from 'vitest';
import { editNewsletter } from '../../src/editions/newsletters.ts';
import { listStories } from '../../src/stories/find-stories.ts';
import {
  addSource,
  exportOpml,
  fetchDueSources,
  fetchSource,
  findSource,
  importOpml,
  listSources,
  pauseSource,
  removeSource,
  resumeSource,
} from '../../src/stories/sources.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { seedNewsletter } from '../support/seed.ts';
import { rss, serve } from './serve.ts';

const item = (number: number | string) =>
  `<item><title>Story ${number}</title><link>https://herald.example.com/${number}</link><guid isPermaLink="false">g${number}</guid><pubDate>Tue, 24 Nov 2026 07:00:00 GMT</pubDate></item>`;

const add = (context: TestContext, url: string, fields = {}) =>
  addSource(context, url, { kind: 'feed', intervalSeconds: 600, ...fields });

/** Fetches the source as it stands now. */
async function fetchNow(context: TestContext, id: number, limits = {}) {
  return await fetchSource(context, await findSource(context, id), limits);
}

const minutesFrom = (context: TestContext, time: Date | null | undefined) =>
  (Number(time) - context.clock.now().getTime()) / 60_000;

function folderOf(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'broadsheet-folder-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

test('a feed is added under its own name, and its stories are taken in', async () => {
  const context = await createTestContext();
  const { url } = await serve({ '/feed': rss(item(1), item(2)) });
  const source = await addSource(context, `${url}/feed`, { topics: ['Local'] });
  expect(source).toMatchObject({
    kind: 'feed',
    name: 'Harbour Herald',
    publisher: 'Harbour Herald',
    language: 'en',
    topics: ['Local'],
    interval_seconds: 900,
  });
  const outcome = await fetchNow(context, source.id);
  expect(outcome).toMatchObject({
    outcome: 'fetched',
    intake: { added: [expect.any(Number), expect.any(Number)] },
  });
  expect(await listStories(context)).toHaveLength(2);
  expect(await listSources(context)).toMatchObject([{ health: 'ok', stories: 2, last_error: null }]);
});

test('a page that names its feed is added as the feed', async () => {
  const context = await createTestContext();
  const { url } = await serve({
    '/': '<html><head><link rel="alternate" type="application/rss+xml" href="/feed"></head><body></body></html>',
    '/feed': rss(),
  });
  expect(await addSource(context, `${url}/`)).toMatchObject({
    kind: 'feed',
    url: `${url}/feed`,
    name: 'Harbour Herald',
  });
});

test('an address is a source once', async () => {
  const context = await createTestContext();
  await add(context, 'https://herald.example.com/feed', { name: 'Herald' });
  await expect(add(context, 'https://herald.example.com/feed')).rejects.toThrow(
    'is a source already, named "Herald"',
  );
  await expect(add(context, 'https://other.example.com/feed', { name: 'Herald' })).rejects.toThrow(
    'a source named "Herald" already',
  );
});

test.each([
  ['not-here.txt', {}, 'is neither a web address nor a file or folder'],
  ['ftp://example.com/x', {}, 'is no web address that can be fetched'],
  ['https://example.com/', { kind: 'feed', intervalSeconds: 5 }, 'at least 60 seconds'],
  ['https://example.com/', { kind: 'feed', weight: -1 }, 'A weight is a number from 0'],
  ['https://example.com/', { kind: 'feed', language: 'Klingon!' }, 'is no language tag'],
  ['https://example.com/', { kind: 'feed', name: '12' }, 'cannot be a number'],
] as const)('%s with %j is refused', async (address, fields, message) => {
  const context = await createTestContext();
  await expect(addSource(context, address, fields)).rejects.toThrow(message);
});

test('what has not changed is not read again', async () => {
  const context = await createTestContext();
  const { url, requests } = await serve({
    '/feed': (request, response) => {
      if (request.headers['if-none-match'] === '"v1"') response.writeHead(304).end();
      else
        response
          .writeHead(200, { etag: '"v1"', 'last-modified': 'Tue, 24 Nov 2026 07:00:00 GMT' })
          .end(rss(item(1)));
    },
  });
  const { id } = await add(context, `${url}/feed`);
  expect(await fetchNow(context, id)).toMatchObject({ outcome: 'fetched' });
  expect(await fetchNow(context, id)).toMatchObject({ outcome: 'unchanged' });
  expect(requests[1]?.headers['if-modified-since']).toBe('Tue, 24 Nov 2026 07:00:00 GMT');
  expect(await fetchNow(context, id)).toMatchObject({ outcome: 'unchanged' });
});

test('a permanent redirect changes the source’s address, a temporary one does not', async () => {
  const context = await createTestContext();
  const to = (status: number, location: string) => (_: IncomingMessage, response: ServerResponse) =>
    response.writeHead(status, { location }).end();
  const { url } = await serve({
    '/old': to(301, '/new'),
    '/new': rss(item(1)),
    '/temporary': to(302, '/new'),
  });
  const moved = await add(context, `${url}/old`);
  await fetchNow(context, moved.id);
  expect((await findSource(context, moved.id)).url).toBe(`${url}/new`);
  const temporary = await add(context, `${url}/temporary`);
  await fetchNow(context, temporary.id);
  expect((await findSource(context, temporary.id)).url).toBe(`${url}/temporary`);
});

test('a source that moved to where another is stays, is fetched, and says so', async () => {
  const context = await createTestContext();
  const { url } = await serve({
    '/old': (_, response) => response.writeHead(301, { location: '/new' }).end(),
    '/new': rss(item(1)),
  });
  await add(context, `${url}/new`, { name: 'Herald' });
  const { id } = await add(context, `${url}/old`);
  expect(await fetchNow(context, id)).toMatchObject({
    outcome: 'fetched',
    note: expect.stringContaining('which is the source "Herald" already'),
  });
  expect(await findSource(context, id)).toMatchObject({
    url: `${url}/old`,
    failures: 0,
    last_error: expect.stringContaining('It has moved to'),
  });
});

test('a source is not moved to an address that holds no feed', async () => {
  const context = await createTestContext();
  const { url } = await serve({
    '/old': (_, response) => response.writeHead(301, { location: '/login' }).end(),
    '/login': '<html>Please log in</html>',
  });
  const { id } = await add(context, `${url}/old`);
  expect(await fetchNow(context, id)).toMatchObject({ outcome: 'failed' });
  expect((await findSource(context, id)).url).toBe(`${url}/old`);
});

test('a failing source is asked less and less, and a success clears it', async () => {
  const context = await createTestContext();
  let broken = true;
  const { url } = await serve({
    '/feed': (_, response) => (broken ? response.writeHead(500).end() : response.end(rss(item(1)))),
  });
  const { id } = await add(context, `${url}/feed`);
  const waits: number[] = [];
  for (let failure = 0; failure < 10; failure++)
    waits.push(minutesFrom(context, (await fetchNow(context, id)).nextFetchAt));
  for (const [index, minutes] of [10, 20, 40, 80, 160, 320, 640, 1280, 1440, 1440].entries()) {
    expect(waits[index]).toBeGreaterThanOrEqual(minutes);
    expect(waits[index]).toBeLessThanOrEqual(minutes * 1.1);
  }
  expect(await findSource(context, id)).toMatchObject({
    failures: 10,
    last_error: `${url}/feed has trouble on its side (status 500).`,
    last_error_at: context.clock.now(),
  });
  expect(await listSources(context)).toMatchObject([{ health: 'failing' }]);
  broken = false;
  const outcome = await fetchNow(context, id);
  expect(minutesFrom(context, outcome.nextFetchAt)).toBeLessThanOrEqual(11);
  expect(await findSource(context, id)).toMatchObject({ failures: 0, last_error: null, last_error_at: null });
});

test('a source of each minute is due at the next minute’s look', async () => {
  const context = await createTestContext();
  const { url } = await serve({ '/feed': rss(item(1)) });
  const { id } = await add(context, `${url}/feed`, { intervalSeconds: 60 });
  for (let look = 0; look < 3; look++) {
    context.clock.advance(60_000);
    expect((await fetchDueSources(context, {})).map((outcome) => outcome.id)).toEqual([id]);
  }
});

test.each([
  ['7200', 120],
  ['Tue, 24 Nov 2026 12:00:00 GMT', 240],
  ['10', 10],
  ['99999999', 1_440],
])('Retry-After %s is honoured', async (header, minutes) => {
  const context = await createTestContext();
  const { url } = await serve({
    '/feed': (_, response) => response.writeHead(429, { 'retry-after': header }).end(),
  });
  const { id } = await add(context, `${url}/feed`);
  const wait = minutesFrom(context, (await fetchNow(context, id)).nextFetchAt);
  expect(wait).toBeGreaterThanOrEqual(minutes);
  expect(wait).toBeLessThanOrEqual(minutes * 1.1);
});

test('a source that is gone is paused, and can be resumed', async () => {
  const context = await createTestContext();
  const { url } = await serve({ '/feed': (_, response) => response.writeHead(410).end() });
  const { id } = await add(context, `${url}/feed`);
  expect(await fetchNow(context, id)).toMatchObject({ outcome: 'failed', nextFetchAt: null });
  expect(await findSource(context, id)).toMatchObject({
    paused: true,
    last_error: expect.stringContaining('is gone for good (status 410). It is paused.'),
  });
  expect(await fetchDueSources(context)).toEqual([]);
  expect(await resumeSource(context, id)).toMatchObject({ paused: false, failures: 0 });
  expect(await fetchDueSources(context)).toHaveLength(1);
});

test('a feed that is no XML, an endless one and a slow one fail in a sentence, and never stop the rest', async () => {
  const context = await createTestContext();
  const endless = (_: IncomingMessage, response: ServerResponse) => {
    const more = () => {
      while (!response.destroyed && response.write('<item>'.repeat(10_000)));
      response.once('drain', more);
    };
    more();
  };
  const { url } = await serve({
    '/good': rss(item(1)),
    '/bad': 'Bad gateway',
    '/endless': endless,
    '/slow': () => {},
  });
  for (const path of ['bad', 'endless', 'slow', 'good']) await add(context, `${url}/${path}`, { name: path });
  const outcomes = await fetchDueSources(context, {
    concurrency: 2,
    limits: { timeoutMs: 500, maxBytes: 500_000 },
  });
  const errors = Object.fromEntries(outcomes.map(({ name, outcome, error }) => [name, error ?? outcome]));
  expect(errors).toEqual({
    bad: expect.stringContaining(`What ${url}/bad sent is no feed. It begins with: "Bad gateway"`),
    endless: `${url}/endless is larger than 0.5 MB, so the rest was not read.`,
    slow: `${url}/slow did not answer in full within 0.5 seconds.`,
    good: 'fetched',
  });
});

test('a private address is refused unless a setting allows it', async () => {
  const context = await createTestContext({ allowPrivateNetwork: false });
  const { url, port, requests } = await serve({ '/feed': rss(item(1)) });
  for (const address of [`${url}/feed`, `http://localhost:${port}/feed`]) {
    const { id } = await add(context, address);
    expect(await fetchNow(context, id)).toMatchObject({
      outcome: 'failed',
      error: expect.stringContaining('is on a private network'),
    });
  }
  expect(requests).toHaveLength(0);
});

test.each([
  ['windows-1252', '<?xml version="1.0" encoding="windows-1252"?>'],
  ['utf-16le', '<?xml version="1.0" encoding="UTF-16"?>'],
])('a feed in %s is read', async (charset, declaration) => {
  const context = await createTestContext();
  const xml = `${declaration}<rss version="2.0"><channel><title>x</title><item><title>Café “Übersee” – €5</title><link>https://e.test/1</link></item></channel></rss>`;
  const { url } = await serve({
    '/feed': iconv.encode(xml, charset, { addBOM: charset !== 'windows-1252' }),
  });
  const { id } = await add(context, `${url}/feed`);
  await fetchNow(context, id);
  expect(await listStories(context)).toMatchObject([{ title: 'Café “Übersee” – €5' }]);
});

test('items of a feed that cannot be taken are reported', async () => {
  const context = await createTestContext();
  const { url } = await serve({ '/feed': rss('<item><link>https://e.test/untitled</link></item>', item(1)) });
  const { id } = await add(context, `${url}/feed`);
  expect((await fetchNow(context, id)).intake).toMatchObject({
    added: [expect.any(Number)],
    problems: [{ where: 'https://e.test/untitled', reason: 'it has no title' }],
  });
});

test('a sitemap index is followed one level', async () => {
  const context = await createTestContext();
  const sitemap = (path: string) =>
    `<urlset xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://herald.example.com/${path}</loc><news:news><news:title>${path}</news:title></news:news></url></urlset>`;
  const { url, requests } = await serve({
    '/index.xml':
      '<sitemapindex><sitemap><loc>/news-1.xml</loc></sitemap><sitemap><loc>/news-2.xml</loc></sitemap><sitemap><loc>/news-3.xml</loc></sitemap><sitemap><loc>/archive.xml</loc></sitemap></sitemapindex>',
    '/news-1.xml': sitemap('one'),
    '/news-2.xml': '<sitemapindex><sitemap><loc>/deeper.xml</loc></sitemap></sitemapindex>',
  });
  const source = await addSource(context, `${url}/index.xml`);
  expect(source.kind).toBe('sitemap');
  const { intake } = await fetchNow(context, source.id);
  expect(intake.added).toHaveLength(1);
  expect(intake.problems).toEqual([
    { where: `${url}/news-3.xml`, reason: `${url}/news-3.xml is not there (status 404).` },
  ]);
  expect(requests.map((request) => request.url)).not.toContain('/deeper.xml');
});

test('a page is a source of one story, which changes with it', async () => {
  const context = await createTestContext();
  const text =
    'The council met on Monday and agreed, after a long debate, on the plan for the new harbour bridge. '.repeat(
      5,
    );
  let title = 'The plan';
  const { url } = await serve({
    '/plan': (_, response) =>
      response.end(
        `<html><body><article><h1>${title}</h1><p>${text}</p><p>${text}</p></article></body></html>`,
      ),
  });
  const source = await addSource(context, `${url}/plan`);
  expect(source.kind).toBe('page');
  expect((await fetchNow(context, source.id)).intake.added).toHaveLength(1);
  title = 'The plan, changed';
  expect((await fetchNow(context, source.id)).intake.updated).toHaveLength(1);
});

test('a folder gives the files that changed, and a bad file does not stop the others', async () => {
  const context = await createTestContext();
  const folder = folderOf({
    'a.txt': 'Harbour gate opens\n\nThe lead.',
    'deep/er/b.ndjson': '{"title":"Bell tower falls"}\n{"title":\n{"title":"Cats return"}',
    'empty.txt': '',
    '.hidden.txt': 'Hidden\n\nText.',
    'notes.pdf': 'x',
  });
  symlinkSync(folder, join(folder, 'loop'));
  const source = await addSource(context, folder, { name: 'Desk' });
  expect(source.kind).toBe('folder');
  const first = await fetchNow(context, source.id);
  expect(first.intake.added).toHaveLength(3);
  expect(first.intake.problems).toEqual([
    { where: 'deep/er/b.ndjson, line 2', reason: 'it is no JSON: {"title":' },
    { where: 'empty.txt', reason: 'empty.txt is empty.' },
  ]);
  writeFileSync(join(folder, 'a.txt'), 'Harbour gate opens\n\nAnother lead.');
  const second = await fetchNow(context, source.id);
  expect(second.intake).toMatchObject({ added: [], updated: [expect.any(Number)] });
  rmSync(folder, { recursive: true });
  expect(await fetchNow(context, source.id)).toMatchObject({
    outcome: 'failed',
    error: `${folder} is not there.`,
  });
});

test('a file is a source too', async () => {
  const context = await createTestContext();
  const folder = folderOf({ 'feed.xml': rss(item(1), item(2)) });
  const source = await addSource(context, join(folder, 'feed.xml'));
  expect(source.kind).toBe('file');
  expect((await fetchNow(context, source.id)).intake.added).toHaveLength(2);
});

test('sources that are due are fetched once, however many workers ask', async () => {
  const context = await createTestContext();
  const { url, requests } = await serve({ '*': (_, response) => setTimeout(() => response.end(rss()), 20) });
  for (let number = 0; number < 12; number++)
    await add(context, `${url}/${number}`, { name: `Feed ${number}` });
  const results = await Promise.all([
    fetchDueSources(context),
    fetchDueSources(context),
    fetchDueSources(context),
  ]);
  expect(results.flat()).toHaveLength(12);
  expect(new Set(requests.map((request) => request.url)).size).toBe(12);
  expect(requests).toHaveLength(12);
  expect(await fetchDueSources(context)).toEqual([]);
  context.clock.advance(11 * 60_000);
  expect(await fetchDueSources(context, { limit: 5 })).toHaveLength(5);
});

test('a source that a dead worker had claimed is due again after ten minutes', async () => {
  const context = await createTestContext();
  const { url } = await serve({ '/feed': rss() });
  const { id } = await add(context, `${url}/feed`);
  await context.db
    .updateTable('sources')
    .set({ next_fetch_at: new Date(context.clock.now().getTime() + 600_000) })
    .where('id', '=', id)
    .execute();
  expect(await fetchDueSources(context)).toEqual([]);
  context.clock.advance(600_000);
  expect(await fetchDueSources(context)).toHaveLength(1);
});

test('paused sources and API clients are never fetched', async () => {
  const context = await createTestContext();
  const { id } = await add(context, 'https://herald.example.com/feed');
  await pauseSource(context, id);
  const wire = await addSource(context, 'wire', { kind: 'api', name: 'Wire' });
  expect(wire).toMatchObject({ kind: 'api', url: 'api:wire' });
  expect(await fetchDueSources(context)).toEqual([]);
  expect((await listSources(context)).map(({ health }) => health)).toEqual(['api', 'paused'].toSorted());
});

test('a source is found by id, name or address, and its stories stay when it goes', async () => {
  const context = await createTestContext();
  const { url } = await serve({ '/feed': rss(item(1)) });
  const { id } = await add(context, `${url}/feed`, { name: 'Herald' });
  for (const reference of [id, String(id), 'herald', 'Herald', `${url}/feed`])
    expect((await findSource(context, reference)).id).toBe(id);
  await fetchNow(context, id);
  await removeSource(context, 'Herald');
  expect(await listStories(context)).toMatchObject([{ title: 'Story 1', source: null }]);
  await expect(findSource(context, 'Herald')).rejects.toThrow('There is no source "Herald".');
});

test('a source that is all a newsletter draws on stays until it has another', async () => {
  const context = await createTestContext();
  const herald = await add(context, 'https://herald.example.com/feed', { name: 'Herald' });
  const echo = await add(context, 'https://echo.example.com/feed', { name: 'Echo' });
  const newsletter = await seedNewsletter(context, [], { name: 'Daily Herald', sourceIds: [herald.id] });
  await expect(removeSource(context, 'Herald')).rejects.toThrow(
    'Herald is the only source of "Daily Herald"; without it, every source would be.',
  );
  await editNewsletter(context, newsletter.id, { sourceIds: [herald.id, echo.id] });
  await removeSource(context, 'Herald');
  await expect(findSource(context, 'Herald')).rejects.toThrow();
});

test('sources go out as OPML and come back', async () => {
  const context = await createTestContext();
  await add(context, 'https://herald.example.com/feed', {
    name: 'Herald',
    weight: 2,
    topics: ['Local'],
    language: 'en',
    publisher: 'The Herald',
  });
  await add(context, 'https://rival.example.com/sitemap.xml', { kind: 'sitemap', name: 'Rival' });
  await addSource(context, folderOf({ 'a.txt': 'A' }), { name: 'Desk' });
  const { opml, count, left } = await exportOpml(context);
  expect({ count, left }).toEqual({ count: 2, left: ['Desk'] });
  const other = await createTestContext();
  const result = await importOpml(other, opml);
  expect(result.added).toMatchObject([
    {
      name: 'Herald',
      kind: 'feed',
      weight: 2,
      topics: ['Local'],
      language: 'en',
      publisher: 'The Herald',
      interval_seconds: 600,
    },
    { name: 'Rival', kind: 'sitemap', weight: 1 },
  ]);
  expect(await importOpml(other, opml)).toMatchObject({
    added: [],
    existing: ['https://herald.example.com/feed', 'https://rival.example.com/sitemap.xml'],
  });
});
