import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { UserError } from '../errors.ts';
import { findList, type List } from './lists.ts';
import { keepFormerSlug } from './lists-archive.ts';
import {
  carrying,
  carryOver,
  carrySuppressions,
  chooseCarried,
  type Inside,
  strictness,
} from './lists-carry.ts';
import { type ListUse, refuseWhileSending, usesOf } from './lists-use.ts';
import { renameInSegments } from './segments/segments.ts';

type Deps = Pick<Context, 'db' | 'clock'>;

/** What becomes of the people of a list that goes into another. */
export interface MergePreview {
  list: string;
  /** On the list, whatever their state. */
  people: number;
  /** Who are not on the other list yet. */
  added: number;
  /** Who are on both, and have a stricter state afterwards: from what to what, and how many. */
  stricter: { from: string; to: string; people: number }[];
  uses: ListUse;
}

/** What merging would do, list by list. Nothing is changed. @throws UserError as `mergeLists` */
export async function previewMerge(
  context: Deps,
  request: { from: (string | number)[]; into: string | number },
): Promise<{ into: List; from: MergePreview[] }> {
  const { into, from } = await listsOf(context, request);
  const previews: MergePreview[] = [];
  for (const list of from) {
    const { rows } = await sql<{
      state: string;
      had: string | null;
      stricter: boolean | null;
      people: number;
    }>`
      select subscriptions.state, other.state as had, count(*) as people,
        other.state is not null and ${strictness('subscriptions')} > ${strictness('other')} as stricter
      from subscriptions
      left join subscriptions as other on other.subscriber_id = subscriptions.subscriber_id and other.list_id = ${into.id}
      where subscriptions.list_id = ${list.id}
      group by 1, 2, 4 order by 1, 2`.execute(context.db);
    const sum = (some: typeof rows) => some.reduce((total, { people }) => total + people, 0);
    previews.push({
      list: list.slug,
      people: sum(rows),
      added: sum(rows.filter(({ had }) => had === null)),
      stricter: rows.flatMap(({ state, had, stricter, people }) =>
        had !== null && stricter && state !== had && state !== 'confirmed'
          ? [{ from: had, to: state, people }]
          : [],
      ),
      uses: await usesOf(context, list),
    });
  }
  return { into, from: previews };
}

/** What merging did. */
export interface Merged {
  into: List;
  merged: { list: string; people: number; added: number }[];
  /** Segments in whose filters the remaining list was put. */
  segments: string[];
}

/**
 * Puts lists into another one and removes them. Consent is kept: of two states the stricter holds, so that who has left any
 * of them has left the one that remains. Newsletters and routes of the lists go on with it, segments name it, and addresses, forms
 * and mailed links of the old lists lead to it. All of it happens, or nothing.
 * @throws UserError if a list is not there, or named twice, or one of its editions is being sent
 */
export async function mergeLists(
  context: Deps,
  request: { from: (string | number)[]; into: string | number },
): Promise<Merged> {
  return carrying(context, async (inside) => {
    const { into, from } = await listsOf(inside, request);
    const merged: Merged['merged'] = [];
    const segments = new Set<string>();
    for (const list of from) {
      await refuseWhileSending(inside, list, 'merged');
      await chooseCarried(inside, [list.id, into.id], list.id);
      await carrySunset(inside, list, into);
      const { people, added } = await carryOver(
        inside,
        { from: list.id, to: into.id },
        { via: 'merge', evidence: { from: list.slug, fromList: list.id } },
      );
      await carrySuppressions(inside, { from: list.id, to: into.id, all: true });
      await handOn(inside, list, into);
      for (const name of await renameInSegments(inside, 'list', list.slug, into.slug)) segments.add(name);
      await inside.db
        .updateTable('former_list_ids')
        .set({ list_id: into.id })
        .where('list_id', '=', list.id)
        .execute();
      await inside.db.deleteFrom('lists').where('id', '=', list.id).execute();
      await keepFormerSlug(inside, list.slug, into.id);
      await inside.db.insertInto('former_list_ids').values({ id: list.id, list_id: into.id }).execute();
      merged.push({ list: list.slug, people, added });
    }
    return { into: await findList(inside, into.id), merged, segments: [...segments].sort() };
  });
}

/**
 * Whom the list asked whether they want to stay may still answer. A question that is open goes on only with people who come to the
 * other list by the merge: who is on it already was not asked about it.
 */
async function carrySunset({ db }: Inside, list: List, into: List): Promise<void> {
  await sql`
    insert into sunset_asks (list_id, subscriber_id, found_at, asked_at, answer_by, outcome, settled_at)
    select ${into.id}, subscriber_id, found_at, asked_at, answer_by, outcome, settled_at
    from sunset_asks as ask
    where list_id = ${list.id} and asked_at is not null and (outcome is not null or not exists (
      select from subscriptions as other
      where other.list_id = ${into.id} and other.subscriber_id = ask.subscriber_id))
    on conflict do nothing`.execute(db);
}

/** What depends on a list depends on another from now on. */
async function handOn({ db }: Inside, list: List, into: List): Promise<void> {
  await sql`
    insert into newsletter_lists (newsletter_id, list_id)
    select newsletter_id, ${into.id} from newsletter_lists where list_id = ${list.id}
    on conflict do nothing`.execute(db);
  await db.updateTable('routes').set({ list_id: into.id }).where('list_id', '=', list.id).execute();
  await db
    .updateTable('former_list_slugs')
    .set({ list_id: into.id })
    .where('list_id', '=', list.id)
    .execute();
  const topics = [...new Set([...into.topics, ...list.topics])];
  await db.updateTable('lists').set({ topics }).where('id', '=', into.id).execute();
  into.topics = topics;
}

async function listsOf(
  context: Pick<Context, 'db'>,
  request: { from: (string | number)[]; into: string | number },
): Promise<{ into: List; from: List[] }> {
  const into = await findList(context, request.into);
  const from: List[] = [];
  for (const reference of request.from) {
    const list = await findList(context, reference);
    if (list.id === into.id || from.some(({ id }) => id === list.id))
      throw new UserError(
        list.id === into.id
          ? `The list "${list.slug}" cannot be merged into itself.`
          : `The list "${list.slug}" is named twice.`,
        { code: 'usage' },
      );
    from.push(list);
  }
  if (from.length === 0) throw new UserError('No list to merge was given.', { code: 'usage' });
  return { into, from };
}
