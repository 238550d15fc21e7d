import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { inTransaction } from '../db/in-transaction.ts';
import type { LinkSigner } from '../links.ts';
import { parseAddress } from '../subscribers/address.ts';
import { unsubscribe } from '../subscribers/subscribe.ts';
import { suppress } from '../subscribers/suppression.ts';
import { withoutAddresses } from './addresses.ts';
import { listsOfEdition } from './edition-lists.ts';
import type { EventKind, FeedbackEvent } from './event.ts';
import { type Arrival, eventOfMessage } from './message-event.ts';
import { reasons } from './reasons.ts';
import type { AboutDelivery } from './return-path.ts';

type Deps = Pick<Context, 'db' | 'clock' | 'config'>;

/**
 * What an event led to. `suppressed`: no mail any more. `rested`: no mail for a while, after several soft bounces.
 * `unsubscribed`: the newsletter's lists are left. `counted`: a soft bounce below the limit. `unmatched`: it carries no
 * signature of ours, so it is kept and nothing is done.
 */
export type Action = 'suppressed' | 'rested' | 'unsubscribed' | 'counted' | 'nothing' | 'unmatched';

/** How an event was taken. `repeated`: it was known already, and nothing was done. */
export interface Applied {
  kind: EventKind;
  about: AboutDelivery | undefined;
  action: Action | 'repeated';
}

/**
 * Understands a message that came back and acts on it. When it returns, the event is committed.
 * @returns undefined if the message is none of ours to act on
 * @throws only what the database throws
 */
export async function applyMessage(
  context: Deps,
  signer: LinkSigner,
  bytes: Uint8Array,
  arrival: Arrival,
): Promise<Applied | undefined> {
  const event = eventOfMessage(signer, bytes, arrival);
  return event && applyEvent(context, event);
}

/**
 * Records an event and acts on it, in one transaction; an event that is known already does nothing. A hard bounce
 * suppresses the address, several soft ones do for a while, a complaint and a wish to leave unsubscribe at once.
 */
export async function applyEvent(context: Deps, event: FeedbackEvent): Promise<Applied> {
  const { about, kind } = event;
  return inTransaction(context, async (trx) => {
    const inside = { ...context, db: trx };
    // What comes about one person is taken one after the other.
    const person = about && (await lockedPerson(inside, about.subscriberId));
    const known = await trx
      .selectFrom('feedback_events')
      .select('id')
      .where('external_id', '=', event.externalId)
      .executeTakeFirst();
    if (known) return { kind, about, action: 'repeated' };
    const at = happenedAt(event.at, context.clock.now());
    const action = about ? (person ? await act(inside, event, about, person, at) : 'nothing') : 'unmatched';
    const row = await trx
      .insertInto('feedback_events')
      .values({
        external_id: event.externalId,
        source: event.source,
        kind,
        reason: event.reason,
        status: event.status,
        reply: event.reply,
        detail: storable(event.detail),
        edition_id: about?.editionId ?? null,
        subscriber_id: about?.subscriberId ?? null,
        // Whoever was erased stays unknown, whatever comes back about them later.
        email_hash: about && !person ? null : (hashOf(event.address) ?? person?.hash ?? null),
        action,
        at,
        recorded_at: context.clock.now(),
      })
      .onConflict((conflict) => conflict.column('external_id').doNothing())
      .returning('id')
      .executeTakeFirst();
    return { kind, about, action: row ? action : 'repeated' };
  });
}

/** Records that somebody left by a link of an edition, where the page has done all the rest. A second time counts no more. */
export async function noteUnsubscribed(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  { editionId, subscriberId }: AboutDelivery,
): Promise<void> {
  await db
    .insertInto('feedback_events')
    .values({
      external_id: `web:unsubscribe:${editionId}-${subscriberId}`,
      source: 'web',
      kind: 'unsubscribe',
      edition_id: editionId,
      subscriber_id: subscriberId,
      action: 'unsubscribed',
      at: clock.now(),
      recorded_at: clock.now(),
    })
    .onConflict((conflict) => conflict.column('external_id').doNothing())
    .execute();
}

interface Person {
  email: string;
  hash: Buffer;
}

