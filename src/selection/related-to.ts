import type { Context } from '../context.ts';
import { messageOf } from '../errors.ts';
import type { Candidate } from './candidate.ts';
import type { RelatedStory } from './chosen.ts';
import { type Corpus, cosine, sameEventSimilarity, type Vector } from './corpus.ts';
import { embedTexts } from './embed.ts';
import { textOf } from './embeddings.ts';
import { corpusOf, loadCandidates } from './library.ts';
import { relatedStories } from './related.ts';
import { baseLanguage } from './terms.ts';

const hour = 3_600_000;
const libraryHours = 24 * 30;
const mostStories = 20_000;
// So many of a text's nearest neighbours say to which storyline it belongs.
const voters = 10;

/** A text to find related stories for, which need not be in the database. */
export interface RelatedQuery {
  id: number | null;
  title: string;
  dek: string;
  bodyText: string;
  url: string | null;
  publisher: string;
  language: string | null;
  publishedAt: Date;
  contentHash: string | null;
}

/** Stories of the database that a reader of a text may want next, each with its reason. */
export async function relatedTo(
  context: Context,
  query: RelatedQuery,
  limit: number,
): Promise<RelatedStory[]> {
  const publishedAt = query.publishedAt.getTime();
  const candidates = await loadCandidates(context, {
    from: publishedAt - libraryHours * hour,
    until: Math.max(context.clock.now().getTime(), publishedAt),
    limit: mostStories,
  });
  const corpus = corpusOf(candidates);
  const byId = new Map<number, Candidate>(candidates.map((story) => [story.id, story]));
  const known = query.id === null ? undefined : byId.get(query.id);
  const vector = known
    ? corpus.vector(known.id)
    : corpus.vectorOf({ ...query, id: -1, publishedAt, embedding: await embeddingOf(context, query) });
  const storylineId = known ? known.storylineId : storylineLike(vector, byId, corpus);
  const storyline = new Set(
    storylineId === null
      ? []
      : candidates
          .filter((story) => story.storylineId === storylineId && story.id !== query.id)
          .map((story) => story.id),
  );
  return relatedStories(
    {
      id: query.id,
      title: query.title,
      dek: query.dek,
      bodyText: query.bodyText,
      url: query.url,
      publisher: query.publisher,
      contentHash: query.contentHash,
      storylineId,
      storyline,
      publishedAt,
      vector,
    },
    byId,
    corpus,
    limit,
  );
}

/** What a text means, where the model knows its language; null where it does not, or does not work. */
export async function embeddingOf(
  context: Context,
  query: Pick<RelatedQuery, 'title' | 'dek' | 'bodyText' | 'language'>,
): Promise<Int8Array | null> {
  if (!context.config.embeddings || (baseLanguage(query.language) ?? 'en') !== 'en') return null;
  try {
    const text = textOf({ title: query.title, dek: query.dek, opening: query.bodyText });
    return (await embedTexts([text]))[0] ?? null;
  } catch (error) {
    context.log.warn({ error: messageOf(error) }, 'related stories are found by words alone');
    return null;
  }
}

/** The storyline to which a text belongs that is not in the database: the one that most of its neighbours report. */
export function storylineLike(
  vector: Vector,
  stories: Map<number, Candidate>,
  corpus: Corpus,
): number | null {
  const likeness = (id: number) => {
    const other = corpus.vector(id);
    return cosine(vector, other) / sameEventSimilarity(vector, other);
  };
  const votes = new Map<number, number>();
  for (const { id } of corpus.neighbours(vector, { minimum: 0.001, limit: voters })) {
    const storylineId = stories.get(id)?.storylineId;
    if (storylineId) votes.set(storylineId, (votes.get(storylineId) ?? 0) + likeness(id));
  }
  const [choice] = [...votes].sort((a, b) => b[1] - a[1]);
  if (!choice) return null;
  const members = [...stories.values()].filter((story) => story.storylineId === choice[0]).slice(0, 50);
  const average = members.reduce((sum, { id }) => sum + likeness(id), 0) / members.length;
  return average >= 1 ? choice[0] : null;
}
