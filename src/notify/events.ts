import type { Selectable } from 'kysely';
import { z } from 'zod';
import type { Context } from '../context.ts';
import type { WebhookEvents } from '../db/schema.ts';
import { deliveryReport } from '../delivery/report.ts';
import { UserError } from '../errors.ts';
import { type EventKind, eventKinds, kinds } from './event-kinds.ts';

export { type EventKind, eventKinds, kinds };

/** @throws UserError naming the kinds that there are, if one of these is none */
export function parseKinds(texts: readonly string[]): EventKind[] {
  const unknown = texts.find((text) => !kinds.includes(text as EventKind));
  if (unknown !== undefined || texts.length === 0)
    throw new UserError(unknown === undefined ? 'No event was named.' : `There is no event "${unknown}".`, {
      code: 'usage',
      hint: `The events are ${kinds.join(', ')}.`,
    });
  return [...new Set(texts as EventKind[])];
}

const person = z.object({
  id: z.number().int().nullable().describe('null once they have been erased'),
  email: z.string().nullable().describe('null once they have been erased'),
  emailHash: z.string().nullable().describe('SHA-256 of the address in lower case, in hexadecimal'),
});
const edition = z
  .object({
    id: z.number().int(),
    newsletter: z.string(),
    subject: z.string(),
    scheduledFor: z.string(),
    sentAt: z.string().nullable(),
    recipients: z.number().int().nullable(),
  })
  .nullable()
  .describe('null once it has been removed');
const consent = z.object({
  subscriber: person,
  list: z
    .object({ id: z.number().int(), slug: z.string().nullable(), name: z.string().nullable() })
    .nullable()
    .describe('null: every list'),
  via: z
    .string()
    .describe(
      'form, link, one-click, preferences, page, admin, import, api, mail, complaint, sunset, merge, split or copy',
    ),
  state: z.enum(['pending', 'confirmed', 'unsubscribed']).nullable(),
});
const cameBack = z.object({
  subscriber: person,
  edition,
  bounce: z.enum(['hard', 'soft', 'block']).nullable(),
  reason: z.string().nullable().describe('such as userunknown or mailboxfull'),
  status: z.string().nullable().describe('an enhanced status code (RFC 3463)'),
  action: z.string().describe('what it led to: suppressed, rested, unsubscribed, counted or nothing'),
});

/** The `data` of each kind of event. */
export const eventData = {
  'subscriber.subscribed': consent,
  'subscriber.confirmed': consent,
  'subscriber.unsubscribed': consent,
  'subscriber.bounced': cameBack,
  'subscriber.complained': cameBack,
  'subscriber.erased': z.object({ subscriber: person, via: z.string() }),
  'edition.sent': z.object({
    edition,
    deliveries: z
      .record(z.string(), z.number().int())
      .describe('planned, accepted, failed, skipped and uncertain'),
  }),
} satisfies Record<EventKind, z.ZodType>;

/** An event as it was noted. */
export type NotedEvent = Selectable<WebhookEvents>;

/** What is posted of an event. */
export interface Message {
  type: string;
  /** When it happened; ISO 8601, UTC. */
  timestamp: string;
  data: unknown;
}

/**
 * What is posted of an event. People, lists and editions are looked up now: whoever has been erased since has no address
 * any more.
 */
export async function messageOfEvent(context: Pick<Context, 'db'>, event: NotedEvent): Promise<Message> {
  const more = event.data as Record<string, unknown>;
  const kind = event.kind as EventKind;
  const data =
    kind === 'edition.sent'
      ? { edition: await editionOf(context, event), deliveries: await deliveriesOf(context, event) }
      : kind === 'subscriber.bounced' || kind === 'subscriber.complained'
        ? { subscriber: await personOf(context, event), edition: await editionOf(context, event), ...more }
        : kind === 'subscriber.erased'
          ? { subscriber: await personOf(context, event), via: more.via }
          : { subscriber: await personOf(context, event), list: await listOf(context, event), ...more };
  return { type: event.kind, timestamp: event.at.toISOString(), data };
}

async function personOf({ db }: Pick<Context, 'db'>, event: NotedEvent) {
  const row =
    event.subscriber_id === null
      ? undefined
      : await db
          .selectFrom('subscribers')
          .select(['id', 'email'])
          .where('id', '=', event.subscriber_id)
          .executeTakeFirst();
  return {
    id: row?.id ?? null,
    email: row?.email ?? null,
    emailHash: event.email_hash?.toString('hex') ?? null,
  };
}

async function listOf({ db }: Pick<Context, 'db'>, { list_id }: NotedEvent) {
  if (list_id === null) return null;
  const row = await db
    .selectFrom('lists')
    .select(['slug', 'name'])
    .where('id', '=', list_id)
    .executeTakeFirst();
  return { id: list_id, slug: row?.slug ?? null, name: row?.name ?? null };
}

async function editionOf({ db }: Pick<Context, 'db'>, { edition_id }: NotedEvent) {
  if (edition_id === null) return null;
  const row = await db
    .selectFrom('editions')
    .innerJoin('newsletters', 'newsletters.id', 'editions.newsletter_id')
    .select(['editions.id', 'slug', 'editions.subject', 'scheduled_for', 'sent_at', 'planned_count'])
    .where('editions.id', '=', edition_id)
    .executeTakeFirst();
  if (!row) return null;
  return {
    id: row.id,
    newsletter: row.slug,
    subject: row.subject,
    scheduledFor: row.scheduled_for.toISOString(),
    sentAt: row.sent_at?.toISOString() ?? null,
    recipients: row.planned_count,
  };
}

async function deliveriesOf(context: Pick<Context, 'db'>, { edition_id }: NotedEvent) {
  const { planned, accepted, failed, skipped, uncertain } = await deliveryReport(context, edition_id ?? 0);
  return { planned, accepted, failed, skipped, uncertain };
}
