import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Sql, Target } from './compile.ts';
import type { Condition, Operator } from './filter.ts';
import { type Range, rangeOf } from './moments.ts';
import { both, existing, inRange, opposite } from './sql-parts.ts';

type Event = 'opened' | 'clicked' | 'received';

/**
 * In how many editions somebody did something, within a span of time; once at least, if no number is given. Only what
 * persons did counts, not what programs opened or clicked.
 */
export function eventTest(event: Event, condition: Condition, target: Target): Sql {
  const when = condition.is === 'when' || condition.is === 'compare' ? condition.when : undefined;
  const range = (when && rangeOf(when, target.now)) ?? {};
  if (condition.is !== 'compare') return atLeast(1);
  const number = Number(condition.value.text);
  return counted(condition.operator, number);

  function counted(operator: Operator, wanted: number): Sql {
    switch (operator) {
      case '>=':
        return atLeast(wanted);
      case '>':
        return atLeast(wanted + 1);
      case '<':
        return opposite(atLeast(wanted));
      case '<=':
        return opposite(atLeast(wanted + 1));
      case '=':
        return wanted === 0 ? opposite(atLeast(1)) : happened(event, range, target, { exactly: wanted });
      case '!=':
        return opposite(counted('=', wanted));
    }
  }

  function atLeast(wanted: number): Sql {
    if (wanted <= 0) return { is: sql<SqlBool>`true`, not: sql<SqlBool>`false` };
    return happened(event, range, target, { least: wanted });
  }
}

function happened(
  event: Event,
  range: Range,
  { alias }: Target,
  count: { least?: number; exactly?: number },
): Sql {
  const person = sql.ref(`${alias}.id`);
  const source = event === 'received' ? receipts(range) : engagement(event, range);
  if (count.least === 1) return existing(sql`${source} and happened.subscriber_id = ${person}`);
  // Grouped first and then matched: so it can be a join as well.
  // A reader has one delivery of an edition, and a row for each link that they followed.
  const editions = event === 'received' ? sql`count(*)` : sql`count(distinct happened.edition_id)`;
  return existing(sql`
    select from (
      ${source} group by happened.subscriber_id
      having ${count.exactly === undefined ? sql`${editions} >= ${count.least}` : sql`${editions} = ${count.exactly}`}
    ) as counted
    where counted.subscriber_id = ${person}`);
}

/** Who clicks has opened the mail, whether their program showed its images or not. */
function engagement(event: 'opened' | 'clicked', { from, until }: Range): RawBuilder<unknown> {
  // A row knows when somebody did it first and last: within a span if they had begun before its end, and did it after its start.
  const when = both(
    from && sql<SqlBool>`happened.last_at >= ${from}::timestamptz`,
    until && sql<SqlBool>`happened.first_at < ${until}::timestamptz`,
  );
  return sql`
    select happened.subscriber_id from engagement as happened
    where happened.source = 'person' and ${event === 'clicked' ? sql`happened.kind = 'click' and ` : sql``}${when}`;
}

/** Deliveries of editions that were still going out then: the others' partitions are not looked at. */
function receipts({ from, until }: Range): RawBuilder<unknown> {
  const editions = sql`
    select editions.id from editions
    where editions.planned_at is not null ${from ? sql`and (editions.sent_at is null or editions.sent_at >= ${from}::timestamptz)` : sql``}
      ${until ? sql`and editions.planned_at < ${until}::timestamptz` : sql``}`;
  return sql`
    select happened.subscriber_id from deliveries as happened
    where happened.edition_id = any(array(${editions})) and happened.state = 'accepted'
      and ${inRange(sql.ref('happened.settled_at'), { from, until })}`;
}
