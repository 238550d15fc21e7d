import { CronExpressionParser } from 'cron-parser';
import { type RawBuilder, sql } from 'kysely';
import type { Context } from '../context.ts';
import { partsOf } from '../db/partitions.ts';

/**
 * The first instant from a moment on at which a clock on the wall of a time zone shows a time of day. What a clock change
 * leaves out is as much later as the clock jumps; what it shows twice is the first.
 * @param time as in `07:00`
 * @param timeZone an IANA name; one that this machine does not know counts as UTC
 */
export function nextLocal(time: string, timeZone: string, from: Date): Date {
  const [hour = '0', minute = '0'] = time.split(':');
  const next = (tz: string) =>
    CronExpressionParser.parse(`${Number(minute)} ${Number(hour)} * * *`, {
      tz,
      // The moment itself counts.
      currentDate: new Date(from.getTime() - 1),
    })
      .next()
      .toDate();
  try {
    return next(timeZone);
  } catch {
    return next('UTC');
  }
}

/**
 * When each reader of an edition is due by their own clock, as a table of time zones and instants for planning. Readers
 * without a zone live in the newsletter's.
 * @param zones of the readers
 */
export function dueByZone(
  zones: (string | null)[],
  { time, timeZone, from }: { time: string; timeZone: string; from: Date },
): RawBuilder<{ zone: string; due: Date }> {
  const all = [...new Set([...zones.map((zone) => zone ?? ''), ''])];
  const due = all.map((zone) => nextLocal(time, zone || timeZone, from));
  return sql`unnest(${all}::text[], ${due}::timestamptz[]) as by_zone (zone, due)`;
}

/**
 * Someone has moved to another time zone: what is planned for them and not sent yet comes at the time there. For an
 * instant that is past it is due at once.
 */
export async function moveDeliveries(context: Pick<Context, 'db'>, subscriberId: number): Promise<void> {
  const editions = await context.db
    .selectFrom('editions')
    .innerJoin('newsletters', 'newsletters.id', 'editions.newsletter_id')
    .select('editions.id')
    .where('editions.state', 'in', ['sending', 'paused'])
    .where('planned_at', 'is not', null)
    .where('deliver_at', 'is not', null)
    .execute();
  if (editions.length === 0) return;
  const waiting = await context.db
    .selectFrom('deliveries')
    .innerJoin('editions', 'editions.id', 'deliveries.edition_id')
    .innerJoin('newsletters', 'newsletters.id', 'editions.newsletter_id')
    .innerJoin('subscribers', 'subscribers.id', 'deliveries.subscriber_id')
    .select([
      'deliveries.edition_id',
      'newsletters.deliver_at',
      'newsletters.time_zone',
      'subscribers.time_zone as own_zone',
      'editions.planned_at',
      'editions.scheduled_for',
    ])
    .where(sql<boolean>`deliveries.edition_id = any(${partsOf(editions)}::bigint[])`)
    .where('deliveries.subscriber_id', '=', subscriberId)
    .where('deliveries.state', '=', 'planned')
    .where('editions.state', 'in', ['sending', 'paused'])
    .where('newsletters.deliver_at', 'is not', null)
    .execute();
  for (const { edition_id, deliver_at, time_zone, own_zone, planned_at, scheduled_for } of waiting) {
    if (!deliver_at || !planned_at) continue;
    const from = scheduled_for < planned_at ? scheduled_for : planned_at;
    const due = nextLocal(deliver_at, own_zone ?? time_zone, from);
    await sql`
      with moved as (
        update deliveries set next_attempt_at = ${due}
        where edition_id = ${edition_id} and subscriber_id = ${subscriberId} and state = 'planned'
        returning subscriber_id
      )
      update delivery_batches set due_at = least(due_at, ${due}::timestamptz)
      from moved
      where edition_id = ${edition_id} and moved.subscriber_id between first_id and last_id and due_at is not null`.execute(
      context.db,
    );
  }
}
