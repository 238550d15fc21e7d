import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { type GrowthWeek, listGrowth } from './lists-stats.ts';

/** How a list grew in a week. */
export interface ReportedWeek extends Omit<GrowthWeek, 'churn'> {
  /** People of the list whose address was found dead. */
  bounced: number;
}

/** How a list grew, as it was counted last. */
export interface ListReport {
  listId: number;
  name: string;
  countedAt: Date;
  weeks: ReportedWeek[];
}

const countedWeeks = 52;
const staleMs = 3_600_000;

/** Counts how a list grew in the last year, and keeps it. Takes as long as there are people: not for a page that waits. */
export async function countListReport(context: Pick<Context, 'db' | 'clock'>, listId: number): Promise<void> {
  const { db, clock } = context;
  const { confirmed } = await db
    .selectFrom('subscriptions')
    .select((e) => e.fn.countAll<number>().as('confirmed'))
    .where('list_id', '=', listId)
    .where('state', '=', 'confirmed')
    .executeTakeFirstOrThrow();
  const weeks = await listGrowth(context, { id: listId, confirmed }, countedWeeks);
  const { rows } = await sql<{ week: string; bounced: number }>`
    select to_char(date_trunc('week', suppressions.created_at at time zone 'UTC'), 'YYYY-MM-DD') as week,
           count(*)::integer as bounced
    from suppressions
    join subscribers on subscribers.email_hash = suppressions.email_hash
    join subscriptions on subscriptions.subscriber_id = subscribers.id and subscriptions.list_id = ${listId}
    where suppressions.reason = 'bounce' and (suppressions.list_id is null or suppressions.list_id = ${listId})
      and suppressions.created_at >= ${weeks[0]?.week ?? '1970-01-01'}::date
    group by 1`.execute(db);
  const bounced = new Map(rows.map((row) => [row.week, row.bounced]));
  const report = weeks.map(({ churn: _, ...week }) => ({ ...week, bounced: bounced.get(week.week) ?? 0 }));
  const values = { counted_at: clock.now(), report: JSON.stringify(report) };
  await db
    .insertInto('list_reports')
    .values({ list_id: listId, ...values })
    .onConflict((conflict) => conflict.column('list_id').doUpdateSet(values))
    .execute();
}

/** The lists of some newsletters, each with its growth, if it has been counted. */
export async function listReports(
  { db }: Pick<Context, 'db'>,
  newsletterId: number,
): Promise<(Pick<ListReport, 'listId' | 'name'> & Partial<ListReport>)[]> {
  const rows = await db
    .selectFrom('newsletter_lists')
    .innerJoin('lists', 'lists.id', 'newsletter_lists.list_id')
    .leftJoin('list_reports', 'list_reports.list_id', 'lists.id')
    .select(['lists.id', 'lists.name', 'list_reports.counted_at', 'list_reports.report'])
    .where('newsletter_lists.newsletter_id', '=', newsletterId)
    .orderBy('lists.name')
    .execute();
  return rows.map(({ id, name, counted_at, report }) => ({
    listId: id,
    name,
    ...(counted_at && { countedAt: counted_at, weeks: report as unknown as ReportedWeek[] }),
  }));
}

/** Which lists of a newsletter are to be counted again: each hour at most. */
export async function listReportsDue(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  newsletterId: number,
): Promise<number[]> {
  const rows = await db
    .selectFrom('newsletter_lists')
    .leftJoin('list_reports', 'list_reports.list_id', 'newsletter_lists.list_id')
    .select('newsletter_lists.list_id')
    .where('newsletter_id', '=', newsletterId)
    .where((e) =>
      e.or([e('counted_at', 'is', null), e('counted_at', '<', new Date(clock.now().getTime() - staleMs))]),
    )
    .execute();
  return rows.map(({ list_id }) => list_id);
}
