import type { Condition, FieldRef, Filter, Value, When } from './filter.ts';
import { isPlainWord } from './tokens.ts';

/** A filter as text, such that parsing it gives the same filter. */
export function printFilter(filter: Filter): string {
  if (filter.kind === 'test') return [printField(filter.field), printCondition(filter.condition)].join('');
  if (filter.kind === 'not') return `not ${inner(filter.term)}`;
  return filter.terms
    .map((term) => (filter.kind === 'or' && term.kind === 'and' ? printFilter(term) : inner(term)))
    .join(` ${filter.kind} `);
}

/** In parentheses where it would else be read as something different. */
const inner = (filter: Filter): string =>
  filter.kind === 'and' || filter.kind === 'or' ? `(${printFilter(filter)})` : printFilter(filter);

function printField({ name, custom }: FieldRef): string {
  if (custom === undefined) return name;
  return `field.${isPlainWord(`field.${custom}`) ? custom : inQuotes(custom)}`;
}

function printCondition(condition: Condition): string {
  switch (condition.is) {
    case 'true':
      return '';
    case 'compare':
      return ` ${condition.operator} ${printValue(condition.value)}${condition.when ? printWhen(condition.when) : ''}`;
    case 'in':
      return ` ${condition.not ? 'not ' : ''}in (${condition.values.map(printValue).join(', ')})`;
    case 'text':
      return ` ${condition.how} ${printValue(condition.value)}`;
    case 'empty':
      return ` is ${condition.not ? 'not ' : ''}empty`;
    case 'when':
      return printWhen(condition.when);
  }
}

const printWhen = ({ how, time }: When) => ` ${how} ${printValue(time)}`;

/** A value, in quotation marks if it needs them. */
export const printValue = ({ text }: Pick<Value, 'text'>): string =>
  isPlainWord(text) ? text : inQuotes(text);

const inQuotes = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`;
