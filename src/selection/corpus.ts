import { countTerms, surfaceOf, type TermCounts } from './features.ts';
import { TermTable } from './term-table.ts';

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

const signWords = 16;

// Words that stand in very many stories add nearly the same to each, and looking them all up is what costs.
const mostPostings = 30_000;
// A small corpus is indexed anew with each change; a large one when so many of its stories have changed that what is
// rare may have changed too.
const small = 4_000;
const mostStale = 1 / 8;
// In a large corpus most stories are told by the first quarter of their signs to be unlike.
const manySigns = 20_000;

/** A story's terms, as it was counted. */
interface Entry {
  id: number;
  terms: Int32Array;
  counts: Uint8Array;
  embedding: Int8Array | null;
  group: number | string;
  /** Weighed when the corpus was indexed, or when the story was first asked for. */
  weights: Float32Array | undefined;
}

/** Who has a word: the postings of the table's term t are those from starts[t] to starts[t + 1]. */
interface Postings {
  table: TermTable;
  starts: Int32Array;
  places: Int32Array;
  values: Float32Array;
}

/**
 * Stories as vectors: TF-IDF of their words (Salton and Buckley, "Term-weighting approaches in automatic text
 * retrieval", 1988) beside their embeddings, with an inverted index. How common a word is, is counted by storyline, not
 * by story: what a hundred publishers report does not make its own name common.
 *
 * Stories may be added, changed and removed at any time. What a few of them change in what is rare is taken into account
 * when the index is made anew; until then new ones have an index of their own beside it.
 */
export class Corpus {
  readonly #entries: (Entry | undefined)[] = [];
  readonly #places = new Map<number, number>();
  #signs = new Int32Array(1024 * signWords);
  #table = new TermTable();
  #frequency = new Int32Array(4096);
  readonly #groups = new Map<number | string, number>();
  #base: Postings | undefined;
  #baseSize = 0;
  #recent: Postings | undefined;
  #recentSize = 0;
  #stale = 0;
  #sums = new Float32Array(0);

  /** How many stories the corpus holds. */
  get size(): number {
    return this.#places.size;
  }

