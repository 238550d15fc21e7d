import { hash } from 'node:crypto';
import { addressWords } from './address-words.ts';
import { type Term, termsOf } from './terms.ts';

/** What of a story is counted. */
export interface CountedStory {
  title: string;
  dek: string;
  bodyText: string;
  language: string | null;
  url?: string | null;
}

/** A story's terms by number, ascending, and how much each counts. */
export interface TermCounts {
  terms: Int32Array;
  counts: Float32Array;
}

const titleWeight = 3;
// What the address says is said again: it supports the title.
const addressWeight = 2.1;
const dekWeight = 1.5;
const bodyWeight = 1;
// The first paragraphs tell what happened; what follows is background that many stories share.
const bodyCharacters = 1200;
const entityBoost = 1.35;

const mostWords = 1_000_000;
const mostStories = 100_000;

/**
 * The words of all stories that a process has looked at, numbered, and the counts of the stories it looked at last: the
 * same stories are compared again each time an edition is made or a feed fetched, and splitting texts is what costs.
 */
export class Vocabulary {
  readonly #numbers = new Map<string, number>();
  readonly #surfaces: string[] = [];
  readonly #counted = new Map<string, TermCounts>();

  /** How many words have a number. */
  get size(): number {
    return this.#surfaces.length;
  }

  /** A word as a text had it, for people. */
  surface(term: number): string {
    return this.#surfaces[term] ?? '';
  }

  /** The terms of a story; the title counts more than the text, and names and numbers more than other words. */
  count(story: CountedStory): TermCounts {
    const bodyText = story.bodyText.slice(0, bodyCharacters);
    const key = hash(
      'sha1',
      JSON.stringify([story.title, story.dek, bodyText, story.url, story.language]),
      'base64',
    );
    let counted = this.#counted.get(key);
    if (!counted) {
      counted = this.#split(story, bodyText);
      if (this.#counted.size >= mostStories) this.#counted.clear();
      this.#counted.set(key, counted);
    }
    return counted;
  }

  #split({ title, dek, url, language }: CountedStory, bodyText: string): TermCounts {
    const counts = new Map<number, number>();
    const add = (terms: Term[], weight: number) => {
      for (const { text, surface, entity } of terms) {
        let number = this.#numbers.get(text);
        if (number === undefined) {
          number = this.#numbers.size;
          this.#numbers.set(text, number);
          this.#surfaces.push(surface);
        }
        counts.set(number, (counts.get(number) ?? 0) + weight * (entity ? entityBoost : 1));
      }
    };
    add(termsOf(title, language), titleWeight);
    add(termsOf(addressWords(url), language), addressWeight);
    add(termsOf(dek, language), dekWeight);
    add(termsOf(bodyText, language), bodyWeight);
    const terms = Int32Array.from(counts.keys()).sort();
    return { terms, counts: Float32Array.from(terms, (term) => counts.get(term) ?? 0) };
  }
}

let current = new Vocabulary();

/** The vocabulary of this process. One that has grown too large is left to those that hold it, and a new one begun. */
export function currentVocabulary(): Vocabulary {
  if (current.size > mostWords) current = new Vocabulary();
  return current;
}
