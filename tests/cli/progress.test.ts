import { expect, test } from 'vitest';
import { progressLine, startProgress } from '../../src/cli/progress.ts';

function screen(isTTY: boolean) {
  const written: string[] = [];
  return { stream: { isTTY, columns: 40, write: (text: string) => Boolean(written.push(text)) }, written };
}

test('it says how many, how fast, and how long it still takes', () => {
  const line = (done: number, total: number | undefined, elapsedMs: number, before = 0) =>
    progressLine('rows', { done, total, before, elapsedMs });
  expect(line(12_400, 100_000, 4_000)).toBe('12,400 of 100,000 rows, 3,100 a second, 28 s left');
  expect(line(50, 2_000, 100_000)).toBe('50 of 2,000 rows, 30 a minute, 65 min left');
  expect(line(1_000, 1_000_000, 10_000)).toBe('1,000 of 1,000,000 rows, 100 a second, 3 h left');
  // Too early to tell; nothing done; nothing left; no end known.
  expect(line(10, 100, 500)).toBe('10 of 100 rows');
  expect(line(0, 100, 5_000)).toBe('0 of 100 rows');
  expect(line(100, 100, 5_000)).toBe('100 of 100 rows, 20 a second');
  expect(line(300, undefined, 3_000)).toBe('300 rows, 100 a second');
  // What an earlier run had done counts as done, and not for the rate.
  expect(line(600, 1_000, 10_000, 500)).toBe('600 of 1,000 rows, 10 a second, 40 s left');
});

test('it draws a few times a second, within one line, and takes its line away', () => {
  let now = 0;
  const { stream, written } = screen(true);
  const progress = startProgress('messages', { total: 5_000_000, stream, now: () => now });
  for (; now < 2_000; now += 10) progress.update(now * 1_000);
  progress.end();
  expect(written.length).toBeGreaterThan(8);
  expect(written.length).toBeLessThan(13);
  expect(written.at(-1)).toBe('\r\u001b[K');
  for (const drawn of written.slice(0, -1)) {
    expect(drawn.startsWith('\r\u001b[K')).toBe(true);
    expect(drawn.length - '\r\u001b[K'.length).toBeLessThan(40);
  }
});

test('where nobody looks, nothing is drawn', () => {
  const { stream, written } = screen(false);
  const progress = startProgress('rows', { stream });
  progress.update(1);
  progress.end();
  expect(written).toEqual([]);
});
