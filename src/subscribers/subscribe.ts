import type { Context } from '../context.ts';
import { UserError } from '../errors.ts';
import { type Address, parseAddress } from './address.ts';
import { logConsent, type Origin } from './consent.ts';
import { currentListId, findOpenList } from './lists.ts';
import {
  cleanName,
  cleanTopics,
  type Frequency,
  parseFrequency,
  parseLanguage,
  parseTimeZone,
} from './personal-values.ts';
import { isSuppressed, type SuppressionReason, suppress } from './suppression.ts';
import { liftSuppressions } from './suppression-lift.ts';

export { removeSubscriber } from './erasure.ts';

type Deps = Pick<Context, 'db' | 'clock'>;

/** Someone's wish to get a list, or an admin's for them. */
export interface SubscribeRequest extends Origin {
  email: string;
  /** Slug or id. */
  list: string | number;
  name?: string;
  topics?: string[];
  frequency?: string;
  timeZone?: string;
  language?: string;
  /** Consent was proven otherwise: no confirmation is asked. Ignored when the wish comes through a public form. */
  confirmed?: boolean;
  /** Why mail may go again although the address is suppressed. Only an admin can know. */
  liftSuppression?: string;
}

export interface SubscribeResult {
  /** Null if the address is suppressed and unknown. */
  subscriberId: number | null;
  listId: number;
  /** `already`: was confirmed before. `suppressed`: nothing was done. */
  state: 'pending' | 'confirmed' | 'already' | 'suppressed';
  /** A confirmation mail is wanted. Send it with `sendConfirmation`, which keeps to one an hour. */
  needsConfirmation: boolean;
  /** What stands in the way, if suppressed. */
  suppression?: SuppressionReason;
}

/**
 * Subscribes an address to a list. Calls at the same moment for the same address make one subscriber.
 *
 * Through a public form (`via: 'form'`) anyone can type anyone's address, so nothing about a known person is
 * changed, and someone who left the list has to confirm again, on a single opt-in list too.
 * @throws UserError if the address, a value or the list is wrong
 */
export async function subscribe(context: Deps, request: SubscribeRequest): Promise<SubscribeResult> {
  const address = parseAddress(request.email);
  const list = await findOpenList(context, request.list);
  const wish = {
    name: cleanName(request.name),
    topics: request.topics && cleanTopics(request.topics),
    frequency: request.frequency === undefined ? undefined : parseFrequency(request.frequency),
    timeZone: request.timeZone === undefined ? undefined : parseTimeZone(request.timeZone),
    language: request.language === undefined ? undefined : parseLanguage(request.language),
  };
  const anyone = request.via === 'form';

  return context.db.transaction().execute(async (trx) => {
    const inside = { db: trx, clock: context.clock };
    if (request.liftSuppression && !anyone) {
      await trx
        .selectFrom('subscribers')
        .select('id')
        .where('email_key', '=', address.key)
        .forUpdate()
        .execute();
      const reasons = await liftSuppressions(inside, {
        emailHash: address.hash,
        listIds: [list.id],
        origin: request,
      });
      if (reasons.length > 0)
        await logConsent(inside, address.hash, 'changed', list.id, {
          ...request,
          evidence: { ...request.evidence, lifted: reasons, because: request.liftSuppression },
        });
    }
    const suppression = await isSuppressed(inside, address.hash, list.id);
    const left = suppression?.reason === 'unsubscribe';
    if (suppression && !(left && anyone)) {
      const known = await trx
        .selectFrom('subscribers')
        .select('id')
        .where('email_key', '=', address.key)
        .executeTakeFirst();
      return {
        subscriberId: known?.id ?? null,
        listId: list.id,
        state: 'suppressed',
        needsConfirmation: false,
        suppression: suppression.reason,
      };
    }

    const subscriberId = await upsertSubscriber(inside, address, wish, !anyone);
    // From here on the subscriber's row is locked, and nobody else touches their subscriptions.
    const existing = await trx
      .selectFrom('subscriptions')
      .select('state')
      .where('subscriber_id', '=', subscriberId)
      .where('list_id', '=', list.id)
      .executeTakeFirst();
    const { via, ip, page, wording, evidence } = request;
    const origin = { via, ip, page, wording, evidence };

    if (existing?.state === 'confirmed' && !left) {
      if (!anyone && (wish.topics || wish.frequency)) {
        await trx
          .updateTable('subscriptions')
          .set({ ...given(wish), updated_at: context.clock.now() })
          .where('subscriber_id', '=', subscriberId)
          .where('list_id', '=', list.id)
          .execute();
        await logConsent(inside, address.hash, 'changed', list.id, origin);
      }
      return { subscriberId, listId: list.id, state: 'already', needsConfirmation: false };
    }

    const returning = left || existing?.state === 'unsubscribed';
    const confirmed = anyone
      ? list.optIn === 'single' && !returning
      : Boolean(request.confirmed) || list.optIn === 'single';
    const now = context.clock.now();
    const state = confirmed ? 'confirmed' : 'pending';
    await trx
      .insertInto('subscriptions')
      .values({
        subscriber_id: subscriberId,
        list_id: list.id,
        state,
        ...given(wish),
        confirmed_at: confirmed ? now : null,
        created_at: now,
        updated_at: now,
      })
      .onConflict((conflict) =>
        conflict.columns(['subscriber_id', 'list_id']).doUpdateSet({
          state,
          ...given(wish),
          ...(confirmed && { confirmed_at: now, unsubscribed_at: null }),
          updated_at: now,
        }),
      )
      .execute();
    const act = confirmed ? (anyone ? 'confirmed' : 'added') : 'requested';
    await logConsent(inside, address.hash, act, list.id, origin);
    return { subscriberId, listId: list.id, state, needsConfirmation: !confirmed };
  });
}

