import { sql } from 'kysely';
import type { Context } from '../context.ts';
import type { Told } from '../selection/candidate.ts';
import { libraryHours } from '../selection/library.ts';
import type { EditionStory } from './content.ts';
import type { Edition } from './editions.ts';

/** What the editions of the same newsletter before this one gave their readers, and the stories used for it. */
export async function toldBefore(
  context: Pick<Context, 'db'>,
  edition: Pick<Edition, 'id' | 'newsletter_id' | 'scheduled_for'>,
): Promise<{ told: Told[]; usedStoryIds: number[] }> {
  const rows = await context.db
    .selectFrom('edition_stories')
    .innerJoin('editions', 'editions.id', 'edition_stories.edition_id')
    .leftJoin('stories', 'stories.id', 'edition_stories.story_id')
    .select([
      'edition_stories.story_id',
      // Storylines merge: the story knows to which one it belongs now.
      sql<number | null>`coalesce(stories.storyline_id, edition_stories.storyline_id)`.as('storyline_id'),
      'edition_stories.snapshot',
      'editions.scheduled_for',
    ])
    .where('editions.newsletter_id', '=', edition.newsletter_id)
    .where('editions.id', '!=', edition.id)
    .where('editions.scheduled_for', '<', edition.scheduled_for)
    .where(
      'editions.scheduled_for',
      '>',
      new Date(edition.scheduled_for.getTime() - libraryHours * 3_600_000),
    )
    .where('editions.state', 'in', ['approved', 'sending', 'paused', 'sent'])
    .where('edition_stories.slot', '!=', 'reserve')
    .orderBy('editions.scheduled_for')
    .execute();
  const told = new Map<number, Told>();
  for (const row of rows)
    if (row.storyline_id !== null)
      told.set(row.storyline_id, {
        storylineId: row.storyline_id,
        at: row.scheduled_for.getTime(),
        title: (row.snapshot as unknown as EditionStory).title,
      });
  return { told: [...told.values()], usedStoryIds: rows.flatMap((row) => row.story_id ?? []) };
}
