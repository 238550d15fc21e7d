import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { type Engagement, engagementOf, type StoryClicks } from '../selection/engagement.ts';
import type { PlacedClicks } from '../selection/replay-clicks.ts';
import type { EditionStory } from './content.ts';
import { longestMs, mostEditions } from './engagement.ts';

/** A story of a sent edition and what its readers made of it. */
export interface SeenStory {
  position: number;
  /** As it stands in the edition; the storyline is that to which the story belongs now. */
  story: EditionStory;
  /** Its story has been deleted since: it cannot be chosen again. */
  deleted: boolean;
  placed: PlacedClicks;
  /** How many clicks were known from which of the instants asked for on: the former ones included, in order. */
  clicksFrom: { instant: number; clicks: number }[];
}

/** What is known of a sent edition. */
export interface SeenEdition {
  id: number;
  scheduledFor: Date;
  policy: unknown;
  /** Readers who got it; 0 if the ledger's rows are gone. */
  readers: number;
  stories: SeenStory[];
}

/**
 * Reads what an edition showed and what was clicked in which place. Writes nothing.
 * @param instants ascending: clicks are counted up to each of them too
 */
export async function readSeen(
  { db }: Pick<Context, 'db'>,
  edition: { id: number; scheduled_for: Date; policy: unknown },
  instants: Date[],
): Promise<SeenEdition> {
  const { rows } = await sql<{
    position: number;
    slot: string;
    snapshot: EditionStory;
    storyId: number | null;
    storylineId: number | null;
    shown: number[] | null;
  }>`
    select story.position, story.slot, story.snapshot, story.story_id as "storyId", story.shown,
           coalesce(stories.storyline_id, story.storyline_id) as "storylineId"
    from edition_stories as story left join stories on stories.id = story.story_id
    where story.edition_id = ${edition.id}
    order by story.position`.execute(db);
  const { rows: readers } = await sql<{ readers: number }>`
    select count(*)::integer as readers from deliveries
    where edition_id = ${edition.id} and state in ('accepted', 'uncertain')`.execute(db);
  const counted = rows.some(({ shown }) => shown !== null) ? undefined : await countShown({ db }, edition.id);
  const { rows: clickRows } = await sql<{
    position: number;
    place: number | null;
    before: number;
    clicks: number;
  }>`
    select engagement.position,
           array_position(array_remove(deliveries.stories, -1::smallint), engagement.position) as place,
           width_bucket(engagement.first_at, ${instants}::timestamptz[]) as before, count(*)::integer as clicks
    from engagement
    left join deliveries on deliveries.edition_id = ${edition.id} and deliveries.subscriber_id = engagement.subscriber_id
    where engagement.edition_id = ${edition.id} and kind = 'click' and source = 'person'
      and engagement.position >= 0 and related = -1
    group by 1, 2, 3`.execute(db);
  const clicksOf = Map.groupBy(clickRows, ({ position }) => position);
  return {
    id: edition.id,
    scheduledFor: edition.scheduled_for,
    policy: edition.policy,
    readers: readers[0]?.readers ?? 0,
    stories: rows.map(({ position, slot, snapshot, storyId, storylineId, shown }) => {
      const own = clicksOf.get(position) ?? [];
      const inPlaces = shown ?? counted?.get(position) ?? [];
      const clicked = inPlaces.map(() => 0);
      // Without a place: a digest that is no longer known, or did not have the story.
      for (const { place, clicks } of own)
        if (place !== null) clicked[place - 1] = (clicked[place - 1] ?? 0) + clicks;
      return {
        position,
        story: { ...snapshot, position, slot, storyId, storylineId },
        deleted: storyId === null && snapshot.storyId !== null,
        placed: { shown: inPlaces, clicks: clicked },
        clicksFrom: cumulated(own),
      };
    }),
  };
}

function cumulated(buckets: { before: number; clicks: number }[]): SeenStory['clicksFrom'] {
  let all = 0;
  return [...buckets]
    .sort((a, b) => a.before - b.before)
    .map(({ before, clicks }) => {
      all += clicks;
      return { instant: before, clicks: all };
    });
}

async function countShown({ db }: Pick<Context, 'db'>, editionId: number): Promise<Map<number, number[]>> {
  const { rows } = await sql<{ position: number; place: number; readers: number }>`
    select position, place::integer, count(*)::integer as readers
    from deliveries, unnest(array_remove(stories, -1::smallint)) with ordinality as story (position, place)
    where edition_id = ${editionId} and state in ('accepted', 'uncertain')
    group by 1, 2`.execute(db);
  const places = Math.max(0, ...rows.map(({ place }) => place));
  const shown = new Map<number, number[]>();
  for (const { position, place, readers } of rows) {
    const own = shown.get(position) ?? Array.from({ length: places }, () => 0);
    own[place - 1] = readers;
    shown.set(position, own);
  }
  return shown;
}

/** What was known of readers' clicks at one of the instants, from the editions before it. */
export function engagementAt(editions: SeenEdition[], instants: Date[], at: number): Engagement {
  const instant = instants[at] as Date;
  return engagementOf(
    editions
      .filter(
        ({ scheduledFor }) =>
          scheduledFor < instant && scheduledFor.getTime() > instant.getTime() - longestMs,
      )
      .sort((a, b) => b.scheduledFor.getTime() - a.scheduledFor.getTime())
      .slice(0, mostEditions)
      .flatMap(({ stories }) =>
        stories.map(
          ({ story, placed, clicksFrom }): StoryClicks => ({
            topics: story.topics,
            publisher: story.publisher,
            storylineId: story.storylineId,
            shown: placed.shown,
            clicks: clicksFrom.findLast((each) => each.instant <= at)?.clicks ?? 0,
          }),
        ),
      ),
  );
}
