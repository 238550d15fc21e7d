import { sql, type Transaction } from 'kysely';
import type { Context } from '../context.ts';
import type { DB } from '../db/schema.ts';
import { parseTracking, type Tracking } from '../editions/tracking.ts';
import { messageOf } from '../errors.ts';
import { markBursts } from './engagement-burst.ts';
import { burst, type Source, tooSoonMs } from './engagement-source.ts';

/** What a subscriber did with an edition. */
export interface EngagementEvent {
  editionId: number;
  /** Undefined: the link does not tell, as all readers have the same. */
  subscriberId?: number | undefined;
  kind: 'open' | 'click';
  /** Position of the story among the edition's candidates; undefined: another link, or an opening. */
  position?: number | undefined;
  /** Which of the story's related links, from 0; undefined: the story itself. */
  related?: number | undefined;
  at: Date;
  /** What the request itself told; a person's if undefined. */
  source?: Source | undefined;
}

/**
 * Records openings and clicks. Where the newsletter counts individually: one row for an edition, subscriber, link and
 * source, with how often and when first and last; what came too soon, or in a burst, is marked as a scanner's. Where it
 * counts in aggregate: how often each link of the edition was followed, and nobody's name. Where it does not count:
 * nothing. The setting of this moment holds, whatever it was when the mail was sent.
 *
 * Left out are events of editions that were never planned, or whose partition is gone, and those of people who do not
 * want to be counted, or have been erased.
 * @returns how many rows were written
 */
export async function recordEngagement(
  context: Pick<Context, 'db' | 'log'>,
  events: EngagementEvent[],
): Promise<number> {
  if (events.length === 0) return 0;
  const byEdition = Map.groupBy(events, ({ editionId }) => editionId);
  const ways = await waysOfCounting(context, [...byEdition.keys()]);
  const named: [editionId: number, events: EngagementEvent[]][] = [];
  let written = 0;
  await context.db.transaction().execute(async (transaction) => {
    // An edition at a time, so that each statement looks at one partition; one order for all, so that nothing waits in
    // a circle.
    for (const [editionId, way] of ways) {
      const own = byEdition.get(editionId) ?? [];
      const unnamed = way === 'aggregate' ? own : own.filter((event) => event.subscriberId === undefined);
      written += await addCounts(transaction, editionId, unnamed);
      if (way === 'aggregate') continue;
      const readers = own.filter((event) => event.subscriberId !== undefined);
      written += await addReaders(transaction, editionId, readers);
      named.push([editionId, readers]);
    }
  });
  // After the commit, so that of two processes that each record one click of a burst, the later one sees both.
  for (const [editionId, readers] of named)
    try {
      await markBursts(context, editionId, readers);
    } catch (error) {
      // What is recorded must not be recorded again. The reader's next click within the time is another chance.
      context.log.warn({ error: messageOf(error), edition: editionId }, 'clicks could not be looked through');
    }
  return written;
}

/** How the editions that take events count, by id in order. */
async function waysOfCounting(
  { db }: Pick<Context, 'db'>,
  editionIds: number[],
): Promise<[editionId: number, way: Exclude<Tracking['privacy'], 'off'>][]> {
  const { rows } = await sql<{ id: number; tracking: unknown }>`
    select editions.id, newsletters.tracking
    from editions join newsletters on newsletters.id = editions.newsletter_id
    where editions.id = any(${editionIds}::bigint[])
      -- One that is being taken away takes nothing in any more.
      and exists (
        select from pg_inherits
        where inhrelid = to_regclass('engagement_e' || editions.id) and not inhdetachpending)
    order by editions.id`.execute(db);
  return rows.flatMap(({ id, tracking }) => {
    const { privacy } = parseTracking(tracking);
    return privacy === 'off' ? [] : [[id, privacy]];
  });
}

async function addReaders(
  db: Transaction<DB>,
  editionId: number,
  events: EngagementEvent[],
): Promise<number> {
  if (events.length === 0) return 0;
  const together = sql`${burst.threeWithinMs}::float8 * interval '1 ms'`;
  const { numAffectedRows } = await sql`
    insert into engagement as known
      (edition_id, subscriber_id, kind, position, related, source, times, recent, first_at, last_at)
    select ${editionId}::bigint, event.subscriber_id, kind, event.position, related,
           case when event.source = 'person' and (
             -- Begun is committed before the first byte is sent, so nobody has the message before.
             delivery.state = 'begun' or (delivery.state = 'accepted' and at < delivery.settled_at +
               case kind when 'click' then ${tooSoonMs.click}::float8 else ${tooSoonMs.open}::float8 end * interval '1 ms')
           ) then 'scanner' else event.source end as judged,
           count(*), count(*), min(at), max(at)
    from json_to_recordset(${rowsOf(events)}::json) as event
      (subscriber_id bigint, kind text, position smallint, related smallint, source text, at timestamptz)
    join subscribers on subscribers.id = event.subscriber_id and not untracked
    left join deliveries as delivery
      on delivery.edition_id = ${editionId} and delivery.subscriber_id = event.subscriber_id
    group by event.subscriber_id, kind, event.position, related, judged
    order by event.subscriber_id, kind, event.position, related, judged
    on conflict (edition_id, subscriber_id, kind, position, related, source) do update set
      times = known.times + excluded.times,
      recent = excluded.recent + case when excluded.first_at <= known.last_at + ${together} then known.recent else 0 end,
      before_at = case when excluded.first_at <= known.last_at + ${together} then known.before_at else known.last_at end,
      first_at = least(known.first_at, excluded.first_at),
      last_at = greatest(known.last_at, excluded.last_at)`.execute(db);
  return Number(numAffectedRows ?? 0);
}

async function addCounts(db: Transaction<DB>, editionId: number, events: EngagementEvent[]): Promise<number> {
  if (events.length === 0) return 0;
  const { numAffectedRows } = await sql`
    insert into engagement_counts as known (edition_id, kind, position, related, source, times)
    select ${editionId}::bigint, kind, position, related, source, count(*)
    from json_to_recordset(${rowsOf(events)}::json) as event
      (subscriber_id bigint, kind text, position smallint, related smallint, source text)
    -- A mail from before the newsletter counted in aggregate names its reader.
    where subscriber_id is null or exists (select from subscribers where id = subscriber_id and not untracked)
    group by kind, position, related, source
    order by kind, position, related, source
    on conflict (edition_id, kind, position, related, source) do update set
      times = known.times + excluded.times`.execute(db);
  return Number(numAffectedRows ?? 0);
}

function rowsOf(events: EngagementEvent[]): string {
  return JSON.stringify(
    events.map(({ subscriberId, kind, position = -1, related = -1, source = 'person', at }) => ({
      subscriber_id: subscriberId ?? null,
      kind,
      position,
      related,
      source,
      at,
    })),
  );
}
