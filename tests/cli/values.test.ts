import { expect, test } from 'vitest';
import { sinceWhen } from '../../src/cli/values.ts';

const now = new Date('2026-11-24T08:00:00Z');

test('an instant is a date, or how long ago', () => {
  expect(sinceWhen('90m', now)).toEqual(new Date('2026-11-24T06:30:00Z'));
  expect(sinceWhen('2d', now)).toEqual(new Date('2026-11-22T08:00:00Z'));
  expect(sinceWhen('2026-11-20', now)).toEqual(new Date('2026-11-20T00:00:00Z'));
});

test.each(['999999999d', '99999999999999999999w', 'yesterday-ish', '', '-3d'])('%j is refused', (text) => {
  expect(() => sinceWhen(text, now)).toThrow('--since takes a date such as 2026-11-24');
});
