import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Sql } from './compile.ts';
import type { Condition } from './filter.ts';
import type { Range } from './moments.ts';

/** A condition over columns, and its opposite; where a column is null it is not true, and its opposite is. */
export function plain(is: RawBuilder<SqlBool>): Sql {
  return { is: sql<SqlBool>`(${is})`, not: sql<SqlBool>`(${is}) is not true` };
}

/** Whether a query finds anything, and its opposite. As `exists`, which Postgres makes a join of where it can. */
export function existing(query: RawBuilder<unknown>): Sql {
  return { is: sql<SqlBool>`exists (${query})`, not: sql<SqlBool>`not exists (${query})` };
}

/** The other way round. */
export const opposite = ({ is, not }: Sql): Sql => ({ is: not, not: is });

/** A pattern for LIKE from a text that is looked for as it stands. */
export function likePattern(how: 'contains' | 'starts with' | 'ends with', text: string): string {
  const literal = text.replace(/[\\%_]/g, '\\$&');
  return `${how === 'starts with' ? '' : '%'}${literal}${how === 'ends with' ? '' : '%'}`;
}

/** That a time lies in a span. */
export function inRange(at: RawBuilder<unknown>, { from, until }: Range): RawBuilder<SqlBool> {
  return both(
    from && sql<SqlBool>`${at} >= ${from}::timestamptz`,
    until && sql<SqlBool>`${at} < ${until}::timestamptz`,
  );
}

/** That all of the conditions hold that there are. */
export function both(...conditions: (RawBuilder<SqlBool> | undefined)[]): RawBuilder<SqlBool> {
  const given = conditions.filter((condition) => condition !== undefined);
  return given.length === 0 ? sql<SqlBool>`true` : sql<SqlBool>`${sql.join(given, sql` and `)}`;
}

/** What a condition asks for by equality: the values, and whether it is that they are not it. */
export function equality(condition: Condition): { values: string[]; negated: boolean } | undefined {
  if (condition.is === 'in')
    return { values: condition.values.map(({ text }) => text), negated: condition.not };
  if (condition.is === 'compare' && (condition.operator === '=' || condition.operator === '!='))
    return { values: [condition.value.text], negated: condition.operator === '!=' };
  return undefined;
}

/**
 * The questions that can be asked of a text: equality, parts and emptiness, in any case of letters.
 * @param options.spell how values are written in the database
 * @param options.folded the column holds lower case only
 */
export function textTest(
  column: RawBuilder<unknown>,
  condition: Condition,
  options: { spell?: (value: string) => string; folded?: boolean } = {},
): Sql {
  const { spell = (value) => value, folded = false } = options;
  const equal = equality(condition);
  if (equal) {
    const values = equal.values.map(spell);
    const test = folded
      ? plain(sql<SqlBool>`${column} = any(${values.map((value) => value.toLowerCase())}::text[])`)
      : plain(
          sql<SqlBool>`lower(${column}) = any(array(select lower(value) from unnest(${values}::text[]) as value))`,
        );
    return equal.negated ? opposite(test) : test;
  }
  if (condition.is === 'text') {
    const pattern = likePattern(condition.how, condition.value.text);
    return plain(sql<SqlBool>`${column} ilike ${pattern}`);
  }
  const empty = plain(sql<SqlBool>`coalesce(${column}, '') = ''`);
  return condition.is === 'empty' && condition.not ? opposite(empty) : empty;
}

/** The questions that can be asked of an array of names, which are in lower case. */
export function namesTest(column: RawBuilder<unknown>, condition: Condition): Sql {
  const equal = equality(condition);
  if (equal) {
    const test = plain(
      sql<SqlBool>`${column} && ${equal.values.map((value) => value.trim().toLowerCase())}::text[]`,
    );
    return equal.negated ? opposite(test) : test;
  }
  if (condition.is === 'text') {
    const pattern = likePattern(condition.how, condition.value.text);
    return existing(sql`select from unnest(${column}) as name where name ilike ${pattern}`);
  }
  const empty = plain(sql<SqlBool>`cardinality(${column}) = 0`);
  return condition.is === 'empty' && condition.not ? opposite(empty) : empty;
}

/** The questions that can be asked of a time: when, and whether there is one. */
export function timeTest(column: RawBuilder<unknown>, condition: Condition, range: Range | undefined): Sql {
  if (condition.is === 'when' && range) return plain(inRange(column, range));
  const empty = plain(sql<SqlBool>`${column} is null`);
  return condition.is === 'empty' && condition.not ? opposite(empty) : empty;
}
