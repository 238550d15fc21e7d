import { sql } from 'kysely';
import type { Context } from '../context.ts';
import type { Candidate } from './candidate.ts';
import { Corpus } from './corpus.ts';

/** What stories to load. Instants are milliseconds since 1970. */
export interface LibraryQuery {
  from: number;
  until: number;
  /** The newest ones, if there are more. */
  limit: number;
  /** Only from these sources; undefined: from all. */
  sourceIds?: number[];
}

/** Loads stories as selection sees them, newest first. */
export async function loadCandidates(
  context: Pick<Context, 'db'>,
  query: LibraryQuery,
): Promise<Candidate[]> {
  let select = context.db
    .selectFrom('stories')
    .leftJoin('sources', 'sources.id', 'stories.source_id')
    .select([
      'stories.id',
      'stories.storyline_id as storylineId',
      'stories.title',
      'stories.dek',
      // Selection reads the first paragraphs only.
      sql<string>`left(stories.body_text, 2000)`.as('bodyText'),
      'stories.url',
      'stories.image_url as imageUrl',
      'stories.image_alt as imageAlt',
      'stories.publisher',
      'stories.author',
      'stories.language',
      'stories.topics',
      'stories.published_at',
      'stories.source_position as sourcePosition',
      sql<number>`coalesce(sources.weight, 1)`.as('sourceWeight'),
      'stories.content_hash as contentHash',
      'stories.embedding',
    ])
    .where('stories.published_at', '>', new Date(query.from))
    .where('stories.published_at', '<=', new Date(query.until))
    .orderBy('stories.published_at', 'desc')
    .orderBy('stories.id', 'desc')
    .limit(query.limit);
  if (query.sourceIds) select = select.where('stories.source_id', 'in', query.sourceIds);
  const rows = await select.execute();
  return rows.map(({ published_at, embedding, ...row }) => ({
    ...row,
    publishedAt: published_at.getTime(),
    embedding: embedding && new Int8Array(embedding.buffer, embedding.byteOffset, embedding.length),
  }));
}

/** A corpus over stories. */
export function corpusOf(candidates: Iterable<Candidate>): Corpus {
  const corpus = new Corpus();
  for (const candidate of candidates) corpus.add(candidate);
  return corpus;
}
