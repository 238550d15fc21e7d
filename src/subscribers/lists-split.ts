import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Context } from '../context.ts';
import { createList, findList, type List } from './lists.ts';
import { carrying, carryOver, carrySuppressions, chooseCarried, type Inside } from './lists-carry.ts';
import { refuseWhileSending } from './lists-use.ts';
import { segmentCondition } from './segments/reference.ts';

type Deps = Pick<Context, 'db' | 'clock'>;

/** The list that is made of another. */
export interface NewListRequest {
  /** The name that readers see. */
  name: string;
  /** Made from the name if not given. */
  slug?: string;
}

/** What splitting or copying did. */
export interface Carried {
  from: List;
  /** The new list, with the settings of the other. */
  into: List;
  /** How many people are on it, whatever their state. */
  people: number;
}

/**
 * Moves those of a list whom a segment fits to a new list with the same settings. Each takes their subscription along as it
 * is: its state, its times, what they chose. Newsletters that send to the list send to the new one too, so that nobody misses
 * anything.
 * @param request.segment a saved segment's name or id, or a filter
 * @param request.newsletters false: no newsletter sends to the new list yet
 * @throws UserError if there is no such list, the segment is wrong, the new list cannot be made, or an edition is being sent
 */
export async function splitList(
  context: Deps,
  slugOrId: string | number,
  request: NewListRequest & { segment: string; newsletters?: boolean },
): Promise<Carried> {
  return carrying(context, async (inside) => {
    const from = await findList(inside, slugOrId);
    await refuseWhileSending(inside, from, 'split');
    const where = await segmentCondition(inside, request.segment);
    const into = await createLike(inside, from, request);
    if (request.newsletters !== false)
      await sql`
        insert into newsletter_lists (newsletter_id, list_id)
        select newsletter_id, ${into.id} from newsletter_lists where list_id = ${from.id}`.execute(inside.db);
    const people = await carry(inside, from, into, 'split', where);
    await sql`
      insert into consent_log (email_hash, list_id, act, at, via, evidence)
      select subscribers.email_hash, ${from.id}, 'changed', ${context.clock.now()}, 'split',
        ${JSON.stringify({ movedTo: into.slug, toList: into.id })}::jsonb
      from subscribers join carried on carried.id = subscribers.id`.execute(inside.db);
    await sql`
      delete from subscriptions where list_id = ${from.id} and subscriber_id in (select id from carried)`.execute(
      inside.db,
    );
    return { from, into, people };
  });
}

/**
 * Makes a list with the settings of another and, unless they are not wanted, its people. Who has left the one has left the
 * copy too. No newsletter sends to it yet.
 * @param request.segment only those people whom it fits
 * @param request.people false: the settings alone
 * @throws UserError if there is no such list, the segment is wrong, or the new list cannot be made
 */
export async function copyList(
  context: Deps,
  slugOrId: string | number,
  request: NewListRequest & { segment?: string; people?: boolean },
): Promise<Carried> {
  return carrying(context, async (inside) => {
    const from = await findList(inside, slugOrId);
    const where = request.segment === undefined ? undefined : await segmentCondition(inside, request.segment);
    const into = await createLike(inside, from, request);
    const people = request.people === false ? 0 : await carry(inside, from, into, 'copy', where);
    return { from, into, people };
  });
}

/** How many people of a list a segment fits, by their state there. Nothing is changed. */
export async function previewCarry(
  context: Deps,
  slugOrId: string | number,
  segment: string | undefined,
): Promise<{ list: List; confirmed: number; pending: number; unsubscribed: number }> {
  const list = await findList(context, slugOrId);
  const where = segment === undefined ? sql<SqlBool>`true` : await segmentCondition(context, segment);
  const { rows } = await sql<{ confirmed: number; pending: number; unsubscribed: number }>`
    select count(*) filter (where subscriptions.state = 'confirmed') as confirmed,
      count(*) filter (where subscriptions.state = 'pending') as pending,
      count(*) filter (where subscriptions.state = 'unsubscribed') as unsubscribed
    from subscribers
    join subscriptions on subscriptions.subscriber_id = subscribers.id and subscriptions.list_id = ${list.id}
    where ${where}`.execute(context.db);
  return { list, ...(rows[0] ?? { confirmed: 0, pending: 0, unsubscribed: 0 }) };
}

async function carry(
  inside: Inside,
  from: List,
  into: List,
  via: 'split' | 'copy',
  where: RawBuilder<SqlBool> | undefined,
): Promise<number> {
  await chooseCarried(inside, [from.id, into.id], from.id, where);
  const { people } = await carryOver(
    inside,
    { from: from.id, to: into.id },
    { via, evidence: { from: from.slug, fromList: from.id } },
  );
  await carrySuppressions(inside, { from: from.id, to: into.id, all: where === undefined });
  return people;
}

async function createLike(inside: Inside, like: List, { name, slug }: NewListRequest): Promise<List> {
  const { description, optIn, topics, welcome, goodbye } = like;
  const list = await createList(inside, { name, slug, description, optIn, topics, welcome, goodbye });
  await sql`
    update lists set sunset_days = other.sunset_days, sunset_grace_days = other.sunset_grace_days
    from lists as other where lists.id = ${list.id} and other.id = ${like.id}`.execute(inside.db);
  return list;
}
