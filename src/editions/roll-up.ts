import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { appealOf, type Engagement } from '../selection/engagement.ts';
import type { EditionStory } from './content.ts';
import type { Edition } from './editions.ts';

const day = 24 * 3_600_000;
const mostRolledUp = 40;

const periods: Record<string, number> = { daily: day, weekly: 7 * day, monthly: 31 * day };

/** The longest time between two digests of one reader. */
export const longestPeriodMs = 31 * day;

/** How long a frequency makes a reader wait, in milliseconds; 0 for every edition. */
export function periodMs(frequency: string): number {
  return periods[frequency] ?? 0;
}

/**
 * The best of the editions since the longest wait that a newsletter's subscribers have asked for, as extra candidates
 * that only those see who did not get them: one story a storyline, none that the edition has itself.
 * @param own the edition's candidates
 * @returns at most 40, best first; none if everybody gets every edition
 */
export async function rollUpFor(
  { db }: Pick<Context, 'db'>,
  edition: Edition,
  own: EditionStory[],
  engagement: Engagement,
): Promise<EditionStory[]> {
  const { rows: asked } = await sql<{ frequency: string }>`
    select frequency from (values ('monthly'), ('weekly'), ('daily')) as asked (frequency)
    where exists (
      select from subscriptions
      join newsletter_lists on newsletter_lists.list_id = subscriptions.list_id
      where newsletter_lists.newsletter_id = ${edition.newsletter_id}
        and subscriptions.state = 'confirmed' and subscriptions.frequency = asked.frequency)`.execute(db);
  const longest = Math.max(0, ...asked.map(({ frequency }) => periodMs(frequency)));
  if (longest === 0) return [];
  const rows = await db
    .selectFrom('edition_stories')
    .innerJoin('editions', 'editions.id', 'edition_stories.edition_id')
    .leftJoin('stories', 'stories.id', 'edition_stories.story_id')
    .select([
      'edition_stories.edition_id',
      'editions.scheduled_for',
      'edition_stories.story_id',
      sql<number | null>`coalesce(stories.storyline_id, edition_stories.storyline_id)`.as('storyline_id'),
      'edition_stories.snapshot',
    ])
    .where('editions.newsletter_id', '=', edition.newsletter_id)
    .where('editions.id', '!=', edition.id)
    .where('editions.planned_at', 'is not', null)
    .where('editions.scheduled_for', '<', edition.scheduled_for)
    .where('editions.scheduled_for', '>', new Date(edition.scheduled_for.getTime() - longest))
    .where('edition_stories.slot', '!=', 'reserve')
    .orderBy('editions.scheduled_for', 'desc')
    .orderBy('edition_stories.position')
    .execute();

  const storylines = new Set(own.map(({ storylineId }) => storylineId));
  const stories = new Set(own.map(({ storyId }) => storyId));
  const best: EditionStory[] = [];
  for (const row of rows) {
    // The latest telling of a storyline counts.
    if (row.storyline_id !== null && storylines.has(row.storyline_id)) continue;
    if (row.story_id !== null && stories.has(row.story_id)) continue;
    storylines.add(row.storyline_id);
    stories.add(row.story_id);
    const snapshot = row.snapshot as unknown as EditionStory;
    if (snapshot.from) continue;
    const { ratio } = appealOf({ ...snapshot, storylineId: row.storyline_id }, engagement);
    best.push({
      ...snapshot,
      slot: 'reserve',
      pinned: false,
      storyId: row.story_id,
      storylineId: row.storyline_id,
      score: Math.round(snapshot.score * ratio * 10_000) / 10_000,
      from: { editionId: row.edition_id, scheduledFor: row.scheduled_for.toISOString() },
      reason: {
        text: `For readers who did not get the edition of ${row.scheduled_for.toISOString().slice(0, 10)}: ${snapshot.reason.text}`,
        parts: { ...snapshot.reason.parts, rollUp: 1 },
      },
    });
  }
  return best
    .sort((a, b) => b.score - a.score || b.publishedAt.localeCompare(a.publishedAt))
    .slice(0, mostRolledUp)
    .map((story, at) => ({ ...story, position: own.length + at }));
}
