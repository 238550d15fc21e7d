import type { Context } from '../context.ts';
import { parseAddress } from '../subscribers/address.ts';
import { settle } from '../subscribers/sunset.ts';
import { isSuppressed } from '../subscribers/suppression.ts';

type Deps = Pick<Context, 'db' | 'clock'>;

/** A mail that is to go out now. Two processes that ask at once get one. */
export interface Due {
  subscriberId: number;
  email: string;
  /** The reader's own, if they have one. */
  language: string | null;
  /** Null: it is about no list in particular. */
  listId: number | null;
  listName: string;
  listSlug: string;
  listDescription: string;
  /** How many days its reader has, where that is not always the same. */
  days?: number;
  /** The mail could not be sent: another attempt may follow at once. */
  giveBack(): Promise<unknown>;
}

interface About {
  subscriberId: number;
  listId: number;
}

const leastMinutesBetween = 60;

/** A confirmation, if one may go out: the subscription waits for it, and the person got none within the hour. */
export async function claimConfirmation(
  context: Deps,
  { subscriberId, listId }: About,
): Promise<Due | undefined> {
  const at = context.clock.now();
  return context.db.transaction().execute(async (trx) => {
    // The hour is counted over all of the person's subscriptions, so the person is what is locked.
    const person = await personOf(trx, subscriberId);
    const subscriptions = await trx
      .selectFrom('subscriptions')
      .select(['list_id', 'state', 'confirmation_sent_at'])
      .where('subscriber_id', '=', subscriberId)
      .execute();
    const wanted = subscriptions.find(({ list_id, state }) => list_id === listId && state === 'pending');
    const recent = subscriptions.some(({ confirmation_sent_at: sent }) => within(sent, at));
    if (!person || !wanted || recent) return undefined;
    const mark = (sentAt: Date | null) => ({ confirmation_sent_at: sentAt });
    await setMark(trx, { subscriberId, listId }, mark(at));
    const list = await listOf(trx, listId);
    if (!list) return undefined;
    return {
      ...person,
      ...list,
      giveBack: () =>
        setMark(context.db, { subscriberId, listId }, mark(wanted.confirmation_sent_at), {
          confirmation_sent_at: at,
        }),
    };
  });
}

/** A welcome, if the subscription is confirmed, its list welcomes people, and this one was not welcomed before. */
export async function claimWelcome(context: Deps, about: About): Promise<Due | undefined> {
  const at = context.clock.now();
  return context.db.transaction().execute(async (trx) => {
    const person = await personOf(trx, about.subscriberId);
    const list = await listOf(trx, about.listId);
    const subscription = await subscriptionOf(trx, about);
    if (!person || !list?.welcome || subscription?.state !== 'confirmed' || subscription.welcomed_at)
      return undefined;
    await setMark(trx, about, { welcomed_at: at });
    return {
      ...person,
      ...list,
      giveBack: () => setMark(context.db, about, { welcomed_at: null }, { welcomed_at: at }),
    };
  });
}

/** A goodbye, if its list says goodbye and the person has left since the last one. Who never confirmed gets none. */
export async function claimGoodbye(context: Deps, about: About): Promise<Due | undefined> {
  const at = context.clock.now();
  return context.db.transaction().execute(async (trx) => {
    const person = await personOf(trx, about.subscriberId);
    const list = await listOf(trx, about.listId);
    const subscription = await subscriptionOf(trx, about);
    if (!person || !list?.goodbye || subscription?.state !== 'unsubscribed') return undefined;
    const { confirmed_at, unsubscribed_at, goodbye_sent_at: before } = subscription;
    if (!confirmed_at || !unsubscribed_at || (before && before >= unsubscribed_at)) return undefined;
    // Their own wish is no reason to say nothing; a mailbox that refuses us, or a complaint, is.
    if (await isUnwelcome({ db: trx, clock: context.clock }, person.hash)) return undefined;
    await setMark(trx, about, { goodbye_sent_at: at });
    return {
      ...person,
      ...list,
      giveBack: () => setMark(context.db, about, { goodbye_sent_at: before }, { goodbye_sent_at: at }),
    };
  });
}

/**
 * The question whether to stay, if someone was noted for it, got none yet, and is still on the list. Else it is settled
 * that there is nobody to ask.
 * @param graceDays how long they have for an answer, from now
 */
