import { expect, test } from 'vitest';
import { findStory } from '../../src/stories/find-stories.ts';
import { takeIn } from '../../src/stories/intake.ts';
import type { IncomingStory, StorySource } from '../../src/stories/story.ts';
import { createTestContext, type TestContext } from '../support/context.ts';

async function addSourceRow(context: TestContext, name: string): Promise<StorySource> {
  return await context.db
    .insertInto('sources')
    .values({
      kind: 'feed',
      url: `https://${name}.example.com/feed`,
      name,
      publisher: `The ${name}`,
      language: 'en',
      topics: ['Local'],
    })
    .returning(['id', 'publisher', 'language', 'topics'])
    .executeTakeFirstOrThrow();
}

const bridge: IncomingStory = {
  url: 'https://herald.example.com/bridge',
  title: 'Bridge opens',
  dek: 'After nine years.',
  bodyText: 'The bridge opened on Saturday.\n\nMany came.',
  publishedAt: new Date('2026-11-24T06:00:00Z'),
};

const nothing = { added: [], updated: [], unchanged: [], problems: [] };

test('a story is stored with what it says, and with what its source says where it is silent', async () => {
  const context = await createTestContext();
  const source = await addSourceRow(context, 'Herald');
  const { added } = await takeIn(
    context,
    [{ ...bridge, topics: ['Transport'], author: 'Ann', position: 3 }],
    source,
  );
  expect(await findStory(context, added[0]!)).toMatchObject({
    ...{ url: bridge.url, title: bridge.title, dek: bridge.dek, body_text: bridge.bodyText },
    url_key: 'herald.example.com/bridge',
    publisher: 'The Herald',
    language: 'en',
    topics: ['Transport', 'Local'],
    published_at: bridge.publishedAt,
    first_seen_at: context.clock.now(),
    source_position: 3,
    source: 'Herald',
    revision: 1,
    revisions: [],
  });
});

test('without a source, the publisher is the host', async () => {
  const context = await createTestContext();
  const { added } = await takeIn(context, [{ ...bridge, url: 'https://www.herald.example.com/x' }]);
  expect((await findStory(context, added[0]!)).publisher).toBe('herald.example.com');
});

test.each([
  'http://herald.example.com/bridge',
  'https://www.herald.example.com/bridge/',
  'https://m.herald.example.com/bridge',
  'https://amp.herald.example.com/bridge?amp=1',
  'https://herald.example.com/bridge/amp',
  'https://herald.example.com/bridge?utm_source=feed&utm_medium=rss#top',
])('%s is the story that is there already', async (url) => {
  const context = await createTestContext();
  const first = await takeIn(context, [bridge]);
  expect(await takeIn(context, [{ ...bridge, url }])).toEqual({ ...nothing, unchanged: first.added });
});

test('the same article twice in one input is one story, with the best of both', async () => {
  const context = await createTestContext();
  const { added, ...rest } = await takeIn(context, [
    { ...bridge, bodyText: undefined },
    { ...bridge, url: `${bridge.url}?fbclid=1`, title: 'Another title' },
  ]);
  expect(added).toHaveLength(1);
  expect(rest).toEqual({ updated: [], unchanged: [], problems: [] });
  expect(await findStory(context, added[0]!)).toMatchObject({
    title: 'Bridge opens',
    body_text: bridge.bodyText,
  });
});

