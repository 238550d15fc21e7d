import { sql, type Transaction } from 'kysely';
import type { DB } from '../db/schema.ts';
import { UserError } from '../errors.ts';
import { countStories } from './storyline-counts.ts';

/** What is known of a storyline beside its stories. */
export interface StorylineState {
  id: number;
  language: string | null;
  /** ISO 8601, as all times here. */
  createdAt: string;
  /** Since when an editor wants it to stay as it is; null: grouping may change it. */
  heldAt: string | null;
  /** Which storylines it is kept apart from, and since when. */
  apart: { from: number; at: string }[];
}

/** A storyline that became part of another, or came out of it: enough to have it back as it was. */
export interface KeptStoryline {
  gone: StorylineState;
  /** The other one, without it. */
  stayed: StorylineState;
}

/** Reads what is known of a storyline beside its stories. */
export async function storylineState(db: Transaction<DB>, id: number): Promise<StorylineState> {
  const [row, hold, splits] = [
    await db
      .selectFrom('storylines')
      .select(['language', 'created_at'])
      .where('id', '=', id)
      .executeTakeFirstOrThrow(),
    await db
      .selectFrom('storyline_holds')
      .select('held_at')
      .where('storyline_id', '=', id)
      .executeTakeFirst(),
    await db
      .selectFrom('storyline_splits')
      .selectAll()
      .where((e) => e.or([e('one', '=', id), e('other', '=', id)]))
      .orderBy('one')
      .orderBy('other')
      .execute(),
  ];
  return {
    id,
    language: row.language,
    createdAt: row.created_at.toISOString(),
    heldAt: hold?.held_at.toISOString() ?? null,
    apart: splits.map(({ one, other, split_at }) => ({
      from: one === id ? other : one,
      at: split_at.toISOString(),
    })),
  };
}

/**
 * Gives stories the storyline back that they were of: with its number, what it was kept apart from, and its place in editions. The
 * other one is as it was without it.
 * @param storyIds those that go back, as far as they are still of the storyline that stayed
 * @param transaction one that has its turn (`takeStorylinesTurn`)
 * @throws UserError if none of them is, or nothing would stay
 */
export async function restoreStoryline(
  transaction: Transaction<DB>,
  now: Date,
  storyIds: number[],
  { gone, stayed }: KeptStoryline,
): Promise<void> {
  const members = await transaction
    .selectFrom('stories')
    .select('id')
    .where('storyline_id', '=', stayed.id)
    .execute();
  const back = members.map(({ id }) => id).filter((id) => storyIds.includes(id));
  if (back.length === 0 || back.length === members.length)
    throw new UserError('These stories are not of one storyline with others any more.', { code: 'state' });
  await sql`
    insert into storylines (id, language, first_published_at, last_published_at, created_at, updated_at)
    overriding system value
    values (${gone.id}, ${gone.language}, ${now}, ${now}, ${gone.createdAt}::timestamptz, ${now})
    on conflict (id) do nothing`.execute(transaction);
  await transaction.updateTable('stories').set({ storyline_id: gone.id }).where('id', 'in', back).execute();
  await sql`
    update edition_stories set storyline_id = ${gone.id}
    where storyline_id = ${stayed.id} and (snapshot->>'storylineId')::bigint = ${gone.id}`.execute(
    transaction,
  );
  await putApart(transaction, { gone, stayed });
  if (stayed.heldAt === null)
    await transaction.deleteFrom('storyline_holds').where('storyline_id', '=', stayed.id).execute();
  if (gone.heldAt !== null)
    await transaction
      .insertInto('storyline_holds')
      .values({ storyline_id: gone.id, held_at: gone.heldAt })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  await countStories(transaction, now, [gone.id, stayed.id]);
}

/** What the one that stayed took over is the other's again. */
async function putApart(db: Transaction<DB>, { gone, stayed }: KeptStoryline): Promise<void> {
  const own = new Set(stayed.apart.map(({ from }) => from));
  const takenOver = gone.apart.map(({ from }) => from).filter((from) => from !== stayed.id && !own.has(from));
  if (takenOver.length > 0)
    await sql`
      delete from storyline_splits
      where (one = ${stayed.id} and other = any(${takenOver}::bigint[]))
         or (other = ${stayed.id} and one = any(${takenOver}::bigint[]))`.execute(db);
  await sql`
    insert into storyline_splits (one, other, split_at)
    select least(${gone.id}::bigint, known."from"), greatest(${gone.id}::bigint, known."from"), known.at
    from jsonb_to_recordset(${JSON.stringify(gone.apart)}::jsonb) as known ("from" bigint, at timestamptz)
    join storylines on storylines.id = known."from"
    on conflict do nothing`.execute(db);
}
