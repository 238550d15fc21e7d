import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { UserError } from '../errors.ts';
import { parseAddress } from './address.ts';
import { findList } from './lists.ts';
import { segmentCondition } from './segments/reference.ts';

/** A subscriber in a listing. */
export interface SubscriberSummary {
  id: number;
  email: string;
  name: string | null;
  /** `slug (state)` of each subscription. */
  lists: string[];
  createdAt: Date;
}

/**
 * Subscribers, newest first.
 * @param filter.search part of an address or name, in any case
 * @param filter.segment a saved segment's name or id, or a filter
 * @param filter.limit 100 if not given
 */
export async function listSubscribers(
  context: Pick<Context, 'db' | 'clock'>,
  filter: {
    list?: string | number;
    state?: string;
    search?: string;
    segment?: string | number;
    limit?: number;
  } = {},
): Promise<SubscriberSummary[]> {
  const list = filter.list === undefined ? undefined : await findList(context, filter.list);
  let query = context.db
    .selectFrom('subscribers as s')
    .select(['s.id', 's.email', 's.name', 's.created_at'])
    .select((eb) =>
      eb
        .selectFrom('subscriptions as u')
        .innerJoin('lists as l', 'l.id', 'u.list_id')
        .whereRef('u.subscriber_id', '=', 's.id')
        .select(
          sql<string[]>`coalesce(array_agg(l.slug || ' (' || u.state || ')' order by l.slug), '{}')`.as(
            'lists',
          ),
        )
        .as('lists'),
    )
    .orderBy('s.id', 'desc')
    .limit(filter.limit ?? 100);
  if (list || filter.state)
    query = query.where((eb) =>
      eb.exists(
        eb
          .selectFrom('subscriptions as u')
          .whereRef('u.subscriber_id', '=', 's.id')
          .$if(list !== undefined, (inner) => inner.where('u.list_id', '=', list?.id ?? 0))
          .$if(filter.state !== undefined, (inner) => inner.where('u.state', '=', filter.state ?? ''))
          .select('u.list_id'),
      ),
    );
  if (filter.segment !== undefined) query = query.where(await segmentCondition(context, filter.segment, 's'));
  if (filter.search) {
    const pattern = `%${filter.search.replaceAll('\0', '').replace(/[\\%_]/g, '\\$&')}%`;
    query = query.where((eb) => eb.or([eb('s.email', 'ilike', pattern), eb('s.name', 'ilike', pattern)]));
  }
  const rows = await query.execute();
  return rows.map((row) => ({
    id: row.id,
    email: row.email,
    name: row.name,
    lists: row.lists ?? [],
    createdAt: row.created_at,
  }));
}

/** Everything kept about one person. */
export interface SubscriberDetails {
  id: number;
  email: string;
  name: string | null;
  language: string | null;
  timeZone: string | null;
  createdAt: Date;
  subscriptions: Subscription[];
  suppressions: {
    reason: string;
    list: string | null;
    note: string | null;
    since: Date;
    until: Date | null;
  }[];
  /** Newest first. */
  consent: {
    act: string;
    list: string | null;
    at: Date;
    via: string;
    ip: string | null;
    /** The page on which they acted. */
    page: string | null;
    /** The version of what they read, and its words. */
    wording: string | null;
    wordingText: string | null;
    evidence: unknown;
  }[];
}

export interface Subscription {
  listId: number;
  slug: string;
  list: string;
  /** What the list offers to choose among. */
  offeredTopics: string[];
  state: 'pending' | 'confirmed' | 'unsubscribed';
  frequency: string;
  topics: string[];
  mutedTopics: string[];
  /** Publishers. */
  mutedSources: string[];
  /** Publishers of the newsletters' latest editions, the most frequent first: what can be muted. */
  offeredSources: string[];
  pausedUntil: Date | null;
  confirmedAt: Date | null;
  unsubscribedAt: Date | null;
  /** An "unsubscribe" suppression stands against it, whatever its state. */
  optedOut: boolean;
  /** Nobody can come to the list. */
  archived: boolean;
}

/**
 * The id of a subscriber.
 * @param emailOrId an address in any spelling, or an id
 * @throws UserError if there is none
 */
export async function findSubscriber(context: Pick<Context, 'db'>, emailOrId: string): Promise<number> {
  const wanted = emailOrId.trim();
  const byId = /^\d{1,15}$/.test(wanted);
  const row = await context.db
    .selectFrom('subscribers')
    .select('id')
    .where((eb) => (byId ? eb('id', '=', Number(wanted)) : eb('email_key', '=', parseAddress(wanted).key)))
    .executeTakeFirst();
  if (row) return row.id;
  throw new UserError(byId ? `There is no subscriber ${wanted}.` : `Nobody is subscribed as ${wanted}.`, {
    code: 'not-found',
    hint: 'Look for them with: broadsheet subscribers list --search TEXT',
  });
}

