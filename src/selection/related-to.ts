import type { Context } from '../context.ts';
import { messageOf } from '../errors.ts';
import type { ReadStory } from '../stories/read-story.ts';
import type { HeldStories } from './candidate.ts';
import type { RelatedStory } from './chosen.ts';
import { embedTexts } from './embed.ts';
import { textOf } from './embeddings.ts';
import { openLibrary } from './library.ts';
import { type RelatedSubject, rankRelated, relatedStories, worthReading } from './related.ts';
import { baseLanguage } from './terms.ts';
import { cosine, sameEventSimilarity, type Vector } from './vector.ts';

// So many of a text's nearest neighbours say to which storyline it belongs.
const voters = 10;
// And so many of that one's stories are compared with it.
const voiced = 50;

/** A text to find related stories for, which need not be in the database. */
export interface RelatedQuery extends Omit<ReadStory, 'contentHash'> {
  contentHash: string | null;
}

/** Stories of the database that a reader of a text may want next, each with its reason. */
export async function relatedTo(
  context: Context,
  query: RelatedQuery,
  limit: number,
): Promise<RelatedStory[]> {
  const publishedAt = query.publishedAt.getTime();
  const library = await openLibrary(context);
  const { corpus, stories } = library;
  const known = query.id === null ? undefined : stories.get(query.id);
  const vector = known
    ? corpus.vector(known.id)
    : corpus.vectorOf({ ...query, id: -1, publishedAt, embedding: await embeddingOf(context, query) });
  // A story that has just come has none yet.
  const storylineId = known?.storylineId ?? storylineLike(vector, library);
  const storyline = new Set(storylineId === null ? [] : library.membersOf(storylineId));
  if (query.id !== null) storyline.delete(query.id);
  const subject: RelatedSubject = {
    id: known?.id ?? null,
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
  };
  const ranked = worthReading(subject, rankRelated(subject, corpus), stories, limit);
  const full = await library.withTexts(context.db, [
    ...(known ? [known.id] : []),
    ...ranked.map(({ id }) => id),
  ]);
  return relatedStories(subject, ranked, full, corpus, limit);
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
export function storylineLike(vector: Vector, held: HeldStories): number | null {
  const { stories, corpus } = held;
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
  const members = held.membersOf(choice[0]).slice(0, voiced);
  const average = members.reduce((sum, id) => sum + likeness(id), 0) / members.length;
  return average >= 1 ? choice[0] : null;
}
