/** @jsxImportSource hono/jsx */
import { expect, test } from 'vitest';
import { FoldedList } from '../../../src/web/desk/design/folded.tsx';

const item = (_: unknown, number: number) => <li>item {number}</li>;

const listOf = (length: number) =>
  String(
    <FoldedList class="stack" items={Array.from({ length }, item)} earlier={(count) => `${count} before`} />,
  );

test('of a long list the latest are seen, and what came before is folded', () => {
  expect(listOf(20)).not.toContain('<details');
  const [seen = '', folded = ''] = listOf(23).split('<details');
  expect([seen.match(/<li>/g)?.length, seen.includes('item 19'), seen.includes('item 20')]).toEqual([
    20,
    true,
    false,
  ]);
  expect([folded.match(/<li>/g)?.length, folded.includes('3 before'), folded.includes('item 22')]).toEqual([
    3,
    true,
    true,
  ]);
});
