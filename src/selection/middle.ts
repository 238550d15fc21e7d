import { sparseSum, type Weights } from './sparse-sum.ts';
import { mixed, sameEvent, sharedWords, type Vector } from './vector.ts';

/**
 * The weighted mean of what several stories say. As likeness is a sum of products, the likeness of two middles is the
 * average likeness of all pairs across them, for the price of one.
 */
export interface Middle extends Weights {
  /** The mean of the embeddings, each of length one; null if no story has one. */
  meaning: Float32Array | null;
  /** Which share of the stories, by weight, have embeddings. */
  embedded: number;
}

/** The middle of stories. @param shares how much each counts, if not all the same; above 0 */
export function middleOf(vectors: Vector[], shares: number[] = vectors.map(() => 1)): Middle {
  const [only, another] = vectors;
  // Nothing to add up.
  if (only && !another) {
    const meaning = only.embedding && new Float32Array(only.embedding.length);
    if (meaning && only.embedding) add(meaning, only.embedding, 1);
    return { terms: only.terms, weights: only.weights, meaning, embedded: meaning ? 1 : 0 };
  }
  const total = shares.reduce((sum, share) => sum + share, 0) || 1;
  const parts = shares.map((share) => share / total);
  const { terms, weights } = sparseSum(vectors, parts);
  let meaning: Float32Array | null = null;
  let embedded = 0;
  for (const [index, { embedding }] of vectors.entries()) {
    if (!embedding) continue;
    embedded += parts[index] as number;
    meaning ??= new Float32Array(embedding.length);
    add(meaning, embedding, parts[index] as number);
  }
  if (meaning && embedded > 0)
    for (let at = 0; at < meaning.length; at++) (meaning[at] as number) /= embedded;
  return { terms, weights, meaning, embedded };
}

function add(sum: Float32Array, embedding: Int8Array, share: number): void {
  let square = 0;
  for (const value of embedding) square += value * value;
  const factor = share / (Math.sqrt(square) || 1);
  for (let at = 0; at < sum.length; at++) (sum[at] as number) += factor * (embedding[at] as number);
}

/** The average likeness of two middles' stories, from 0 to 1, as `cosine` has it. */
export function likeness(a: Middle, b: Middle): number {
  const { words, both, alike } = parts(a, b);
  return both * alike + (1 - both) * words;
}

/** The same in thresholds: at 1 they are as alike as reports of one event. */
export function eventLikeness(a: Middle, b: Middle): number {
  const { words, both, alike } = parts(a, b);
  return (both * alike) / sameEvent.mixed + ((1 - both) * words) / sameEvent.words;
}

function parts(a: Middle, b: Middle): { words: number; both: number; alike: number } {
  const words = sharedWords(a, b);
  if (!a.meaning || !b.meaning) return { words, both: 0, alike: 0 };
  let meaning = 0;
  for (let at = 0; at < a.meaning.length; at++)
    meaning += (a.meaning[at] as number) * (b.meaning[at] as number);
  return { words, both: a.embedded * b.embedded, alike: Math.max(0, mixed(words, meaning)) };
}
