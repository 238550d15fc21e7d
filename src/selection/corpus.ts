import { countTerms, readSurfaces, type TermCounts } from './features.ts';
import { TermTable } from './term-table.ts';
import { surfaceOf } from './terms.ts';
import { lengthOf, mixed, type Neighbour, sameEvent, type Vector, walk } from './vector.ts';

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

const signWords = 16;
const meaningBytes = signWords * 32;

// Words that stand in very many stories add nearly the same to each, and looking them all up is what costs.
const mostPostings = 30_000;
const mostQuickPostings = 4_000;
// A small corpus is indexed anew with each change; a large one when so many of its stories have changed that what is
// rare may have changed too.
const small = 4_000;
const mostStale = 1 / 8;
// In a large corpus most stories are told by the first quarter of their signs to be unlike.
const manySigns = 20_000;
const mostVectors = 16_000;

/** Which stories to look among, and how many to find. */
export interface NeighbourOptions {
  /** The least similarity. */
  minimum: number;
  /** How many at most; all that were found if it is not given. */
  limit?: number;
  except?: number;
  /** Only stories published from and until these, in milliseconds since 1970. */
  from?: number;
  until?: number;
  /** Of stories without a storyline only these. */
  waiting?: (id: number) => boolean;
  /** Not many looks at what stands in many stories, and few stories compared: quicker, and a little less complete. */
  quick?: boolean;
}

/**
 * Stories as vectors: TF-IDF of their words (Salton and Buckley, "Term-weighting approaches in automatic text
 * retrieval", 1988) beside their embeddings, with an inverted index. How common a word is, is counted by storyline, not
 * by story: what a hundred publishers report does not make its own name common.
 *
 * Stories may be added and removed at any time. What a few of them change in what is rare is taken into account when
 * the index is made anew; until then new ones stand in chains beside it. All numbers lie in a few long arrays: some ten
 * bytes a word of a story.
 */
export class Corpus {
  readonly #places = new Map<number, number>();
  // By place. The id of a story that was taken out is NaN.
  #ids = new Float64Array(1024);
  #times = new Float64Array(1024);
  #groups = new Float64Array(1024);
  #starts = new Int32Array(1024);
  /** Lengths of the stories' vectors before they are made one; 0: not computed since the index was made. */
  #norms = new Float32Array(1024);
  #signs = new Int32Array(0);
  #embedded = new Uint8Array(1024);
  #embeddings = new Int8Array(0);
  #length = 0;
  // The words of all stories, one story after the other, as they were counted.
  #terms = new Int32Array(1 << 14);
  #counts = new Uint8Array(1 << 14);
  // By word.
  readonly #table = new TermTable();
  #hashes = new Int32Array(4096);
  #frequency = new Int32Array(4096);
  #inverse = new Float32Array(4096);
  #counted = new Set<number>();
  // The index: postings of the words of the first stories, one word after the other.
  #indexed = 0;
  #indexedTerms = 0;
  #postingStarts = new Int32Array(0);
  #postingPlaces = new Int32Array(0);
  #postingCounts = new Uint8Array(0);
  /** Words that stand in so many stories that nothing is found by them; they are not in the index. */
  readonly #tooCommon = new Set<number>();
  // Beside it, for each word a chain of the places of those that came later, the last one first; from 1, 0 is the end.
  #chains = new Int32Array(4096);
  #chainPlaces = new Int32Array(1 << 12);
  #chainCounts = new Uint8Array(1 << 12);
  #chainNext = new Int32Array(1 << 12);
  #chainEnd = 1;
  #chained = 0;
  #stale = 1;
  // For one search; sums are all 0 between two.
  #sums = new Float32Array(0);
  #met = new Int32Array(0);
  #agreeing = new Uint16Array(0);
  /** By word; all 0 between two searches. */
  #dense = new Float32Array(0);
  readonly #vectors = new Map<number, Vector>();

  /** How many stories the corpus holds. */
  get size(): number {
    return this.#places.size;
  }