async function act(
  context: Deps,
  event: FeedbackEvent,
  about: AboutDelivery,
  person: Person,
  at: Date,
): Promise<Action> {
  switch (event.kind) {
    case 'hard': {
      await suppress(context, { address: person, reason: 'bounce', note: noteOf(event, about) });
      return 'suppressed';
    }
    case 'soft':
      return countSoft(context, event, about, person, at);
    case 'complaint':
      await leave(context, event, about);
      await suppress(context, { address: person, reason: 'complaint', note: noteOf(event, about) });
      return 'unsubscribed';
    case 'unsubscribe':
      await oweGoodbyes(context, about.subscriberId, await leave(context, event, about));
      return 'unsubscribed';
    default:
      return 'nothing';
  }
}

/** Counts soft bounces of different editions; one edition that is refused again and again is one, and letters are one together. */
async function countSoft(
  context: Deps,
  event: FeedbackEvent,
  { editionId, subscriberId }: AboutDelivery,
  person: Person,
  at: Date,
): Promise<Action> {
  const { count, days, restDays } = context.config.softBounces;
  const day = 86_400_000;
  const { rows } = await sql<{ others: number }>`
    select count(distinct coalesce(edition_id, 0)) as others from feedback_events
    where subscriber_id = ${subscriberId} and kind = 'soft' and coalesce(edition_id, 0) <> ${editionId ?? 0}
      and at > ${new Date(at.getTime() - days * day)} and at <= ${new Date(at.getTime() + days * day)}
      -- After a rest counting begins anew.
      and id > coalesce((select max(id) from feedback_events
        where subscriber_id = ${subscriberId} and action = 'rested'), 0)`.execute(context.db);
  const bounced = (rows[0]?.others ?? 0) + 1;
  if (bounced < count) return 'counted';
  await suppress(context, {
    address: person,
    reason: 'bounce',
    note: `${bounced} bounces in ${days} days, the last: ${noteOf(event, { editionId, subscriberId })}`,
    expiresAt: new Date(context.clock.now().getTime() + restDays * day),
  });
  return 'rested';
}

/** Notes, with what they left, that they are to be told; the mails follow within a minute or two (delivery/goodbyes.ts). */
async function oweGoodbyes({ db, clock }: Deps, subscriberId: number, listIds: number[]): Promise<void> {
  if (listIds.length === 0) return;
  await db
    .insertInto('goodbyes_due')
    .values(listIds.map((listId) => ({ subscriber_id: subscriberId, list_id: listId, since: clock.now() })))
    .onConflict((conflict) => conflict.columns(['subscriber_id', 'list_id']).doNothing())
    .execute();
}

/** @returns the ids of the lists that were left now */
async function leave(context: Deps, event: FeedbackEvent, about: AboutDelivery): Promise<number[]> {
  const known = await listsOfEdition(context, about.editionId ?? 0);
  // As on the page: without an edition there is nothing narrower to leave than everything.
  const listIds = known && known.listIds.length > 0 ? known.listIds : 'all';
  const { left } = await unsubscribe(context, about.subscriberId, listIds, {
    via: event.kind === 'complaint' ? 'complaint' : 'mail',
    evidence: { source: event.source, edition: about.editionId, event: event.externalId },
  });
  return left;
}

async function lockedPerson({ db }: Deps, id: number): Promise<Person | undefined> {
  const row = await db
    .selectFrom('subscribers')
    .select(['email', 'email_hash'])
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row && { email: row.email, hash: row.email_hash };
}

function noteOf({ reason, status }: FeedbackEvent, { editionId }: AboutDelivery): string {
  return `${editionId === null ? 'a letter' : `edition ${editionId}`}: ${reason ? reasons[reason] : 'reported'}${status ? ` (${status})` : ''}`;
}

const oldest = 60 * 86_400_000;

// The clocks of others are often wrong.
function happenedAt(said: Date | undefined, now: Date): Date {
  if (!said || said > now || now.getTime() - said.getTime() > oldest) return now;
  return said;
}

/** Addresses are taken out, as these lines outlive the people they are about; and what Postgres cannot keep. */
function storable(text: string): string {
  return withoutAddresses(text.replaceAll('\0', ' ')).toWellFormed().slice(0, 500);
}

function hashOf(address: string | null): Buffer | undefined {
  try {
    return address ? parseAddress(address).hash : undefined;
  } catch {
    return undefined;
  }
}
