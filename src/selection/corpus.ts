import { currentVocabulary } from './vocabulary.ts';

/** What a story is compared by. */
export interface CorpusStory {
  id: number;
  title: string;
  dek: string;
  bodyText: string;
  language: string | null;
  /** Milliseconds since 1970. */
  publishedAt: number;
  url?: string | null;
  /** What the text means, as a direction (see embeddings.ts); missing: words alone are compared. */
  embedding?: Int8Array | null;
  /** Stories of one storyline count once where it is counted how common a word is. */
  storylineId?: number | null;
}

/** What a story says: its words as a sparse vector of length one, and its meaning as a direction. */
export interface Vector {
  /** Term numbers, ascending. */
  terms: Int32Array;
  weights: Float32Array;
  embedding: Int8Array | null;
}

/** A similar story, and how alike the two are, from 0 to 1 (see `cosine`). */
export interface Neighbour {
  id: number;
  similarity: number;
}

// Words that stand in very many stories add nearly the same to each, and looking them all up is what costs.
const mostPostings = 30_000;

/** A story's terms, as it was counted. */
interface Entry {
  id: number;
  terms: Int32Array;
  counts: Float32Array;
  embedding: Int8Array | null;
  group: number | string;
}

/** Everything that follows from the whole set of stories, made when it is first asked for. */
interface Index {
  frequency: Int32Array;
  groups: number;
  weights: Float32Array[];
  /** The postings of term t are those from starts[t] to starts[t + 1]. */
  starts: Int32Array;
  stories: Int32Array;
  values: Float32Array;
  /** Signs of the embeddings, `signWords` numbers a story; zeros where there is none. */
  signs: Int32Array;
}

/**
 * Stories as vectors: TF-IDF of their words (Salton and Buckley, "Term-weighting approaches in automatic text
 * retrieval", 1988) beside their embeddings, with an inverted index. How common a word is, is counted by storyline, not
 * by story: what a hundred publishers report does not make its own name common.
 */
export class Corpus {
  readonly #vocabulary = currentVocabulary();
  readonly #entries: Entry[] = [];
  readonly #places = new Map<number, number>();
  #index: Index | undefined;

  /** How many stories the corpus holds. */
  get size(): number {
    return this.#entries.length;
  }

