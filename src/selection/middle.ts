import { mixed, sameEvent, type Vector } from './corpus.ts';

/**
 * The weighted mean of what several stories say. As likeness is a sum of products, the likeness of two middles is the
 * average likeness of all pairs across them, for the price of one.
 */
export interface Middle {
  terms: Int32Array;
  weights: Float32Array;
  /** The mean of the embeddings, each of length one; null if no story has one. */
  meaning: Float32Array | null;
  /** Which share of the stories, by weight, have embeddings. */
  embedded: number;
}

// By the number of a word; all 0 between two calls.
let sums = new Float64Array(1 << 14);

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
  const met: number[] = [];
  let meaning: Float32Array | null = null;
  let embedded = 0;
  for (const [index, vector] of vectors.entries()) {
    const share = (shares[index] as number) / total;
    const last = vector.terms.at(-1) ?? 0;
    if (last >= sums.length) sums = new Float64Array(Math.max(last + 1, sums.length * 2));
    for (let at = 0; at < vector.terms.length; at++) {
      const term = vector.terms[at] as number;
      if (sums[term] === 0) met.push(term);
      (sums[term] as number) += share * (vector.weights[at] as number);
    }
    if (!vector.embedding) continue;
    embedded += share;
    meaning ??= new Float32Array(vector.embedding.length);
    add(meaning, vector.embedding, share);
  }
  const terms = Int32Array.from(met).sort();
  const weights = Float32Array.from(terms, (term) => sums[term] as number);
  for (const term of terms) sums[term] = 0;
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
  let words = 0;
  let i = 0;
  let j = 0;
  while (i < a.terms.length && j < b.terms.length) {
    const difference = (a.terms[i] as number) - (b.terms[j] as number);
    if (difference === 0) words += (a.weights[i++] as number) * (b.weights[j++] as number);
    else if (difference < 0) i++;
    else j++;
  }
  if (!a.meaning || !b.meaning) return { words, both: 0, alike: 0 };
  let meaning = 0;
  for (let at = 0; at < a.meaning.length; at++)
    meaning += (a.meaning[at] as number) * (b.meaning[at] as number);
  return { words, both: a.embedded * b.embedded, alike: Math.max(0, mixed(words, meaning)) };
}
