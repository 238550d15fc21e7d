import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { type LeaveReason, leaveReasonsOf } from './leave-reasons.ts';
import { type ListWithCounts, showList } from './lists.ts';

/** How a list grew in a week, Monday to Sunday by UTC; the last one may not be over. */
export interface GrowthWeek {
  /** Its Monday, as in 2026-11-23. */
  week: string;
  /** Confirmed subscriptions at its end. */
  size: number;
  joined: number;
  left: number;
  /** What left, of those who were there when it began; null if nobody was. */
  churn: number | null;
}

/** A week of a list. */
export interface ListWeek extends GrowthWeek {
  /** Editions of its newsletters that began to go out in it. */
  editions: number;
  /** Messages to its people that servers accepted, and of those how many were opened and clicked in by a person since. */
  delivered: number;
  opened: number;
  clicked: number;
}

/** How a list grew, and what its people do. */
export interface ListStats {
  list: ListWithCounts;
  weeks: ListWeek[];
  /** How those came who joined in these weeks: form, import, admin, api …; the most frequent first. */
  sources: { source: string; joined: number }[];
  /** Why people left who said so, of all that have left, and what they wrote, the latest first. */
  leaveReasons: Record<LeaveReason, number>;
  leaveComments: { at: Date | null; reason: string; comment: string }[];
}

const msPerWeek = 7 * 86_400_000;

/**
 * A list's last weeks. Growth is read from the consent log, which knows of everybody who came and left, also of those who
 * have been erased since.
 * @param weeks how many, the one at hand included
 * @throws UserError if there is no such list
 */
export async function listStats(
  context: Pick<Context, 'db' | 'clock'>,
  slugOrId: string | number,
  weeks = 12,
): Promise<ListStats> {
  const list = await showList(context, slugOrId);
  const from = firstWeek(context, weeks);
  const [{ growth, ...grown }, engagement, reasons] = await Promise.all([
    growthOf(context, list, from, weeks),
    engagementSince(context, list.id, from),
    leaveReasonsOf(context, list.id),
  ]);
  const rows = grown.weeks.map((each) => {
    const { editions = 0, delivered = 0, opened = 0, clicked = 0 } = engagement.get(each.week) ?? {};
    return { ...each, editions, delivered, opened, clicked };
  });
  const bySource = Map.groupBy(
    growth.filter(({ joined }) => joined > 0),
    ({ source }) => source,
  );
  const sources = [...bySource]
    .map(([source, some]) => ({ source, joined: some.reduce((sum, { joined }) => sum + joined, 0) }))
    .sort((a, b) => b.joined - a.joined || (a.source < b.source ? -1 : 1));
  return { list, weeks: rows, sources, leaveReasons: reasons.counts, leaveComments: reasons.comments };
}

/** A list's size, and who came and left, in its last weeks. */
export async function listGrowth(
  context: Pick<Context, 'db' | 'clock'>,
  list: { id: number; confirmed: number },
  weeks: number,
): Promise<GrowthWeek[]> {
  return (await growthOf(context, list, firstWeek(context, weeks), weeks)).weeks;
}

function firstWeek({ clock }: Pick<Context, 'clock'>, weeks: number): Date {
  return new Date(mondayOf(clock.now()).getTime() - (weeks - 1) * msPerWeek);
}

async function growthOf(
  context: Pick<Context, 'db'>,
  list: { id: number; confirmed: number },
  from: Date,
  weeks: number,
) {
  const growth = await growthSince(context, list.id, from);
  const rows: GrowthWeek[] = [];
  // Backwards from what is certain: how many there are now.
  let size = list.confirmed;
  for (let index = weeks - 1; index >= 0; index--) {
    const week = new Date(from.getTime() + index * msPerWeek).toISOString().slice(0, 10);
    const own = growth.filter((row) => row.week === week);
    const joined = own.reduce((sum, row) => sum + row.joined, 0);
    const left = own.reduce((sum, row) => sum + row.left, 0);
    const before = Math.max(0, size - joined + left);
    rows.unshift({ week, size, joined, left, churn: before > 0 ? Math.min(1, left / before) : null });
    size = before;
  }
  return { weeks: rows, growth };
}

function mondayOf(at: Date): Date {
  const day = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()));
  return new Date(day.getTime() - ((day.getUTCDay() + 6) % 7) * 86_400_000);
}

const weekOf = (column: string) =>
  sql<string>`to_char(date_trunc('week', ${sql.ref(column)} at time zone 'UTC'), 'YYYY-MM-DD')`;

/** Who came and left, by week and by how they came. Saying yes twice is coming once. */
async function growthSince({ db }: Pick<Context, 'db'>, listId: number, from: Date) {
  const { rows } = await sql<{ week: string; source: string; joined: number; left: number }>`
    with lines as (
      select id, email_hash, at, via,
        case when act in ('confirmed', 'imported', 'added', 'resubscribed') then true
          when act in ('unsubscribed', 'removed') or evidence ? 'movedTo' then false
          -- A list that went into this one knew of no consent yet.
          when act = 'changed' and via = 'merge' and evidence ->> 'state' <> 'confirmed' then false end as is_on
      from consent_log
      where list_id = ${listId} or (list_id is null and act in ('unsubscribed', 'removed')
        and email_hash in (select email_hash from consent_log where list_id = ${listId}))
    ),
    turns as (
      select *, lag(is_on) over (partition by email_hash order by at, id) as was_on
      from lines where is_on is not null
    )
    select ${weekOf('turns.at')} as week,
      -- A link confirms what was asked for elsewhere.
      case when turns.via = 'link' then coalesce((
        select asked.via from consent_log as asked
        where asked.email_hash = turns.email_hash and asked.list_id = ${listId} and asked.act = 'requested'
          and asked.id < turns.id order by asked.id desc limit 1), 'link') else turns.via end as source,
      count(*) filter (where is_on) as joined, count(*) filter (where not is_on) as left
    from turns
    where turns.at >= ${from}::timestamptz and (is_on and was_on is not true or not is_on and was_on)
    group by 1, 2`.execute(db);
  return rows;
}

interface Engaged {
  editions: number;
  delivered: number;
  opened: number;
  clicked: number;
}

async function engagementSince({ db }: Pick<Context, 'db'>, listId: number, from: Date) {
  const { rows } = await sql<Engaged & { week: string }>`
    with recent as materialized (
      select editions.id, editions.planned_at
      from editions join newsletter_lists on newsletter_lists.newsletter_id = editions.newsletter_id
      where newsletter_lists.list_id = ${listId} and editions.planned_at >= ${from}::timestamptz
    ),
    did as (
      select edition_id, subscriber_id, bool_or(kind = 'click') as clicked
      from engagement
      where source = 'person' and edition_id = any(array(select id from recent))
      group by edition_id, subscriber_id
    )
    select ${weekOf('recent.planned_at')} as week, count(distinct recent.id) as editions, count(*) as delivered,
      count(did.subscriber_id) as opened, count(*) filter (where did.clicked) as clicked
    from recent
    join deliveries on deliveries.edition_id = recent.id and deliveries.state = 'accepted'
      and deliveries.edition_id = any(array(select id from recent))
    join subscriptions on subscriptions.subscriber_id = deliveries.subscriber_id and subscriptions.list_id = ${listId}
    left join did on did.edition_id = deliveries.edition_id and did.subscriber_id = deliveries.subscriber_id
    group by 1`.execute(db);
  return new Map<string, Engaged>(rows.map(({ week, ...row }) => [week, row]));
}