  /** Adds a story. What is rare changes with it, so vectors asked for before are out of date. */
  add(story: CorpusStory): void {
    if (this.#places.has(story.id)) return;
    this.#places.set(story.id, this.#entries.length);
    this.#entries.push({
      id: story.id,
      ...this.#vocabulary.count(story),
      embedding: story.embedding ?? null,
      group: story.storylineId ?? `story ${story.id}`,
    });
    this.#index = undefined;
  }

  has(id: number): boolean {
    return this.#places.has(id);
  }

  /** Says which stories are one storyline, so that words are counted by it. @param groups ids of stories */
  countByGroup(groups: number[][]): void {
    for (const [group, ids] of groups.entries()) {
      for (const id of ids) {
        const place = this.#places.get(id);
        if (place !== undefined) (this.#entries[place] as Entry).group = group;
      }
    }
    this.#index = undefined;
  }

  /** The vector of a story of the corpus. @throws Error if the corpus does not hold it */
  vector(id: number): Vector {
    const place = this.#places.get(id);
    if (place === undefined) throw new Error(`story ${id} is not in the corpus`);
    return this.#vectorAt(place, this.#built());
  }

  /** The vector of a story that is not in the corpus, by the corpus's frequencies; words it does not know are left out. */
  vectorOf(story: CorpusStory): Vector {
    const { terms: all, counts: allCounts } = this.#vocabulary.count(story);
    const { frequency, groups } = this.#built();
    const isKnown = (term: number) => (frequency[term] ?? 0) > 0;
    const terms = all.filter(isKnown);
    const counts = allCounts.filter((_, at) => isKnown(all[at] as number));
    return { terms, weights: weigh(terms, counts, frequency, groups), embedding: story.embedding ?? null };
  }

  /**
   * The stories most like a vector, best first. Candidates are those that share its words, the rarest first, and those
   * whose embeddings have mostly the same signs (Charikar, "Similarity estimation techniques from rounding
   * algorithms", STOC 2002); the similarity is computed for them exactly.
   * @param options.minimum the least similarity
   * @param options.limit how many at most
   */
  neighbours(vector: Vector, options: { minimum: number; limit?: number; except?: number }): Neighbour[] {
    const index = this.#built();
    const wanted = Math.max(64, Math.ceil(1.5 * (options.limit ?? 200)));
    const found: Neighbour[] = [];
    const candidates = new Set([
      ...this.#withSameWords(vector, index, wanted),
      ...this.#withSameSigns(vector, index, wanted),
    ]);
    for (const place of candidates) {
      const { id } = this.#entries[place] as Entry;
      if (id === options.except) continue;
      const similarity = cosine(vector, this.#vectorAt(place, index));
      if (similarity >= options.minimum) found.push({ id, similarity });
    }
    found.sort((a, b) => b.similarity - a.similarity || a.id - b.id);
    return options.limit === undefined ? found : found.slice(0, options.limit);
  }

  /** The words that a vector and another share, those that weigh most first: what two stories have in common. */
  sharedTerms(a: Vector, b: Vector, limit: number): string[] {
    const shared: { term: number; weight: number }[] = [];
    walk(a, b, (term, weight) => shared.push({ term, weight }));
    return shared
      .sort((x, y) => y.weight - x.weight)
      .slice(0, limit)
      .map(({ term }) => this.#vocabulary.surface(term));
  }

  #vectorAt(place: number, index: Index): Vector {
    const { terms, embedding } = this.#entries[place] as Entry;
    return { terms, weights: index.weights[place] as Float32Array, embedding };
  }

  #withSameWords(vector: Vector, index: Index, limit: number): number[] {
    const { starts, stories, values } = index;
    const order = [...vector.terms.keys()].sort(
      (a, b) => (vector.weights[b] as number) - (vector.weights[a] as number),
    );
    const sums = new Map<number, number>();
    let looked = 0;
    for (const at of order) {
      const term = vector.terms[at] as number;
      const weight = vector.weights[at] as number;
      const [start, end] = [starts[term] ?? 0, starts[term + 1] ?? 0];
      looked += end - start;
      if (looked > mostPostings && sums.size > 0) break;
      for (let posting = start; posting < end; posting++) {
        const place = stories[posting] as number;
        sums.set(place, (sums.get(place) ?? 0) + weight * (values[posting] as number));
      }
    }
    return best(sums, limit);
  }

  #withSameSigns(vector: Vector, index: Index, limit: number): number[] {
    if (!vector.embedding) return [];
    const own = signsOf(vector.embedding);
    const agreeing = new Uint16Array(this.#entries.length);
    const withCount = new Int32Array(vector.embedding.length + 1);
    for (const [place, entry] of this.#entries.entries()) {
      if (!entry.embedding) continue;
      let differing = 0;
      for (let word = 0; word < signWords; word++)
        differing += bits((own[word] as number) ^ (index.signs[place * signWords + word] as number));
      const count = vector.embedding.length - differing;
      agreeing[place] = count;
      (withCount[count] as number)++;
    }
    // Half of the signs agree by chance.
    const least = vector.embedding.length / 2;
    let cutoff = vector.embedding.length;
    for (let taken = withCount[cutoff] as number; taken < limit && cutoff > least; cutoff--)
      taken += withCount[cutoff - 1] as number;
    const found: number[] = [];
    for (let place = 0; place < agreeing.length; place++)
      if ((agreeing[place] as number) >= cutoff) found.push(place);
    return found;
  }

  #built(): Index {
    if (this.#index) return this.#index;
    const entries = this.#entries;
    const frequency = new Int32Array(this.#vocabulary.size);
    const byGroup = Map.groupBy(entries, (entry) => entry.group);
    const seenIn = new Int32Array(frequency.length).fill(-1);
    let groups = 0;
    for (const members of byGroup.values()) {
      for (const { terms } of members) {
        for (const term of terms) {
          if (seenIn[term] === groups) continue;
          seenIn[term] = groups;
          (frequency[term] as number)++;
        }
      }
      groups++;
    }

    const weights = entries.map(({ terms, counts }) => weigh(terms, counts, frequency, groups));
    const starts = new Int32Array(frequency.length + 1);
    for (const { terms } of entries) for (const term of terms) (starts[term + 1] as number)++;
    for (let term = 0; term < frequency.length; term++)
      (starts[term + 1] as number) += starts[term] as number;
    const next = starts.slice();
    const stories = new Int32Array(starts[frequency.length] ?? 0);
    const values = new Float32Array(stories.length);
    for (const [place, { terms }] of entries.entries()) {
      for (const [at, term] of terms.entries()) {
        const posting = (next[term] as number)++;
        stories[posting] = place;
        values[posting] = weights[place]?.[at] ?? 0;
      }
    }
    const signs = new Int32Array(entries.length * signWords);
    for (const [place, { embedding }] of entries.entries())
      if (embedding) signs.set(signsOf(embedding), place * signWords);
    this.#index = { frequency, groups, weights, starts, stories, values, signs };
    return this.#index;
  }
}

function weigh(terms: Int32Array, counts: Float32Array, frequency: Int32Array, groups: number): Float32Array {
  const weights = new Float32Array(terms.length);
  let square = 0;
  for (let at = 0; at < terms.length; at++) {
    const inverse = Math.log(1 + groups / (0.5 + (frequency[terms[at] as number] ?? 0)));
    const weight = (1 + Math.log(1 + (counts[at] as number))) * inverse;
    weights[at] = weight;
    square += weight * weight;
  }
  const length = Math.sqrt(square) || 1;
  for (let at = 0; at < weights.length; at++) weights[at] = (weights[at] as number) / length;
  return weights;
}

function best(scores: Map<number, number>, limit: number): number[] {
  if (scores.size <= limit) return [...scores.keys()];
  const cutoff = Float64Array.from(scores.values()).sort()[scores.size - limit] as number;
  const found: number[] = [];
  for (const [place, score] of scores) if (score >= cutoff) found.push(place);
  return found;
}

const signWords = 16;

function signsOf(embedding: Int8Array): Int32Array {
  const signs = new Int32Array(signWords);
  for (let at = 0; at < embedding.length; at++)
    if ((embedding[at] as number) > 0) (signs[at >> 5] as number) |= 1 << (at & 31);
  return signs;
}

// The number of bits that are set, by adding up neighbouring fields of growing width.
function bits(word: number): number {
  let sum = word - ((word >>> 1) & 0x55555555);
  sum = (sum & 0x33333333) + ((sum >>> 2) & 0x33333333);
  return (((sum + (sum >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}

function walk(a: Vector, b: Vector, visit: (term: number, product: number) => void): void {
  let i = 0;
  let j = 0;
  while (i < a.terms.length && j < b.terms.length) {
    const left = a.terms[i] as number;
    const right = b.terms[j] as number;
    if (left === right) visit(left, (a.weights[i++] as number) * (b.weights[j++] as number));
    else if (left < right) i++;
    else j++;
  }
}

// Embeddings of any two headlines are somewhat alike: this much of a cosine says nothing.
export const chanceMeaning = 0.2;

/** How alike words and meaning are together: half of each; 0 is chance, 1 the same. */
export function mixed(words: number, meaning: number): number {
  return (0.5 * words + 0.5 * meaning - 0.5 * chanceMeaning) / (1 - 0.5 * chanceMeaning);
}

/**
 * How alike stories of one event are at least, on average. Measured as docs/selection.md tells; `words` is for stories
 * of which one has no embedding.
 */
export const sameEvent = { mixed: 0.272, words: 0.1 } as const;

/** How alike two stories are at least if they report one event. */
export function sameEventSimilarity(a: Vector, b: Vector): number {
  return a.embedding && b.embedding ? sameEvent.mixed : sameEvent.words;
}

/** How alike two stories are, from about 0 to 1: by words and meaning where both have embeddings, else by words. */
export function cosine(a: Vector, b: Vector): number {
  const words = Math.min(1, sharedWords(a, b));
  return a.embedding && b.embedding ? Math.max(0, mixed(words, direction(a.embedding, b.embedding))) : words;
}

/** The cosine of the words of two vectors. */
export function sharedWords(a: Vector, b: Vector): number {
  let sum = 0;
  let i = 0;
  let j = 0;
  const { terms: left, weights: leftWeights } = a;
  const { terms: right, weights: rightWeights } = b;
  while (i < left.length && j < right.length) {
    const difference = (left[i] as number) - (right[j] as number);
    if (difference === 0) sum += (leftWeights[i++] as number) * (rightWeights[j++] as number);
    else if (difference < 0) i++;
    else j++;
  }
  return sum;
}

function direction(a: Int8Array, b: Int8Array): number {
  // In whole numbers, which is twice as fast: 512 products of bytes stay far below 2^31.
  let product = 0;
  for (let at = 0; at < a.length; at++) product = (product + Math.imul(a[at] as number, b[at] as number)) | 0;
  return product / (lengthOf(a) * lengthOf(b) || 1);
}

const lengths = new WeakMap<Int8Array, number>();

function lengthOf(embedding: Int8Array): number {
  let length = lengths.get(embedding);
  if (length === undefined) {
    let square = 0;
    for (const value of embedding) square += value * value;
    length = Math.sqrt(square);
    lengths.set(embedding, length);
  }
  return length;
}