const given = (wish: { topics?: string[]; frequency?: Frequency }) => ({
  ...(wish.topics && { topics: wish.topics }),
  ...(wish.frequency && { frequency: wish.frequency }),
});

/** Makes or finds the subscriber, and locks the row until the transaction ends. */
async function upsertSubscriber(
  context: Deps,
  address: Address,
  wish: { name?: string; timeZone?: string; language?: string },
  mayChange: boolean,
): Promise<number> {
  const now = context.clock.now();
  const values = {
    ...(wish.name && { name: wish.name }),
    ...(wish.timeZone && { time_zone: wish.timeZone }),
    ...(wish.language && { language: wish.language }),
  };
  const changes = mayChange && Object.keys(values).length > 0 ? { ...values, updated_at: now } : {};
  const { id } = await context.db
    .insertInto('subscribers')
    .values({
      email: address.email,
      email_key: address.key,
      email_hash: address.hash,
      ...values,
      created_at: now,
      updated_at: now,
    })
    // Not "do nothing": an update returns the row, whoever made it, and locks it.
    .onConflict((conflict) =>
      conflict.column('email_key').doUpdateSet({ email_key: address.key, ...changes }),
    )
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

/**
 * Confirms a subscription, as its mailed link asks. Someone who had left comes back by it, to this list alone: their own
 * "unsubscribe" suppression goes, and nothing else does. Of a list that went into another, the other is meant.
 * @returns `unknown` if there is no such subscription (any more), `suppressed` if something else forbids mail, `closed` if
 * the list is archived
 */
export async function confirm(
  context: Deps,
  subscriberId: number,
  wantedListId: number,
  origin: Origin,
): Promise<{ state: 'confirmed' | 'already' | 'suppressed' | 'unknown' | 'closed' }> {
  return context.db.transaction().execute(async (trx) => {
    const inside = { db: trx, clock: context.clock };
    const person = await lockSubscriber(inside, subscriberId);
    const listId = await currentListId(inside, wantedListId);
    const subscription = await trx
      .selectFrom('subscriptions')
      .innerJoin('lists', 'lists.id', 'subscriptions.list_id')
      .select(['state', 'confirmed_at', 'confirmation_wording', 'archived_at'])
      .where('subscriber_id', '=', subscriberId)
      .where('list_id', '=', listId)
      .executeTakeFirst();
    if (!person || !subscription) return { state: 'unknown' };

    const isIn = subscription.state === 'confirmed';
    if (subscription.archived_at !== null && !isIn) return { state: 'closed' };

    const emailHash = person.email_hash;
    await liftSuppressions(inside, { emailHash, listIds: [listId], reasons: ['unsubscribe'], origin });
    if (await isSuppressed(inside, person.email_hash, listId)) return { state: 'suppressed' };
    if (isIn) return { state: 'already' };
    const now = context.clock.now();
    await trx
      .updateTable('subscriptions')
      .set({ state: 'confirmed', confirmed_at: now, unsubscribed_at: null, updated_at: now })
      .where('subscriber_id', '=', subscriberId)
      .where('list_id', '=', listId)
      .execute();
    const act = subscription.confirmed_at ? 'resubscribed' : 'confirmed';
    await logConsent(inside, person.email_hash, act, listId, {
      ...origin,
      ...wordingsOf(origin, subscription.confirmation_wording),
    });
    return { state: 'confirmed' };
  });
}

/** What a link confirms is what its page says, or what its mail asked; where both are known, both are kept. */
function wordingsOf({ via, wording, evidence }: Origin, mail: string | null): Partial<Origin> {
  if (via !== 'link' || !mail) return {};
  return wording ? { evidence: { ...evidence, mailWording: mail } } : { wording: mail };
}

/**
 * Ends subscriptions. The lists left are suppressed for the address, so that no import brings them back; with
 * `all`, every list there is and will be. What an import or an admin had ended already is left by the person as well, so that
 * undoing the import does not bring it back. Doing it again changes nothing. Within a transaction it is part of that.
 * @returns the ids of the lists that were left now
 */
export async function unsubscribe(
  context: Deps,
  subscriberId: number,
  listIds: number[] | 'all',
  origin: Origin,
): Promise<{ left: number[] }> {
  return inTransaction(context.db, async (trx) => {
    const inside = { db: trx, clock: context.clock };
    const person = await lockSubscriber(inside, subscriberId);
    if (!person || listIds.length === 0) return { left: [] };
    const now = context.clock.now();
    const address = { hash: person.email_hash, email: person.email };
    const known = await ownOptOuts(inside, address.hash);
    const rows = await trx
      .selectFrom('subscriptions')
      .select(['list_id', 'state'])
      .where('subscriber_id', '=', subscriberId)
      .$if(listIds !== 'all', (query) => query.where('list_id', 'in', listIds as number[]))
      .orderBy('list_id')
      .execute();
    const left: number[] = [];
    for (const { list_id: listId, state } of rows) {
      const isOut = state === 'unsubscribed';
      if (isOut && (known.has(listId) || known.has(null))) continue;
      await trx
        .updateTable('subscriptions')
        .set({ state: 'unsubscribed', updated_at: now, ...(!isOut && { unsubscribed_at: now }) })
        .where('subscriber_id', '=', subscriberId)
        .where('list_id', '=', listId)
        .execute();
      await suppress(inside, { address, listId, reason: 'unsubscribe', at: now });
      await logConsent(inside, address.hash, 'unsubscribed', listId, origin);
      if (!isOut) left.push(listId);
    }
    if (listIds === 'all' && !known.has(null)) {
      await suppress(inside, { address, reason: 'unsubscribe', at: now });
      await logConsent(inside, address.hash, 'unsubscribed', null, origin);
    }
    return { left };
  });
}

/** The lists (null: all) that an address is out of for good, whatever becomes of imports. */
async function ownOptOuts({ db }: Pick<Context, 'db'>, emailHash: Buffer): Promise<Set<number | null>> {
  const rows = await db
    .selectFrom('suppressions')
    .select('list_id')
    .where('email_hash', '=', emailHash)
    .where('reason', '=', 'unsubscribe')
    .where('expires_at', 'is', null)
    .where('import_id', 'is', null)
    .execute();
  return new Set(rows.map(({ list_id }) => list_id));
}

const undoHours = 24;

/**
 * Takes an unsubscription back, within 24 hours of it. Of lists that went into others, the others are meant.
 * @returns the ids of the lists that are subscribed again
 */
export async function undoUnsubscribe(
  context: Deps,
  subscriberId: number,
  wantedListIds: number[],
  origin: Origin,
): Promise<{ resubscribed: number[] }> {
  if (wantedListIds.length === 0) return { resubscribed: [] };
  return context.db.transaction().execute(async (trx) => {
    const inside = { db: trx, clock: context.clock };
    const person = await lockSubscriber(inside, subscriberId);
    if (!person) return { resubscribed: [] };
    const now = context.clock.now();
    const wanted: number[] = [];
    for (const id of wantedListIds) wanted.push(await currentListId(inside, id));
    const rows = await trx
      .selectFrom('subscriptions')
      .select(['list_id', 'unsubscribed_at'])
      .where('subscriber_id', '=', subscriberId)
      .where('list_id', 'in', wanted)
      .where('state', '=', 'unsubscribed')
      // Whoever left before confirming has nothing to come back to.
      .where('confirmed_at', 'is not', null)
      .where('unsubscribed_at', '>', new Date(now.getTime() - undoHours * 3_600_000))
      .execute();
    if (rows.length === 0) return { resubscribed: [] };
    const listIds = rows.map((row) => row.list_id);
    await liftSuppressions(inside, {
      emailHash: person.email_hash,
      listIds,
      reasons: ['unsubscribe'],
      takenBack: rows.flatMap(({ unsubscribed_at }) => unsubscribed_at ?? []),
      origin,
    });
    await trx
      .updateTable('subscriptions')
      .set({ state: 'confirmed', unsubscribed_at: null, updated_at: now })
      .where('subscriber_id', '=', subscriberId)
      .where('list_id', 'in', listIds)
      .execute();
    for (const listId of listIds) await logConsent(inside, person.email_hash, 'resubscribed', listId, origin);
    return { resubscribed: listIds };
  });
}

// Publishers are compared as they are written.
function cleanSources(sources: string[]): string[] {
  return [...new Set(sources.map((source) => source.trim().slice(0, 200)).filter(Boolean))].slice(0, 200);
}

/** What someone changes about themselves. What is not given stays. */
export interface PreferenceChanges {
  /** Null takes the name away. */
  name?: string | null;
  timeZone?: string | null;
  language?: string | null;
  /** True: what they open and click is not counted. */
  untracked?: boolean;
  lists?: {
    listId: number;
    /** False leaves the list, true comes back to it. */
    subscribed?: boolean;
    frequency?: string;
    /** Stories of these come first. */
    topics?: string[];
    mutedTopics?: string[];
    /** Publishers whose stories are left out. */
    mutedSources?: string[];
    /** No mail before this instant; null ends the pause. */
    pausedUntil?: Date | null;
  }[];
}

/**
 * Changes a subscriber's preferences. Lists that they never subscribed to are passed over.
 * @throws UserError if a value is wrong; nothing is changed then
 */
export async function updatePreferences(
  context: Deps,
  subscriberId: number,
  changes: PreferenceChanges,
  origin: Origin,
): Promise<void> {
  const own = {
    ...(changes.name !== undefined && { name: cleanName(changes.name) ?? null }),
    ...(changes.timeZone !== undefined && { time_zone: changes.timeZone && parseTimeZone(changes.timeZone) }),
    ...(changes.language !== undefined && { language: changes.language && parseLanguage(changes.language) }),
    ...(changes.untracked !== undefined && { untracked: changes.untracked }),
  };
  const lists = (changes.lists ?? []).map((list) => {
    const muted = list.mutedTopics && cleanTopics(list.mutedTopics);
    return {
      listId: list.listId,
      subscribed: list.subscribed,
      values: {
        ...(list.frequency !== undefined && { frequency: parseFrequency(list.frequency) }),
        // Muting wins over choosing the same topic.
        ...(list.topics && { topics: cleanTopics(list.topics).filter((topic) => !muted?.includes(topic)) }),
        ...(muted && { muted_topics: muted }),
        ...(list.mutedSources && { muted_sources: cleanSources(list.mutedSources) }),
        ...(list.pausedUntil !== undefined && { paused_until: list.pausedUntil }),
      },
    };
  });
  const now = context.clock.now();

  const leaving = await context.db.transaction().execute(async (trx) => {
    const inside = { db: trx, clock: context.clock };
    const person = await lockSubscriber(inside, subscriberId);
    if (!person) throw new UserError('This person is no longer subscribed.', { code: 'not-found' });
    if (Object.keys(own).length > 0)
      await trx
        .updateTable('subscribers')
        .set({ ...own, updated_at: now })
        .where('id', '=', subscriberId)
        .execute();
    const leave: number[] = [];
    for (const list of lists) {
      const row = await trx
        .selectFrom('subscriptions')
        .select('state')
        .where('subscriber_id', '=', subscriberId)
        .where('list_id', '=', list.listId)
        .executeTakeFirst();
      if (!row) continue;
      if (Object.keys(list.values).length > 0) {
        await trx
          .updateTable('subscriptions')
          .set({ ...list.values, updated_at: now })
          .where('subscriber_id', '=', subscriberId)
          .where('list_id', '=', list.listId)
          .execute();
        await logConsent(inside, person.email_hash, 'changed', list.listId, origin);
      }
      if (list.subscribed === false && row.state !== 'unsubscribed') leave.push(list.listId);
    }
    return leave;
  });
  // These hold the same lock in a transaction each: leaving or coming back is not undone by a wrong value elsewhere.
  await unsubscribe(context, subscriberId, leaving, origin);
  for (const list of lists) if (list.subscribed) await confirm(context, subscriberId, list.listId, origin);
}

const inTransaction = <T>(db: Deps['db'], work: (trx: Deps['db']) => Promise<T>): Promise<T> =>
  db.isTransaction ? work(db) : db.transaction().execute(work);

const lockSubscriber = (context: Deps, subscriberId: number) =>
  context.db
    .selectFrom('subscribers')
    .select(['email', 'email_hash'])
    .where('id', '=', subscriberId)
    .forUpdate()
    .executeTakeFirst();
