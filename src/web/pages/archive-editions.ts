import { sql } from 'kysely';
import type { Context } from '../../context.ts';

/** An edition in an archive. */
export interface SentEdition {
  id: number;
  subject: string;
  preheader: string;
  scheduledFor: Date;
  sentAt: Date;
}

/** A newsletter that shows its editions to anyone; undefined if there is none of this slug, or it does not. */
export async function publicNewsletter({ db }: Pick<Context, 'db'>, slug: string) {
  return db
    .selectFrom('newsletters')
    .select(['id', 'slug', 'name', 'description', 'language', 'time_zone'])
    .where('slug', '=', slug.replaceAll('\0', ''))
    .where('public_archive', '=', true)
    .executeTakeFirst();
}

const sentOf = ({ db }: Pick<Context, 'db'>, newsletterId: number) =>
  db
    .selectFrom('editions')
    .where('newsletter_id', '=', newsletterId)
    .where('state', '=', 'sent')
    .orderBy('scheduled_for', 'desc')
    .select([
      'id',
      'subject',
      'preheader',
      'scheduled_for as scheduledFor',
      sql<Date>`coalesce(sent_at, scheduled_for)`.as('sentAt'),
    ]);

/** Editions of a newsletter that have been sent, the latest first. */
export async function sentEditions(
  context: Pick<Context, 'db'>,
  newsletterId: number,
  { from = 0, most }: { from?: number; most: number },
): Promise<SentEdition[]> {
  return sentOf(context, newsletterId).offset(from).limit(most).execute();
}

/** The id of the edition that was sent last. */
export async function latestEdition(
  context: Pick<Context, 'db'>,
  newsletterId: number,
): Promise<number | undefined> {
  return (await sentOf(context, newsletterId).limit(1).executeTakeFirst())?.id;
}

/** Headlines of editions, in the order of the edition; not those that were held in reserve. */
export async function headlinesOf(
  { db }: Pick<Context, 'db'>,
  editionIds: number[],
): Promise<Map<number, { title: string; url: string }[]>> {
  if (editionIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('edition_stories')
    .where('edition_id', 'in', editionIds)
    .where('slot', '<>', 'reserve')
    .orderBy('edition_id')
    .orderBy('position')
    .select([
      'edition_id',
      sql<string>`coalesce(snapshot->>'title', '')`.as('title'),
      sql<string>`coalesce(snapshot->>'url', '')`.as('url'),
    ])
    .execute();
  const byEdition = Map.groupBy(rows, ({ edition_id }) => edition_id);
  return new Map(
    [...byEdition].map(([id, stories]) => [id, stories.map(({ title, url }) => ({ title, url }))]),
  );
}
