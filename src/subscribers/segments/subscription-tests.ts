import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Sql, Target } from './compile.ts';
import type { Filter, Test } from './filter.ts';
import { rangeOf } from './moments.ts';
import { equality, existing, namesTest, textTest, timeTest } from './sql-parts.ts';

/**
 * Whether somebody has a subscription of which all of this is true.
 * @param filter tests of subscriptions, joined by "and" and "or" only
 */
export function subscriptionTests(filter: Filter, target: Target): Sql {
  return existing(sql`
    select from subscriptions as own_subscription
    where own_subscription.subscriber_id = ${sql.ref(`${target.alias}.id`)} and ${conditionOf(filter, target, false)}`);
}

/**
 * Who has left a list is not on it: where nothing is asked of the state, the subscription must not have ended.
 * @param aware the state is asked for beside it
 */
function conditionOf(filter: Filter, target: Target, aware: boolean): RawBuilder<SqlBool> {
  if (filter.kind === 'test') {
    const { is } = testOf(filter, target);
    return aware || asksForState(filter) ? is : sql<SqlBool>`(${is} and ${hasNotEnded})`;
  }
  if (filter.kind === 'not') throw new Error('a negated test speaks of all subscriptions');
  if (filter.kind === 'or')
    return sql<SqlBool>`(${sql.join(
      filter.terms.map((term) => conditionOf(term, target, aware)),
      sql` or `,
    )})`;
  const isAware = aware || filter.terms.some(asksForState);
  const parts = filter.terms.map((term) => conditionOf(term, target, true));
  return sql<SqlBool>`(${sql.join(isAware ? parts : [hasNotEnded, ...parts], sql` and `)})`;
}

const hasNotEnded = sql<SqlBool>`own_subscription.state <> 'unsubscribed'`;

function asksForState(filter: Filter): boolean {
  if (filter.kind === 'test') return filter.field.name === 'state' || filter.field.name === 'unsubscribed';
  if (filter.kind === 'not') return false;
  return filter.kind === 'or' ? filter.terms.every(asksForState) : filter.terms.some(asksForState);
}

function testOf({ field, condition }: Test, target: Target): Sql {
  const column = (name: string) => sql.ref(`own_subscription.${name}`);
  const range = condition.is === 'when' ? rangeOf(condition.when, target.now) : undefined;
  switch (field.name) {
    case 'list': {
      const ids = (equality(condition)?.values ?? []).map((name) => target.list(name));
      return { is: sql<SqlBool>`${column('list_id')} = any(${ids}::bigint[])`, not: sql<SqlBool>`false` };
    }
    case 'state':
    case 'frequency':
      return textTest(column(field.name), condition, { folded: true });
    case 'topic':
      return namesTest(column('topics'), condition);
    case 'muted topic':
      return namesTest(column('muted_topics'), condition);
    case 'subscribed':
      return timeTest(column('created_at'), condition, range);
    case 'confirmed':
      return timeTest(column('confirmed_at'), condition, range);
    case 'unsubscribed':
      return timeTest(column('unsubscribed_at'), condition, range);
    case 'source':
      return sourceTest(condition, target);
    default:
      throw new Error(`no field of a subscription: ${field.name}`);
  }
}

/** How a subscription came about: the ways by which it was ever begun. The link in a mail confirms one, and begins none. */
function sourceTest(condition: Test['condition'], target: Target): Sql {
  const begun = sql`
    select from consent_log
    where consent_log.email_hash = ${sql.ref(`${target.alias}.email_hash`)}
      and consent_log.list_id = own_subscription.list_id
      and consent_log.act in ('requested', 'imported', 'added', 'confirmed') and consent_log.via <> 'link'`;
  if (condition.is === 'empty') {
    const { is, not } = existing(begun);
    return condition.not ? { is, not } : { is: not, not: is };
  }
  const equal = equality(condition);
  const positive: Test['condition'] = equal
    ? { is: 'in', not: false, values: equal.values.map((text) => ({ text, at: { start: 0, end: 0 } })) }
    : condition;
  const found = existing(
    sql`${begun} and ${textTest(sql.ref('consent_log.via'), positive, { folded: true }).is}`,
  );
  return equal?.negated ? { is: found.not, not: found.is } : found;
}
