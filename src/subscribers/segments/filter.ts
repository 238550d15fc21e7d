/**
 * A filter over subscribers, as it is parsed: what docs/segments.md describes. Spans are UTF-16 offsets into the text that
 * was parsed, end excluded, so that whatever is wrong with a part can be shown where it stands.
 */
export type Filter = Combined | Negated | Test;

export interface Combined {
  kind: 'and' | 'or';
  /** Two at least. */
  terms: Filter[];
}

export interface Negated {
  kind: 'not';
  term: Filter;
}

/** One test of one field. */
export interface Test {
  kind: 'test';
  field: FieldRef;
  condition: Condition;
}

/** A field of the language, or with `custom` one of the subscriber's own fields. */
export interface FieldRef {
  name: string;
  /** The name of a custom field, as written. */
  custom?: string;
  at: Span;
}

export type Condition =
  /** The field alone: `suppressed`, `clicked`. */
  | { is: 'true' }
  /** `when` only with what is counted: `clicked >= 3 within 90d`. */
  | { is: 'compare'; operator: Operator; value: Value; when?: When }
  | { is: 'in'; not: boolean; values: Value[] }
  | { is: 'text'; how: 'contains' | 'starts with' | 'ends with'; value: Value }
  | { is: 'empty'; not: boolean }
  | { is: 'when'; when: When };

export type Operator = '=' | '!=' | '>' | '>=' | '<' | '<=';

export interface When {
  how: 'within' | 'before' | 'after' | 'since';
  /** A length of time (30d) or a date. */
  time: Value;
}

export interface Value {
  text: string;
  at: Span;
}

export interface Span {
  start: number;
  end: number;
}

/** Every test of a filter, from left to right. */
export function testsOf(filter: Filter): Test[] {
  if (filter.kind === 'test') return [filter];
  if (filter.kind === 'not') return testsOf(filter.term);
  return filter.terms.flatMap(testsOf);
}

/** The values that a condition compares with. */
export function valuesOf(condition: Condition): Value[] {
  if (condition.is === 'in') return condition.values;
  return condition.is === 'compare' || condition.is === 'text' ? [condition.value] : [];
}