export async function claimStay(
  context: Deps,
  about: About,
  graceDays: number,
): Promise<(Due & { answerBy: Date }) | undefined> {
  const at = context.clock.now();
  return context.db.transaction().execute(async (trx) => {
    const inside = { db: trx, clock: context.clock };
    const person = await personOf(trx, about.subscriberId);
    const list = await listOf(trx, about.listId);
    const subscription = await subscriptionOf(trx, about);
    const ask = await trx
      .selectFrom('sunset_asks')
      .select('found_at')
      .where('list_id', '=', about.listId)
      .where('subscriber_id', '=', about.subscriberId)
      .where('asked_at', 'is', null)
      .where('outcome', 'is', null)
      .executeTakeFirst();
    if (!person || !list || !ask) return undefined;
    const set = (values: { asked_at: Date | null; answer_by: Date | null }, db = context.db) =>
      db
        .updateTable('sunset_asks')
        .set(values)
        .where('list_id', '=', about.listId)
        .where('subscriber_id', '=', about.subscriberId)
        .where('outcome', 'is', null)
        .execute();
    if (subscription?.state !== 'confirmed' || (await isSuppressed(inside, person.hash, about.listId))) {
      await settle(inside, about, 'gone');
      return undefined;
    }
    const answerBy = new Date(at.getTime() + graceDays * 86_400_000);
    await set({ asked_at: at, answer_by: answerBy }, trx);
    return {
      ...person,
      ...list,
      days: graceDays,
      answerBy,
      giveBack: () => set({ asked_at: null, answer_by: null }),
    };
  });
}

/**
 * A link that someone asked for, to their preferences or to their data: if the address is known, may be written to, and got
 * none of the kind within the hour.
 */
export async function claimLink(
  context: Deps,
  email: string,
  mark: 'link_sent_at' | 'data_link_sent_at' = 'link_sent_at',
): Promise<Due | undefined> {
  const { key } = parseAddress(email);
  const at = context.clock.now();
  return context.db.transaction().execute(async (trx) => {
    const person = await trx
      .selectFrom('subscribers')
      .select(['id', 'email', 'language', 'email_hash', mark])
      .where('email_key', '=', key)
      .forUpdate()
      .executeTakeFirst();
    if (!person || within(person[mark], at)) return undefined;
    if (await isUnwelcome({ db: trx, clock: context.clock }, person.email_hash)) return undefined;
    const set = (sentAt: Date | null, db = context.db) =>
      db
        .updateTable('subscribers')
        .set({ [mark]: sentAt })
        .where('id', '=', person.id)
        .execute();
    const before = person[mark];
    await set(at, trx);
    const first = await trx
      .selectFrom('subscriptions')
      .select('list_id')
      .where('subscriber_id', '=', person.id)
      .orderBy('list_id')
      .executeTakeFirst();
    return {
      subscriberId: person.id,
      email: person.email,
      language: person.language,
      ...((first && (await listOf(trx, first.list_id))) ?? {
        listId: null,
        listName: '',
        listSlug: '',
        listDescription: '',
      }),
      giveBack: () => set(before),
    };
  });
}

const within = (sent: Date | null, at: Date) =>
  sent !== null && sent.getTime() > at.getTime() - leastMinutesBetween * 60_000;

async function isUnwelcome(context: Deps, hash: Buffer): Promise<boolean> {
  const suppression = await isSuppressed(context, hash);
  return suppression !== undefined && suppression.reason !== 'unsubscribe';
}

/** Locks the person's row, so that calls at the same moment take turns. */
async function personOf(db: Deps['db'], subscriberId: number) {
  const person = await db
    .selectFrom('subscribers')
    .select(['email', 'language', 'email_hash'])
    .where('id', '=', subscriberId)
    .forUpdate()
    .executeTakeFirst();
  return person && { subscriberId, email: person.email, language: person.language, hash: person.email_hash };
}

const subscriptionOf = (db: Deps['db'], { subscriberId, listId }: About) =>
  db
    .selectFrom('subscriptions')
    .select(['state', 'confirmed_at', 'unsubscribed_at', 'welcomed_at', 'goodbye_sent_at'])
    .where('subscriber_id', '=', subscriberId)
    .where('list_id', '=', listId)
    .executeTakeFirst();

async function listOf(db: Deps['db'], listId: number) {
  const list = await db
    .selectFrom('lists')
    .select(['id', 'name', 'slug', 'description', 'welcome', 'goodbye'])
    .where('id', '=', listId)
    .executeTakeFirst();
  if (!list) return undefined;
  return {
    listId: list.id,
    listName: list.name,
    listSlug: list.slug,
    listDescription: list.description,
    welcome: list.welcome,
    goodbye: list.goodbye,
  };
}

type Marks = Partial<Record<'confirmation_sent_at' | 'welcomed_at' | 'goodbye_sent_at', Date | null>>;

function setMark(db: Deps['db'], { subscriberId, listId }: About, marks: Marks, only: Marks = {}) {
  let query = db
    .updateTable('subscriptions')
    .set(marks)
    .where('subscriber_id', '=', subscriberId)
    .where('list_id', '=', listId);
  for (const [name, value] of Object.entries(only))
    query = query.where(name as keyof Marks, '=', value as Date);
  return query.execute();
}
