import { sql } from 'kysely';
import type { Context } from '../../context.ts';
import { Centroids, type Example } from './centroids.ts';
import { keepBest, leastConfidence, sorted, TopicMatcher, type TopicReason } from './matcher.ts';
import { loadTaxonomy } from './taxonomy.ts';

/** How much to label in one go. */
export interface LabelOptions {
  /** At most so many stories; all that wait if it is not given. */
  limit?: number;
  /** Called now and then with the number of stories labelled so far, and of those that wait still. */
  onProgress?: (labelled: number, waiting: number) => void;
  /** Aborted, it ends after the stories at hand. The others wait, as they did. */
  signal?: AbortSignal;
}

const batchSize = 500;
const centroidsKeptMs = 3_600_000;
// A topic's middle is taken from so many of its newest stories, and a topic's own are those that are this sure.
const mostExamples = 400;
const examplesKeptMs = 60 * 24 * 3_600_000;
const surelyAbout = 0.65;
const mostTopics = 12;

/**
 * Gives stories that wait for it their topics: by their sources' categories, by the taxonomy's keywords, and, where
 * these say nothing, by likeness to stories that are known to be about a topic. Each has a confidence and a reason.
 * Rows that others are at are passed over, so any number of processes may call this at once.
 * @returns how many stories were labelled
 */
export async function labelStories(
  context: Pick<Context, 'db' | 'clock'>,
  { limit = Number.POSITIVE_INFINITY, onProgress, signal }: LabelOptions = {},
): Promise<number> {
  let labelled = 0;
  let tools: Tools | undefined;
  const total = onProgress ? await countWaiting(context) : 0;
  while (labelled < limit && !signal?.aborted) {
    const done = await context.db.transaction().execute(async (transaction) => {
      const stories = await waiting(transaction, Math.min(batchSize, limit - labelled));
      if (stories.length === 0) return 0;
      tools ??= await toolsOf(context);
      const { matcher, centroids } = tools;
      await record(
        transaction,
        context.clock.now(),
        stories.map((story) => ({ id: story.id, reasons: topicsOf(story, matcher, centroids) })),
      );
      return stories.length;
    });
    labelled += done;
    onProgress?.(labelled, Math.max(0, total - labelled));
    if (done < batchSize) break;
  }
  return labelled;
}

/** The topics of a story with why it has each, the surest first. */
export function topicsOf(
  story: Example & { bodyText: string; categories: string[] },
  matcher: TopicMatcher,
  centroids: Centroids,
): TopicReason[] {
  const reasons = new Map(matcher.match(story).map((reason) => [reason.topic, reason]));
  for (const { topic, confidence } of centroids.nearest(story))
    if (confidence >= leastConfidence) {
      const known = reasons.get(topic);
      // What two signs agree on is surer than either.
      if (known && known.by === 'keywords')
        known.confidence = 1 - (1 - known.confidence) * (1 - confidence / 2);
      else keepBest(reasons, { topic, confidence, by: 'likeness', because: topic });
    }
  return sorted([...reasons.values()])
    .slice(0, mostTopics)
    .map((reason) => ({ ...reason, confidence: Math.round(reason.confidence * 100) / 100 }));
}

/** What is known of why a story has its topics, as a sentence for an editor. */
export function sayTopic({ topic, confidence, by, because }: TopicReason): string {
  const why = {
    category: `its source files it under "${because}"`,
    keywords: `it says ${because}`,
    likeness: 'it is like stories known to be about it',
  }[by];
  return `${topic} (${Math.round(confidence * 100)} %): ${why}`;
}

interface Tools {
  matcher: TopicMatcher;
  centroids: Centroids;
}

interface Kept extends Tools {
  /** The taxonomy that they were made of. */
  taxonomy: string;
  madeAt: number;
}

const kept = new WeakMap<object, Kept>();

async function toolsOf(context: Pick<Context, 'db' | 'clock'>): Promise<Tools> {
  const topics = await loadTaxonomy(context);
  const taxonomy = topics.map(({ slug, updatedAt }) => `${slug} ${updatedAt.getTime()}`).join(', ');
  const known = kept.get(context.db);
  const now = context.clock.now().getTime();
  if (known?.taxonomy === taxonomy && now - known.madeAt < centroidsKeptMs && now >= known.madeAt)
    return known;
  const matcher = new TopicMatcher(topics);
  const centroids = new Centroids(
    await examples(
      context,
      topics.map(({ slug }) => slug),
    ),
  );
  const made = { matcher, centroids, taxonomy, madeAt: now };
  kept.set(context.db, made);
  return made;
}

/** The newest stories that are surely about each topic, by what sources and keywords say: never by likeness. */
async function examples(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  topics: string[],
): Promise<Map<string, Example[]>> {
  const { rows } = await sql<Omit<Example, 'embedding'> & { topic: string; embedding: Buffer | null }>`
    select topic, story.title, story.dek, story.language, story.embedding
    from unnest(${topics}::text[]) as topic
    cross join lateral (
      select title, dek, language, embedding from stories
      where topics @> array[topic] and published_at > ${new Date(clock.now().getTime() - examplesKeptMs)} and exists (
        select from jsonb_array_elements(topic_reasons) as reason
        where reason->>'topic' = topic and reason->>'by' <> 'likeness' and (reason->>'confidence')::real >= ${surelyAbout})
      order by published_at desc
      limit ${mostExamples}) as story`.execute(db);
  return Map.groupBy(
    rows.map(({ embedding, ...row }) => ({ ...row, embedding: embedding && signed(embedding) })),
    ({ topic }) => topic,
  );
}

const signed = (bytes: Buffer) => new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);

interface Waiting extends Example {
  id: number;
  bodyText: string;
  categories: string[];
}

async function countWaiting({ db }: Pick<Context, 'db'>): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from stories where topics_at is null`.execute(db);
  return rows[0]?.count ?? 0;
}

async function waiting(db: Context['db'], limit: number): Promise<Waiting[]> {
  const { rows } = await sql<Omit<Waiting, 'embedding'> & { embedding: Buffer | null }>`
    select id, title, dek, left(body_text, 2000) as "bodyText", language, categories, embedding
    from stories where topics_at is null
    order by published_at desc
    limit ${limit}
    for no key update skip locked`.execute(db);
  return rows.map(({ embedding, ...row }) => ({ ...row, embedding: embedding && signed(embedding) }));
}

async function record(
  db: Context['db'],
  now: Date,
  stories: { id: number; reasons: TopicReason[] }[],
): Promise<void> {
  const rows = stories.map(({ id, reasons }) => ({ id, reasons, topics: reasons.map(({ topic }) => topic) }));
  await sql`
    update stories set topics = done.topics, topic_reasons = done.reasons, topics_at = ${now}
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as done (id bigint, topics text[], reasons jsonb)
    where stories.id = done.id`.execute(db);
}
