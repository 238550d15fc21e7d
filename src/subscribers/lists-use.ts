import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { UserError } from '../errors.ts';
import { findList, type List } from './lists.ts';
import { segmentsNaming } from './segments/segments.ts';

/** What depends on a list. */
export interface ListUse {
  /** Slugs of newsletters that send to it. */
  newsletters: string[];
  /** Of these, those that send to no other list. */
  onlyList: string[];
  /** Names of segments whose filters name it. */
  segments: string[];
  /** Names of routes that serve it alone. */
  routes: string[];
}

/** What depends on a list. */
export async function usesOf({ db }: Pick<Context, 'db'>, list: List): Promise<ListUse> {
  const { rows: newsletters } = await sql<{ slug: string; only: boolean }>`
    select newsletters.slug, not exists (
      select from newsletter_lists as other
      where other.newsletter_id = newsletters.id and other.list_id <> ${list.id}) as only
    from newsletters join newsletter_lists on newsletter_lists.newsletter_id = newsletters.id
    where newsletter_lists.list_id = ${list.id}
    order by newsletters.slug`.execute(db);
  const routes = await db
    .selectFrom('routes')
    .select('name')
    .where('list_id', '=', list.id)
    .orderBy('name')
    .execute();
  return {
    newsletters: newsletters.map(({ slug }) => slug),
    onlyList: newsletters.filter(({ only }) => only).map(({ slug }) => slug),
    segments: await segmentsNaming({ db }, list.slug),
    routes: routes.map(({ name }) => name),
  };
}

/** @throws UserError if an edition is on its way to the list, whose consent would be gone in the middle */
export async function refuseWhileSending(
  { db }: Pick<Context, 'db'>,
  list: List,
  done: 'merged' | 'split' | 'removed',
): Promise<void> {
  const edition = await db
    .selectFrom('editions')
    .innerJoin('newsletters', 'newsletters.id', 'editions.newsletter_id')
    .innerJoin('newsletter_lists', 'newsletter_lists.newsletter_id', 'newsletters.id')
    .select(['editions.id', 'editions.state', 'newsletters.slug'])
    .where('newsletter_lists.list_id', '=', list.id)
    .where('editions.state', 'in', ['sending', 'paused'])
    .limit(1)
    .executeTakeFirst();
  if (!edition) return;
  throw new UserError(
    `The list "${list.slug}" cannot be ${done} now: edition ${edition.id} of "${edition.slug}" is ${edition.state === 'paused' ? 'paused in the middle' : 'being sent'}.`,
    { code: 'busy', hint: `Wait for it, or end it with: broadsheet editions cancel ${edition.id}` },
  );
}

/** What goes with a list that is removed. */
export interface RemovalPreview {
  list: List;
  confirmed: number;
  pending: number;
  unsubscribed: number;
  /** Of all of these, the people who are on no other list; they are kept. */
  onNoOther: number;
  /** Suppressions that hold for this list alone. */
  suppressions: number;
  uses: ListUse;
}

/** What removing a list would take away. Nothing is changed. @throws UserError if there is no such list */
export async function previewRemoval(
  context: Pick<Context, 'db'>,
  slugOrId: string | number,
): Promise<RemovalPreview> {
  const list = await findList(context, slugOrId);
  const { rows } = await sql<Omit<RemovalPreview, 'list' | 'uses'>>`
    select count(*) filter (where state = 'confirmed') as confirmed,
      count(*) filter (where state = 'pending') as pending,
      count(*) filter (where state = 'unsubscribed') as unsubscribed,
      count(*) filter (where not exists (
        select from subscriptions as other
        where other.subscriber_id = subscriptions.subscriber_id and other.list_id <> ${list.id})) as "onNoOther",
      (select count(*) from suppressions where list_id = ${list.id}) as suppressions
    from subscriptions where list_id = ${list.id}`.execute(context.db);
  const counts = rows[0] ?? { confirmed: 0, pending: 0, unsubscribed: 0, onNoOther: 0, suppressions: 0 };
  return { list, ...counts, uses: await usesOf(context, list) };
}

/**
 * Removes a list with its subscriptions. The people stay, and so do the lines of the consent log. Routes that serve the
 * list alone go with it.
 * @throws UserError if there is no such list, a segment names it, or an edition is on its way to it
 */
export async function removeList(
  { db }: Pick<Context, 'db'>,
  slugOrId: string | number,
): Promise<RemovalPreview> {
  return db.transaction().execute(async (trx) => {
    const { id } = await findList({ db: trx }, slugOrId);
    await trx.selectFrom('lists').select('id').where('id', '=', id).forUpdate().execute();
    const preview = await previewRemoval({ db: trx }, id);
    refuseIfNamed(preview);
    await refuseWhileSending({ db: trx }, preview.list, 'removed');
    await trx.deleteFrom('lists').where('id', '=', id).execute();
    return preview;
  });
}

/** @throws UserError if a segment names the list: it would fit nobody, or everybody, from then on */
export function refuseIfNamed({ list, uses }: RemovalPreview): void {
  if (uses.segments.length > 0)
    throw new UserError(`The list "${list.slug}" is named by the segments ${uses.segments.join(', ')}.`, {
      code: 'in-use',
      hint: 'Change or remove these first: broadsheet segments edit. Or put the list away: broadsheet lists archive',
      details: { segments: uses.segments },
    });
}
