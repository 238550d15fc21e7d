import type { Context } from '../context.ts';
import { currentListId } from '../subscribers/lists.ts';

/** What leaving by a link or address of an edition's mail is about. */
export interface EditionLists {
  /** The newsletter's name. */
  newsletter: string;
  listIds: number[];
}

/**
 * The lists of an edition's newsletter; of an edition that was removed those that it had then. Lists that went into others
 * are those others.
 * @returns undefined if there never was such an edition, or nobody kept what it went to
 */
export async function listsOfEdition(
  context: Pick<Context, 'db'>,
  editionId: number,
): Promise<EditionLists | undefined> {
  const rows = await context.db
    .selectFrom('editions as e')
    .innerJoin('newsletters as n', 'n.id', 'e.newsletter_id')
    .leftJoin('newsletter_lists as l', 'l.newsletter_id', 'n.id')
    .where('e.id', '=', editionId)
    .select(['n.name', 'l.list_id'])
    .execute();
  if (rows[0])
    return { newsletter: rows[0].name, listIds: rows.flatMap(({ list_id }) => (list_id ? [list_id] : [])) };
  const former = await context.db
    .selectFrom('former_editions')
    .select(['newsletter', 'list_ids'])
    .where('edition_id', '=', editionId)
    .executeTakeFirst();
  if (!former) return undefined;
  const listIds = new Set<number>();
  for (const id of former.list_ids) listIds.add(await currentListId(context, Number(id)));
  return { newsletter: former.newsletter, listIds: [...listIds] };
}
