import { sql } from 'kysely';
import { assignStorylines } from '../src/selection/storylines.ts';
import { labelStories } from '../src/selection/topics/label.ts';
import { parseFeed } from '../src/stories/feed.ts';
import { takeIn } from '../src/stories/intake.ts';
import type { IncomingStory } from '../src/stories/story.ts';
import { type BenchContext, memoryOf, withOwnDatabase } from './database.ts';
import { type Measurement, type MeasureOptions, rounded, secondsOf } from './measure.ts';
import { arrivals, feedOf } from './stories.ts';

const feedSize = 500;
// A worker groups what all feeds of one round brought.
const roundSize = 5_000;
const part = 10_000;

/**
 * Stories taken in: feeds of 500 parsed, known ones recognised, storylines and topics given, without embeddings; against
 * plain INSERTs of the same rows, 500 at a time, into a table of the same shape.
 */
export async function measureIntake({ rows = 100_000, say }: MeasureOptions): Promise<Measurement> {
  return withOwnDatabase(async (own) => {
    const context: BenchContext = { ...own, config: { ...own.config, embeddings: false } };
    const stories = arrivals(rows, Date.now());
    const partRates: number[] = [];
    let seconds = 0;
    const { peak } = await memoryOf(async () => {
      for (let at = 0; at < rows; at += part) {
        const some = stories.slice(at, at + part);
        const took = await secondsOf(() => takeRounds(context, some));
        seconds += took;
        partRates.push(some.length / took);
        say(`${at + some.length} stories: ${Math.round(some.length / took)} a second`);
      }
    });
    const storylines = await sql<{ count: string }>`select count(*) from storylines`.execute(context.db);
    const reference = await plainInserts(context, rows);
    const ours = rows / seconds;
    return {
      name: 'intake',
      ours: rounded(ours),
      oursUnit: 'stories a second',
      reference: rounded(reference),
      referenceUnit: 'rows a second, plain INSERT',
      ratio: rounded(ours / reference),
      stories: rows,
      storylines: Number(storylines.rows[0]?.count),
      firstPart: rounded(partRates[0] ?? 0),
      lastPart: rounded(partRates.at(-1) ?? 0),
      lastPartTakes: rounded((partRates[0] ?? 0) / (partRates.at(-1) ?? 1)),
      residentMegabytes: peak,
    };
  });
}

/** Takes stories in as a worker does: feed by feed, then storylines and topics for all that came. */
export async function takeRounds(context: BenchContext, stories: IncomingStory[]): Promise<void> {
  for (let at = 0; at < stories.length; at += roundSize) {
    const round = stories.slice(at, at + roundSize);
    for (let feed = 0; feed < round.length; feed += feedSize) {
      const some = round.slice(feed, feed + feedSize);
      const parsed = parseFeed(feedOf(some), 'https://wire.example.com/feed.xml');
      await takeIn(
        context,
        parsed.stories.map((story, place) => ({
          ...story,
          publisher: some[place]?.publisher,
          language: 'en',
        })),
      );
    }
    await assignStorylines(context);
    await labelStories(context);
  }
}

async function plainInserts(context: BenchContext, rows: number): Promise<number> {
  await sql`create table plain_stories (like stories including all)`.execute(context.db);
  const { rows: ids } = await sql<{ id: number }>`select id from stories order by id`.execute(context.db);
  const texts = new Map<number, unknown>();
  for (let at = 0; at < ids.length; at += part) {
    const { rows: some } = await sql<{ id: number }>`
      select id, url_key, url, title, dek, body_text, publisher, language, topics, published_at, content_hash
      from stories where id = any(${ids.slice(at, at + part).map(({ id }) => id)}::bigint[])`.execute(
      context.db,
    );
    for (const row of some) texts.set(row.id, row);
  }
  const all = [...texts.values()];
  const seconds = await secondsOf(async () => {
    for (let at = 0; at < all.length; at += feedSize)
      await sql`
        insert into plain_stories (url_key, url, title, dek, body_text, publisher, language, topics, published_at, content_hash)
        select url_key, url, title, dek, body_text, publisher, language, topics, published_at, content_hash
        from jsonb_to_recordset(${JSON.stringify(all.slice(at, at + feedSize))}::jsonb) as story
          (url_key text, url text, title text, dek text, body_text text, publisher text, language text, topics text[],
           published_at timestamptz, content_hash text)`.execute(context.db);
  });
  await sql`drop table plain_stories`.execute(context.db);
  return Math.min(rows, all.length) / seconds;
}
