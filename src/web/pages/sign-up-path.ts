import type { Context } from '../../context.ts';

/** The path of the page to subscribe to a newsletter: its first list that is open. Undefined if it has none. */
export async function listToJoin(
  { db }: Pick<Context, 'db'>,
  newsletterId: number,
): Promise<string | undefined> {
  const list = await db
    .selectFrom('newsletter_lists as n')
    .innerJoin('lists as l', 'l.id', 'n.list_id')
    .where('n.newsletter_id', '=', newsletterId)
    .where('l.archived_at', 'is', null)
    .orderBy('l.id')
    .select('l.slug')
    .executeTakeFirst();
  return list && `/subscribe/${list.slug}`;
}
