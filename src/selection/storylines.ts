import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { groupCandidates } from './group-candidates.ts';
import { corpusOf, loadCandidates } from './library.ts';

const day = 24 * 3_600_000;
// How long before and after a story others may belong to its storyline.
const reachMs = 5 * day;
const mostStories = 20_000;

/** What one run of grouping did. */
export interface StorylineChanges {
  /** Stories that joined a storyline or started one. */
  assigned: number;
  started: number;
  merged: number;
}

/**
 * Puts every story that has no storyline yet into one: it joins a storyline of its time, starts one, or shows that two
 * are one. Processes take turns (an advisory lock in the transaction), so that no story gets two.
 */
export async function assignStorylines(context: Context): Promise<StorylineChanges> {
  const { db, clock } = context;
  return db.transaction().execute(async (transaction) => {
    await sql`select pg_advisory_xact_lock(hashtext('broadsheet.storylines'))`.execute(transaction);
    const span = await transaction
      .selectFrom('stories')
      .select((e) => [e.fn.min('published_at').as('first'), e.fn.max('published_at').as('last')])
      .where('storyline_id', 'is', null)
      .executeTakeFirst();
    if (!span?.first || !span.last) return { assigned: 0, started: 0, merged: 0 };

    const inReach = await loadCandidates(
      { db: transaction },
      {
        from: new Date(span.first).getTime() - reachMs,
        until: new Date(span.last).getTime() + reachMs,
        limit: mostStories,
      },
    );
    const groups = groupCandidates(inReach, corpusOf(inReach));

    const changes = { assigned: 0, started: 0, merged: 0 };
    for (const members of groups) {
      const unassigned = members.filter((story) => story.storylineId === null);
      const known = [
        ...new Set(members.flatMap((story) => (story.storylineId === null ? [] : [story.storylineId]))),
      ].sort((a, b) => a - b);
      if (unassigned.length === 0 && known.length < 2) continue;
      const times = members.map((story) => story.publishedAt);
      let id = known[0];
      if (id === undefined) {
        const row = await transaction
          .insertInto('storylines')
          .values({
            language: members[0]?.language ?? null,
            first_published_at: new Date(Math.min(...times)),
            last_published_at: new Date(Math.max(...times)),
            created_at: clock.now(),
            updated_at: clock.now(),
          })
          .returning('id')
          .executeTakeFirstOrThrow();
        id = row.id;
        changes.started++;
      }
      // The older storyline stays; the stories of the younger one move to it.
      for (const old of known.slice(1)) {
        await transaction
          .updateTable('stories')
          .set({ storyline_id: id })
          .where('storyline_id', '=', old)
          .execute();
        await transaction.deleteFrom('storylines').where('id', '=', old).execute();
        changes.merged++;
      }
      if (unassigned.length > 0)
        await transaction
          .updateTable('stories')
          .set({ storyline_id: id })
          .where(
            'id',
            'in',
            unassigned.map((story) => story.id),
          )
          .execute();
      changes.assigned += unassigned.length;
      await transaction
        .updateTable('storylines')
        .set({
          story_count: sql`(select count(*) from stories where storyline_id = ${id})`,
          first_published_at: sql`least(first_published_at, ${new Date(Math.min(...times))})`,
          last_published_at: sql`greatest(last_published_at, ${new Date(Math.max(...times))})`,
          updated_at: clock.now(),
        })
        .where('id', '=', id)
        .execute();
    }
    return changes;
  });
}