test('an update keeps what the story said before', async () => {
  const context = await createTestContext();
  const { added } = await takeIn(context, [bridge]);
  context.clock.advance(3_600_000);
  const later = await takeIn(context, [
    { ...bridge, title: 'Bridge opens, and closes', dek: 'After nine years and an hour.' },
  ]);
  expect(later).toEqual({ ...nothing, updated: added });
  context.clock.advance(3_600_000);
  await takeIn(context, [{ ...bridge, title: 'Bridge opens again', dek: 'At last.' }]);
  expect(await findStory(context, added[0]!)).toMatchObject({
    title: 'Bridge opens again',
    revision: 3,
    updated_at: new Date('2026-11-24T10:00:00Z'),
    published_at: bridge.publishedAt,
    revisions: [
      {
        revision: 1,
        title: 'Bridge opens',
        dek: 'After nine years.',
        body_text: bridge.bodyText,
        replaced_at: new Date('2026-11-24T09:00:00Z'),
      },
      { revision: 2, title: 'Bridge opens, and closes', replaced_at: new Date('2026-11-24T10:00:00Z') },
    ],
  });
});

test.each([
  ['no body', { bodyText: undefined }],
  ['the beginning of the body', { bodyText: 'The bridge opened on […]' }],
  ['no dek', { dek: '' }],
])('a version with %s loses nothing of what is there', async (_, change) => {
  const context = await createTestContext();
  const { added } = await takeIn(context, [bridge]);
  expect(await takeIn(context, [{ ...bridge, ...change }])).toEqual({ ...nothing, unchanged: added });
  expect(await findStory(context, added[0]!)).toMatchObject({
    dek: bridge.dek,
    body_text: bridge.bodyText,
    revision: 1,
  });
});

test('an image whose address is signed anew is no update', async () => {
  const context = await createTestContext();
  const { added } = await takeIn(context, [{ ...bridge, imageUrl: 'https://img.example.com/b.jpg?sig=1' }]);
  const again = await takeIn(context, [{ ...bridge, imageUrl: 'https://img.example.com/b.jpg?sig=2' }]);
  expect(again.unchanged).toEqual(added);
  expect((await findStory(context, added[0]!)).image_url).toBe('https://img.example.com/b.jpg?sig=2');
});

test('another source cannot change a story, but fills in what is missing', async () => {
  const context = await createTestContext();
  const [herald, rival] = [await addSourceRow(context, 'Herald'), await addSourceRow(context, 'Rival')];
  const { added } = await takeIn(context, [{ ...bridge, bodyText: undefined }], herald);
  await takeIn(
    context,
    [{ ...bridge, title: 'Bridge falls', bodyText: 'Their text.', publisher: 'Rival' }],
    rival,
  );
  expect(await findStory(context, added[0]!)).toMatchObject({
    title: 'Bridge opens',
    publisher: 'The Herald',
    body_text: 'Their text.',
    source: 'Herald',
  });
  expect(await takeIn(context, [{ ...bridge, bodyText: undefined }], herald)).toEqual({
    ...nothing,
    unchanged: added,
  });
});

test('a story that was added by hand belongs to the source that brings it', async () => {
  const context = await createTestContext();
  const herald = await addSourceRow(context, 'Herald');
  const { added } = await takeIn(context, [bridge]);
  await takeIn(context, [bridge], herald);
  expect(await findStory(context, added[0]!)).toMatchObject({ source: 'Herald', publisher: 'The Herald' });
  await takeIn(context, [bridge]);
  expect((await findStory(context, added[0]!)).publisher).toBe('The Herald');
});

test('a story whose address changes is known by its GUID, and afterwards by either address', async () => {
  const context = await createTestContext();
  const herald = await addSourceRow(context, 'Herald');
  const { added } = await takeIn(context, [{ ...bridge, guid: 'b1' }], herald);
  const moved = { ...bridge, guid: 'b1', url: 'https://herald.example.com/2026/bridge-opens' };
  expect((await takeIn(context, [moved], herald)).unchanged).toEqual(added);
  expect(await findStory(context, 'http://m.herald.example.com/2026/bridge-opens')).toMatchObject({
    id: added[0],
    url: moved.url,
  });
  expect((await takeIn(context, [{ ...moved, guid: undefined }])).unchanged).toEqual(added);
  expect((await findStory(context, bridge.url!)).id).toBe(added[0]);
});

