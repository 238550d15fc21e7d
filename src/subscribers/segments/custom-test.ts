import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { isNumber } from './check.ts';
import type { Sql, Target } from './compile.ts';
import type { Condition, Operator } from './filter.ts';
import { dateOf, rangeOf } from './moments.ts';
import { both, equality, opposite, plain, textTest } from './sql-parts.ts';

/**
 * A test of one of the subscriber's own fields, a jsonb value that may be a text, a number, a date as text, or true or
 * false, and may be of another type with each subscriber. What cannot be compared does not fit, and is no error.
 */
export function customTest(
  fields: RawBuilder<unknown>,
  name: string,
  condition: Condition,
  { now }: Target,
): Sql {
  const value = sql`(${fields} ->> ${name}::text)`;
  if (condition.is === 'when') {
    const range = rangeOf(condition.when, now) ?? {};
    return plain(
      both(
        isDate(value),
        range.from && sql<SqlBool>`${instant(value)} >= ${written(range.from)}`,
        range.until && sql<SqlBool>`${instant(value)} < ${written(range.until)}`,
        // A field may hold a day to come, which is not within the last days.
        condition.when.how === 'within' ? sql<SqlBool>`${instant(value)} <= ${written(now)}` : undefined,
      ),
    );
  }
  const equal = equality(condition);
  if (equal) {
    const test = plain(
      sql<SqlBool>`${sql.join(
        equal.values.map((wanted) => equals(value, wanted)),
        sql` or `,
      )}`,
    );
    return equal.negated ? opposite(test) : test;
  }
  if (condition.is === 'compare') return plain(ordered(value, condition.operator, condition.value.text));
  return textTest(value, condition);
}

// As isNumber has it: what begins with a zero is a text of digits, such as a postcode.
const looksLikeNumber = (value: RawBuilder<unknown>) =>
  sql<SqlBool>`${value} ~ '^-?(0|[1-9][0-9]{0,29})([.][0-9]{1,30})?$'`;

const isDate = (value: RawBuilder<unknown>) => sql<SqlBool>`${value} ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}($|[T ])'`;

// Dates are compared as they are written, letter by letter: no text can make that fail. A day is its midnight.
const instant = (value: RawBuilder<unknown>) =>
  sql`(replace(left(${value}, 19), ' ', 'T') || right('0000-00-00T00:00:00', 19 - least(length(${value}), 19))) collate "C"`;
const written = (at: Date) => sql`${at.toISOString().slice(0, 19)}::text`;

function equals(value: RawBuilder<unknown>, wanted: string): RawBuilder<SqlBool> {
  if (!isNumber(wanted)) return sql<SqlBool>`lower(${value}) = lower(${wanted}::text)`;
  return sql<SqlBool>`case when ${looksLikeNumber(value)} then (${value})::numeric = ${wanted}::numeric else false end`;
}

const signs = {
  '<': sql`<`,
  '<=': sql`<=`,
  '>': sql`>`,
  '>=': sql`>=`,
  '=': sql`=`,
  '!=': sql`<>`,
} satisfies Record<Operator, RawBuilder<unknown>>;

function ordered(value: RawBuilder<unknown>, operator: Operator, wanted: string): RawBuilder<SqlBool> {
  const date = dateOf(wanted);
  if (date) {
    // More than a day is after its end; at most a day, before it.
    const edge = operator === '>' || operator === '<=' ? date.end : date.start;
    const sign = operator === '>' || operator === '>=' ? signs['>='] : signs['<'];
    return sql<SqlBool>`case when ${isDate(value)} then ${instant(value)} ${sign} ${written(edge)} else false end`;
  }
  return sql<SqlBool>`case when ${looksLikeNumber(value)} then (${value})::numeric ${signs[operator]} ${wanted}::numeric else false end`;
}
