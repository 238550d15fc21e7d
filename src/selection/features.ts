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

/** A story's terms by number, ascending, and how much each counts, in tenths. */
export interface TermCounts {
  /** 32-bit hashes of the folded words: the same in every process, so that they can be kept with the story. */
  terms: Int32Array;
  counts: Uint8Array;
}

/** How much of a text is counted: the first paragraphs tell what happened, what follows is background. */
export const countedCharacters = 1200;

const titleWeight = 3;
// What the address says is said again: it supports the title.
const addressWeight = 2.1;
const dekWeight = 1.5;
const bodyWeight = 1;
const entityBoost = 1.35;

// Grows when words are split or weighed in another way: what was kept before is computed anew.
const formatVersion = 1;
/** What a term takes in a row. */
export const bytesPerTerm = 5;

// The same texts are compared again each time a feed is fetched, and splitting them is what costs.
const counted = new Map<string, TermCounts>();
const mostCounted = 5_000;

/** Reads a text's words, so that they can be shown. */
export function readSurfaces(story: CountedStory): void {
  split(story, story.bodyText.slice(0, countedCharacters));
}

/** The terms of a story; the title counts more than the text, and names and numbers more than other words. */
export function countTerms(story: CountedStory): TermCounts {
  const bodyText = story.bodyText.slice(0, countedCharacters);
  const key = hash(
    'sha1',
    JSON.stringify([story.title, story.dek, bodyText, story.url, story.language]),
    'base64',
  );
  let known = counted.get(key);
  if (!known) {
    known = split(story, bodyText);
    if (counted.size >= mostCounted) counted.clear();
    counted.set(key, known);
  }
  return known;
}

function split({ title, dek, url, language }: CountedStory, bodyText: string): TermCounts {
  const counts = new Map<number, number>();
  const add = (terms: Term[], weight: number) => {
    for (const { number, entity } of terms)
      counts.set(number, (counts.get(number) ?? 0) + weight * (entity ? entityBoost : 1));
  };
  add(termsOf(title, language), titleWeight);
  add(termsOf(addressWords(url), language), addressWeight);
  add(termsOf(dek, language), dekWeight);
  add(termsOf(bodyText, language), bodyWeight);
  const terms = Int32Array.from(counts.keys()).sort();
  return {
    terms,
    counts: Uint8Array.from(terms, (term) => Math.min(255, Math.round((counts.get(term) ?? 0) * 10))),
  };
}

/** Terms as they are kept with the story: a version, then four bytes of number and one of count for each. */
export function encodeTerms({ terms, counts }: TermCounts): Buffer {
  const bytes = Buffer.allocUnsafe(1 + terms.length * bytesPerTerm);
  bytes[0] = formatVersion;
  for (let at = 0; at < terms.length; at++) {
    bytes.writeInt32LE(terms[at] as number, 1 + at * bytesPerTerm);
    bytes[5 + at * bytesPerTerm] = counts[at] as number;
  }
  return bytes;
}

/** @returns undefined if they were kept by another version */
export function decodeTerms(bytes: Buffer): TermCounts | undefined {
  if (bytes[0] !== formatVersion) return undefined;
  const length = Math.floor((bytes.length - 1) / bytesPerTerm);
  const terms = new Int32Array(length);
  const counts = new Uint8Array(length);
  for (let at = 0; at < length; at++) {
    terms[at] = bytes.readInt32LE(1 + at * bytesPerTerm);
    counts[at] = bytes[5 + at * bytesPerTerm] as number;
  }
  return { terms, counts };
}
