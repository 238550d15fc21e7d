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
  { db }: Pick<Context, 'db'>,
  editionId: number,
  events: EngagementEvent[],
): Promise<void> {
  const clicks = events.filter(({ kind }) => kind === 'click');
  if (clicks.length === 0) return;
  const readers = [...new Set(clicks.map(({ subscriberId }) => subscriberId))];
  const since = new Date(
    clicks.reduce((least, { at }) => Math.min(least, at.getTime()), Number.POSITIVE_INFINITY) -
      burst.threeWithinMs,
  );
  const two = sql`${burst.twoWithinMs}::float8 * interval '1 ms'`;
  const three = sql`${burst.threeWithinMs}::float8 * interval '1 ms'`;
  await sql`
    -- The primary key leads to each reader's rows.
    with link as (
      select engagement.subscriber_id, position, related, max(last_at) as at
      from unnest(${readers}::bigint[]) as reader (id)
      join engagement on engagement.edition_id = ${editionId} and engagement.subscriber_id = reader.id
      where kind = 'click' and last_at >= ${since}
      group by engagement.subscriber_id, position, related
    ), spaced as (
      select subscriber_id, position, related,
             least(at - lag(at) over near, lead(at) over near - at) as to_next,
             least(at - lag(at, 2) over near, lead(at, 2) over near - at,
                   lead(at) over near - lag(at) over near) as around_three
      from link window near as (partition by subscriber_id order by at, position, related)
    ), scanned as (
      select engagement.* from engagement
      join spaced using (subscriber_id, position, related)
      where engagement.edition_id = ${editionId} and kind = 'click' and source = 'person' and recent > 0
        and last_at >= ${since} and (to_next <= ${two} or around_three <= ${three})
    ), removed as (
      delete from engagement using scanned
      where engagement.edition_id = ${editionId} and engagement.subscriber_id = scanned.subscriber_id
        and engagement.kind = 'click' and engagement.position = scanned.position
        and engagement.related = scanned.related and engagement.source = 'person'
        and engagement.times = engagement.recent
      returning engagement.*
    ), lessened as (
      update engagement set
        times = engagement.times - engagement.recent, recent = 0, before_at = null,
        last_at = coalesce(engagement.before_at, engagement.first_at)
      from scanned
      where engagement.edition_id = ${editionId} and engagement.subscriber_id = scanned.subscriber_id
        and engagement.kind = 'click' and engagement.position = scanned.position
        and engagement.related = scanned.related and engagement.source = 'person'
        and engagement.times > engagement.recent
        -- Unless a click has come meanwhile; it is looked at again then.
        and engagement.last_at = scanned.last_at
      returning scanned.*
    ), moved as (select * from removed union all select * from lessened)
    insert into engagement as known
      (edition_id, subscriber_id, kind, position, related, source, times, recent, first_at, last_at)
    select edition_id, subscriber_id, kind, position, related, 'scanner', recent, recent,
           case when times = recent then first_at else last_at end, last_at
    from moved
    order by subscriber_id, kind, position, related
    on conflict (edition_id, subscriber_id, kind, position, related, source) do update set
      times = known.times + excluded.times,
      recent = excluded.recent,
      first_at = least(known.first_at, excluded.first_at),
      last_at = greatest(known.last_at, excluded.last_at)`.execute(db);
}
