import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UserError } from '../../../src/errors.ts';
import { type Field, fields } from '../../../src/subscribers/segments/fields.ts';
import type { Condition, Filter, Value } from '../../../src/subscribers/segments/filter.ts';
import { parseFilter } from '../../../src/subscribers/segments/parse.ts';
import { printFilter } from '../../../src/subscribers/segments/print.ts';
import { renamedIn } from '../../../src/subscribers/segments/rename.ts';

/** A filter without the places where its parts stand. */
const shape = (filter: Filter): unknown =>
  JSON.parse(JSON.stringify(filter, (key, value) => (key === 'at' ? undefined : value)));

const nowhere = { start: 0, end: 0 };
const value = (text: string): Value => ({ text, at: nowhere });

const anyText = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
  .filter((text) => text.trim() !== '' && !/[\p{Cc}\p{Cs}]/u.test(text));
const someText = fc.oneof(
  anyText,
  fc.constantFrom(
    'and',
    'OR',
    'not',
    'in',
    'empty',
    'within',
    'time zone',
    'a"b',
    'a\\b',
    '(',
    "o'hara",
    '=',
    '“x”',
  ),
);
const length = fc
  .tuple(fc.integer({ min: 0, max: 99 }), fc.constantFrom('h', 'd', 'w', 'mo', 'y'))
  .map(([number, unit]) => `${number}${unit}`);
const date = fc
  .date({ min: new Date('1990-01-01'), max: new Date('2090-01-01'), noInvalidDate: true })
  .map((at) => at.toISOString().slice(0, 10));
const when = fc.oneof(
  length.map((text) => ({ how: 'within' as const, time: value(text) })),
  fc
    .tuple(fc.constantFrom('before', 'after', 'since'), fc.oneof(length, date))
    .map(([how, text]) => ({ how, time: value(text) })),
);
const asWhen = when.map((given): Condition => ({ is: 'when', when: given }));
const asEmpty = fc.boolean().map((not): Condition => ({ is: 'empty', not }));
const asText = fc
  .tuple(fc.constantFrom('contains', 'starts with', 'ends with'), someText)
  .map(([how, text]): Condition => ({ is: 'text', how, value: value(text) }));
const bare = fc.constant<Condition>({ is: 'true' });

function equalities(values: fc.Arbitrary<string>): fc.Arbitrary<Condition> {
  return fc.oneof(
    fc
      .tuple(fc.constantFrom('=', '!='), values)
      .map(([operator, text]): Condition => ({ is: 'compare', operator, value: value(text) })),
    fc
      .tuple(fc.boolean(), fc.array(values, { minLength: 1, maxLength: 3 }))
      .map(([not, texts]): Condition => ({ is: 'in', not, values: texts.map(value) })),
  );
}

const exact: Record<string, fc.Arbitrary<string>> = {
  email: fc.constantFrom('ada@example.com', 'Grace.Hopper@example.org'),
  language: fc.constantFrom('de', 'pt-BR'),
  'time zone': fc.constantFrom('Europe/Berlin', 'UTC'),
  country: fc.constantFrom('DE', 'France'),
};

function conditionsOf(field: Field): fc.Arbitrary<Condition> {
  const equal = equalities(field.values ? fc.constantFrom(...field.values) : (exact[field.name] ?? someText));
  switch (field.kind) {
    case 'text':
    case 'names':
      return fc.oneof(equal, asText, asEmpty);
    case 'choice':
    case 'reference':
      return equal;
    case 'code':
      return fc.oneof(equal, asEmpty);
    case 'flag':
      return fc.oneof(equal, bare);
    case 'time':
      return fc.oneof(asWhen, asEmpty);
    case 'event':
      return fc.oneof(
        bare,
        asWhen,
        fc
          .record({
            is: fc.constant('compare' as const),
            operator: fc.constantFrom('=', '!=', '<', '<=', '>', '>='),
            value: fc.nat(999).map((number) => value(String(number))),
            when: fc.option(when, { nil: undefined }),
          })
          .map(({ when: given, ...rest }): Condition => ({ ...rest, ...(given && { when: given }) })),
      );
    default:
      return fc.oneof(equal, asText, asEmpty, asWhen);
  }
}

