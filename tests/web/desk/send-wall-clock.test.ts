import { expect, test } from 'vitest';
import { instantAt, wallClock } from '../../../src/web/desk/send/wall-clock.ts';

test.each([
  ['2026-11-27T07:00', 'Europe/Berlin', '2026-11-27T06:00:00.000Z'],
  ['2026-07-01T07:00', 'America/New_York', '2026-07-01T11:00:00.000Z'],
  ['2026-01-01T00:15', 'Asia/Kathmandu', '2025-12-31T18:30:00.000Z'],
  // The clocks jump from 2 to 3: as much later as they jump.
  ['2026-03-29T02:30', 'Europe/Berlin', '2026-03-29T01:30:00.000Z'],
  // They show half past two twice: the first.
  ['2026-10-25T02:30', 'Europe/Berlin', '2026-10-25T00:30:00.000Z'],
  ['2026-11-01T01:30', 'America/New_York', '2026-11-01T05:30:00.000Z'],
  ['2026-10-04T02:15', 'Australia/Lord_Howe', '2026-10-03T15:45:00.000Z'],
])('%s in %s is %s', (text, zone, instant) => {
  expect(instantAt(text, zone)?.toISOString()).toBe(instant);
});

test('what is no time is none', () => {
  for (const text of ['', 'soon', '2026-02-30T07:00', '2026-11-27T24:30', '2026-13-01T07:00', '2026-11-27'])
    expect(instantAt(text, 'UTC')).toBeUndefined();
});

test('an instant is written as a field takes it', () => {
  expect(wallClock(new Date('2026-11-27T06:00:30Z'), 'Europe/Berlin')).toBe('2026-11-27T07:00');
  expect(wallClock(new Date('2026-07-01T23:59:00Z'), 'Asia/Tokyo')).toBe('2026-07-02T08:59');
});
