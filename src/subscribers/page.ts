import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { findList } from './lists.ts';
import { segmentCondition } from './segments/reference.ts';

/** A person in a page of people. */
export interface PersonRow {
  id: number;
  email: string;
  name: string | null;
  language: string | null;
  timeZone: string | null;
  createdAt: Date;
  subscriptions: { list: string; state: 'pending' | 'confirmed' | 'unsubscribed' }[];
}

/**
 * People, the newest first, a page at a time.
 * @param filter.list of this list, by short name or id
 * @param filter.state with a subscription in this state (to that list, if one is given)
 * @param filter.search part of an address or name, in any case
 * @param filter.segment a saved segment's name or id, or a filter
 * @param filter.before only those with a smaller id
 * @throws UserError if there is no such list or segment, or the filter is wrong
 */
export async function peopleBefore(
  context: Pick<Context, 'db' | 'clock'>,
  filter: {
    list?: string;
    state?: string;
    search?: string;
    segment?: string;
    before?: number;
    limit: number;
  },
): Promise<PersonRow[]> {
  const { state, search, before } = filter;
  const list = filter.list === undefined ? undefined : await findList(context, filter.list);
  let query = context.db
    .selectFrom('subscribers as s')
    .select([
      's.id',
      's.email',
      's.name',
      's.language',
      's.time_zone as timeZone',
      's.created_at as createdAt',
      sql<PersonRow['subscriptions']>`(
        select coalesce(jsonb_agg(jsonb_build_object('list', l.slug, 'state', u.state) order by l.slug), '[]')
        from subscriptions u join lists l on l.id = u.list_id where u.subscriber_id = s.id)`.as(
        'subscriptions',
      ),
    ])
    .orderBy('s.id', 'desc')
    .limit(filter.limit);
  if (filter.segment !== undefined) query = query.where(await segmentCondition(context, filter.segment, 's'));
  if (before !== undefined) query = query.where('s.id', '<', before);
  if (list || state)
    query = query.where((e) =>
      e.exists(
        e
          .selectFrom('subscriptions as u')
          .whereRef('u.subscriber_id', '=', 's.id')
          .$if(list !== undefined, (inner) => inner.where('u.list_id', '=', list?.id ?? 0))
          .$if(state !== undefined, (inner) => inner.where('u.state', '=', state ?? ''))
          .select('u.list_id'),
      ),
    );
  if (search) {
    const pattern = `%${search.replaceAll('\0', '').replace(/[\\%_]/g, '\\$&')}%`;
    query = query.where((e) => e.or([e('s.email', 'ilike', pattern), e('s.name', 'ilike', pattern)]));
  }
  return query.execute();
}
