import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/package-root.ts';
import { parseTextArticle } from '../../src/stories/text-article.ts';

const fixture = readFileSync(join(import.meta.dirname, 'fixtures/tidal-gate.txt'), 'utf8');
const [articlePart = ''] = fixture.split('\nComments\n');

test('a plain article has a title, a lead and a body with its subheads', () => {
  const story = parseTextArticle(fixture, 'tidal-gate.txt');
  const paragraphs = story.bodyText?.split('\n\n') ?? [];
  expect(story.title).toBe('Low Water, High Hopes: Marwick Opens Its Tidal Gate After Nine Years');
  expect(story.dek).toMatch(/^The port town of Marwick opened.*gave way\./);
  expect(story.dek?.length).toBeLessThanOrEqual(300);
  expect(paragraphs[0]).toMatch(/^The port town/);
  expect(paragraphs).toContain('A Town That Learned to Wait');
  expect(paragraphs.at(-1)).toMatch(/somebody began to sing\.$/);
});

test('what the page left below the article influences nothing', () => {
  expect(parseTextArticle(fixture, 'x')).toEqual(parseTextArticle(articlePart, 'x'));
});

const real = join(packageRoot, '../shared/stories/unbreakable-bonds.txt');
test.skipIf(!existsSync(real))(
  `the real article at ../shared/stories (skipped where it is missing) is cut where it ends`,
  () => {
    const text = readFileSync(real, 'utf8');
    const story = parseTextArticle(text, 'unbreakable-bonds.txt');
    expect(story.title).toMatch(/^Unbreakable Bonds: /);
    expect(story.bodyText).toMatch(/just how unbreakable their bond truly is\.$/);
    expect(story.bodyText).not.toMatch(/Comments|Popular posts|Norris|Harris/);
    expect(story).toEqual(parseTextArticle(text.split('\nComments')[0] ?? '', 'unbreakable-bonds.txt'));
  },
);

const prose = (topic: string) =>
  `The council spoke about ${topic} for the better part of an afternoon, and came to no conclusion that anyone could remember.`;
const article = (...paragraphs: string[]) =>
  parseTextArticle(['A title', ...paragraphs].join('\n\n'), 'x').bodyText?.split('\n\n');

test.each([
  'Comments',
  'COMMENTS',
  '12 Comments',
  'Comments (3)',
  'Popular posts from this blog',
  'Related articles',
  'Share this:',
  'Leave a Reply',
  'You may also like',
  'Newsletter',
  'Sign up for our newsletter',
  'Tags: harbour, floods',
])('"%s" and what follows is cut', (mark) => {
  expect(article(prose('bridges'), prose('boats'), mark, 'Another headline')).toEqual([
    prose('bridges'),
    prose('boats'),
  ]);
});

test('teasers and readers’ comments below a certain mark are cut, though they are prose', () => {
  expect(
    article(prose('bridges'), prose('boats'), prose('bells'), 'Comments', 'Leave a reply', prose('me')),
  ).toHaveLength(3);
});

test.each([
  'Comments on the plan came from all sides, said the mayor, and most of them could not be printed here.',
  'Share this loaf with a neighbour, the bakers of Marwick say, and you will never be short of a boat.',
  'Newsletter after newsletter went out to the households, and still nobody knew when the gate would close.',
])('a paragraph that begins like a mark does not cut the article: %s', (paragraph) => {
  expect(article(prose('bridges'), paragraph, prose('boats'))).toHaveLength(3);
});

test('a subhead that reads like a mark does not cut what follows', () => {
  expect(article(prose('bridges'), 'Comments', prose('boats'), prose('bells'))).toHaveLength(4);
  expect(article(prose('bridges'), 'Related articles', prose('boats'), prose('bells'))).toHaveLength(4);
});

test('a mark at the very beginning cuts nothing', () => {
  expect(article('Comments', prose('bridges'))).toHaveLength(2);
});

test('an advertisement between paragraphs is left out', () => {
  expect(article(prose('bridges'), 'ADVERTISEMENT', prose('boats'))).toEqual([
    prose('bridges'),
    prose('boats'),
  ]);
});

test.each([
  ['above', (header: string) => `Title: The gate\n${header}\n\nThe lead.\n\nMore.`],
  ['between dashes', (header: string) => `---\ntitle: "The gate"\n${header}\n---\n\nThe lead.\n\nMore.`],
  ['below the title', (header: string) => `The gate\n\n${header}\n\nThe lead.\n\nMore.`],
])('details may stand %s', (_, text) => {
  const header =
    'Author: Ines Talbot\nURL: https://example.com/gate\nDate: 2026-11-24\nTags: harbour, floods\nPublisher: Herald';
  expect(parseTextArticle(text(header), 'x')).toEqual({
    title: 'The gate',
    dek: 'The lead.',
    bodyText: 'The lead.\n\nMore.',
    author: 'Ines Talbot',
    url: 'https://example.com/gate',
    publishedAt: new Date('2026-11-24'),
    topics: ['harbour', 'floods'],
    publisher: 'Herald',
  });
});

test('a title and a paragraph that look like details stay what they are', () => {
  const story = parseTextArticle(
    'Date: a short history of a fruit\n\nSource: the river Marr rises in the hills\nand runs to the sea.\n\nEnd.',
    'x',
  );
  expect(story.title).toBe('Date: a short history of a fruit');
  expect(story.bodyText).toBe('Source: the river Marr rises in the hills and runs to the sea.\n\nEnd.');
});

test('a byline names the author', () => {
  expect(parseTextArticle('T\n\nBy Ines Talbot\n\nThe lead.', 'x')).toMatchObject({
    author: 'Ines Talbot',
    bodyText: 'The lead.',
  });
});

test('lines that were wrapped are joined; without empty lines each is a paragraph', () => {
  expect(parseTextArticle('T\r\n\r\nOne\r\ntwo.\r\n\r\nThree.', 'x').bodyText).toBe('One two.\n\nThree.');
  expect(parseTextArticle('T\nOne.\nTwo.', 'x').bodyText).toBe('One.\n\nTwo.');
});

test('a title alone is a story without a body', () => {
  expect(parseTextArticle('\n\n  Just a title  \n', 'x')).toEqual({ title: 'Just a title', bodyText: '' });
});

test('an empty file says so', () => {
  expect(() => parseTextArticle(' \n\n', 'empty.txt')).toThrow('empty.txt is empty.');
});
