import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { checkAddress, parseAddress } from '../../src/subscribers/address.ts';
import { cellsOf } from '../../src/subscribers/csv/cells.ts';
import type { ImportResult } from '../../src/subscribers/import.ts';
import { contextWithList, load, peopleOf } from '../support/imports.ts';

const accounted = (result: ImportResult) =>
  result.added +
  result.updated +
  result.unchanged +
  result.duplicates +
  result.suppressed +
  result.passedOver +
  result.badRows;

const piece = fc.constantFrom(
  ...[
    'a',
    'B',
    '7',
    '@',
    '.',
    'x@example.com',
    'Y@Example.org',
    'é',
    '日本',
    '"',
    '""',
    "'",
    ',',
    ';',
    '\t',
    ' ',
  ],
  ...['=', '\\', '\\N', '\0', '\u202e', '{', '}', 'null', '-', '+', '_', '@@', 'example.com', '\u00a0', '😀'],
);
const text = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));
const quoted = text.map((cell) => `"${cell.replaceAll('"', '""')}"`);
const address = fc
  .tuple(
    fc.constantFrom('a', 'b', 'c', 'D', 'e.f', 'ü'),
    fc.constantFrom('example.com', 'EXAMPLE.com', 'bücher.test'),
  )
  .map(([local, domain]) => `${local}@${domain}`);
const row = fc
  .tuple(fc.oneof(address, address, text, quoted), fc.oneof(text, quoted), fc.oneof(text, quoted))
  .map((cells) => cells.join(','));

test('whatever a file holds, every row of it is added, found unchanged or reported', async () => {
  const context = await contextWithList();
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { maxLength: 30 }),
      fc.constantFrom('\n', '\r\n', '\r'),
      async (rows, end) => {
        const told: number[] = [];
        const file = ['email,name,field.note', ...rows].join(end);
        const result = await load(context, file, {
          onProblem: ({ kind, line }) => {
            if (kind !== 'warning') told.push(line);
          },
        });
        expect(accounted(result)).toBe(result.rows);
        expect(told.length).toBe(result.badRows + result.duplicates + result.suppressed + result.passedOver);
        // Every line with something in it is a row, the first line of one, or told to be broken.
        expect(result.rows).toBeLessThanOrEqual(rows.length);
        const again = await load(context, file);
        expect(again).toMatchObject({ added: 0, updated: 0, rows: result.rows, badRows: result.badRows });
      },
    ),
    { numRuns: 25 },
  );
  for (const { email } of await peopleOf(context)) expect(() => parseAddress(email)).not.toThrow();
});

test('a good row is never lost, whatever stands above it', async () => {
  const context = await contextWithList();
  let number = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 12 }), async (rows) => {
      number += 1;
      const good = `good${number}@example.net`;
      const result = await load(context, ['email,name,field.note', ...rows, `${good},Good,`].join('\n'));
      expect(result.added).toBeGreaterThan(0);
      const found = await context.db
        .selectFrom('subscribers')
        .select('name')
        .where('email', '=', good)
        .execute();
      expect(found).toEqual([{ name: 'Good' }]);
    }),
    { numRuns: 25 },
  );
});

test('nobody comes out of a quoted note, whatever stands on its lines', async () => {
  const line = fc.oneof(text, address, row);
  const note = fc
    .array(line, { minLength: 1, maxLength: 8 })
    .map((lines) => lines.join('\n').replaceAll('\0', ''));
  await fc.assert(
    fc.asyncProperty(fc.array(note, { minLength: 1, maxLength: 6 }), async (notes) => {
      const context = await contextWithList();
      const rows = notes.map((each, index) => `p${index}@example.net,"${each.replaceAll('"', '""')}",`);
      await load(context, ['email,field.note,name', ...rows].join('\n'));
      expect((await peopleOf(context)).map(({ email }) => email)).toEqual(
        notes.map((_, index) => `p${index}@example.net`),
      );
    }),
    { numRuns: 10 },
  );
});

test('a row is taken apart as it was put together', () => {
  const cell = fc.string({ unit: fc.constantFrom(...'ab",; \t\n\r\'='.split('')) });
  fc.assert(
    fc.property(
      fc.array(cell, { minLength: 1, maxLength: 6 }),
      fc.constantFrom(',', ';', '\t', '|'),
      (cells, by) => {
        const line = cells.map((each) => `"${each.replaceAll('"', '""')}"`).join(by);
        expect(cellsOf(line, by)).toEqual(cells);
      },
    ),
  );
});

test('an address that was found good is found good again, the same, and in ASCII behind the @', () => {
  const part = fc
    .array(fc.constantFrom(...'aZ9.!#-_+@ "<>[]%:/é\\'.split('')), { maxLength: 12 })
    .map((all) => all.join(''));
  const end = fc.constantFrom('', '.com', '.example.org', '.1', '.xn--bcher-kva.test', '.BÜCHER.test');
  fc.assert(
    fc.property(part, part, end, (local, domain, last) => {
      let found: { email: string; key: string };
      try {
        found = checkAddress(`${local}@${domain}${last}`);
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
        return;
      }
      expect(checkAddress(found.email)).toEqual(found);
      expect(checkAddress(found.key).key).toBe(found.key);
      const at = found.email.indexOf('@');
      expect(found.email.lastIndexOf('@')).toBe(at);
      expect(found.email.slice(0, at)).toMatch(/^[^\s@"<>[\]:\\.]+(\.[^\s@"<>[\]:\\.]+)*$/);
      expect(found.email.slice(at + 1)).toMatch(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/);
    }),
    { numRuns: 3_000 },
  );
});
