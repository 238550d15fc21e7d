import type { Context } from '../context.ts';
import { urlKey } from '../stories/canonical.ts';
import type { Candidate, HeldStories, Told } from './candidate.ts';
import type { Corpus } from './corpus.ts';
import { expanded } from './expand.ts';
import type { About } from './policy.ts';
import { embeddingOf, storylineLike } from './related-to.ts';
import { cosine, sameEventSimilarity, type Vector } from './vector.ts';

/** A newsletter's subject, as stories are compared with it. */
export interface Subject {
  title: string;
  /** The seed alone. */
  seed: Vector;
  /** The seed, and as much again of what readers were told since: it moves on with the storyline, and stays on its subject. */
  now: Vector;
}

// Stricter than for related links: who asked for one subject forgives a missing story sooner than a stray one.
const leastClose = 0.7;
const mostTold = 5;

/**
 * What a newsletter around a story compares others with (Rocchio, "Relevance feedback in information retrieval", 1971:
 * the seed keeps half of the weight, so that the subject does not drift away).
 * @param toldIds the stories of its earlier editions
 */
export async function subjectOf(
  context: Context,
  about: About,
  corpus: Corpus,
  toldIds: number[],
): Promise<Subject> {
  const story = { ...about, bodyText: about.text, publishedAt: Date.parse(about.publishedAt) };
  const seed = corpus.vectorOf({ ...story, id: -1, embedding: await embeddingOf(context, story) });
  const told = toldIds
    .filter((id) => corpus.has(id))
    .map((id) => ({ id, similarity: closeness(seed, corpus.vector(id)) }))
    .filter(({ similarity }) => similarity >= leastClose)
    .slice(-mostTold);
  return { title: about.title, seed, now: expanded(seed, told, (id) => corpus.vector(id)) };
}

/** 1 and more: as alike as reports of one event. */
function closeness(subject: Vector, story: Vector): number {
  return cosine(subject, story) / sameEventSimilarity(subject, story);
}

/** How near a storyline's stories are to a subject, the nearest three of them; undefined if they are about something else. */
export function nearnessTo(
  subject: Subject,
  stories: Candidate[],
  corpus: Corpus,
): { nearness: number; shared: string[] } | undefined {
  const near = stories
    .slice(0, 60)
    .map(({ id }) => {
      const vector = corpus.vector(id);
      return { vector, nearness: Math.max(closeness(subject.seed, vector), closeness(subject.now, vector)) };
    })
    .sort((a, b) => b.nearness - a.nearness)
    .slice(0, 3);
  const nearness = near.reduce((sum, each) => sum + each.nearness, 0) / near.length;
  if (!(nearness >= leastClose)) return undefined;
  const shared = corpus.sharedTerms(subject.now, (near[0] as { vector: Vector }).vector, 4);
  // Meaning alone makes any two accidents alike.
  return shared.length > 0 || nearness >= 1 ? { nearness, shared } : undefined;
}

/** Whether a story is the seed itself: nobody is sent what they know. */
export function isSeed(about: About, story: Pick<Candidate, 'url' | 'title'>): boolean {
  return (
    story.title === about.title ||
    (about.url !== null && story.url !== null && urlKey(story.url) === urlKey(about.url))
  );
}

/** The seed's own storyline counts as told when the seed was published: of it, what changed since is news. */
export function toldBySeed(about: About, subject: Subject, held: HeldStories): Told | undefined {
  const storylineId = storylineLike(subject.seed, held);
  return storylineId === null
    ? undefined
    : { storylineId, at: Date.parse(about.publishedAt), title: about.title, bySeed: true };
}
