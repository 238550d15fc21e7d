import { expect, test } from 'vitest';
import {
  appealOf,
  clickRates,
  engagementOf,
  noEngagement,
  type StoryClicks,
} from '../../src/selection/engagement.ts';

const story = (topic: string, publisher: string, shown: number[], clicks: number): StoryClicks => ({
  topics: [topic],
  publisher,
  storylineId: null,
  shown,
  clicks,
});
const of = (topic: string, publisher = 'A', storylineId: number | null = null) => ({
  topics: [topic],
  publisher,
  storylineId,
});

test('a place is clicked by its own rate where there is evidence, else by the usual decline', () => {
  const rates = clickRates([
    story('a', 'A', [10_000], 1000),
    story('a', 'A', [0, 10_000], 500),
    story('a', 'A', [0, 0, 10], 10),
  ]);
  expect(rates[0]).toBeCloseTo(0.1, 2);
  expect(rates[1]).toBeCloseTo(0.05, 2);
  // Ten clicks of ten readers do not make the third place the best.
  expect(rates[2]).toBeLessThan(0.1);
  expect(clickRates([])).toEqual([]);
});

test('what stands first and is clicked as firsts are is no favourite; what is clicked as much from further down is', () => {
  const engagement = engagementOf([
    ...Array.from({ length: 20 }, () => story('lead', 'A', [1000], 100)),
    ...Array.from({ length: 20 }, () => story('dull', 'A', [0, 1000], 20)),
    ...Array.from({ length: 20 }, () => story('loved', 'A', [0, 1000], 100)),
  ]);
  expect(appealOf(of('lead'), engagement).ratio).toBeCloseTo(1, 1);
  const [loved, dull] = [appealOf(of('loved'), engagement), appealOf(of('dull'), engagement)];
  expect(loved.ratio).toBeGreaterThan(1.2);
  expect(loved.because).toBe('readers click "loved" more than most');
  expect(dull.ratio).toBeLessThan(0.8);
  expect(dull.because).toBe('readers click "dull" less than most');
});

test('few clicks say little, and none nothing', () => {
  const engagement = engagementOf([story('rare', 'B', [4], 3), story('usual', 'A', [10_000], 500)]);
  expect(appealOf(of('rare', 'C'), engagement).ratio).toBeLessThan(1.2);
  expect(appealOf(of('unknown', 'C'), engagement)).toEqual({ ratio: 1, value: 0.5 });
  expect(appealOf(of('any'), noEngagement).value).toBe(0.5);
});
