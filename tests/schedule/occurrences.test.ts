import { expect, test } from 'vitest';
import { checkSchedule, nextOccurrence, occurrences } from '../../src/schedule/occurrences.ts';

const times = (cron: string, zone: string, from: string, until: string) =>
  occurrences(cron, zone, new Date(from), new Date(until)).map((at) => at.toISOString().slice(0, 16));

test('a daily time keeps to the wall clock of its zone', () => {
  expect(times('0 7 * * *', 'America/New_York', '2026-10-31T00:00:00Z', '2026-11-02T23:00:00Z')).toEqual([
    '2026-10-31T11:00',
    '2026-11-01T12:00',
    '2026-11-02T12:00',
  ]);
});

test('a time that the clock change leaves out fires once, when the clock has jumped over it', () => {
  expect(times('30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', '2026-03-30T12:00:00Z')).toEqual([
    '2026-03-29T01:30',
    '2026-03-30T00:30',
  ]);
});

test('a time that happens twice fires once', () => {
  expect(times('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00Z', '2026-10-26T12:00:00Z')).toEqual([
    '2026-10-25T00:30',
    '2026-10-26T01:30',
  ]);
});

test('an hourly schedule fires every hour through both clock changes', () => {
  expect(times('0 * * * *', 'Europe/Berlin', '2026-10-24T23:30:00Z', '2026-10-25T02:30:00Z')).toHaveLength(3);
  expect(times('0 * * * *', 'Europe/Berlin', '2026-03-28T23:30:00Z', '2026-03-29T02:30:00Z')).toHaveLength(3);
});

test('a midnight that does not exist is not lost', () => {
  expect(times('0 0 * * *', 'Africa/Cairo', '2026-04-22T12:00:00Z', '2026-04-25T12:00:00Z')).toHaveLength(3);
});

test('only the newest are kept where there are more than asked for', () => {
  const found = occurrences(
    '* * * * *',
    'UTC',
    new Date('2026-11-24T00:00:00Z'),
    new Date('2026-11-24T05:00:00Z'),
    3,
  );
  expect(found.map((at) => at.toISOString().slice(11, 16))).toEqual(['04:58', '04:59', '05:00']);
});

test('the bounds are: after the first, up to and with the second', () => {
  expect(times('0 7 * * *', 'UTC', '2026-11-24T07:00:00Z', '2026-11-25T07:00:00Z')).toEqual([
    '2026-11-25T07:00',
  ]);
  expect(nextOccurrence('0 7 * * *', 'UTC', new Date('2026-11-24T07:00:00Z')).toISOString()).toBe(
    '2026-11-25T07:00:00.000Z',
  );
});

test.each([
  ['99 7 * * *', 'UTC', /"99 7 \* \* \*" is no schedule: minute/],
  ['every day', 'UTC', /2 fields, and needs 5/],
  ['0 0 7 * * *', 'UTC', /6 fields, and needs 5/],
  ['0 7 * * *', 'Europe/Atlantis', /"Europe\/Atlantis" is no time zone/],
])('%s in %s is refused with a sentence', (cron, zone, message) => {
  expect(() => checkSchedule(cron, zone)).toThrow(message);
});
