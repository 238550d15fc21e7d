import fc from 'fast-check';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { UserError } from '../../../src/errors.ts';
import { countSegment, explainSegment } from '../../../src/subscribers/segments/count.ts';
import { printValue } from '../../../src/subscribers/segments/print.ts';
import { segmentCondition } from '../../../src/subscribers/segments/reference.ts';
import {
  createSegment,
  editSegment,
  findSegment,
  listSegments,
  removeSegment,
} from '../../../src/subscribers/segments/segments.ts';
import { createTestContext } from '../../support/context.ts';
import { seedNewsletter } from '../../support/seed.ts';
import { seedPeople } from '../../support/segment-people.ts';

test('segments are made of others, follow their names, and never of themselves', async () => {
  const context = await createTestContext();
  await createSegment(context, { name: 'engaged', filter: 'clicked within 30d' });
  await createSegment(context, { name: 'core', filter: 'segment = engaged and tag = vip' });
  await createSegment(context, { name: 'outer', filter: 'not segment in (core, engaged)' });
  await expect(editSegment(context, 'engaged', { filter: 'segment = outer' })).rejects.toMatchObject({
    code: 'cycle',
    message: expect.stringContaining('engaged → outer → core → engaged'),
  });
  await expect(editSegment(context, 'core', { filter: 'segment = core' })).rejects.toMatchObject({
    code: 'cycle',
  });
  await editSegment(context, 'engaged', { name: 'active' });
  expect((await findSegment(context, 'core')).filter).toBe('segment = active and tag = vip');
  expect((await findSegment(context, 'outer')).filter).toBe('not segment in (core, active)');
  expect((await listSegments(context)).map(({ name, segments }) => [name, segments])).toEqual([
    ['active', ['core', 'outer']],
    ['core', ['outer']],
    ['outer', []],
  ]);
  await expect(findSegment(context, 'activ')).rejects.toMatchObject({ hint: 'Did you mean active?' });
});

test('of two edits at once that would make a circle, one is refused', async () => {
  const context = await createTestContext();
  for (const name of ['one', 'two']) await createSegment(context, { name, filter: 'tag = a' });
  const results = await Promise.allSettled([
    editSegment(context, 'one', { filter: 'segment = two' }),
    editSegment(context, 'two', { filter: 'segment = one' }),
  ]);
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
});

test('what is needed is not removed, and names that cannot be are refused', async () => {
  const context = await createTestContext();
  const { id } = await createSegment(context, { name: 'vips', filter: 'tag = vip' });
  await createSegment(context, { name: 'others', filter: 'not segment = vips' });
  await seedNewsletter(context, [], { segmentId: id });
  await expect(removeSegment(context, 'vips')).rejects.toMatchObject({
    code: 'in-use',
    details: { segments: ['others'], newsletters: ['harbour-post'] },
  });
  await removeSegment(context, 'others');
  await expect(createSegment(context, { name: 'vips', filter: 'tag = a' })).rejects.toMatchObject({
    code: 'exists',
  });
  for (const name of ['Two words', '7', 'clicked', '', 'a'.repeat(64)])
    await expect(createSegment(context, { name, filter: 'tag = a' })).rejects.toMatchObject({
      code: 'usage',
    });
  await expect(createSegment(context, { name: 'x', filter: 'list = nope' })).rejects.toMatchObject({
    code: 'filter',
    details: { line: 1, column: 8 },
  });
  await expect(countSegment(context, 'nobody')).rejects.toMatchObject({ code: 'not-found' });
});

test('no value of a filter is anything but a value to the database', async () => {
  const context = await createTestContext();
  await seedPeople(context, [
    { email: 'ada@example.com', name: 'Ada', tags: ['vip'], fields: { company: 'ACME' }, on: { weekly: {} } },
  ]);
  const attack = fc.oneof(
    fc.constantFrom(
      ...[
        "' or 1=1 --",
        "'; drop table subscribers; --",
        '") or true or ("',
        '$1',
        '\\',
        '%',
        '_',
        '{a,b}',
        '{"',
        'null',
      ],
      ...["E'\\\\x41'", '$$', '/*', '\u2019 or \u2019', '?', ':name', 'array[1]', "x' in (select 1)"],
    ),
    fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
      .filter((text) => text.trim() !== '' && !/[\p{Cc}\p{Cs}]/u.test(text)),
  );
  const question = fc.constantFrom(
    ...[
      'name = X',
      'name in (X, X)',
      'name contains X',
      'domain = X',
      'tag = X',
      'tag starts with X',
      'topic = X',
    ],
    ...[
      'email ends with X',
      'source = X',
      'field.company = X',
      'field.X = ACME',
      'field.X contains X',
      'field.X >= 3',
    ],
  );
  await fc.assert(
    fc.asyncProperty(question, attack, async (pattern, text) => {
      const filter = pattern.replaceAll('X', () =>
        pattern.startsWith('field.X') ? `"${text.replace(/["\\]/g, '\\$&')}"` : printValue({ text }),
      );
      let condition: Awaited<ReturnType<typeof segmentCondition>>;
      try {
        condition = await segmentCondition(context, filter);
      } catch (error) {
        expect(error).toBeInstanceOf(UserError);
        return;
      }
      const compiled = sql`select 1 from subscribers where ${condition}`.compile(context.db);
      // Nothing of the text is in the statement; what is short may be there for reasons of its own.
      if (text.length > 6) expect(compiled.sql).not.toContain(text);
      await context.db.executeQuery(compiled);
    }),
    { numRuns: 150 },
  );
  expect(await context.db.selectFrom('subscribers').select('id').execute()).toHaveLength(1);
});

test('people are counted, and it is told why one fits', async () => {
  const context = await createTestContext();
  const ids = await seedPeople(context, [
    { email: 'ada@example.com', tags: ['vip'], on: { weekly: {} } },
    { email: 'bob@example.com', tags: ['vip'], on: { weekly: { state: 'pending' } } },
    { email: 'cem@example.com', on: { daily: {} } },
  ]);
  expect(await countSegment(context, 'tag = vip')).toEqual({ subscribers: 3, people: 2, reachable: 1 });
  expect(await countSegment(context, 'name is empty', [])).toMatchObject({ people: 3, reachable: 0 });
  await createSegment(context, { name: 'vips', filter: 'tag = vip and not state = pending' });
  const why = await explainSegment(context, 'segment = vips or clicked', ids.bob ?? 0);
  expect(why).toMatchObject({
    kind: 'any',
    holds: false,
    parts: [
      {
        text: 'segment = vips',
        holds: false,
        parts: [
          {
            kind: 'all',
            parts: [
              { text: 'tag = vip', holds: true },
              { text: 'not state = pending', holds: false },
            ],
          },
        ],
      },
      { text: 'clicked', holds: false },
    ],
  });
});