test('two sources may use the same GUID for different stories', async () => {
  const context = await createTestContext();
  const [herald, rival] = [await addSourceRow(context, 'Herald'), await addSourceRow(context, 'Rival')];
  await takeIn(context, [{ ...bridge, guid: '1' }], herald);
  const { added } = await takeIn(
    context,
    [{ ...bridge, guid: '1', url: 'https://rival.example.com/1' }],
    rival,
  );
  expect(added).toHaveLength(1);
});

test('a GUID that a feed gives to several stories identifies none of them', async () => {
  const context = await createTestContext();
  const herald = await addSourceRow(context, 'Herald');
  const stories = [1, 2, 3].map((number) => ({
    ...bridge,
    guid: 'same',
    url: `https://herald.example.com/${number}`,
  }));
  expect((await takeIn(context, stories, herald)).added).toHaveLength(3);
  expect((await takeIn(context, stories, herald)).unchanged).toHaveLength(3);
});

test('a GUID that is used again for another story does not overwrite the first', async () => {
  const context = await createTestContext();
  const herald = await addSourceRow(context, 'Herald');
  await takeIn(context, [{ ...bridge, guid: 'latest' }], herald);
  const next = {
    url: 'https://herald.example.com/soup',
    guid: 'latest',
    title: 'Seven soups',
    publishedAt: new Date('2026-11-24T07:00:00Z'),
  };
  expect((await takeIn(context, [next], herald)).added).toHaveLength(1);
});

test('a story without an address is known by its text, and an edited file by its name', async () => {
  const context = await createTestContext();
  const text = { title: 'Note', bodyText: 'Some text.', guid: '/stories/note.txt' };
  const { added } = await takeIn(context, [text]);
  expect((await takeIn(context, [{ ...text, guid: undefined }])).unchanged).toEqual(added);
  expect((await takeIn(context, [{ ...text, bodyText: 'Some other text.' }])).updated).toEqual(added);
  expect(await findStory(context, added[0]!)).toMatchObject({
    url: null,
    publisher: 'Newsroom',
    revision: 2,
  });
});

test('characters that deceive or break are removed', async () => {
  const context = await createTestContext();
  const { added } = await takeIn(context, [
    {
      url: 'https://herald.example.com/odd',
      title:
        '\u202eegdirB\u202c\u0000 \u0007opens\ue000\u{f0000}\u{10fffd}\ud800 cafe\u0301 \u{1f469}\u200d\u{1f680}',
      dek: 'a\u00a0\u2066b\u2069\ufeff\tc\u00ad',
      bodyText: 'One\u0000\r\n line\r\n\r\n\r\nTwo\u2029Three\u200b',
      author: '\u001b[31mAnn',
    },
  ]);
  expect(await findStory(context, added[0]!)).toMatchObject({
    title: 'egdirB opens\ufffd café \u{1f469}\u200d\u{1f680}',
    dek: 'a b c',
    body_text: 'One line\n\nTwo\n\nThree',
    author: '[31mAnn',
  });
});

test('what is too long is cut between words', async () => {
  const context = await createTestContext();
  const { added } = await takeIn(context, [
    {
      ...bridge,
      title: 'word '.repeat(300),
      dek: 'x'.repeat(5_000),
      bodyText: '\u{1f30a}'.repeat(250_000),
      topics: Array.from({ length: 80 }, (_, index) => `topic ${index}`),
    },
  ]);
  const story = await findStory(context, added[0]!);
  expect(story.title).toMatch(/word…$/);
  expect(story.title.length).toBeLessThanOrEqual(500);
  expect([...story.dek]).toHaveLength(1_000);
  expect([...story.body_text]).toHaveLength(200_000);
  expect(story.body_text.isWellFormed()).toBe(true);
  expect(story.topics).toHaveLength(50);
});