const aTest: fc.Arbitrary<Filter> = fc.oneof(
  fc
    .constantFrom(...fields)
    .chain((field) =>
      conditionsOf(field).map(
        (condition): Filter => ({ kind: 'test', field: { name: field.name, at: nowhere }, condition }),
      ),
    ),
  fc.tuple(someText, fc.oneof(equalities(someText), asText, asEmpty, asWhen)).map(
    ([custom, condition]): Filter => ({
      kind: 'test',
      field: { name: 'field', custom, at: nowhere },
      condition,
    }),
  ),
);

const { filter: anyFilter } = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    aTest,
    fc.record({
      kind: fc.constantFrom('and', 'or'),
      terms: fc.array(tie('filter'), { minLength: 2, maxLength: 3 }),
    }),
    fc.record({ kind: fc.constant('not' as const), term: tie('filter') }),
  ),
}));

test('a filter that is printed and parsed again is the same', () => {
  fc.assert(
    fc.property(anyFilter, (filter) => {
      const text = printFilter(filter);
      fc.pre(text.length <= 4_000);
      const again = parseFilter(text);
      expect(shape(again)).toEqual(shape(filter));
      expect(printFilter(again)).toBe(text);
    }),
    { numRuns: 800 },
  );
});

/** Nothing but an error that shows the place may come out of a text. */
function expectPlace(text: string): void {
  try {
    parseFilter(text);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { line, column } = error.details as { line: number; column: number };
    expect(error.code).toBe('filter');
    const lines = text.split('\n');
    expect(line).toBeGreaterThanOrEqual(1);
    expect(line).toBeLessThanOrEqual(lines.length);
    expect(column).toBeGreaterThanOrEqual(1);
    expect(column).toBeLessThanOrEqual([...(lines[line - 1] ?? '')].length + 1);
  }
}

const piece = fc.oneof(
  fc.constantFrom(
    ...[
      'and',
      'or',
      'not',
      'in',
      '(',
      ')',
      ',',
      '=',
      '!=',
      '>=',
      '<',
      'contains',
      'starts',
      'with',
      'is',
      'empty',
    ],
    ...[
      'within',
      'before',
      '30d',
      '2026-01-31',
      '"',
      '"x y"',
      'frequency',
      'weekly',
      'clicked',
      'tag',
      'field.a',
      '\n',
    ],
    ...[
      'muted topic',
      'segment',
      'list',
      'country',
      'email',
      '3',
      '!',
      '--',
      ';',
      "'",
      '\\',
      'field."',
      '\u202e',
    ],
  ),
  fc.string({ unit: 'binary', maxLength: 6 }),
);

test('no text brings anything but a filter or an error with its place', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 25 }), fc.constantFrom(' ', ''), (pieces, between) =>
      expectPlace(pieces.join(between)),
    ),
    { numRuns: 4_000 },
  );
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 60 }), expectPlace), { numRuns: 1_000 });
});

test.each([
  '('.repeat(2_000),
  `${'('.repeat(1_000)}tag = a${')'.repeat(1_000)}`,
  `${'not '.repeat(900)}tag = a`,
  `${'not ('.repeat(400)}tag = a`,
  Array.from({ length: 400 }, () => 'tag = a').join(' or '),
  'x'.repeat(100_000),
  `tag in (${'a, '.repeat(1_400)}a)`,
  '\ud800',
  'name = "\u0000"',
])('what is too deep, too long or broken is refused with its place: %#', (text) => {
  expect(() => parseFilter(text)).toThrow(UserError);
  expectPlace(text);
});

