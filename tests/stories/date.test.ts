import { expect, test } from 'vitest';
import { parseDate } from '../../src/stories/date.ts';

test.each([
  ['Tue, 24 Nov 2026 08:00:00 GMT', '2026-11-24T08:00:00Z'],
  ['Tue, 24 Nov 2026 08:00:00 +0100', '2026-11-24T07:00:00Z'],
  ['Tue, 24 Nov 2026 08:00:00 EST', '2026-11-24T13:00:00Z'],
  ['Tue, 24 Nov 2026 08:00:00 CET', '2026-11-24T07:00:00Z'],
  ['24 Nov 2026 08:00', '2026-11-24T08:00:00Z'],
  ['mardi, 24 Nov 2026 08:00:00 +0000', '2026-11-24T08:00:00Z'],
  ['2026-11-24T08:00:00+01:00', '2026-11-24T07:00:00Z'],
  ['2026-11-24T08:00:00.250Z', '2026-11-24T08:00:00.250Z'],
  ['2026-11-24T08:00:00', '2026-11-24T08:00:00Z'],
  ['2026-11-24 08:00:00', '2026-11-24T08:00:00Z'],
  ['2026-11-24 08:00:00 +0100', '2026-11-24T07:00:00Z'],
  ['2026-11-24', '2026-11-24T00:00:00Z'],
  ['20261124', '2026-11-24T00:00:00Z'],
  ['November 24, 2026', '2026-11-24T00:00:00Z'],
  ['November 24, 2026 8:00 PM', '2026-11-24T20:00:00Z'],
  ['24th November 2026', '2026-11-24T00:00:00Z'],
])('%s is %s, whatever zone this machine is in', (text, instant) => {
  const zone = process.env.TZ;
  process.env.TZ = 'America/St_Johns';
  try {
    expect(parseDate(text)?.getTime()).toBe(Date.parse(instant));
  } finally {
    if (zone === undefined) delete process.env.TZ;
    else process.env.TZ = zone;
  }
});

test.each([
  undefined,
  '',
  'yesterday',
  '03/04/2026',
  '2026',
  '99999999',
  'Tue, 45 Nov 2026',
  'x'.repeat(1_000),
])('%s is no date', (text) => {
  expect(parseDate(text)).toBeUndefined();
});
