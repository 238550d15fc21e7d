import type { Context } from '../context.ts';
import { UserError } from '../errors.ts';
import { checkListSlug, findList, findOpenList, type List } from './lists.ts';
import { cleanName } from './personal-values.ts';
import { renameInSegments } from './segments/segments.ts';

type Deps = Pick<Context, 'db' | 'clock'>;

/**
 * Puts a list away: it is not shown, nobody can subscribe to it, and no newsletter sends to it. Its people stay as they
 * are, and can leave. Of an edition that is on its way, those who are on no other list of its newsletter get no more messages.
 * @throws UserError if there is no such list, or it is archived already
 */
export async function archiveList(context: Deps, slugOrId: string | number): Promise<List> {
  const { id } = await findOpenList(context, slugOrId);
  return setArchived(context, id, context.clock.now());
}

/** Takes an archived list into use again. @throws UserError if there is no such list, or it is in use */
export async function unarchiveList(context: Deps, slugOrId: string | number): Promise<List> {
  const list = await findList(context, slugOrId);
  if (list.archivedAt === null)
    throw new UserError(`The list "${list.slug}" is not archived.`, { code: 'not-archived' });
  return setArchived(context, list.id, null);
}

async function setArchived({ db }: Deps, id: number, at: Date | null): Promise<List> {
  await db.updateTable('lists').set({ archived_at: at }).where('id', '=', id).execute();
  return findList({ db }, id);
}

/** A list under its new short name. */
export interface RenamedList extends List {
  /** The short name that it had. */
  before: string;
  /** Segments in whose filters the new name was put. */
  segments: string[];
}

/**
 * Gives a list another short name. Addresses, forms and commands with the old one go on working, until another list takes it;
 * segments are rewritten. Within a transaction it is part of that.
 * @param changes.name the name that readers see, if that changes too
 * @throws UserError if there is no such list, or the short name is taken or cannot be one
 */
export async function renameList(
  context: Deps,
  slugOrId: string | number,
  changes: { slug: string; name?: string },
): Promise<RenamedList> {
  const slug = checkListSlug(changes.slug.trim());
  const name = changes.name === undefined ? undefined : cleanName(changes.name);
  if (changes.name !== undefined && !name) throw new UserError('A list needs a name.', { code: 'usage' });
  const work = async (trx: Deps['db']) => {
    const inside = { db: trx, clock: context.clock };
    const list = await findList(inside, slugOrId);
    const taken = await trx.selectFrom('lists').select('id').where('slug', '=', slug).executeTakeFirst();
    if (taken && taken.id !== list.id)
      throw new UserError(`There is a list "${slug}" already.`, {
        code: 'exists',
        hint: 'Choose another name; or put the two together with: broadsheet lists merge',
      });
    const segments = slug === list.slug ? [] : await renameInSegments(inside, 'list', list.slug, slug);
    await trx
      .updateTable('lists')
      .set({ slug, ...(name && { name }) })
      .where('id', '=', list.id)
      .execute();
    if (slug !== list.slug) await keepFormerSlug(inside, list.slug, list.id);
    return { ...(await findList(inside, list.id)), before: list.slug, segments };
  };
  return context.db.isTransaction ? work(context.db) : context.db.transaction().execute(work);
}

/** From now on a slug that no list has leads to a list. */
export async function keepFormerSlug({ db, clock }: Deps, slug: string, listId: number): Promise<void> {
  await db
    .insertInto('former_list_slugs')
    .values({ slug, list_id: listId, since: clock.now() })
    .onConflict((conflict) => conflict.column('slug').doUpdateSet({ list_id: listId, since: clock.now() }))
    .execute();
}
