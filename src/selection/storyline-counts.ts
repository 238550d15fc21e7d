import { type Kysely, sql } from 'kysely';
import type { DB } from '../db/schema.ts';

/** Brings the counts and times of storylines up to date, and takes away those that have no story left. */
export async function countStories(db: Kysely<DB>, now: Date, storylines: number[]): Promise<void> {
  const ids = [...new Set(storylines)];
  if (ids.length === 0) return;
  await sql`
    update storylines set
      story_count = counted.stories, first_published_at = counted.first, last_published_at = counted.last,
      updated_at = ${now}
    from (
      select storyline_id, count(*) as stories, min(published_at) as first, max(published_at) as last
      from stories where storyline_id = any(${ids}::bigint[]) group by storyline_id) as counted
    where storylines.id = counted.storyline_id`.execute(db);
  await sql`
    delete from storylines
    where id = any(${ids}::bigint[])
      and not exists (select from stories where storyline_id = storylines.id)`.execute(db);
}
