import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareClicks, examinationOf, type PlacedClicks } from '../../src/selection/replay-clicks.ts';

const truth = [1, 0.6, 0.4, 0.3];

/** An edition in which each story stands mostly in its own place, and for some readers in the others. */
function edition(attraction: number[], readers: number, elsewhere: number): Map<number, PlacedClicks> {
  return new Map(
    attraction.map((appeal, own) => {
      const shown = truth.map((_, place) =>
        Math.round(readers * (place === own ? 1 - elsewhere : elsewhere / (truth.length - 1))),
      );
      return [own, { shown, clicks: shown.map((count, place) => count * appeal * (truth[place] as number)) }];
    }),
  );
}

const editions = Array.from({ length: 12 }, (_, at) => ({
  readers: 10_000,
  // The better stories stand further up, as editors have it: counting clicks by place would take that for the place's doing.
  stories: edition([0.3, 0.2, 0.1, 0.05 + at / 1000], 10_000, 0.3),
  asSent: [0, 1, 2, 3],
  replayed: [3, 2, 1, 0],
}));

test('how likely a place is looked at is told apart from what stands there', () => {
  const stories = editions.flatMap(({ stories }) => [...stories.values()]);
  const found = examinationOf(stories);
  for (const [place, value] of found.entries()) expect(value).toBeCloseTo(truth[place] as number, 1);
  const naive = truth.map((_, place) => {
    const clicks = stories.reduce((sum, story) => sum + (story.clicks[place] ?? 0), 0);
    return clicks / stories.reduce((sum, story) => sum + (story.shown[place] ?? 0), 0);
  });
  expect((naive[3] as number) / (naive[0] as number)).toBeLessThan(0.25);
});

test('without clicks that tell them apart, places decline as they usually do', () => {
  const found = examinationOf([{ shown: [0, 0, 0], clicks: [0, 0, 0] }]);
  expect(found.map((value) => Math.round(value * 1000) / 1000)).toEqual([1, 0.9, 0.81]);
});

test('the clicks of another order are those that its stories get in their new places', () => {
  const result = compareClicks(editions);
  const value = (order: number[]) =>
    order.reduce(
      (sum, at, place) => sum + ([0.3, 0.2, 0.1, 0.0555][at] as number) * (truth[place] as number),
      0,
    );
  const expected = value([3, 2, 1, 0]) / value([0, 1, 2, 3]);
  expect(result?.kept.value).toBeCloseTo(expected, 1);
  expect(result?.kept.low).toBeLessThanOrEqual(result?.kept.value ?? 0);
  expect(result?.kept.high).toBeGreaterThanOrEqual(result?.kept.value ?? 1);
  expect(result?.expected.unknownShare).toBe(0);
  expect(result?.varied).toBeCloseTo(0.3, 2);
  expect(compareClicks(editions)).toEqual(result);
});

test('editions that differ more widen the interval', () => {
  const width = (spread: number) => {
    const result = compareClicks(
      editions.map((each, at) => ({
        ...each,
        replayed: at % 2 === 0 || spread === 0 ? [0, 1, 2, 3] : [3, 2, 1, 0],
      })),
    );
    return (result?.kept.high ?? 0) - (result?.kept.low ?? 0);
  };
  expect(width(0)).toBeLessThan(0.001);
  expect(width(1)).toBeGreaterThan(0.05);
});

test('what nobody was shown counts nothing, and its share is said', () => {
  const result = compareClicks(editions.map((each) => ({ ...each, replayed: [0, null, 2, 3] })));
  const share = 0.6 / 2.3;
  expect(result?.expected.unknownShare).toBeCloseTo(share, 1);
  expect(result?.kept.value).toBeLessThan(1);
  expect(result?.keptIfAverage.value).toBeGreaterThan(result?.kept.value ?? 1);
});

test('few editions have no interval, and no clicks no estimate', () => {
  expect(compareClicks(editions.slice(0, 3))?.kept).toMatchObject({ low: null, high: null });
  const none = editions.map((each) => ({
    ...each,
    stories: new Map([...each.stories].map(([at, { shown }]) => [at, { shown, clicks: shown.map(() => 0) }])),
  }));
  expect(compareClicks(none)).toBeUndefined();
});

test('whatever the counts: places are looked at between never and finitely often, and shares stay shares', () => {
  const counts = fc.array(fc.nat(1000), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(fc.array(counts, { minLength: 1, maxLength: 6 }), (shown) => {
      const stories = new Map(
        shown.map((each, at) => [at, { shown: each, clicks: each.map((count) => Math.floor(count / 3)) }]),
      );
      for (const value of examinationOf([...stories.values()])) {
        expect(Number.isFinite(value)).toBe(true);
        expect(value).toBeGreaterThan(0);
      }
      const result = compareClicks([
        { readers: 10, stories, asSent: [...stories.keys()], replayed: [0, null, 7] },
      ]);
      if (!result) return;
      expect(result.expected.unknownShare).toBeGreaterThanOrEqual(0);
      expect(result.expected.unknownShare).toBeLessThanOrEqual(1);
      expect(result.expected.replayedIfAverage).toBeGreaterThanOrEqual(result.expected.replayed);
    }),
    { numRuns: 50 },
  );
});