test.each<[text: string, line: number, column: number, message: string, hint: string]>([
  ['frequncy = weekly', 1, 1, 'no field "frequncy"', 'Did you mean "frequency"?'],
  ['frequency = wekly', 1, 13, '"wekly" is no frequency', 'Did you mean "weekly"?'],
  ['frequency weekly', 1, 11, 'not compared with anything', 'Expected =, != or in (…).'],
  ['tag = a\n  and frequency', 2, 16, 'not compared', 'Expected ='],
  ['(tag = a or tag = b', 1, 20, 'ends too early', 'Expected ")"'],
  ['tag = a tag = b', 1, 9, '"tag" cannot stand here', 'Expected "and", "or" or the end.'],
  ['tag = a && tag = b', 1, 9, '"&&" cannot stand here', 'Did you mean "and"?'],
  ['opened wihtin 30d', 1, 8, '"wihtin" cannot stand here', 'Did you mean "within"?'],
  ['opened within 30dyas', 1, 15, 'no length of time', 'Did you mean "30d"?'],
  ['created within 2026-01-31', 1, 16, 'is a date', 'Did you mean "since"?'],
  ['created after 2026-02-30', 1, 15, 'no date', 'a date such as'],
  ['tag = in', 1, 7, '"in" cannot stand here', 'between quotation marks'],
  ['tag = “a”', 1, 7, '“ cannot stand here', 'straight double quotation marks'],
  ['tag = "a', 1, 7, 'no partner', '\\"'],
  ['country = Germny', 1, 11, 'no country', 'Did you mean "Germany"?'],
  ['time zone = Europe/Berlni', 1, 13, 'not a time zone', 'Did you mean "Europe/Berlin"?'],
  ['email = nobody', 1, 9, 'it has no @', ''],
  ['clicked >= many', 1, 12, 'no count', 'a whole number'],
  ['list < weekly', 1, 1, 'cannot be asked "<"', '=, != or in'],
  ['name = "😀" tag = b', 1, 12, '"tag" cannot stand here', ''],
])('%s', (text, line, column, message, hint) => {
  let error: UserError | undefined;
  try {
    parseFilter(text);
  } catch (thrown) {
    error = thrown as UserError;
  }
  expect(error?.details).toMatchObject({ line, column });
  expect(error?.message).toContain(`line ${line}, column ${column}: `);
  expect(error?.message).toContain(message);
  expect(error?.hint).toContain(hint);
  const [, shown = '', caret = ''] = error?.message.split('\n') ?? [];
  expect(shown.trim()).toBe(text.split('\n')[line - 1]?.trim());
  expect(caret).toMatch(/^ +\^+$/);
});

test.each([
  ['FREQUENCY IS weekly AND NOT Tag IN (a,b)', 'frequency = weekly and not tag in (a, b)'],
  ['state is not confirmed', 'state != confirmed'],
  ['time_zone <> Europe/Berlin', 'time zone != Europe/Berlin'],
  ['muted-topics = sport', 'muted topic = sport'],
  ['via = import', 'source = import'],
  ['clicked >= 3 within 90 days', 'clicked >= 3 within 90d'],
  ['tag = a and (tag = b or tag = c)', 'tag = a and (tag = b or tag = c)'],
  ['(tag = a and tag = b) or tag = c', 'tag = a and tag = b or tag = c'],
  ['field."Company name" = "ACME Ltd"', 'field."Company name" = "ACME Ltd"'],
])('%s is read as %s', (text, printed) => {
  expect(printFilter(parseFilter(text))).toBe(printed);
});

test('another name is put in where it stands, and nothing else changes', () => {
  const text = 'list in (old, "old",other)  and (segment = old or tag = old)\n and list != OLD';
  expect(renamedIn(text, 'list', 'old', 'new-one')).toBe(
    'list in (new-one, new-one,other)  and (segment = old or tag = old)\n and list != new-one',
  );
  expect(renamedIn(text, 'segment', 'old', 'and')).toContain('segment = "and"');
});
