import fc from 'fast-check';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { cellsOf, csvCell, unmark } from '../../src/subscribers/csv/cells.ts';
import { type ExportOptions, exportSubscribers } from '../../src/subscribers/export.ts';
import { undoImport } from '../../src/subscribers/import/undo.ts';
import { subscribe } from '../../src/subscribers/subscribe.ts';
import type { TestContext } from '../support/context.ts';
import { contextWithList, load, peopleOf } from '../support/imports.ts';

async function exported(context: TestContext, options: ExportOptions = {}): Promise<string> {
  let text = '';
  for await (const piece of exportSubscribers(context, options)) text += piece;
  return text;
}

const awkward = [
  { email: 'plain@example.com', name: 'Anna' },
  { email: '+tag@example.com', name: '=1+2' },
  { email: '=cmd@example.com', name: '@SUM(A1)', tags: ['a, b', 'c"d', '=x', 'semi;colon'] },
  { email: "'-x@example.com", name: "'=quoted", fields: { note: '-1\n"two"', size: -3.5, member: false } },
  { email: 'jörg@example.com', name: 'Jörg, “Jö” 😀', topics: ['[x]', '\\back'] },
  { email: 'empty@example.com' },
  {
    email: 'long@example.com',
    fields: { one: '"'.repeat(9_000), two: 'y'.repeat(9_000), three: 'z'.repeat(9_000) },
  },
  { email: "''=y@example.com", name: "'plain apostrophe" },
];

async function withAwkwardPeople() {
  const context = await contextWithList();
  const result = await load(context, awkward.map((each) => JSON.stringify(each)).join('\n'));
  expect(result).toMatchObject({ added: awkward.length, badRows: 0 });
  return context;
}

test.each(['csv', 'ndjson'] as const)(
  'what is exported as %s is imported again unchanged',
  async (format) => {
    const context = await withAwkwardPeople();
    const file = await exported(context, { list: 'weekly', format });
    expect(await load(context, file)).toMatchObject({
      unchanged: awkward.length,
      added: 0,
      updated: 0,
      badRows: 0,
    });
    const elsewhere = await contextWithList();
    expect(await load(elsewhere, file)).toMatchObject({ added: awkward.length, badRows: 0 });
    expect(await peopleOf(elsewhere)).toEqual(await peopleOf(context));
  },
);

test('muted topics are read back', async () => {
  const context = await contextWithList();
  await load(context, 'email,frequency,muted topics\na@example.com,weekly,"war, sport"');
  const file = await exported(context, { list: 'weekly', columns: ['email', 'frequency', 'muted topics'] });
  expect(file).toBe('email,frequency,muted topics\na@example.com,weekly,"war, sport"\n');
  expect(await load(context, file)).toMatchObject({ unchanged: 1, ignoredColumns: [] });
  const changed = await load(context, file.replace('war', 'weather'));
  expect(changed).toMatchObject({ updated: 1 });
  if (changed.importId) await undoImport(context, changed.importId);
  expect(await exported(context, { list: 'weekly', columns: ['muted topics'] })).toContain('"war, sport"');
});

test('no cell of a CSV file begins as a formula does', async () => {
  const context = await withAwkwardPeople();
  const file = await exported(context, { list: 'weekly' });
  for (const line of file.split('\n'))
    for (const cell of cellsOf(line, ',') ?? []) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
});

test('any cell is written harmless, and read as it was', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'=+-@\'", ;|\t\r\na😀'.split(/(?:)/u)) }), (text) => {
      const written = csvCell(text);
      expect(written).not.toMatch(/^"?[=+\-@\t\r]/);
      const cells = cellsOf(`${written},x`, ',') ?? [];
      unmark(cells);
      // A cell of white space alone is an empty one to any reader but a careful one.
      expect(cells).toEqual([text, 'x']);
    }),
  );
});

test('columns, list, state and a condition are chosen', async () => {
  const context = await withAwkwardPeople();
  await subscribe(context, { via: 'form', email: 'waits@example.com', list: 'weekly' });
  expect(await exported(context, { list: 'weekly', state: 'pending', columns: ['email', 'state'] })).toBe(
    'email,state\nwaits@example.com,pending\n',
  );
  const sized = await exported(context, {
    columns: ['email', 'field.size', 'lists'],
    where: sql<boolean>`subscribers.fields ? 'size'`,
  });
  expect(sized).toBe("email,field.size,lists\n''-x@example.com,'-3.5,weekly (confirmed)\n");
  const line = await exported(context, {
    state: 'pending',
    format: 'ndjson',
    columns: ['email', 'created_at', 'name'],
  });
  expect(JSON.parse(line)).toEqual({ email: 'waits@example.com', created_at: '2026-11-24T08:00:00.000Z' });
  await expect(exported(context, { columns: ['email', 'shoe'] })).rejects.toThrow('"shoe" is no column');
  await expect(exported(context, { columns: ['state'] })).rejects.toThrow('is about one list');
  await expect(exported(context, { list: 'nope' })).rejects.toThrow('There is no list "nope"');
});
