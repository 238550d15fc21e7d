import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { EditionStory } from '../../src/editions/content.ts';
import { getEdition } from '../../src/editions/editions.ts';
import { createNewsletter, type NewsletterFields } from '../../src/editions/newsletters.ts';
import { compileAndStore } from '../../src/rendering/store.ts';
import type { TestContext } from './context.ts';
import { editionStory } from './edition.ts';

/** A list with confirmed subscribers reader1@example.com and so on. @returns its id and the subscribers' ids in order */
export async function seedList(
  context: TestContext,
  count: number,
  slug = 'readers',
): Promise<{ listId: number; subscriberIds: number[] }> {
  const list = await context.db
    .insertInto('lists')
    .values({ slug, name: slug })
    .returning('id')
    .executeTakeFirstOrThrow();
  const people = Array.from({ length: count }, (_, index) => {
    const email = `reader${index + 1}@example.com`;
    return { email, hash: createHash('sha256').update(email).digest('hex') };
  });
  const { rows } = await sql<{ id: number }>`
    insert into subscribers (email, email_key, email_hash)
    select email, email, decode(hash, 'hex') from jsonb_to_recordset(${JSON.stringify(people)}::jsonb) as p (email text, hash text)
    on conflict (email_key) do update set updated_at = now()
    returning id`.execute(context.db);
  const subscriberIds = rows.map((row) => row.id);
  await sql`
    insert into subscriptions (subscriber_id, list_id, state, confirmed_at)
    select unnest(${subscriberIds}::bigint[]), ${list.id}, 'confirmed', now()`.execute(context.db);
  return { listId: list.id, subscriberIds };
}

/** A newsletter for lists. */
export async function seedNewsletter(
  context: TestContext,
  listIds: number[],
  fields: Partial<NewsletterFields> = {},
) {
  return createNewsletter(context, {
    slug: 'harbour-post',
    name: 'The Harbour Post',
    fromAddress: 'news@harbour.example.com',
    cron: '0 7 * * *',
    timeZone: 'UTC',
    listIds,
    ...fields,
  });
}

/** An approved, rendered edition with invented stories. */
export async function seedEdition(
  context: TestContext,
  newsletterId: number,
  stories: EditionStory[] = Array.from({ length: 8 }, (_, position) => editionStory(position)),
  scheduledFor = context.clock.now(),
): Promise<number> {
  const edition = await context.db
    .insertInto('editions')
    .values({
      newsletter_id: newsletterId,
      scheduled_for: scheduledFor,
      state: 'approved',
      theme: 'broadsheet',
      language: 'en',
      subject: 'The old lighthouse is lit again',
      preheader: 'And seven other stories',
      policy: JSON.stringify({
        slots: [
          { name: 'lead', count: 1 },
          { name: 'top', count: 3 },
          { name: 'brief', count: 4 },
        ],
      }),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await context.db
    .insertInto('edition_stories')
    .values(
      stories.map((story) => ({
        edition_id: edition.id,
        position: story.position,
        slot: story.slot,
        story_id: null,
        storyline_id: null,
        score: story.score,
        reason: JSON.stringify(story.reason),
        snapshot: JSON.stringify(story),
      })),
    )
    .execute();
  await compileAndStore(context, await getEdition(context, edition.id));
  return edition.id;
}
