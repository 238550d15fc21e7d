import { EOF, type IRecognitionException, type IToken } from 'chevrotain';
import { messageOf, type UserError } from '../../errors.ts';
import { checkTest } from './check.ts';
import { type Field, fieldNamed, fieldNames } from './fields.ts';
import type { FieldRef, Filter, Span } from './filter.ts';
import { filterError, nearNames, quoted } from './filter-error.ts';
import { FilterParser, spanOf } from './grammar.ts';
import * as t from './tokens.ts';

const longest = 4_000;
const deepest = 40;
const mostTests = 200;

let parser: FilterParser | undefined;

/**
 * Parses a filter and checks what can be checked without a database: that its fields are there, can be asked what is asked
 * of them, and are compared with what they can hold.
 * @throws UserError with code `filter`; its details hold line, column, what was expected, and similar names
 */
export function parseFilter(text: string): Filter {
  if (text.length > longest)
    throw filterError(
      text,
      { start: longest, end: longest + 1 },
      {
        problem: `it is longer than ${longest.toLocaleString('en')} characters`,
        hint: 'Save parts of it as segments, and refer to them with "segment = NAME".',
      },
    );
  const tokens = tokensOf(text);
  checkSize(text, tokens);
  parser ??= new FilterParser();
  const filter = parser.parse(tokens, {
    field: (ref) => resolveField(text, ref),
    test: (test, field, next) =>
      checkTest(text, test, field, next.tokenType === EOF ? endOf(text) : spanOf(next)),
  });
  const [error] = parser.errors;
  if (error) throw grammarError(text, error);
  return filter;
}

function tokensOf(text: string): IToken[] {
  const { tokens, errors } = t.lexer.tokenize(text);
  const [error] = errors;
  if (error) {
    const start = error.offset;
    const rest = text.slice(start);
    const letter = String.fromCodePoint(text.codePointAt(start) ?? 32);
    const at = { start, end: start + letter.length };
    if (letter === '"')
      throw filterError(text, at, {
        problem: 'the quotation mark has no partner',
        hint: 'Within a text, write \\" for a quotation mark and \\\\ for a backslash.',
      });
    if (/^['“”„‘’]/u.test(rest))
      throw filterError(text, at, {
        problem: `${letter} cannot stand here`,
        hint: 'Put texts between straight double quotation marks: "like this".',
      });
    throw filterError(text, at, {
      problem: /\p{C}/u.test(letter)
        ? 'an invisible or control character cannot stand here'
        : `${quoted(letter)} cannot stand here`,
      expected: letter === '!' ? ['!='] : [],
    });
  }
  if (tokens.length === 0)
    throw filterError(
      text,
      { start: 0, end: 0 },
      {
        problem: 'it is empty',
        hint: 'For example: frequency = weekly and clicked within 30d',
      },
    );
  return tokens;
}

// A parser calls itself for each level, and Postgres plans each test.
function checkSize(text: string, tokens: IToken[]): void {
  let depth = 0;
  let negations = 0;
  let tests = 1;
  for (const token of tokens) {
    if (token.tokenType === t.Open) depth++;
    if (token.tokenType === t.Close) depth--;
    negations = token.tokenType === t.Not ? negations + 1 : 0;
    if (token.tokenType === t.And || token.tokenType === t.Or) tests++;
    if (depth > deepest || negations > deepest)
      throw filterError(text, spanOf(token), { problem: `it is nested more than ${deepest} times` });
    if (tests > mostTests)
      throw filterError(text, spanOf(token), { problem: `it has more than ${mostTests} tests` });
  }
}

function resolveField(text: string, ref: FieldRef): Field {
  const field = ref.name === 'field' && ref.custom === undefined ? undefined : fieldNamed(ref.name);
  if (field) {
    ref.name = field.name;
    return field;
  }
  const custom = /^fields?\.?$/i.test(ref.name);
  throw filterError(text, ref.at, {
    problem: custom ? 'the name of your own field is missing' : `there is no field ${quoted(ref.name)}`,
    suggestions: custom ? [] : nearNames(ref.name, fieldNames),
    hint: custom
      ? 'Write it as in field.company = "ACME".'
      : `A field of your own is written field.NAME. The fields are ${listed}.`,
  });
}

const listed = [...new Set(fieldNames.map((name) => fieldNamed(name)?.name ?? name))].join(', ');

const signs: Record<string, string> = {
  '&&': 'and',
  '&': 'and',
  '+': 'and',
  '||': 'or',
  '|': 'or',
  '!': 'not',
};

function grammarError(text: string, error: IRecognitionException): UserError {
  const { token } = error;
  const isEnd = token.tokenType === EOF;
  const at = isEnd ? endOf(text) : spanOf(token);
  const labels = messageOf(error).split('\n');
  // A value may be a text, and a field may not.
  const wantsValue = labels.includes(t.Text.LABEL ?? '');
  const expected = [
    ...new Set(
      labels.map((label) =>
        label === t.Word.LABEL || label === t.Text.LABEL || label === t.LongField.LABEL
          ? wantsValue
            ? 'a value'
            : 'a field'
          : label,
      ),
    ),
  ];
  const image = token.image ?? '';
  // Behind a whole test it may be one that was begun: "opened wihtin 30d".
  const words = expected.includes('the end')
    ? t.keywords.map(({ LABEL }) => LABEL ?? '')
    : expected.filter((word) => /^[a-z]+$/.test(word));
  const near = signs[image] ? [signs[image]] : nearNames(image, words);
  const isKeyword = t.keywords.includes(token.tokenType);
  return filterError(text, at, {
    problem: isEnd ? 'it ends too early' : `${quoted(image)} cannot stand here`,
    expected: expected.map((word) => (/^(?:a |the )/.test(word) ? word : `"${word}"`)),
    suggestions: isEnd || isKeyword ? [] : near,
    hint:
      isKeyword && wantsValue
        ? `To compare with the word itself, write "${image}" between quotation marks.`
        : undefined,
  });
}

/** Behind the last letter. */
function endOf(text: string): Span {
  const end = text.trimEnd().length;
  return { start: end, end: end + 1 };
}
