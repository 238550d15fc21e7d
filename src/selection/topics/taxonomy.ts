import { sql } from 'kysely';
import { z } from 'zod';
import { checked } from '../../checked.ts';
import type { Context } from '../../context.ts';
import { UserError } from '../../errors.ts';
import { starterTopics } from './starter.ts';

const line = z.string().trim().min(1).max(100);

/** A topic as people write it down: in a file for `topics import`, or through the CLI. */
export const topicSchema = z.strictObject({
  /** What subscribers, policies and rules call it. */
  slug: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'is made of lower-case letters, digits and hyphens'),
  name: line,
  /** What sources call it; case and accents do not count. */
  categories: z.array(line).max(200).default([]),
  /** Words and phrases that stand for it. `harbo*` stands for every word that begins so. */
  keywords: z
    .array(
      line.refine((keyword) => !/^[\p{L}\p{N}]{1,2}\*$/u.test(keyword), {
        error: ({ input }) =>
          `"${input}" stands for far too many words: write at least three letters before the *`,
      }),
    )
    .max(500)
    .default([]),
});

export type TopicDefinition = z.infer<typeof topicSchema>;

/** A topic of the database. */
export interface Topic extends TopicDefinition {
  id: number;
  updatedAt: Date;
}

/** The topics in force, by slug. A new database gets the starter taxonomy, once: who removes a topic has removed it. */
export async function loadTaxonomy(context: Pick<Context, 'db' | 'clock'>): Promise<Topic[]> {
  const rows = await context.db.selectFrom('topics').selectAll().orderBy('slug').execute();
  if (rows.length === 0 && (await plantStarter(context))) return loadTaxonomy(context);
  return rows.map(({ updated_at, created_at: _, ...row }) => ({ ...row, updatedAt: updated_at }));
}

async function plantStarter({ db, clock }: Pick<Context, 'db' | 'clock'>): Promise<boolean> {
  return db.transaction().execute(async (transaction) => {
    const first = await transaction
      .insertInto('settings')
      .values({ name: 'starter-topics', value: 'true' })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .returning('name')
      .executeTakeFirst();
    if (!first) return false;
    const now = clock.now();
    await transaction
      .insertInto('topics')
      .values(starterTopics.map((topic) => ({ ...topic, created_at: now, updated_at: now })))
      .onConflict((conflict) => conflict.column('slug').doNothing())
      .execute();
    return true;
  });
}

/**
 * Adds topics, or changes those whose slug there is. All stories of the last month are labelled anew afterwards.
 * @throws UserError naming the topic and the field that is wrong; then nothing is changed
 */
export async function putTopics(context: Context, input: unknown[]): Promise<TopicDefinition[]> {
  await loadTaxonomy(context);
  const topics = input.map(parseTopic);
  const twice = topics.find(({ slug }, at) => topics.findIndex((other) => other.slug === slug) !== at);
  if (twice)
    throw new UserError(`The topic "${twice.slug}" is given twice.`, {
      code: 'topic',
      hint: 'Put both together.',
    });
  const now = context.clock.now();
  if (topics.length > 0)
    await context.db
      .insertInto('topics')
      .values(topics.map((topic) => ({ ...topic, created_at: now, updated_at: now })))
      .onConflict((conflict) =>
        conflict.column('slug').doUpdateSet((e) => ({
          name: e.ref('excluded.name'),
          categories: e.ref('excluded.categories'),
          keywords: e.ref('excluded.keywords'),
          updated_at: e.ref('excluded.updated_at'),
        })),
      )
      .execute();
  await labelAnew(context);
  return topics;
}

function parseTopic(document: unknown, at: number): TopicDefinition {
  const called =
    document !== null && typeof document === 'object' && 'slug' in document
      ? `"${String(document.slug)}"`
      : at + 1;
  return checked(topicSchema, document, {
    says: `Topic ${called} is wrong`,
    root: 'topic',
    code: 'topic',
    hint: 'A topic is {"slug": "harbour", "name": "Harbour", "categories": ["Port"], "keywords": ["quay", "dock*"]}.',
  });
}

/** @param slug its short name, or its id if none is called so. @throws UserError naming the topics that there are */
export async function findTopic(context: Context, slug: string): Promise<Topic> {
  const topics = await loadTaxonomy(context);
  const topic = topics.find((each) => each.slug === slug) ?? topics.find((each) => String(each.id) === slug);
  if (topic) return topic;
  throw new UserError(`There is no topic "${slug}".`, {
    code: 'not-found',
    hint:
      topics.length > 0
        ? `There are: ${topics.map((each) => each.slug).join(', ')}.`
        : 'Add one: broadsheet topics create SLUG',
  });
}

/** Removes a topic from the taxonomy; stories of the last month lose it. @throws UserError if there is none */
export async function removeTopic(context: Context, slug: string): Promise<void> {
  const topic = await findTopic(context, slug);
  await context.db.deleteFrom('topics').where('id', '=', topic.id).execute();
  await labelAnew(context);
}

const month = 30 * 24 * 3_600_000;

/** Has all stories of the last month wait for their topics again. @returns how many */
export async function labelAnew({ db, clock }: Pick<Context, 'db' | 'clock'>): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    update stories set topics_at = null
    where topics_at is not null and published_at > ${new Date(clock.now().getTime() - month)}`.execute(db);
  return Number(numAffectedRows);
}

/** How many stories of the last month have each topic. */
export async function storiesByTopic({
  db,
  clock,
}: Pick<Context, 'db' | 'clock'>): Promise<Map<string, number>> {
  const { rows } = await sql<{ topic: string; stories: number }>`
    select topic, count(*)::integer as stories
    from stories, unnest(topics) as topic
    where published_at > ${new Date(clock.now().getTime() - month)}
    group by topic`.execute(db);
  return new Map(rows.map(({ topic, stories }) => [topic, stories]));
}