  /** How many places stories that were taken out still fill. */
  get holes(): number {
    return this.#length - this.#places.size;
  }

  /**
   * Adds a story. What is rare changes with it, so vectors asked for before are a little out of date.
   * @param counts its terms, if they have been counted before
   */
  add(
    story: Pick<CorpusStory, 'id' | 'publishedAt' | 'storylineId' | 'embedding'>,
    counts: TermCounts = countTerms(story as CorpusStory),
  ): void {
    if (this.#places.has(story.id)) return;
    const place = this.#length++;
    if (place + 1 >= this.#ids.length) this.#growPlaces(this.#ids.length * 2);
    this.#places.set(story.id, place);
    this.#ids[place] = story.id;
    this.#times[place] = story.publishedAt;
    const group = story.storylineId ?? ownGroup(story.id);
    this.#groups[place] = group;
    this.#keepTerms(place, counts);
    this.#keepMeaning(place, story.embedding ?? null);
    this.#stale++;
    if (!this.#counted.has(group)) this.#countFirst(place, group);
  }

  /** Takes a story out. */
  remove(id: number): void {
    const place = this.#places.get(id);
    if (place === undefined) return;
    this.#places.delete(id);
    this.#ids[place] = Number.NaN;
    this.#keepMeaning(place, null);
    this.#vectors.delete(place);
    this.#stale++;
  }

  /** Gives a story the embedding that it had not, or another one. */
  embed(id: number, embedding: Int8Array | null): void {
    const place = this.#places.get(id);
    if (place === undefined) return;
    this.#keepMeaning(place, embedding);
    this.#vectors.delete(place);
  }

  /** Whether a story is held. */
  has(id: number): boolean {
    return this.#places.has(id);
  }

  /** The terms of a story as they were counted. @throws Error if the corpus does not hold it */
  counts(id: number): TermCounts {
    const place = this.#placeOf(id);
    const [start, end] = [this.#starts[place] as number, this.#starts[place + 1] as number];
    return {
      terms: this.#terms.slice(start, end).map((term) => this.#hashes[term] as number),
      counts: this.#counts.slice(start, end),
    };
  }

  /** What a story means; null if that is not known. @throws Error if the corpus does not hold it */
  embedding(id: number): Int8Array | null {
    return this.#meaningAt(this.#placeOf(id));
  }

  /** Says which stories are one storyline, so that words are counted by it. @param groups ids of stories */
  countByGroup(groups: number[][]): void {
    for (const ids of groups) {
      // A group keeps the name of the storyline that it is already, or has that of one of its stories: those that stay
      // as they are change nothing.
      const names = ids.map((id) => this.#groups[this.#placeOf(id)] as number);
      const name = names.find((each) => each > 0) ?? ownGroup(ids[0] as number);
      for (const id of ids) this.regroup(id, name);
    }
  }

  /** Says to which storyline a story belongs; null: to none yet. */
  regroup(id: number, storyline: number | null): void {
    const place = this.#places.get(id);
    const group = storyline ?? ownGroup(id);
    if (place === undefined || this.#groups[place] === group) return;
    this.#groups[place] = group;
    // Its words were counted when it came.
    this.#counted.add(group);
    this.#stale++;
  }

  /** The vector of a story of the corpus. @throws Error if the corpus does not hold it */
  vector(id: number): Vector {
    this.#prepare();
    return this.#vectorAt(this.#placeOf(id));
  }

  /** The vector of a story that is not in the corpus, by the corpus's frequencies; words it does not know are left out. */
  vectorOf(story: CorpusStory): Vector {
    this.#prepare();
    const counted = countTerms(story);
    const known: { term: number; count: number }[] = [];
    for (const [at, hash] of counted.terms.entries()) {
      const term = this.#table.find(hash);
      if (term >= 0 && (this.#frequency[term] as number) > 0)
        known.push({ term, count: counted.counts[at] as number });
    }
    known.sort((a, b) => a.term - b.term);
    const terms = Int32Array.from(known, ({ term }) => term);
    const weights = Float32Array.from(known, ({ term, count }) => this.#weight(term, count));
    scale(weights);
    return { terms, weights, embedding: story.embedding ?? null };
  }

  /**
   * The stories most like a vector, best first. Candidates are those that share its words, the rarest first, and those
   * whose embeddings have mostly the same signs (Charikar, "Similarity estimation techniques from rounding
   * algorithms", STOC 2002); the similarity is computed for them exactly.
   */
  neighbours(vector: Vector, options: NeighbourOptions): Neighbour[] {
    this.#prepare();
    const wanted = Math.max(options.quick ? 0 : 64, Math.ceil(1.5 * (options.limit ?? 200)));
    const found: Neighbour[] = [];
    const candidates = new Set([
      ...this.#withSameWords(vector, wanted, options),
      ...this.#withSameSigns(vector, wanted, options),
    ]);
    const likeness = this.#likenessTo(vector, candidates);
    let at = 0;
    for (const place of candidates) {
      const id = this.#ids[place] as number;
      const similarity = likeness[at++] as number;
      if (id !== options.except && similarity >= options.minimum) found.push({ id, similarity });
    }
    found.sort((a, b) => b.similarity - a.similarity || a.id - b.id);
    return options.limit === undefined ? found : found.slice(0, options.limit);
  }

  /** How alike a vector and each of some stories are (see `cosine`). @throws Error if the corpus does not hold one */
  likeness(vector: Vector, ids: number[]): Neighbour[] {
    this.#prepare();
    const values = this.#likenessTo(vector, new Set(ids.map((id) => this.#placeOf(id))));
    return ids.map((id, at) => ({ id, similarity: values[at] as number }));
  }

  /** How alike a vector and a story are at least if they report one event. */
  sameEventLikeness(vector: Vector, id: number): number {
    return vector.embedding && this.#embedded[this.#placeOf(id)] === 1 ? sameEvent.mixed : sameEvent.words;
  }

  /** What `cosine` says of a vector and each of some places, without making their vectors. */
  #likenessTo(vector: Vector, candidates: Set<number>): Float64Array {
    if (this.#dense.length < this.#table.size) this.#dense = new Float32Array(this.#hashes.length);
    const [dense, terms, counts, starts] = [this.#dense, this.#terms, this.#counts, this.#starts];
    for (let at = 0; at < vector.terms.length; at++) {
      const term = vector.terms[at] as number;
      dense[term] = (vector.weights[at] as number) * this.#inverseOf(term);
    }
    const likeness = new Float64Array(candidates.size);
    const { embedding } = vector;
    const length = embedding ? lengthOf(embedding) : 0;
    let next = 0;
    for (const place of candidates) {
      let sum = 0;
      const end = starts[place + 1] as number;
      for (let at = starts[place] as number; at < end; at++)
        sum += (dense[terms[at] as number] as number) * (frequencyWeights[counts[at] as number] as number);
      const words = Math.min(1, sum / this.#normAt(place));
      likeness[next++] =
        embedding && this.#embedded[place] === 1
          ? Math.max(0, mixed(words, this.#direction(embedding, length, place)))
          : words;
    }
    for (const term of vector.terms) dense[term] = 0;
    return likeness;
  }

  #direction(embedding: Int8Array, length: number, place: number): number {
    const all = this.#embeddings;
    const start = place * meaningBytes;
    let product = 0;
    let square = 0;
    for (let at = 0; at < meaningBytes; at++) {
      const value = all[start + at] as number;
      product = (product + Math.imul(embedding[at] as number, value)) | 0;
      square = (square + Math.imul(value, value)) | 0;
    }
    return product / (length * Math.sqrt(square) || 1);
  }

  /**
   * The words that a vector and another share, those that weigh most first: what two stories have in common.
   * @param texts the stories, whose words are read if this process has not read them yet
   */
  sharedTerms(a: Vector, b: Vector, limit: number, texts: CorpusStory[] = []): string[] {
    const shared: { term: number; weight: number }[] = [];
    walk(a, b, (term, weight) => shared.push({ term: this.#hashes[term] as number, weight }));
    const most = shared.sort((x, y) => y.weight - x.weight).slice(0, limit);
    if (most.some(({ term }) => surfaceOf(term) === undefined)) for (const text of texts) readSurfaces(text);
    return most.flatMap(({ term }) => surfaceOf(term) ?? []);
  }

  #placeOf(id: number): number {
    const place = this.#places.get(id);
    if (place === undefined) throw new Error(`story ${id} is not in the corpus`);
    return place;
  }

  /** Makes room for what will be added, which costs less than growing again and again. */
  reserve(stories: number, terms: number): void {
    if (stories > this.#ids.length) this.#growPlaces(stories + 1);
    if (terms > this.#terms.length) this.#growTerms(terms);
  }

  #growTerms(size: number): void {
    this.#terms = longer(this.#terms, size);
    this.#counts = longer(this.#counts, size);
  }

  #growPlaces(size: number): void {
    this.#ids = longer(this.#ids, size);
    this.#times = longer(this.#times, size);
    this.#groups = longer(this.#groups, size);
    this.#starts = longer(this.#starts, size);
    this.#norms = longer(this.#norms, size);
    this.#embedded = longer(this.#embedded, size);
    if (this.#embeddings.length === 0) return;
    this.#signs = longer(this.#signs, size * signWords);
    this.#embeddings = longer(this.#embeddings, size * meaningBytes);
  }

  #keepTerms(place: number, { terms, counts }: TermCounts): void {
    const start = this.#starts[place] as number;
    if (start + terms.length > this.#terms.length) {
      const isLarge = start > 1 << 22;
      this.#growTerms(Math.max(start + terms.length, Math.ceil(start * (isLarge ? 1.15 : 1.5))));
    }
    for (let at = 0; at < terms.length; at++) this.#terms[start + at] = this.#termOf(terms[at] as number);
    this.#counts.set(counts, start);
    this.#starts[place + 1] = start + terms.length;
  }

  #termOf(hash: number): number {
    const known = this.#table.size;
    const term = this.#table.add(hash);
    if (term < known) return term;
    if (term >= this.#hashes.length) {
      const size = this.#hashes.length * 2;
      this.#hashes = longer(this.#hashes, size);
      this.#frequency = longer(this.#frequency, size);
      this.#inverse = longer(this.#inverse, size);
      this.#chains = longer(this.#chains, size);
    }
    this.#hashes[term] = hash;
    return term;
  }

  #keepMeaning(place: number, embedding: Int8Array | null): void {
    this.#embedded[place] = embedding ? 1 : 0;
    if (!embedding) return;
    if (this.#embeddings.length === 0) {
      this.#signs = new Int32Array(this.#ids.length * signWords);
      this.#embeddings = new Int8Array(this.#ids.length * meaningBytes);
    }
    this.#embeddings.set(embedding, place * meaningBytes);
    this.#signs.set(signsOf(embedding), place * signWords);
  }

  #meaningAt(place: number): Int8Array | null {
    return this.#embedded[place] === 1
      ? this.#embeddings.slice(place * meaningBytes, (place + 1) * meaningBytes)
      : null;
  }

  /** Counts the words of a group's first story; those of the others wait for the index. */
  #countFirst(place: number, group: number): void {
    this.#counted.add(group);
    const end = this.#starts[place + 1] as number;
    for (let at = this.#starts[place] as number; at < end; at++)
      (this.#frequency[this.#terms[at] as number] as number)++;
  }

  #vectorAt(place: number): Vector {
    let vector = this.#vectors.get(place);
    if (!vector) {
      const [start, end] = [this.#starts[place] as number, this.#starts[place + 1] as number];
      // Word and count in one number, so that they are sorted together.
      const both = new Float64Array(end - start);
      for (let at = start; at < end; at++)
        both[at - start] = (this.#terms[at] as number) * 256 + (this.#counts[at] as number);
      both.sort();
      const terms = Int32Array.from(both, (each) => Math.floor(each / 256));
      const weights = Float32Array.from(both, (each, at) => this.#weight(terms[at] as number, each % 256));
      scale(weights);
      vector = { terms, weights, embedding: this.#meaningAt(place) };
      if (this.#vectors.size >= mostVectors)
        this.#vectors.delete(this.#vectors.keys().next().value as number);
      this.#vectors.set(place, vector);
    }
    return vector;
  }

  #weight(term: number, count: number): number {
    return (frequencyWeights[count] as number) * this.#inverseOf(term);
  }

  #inverseOf(term: number): number {
    return term < this.#indexedTerms
      ? (this.#inverse[term] as number)
      : inverse(this.#counted.size, this.#frequency[term] as number);
  }

  #normAt(place: number): number {
    let norm = this.#norms[place] as number;
    if (norm === 0) {
      const end = this.#starts[place + 1] as number;
      let square = 0;
      for (let at = this.#starts[place] as number; at < end; at++)
        square += this.#weight(this.#terms[at] as number, this.#counts[at] as number) ** 2;
      norm = Math.sqrt(square) || 1;
      this.#norms[place] = norm;
    }
    return norm;
  }

  #prepare(): void {
    if (this.#stale === 0) return;
    if (this.#indexed === 0 || this.size <= small || this.#stale > this.size * mostStale) this.#index();
    else for (; this.#chained < this.#length; this.#chained++) this.#chain(this.#chained);
  }

  /** Counts and weighs all words anew. */
  #index(): void {
    this.#frequency.fill(0);
    this.#counted.clear();
    const held = [...this.#places.values()];
    const seenIn = new Int32Array(this.#table.size);
    const byGroup = Map.groupBy(held, (place) => this.#groups[place] as number);
    for (const [group, places] of byGroup) {
      this.#counted.add(group);
      const serial = this.#counted.size;
      for (const place of places) {
        const end = this.#starts[place + 1] as number;
        for (let at = this.#starts[place] as number; at < end; at++) {
          const term = this.#terms[at] as number;
          if (seenIn[term] === serial) continue;
          seenIn[term] = serial;
          (this.#frequency[term] as number)++;
        }
      }
    }
    this.#indexedTerms = this.#table.size;
    for (let term = 0; term < this.#indexedTerms; term++)
      this.#inverse[term] = inverse(this.#counted.size, this.#frequency[term] as number);
    this.#norms.fill(0);
    this.#vectors.clear();
    this.#post();
    this.#chains.fill(0);
    this.#chainEnd = 1;
    this.#chained = this.#length;
    this.#stale = 0;
  }

  #post(): void {
    // Fields are looked up anew each time they are named: in these loops that would cost more than all else.
    const [ids, terms, counts, from, size] = [
      this.#ids,
      this.#terms,
      this.#counts,
      this.#starts,
      this.#table.size,
    ];
    const starts = new Int32Array(size + 1);
    for (let place = 0; place < this.#length; place++) {
      if (Number.isNaN(ids[place] as number)) continue;
      const end = from[place + 1] as number;
      for (let at = from[place] as number; at < end; at++) (starts[(terms[at] as number) + 1] as number)++;
    }
    this.#tooCommon.clear();
    for (let term = 0; term < size; term++) {
      if ((starts[term + 1] as number) > mostPostings) {
        this.#tooCommon.add(term);
        starts[term + 1] = 0;
      }
      (starts[term + 1] as number) += starts[term] as number;
    }
    const total = starts[size] as number;
    if (this.#postingPlaces.length < total) {
      // The old ones are let go before there are new ones.
      this.#postingPlaces = new Int32Array(0);
      this.#postingCounts = new Uint8Array(0);
      this.#postingPlaces = new Int32Array(total);
      this.#postingCounts = new Uint8Array(total);
    }
    const [postingPlaces, postingCounts, next] = [this.#postingPlaces, this.#postingCounts, starts.slice()];
    for (let place = 0; place < this.#length; place++) {
      if (Number.isNaN(ids[place] as number)) continue;
      const end = from[place + 1] as number;
      for (let at = from[place] as number; at < end; at++) {
        const term = terms[at] as number;
        const posting = next[term] as number;
        if (this.#tooCommon.size > 0 && this.#tooCommon.has(term)) continue;
        next[term] = posting + 1;
        postingPlaces[posting] = place;
        postingCounts[posting] = counts[at] as number;
      }
    }
    this.#postingStarts = starts;
    this.#indexed = this.#length;
  }

  #chain(place: number): void {
    const end = this.#starts[place + 1] as number;
    for (let at = this.#starts[place] as number; at < end; at++) {
      if (this.#chainEnd >= this.#chainPlaces.length) {
        const size = this.#chainPlaces.length * 2;
        this.#chainPlaces = longer(this.#chainPlaces, size);
        this.#chainCounts = longer(this.#chainCounts, size);
        this.#chainNext = longer(this.#chainNext, size);
      }
      const term = this.#terms[at] as number;
      if (this.#tooCommon.has(term)) continue;
      const link = this.#chainEnd++;
      this.#chainPlaces[link] = place;
      this.#chainCounts[link] = this.#counts[at] as number;
      this.#chainNext[link] = this.#chains[term] as number;
      this.#chains[term] = link;
    }
  }

  #withSameWords(vector: Vector, limit: number, options: NeighbourOptions): number[] {
    if (this.#sums.length < this.#length) this.#sums = new Float32Array(this.#ids.length);
    const sums = this.#sums;
    const order = [...vector.terms.keys()].sort(
      (a, b) => (vector.weights[b] as number) - (vector.weights[a] as number),
    );
    const most = options.quick ? mostQuickPostings : mostPostings;
    // Fields are looked up anew each time they are named: in these loops that would cost more than all else.
    const [places, counts, starts] = [this.#postingPlaces, this.#postingCounts, this.#postingStarts];
    const [chainPlaces, chainCounts, chainNext] = [this.#chainPlaces, this.#chainCounts, this.#chainNext];
    if (this.#met.length < this.#length) this.#met = new Int32Array(this.#ids.length);
    const met = this.#met;
    let metEnd = 0;
    let looked = 0;
    for (const at of order) {
      const term = vector.terms[at] as number;
      const isIndexed = term < this.#indexedTerms;
      const start = isIndexed ? (starts[term] as number) : 0;
      const end = isIndexed ? (starts[term + 1] as number) : 0;
      looked += end - start;
      if (looked > most && metEnd > 0) break;
      const weight = (vector.weights[at] as number) * this.#inverseOf(term);
      for (let posting = start; posting < end; posting++) {
        const place = places[posting] as number;
        const sum = sums[place] as number;
        if (sum === 0) met[metEnd++] = place;
        sums[place] = sum + weight * (frequencyWeights[counts[posting] as number] as number);
      }
      for (let link = this.#chains[term] as number; link !== 0; link = chainNext[link] as number) {
        const place = chainPlaces[link] as number;
        const sum = sums[place] as number;
        if (sum === 0) met[metEnd++] = place;
        sums[place] = sum + weight * (frequencyWeights[chainCounts[link] as number] as number);
        looked++;
      }
    }
    const values = new Float32Array(metEnd);
    const kept: number[] = [];
    for (let at = 0; at < metEnd; at++) {
      const place = met[at] as number;
      if (this.#isWithin(place, options)) {
        values[kept.length] = (sums[place] as number) / this.#normAt(place);
        kept.push(place);
      }
      sums[place] = 0;
    }
    return best(kept, values, limit);
  }

  #isWithin(place: number, { from, until, waiting }: NeighbourOptions): boolean {
    const time = this.#times[place] as number;
    const id = this.#ids[place] as number;
    return (
      !Number.isNaN(id) &&
      (from === undefined || time >= from) &&
      (until === undefined || time <= until) &&
      (waiting === undefined || (this.#groups[place] as number) > 0 || waiting(id))
    );
  }

  #withSameSigns(vector: Vector, limit: number, options: NeighbourOptions): number[] {
    if (!vector.embedding) return [];
    const own = signsOf(vector.embedding);
    const signs = this.#signs;
    const total = this.#length;
    if (this.#agreeing.length < total) this.#agreeing = new Uint16Array(this.#ids.length);
    const agreeing = this.#agreeing;
    const withCount = new Int32Array(meaningBytes + 1);
    // By chance half of the signs agree.
    const quick = total > manySigns ? signWords / 4 : 0;
    const mostDiffering = quick * 16 - 4;
    for (let place = 0; place < total; place++) {
      agreeing[place] = 0;
      if (this.#embedded[place] === 0 || !this.#isWithin(place, options)) continue;
      const start = place * signWords;
      let differing = 0;
      let word = 0;
      for (; word < quick; word++) differing += bits((own[word] as number) ^ (signs[start + word] as number));
      if (quick > 0 && differing > mostDiffering) continue;
      for (; word < signWords; word++)
        differing += bits((own[word] as number) ^ (signs[start + word] as number));
      const count = meaningBytes - differing;
      agreeing[place] = count;
      (withCount[count] as number)++;
    }
    // Half of the signs agree by chance.
    const least = meaningBytes / 2;
    let cutoff = meaningBytes;
    for (let taken = withCount[cutoff] as number; taken < limit && cutoff > least; cutoff--)
      taken += withCount[cutoff - 1] as number;
    const found: number[] = [];
    for (let place = 0; place < total; place++) if ((agreeing[place] as number) >= cutoff) found.push(place);
    return found;
  }
}

/** The group of a story that has no storyline; storylines have numbers above 0. */
const ownGroup = (id: number) => -id - 1;

// By the count in tenths: a word said ten times tells more than one said once, but not ten times as much.
const frequencyWeights = Float32Array.from({ length: 256 }, (_, count) => 1 + Math.log(1 + count / 10));

const inverse = (groups: number, frequency: number) => Math.log(1 + groups / (0.5 + frequency));

/** Makes a vector one of length one. */
function scale(weights: Float32Array): void {
  let square = 0;
  for (const weight of weights) square += weight * weight;
  const length = Math.sqrt(square) || 1;
  for (let at = 0; at < weights.length; at++) weights[at] = (weights[at] as number) / length;
}

type Numbers = Int32Array | Int8Array | Uint8Array | Float32Array | Float64Array;

function longer<Kind extends Numbers>(array: Kind, size: number): Kind {
  const copy = new (array.constructor as new (length: number) => Kind)(size);
  copy.set(array as never);
  return copy;
}

const steps = 512;

/** The places with the largest values; by counting, as sorting tens of thousands takes milliseconds. */
function best(places: number[], values: Float32Array, limit: number): number[] {
  if (places.length <= limit) return places;
  let largest = 0;
  for (let at = 0; at < places.length; at++) largest = Math.max(largest, values[at] as number);
  const step = (at: number) => Math.min(steps - 1, Math.floor(((values[at] as number) / largest) * steps));
  const withStep = new Int32Array(steps);
  for (let at = 0; at < places.length; at++) (withStep[step(at)] as number)++;
  let cutoff = steps - 1;
  let above = 0;
  while (above + (withStep[cutoff] as number) < limit) above += withStep[cutoff--] as number;
  const found: number[] = [];
  const last: number[] = [];
  for (let at = 0; at < places.length; at++) {
    const own = step(at);
    if (own > cutoff) found.push(places[at] as number);
    else if (own === cutoff) last.push(at);
  }
  last.sort((a, b) => (values[b] as number) - (values[a] as number));
  for (const at of last.slice(0, limit - above)) found.push(places[at] as number);
  return found;
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
