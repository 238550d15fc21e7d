import { sql } from 'kysely';
import type { Context } from '../context.ts';
import type { EngagementEvent } from './engagement.ts';
import { burst } from './engagement-source.ts';

/**
 * Marks clicks of an edition that came in a burst, among those of the readers who have just clicked: what was counted as
 * a person's is moved to the scanners' row of the same link. It looks at committed rows alone and may be repeated: what
 * is moved is gone from where it was.
 * @param events what has just been recorded
 */
export async function markBursts(
  context: Pick<Context, 'db'>,
  editionId: number,
  events: EngagementEvent[],
): Promise<void> {
  const clicks = events.filter(({ kind }) => kind === 'click');
  if (clicks.length === 0) return;
  const scanned = await findBursts(context, editionId, clicks);
  if (scanned.length > 0) await moveToScanners(context, editionId, scanned);
}

/** A link that a reader seemed to have clicked. */
interface Scanned {
  subscriber_id: number;
  position: number;
  related: number;
  /** As Postgres writes it: a Date would lose the microseconds. */
  last_at: string;
}

async function findBursts(
  { db }: Pick<Context, 'db'>,
  editionId: number,
  clicks: EngagementEvent[],
): Promise<Scanned[]> {
  const readers = [...new Set(clicks.map(({ subscriberId }) => subscriberId))];
  const first = clicks.reduce((least, { at }) => Math.min(least, at.getTime()), Number.POSITIVE_INFINITY);
  const since = new Date(first - burst.threeWithinMs);
  // The primary key leads to each reader's rows.
  const { rows } = await sql<Scanned>`
    with link as (
      select engagement.subscriber_id, position, related, max(last_at) as at,
             max(last_at) filter (where source = 'person' and recent > 0) as by_person
      from unnest(${readers}::bigint[]) as reader (id)
      join engagement on engagement.edition_id = ${editionId} and engagement.subscriber_id = reader.id
      where kind = 'click' and last_at >= ${since}
      group by engagement.subscriber_id, position, related
    ), spaced as (
      select *,
             least(at - lag(at) over near, lead(at) over near - at) as of_two,
             least(at - lag(at, 2) over near, lead(at, 2) over near - at,
                   lead(at) over near - lag(at) over near) as of_three
      from link window near as (partition by subscriber_id order by at, position, related)
    )
    select subscriber_id, position, related, by_person::text as last_at from spaced
    where by_person is not null
      and (of_two <= ${burst.twoWithinMs}::float8 * interval '1 ms'
        or of_three <= ${burst.threeWithinMs}::float8 * interval '1 ms')`.execute(db);
  return rows;
}

async function moveToScanners(
  { db }: Pick<Context, 'db'>,
  editionId: number,
  scanned: Scanned[],
): Promise<void> {
  // A row that has had a further click meanwhile is left: that click's own group looks at it again.
  const same = sql`
    engagement.edition_id = ${editionId} and engagement.subscriber_id = scanned.subscriber_id
    and engagement.kind = 'click' and engagement.position = scanned.position
    and engagement.related = scanned.related and engagement.source = 'person'
    and engagement.last_at = scanned.last_at`;
  await sql`
    with scanned as materialized (
      select * from json_to_recordset(${JSON.stringify(scanned)}::json) as link
        (subscriber_id bigint, position smallint, related smallint, last_at timestamptz)
    ), removed as (
      delete from engagement using scanned where ${same} and times = recent
      returning engagement.subscriber_id, engagement.position, engagement.related, recent, first_at, engagement.last_at
    ), lessened as (
      update engagement set times = times - moved.recent, recent = 0, before_at = null,
        last_at = coalesce(engagement.before_at, engagement.first_at)
      from (select engagement.subscriber_id, engagement.position, engagement.related, engagement.last_at, recent
            from engagement join scanned on ${same}
            where times > recent and recent > 0) as moved
      where engagement.edition_id = ${editionId} and engagement.subscriber_id = moved.subscriber_id
        and engagement.kind = 'click' and engagement.position = moved.position
        and engagement.related = moved.related and engagement.source = 'person'
        and engagement.last_at = moved.last_at and engagement.recent = moved.recent
      returning moved.subscriber_id, moved.position, moved.related, moved.recent, moved.last_at as first_at, moved.last_at
    )
    insert into engagement as known
      (edition_id, subscriber_id, kind, position, related, source, times, recent, first_at, last_at)
    select ${editionId}::bigint, subscriber_id, 'click', position, related, 'scanner', recent, recent, first_at, last_at
    from (select * from removed union all select * from lessened) as moved
    order by subscriber_id, position, related
    on conflict (edition_id, subscriber_id, kind, position, related, source) do update set
      times = known.times + excluded.times,
      recent = excluded.recent,
      first_at = least(known.first_at, excluded.first_at),
      last_at = greatest(known.last_at, excluded.last_at)`.execute(db);
}
