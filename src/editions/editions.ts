import { type Selectable, sql } from 'kysely';
import type { Context } from '../context.ts';
import type { Editions } from '../db/schema.ts';
import { UserError } from '../errors.ts';
import type { EditionContent, EditionStory, Slot } from './content.ts';
import { findNewsletter } from './newsletters.ts';

export type EditionState =
  | 'draft'
  | 'review'
  | 'approved'
  | 'sending'
  | 'paused'
  | 'sent'
  | 'cancelled'
  | 'skipped';
export type Edition = Selectable<Editions> & { state: EditionState };

/**
 * The edition of a newsletter for a scheduled instant, made if there is none. Any number of schedulers may call this
 * for the same instant: the edition exists once, and `created` is true for one of them.
 */
export async function ensureEdition(
  context: Context,
  newsletterId: number,
  scheduledFor: Date,
): Promise<{ edition: Edition; created: boolean }> {
  const { db, clock } = context;
  const newsletter = await db
    .selectFrom('newsletters')
    .selectAll()
    .where('id', '=', newsletterId)
    .executeTakeFirstOrThrow();
  const inserted = await db
    .insertInto('editions')
    .values({
      newsletter_id: newsletterId,
      scheduled_for: scheduledFor,
      theme: newsletter.theme,
      language: newsletter.language,
      policy: JSON.stringify(newsletter.policy),
      created_at: clock.now(),
      updated_at: clock.now(),
    })
    // Counts on the unique constraint over newsletter and scheduled time.
    .onConflict((conflict) => conflict.columns(['newsletter_id', 'scheduled_for']).doNothing())
    .returningAll()
    .executeTakeFirst();
  if (inserted) return { edition: inserted as Edition, created: true };
  const edition = await db
    .selectFrom('editions')
    .selectAll()
    .where('newsletter_id', '=', newsletterId)
    .where('scheduled_for', '=', scheduledFor)
    .executeTakeFirstOrThrow();
  return { edition: edition as Edition, created: false };
}

/** Loads an edition. @throws UserError if there is none with that id */
export async function getEdition(context: Pick<Context, 'db'>, id: number): Promise<Edition> {
  const row = await context.db.selectFrom('editions').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row)
    throw new UserError(`There is no edition ${id}.`, {
      code: 'not-found',
      hint: 'List them with "broadsheet editions list".',
    });
  return row as Edition;
}

/**
 * Finds an edition by id, by `NEWSLETTER` (its newest one) or by `NEWSLETTER@TIME` (an ISO 8601 instant).
 * @throws UserError saying what is missing
 */
export async function findEdition(context: Pick<Context, 'db'>, reference: string): Promise<Edition> {
  if (/^\d{1,15}$/.test(reference)) return getEdition(context, Number(reference));
  const [slug = '', time] = reference.split('@');
  const newsletter = await findNewsletter(context, slug);
  let query = context.db.selectFrom('editions').selectAll().where('newsletter_id', '=', newsletter.id);
  if (time) {
    const instant = new Date(time);
    if (Number.isNaN(instant.getTime()))
      throw new UserError(`"${time}" is no time.`, {
        code: 'usage',
        hint: 'Write it as 2026-11-24T07:00:00Z.',
      });
    query = query.where('scheduled_for', '=', instant);
  }
  const row = await query.orderBy('scheduled_for', 'desc').limit(1).executeTakeFirst();
  if (!row)
    throw new UserError(`The newsletter "${slug}" has no edition${time ? ` for ${time}` : ''}.`, {
      code: 'not-found',
      hint: `Build one with "broadsheet editions build ${slug}".`,
    });
  return row as Edition;
}

/**
 * Editions, the newest scheduled first.
 * @param filter.before only those that come after this one, which is named by its scheduled time and id
 */
export async function listEditions(
  context: Pick<Context, 'db'>,
  filter: {
    newsletterId?: number;
    state?: string;
    before?: { scheduledFor: Date; id: number };
    limit: number;
  },
): Promise<(Edition & { newsletter: string })[]> {
  let query = context.db
    .selectFrom('editions')
    .innerJoin('newsletters', 'newsletters.id', 'editions.newsletter_id')
    .selectAll('editions')
    .select('newsletters.slug as newsletter')
    .orderBy('editions.scheduled_for', 'desc')
    .orderBy('editions.id', 'desc')
    .limit(filter.limit);
  if (filter.newsletterId) query = query.where('newsletter_id', '=', filter.newsletterId);
  if (filter.state) query = query.where('state', '=', filter.state);
  if (filter.before)
    query = query.where(
      sql<boolean>`(editions.scheduled_for, editions.id) < (${filter.before.scheduledFor}, ${filter.before.id})`,
    );
  return (await query.execute()) as (Edition & { newsletter: string })[];
}

/** The stories of an edition, in order, as they stand in it. */
export async function storiesOf(context: Pick<Context, 'db'>, editionId: number): Promise<EditionStory[]> {
  const rows = await context.db
    .selectFrom('edition_stories')
    .select(['snapshot', 'position', 'slot', 'story_id', 'storyline_id'])
    .where('edition_id', '=', editionId)
    .orderBy('position')
    .execute();
  return rows.map((row) => {
    const snapshot = row.snapshot as unknown as EditionStory;
    return {
      ...snapshot,
      // What nobody has moved yet is named by its story, which may be gone by now, or by its place.
      key: snapshot.key ?? (snapshot.storyId === null ? `p${row.position}` : `s${snapshot.storyId}`),
      position: row.position,
      slot: row.slot,
      storyId: row.story_id,
      storylineId: row.storyline_id,
    };
  });
}

/** All that rendering needs to know of an edition. */
export async function contentOf(
  context: Pick<Context, 'db'>,
  edition: Edition,
  slots: Slot[],
): Promise<EditionContent> {
  const newsletter = await context.db
    .selectFrom('newsletters')
    .selectAll()
    .where('id', '=', edition.newsletter_id)
    .executeTakeFirstOrThrow();
  return {
    editionId: edition.id,
    version: edition.version,
    scheduledFor: edition.scheduled_for,
    newsletter: {
      slug: newsletter.slug,
      name: newsletter.name,
      description: newsletter.description,
      fromName: newsletter.from_name,
      fromAddress: newsletter.from_address,
      replyTo: newsletter.reply_to,
      timeZone: newsletter.time_zone,
      brand: newsletter.brand as Record<string, unknown>,
    },
    subject: edition.subject,
    preheader: edition.preheader,
    language: edition.language,
    theme: edition.theme,
    slots,
    stories: await storiesOf(context, edition.id),
  };
}
