import { messageOf } from '../../errors.ts';
import { parseAddress } from '../address.ts';
import { parseLanguage, parseTimeZone } from '../personal-values.ts';
import { countryNames, countryOf } from './countries.ts';
import { type Field, questions } from './fields.ts';
import { type Condition, type Span, type Test, type Value, valuesOf, type When } from './filter.ts';
import { filterError, nearNames, quoted } from './filter-error.ts';
import { cleanLength, dateOf, rangeOf } from './moments.ts';

/**
 * Checks one test: that its field can be asked this, and that the values are such as the field can hold.
 * @param next where the text goes on behind the test, for what is missing there
 * @throws UserError that shows the place
 */
export function checkTest(text: string, test: Test, field: Field, next: Span): void {
  const { condition } = test;
  const name = test.field.custom === undefined ? field.name : `field.${test.field.custom}`;
  const asked = question(condition);
  if (!answers(field, condition)) {
    if (condition.is === 'true')
      throw filterError(text, next, {
        problem: `${quoted(name)} is not compared with anything`,
        expected: questions[field.kind],
      });
    throw filterError(text, test.field.at, {
      problem: `${quoted(name)} cannot be asked "${asked}"`,
      expected: questions[field.kind],
      hint: field.kind === 'time' ? 'For a day, write "since 2026-01-31" or "before 2026-01-31".' : undefined,
    });
  }
  if (condition.is === 'compare' && condition.when && field.kind !== 'event')
    throw filterError(text, condition.when.time.at, {
      problem: `only what is counted can have a time behind its number, and ${quoted(name)} is not`,
    });
  const when = condition.is === 'when' || condition.is === 'compare' ? condition.when : undefined;
  if (when) checkWhen(text, when);
  for (const value of valuesOf(condition)) {
    const isPattern = condition.is === 'text';
    const problem = isPattern ? emptyPattern(value) : problemOf(field, value.text, condition);
    if (problem) throw filterError(text, value.at, problem);
  }
}

const question = (condition: Condition): string => {
  if (condition.is === 'compare') return condition.operator;
  if (condition.is === 'text') return condition.how;
  if (condition.is === 'when') return condition.when.how;
  return condition.is === 'empty' ? 'is empty' : condition.is;
};

function answers({ kind }: Field, condition: Condition): boolean {
  const isEqual = condition.is === 'in' || (condition.is === 'compare' && /^!?=$/.test(condition.operator));
  switch (kind) {
    case 'text':
    case 'names':
      return isEqual || condition.is === 'text' || condition.is === 'empty';
    case 'choice':
    case 'reference':
      return isEqual;
    case 'code':
      return isEqual || condition.is === 'empty';
    case 'flag':
      return isEqual || condition.is === 'true';
    case 'time':
      return condition.is === 'when' || condition.is === 'empty';
    case 'event':
      return condition.is === 'true' || condition.is === 'compare' || condition.is === 'when';
    case 'custom':
      return condition.is !== 'true';
  }
}

function checkWhen(text: string, when: When): void {
  // The clock does not matter for whether it is a time.
  if (rangeOf(when, new Date(0))) return;
  const isDate = dateOf(when.time.text) !== undefined;
  throw filterError(text, when.time.at, {
    problem: isDate
      ? `"within" takes a length of time, and ${quoted(when.time.text)} is a date`
      : `${quoted(when.time.text)} is no ${when.how === 'within' ? '' : 'date and no '}length of time`,
    expected: when.how === 'within' ? lengths : [...lengths, 'a date such as 2026-01-31'],
    suggestions: isDate ? ['since'] : nearLength(when.time.text),
  });
}

const lengths = ['a length such as 30d, 12h, 2w, 6mo or 1y'];

function nearLength(text: string): string[] {
  const match = /^(\d{1,4})\s*([a-z]+)$/i.exec(text);
  const near = match && nearNames(match[2] ?? '', ['hours', 'days', 'weeks', 'months', 'years'])[0];
  const length = match && near ? cleanLength(`${match[1]}${near}`) : undefined;
  return length ? [length] : [];
}

const emptyPattern = ({ text }: Value) =>
  text.trim() === '' ? { problem: 'there is nothing to look for in this text' } : undefined;

type Problem = { problem: string; suggestions?: readonly string[]; expected?: readonly string[] } | undefined;

/** What is wrong with a value that a field is compared with. */
function problemOf(field: Field, value: string, condition: Condition): Problem {
  if (value.trim() === '' && field.kind !== 'custom')
    return { problem: 'this text is empty; to find what has no value, write "is empty"' };
  if (field.values) {
    const values = field.values;
    if (values.includes(value.toLowerCase())) return undefined;
    return {
      problem: `${quoted(value)} is no ${field.kind === 'flag' ? 'reason' : field.name}`,
      suggestions: nearNames(value, values),
      expected: values,
    };
  }
  switch (field.kind) {
    case 'event':
      return /^\d{1,6}$/.test(value)
        ? undefined
        : { problem: `${quoted(value)} is no count`, expected: ['a whole number'] };
    case 'custom':
      return condition.is === 'compare' && /^[<>]/.test(condition.operator) && !isOrdered(value)
        ? {
            problem: `${quoted(value)} is neither more nor less than anything`,
            expected: ['a number', 'a date such as 2026-01-31'],
          }
        : undefined;
    default:
      return byName[field.name]?.(value);
  }
}

/** Whether a custom field can be more or less than it. */
export const isOrdered = (value: string): boolean => isNumber(value) || dateOf(value) !== undefined;

/** Whether it is a number as custom fields hold them; what begins with a zero is a text of digits, such as a postcode. */
export const isNumber = (value: string): boolean => /^-?(?:0|[1-9]\d{0,29})(?:\.\d{1,30})?$/.test(value);

const byName: Record<string, (value: string) => Problem> = {
  email: (value) => failing(() => parseAddress(value)),
  language: (value) => failing(() => parseLanguage(value)),
  'time zone': (value) => {
    const wrong = failing(() => parseTimeZone(value));
    return wrong && { ...wrong, suggestions: nearNames(value, Intl.supportedValuesOf('timeZone')) };
  },
  country: (value) =>
    countryOf(value)
      ? undefined
      : {
          problem: `${quoted(value)} is no country`,
          suggestions: value.length > 2 ? nearNames(value, countryNames()) : [],
          expected: ['a code such as DE', 'an English name such as Germany'],
        },
};

function failing(parse: () => unknown): Problem {
  try {
    parse();
    return undefined;
  } catch (error) {
    const message = messageOf(error).replace(/\.$/, '');
    return { problem: message.charAt(0).toLowerCase() + message.slice(1) };
  }
}
