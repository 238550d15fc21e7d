import { expect, test } from 'vitest';
import type { Candidate } from '../../src/selection/candidate.ts';
import { noEngagement } from '../../src/selection/engagement.ts';
import { corpusOf } from '../../src/selection/library.ts';
import { parsePolicy } from '../../src/selection/policy.ts';
import { applies, type Rule } from '../../src/selection/rules.ts';
import { selectStories } from '../../src/selection/select.ts';

const at = Date.parse('2026-11-24T08:00:00Z');

function candidate(id: number, title: string, more: Partial<Candidate> = {}): Candidate {
  return {
    id,
    storylineId: id,
    title,
    dek: '',
    bodyText: '',
    url: `https://news.example.com/${id}`,
    imageUrl: null,
    imageAlt: null,
    publisher: 'Harbour Post',
    author: null,
    language: 'en',
    topics: [],
    publishedAt: at - id * 3_600_000,
    sourcePosition: null,
    sourceWeight: 1,
    contentHash: String(id),
    embedding: null,
    ...more,
  } as Candidate;
}

const stories = [
  candidate(1, 'Ferry rides the tide', { topics: ['transport'] }),
  candidate(2, 'Lynx seen at the lake', { topics: ['nature'], publisher: 'Nature Notes' }),
  candidate(3, 'Bakery sold to its bakers', { topics: ['business'], author: 'Ines Talbot' }),
  candidate(4, 'Storm Odile nears', { topics: ['weather'] }),
];

function chosen(rules: Rule[]) {
  return selectStories({
    groups: stories.map((story) => [story]),
    corpus: corpusOf(stories),
    told: [],
    engagement: noEngagement,
    policy: parsePolicy({ rules, diversity: 0 }),
    at,
  });
}

test('without rules the freshest of four single reports leads', () => {
  expect(chosen([]).map((story) => story.storyId)).toEqual([1, 2, 3, 4]);
});

test('a boost lifts a story, and its reason says so in words and in numbers', () => {
  const [first] = chosen([{ action: 'boost', topic: 'Weather', factor: 3, because: 'storm season' }]);
  expect(first?.storyId).toBe(4);
  expect(first?.reason.text).toMatch(/A rule boosts stories on Weather \(storm season\)\.$/);
  expect(first?.reason.parts.rules).toBe(3);
});

test('burying sinks a story, blocking takes it out', () => {
  expect(chosen([{ action: 'bury', keyword: 'ferry', factor: 0.1 }]).at(-1)?.storyId).toBe(1);
  expect(chosen([{ action: 'block', publisher: 'nature notes' }]).map((story) => story.storyId)).toEqual([
    1, 3, 4,
  ]);
});

test('a rule with several conditions asks for all of them', () => {
  expect(
    chosen([{ action: 'block', publisher: 'Harbour Post', author: 'Inés Talbot' }]).map(
      (story) => story.storyId,
    ),
  ).toEqual([1, 2, 4]);
});

test('a keyword is a whole word, whatever its case and accents', () => {
  const story = candidate(9, 'The party goes on in São Tomé');
  expect(applies({ action: 'bury', keyword: 'art' }, story)).toBe(false);
  expect(applies({ action: 'bury', keyword: 'sao tome' }, story)).toBe(true);
});

test('a host counts with what lies below it, and no other that ends alike', () => {
  const at = (url: string | null) =>
    applies({ action: 'block', host: 'Lens.example.com' }, { ...candidate(9, 'A lens'), url });
  expect(at('https://www.lens.example.com/story')).toBe(true);
  expect(at('https://blog.lens.example.com/story')).toBe(true);
  expect(at('https://notlens.example.com/story')).toBe(false);
  expect(at('https://example.com/lens.example.com')).toBe(false);
  expect(at(null)).toBe(false);
  expect(() => parsePolicy({ rules: [{ action: 'block', host: 'https://x.example' }] })).toThrow(
    /is no host/,
  );
});

test('a rule that is about nothing, or that boosts downwards, is refused', () => {
  expect(() => parsePolicy({ rules: [{ action: 'boost' }] })).toThrow(/rules\.0: names no publisher/);
  expect(() => parsePolicy({ rules: [{ action: 'boost', topic: 'x', factor: 0.5 }] })).toThrow(
    /rules\.0: has a factor on the wrong side/,
  );
});
