import { expect, test } from 'vitest';
import { parseJsonStories, parseNdjson } from '../../src/stories/json-stories.ts';

test('names may be in snake case or camel case, or be those that others use', () => {
  const snake = {
    title: 'T',
    url: 'https://e.test/1',
    body_text: 'B',
    image_url: 'https://e.test/i',
    published_at: '2026-11-24T08:00:00Z',
    topics: ['a'],
  };
  const camel = {
    title: 'T',
    url: 'https://e.test/1',
    bodyText: 'B',
    imageUrl: 'https://e.test/i',
    publishedAt: '2026-11-24T08:00:00Z',
    topics: ['a'],
  };
  const others = {
    headline: 'T',
    link: 'https://e.test/1',
    content: 'B',
    image: 'https://e.test/i',
    date: 1_795_507_200,
    tags: 'a',
  };
  const { stories, problems } = parseJsonStories([snake, camel, others]);
  expect(problems).toEqual([]);
  for (const [position, story] of stories.entries())
    expect(story).toMatchObject({
      title: 'T',
      url: 'https://e.test/1',
      bodyText: 'B',
      imageUrl: 'https://e.test/i',
      publishedAt: new Date('2026-11-24T08:00:00Z'),
      topics: ['a'],
      position,
    });
  expect(stories).toHaveLength(3);
});

test('a bad line is reported with its number, and the rest goes in', () => {
  const { stories, problems } = parseNdjson(
    '{"title":"One"}\n\n{"title":"broken\n{"url":"https://e.test/2"}\n[1]\n{"title":"Two","published_at":"soon"}\n{"title":"Three","dek":null}\r\n',
  );
  expect(stories.map(({ title }) => title)).toEqual(['One', 'Three']);
  expect(problems).toEqual([
    { where: 'line 3', reason: 'it is no JSON: {"title":"broken' },
    { where: 'line 4', reason: 'title is missing, or is no text' },
    { where: 'line 5', reason: 'it is no JSON object' },
    { where: 'line 6', reason: 'publishedAt is not a date such as 2026-11-24T08:00:00Z' },
  ]);
});

test('one story, and stories in an object, are taken as well', () => {
  expect(parseJsonStories({ title: 'T' }).stories).toHaveLength(1);
  expect(parseJsonStories({ stories: [{ title: 'T' }, { title: 'U' }] }).stories).toHaveLength(2);
});

test.each([null, 1, 'x', {}, { articles: [] }])('%j holds no stories', (value) => {
  expect(() => parseJsonStories(value)).toThrow('This JSON holds no stories.');
});

test('a name that every object has is no field', () => {
  expect(
    parseJsonStories([{ title: 'T', __proto__: { url: 'x' }, constructor: 'y' }]).stories[0]?.url,
  ).toBeUndefined();
});