  /**
   * Adds a story. What is rare changes with it, so vectors asked for before are out of date.
   * @param counts its terms, if they have been counted before
   */
  add(story: CorpusStory, counts: TermCounts = countTerms(story)): void {
    if (this.#places.has(story.id)) return;
    const place = this.#entries.length;
    this.#places.set(story.id, place);
    const embedding = story.embedding ?? null;
    const group = story.storylineId ?? `story ${story.id}`;
    const entry: Entry = { id: story.id, ...counts, embedding, group, weights: undefined };
    this.#entries.push(entry);
    this.#keepSigns(place, embedding);
    this.#stale++;
    if (this.#base && !this.#groups.has(group)) this.#count(entry);
  }

  /** Takes a story out. */
  remove(id: number): void {
    const place = this.#places.get(id);
    if (place === undefined) return;
    this.#places.delete(id);
    this.#entries[place] = undefined;
    this.#keepSigns(place, null);
    this.#stale++;
  }

  /** Gives a story the embedding that it had not, or another one. */
  embed(id: number, embedding: Int8Array | null): void {
    const place = this.#places.get(id);
    const entry = place === undefined ? undefined : this.#entries[place];
    if (!entry || place === undefined) return;
    entry.embedding = embedding;
    this.#keepSigns(place, embedding);
  }

  has(id: number): boolean {
    return this.#places.has(id);
  }

  /** The terms of a story as they were counted. @throws Error if the corpus does not hold it */
  counts(id: number): TermCounts {
    const { terms, counts } = this.#entryOf(id);
    return { terms, counts };
  }

  /** Says which stories are one storyline, so that words are counted by it. @param groups ids of stories */
  countByGroup(groups: number[][]): void {
    for (const ids of groups) {
      // A group keeps the name of the storyline that it is already, or has that of one of its stories: those that stay
      // as they are change nothing.
      const known = ids.find((id) => typeof this.#entries[this.#places.get(id) ?? -1]?.group === 'number');
      const name = known === undefined ? `story ${ids[0]}` : this.#entryOf(known).group;
      for (const id of ids) this.regroup(id, name);
    }
  }

  /** Says to which storyline a story belongs. */
  regroup(id: number, group: number | string): void {
    const place = this.#places.get(id);
    const entry = place === undefined ? undefined : this.#entries[place];
    if (!entry || entry.group === group) return;
    entry.group = group;
    this.#stale++;
  }

  /** The vector of a story of the corpus. @throws Error if the corpus does not hold it */
  vector(id: number): Vector {
    this.#prepare();
    return this.#vectorOf(this.#entryOf(id));
  }

  /** The vector of a story that is not in the corpus, by the corpus's frequencies; words it does not know are left out. */
  vectorOf(story: CorpusStory): Vector {
    this.#prepare();
    const { terms: all, counts: allCounts } = countTerms(story);
    const isKnown = (term: number) => this.#frequencyOf(term) > 0;
    const terms = all.filter(isKnown);
    const counts = allCounts.filter((_, at) => isKnown(all[at] as number));
    return { terms, weights: this.#weigh(terms, counts), embedding: story.embedding ?? null };
  }

  /**
   * The stories most like a vector, best first. Candidates are those that share its words, the rarest first, and those
   * whose embeddings have mostly the same signs (Charikar, "Similarity estimation techniques from rounding
   * algorithms", STOC 2002); the similarity is computed for them exactly.
   * @param options.minimum the least similarity
   * @param options.limit how many at most
   */
  neighbours(vector: Vector, options: { minimum: number; limit?: number; except?: number }): Neighbour[] {
    this.#prepare();
    const wanted = Math.max(64, Math.ceil(1.5 * (options.limit ?? 200)));
    const found: Neighbour[] = [];
    const candidates = new Set([
      ...this.#withSameWords(vector, wanted),
      ...this.#withSameSigns(vector, wanted),
    ]);
    for (const place of candidates) {
      const entry = this.#entries[place];
      if (!entry || entry.id === options.except) continue;
      const similarity = cosine(vector, this.#vectorOf(entry));
      if (similarity >= options.minimum) found.push({ id: entry.id, similarity });
    }
    found.sort((a, b) => b.similarity - a.similarity || a.id - b.id);
    return options.limit === undefined ? found : found.slice(0, options.limit);
  }

  /**
   * The words that a vector and another share, those that weigh most first: what two stories have in common.
   * @param texts the stories, whose words are read if this process has not read them yet
   */
  sharedTerms(a: Vector, b: Vector, limit: number, texts: CorpusStory[] = []): string[] {
    const shared: { term: number; weight: number }[] = [];
    walk(a, b, (term, weight) => shared.push({ term, weight }));
    const most = shared.sort((x, y) => y.weight - x.weight).slice(0, limit);
    if (most.some(({ term }) => surfaceOf(term) === undefined)) for (const text of texts) countTerms(text);
    return most.flatMap(({ term }) => surfaceOf(term) ?? []);
  }

  #entryOf(id: number): Entry {
    const entry = this.#entries[this.#places.get(id) ?? -1];
    if (!entry) throw new Error(`story ${id} is not in the corpus`);
    return entry;
  }

  #vectorOf(entry: Entry): Vector {
    entry.weights ??= this.#weigh(entry.terms, entry.counts);
    return { terms: entry.terms, weights: entry.weights, embedding: entry.embedding };
  }

  #frequencyOf(term: number): number {
    const at = this.#table.find(term);
    return at < 0 ? 0 : (this.#frequency[at] as number);
  }

  #keepSigns(place: number, embedding: Int8Array | null): void {
    if ((place + 1) * signWords > this.#signs.length) this.#signs = doubled(this.#signs);
    if (embedding) this.#signs.set(signsOf(embedding), place * signWords);
    else this.#signs.fill(0, place * signWords, (place + 1) * signWords);
  }

  /** Counts the words of a group's first story. */
  #count(entry: Entry): void {
    this.#groups.set(entry.group, 1);
    for (const term of entry.terms) {
      const at = this.#table.add(term);
      if (at >= this.#frequency.length) this.#frequency = doubled(this.#frequency);
      (this.#frequency[at] as number)++;
    }
  }

  #prepare(): void {
    if (this.#stale === 0 && this.#base) return;
    if (!this.#base || this.size <= small || this.#stale > this.size * mostStale) this.#index();
    else if (this.#recentSize < this.#entries.length - this.#baseSize) {
      this.#recent = this.#postingsOf(this.#baseSize);
      this.#recentSize = this.#entries.length - this.#baseSize;
    }
  }

  /** Counts and weighs all words anew. */
  #index(): void {
    this.#compact();
    this.#table = new TermTable();
    this.#frequency.fill(0);
    this.#groups.clear();
    const byGroup = Map.groupBy(this.#entries as Entry[], ({ group }) => group);
    let seenIn = new Int32Array(4096);
    let serial = 0;
    for (const [group, members] of byGroup) {
      serial++;
      this.#groups.set(group, 1);
      for (const { terms } of members)
        for (const term of terms) {
          const at = this.#table.add(term);
          if (at >= this.#frequency.length) this.#frequency = doubled(this.#frequency);
          if (at >= seenIn.length) seenIn = doubled(seenIn);
          if (seenIn[at] === serial) continue;
          seenIn[at] = serial;
          (this.#frequency[at] as number)++;
        }
    }
    for (const entry of this.#entries as Entry[]) entry.weights = undefined;
    this.#baseSize = this.#entries.length;
    this.#base = this.#postingsOf(0);
    this.#recent = undefined;
    this.#recentSize = 0;
    this.#stale = 0;
  }

  /** Closes the gaps that removed stories left. */
  #compact(): void {
    if (this.#places.size === this.#entries.length) return;
    const kept = this.#entries.filter((entry) => entry !== undefined);
    this.#entries.length = 0;
    for (const entry of kept) {
      const place = this.#entries.length;
      this.#entries.push(entry);
      this.#places.set(entry.id, place);
      this.#keepSigns(place, entry.embedding);
    }
  }

  #postingsOf(from: number): Postings {
    const table = new TermTable();
    let starts = new Int32Array(4096);
    let total = 0;
    for (let place = from; place < this.#entries.length; place++)
      for (const term of this.#entries[place]?.terms ?? []) {
        const at = table.add(term) + 1;
        if (at + 1 >= starts.length) starts = doubled(starts);
        (starts[at] as number)++;
        total++;
      }
    for (let at = 0; at < table.size; at++) (starts[at + 1] as number) += starts[at] as number;
    const next = starts.slice();
    const places = new Int32Array(total);
    const values = new Float32Array(total);
    for (let place = from; place < this.#entries.length; place++) {
      const entry = this.#entries[place];
      if (!entry) continue;
      const { terms, weights } = this.#vectorOf(entry);
      for (let at = 0; at < terms.length; at++) {
        const term = table.find(terms[at] as number);
        const posting = next[term] as number;
        next[term] = posting + 1;
        places[posting] = place;
        values[posting] = weights[at] as number;
      }
    }
    return { table, starts, places, values };
  }

  #withSameWords(vector: Vector, limit: number): number[] {
    if (this.#sums.length < this.#entries.length)
      this.#sums = new Float32Array(Math.ceil(this.#entries.length * 1.25));
    const sums = this.#sums;
    const order = [...vector.terms.keys()].sort(
      (a, b) => (vector.weights[b] as number) - (vector.weights[a] as number),
    );
    const met: number[] = [];
    let looked = 0;
    for (const at of order) {
      const weight = vector.weights[at] as number;
      const term = vector.terms[at] as number;
      const lists = [this.#base, this.#recent].flatMap((postings) => {
        const number = postings?.table.find(term) ?? -1;
        return postings && number >= 0 ? [{ postings, number }] : [];
      });
      for (const { postings, number } of lists)
        looked += (postings.starts[number + 1] as number) - (postings.starts[number] as number);
      if (looked > mostPostings && met.length > 0) break;
      for (const { postings, number } of lists) {
        const { starts, places, values } = postings;
        const end = starts[number + 1] as number;
        for (let posting = starts[number] as number; posting < end; posting++) {
          const place = places[posting] as number;
          if (sums[place] === 0) met.push(place);
          (sums[place] as number) += weight * (values[posting] as number) + 1e-9;
        }
      }
    }
    const found = best(met, sums, limit);
    for (const place of met) sums[place] = 0;
    return found;
  }

  #withSameSigns(vector: Vector, limit: number): number[] {
    if (!vector.embedding) return [];
    const own = signsOf(vector.embedding);
    const signs = this.#signs;
    const total = this.#entries.length;
    const agreeing = new Uint16Array(total);
    const withCount = new Int32Array(vector.embedding.length + 1);
    // By chance half of the signs agree.
    const quick = total > manySigns ? signWords / 4 : 0;
    const mostDiffering = quick * 16 - 4;
    for (let place = 0; place < total; place++) {
      if (!this.#entries[place]?.embedding) continue;
      const start = place * signWords;
      let differing = 0;
      let word = 0;
      for (; word < quick; word++) differing += bits((own[word] as number) ^ (signs[start + word] as number));
      if (quick > 0 && differing > mostDiffering) continue;
      for (; word < signWords; word++)
        differing += bits((own[word] as number) ^ (signs[start + word] as number));
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

  #weigh(terms: Int32Array, counts: Uint8Array): Float32Array {
    const groups = this.#groups.size;
    const weights = new Float32Array(terms.length);
    let square = 0;
    for (let at = 0; at < terms.length; at++) {
      const inverse = Math.log(1 + groups / (0.5 + this.#frequencyOf(terms[at] as number)));
      const weight = (1 + Math.log(1 + (counts[at] as number) / 10)) * inverse;
      weights[at] = weight;
      square += weight * weight;
    }
    const length = Math.sqrt(square) || 1;
    for (let at = 0; at < weights.length; at++) weights[at] = (weights[at] as number) / length;
    return weights;
  }
}

function doubled(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(array.length * 2);
  longer.set(array);
  return longer;
}

function best(places: number[], sums: Float32Array, limit: number): number[] {
  if (places.length <= limit) return places;
  const cutoff = Float32Array.from(places, (place) => sums[place] as number).sort()[
    places.length - limit
  ] as number;
  return places.filter((place) => (sums[place] as number) >= cutoff);
}

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
