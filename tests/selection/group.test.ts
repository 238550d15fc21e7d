import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Candidate } from '../../src/selection/candidate.ts';
import { Corpus } from '../../src/selection/corpus.ts';
import { groupCandidates } from '../../src/selection/group-candidates.ts';
import { MaxHeap } from '../../src/selection/max-heap.ts';
import { cosine } from '../../src/selection/vector.ts';

const candidate = (id: number, title: string, more: Partial<Candidate> = {}): Candidate => ({
  id,
  storylineId: null,
  title,
  dek: '',
  bodyText: '',
  url: null,
  imageUrl: null,
  imageAlt: null,
  publisher: `Paper ${id}`,
  author: null,
  language: 'en',
  topics: [],
  publishedAt: Date.UTC(2026, 10, 24),
  firstSeenAt: 0,
  sourcePosition: null,
  sourceWeight: 1,
  contentHash: String(id),
  ...more,
});

function groups(candidates: Candidate[], apart: [number, number][] = []): number[][] {
  const corpus = new Corpus();
  for (const each of candidates) corpus.add(each);
  return groupCandidates(candidates, corpus, { apart }).map((members) =>
    members.map(({ id }) => id).sort((a, b) => a - b),
  );
}

const words = [
  'harbour',
  'storm',
  'ferry',
  'orchestra',
  'bakery',
  'lynx',
  'glider',
  'lamp',
  'quay',
  'tide',
  '42',
];
const titles = fc.array(
  fc.array(fc.constantFrom(...words), { maxLength: 6 }).map((each) => each.join(' ')),
  {
    maxLength: 25,
  },
);

test('every story is in one group, whatever the stories say', () => {
  fc.assert(
    fc.property(titles, (all) => {
      const found = groups(all.map((title, id) => candidate(id, title))).flat();
      expect(found.sort((a, b) => a - b)).toEqual(all.map((_, id) => id));
    }),
    { numRuns: 60 },
  );
});

test('stories of one storyline stay together, and storylines kept apart stay apart', () => {
  const given = fc.array(
    fc.tuple(fc.array(fc.constantFrom(...words), { maxLength: 5 }), fc.option(fc.nat(3), { nil: null })),
    {
      maxLength: 20,
    },
  );
  fc.assert(
    fc.property(given, (all) => {
      const stories = all.map(([title, storylineId], id) => candidate(id, title.join(' '), { storylineId }));
      const groupOf = new Map(
        groups(stories, [[0, 1]]).flatMap((ids, group) => ids.map((id) => [id, group] as const)),
      );
      const of = (storyline: number) =>
        new Set(stories.filter((story) => story.storylineId === storyline).map(({ id }) => groupOf.get(id)));
      for (const storyline of [0, 1, 2, 3]) expect(of(storyline).size).toBeLessThanOrEqual(1);
      expect([...of(0)].filter((group) => of(1).has(group))).toEqual([]);
    }),
    { numRuns: 60 },
  );
});

test('the order in which stories come does not matter', () => {
  const all = [
    'Storm Odile floods Marlow harbour',
    'Marlow harbour under water after storm Odile',
    'Odile: storm tide in Marlow',
    'Bakers buy the bakery of Aldermoor',
    'Aldermoor bakery sold to its bakers',
    'A lynx at the lake',
  ].map((title, id) => candidate(id, title));
  const sorted = (found: number[][]) => found.sort((a, b) => (a[0] as number) - (b[0] as number));
  expect(sorted(groups(all))).toEqual([[0, 1, 2], [3, 4], [5]]);
  expect(sorted(groups([...all].reverse()))).toEqual([[0, 1, 2], [3, 4], [5]]);
});

test('the same words months later are another event', () => {
  const [now, then] = [Date.UTC(2026, 10, 24), Date.UTC(2026, 7, 24)];
  const all = [now, now, then, then].map((publishedAt, id) =>
    candidate(id, 'Storm floods Marlow harbour, hundreds flee', { publishedAt }),
  );
  expect(groups(all)).toEqual([
    [0, 1],
    [2, 3],
  ]);
});

test('one language’s stories never join another’s', () => {
  const all = ['en', 'de', 'en', 'de'].map((language, id) =>
    candidate(id, 'Odile Marlow Skerry 312', { language }),
  );
  expect(groups(all)).toEqual([
    [0, 2],
    [1, 3],
  ]);
});

test('neighbours are those that comparing everything finds, for words and meaning', () => {
  // Pseudo-random directions, and words that follow them: near stories share both.
  let state = 7;
  const random = () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647 - 0.5;
  };
  const centres = Array.from({ length: 12 }, () => Array.from({ length: 512 }, random));
  const corpus = new Corpus();
  for (let id = 0; id < 600; id++) {
    const centre = centres[id % 12] as number[];
    corpus.add({
      ...candidate(id, `${words[id % 11]} ${words[(id % 12) % 11]} ${words[(id * 7) % 11]}`),
      embedding: Int8Array.from(centre, (value) => Math.round(100 * value + 60 * random())),
    });
  }
  let missed = 0;
  for (let id = 0; id < 600; id += 20) {
    const vector = corpus.vector(id);
    const exact = Array.from({ length: 600 }, (_, other) => ({
      other,
      value: cosine(vector, corpus.vector(other)),
    }))
      .filter(({ other }) => other !== id)
      .sort((a, b) => b.value - a.value)
      .slice(0, 10);
    const found = corpus.neighbours(vector, { minimum: 0, limit: 10, except: id });
    expect(found).toHaveLength(10);
    const least = (found[9]?.similarity ?? 0) - 1e-9;
    missed += exact.filter(
      ({ value, other }) => value > least && !found.some((each) => each.id === other),
    ).length;
  }
  expect(missed).toBeLessThanOrEqual(3);
});

test('a heap gives the largest first, whatever was pushed', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true })), (values) => {
      const heap = new MaxHeap<number>();
      for (const value of values) heap.push(value, value);
      const out: number[] = [];
      for (let top = heap.pop(); top !== undefined; top = heap.pop()) out.push(top);
      expect(out).toEqual([...values].sort((a, b) => b - a).map((value) => expect.closeTo(value, 10)));
    }),
  );
});
