import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Json } from '../../src/db/schema.ts';
import type { TestContext } from './context.ts';
import { seedNewsletter } from './seed.ts';

/** A person that a filter may find; what is left out is empty. */
export interface Person {
  email: string;
  name?: string;
  language?: string;
  timeZone?: string;
  fields?: Record<string, Json>;
  tags?: string[];
  created?: string;
  /** By list: a state, or more of the subscription's columns. */
  on?: Record<string, Subscribed>;
}

export interface Subscribed {
  state?: 'pending' | 'confirmed' | 'unsubscribed';
  frequency?: string;
  topics?: string[];
  muted_topics?: string[];
  created_at?: string;
  confirmed_at?: string | null;
  unsubscribed_at?: string | null;
  /** How the consent log says that it came about. */
  via?: string;
}

/** Writes people and the lists that they are on. @returns ids by the part of the address before the @ */
export async function seedPeople(context: TestContext, people: Person[]): Promise<Record<string, number>> {
  const ids: Record<string, number> = {};
  for (const person of people) {
    const key = person.email.toLowerCase();
    const hash = createHash('sha256').update(key).digest();
    const { id } = await context.db
      .insertInto('subscribers')
      .values({
        email: person.email,
        email_key: key,
        email_hash: hash,
        name: person.name ?? null,
        language: person.language ?? null,
        time_zone: person.timeZone ?? null,
        fields: JSON.stringify(person.fields ?? {}),
        tags: person.tags ?? [],
        created_at: person.created ?? '2026-06-01T00:00:00Z',
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    ids[person.email.split('@')[0] ?? ''] = id;
    for (const [slug, { via, state = 'confirmed', ...columns }] of Object.entries(person.on ?? {})) {
      const { id: listId } = await context.db
        .insertInto('lists')
        .values({ slug, name: slug })
        .onConflict((conflict) => conflict.column('slug').doUpdateSet({ name: slug }))
        .returning('id')
        .executeTakeFirstOrThrow();
      await context.db
        .insertInto('subscriptions')
        .values({
          subscriber_id: id,
          list_id: listId,
          state,
          created_at: '2026-06-01T00:00:00Z',
          confirmed_at: state === 'confirmed' ? '2026-06-01T00:00:00Z' : null,
          ...columns,
        })
        .execute();
      if (via)
        await context.db
          .insertInto('consent_log')
          .values([
            {
              email_hash: hash,
              list_id: listId,
              act: via === 'import' ? 'imported' : 'requested',
              at: '2026-06-01T00:00:00Z',
              via,
            },
            { email_hash: hash, list_id: listId, act: 'confirmed', at: '2026-06-02T00:00:00Z', via: 'link' },
          ])
          .execute();
    }
  }
  return ids;
}

/** What somebody did with an edition. */
export interface Did {
  person: number;
  /** When their server accepted it, or when they opened or clicked. */
  at: string;
  what: 'received' | 'open' | 'click';
  source?: 'person' | 'scanner';
  /** Which link of the edition; of two clicks on one link there is one row. */
  position?: number;
}

/** Editions of a newsletter, sent on a day each, with what people did. @returns the editions' ids */
export async function seedHistory(
  context: TestContext,
  listIds: number[],
  days: Record<string, Did[]>,
): Promise<number[]> {
  const newsletter = await seedNewsletter(context, listIds);
  const ids: number[] = [];
  for (const [day, deeds] of Object.entries(days)) {
    const { id } = await context.db
      .insertInto('editions')
      .values({
        newsletter_id: newsletter.id,
        scheduled_for: day,
        planned_at: day,
        sent_at: new Date(Date.parse(day) + 3_600_000),
        state: 'sent',
        theme: 'broadsheet',
        language: 'en',
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    for (const table of ['deliveries', 'engagement'])
      await sql`create table ${sql.table(`${table}_e${id}`)} partition of ${sql.table(table)} for values in (${sql.lit(id)})`.execute(
        context.db,
      );
    for (const { person, at, what, source = 'person', position = -1 } of deeds)
      if (what === 'received')
        await context.db
          .insertInto('deliveries')
          .values({ edition_id: id, subscriber_id: person, state: 'accepted', settled_at: at })
          .execute();
      else
        await context.db
          .insertInto('engagement')
          .values({
            edition_id: id,
            subscriber_id: person,
            kind: what,
            source,
            position,
            first_at: at,
            last_at: at,
          })
          .execute();
    ids.push(id);
  }
  return ids;
}
