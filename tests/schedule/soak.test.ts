import { expect, test } from 'vitest';
import { check, type Evidence } from '../../scripts/soak/check.ts';
import { minutesBetween } from '../../scripts/soak/evidence.ts';
import { fitLine, leastOf, rises } from '../../scripts/soak/line.ts';

// `npm run soak` takes minutes; what it judges by is tried here.
const minute = Date.parse('2026-11-24T07:00:00Z');
const reader = {
  id: 1,
  email: 'a@readers.test',
  list: 'harbour',
  since: minute - 60_000,
  leaving: undefined,
  left: undefined,
  isErased: false,
  clicks: 1,
};
const good: Evidence = {
  editions: [
    {
      id: 7,
      newsletter: 'post',
      list: 'harbour',
      scheduledFor: minute,
      state: 'sent',
      reason: null,
      plannedAt: minute + 4_000,
      planned: 1,
      sums: true,
    },
  ],
  deliveries: [{ editionId: 7, subscriberId: 1, state: 'accepted', doubted: false }],
  due: new Map([['post', [minute]]]),
  missedByLog: 0,
  copies: new Map([['7-1', [minute + 5_000]]]),
  people: [reader],
  clicks: new Map([[1, 1]]),
  mostDoubts: 4,
};
const [edition] = good.editions as [Evidence['editions'][number]];
const [delivery] = good.deliveries as [Evidence['deliveries'][number]];
const twice = new Map([['7-1', [minute + 5_000, minute + 9_000]]]);

test.each<[string, Partial<Evidence>, RegExp | undefined]>([
  ['as it should be', {}, undefined],
  [
    'two editions for one minute',
    { editions: [edition, { ...edition, id: 8, plannedAt: null }] },
    /2 editions for post/,
  ],
  [
    'a minute without an edition',
    { due: new Map([['post', [minute, minute + 60_000]]]) },
    /1 minutes have no edition/,
  ],
  [
    'one that the log tells of',
    { due: new Map([['post', [minute, minute + 60_000]]]), missedByLog: 1 },
    undefined,
  ],
  [
    'an edition that waits',
    { editions: [{ ...edition, state: 'draft', reason: 'why' }] },
    /7 of post is draft \(why\)/,
  ],
  [
    'too few stories now and then',
    {
      editions: [
        ...Array.from({ length: 11 }, (_, n) => ({
          ...edition,
          id: 100 + n,
          scheduledFor: n,
          plannedAt: null,
        })),
        { ...edition, state: 'skipped', reason: '2 new stories in the last hour', plannedAt: null },
      ],
      deliveries: [],
      copies: new Map(),
    },
    undefined,
  ],
  [
    'too few stories all the time',
    { editions: [{ ...edition, state: 'skipped', reason: '0 new stories in the last hour' }] },
    /1 of 1 editions found too few new stories/,
  ],
  ['a report that does not add up', { editions: [{ ...edition, sums: false }] }, /does not add up/],
  ['a delivery that is left', { deliveries: [{ ...delivery, state: 'claimed' }] }, /is left claimed/],
  ['accepted, and nowhere', { copies: new Map() }, /is accepted, and has no message/],
  ['two without a doubt', { copies: twice }, /got 2, and the ledger had no doubt/],
  ['two after a doubt', { copies: twice, deliveries: [{ ...delivery, doubted: true }] }, undefined],
  [
    'more doubts than connections',
    { deliveries: [{ ...delivery, doubted: true }], mostDoubts: 0 },
    /1 messages were in doubt/,
  ],
  [
    'a message that failed and came',
    { deliveries: [{ ...delivery, state: 'failed' }] },
    /got a message, and is failed/,
  ],
  ['a reader who was not planned', { deliveries: [], copies: new Map() }, /was not planned for them/],
  [
    'a message to nobody',
    { copies: new Map([...good.copies, ['7-2', [minute]]]) },
    /7-2 came, and was not planned/,
  ],
  [
    'mail long after leaving',
    { people: [{ ...reader, leaving: minute - 9_000, left: minute - 8_000 }] },
    /had left/,
  ],
  ['a click that was lost', { clicks: new Map() }, /clicked 1 times, and 0 are counted/],
])('the checks of a soak: %s', (_what, more, violation) => {
  const { violations } = check({ ...good, ...more });
  if (violation) expect(violations.join('\n')).toMatch(violation);
  else expect(violations).toEqual([]);
});

test('memory that rises is told from memory that goes up and down', () => {
  const points = (value: (second: number) => number) =>
    Array.from({ length: 240 }, (_, index) => ({ hours: (index * 5) / 3600, value: value(index * 5) }));
  const line = (value: (second: number) => number) => fitLine(leastOf(points(value), 30 / 3600));
  // Garbage is collected every 100 seconds.
  const saw = (second: number) => 300 + (second % 100) / 2;
  expect(line((second) => saw(second) + second / 10)).toMatchObject({ points: 40 });
  expect(line((second) => saw(second) + second / 10)?.slope).toBeCloseTo(360, -2);
  expect(rises(line((second) => saw(second) + second / 10) as never, 30)).toBe(true);
  expect(rises(line(saw) as never, 30)).toBe(false);
  expect(fitLine([])).toBeUndefined();
});

test('editions are due for the whole minutes of a run', () => {
  expect(minutesBetween(minute - 1, minute + 125_000)).toEqual([minute, minute + 60_000]);
  expect(minutesBetween(minute, minute + 129_000)).toEqual([minute + 60_000]);
});
