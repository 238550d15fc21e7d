import { expect, test } from 'vitest';
import { localDate, startOfDate } from '../../src/subscribers/local-date.ts';

test.each([
  ['2026-12-24', 'UTC', '2026-12-24T00:00:00.000Z'],
  ['2026-12-24', 'Asia/Kathmandu', '2026-12-23T18:15:00.000Z'],
  ['2026-03-29', 'Europe/Berlin', '2026-03-28T23:00:00.000Z'],
  ['2026-03-30', 'Europe/Berlin', '2026-03-29T22:00:00.000Z'],
  ['2026-10-25', 'Europe/Berlin', '2026-10-24T22:00:00.000Z'],
  // The clock goes from 23:59 to 01:00: the day has no midnight.
  ['2026-09-06', 'America/Santiago', '2026-09-06T04:00:00.000Z'],
  ['2026-12-24', 'Pacific/Kiritimati', '2026-12-23T10:00:00.000Z'],
  ['2026-12-24', 'Pacific/Pago_Pago', '2026-12-24T11:00:00.000Z'],
])('%s begins in %s at %s', (date, zone, instant) => {
  const start = startOfDate(date, zone);
  expect(start?.toISOString()).toBe(instant);
  expect(localDate(start as Date, zone)).toBe(date);
  expect(localDate(new Date((start as Date).getTime() - 1), zone) < date).toBe(true);
});

test.each([
  ...['2026-02-31', '2026-13-01', '2026-1-1', 'tomorrow', ''],
  ...['0000-01-01', '0001-01-01', '0099-12-31', '1969-12-31'],
])('%j is no date', (date) => {
  expect(startOfDate(date, 'UTC')).toBeUndefined();
});