// Of the last ten editions that went to the list.
const publishersOf = sql<string[]>`array(
  select story.snapshot->>'publisher'
  from edition_stories as story
  where story.slot <> 'reserve' and story.edition_id in (
    select editions.id from editions
    join newsletter_lists on newsletter_lists.newsletter_id = editions.newsletter_id
    where newsletter_lists.list_id = u.list_id and editions.planned_at is not null
    order by editions.scheduled_for desc limit 10)
  group by 1 order by count(*) desc, 1 limit 20)`.as('publishers');

/** A person's subscriptions, by the list's name. */
export async function subscriptionsOf(
  context: Pick<Context, 'db' | 'clock'>,
  subscriberId: number,
): Promise<Subscription[]> {
  const rows = await context.db
    .selectFrom('subscriptions as u')
    .innerJoin('lists as l', 'l.id', 'u.list_id')
    .where('u.subscriber_id', '=', subscriberId)
    .selectAll('u')
    .innerJoin('subscribers as s', 's.id', 'u.subscriber_id')
    .select(['l.slug', 'l.name', 'l.topics as offered', 'l.archived_at'])
    .select(publishersOf)
    .select(
      sql<boolean>`exists (
        select from suppressions
        where suppressions.email_hash = s.email_hash and suppressions.reason = 'unsubscribe'
          and (suppressions.list_id is null or suppressions.list_id = u.list_id)
          and (suppressions.expires_at is null or suppressions.expires_at > ${context.clock.now()}))`.as(
        'opted_out',
      ),
    )
    .orderBy('l.name')
    .execute();
  return rows.map((row) => ({
    listId: row.list_id,
    slug: row.slug,
    list: row.name,
    offeredTopics: row.offered,
    state: row.state as Subscription['state'],
    frequency: row.frequency,
    topics: row.topics,
    mutedTopics: row.muted_topics,
    mutedSources: row.muted_sources,
    offeredSources: row.publishers,
    pausedUntil: row.paused_until,
    confirmedAt: row.confirmed_at,
    unsubscribedAt: row.unsubscribed_at,
    optedOut: row.opted_out,
    archived: row.archived_at !== null,
  }));
}

/** A person's subscriptions as they hold: one against which an "unsubscribe" suppression stands has ended, as far as they are told. */
export async function heldSubscriptionsOf(
  context: Pick<Context, 'db' | 'clock'>,
  subscriberId: number,
): Promise<Subscription[]> {
  return (await subscriptionsOf(context, subscriberId)).map((subscription) =>
    subscription.optedOut && subscription.state === 'confirmed'
      ? { ...subscription, state: 'unsubscribed' }
      : subscription,
  );
}

/** Everything kept about one person. @throws UserError if there is none of this address or id */
export async function showSubscriber(
  context: Pick<Context, 'db' | 'clock'>,
  emailOrId: string,
): Promise<SubscriberDetails> {
  const id = await findSubscriber(context, emailOrId);
  const person = await context.db
    .selectFrom('subscribers')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const suppressions = await context.db
    .selectFrom('suppressions as s')
    .leftJoin('lists as l', 'l.id', 's.list_id')
    .where('s.email_hash', '=', person.email_hash)
    .select(['s.reason', 'l.slug as list', 's.note', 's.created_at as since', 's.expires_at as until'])
    .orderBy('s.created_at', 'desc')
    .execute();
  const consent = await context.db
    .selectFrom('consent_log as c')
    .leftJoin('lists as l', 'l.id', 'c.list_id')
    .leftJoin('consent_wordings as w', 'w.version', 'c.wording')
    .where('c.email_hash', '=', person.email_hash)
    .select([
      'c.act',
      'l.slug as list',
      'c.at',
      'c.via',
      'c.ip',
      'c.page',
      'c.wording',
      'w.text as wordingText',
      'c.evidence',
    ])
    .orderBy('c.at', 'desc')
    .orderBy('c.id', 'desc')
    .limit(200)
    .execute();
  return {
    id,
    email: person.email,
    name: person.name,
    language: person.language,
    timeZone: person.time_zone,
    createdAt: person.created_at,
    subscriptions: await subscriptionsOf(context, id),
    suppressions,
    consent,
  };
}
