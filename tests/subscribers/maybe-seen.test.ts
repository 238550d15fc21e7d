import { expect, test } from 'vitest';
import { MaybeSeen } from '../../src/subscribers/import/maybe-seen.ts';

test('what came before is never taken for new, and hardly anything new for what came before', () => {
  const seen = new MaybeSeen();
  const address = (number: number) => `reader.${number}@mail${number % 50}.test`;
  let mistaken = 0;
  // More than one filter holds.
  for (let number = 0; number < 540_000; number++) if (seen.add(address(number))) mistaken += 1;
  expect(mistaken).toBeLessThan(20);
  for (let number = 0; number < 540_000; number += 70)
    if (!seen.add(address(number))) expect.unreachable(address(number));
  // Letters in another order, or with another at the end, are other texts.
  expect(
    ['ab@example.com', 'ba@example.com', 'ab@example.con', ''].map(
      (text) => new MaybeSeen().add(text) || seen.add(text),
    ),
  ).toEqual([false, false, false, false]);
});
