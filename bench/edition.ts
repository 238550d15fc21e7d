import { sql } from 'kysely';
import type { EditionContent, EditionStory } from '../src/editions/content.ts';
import { getEdition } from '../src/editions/editions.ts';
import { createNewsletter } from '../src/editions/newsletters.ts';
import { compileAndStore } from '../src/rendering/store.ts';
import type { BenchContext } from './database.ts';

/** Ten of forty stories go into a message. */
export const slots = [
  { name: 'lead', count: 1 },
  { name: 'top', count: 4 },
  { name: 'brief', count: 5 },
];

/** Seven of them make a message of 40 KB as it goes over the wire, for whoever measures sending. */
export const sentSlots = [
  { name: 'lead', count: 1 },
  { name: 'top', count: 3 },
  { name: 'brief', count: 3 },
];

const sentences = [
  'The harbour master counted the boats twice before he believed the number.',
  'A committee of five will listen to everybody and decide before the spring tide.',
  'Nobody was hurt, though the bakery lost its morning and the ferry its timetable.',
  'Engineers had warned of it for years, in reports that few people read to the end.',
  'What comes next depends on the weather, on the budget, and on the patience of the town.',
];

/** An invented story, with a dek as long as people write them. */
export function benchStory(position: number): EditionStory {
  const dek = Array.from(
    { length: 7 },
    (_, index) => sentences[(position + index * 2) % sentences.length],
  ).join(' ');
  return {
    position,
    slot: position === 0 ? 'lead' : position < 16 ? 'top' : 'brief',
    storyId: position + 1,
    storylineId: position + 1,
    title: `Report ${position + 1}: the tide gate holds for another winter, and the town asks for how long`,
    dek,
    url: `https://news.example.com/2026/11/24/report-${position + 1}?from=digest&part=${position % 7}`,
    imageUrl: `https://img.example.com/${position + 1}.jpg`,
    imageAlt: 'The tide gate at dusk',
    publisher: `Paper ${position % 9}`,
    author: null,
    topics: [['sea', 'town', 'sport', 'science'][position % 4]!],
    publishedAt: '2026-11-24T04:00:00.000Z',
    coverage: 1 + (position % 5),
    developing: null,
    pinned: false,
    score: 1 - position / 100,
    reason: { text: 'Reported by several publishers.', parts: { coverage: 1 } },
    related: [1, 2].map((each) => ({
      storyId: 1000 + position * 2 + each,
      kind: 'coverage' as const,
      title: `How it looked from the other side of the river, part ${each}`,
      url: `https://quay.example.com/${position}/${each}`,
      publisher: 'Quay Courier',
      publishedAt: '2026-11-24T03:00:00.000Z',
      reason: { text: 'Reports the same event.', parts: {} },
    })),
  };
}

/** An invented edition of so many candidate stories. */
export function benchContent(stories: number): EditionContent {
  return {
    editionId: 1,
    version: 1,
    scheduledFor: new Date('2026-11-24T07:00:00Z'),
    newsletter: {
      slug: 'harbour-post',
      name: 'The Harbour Post',
      description: 'What moved on the coast',
      fromName: 'The Harbour Post',
      fromAddress: 'post@news.example.com',
      replyTo: null,
      timeZone: 'Europe/Berlin',
      brand: {},
    },
    subject: 'The tide gate holds for another winter',
    preheader: 'And nine other stories',
    language: 'en',
    theme: 'broadsheet',
    slots,
    stories: Array.from({ length: stories }, (_, position) => benchStory(position)),
  };
}

/** A newsletter whose list has so many confirmed subscribers. @returns the newsletter's id */
export async function seedAudience(context: BenchContext, subscribers: number): Promise<number> {
  const { db } = context;
  const list = await db
    .insertInto('lists')
    .values({ slug: 'readers', name: 'Readers' })
    .returning('id')
    .executeTakeFirstOrThrow();
  await sql`
    insert into subscribers (email, email_key, email_hash, name)
    select email, email, sha256(email::bytea), 'Reader ' || number
    from (select number, 'reader' || number || '@mail' || number % 50 || '.test' as email
          from generate_series(1, ${subscribers}::integer) as number) people`.execute(db);
  await sql`
    insert into subscriptions (subscriber_id, list_id, state, topics, confirmed_at)
    select id, ${list.id}, 'confirmed', (array['{}', '{sea}', '{town,sport}']::text[])[1 + id % 3]::text[], now()
    from subscribers`.execute(db);
  // What autovacuum does on a server that is not minutes old.
  await sql`analyze`.execute(db);
  const newsletter = await createNewsletter(context, {
    slug: 'harbour-post',
    name: 'The Harbour Post',
    fromAddress: 'post@news.example.com',
    cron: '0 7 * * *',
    timeZone: 'UTC',
    listIds: [list.id],
  });
  return newsletter.id;
}

/**
 * An approved and rendered edition with forty stories, for an hour that no other has, and that has not come: a worker
 * starts it when it is told to, not when it looks.
 */
export async function seedEdition(context: BenchContext, newsletterId: number): Promise<number> {
  const { db } = context;
  const before = await db
    .selectFrom('editions')
    .select((e) => e.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  const content = benchContent(40);
  const edition = await db
    .insertInto('editions')
    .values({
      newsletter_id: newsletterId,
      scheduled_for: new Date(Date.parse('2100-01-01T07:00:00Z') + before.count * 3_600_000),
      state: 'approved',
      theme: content.theme,
      language: content.language,
      subject: content.subject,
      preheader: content.preheader,
      policy: JSON.stringify({ slots: sentSlots }),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await addStories(db, edition.id, content.stories);
  await compileAndStore(context, await getEdition(context, edition.id));
  return edition.id;
}

/** Puts stories into an edition that no story of the database stands behind. */
export async function addStories(
  db: BenchContext['db'],
  editionId: number,
  stories: EditionStory[],
): Promise<void> {
  await db
    .insertInto('edition_stories')
    .values(
      stories.map((story) => ({
        edition_id: editionId,
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
}

/** The places that planning makes for an edition's deliveries, and for what readers do with it. */
export async function addPartitions(db: BenchContext['db'], editionId: number): Promise<void> {
  for (const parent of ['deliveries', 'engagement'])
    await sql`create table ${sql.table(`${parent}_e${editionId}`)} partition of ${sql.table(parent)}
      for values in (${sql.lit(editionId)})`.execute(db);
}
