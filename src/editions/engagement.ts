import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { type Engagement, engagementOf, type StoryClicks } from '../selection/engagement.ts';
import type { EditionStory } from './content.ts';

/** Of what is older, or of more editions, nothing is learned. */
export const mostEditions = 60;
const day = 24 * 3_600_000;
export const longestMs = 120 * day;

/**
 * What readers made of a newsletter's editions of the last four months that were sent before an instant. How often each
 * story was shown in each place is counted once for an edition, and kept.
 */
export async function engagementBefore(
  context: Pick<Context, 'db'>,
  newsletterId: number,
  before: Date,
): Promise<Engagement> {
  return engagementOf(await storyClicks(context, newsletterId, before));
}

/** Each story of those editions with how often it was shown and clicked, the newest editions first. */
export async function storyClicks(
  { db }: Pick<Context, 'db'>,
  newsletterId: number,
  before: Date,
): Promise<(StoryClicks & { editionId: number; position: number })[]> {
  const editions = await db
    .selectFrom('editions')
    .select('id')
    .where('newsletter_id', '=', newsletterId)
    .where('state', '=', 'sent')
    .where('scheduled_for', '<', before)
    .where('scheduled_for', '>', new Date(before.getTime() - longestMs))
    .orderBy('scheduled_for', 'desc')
    .limit(mostEditions)
    .execute();
  const ids = editions.map(({ id }) => id);
  if (ids.length === 0) return [];
  await countShown({ db }, ids);
  const { rows } = await sql<{
    editionId: number;
    position: number;
    snapshot: EditionStory;
    storylineId: number | null;
    shown: number[];
    clicks: number;
  }>`
    select story.edition_id as "editionId", story.position, story.snapshot, story.shown,
           coalesce(stories.storyline_id, story.storyline_id) as "storylineId",
           -- Counted without names, one reader may have clicked often: not more than had the story.
           (coalesce(clicked.clicks, 0)
             + least(coalesce(counted.times, 0), (select sum(readers) from unnest(story.shown) as readers)))::integer
             as clicks
    from edition_stories as story
    left join stories on stories.id = story.story_id
    left join (
      select edition_id, position, count(*) as clicks from engagement
      where edition_id = any(${ids}::bigint[]) and kind = 'click' and source = 'person' and position >= 0 and related = -1
      group by edition_id, position
    ) as clicked on clicked.edition_id = story.edition_id and clicked.position = story.position
    left join engagement_counts as counted
      on counted.edition_id = story.edition_id and counted.kind = 'click' and counted.source = 'person'
      and counted.position = story.position and counted.related = -1
    where story.edition_id = any(${ids}::bigint[]) and story.shown is not null and story.shown <> '{}'
    order by story.edition_id desc, story.position`.execute(db);
  return rows.map(({ snapshot, ...row }) => ({
    ...row,
    topics: snapshot.topics,
    publisher: snapshot.publisher,
  }));
}

/** Counts, for editions that it has not been counted for, in which places their stories were shown. */
export async function countShown({ db }: Pick<Context, 'db'>, editionIds: number[]): Promise<void> {
  const { rows } = await sql<{ edition_id: number }>`
    select distinct edition_id from edition_stories
    where edition_id = any(${editionIds}::bigint[]) and shown is null`.execute(db);
  for (const { edition_id } of rows)
    await sql`
      with counted as (
        select position, place, count(*)::integer as readers
        from deliveries, unnest(array_remove(stories, -1::smallint)) with ordinality as story (position, place)
        where edition_id = ${edition_id} and state in ('accepted', 'uncertain')
        group by position, place
      ), places as (select generate_series(1, coalesce(max(place), 0)) as place from counted)
      update edition_stories set shown = case
        when exists (select from counted where counted.position = edition_stories.position) then array(
          select coalesce(counted.readers, 0) from places
          left join counted on counted.place = places.place and counted.position = edition_stories.position
          order by places.place)
        else '{}' end
      where edition_id = ${edition_id}`.execute(db);
}
