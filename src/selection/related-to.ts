import type { Context } from '../context.ts';
import type { Candidate } from './candidate.ts';
import { libraryHours } from './choose.ts';
import type { RelatedStory } from './chosen.ts';
import { corpusOf, loadCandidates } from './library.ts';
import { relatedStories } from './related.ts';

const hour = 3_600_000;
const mostStories = 20_000;
// Of a text that is not in the database it is not known which storyline it belongs to: what is this much like it does.
const sameEventSimilarity = 0.3;

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
  const vector = known ? corpus.vector(known.id) : corpus.vectorOf({ ...query, id: -1, publishedAt });
  const closest = corpus.neighbours(vector, { minimum: sameEventSimilarity, limit: 1 })[0];
  const storylineId = known
    ? known.storylineId
    : closest
      ? (byId.get(closest.id)?.storylineId ?? null)
      : null;
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
