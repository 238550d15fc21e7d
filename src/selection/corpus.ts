import { type Term, termsOf } from './terms.ts';

/** What a story is compared by. */
export interface CorpusStory {
  id: number;
  title: string;
  dek: string;
  bodyText: string;
  language: string | null;
  /** Milliseconds since 1970. */
  publishedAt: number;
}

/** A sparse vector of length one: term numbers, ascending, and their weights. */
export interface Vector {
  terms: Int32Array;
  weights: Float32Array;
}

/** A similar story and the cosine of the two, from 0 to 1. */
export interface Neighbour {
  id: number;
  similarity: number;
}

const titleWeight = 3;
const dekWeight = 1.5;
const bodyWeight = 1;
// The first paragraphs tell what happened; what follows is background that many stories share.
const bodyWords = 1200;
const entityBoost = 1.35;

/**
 * Stories as TF-IDF vectors (Salton and Buckley, "Term-weighting approaches in automatic text retrieval", 1988) with
 * an inverted index. Document frequencies grow with each story that is added; vectors are made when first asked for.
 */
export class Corpus {
  readonly #numbers = new Map<string, number>();
  readonly #frequency: number[] = [];
  readonly #counts = new Map<number, Map<number, number>>();
  readonly #vectors = new Map<number, Vector>();
  #postings: Map<number, { id: number; weight: number }[]> | undefined;

  /** How many stories the corpus holds. */
  get size(): number {
    return this.#counts.size;
  }

  /** Adds a story. Vectors made before are made anew, as what is rare has changed. */
  add(story: CorpusStory): void {
    if (this.#counts.has(story.id)) return;
    const counts = this.#count(story, true);
    for (const term of counts.keys()) this.#frequency[term] = (this.#frequency[term] ?? 0) + 1;
    this.#counts.set(story.id, counts);
    this.#vectors.clear();
    this.#postings = undefined;
  }

  has(id: number): boolean {
    return this.#counts.has(id);
  }

  /** The vector of a story of the corpus. @throws Error if the corpus does not hold it */
  vector(id: number): Vector {
    let vector = this.#vectors.get(id);
    if (!vector) {
      const counts = this.#counts.get(id);
      if (!counts) throw new Error(`story ${id} is not in the corpus`);
      vector = this.#weigh(counts);
      this.#vectors.set(id, vector);
    }
    return vector;
  }

  /** The vector of a story that is not in the corpus, by the corpus's frequencies. */
  vectorOf(story: CorpusStory): Vector {
    return this.#weigh(this.#count(story, false));
  }

  /**
   * The stories most like a vector, best first.
   * @param options.minimum the least similarity
   * @param options.limit how many at most
   */
  neighbours(vector: Vector, options: { minimum: number; limit?: number; except?: number }): Neighbour[] {
    const sums = new Map<number, number>();
    const postings = this.#index();
    for (let index = 0; index < vector.terms.length; index++) {
      const weight = vector.weights[index] as number;
      for (const posting of postings.get(vector.terms[index] as number) ?? [])
        sums.set(posting.id, (sums.get(posting.id) ?? 0) + weight * posting.weight);
    }
    const found: Neighbour[] = [];
    for (const [id, similarity] of sums)
      if (similarity >= options.minimum && id !== options.except)
        found.push({ id, similarity: Math.min(1, similarity) });
    found.sort((a, b) => b.similarity - a.similarity || a.id - b.id);
    return options.limit ? found.slice(0, options.limit) : found;
  }

  /** The words that a vector and another share, those that weigh most first: what two stories have in common. */
  sharedTerms(a: Vector, b: Vector, limit: number): string[] {
    const names = [...this.#numbers.keys()];
    const shared: { term: number; weight: number }[] = [];
    walk(a, b, (term, weight) => shared.push({ term, weight }));
    return shared
      .sort((x, y) => y.weight - x.weight)
      .slice(0, limit)
      .map(({ term }) => names[term] ?? '');
  }

  #count(story: CorpusStory, learn: boolean): Map<number, number> {
    const counts = new Map<number, number>();
    const add = (terms: Term[], weight: number) => {
      for (const { text, entity } of terms) {
        let number = this.#numbers.get(text);
        if (number === undefined) {
          if (!learn) continue;
          number = this.#numbers.size;
          this.#numbers.set(text, number);
        }
        counts.set(number, (counts.get(number) ?? 0) + weight * (entity ? entityBoost : 1));
      }
    };
    add(termsOf(story.title, story.language), titleWeight);
    add(termsOf(story.dek, story.language), dekWeight);
    add(termsOf(story.bodyText.slice(0, bodyWords), story.language), bodyWeight);
    return counts;
  }

  #weigh(counts: Map<number, number>): Vector {
    const terms = Int32Array.from(counts.keys()).sort();
    const weights = new Float32Array(terms.length);
    const total = this.#counts.size;
    let square = 0;
    for (let index = 0; index < terms.length; index++) {
      const term = terms[index] as number;
      const inverse = Math.log(1 + total / (1 + (this.#frequency[term] ?? 0)));
      const weight = (1 + Math.log(1 + (counts.get(term) ?? 0))) * inverse;
      weights[index] = weight;
      square += weight * weight;
    }
    const length = Math.sqrt(square) || 1;
    for (let index = 0; index < weights.length; index++) weights[index] = (weights[index] as number) / length;
    return { terms, weights };
  }

  #index(): Map<number, { id: number; weight: number }[]> {
    if (this.#postings) return this.#postings;
    const postings = new Map<number, { id: number; weight: number }[]>();
    for (const id of this.#counts.keys()) {
      const { terms, weights } = this.vector(id);
      for (let index = 0; index < terms.length; index++) {
        const term = terms[index] as number;
        const entry = { id, weight: weights[index] as number };
        const list = postings.get(term);
        if (list) list.push(entry);
        else postings.set(term, [entry]);
      }
    }
    this.#postings = postings;
    return postings;
  }
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

/** The cosine of two vectors. */
export function cosine(a: Vector, b: Vector): number {
  let sum = 0;
  walk(a, b, (_, product) => {
    sum += product;
  });
  return sum;
}
