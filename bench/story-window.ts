import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { countTerms, encodeTerms } from '../src/selection/features.ts';
import type { BenchContext } from './database.ts';
import { inventedStories } from './stories.ts';

const batchSize = 1_000;

/**
 * Fills the database with invented stories of the last 36 hours as intake and grouping leave them: each event is a
 * storyline, terms are kept, topics are known.
 */
export async function seedWindow(context: BenchContext, count: number, until: number): Promise<void> {
  await sql`
    insert into storylines (language, first_published_at, last_published_at, created_at, updated_at)
    select 'en', ${new Date(until)}, ${new Date(until)}, ${new Date(until)}, ${new Date(until)}
    from generate_series(1, ${count}::integer)`.execute(context.db);
  let batch: object[] = [];
  const write = async () => {
    await sql`
      insert into stories (url_key, url, title, dek, body_text, publisher, language, topics, published_at, first_seen_at,
        source_position, content_hash, storyline_id, features, topics_at, embedded_at)
      select url_key, url, title, dek, body_text, publisher, language, topics, published_at, published_at,
        source_position, content_hash, storyline_id, decode(features, 'hex'), published_at, published_at
      from jsonb_to_recordset(${JSON.stringify(batch)}::jsonb) as story
        (url_key text, url text, title text, dek text, body_text text, publisher text, language text, topics text[],
         published_at timestamptz, source_position integer, content_hash text, storyline_id bigint, features text)`.execute(
      context.db,
    );
    batch = [];
  };
  for (const {
    url = '',
    title,
    dek = '',
    bodyText = '',
    publisher,
    topics,
    publishedAt,
    position,
  } of inventedStories(count, until)) {
    const counts = countTerms({ title, dek, bodyText, language: 'en', url });
    batch.push({
      url_key: url.replace('https://', ''),
      url,
      title,
      dek,
      body_text: bodyText,
      publisher,
      language: 'en',
      topics,
      published_at: publishedAt,
      source_position: position,
      content_hash: createHash('sha256').update(url).digest('hex'),
      storyline_id: Number(new URL(url).pathname.split('/')[1]) + 1,
      features: encodeTerms(counts).toString('hex'),
    });
    if (batch.length === batchSize) await write();
  }
  if (batch.length > 0) await write();
  await sql`delete from storylines where not exists (select from stories where storyline_id = storylines.id)`.execute(
    context.db,
  );
  await sql`vacuum analyze stories`.execute(context.db);
}
