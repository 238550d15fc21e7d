import { expect, test } from 'vitest';
import { bCubed, precisionAt, topEvents } from '../../bench/metrics.ts';
import { resamples } from '../../bench/resamples.ts';

test('B-cubed is 1 for the true groups, and counts what is mixed and what is torn apart', () => {
  const gold = ['a', 'a', 'a', 'b'];
  expect(bCubed([[0, 1, 2], [3]], gold)).toEqual({ precision: 1, recall: 1, f1: 1 });
  // All in one: each of the three shares its group with 3/4, the fourth with 1/4.
  expect(bCubed([[0, 1, 2, 3]], gold)).toMatchObject({ precision: (3 * 0.75 + 0.25) / 4, recall: 1 });
  // All alone: each of the three finds a third of its event.
  expect(bCubed([[0], [1], [2], [3]], gold)).toMatchObject({ precision: 1, recall: (3 * (1 / 3) + 1) / 4 });
});

test('precision at 5 counts places that stay empty as wrong', () => {
  expect(precisionAt(5, [[1, 2], [0, 2, 3], [0], []], ['a', 'a', 'a', 'b'])).toBeCloseTo(
    (2 + 2 + 1 + 0) / 5 / 4,
  );
});

test('leads that repeat an event, or lead a minor one, are told', () => {
  const gold = Array.from({ length: 24 }, (_, at) => `event ${at % 12}`);
  // Events 10 and 11 have one publisher, the others two.
  const publishers = gold.map((_, at) => (at % 12 < 10 && at >= 12 ? 'second' : 'first'));
  expect(topEvents([0, 12, 1, 2, 10], gold, publishers)).toEqual({
    leads: 5,
    distinct: 4,
    repeats: 1,
    amongTopTen: 3,
  });
});

test('parts of a file are the same each time, and smaller than the whole', () => {
  const events = Array.from({ length: 400 }, (_, at) => `event ${at % 8}`);
  const publishers = events.map((_, at) => `paper ${at % 37}`);
  const parts = resamples(events, publishers);
  expect(resamples(events, publishers)).toEqual(parts);
  expect(parts).toHaveLength(15);
  for (const { places } of parts) {
    expect(places.length).toBeGreaterThan(0);
    expect(places.length).toBeLessThan(events.length);
  }
  expect(new Set(parts[0]?.places.map((at) => events[at])).size).toBe(4);
});
