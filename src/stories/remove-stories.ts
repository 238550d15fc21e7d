import type { Context } from '../context.ts';

/**
 * Removes stories for good. Editions keep their copies of them. What a source still tells of is taken in again as new.
 * @returns how many there were
 */
export async function removeStories({ db }: Pick<Context, 'db'>, ids: readonly number[]): Promise<number> {
  if (ids.length === 0) return 0;
  const { numDeletedRows } = await db.deleteFrom('stories').where('id', 'in', ids).executeTakeFirst();
  return Number(numDeletedRows);
}
