import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { fieldNamed } from './fields.ts';
import { type Filter, type Test, testsOf } from './filter.ts';
import { personTest } from './person-tests.ts';
import { printFilter } from './print.ts';
import { subscriptionTests } from './subscription-tests.ts';

/** What a filter is compiled for. */
export interface Target {
  /** What the table `subscribers` is called in the statement. */
  alias: string;
  /** Lengths of time count back from here. */
  now: Date;
  /** The id of a list; the text is the name that stands in the filter. @throws UserError if there is none */
  list(name: string): number;
  /** The filter of a saved segment. @throws UserError if there is none, or it refers to itself */
  segment(name: string): { filter: Filter; target: Target };
}

/** SQL that is true or not; never both unknown and wanted. */
export interface Sql {
  is: RawBuilder<SqlBool>;
  not: RawBuilder<SqlBool>;
}

/**
 * A filter made ready for the database: what must hold together, one of what must hold, or a single question. Negations
 * have gone down to the questions, so that Postgres sees `not exists` and can join.
 */
export type Compiled =
  | { kind: 'all' | 'any'; parts: Compiled[] }
  /** A question of its own, as text and as a condition; for a saved segment, with what that is made of. */
  | { kind: 'one'; text: string; is: RawBuilder<SqlBool>; inside?: Compiled };

/**
 * Compiles a filter. Everything that comes from the filter's text is a parameter.
 *
 * Tests of a subscription that stand side by side with "and" speak of one and the same subscription; unless its state is
 * among them, of one that has not ended. What is behind "not" is asked for itself.
 */
export function compileFilter(filter: Filter, target: Target, negated = false): Compiled {
  if (filter.kind === 'not') return compileFilter(filter.term, target, !negated);
  if (filter.kind === 'test')
    return isOfOneSubscription(filter)
      ? ofOneSubscription([filter], target, negated)
      : compileTest(filter, target, negated);
  if (filter.kind === 'or')
    return joined(
      'any',
      filter.terms.map((term) => compileFilter(term, target, negated)),
      negated,
    );
  const terms = flattened(filter);
  const together = terms.filter(isOfOneSubscription);
  const others = terms.filter((term) => !isOfOneSubscription(term));
  return joined(
    'all',
    [
      ...(together.length > 0 ? [ofOneSubscription(together, target, negated)] : []),
      ...others.map((term) => compileFilter(term, target, negated)),
    ],
    negated,
  );
}

function joined(kind: 'all' | 'any', parts: Compiled[], negated: boolean): Compiled {
  const [only] = parts;
  if (only && parts.length === 1) return only;
  return { kind: negated === (kind === 'all') ? 'any' : 'all', parts };
}

function flattened(filter: Filter): Filter[] {
  return filter.kind === 'and' ? filter.terms.flatMap(flattened) : [filter];
}

const isOfSubscription = ({ field }: Test) => fieldNamed(field.name)?.of === 'subscription';

/** Being on no list of a name says something of all subscriptions, as what stands behind "not" does. */
function saysNo({ field, condition }: Test): boolean {
  if (field.name !== 'list') return false;
  return (
    (condition.is === 'compare' && condition.operator === '!=') || (condition.is === 'in' && condition.not)
  );
}

function isOfOneSubscription(filter: Filter): boolean {
  if (filter.kind === 'test') return isOfSubscription(filter) && !saysNo(filter);
  return filter.kind !== 'not' && filter.terms.every(isOfOneSubscription);
}

function ofOneSubscription(terms: Filter[], target: Target, negated: boolean): Compiled {
  const [only] = terms;
  const filter: Filter = only && terms.length === 1 ? only : { kind: 'and', terms };
  const { is, not } = subscriptionTests(filter, target);
  return question(filter, negated ? not : is, negated);
}

function compileTest(test: Test, target: Target, negated: boolean): Compiled {
  if (isOfSubscription(test) && saysNo(test)) {
    const positive: Test = { ...test, condition: turned(test.condition) };
    const { is, not } = subscriptionTests(positive, target);
    return question(test, negated ? is : not, negated);
  }
  if (test.field.name === 'segment') return compileSegment(test, target, negated);
  const { is, not } = personTest(test, target);
  return question(test, negated ? not : is, negated);
}

function turned(condition: Test['condition']): Test['condition'] {
  if (condition.is === 'in') return { ...condition, not: !condition.not };
  if (condition.is === 'compare') return { ...condition, operator: condition.operator === '=' ? '!=' : '=' };
  return condition;
}

function compileSegment(test: Test, target: Target, negated: boolean): Compiled {
  const { condition } = test;
  const names =
    condition.is === 'in'
      ? condition.values.map(({ text }) => text)
      : condition.is === 'compare'
        ? [condition.value.text]
        : [];
  const isNo =
    (condition.is === 'in' && condition.not) || (condition.is === 'compare' && condition.operator === '!=');
  const isNegated = negated !== isNo;
  const inside = joined(
    'any',
    names.map((name) => {
      const { filter, target: within } = target.segment(name);
      return compileFilter(filter, within, isNegated);
    }),
    isNegated,
  );
  return { ...question(test, toSql(inside), negated), inside };
}

const question = (filter: Filter, is: RawBuilder<SqlBool>, negated: boolean) => ({
  kind: 'one' as const,
  text: printFilter(negated ? { kind: 'not', term: filter } : filter),
  is,
});

/** The condition of a compiled filter. */
export function toSql(compiled: Compiled): RawBuilder<SqlBool> {
  if (compiled.kind === 'one') return compiled.is;
  const parts = compiled.parts.map((part) => toSql(part));
  return sql<SqlBool>`(${sql.join(parts, compiled.kind === 'all' ? sql` and ` : sql` or `)})`;
}

/** Names of lists or segments that a filter mentions, each once. */
export function namesIn(filter: Filter, field: 'list' | 'segment'): string[] {
  const values = testsOf(filter)
    .filter((test) => test.field.name === field)
    .flatMap(({ condition }) =>
      condition.is === 'in' ? condition.values : condition.is === 'compare' ? [condition.value] : [],
    );
  return [...new Set(values.map(({ text }) => text.toLowerCase()))];
}
