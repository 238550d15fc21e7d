import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { addStories } from '../../src/stories/add.ts';
import { findStory, listStories } from '../../src/stories/find-stories.ts';
import { createTestContext } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { rss, serve } from './serve.ts';

const folder = temporaryFolder('add');
function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}
const fixture = join(import.meta.dirname, 'fixtures/tidal-gate.txt');
const text =
  'The council met on Monday and agreed, after a long debate, on the plan for the new harbour bridge. '.repeat(
    4,
  );
const page = `<html><head><link rel="canonical" href="/plan"></head><body><article><h1>The plan</h1><p>${text}</p><p>${text}</p></article></body></html>`;
const item = '<item><title>Feed story</title><link>https://herald.example.com/1</link></item>';

test('a text article is added, and its leftovers are nowhere', async () => {
  const context = await createTestContext();
  const { ids } = await addStories(context, fixture, { publisher: 'Marwick Courier', topics: ['Floods'] });
  const story = await findStory(context, ids[0]!);
  expect(story).toMatchObject({ publisher: 'Marwick Courier', topics: ['Floods'], url: null });
  expect(`${story.title} ${story.dek} ${story.body_text}`).not.toMatch(/Popular posts|Quennell|Soups|Ferry/);
  expect(story.body_text).toMatch(/began to sing\.$/);
});

test('adding the same file again changes nothing; an edited one updates its story', async () => {
  const context = await createTestContext();
  const path = file('edited.txt', 'Harbour gate opens\n\nThe lead.');
  const { added } = await addStories(context, path);
  expect(await addStories(context, path)).toMatchObject({ ids: added, unchanged: added });
  writeFileSync(path, 'Harbour gate opens at last\n\nThe lead.');
  expect(await addStories(context, path)).toMatchObject({ ids: added, updated: added });
});

test.each([
  ['an HTML page', '/plan?utm_source=x', 'The plan'],
  ['a feed', '/feed', 'Feed story'],
  ['plain text', '/note', 'A note'],
])('%s is added from the web', async (_, path, title) => {
  const context = await createTestContext();
  const { url } = await serve({
    '/plan?utm_source=x': page,
    '/feed': rss(item),
    '/note': 'A note\n\nIts lead.',
  });
  const { ids } = await addStories(context, `${url}${path}`);
  expect(await findStory(context, ids[0]!)).toMatchObject({ title, url: expect.stringMatching(/^http/) });
});

test('a feed’s stories are by the feed, a page’s by its host', async () => {
  const context = await createTestContext();
  const { url } = await serve({ '/plan': page, '/feed': rss(item) });
  await addStories(context, `${url}/plan`);
  await addStories(context, `${url}/feed`);
  const stories = await listStories(context);
  expect(stories.map(({ publisher }) => publisher).sort()).toEqual(['127.0.0.1', 'Harbour Herald']);
});

test.each([
  ['story.html', page, 1],
  ['feed.xml', rss(item), 1],
  ['feed.rss', rss(item, item.replace('/1', '/2')), 2],
  ['stories.json', '[{"title":"One"},{"title":"Two"}]', 2],
  ['stories.ndjson', '{"title":"One"}\n{"title":"Two"}\n', 2],
  ['one.ndjson', '{"title":"One"}', 1],
])('%s gives its stories', async (name, content, count) => {
  const context = await createTestContext();
  expect((await addStories(context, file(name, content))).added).toHaveLength(count);
});

test('text from standard input is read as what it is', async () => {
  const context = await createTestContext();
  expect((await addStories(context, { text: readFileSync(fixture, 'utf8') })).added).toHaveLength(1);
  const { added, problems } = await addStories(context, {
    text: '{"title":"One"}\nbroken\n',
    name: 'Standard input',
  });
  expect(added).toHaveLength(1);
  expect(problems).toEqual([{ where: 'line 2', reason: 'it is no JSON: broken' }]);
});

test.each([
  ['empty.txt', '', 'is empty'],
  ['front.html', '<html><body><nav>Home</nav></body></html>', 'There is no article on the page'],
  ['broken.json', '[{"title":', 'looks like JSON, but cannot be read'],
  ['list.opml', '<opml version="2.0"><body/></opml>', 'is a list of feeds (OPML)'],
  ['picture.txt', Buffer.from([0x89, 0x50, 0, 0, 1, 2]), 'is no text'],
  ['large.txt', Buffer.alloc(10_000_001, 'x'), 'is larger than 10 MB'],
])('%s is refused in a sentence that names it', async (name, content, message) => {
  const context = await createTestContext();
  const path = file(name, content);
  await expect(addStories(context, path)).rejects.toThrow(message);
  await expect(addStories(context, path)).rejects.toThrow(name);
});

test('a picture from the web is no story', async () => {
  const context = await createTestContext();
  const { url } = await serve({
    '/p.png': (_, response) => response.writeHead(200, { 'content-type': 'image/png' }).end('x'),
  });
  await expect(addStories(context, `${url}/p.png`)).rejects.toThrow(
    `${url}/p.png is no text, but image/png.`,
  );
});

test('what is neither there nor an address is refused', async () => {
  const context = await createTestContext();
  await expect(addStories(context, 'no/such/file.txt')).rejects.toThrow(
    '"no/such/file.txt" is neither a web address nor a file or folder.',
  );
  await expect(addStories(context, 'ftp://example.com/x')).rejects.toThrow('only http and https');
});

test('stories are found by words, source and time', async () => {
  const context = await createTestContext();
  await addStories(context, {
    text: JSON.stringify([
      { title: 'Harbour bridge 100% open', published_at: '2026-11-23T08:00:00Z' },
      { title: 'Seven soups', dek: 'For the harbour.', published_at: '2026-11-24T07:00:00Z' },
    ]),
  });
  const titles = async (filter: Parameters<typeof listStories>[1]) =>
    (await listStories(context, filter)).map(({ title }) => title);
  expect(await titles({})).toEqual(['Seven soups', 'Harbour bridge 100% open']);
  expect(await titles({ limit: 1 })).toEqual(['Seven soups']);
  expect(await titles({ search: 'HARBOUR open' })).toEqual(['Harbour bridge 100% open']);
  expect(await titles({ search: '%' })).toEqual(['Harbour bridge 100% open']);
  expect(await titles({ since: new Date('2026-11-24') })).toEqual(['Seven soups']);
  await expect(listStories(context, { source: 'none' })).rejects.toThrow('There is no source "none"');
  await expect(findStory(context, '999')).rejects.toThrow('There is no story "999"');
});