test.each([
  ['none', undefined],
  ['more than a day ahead', new Date('2026-11-26T08:00:00Z')],
  ['before 1990', new Date('1970-01-01T00:00:00Z')],
  ['no date at all', new Date(Number.NaN)],
])('a date that is %s becomes the time first seen, and gives way to a real one', async (_, publishedAt) => {
  const context = await createTestContext();
  const { added } = await takeIn(context, [{ ...bridge, publishedAt }]);
  expect((await findStory(context, added[0]!)).published_at).toEqual(context.clock.now());
  await takeIn(context, [bridge]);
  expect(await findStory(context, added[0]!)).toMatchObject({
    published_at: bridge.publishedAt,
    revision: 1,
  });
});

test('a story without a title is a problem, and the rest goes in', async () => {
  const context = await createTestContext();
  const result = await takeIn(context, [
    { ...bridge, title: ' \u200b\u0000 ' },
    { title: '', bodyText: 'x' },
    { ...bridge, url: 'https://herald.example.com/2' },
  ]);
  expect(result.added).toHaveLength(1);
  expect(result.problems).toEqual([
    { where: bridge.url, reason: 'it has no title' },
    { where: 'story 2', reason: 'it has no title' },
  ]);
});

test.each([
  'javascript:alert(1)',
  'ftp://example.com/x',
  'not an address',
  `https://example.com/${'x'.repeat(3_000)}`,
])('the address %s is left out, and said so', async (url) => {
  const context = await createTestContext();
  const result = await takeIn(context, [{ ...bridge, url }]);
  expect(result.problems).toEqual([
    { where: url, reason: expect.stringContaining('it was taken without one') },
  ]);
  expect((await findStory(context, result.added[0]!)).url).toBeNull();
});

test('two processes that take in the same stories at once make each of them once', async () => {
  const context = await createTestContext();
  const [herald, rival] = [await addSourceRow(context, 'Herald'), await addSourceRow(context, 'Rival')];
  const stories = Array.from({ length: 700 }, (_, index) => ({
    ...bridge,
    url: `https://herald.example.com/${index}`,
    guid: `g${index}`,
  }));
  const results = await Promise.all([
    takeIn(context, stories, herald),
    takeIn(context, stories.toReversed(), herald),
    takeIn(context, stories.toReversed(), rival),
    takeIn(context, stories),
  ]);
  expect(results.flatMap(({ added }) => added)).toHaveLength(700);
  for (const result of results)
    expect(result.added.length + result.unchanged.length + result.updated.length).toBe(700);
  const { count } = await context.db
    .selectFrom('stories')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  expect(count).toBe(700);
});

test('two processes that update the same story at once keep a whole history', async () => {
  const context = await createTestContext();
  const { added } = await takeIn(context, [bridge]);
  await Promise.all(
    Array.from({ length: 6 }, (_, index) => takeIn(context, [{ ...bridge, title: `Bridge opens ${index}` }])),
  );
  const story = await findStory(context, added[0]!);
  expect(story.revision).toBe(7);
  expect(story.revisions.map(({ revision }) => revision)).toEqual([1, 2, 3, 4, 5, 6]);
});

test('the results are in the order of the input', async () => {
  const context = await createTestContext();
  const at = (path: string) => ({ ...bridge, url: `https://herald.example.com/${path}`, title: path });
  const { added } = await takeIn(context, [at('z'), at('a'), at('m')]);
  const titles = await Promise.all(added.map(async (id) => (await findStory(context, id)).title));
  expect(titles).toEqual(['z', 'a', 'm']);
});

test('the best place that a source gave a story is kept', async () => {
  const context = await createTestContext();
  const herald = await addSourceRow(context, 'Herald');
  const { added } = await takeIn(context, [{ ...bridge, position: 5 }], herald);
  await takeIn(context, [{ ...bridge, position: 1 }], herald);
  await takeIn(context, [{ ...bridge, position: 9 }], herald);
  expect(await findStory(context, added[0]!)).toMatchObject({ source_position: 1, revision: 1 });
});
