import { termsOf } from '../terms.ts';

/** A story that is known to be about a topic, or is to be compared with those that are. */
export interface Example {
  title: string;
  dek: string;
  language: string | null;
  /** What it means, as a direction (see embeddings.ts). */
  embedding: Int8Array | null;
}

/**
 * What stories of one topic have in common: the mean direction of their embeddings and of their words (Rocchio's
 * classifier; Han and Karypis, "Centroid-based document classification", PKDD 2000).
 */
export interface Centroid {
  topic: string;
  /** A unit vector; null if too few of its stories have embeddings. */
  meaning: Float64Array | null;
  /** Weights of words in a vector of length 1; empty if there are too few stories. */
  words: Map<string, number>;
  /** How near its own stories are, at least three of four of them: for each of the two measures. */
  near: { meaning: number; words: number };
}

// A topic with fewer stories has no middle yet.
const leastExamples = 12;
const mostWords = 400;

/** The centroids of topics from stories that are known to be about them, and the words' document frequencies. */
export class Centroids {
  readonly #frequency = new Map<string, number>();
  #documents = 0;
  readonly #centroids: Centroid[] = [];

  /** @param examples stories by topic; the same story may stand under several */
  constructor(examples: Map<string, Example[]>) {
    const counted = new Map<Example, Map<string, number>>();
    for (const example of new Set([...examples.values()].flat())) {
      const words = countWords(example);
      counted.set(example, words);
      this.#documents++;
      for (const word of words.keys()) this.#frequency.set(word, (this.#frequency.get(word) ?? 0) + 1);
    }
    const vectors = new Map([...counted].map(([example, words]) => [example, this.#weigh(words)]));
    for (const [topic, stories] of examples) {
      if (stories.length < leastExamples) continue;
      const words = normalised(
        largest(sumOf(stories.map((story) => vectors.get(story) as Map<string, number>))),
      );
      const meant = stories.flatMap(({ embedding }) => embedding ?? []);
      const meaning = meant.length >= leastExamples ? meanDirection(meant) : null;
      this.#centroids.push({
        topic,
        meaning,
        words,
        near: {
          meaning: meaning ? lowerQuartile(meant.map((each) => towards(meaning, each))) : 1,
          words: lowerQuartile(stories.map((story) => dot(vectors.get(story) as Map<string, number>, words))),
        },
      });
    }
  }

  /**
   * The topics whose middle a story is near to, with a confidence from 0 to 0.8: half of it at the border of what is
   * usual among the topic's own stories. Nearer to several, it has those that come close to the nearest.
   */
  nearest(story: Example): { topic: string; confidence: number }[] {
    const vector = this.#weigh(countWords(story));
    const measured = this.#centroids.map((centroid) => {
      const byWords = dot(vector, centroid.words) / (centroid.near.words || 1);
      if (!story.embedding || !centroid.meaning) return { topic: centroid.topic, value: byWords };
      const byMeaning = towards(centroid.meaning, story.embedding) / (centroid.near.meaning || 1);
      return { topic: centroid.topic, value: (byWords + byMeaning) / 2 };
    });
    measured.sort((a, b) => b.value - a.value);
    const best = measured[0]?.value ?? 0;
    const second = measured[1]?.value ?? 0;
    return measured
      .filter(({ value }) => value >= best * 0.9)
      .slice(0, 2)
      .map(({ topic, value }) => {
        // Near to everything is near to nothing: what sets the nearest apart counts too.
        const apart = value === best ? Math.min(1, (best - second) / (0.25 * best || 1)) : 0;
        return { topic, confidence: Math.max(0, Math.min(0.8, 0.4 * value + 0.2 * apart)) };
      });
  }

  #weigh(counts: Map<string, number>): Map<string, number> {
    const weights = new Map<string, number>();
    for (const [word, count] of counts) {
      const frequency = this.#frequency.get(word);
      if (frequency) weights.set(word, (1 + Math.log(count)) * Math.log(1 + this.#documents / frequency));
    }
    return normalised(weights);
  }
}

function countWords({ title, dek, language }: Example): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { text } of [...termsOf(title, language), ...termsOf(dek.slice(0, 500), language)])
    counts.set(text, (counts.get(text) ?? 0) + 1);
  return counts;
}

function sumOf(vectors: Map<string, number>[]): Map<string, number> {
  const sum = new Map<string, number>();
  for (const vector of vectors)
    for (const [word, weight] of vector) sum.set(word, (sum.get(word) ?? 0) + weight);
  return sum;
}

function largest(vector: Map<string, number>): Map<string, number> {
  return new Map([...vector].sort((a, b) => b[1] - a[1]).slice(0, mostWords));
}

function normalised(vector: Map<string, number>): Map<string, number> {
  let square = 0;
  for (const weight of vector.values()) square += weight * weight;
  const length = Math.sqrt(square) || 1;
  return new Map([...vector].map(([word, weight]) => [word, weight / length]));
}

function dot(a: Map<string, number>, b: Map<string, number>): number {
  let sum = 0;
  for (const [word, weight] of a) sum += weight * (b.get(word) ?? 0);
  return sum;
}

function meanDirection(embeddings: Int8Array[]): Float64Array {
  const mean = new Float64Array(embeddings[0]?.length ?? 0);
  for (const embedding of embeddings) {
    const length = Math.hypot(...embedding) || 1;
    for (let at = 0; at < mean.length; at++) (mean[at] as number) += (embedding[at] as number) / length;
  }
  const length = Math.hypot(...mean) || 1;
  return mean.map((value) => value / length);
}

function towards(centroid: Float64Array, embedding: Int8Array): number {
  let product = 0;
  let square = 0;
  for (let at = 0; at < centroid.length; at++) {
    const value = embedding[at] as number;
    product += (centroid[at] as number) * value;
    square += value * value;
  }
  return product / (Math.sqrt(square) || 1);
}

function lowerQuartile(values: number[]): number {
  const ordered = Float64Array.from(values).sort();
  return ordered[Math.floor(ordered.length / 4)] ?? 0;
}
