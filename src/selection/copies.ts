/** What a copy is recognised by. */
export interface CopyCandidate {
  id: number;
  title: string;
  dek: string;
  bodyText: string;
  /** Milliseconds since 1970. */
  publishedAt: number;
}

const shingleWords = 4;
// Of a shorter text only the title can be told.
const leastWords = 30;
// Shorter titles are given to different stories too ("Business highlights").
const leastTitleWords = 5;
// Two rows a band: a text that shares a third of its shingles with another meets it with a probability of 0.95.
const bands = 32;
const rowsPerBand = 2;
// How much of the shorter text must stand in the longer one. A copy is cut, gets a local lead, another headline; two
// reports of one press conference share its quotations, a tenth or so.
const leastContained = 0.55;
const mostCompared = 24;

/**
 * Finds stories that are copies of others: wire texts under another headline, cut, or with a local lead. MinHash over
 * shingles of four words (Broder, "On the resemblance and containment of documents", 1997) in bands (Indyk and Motwani,
 * "Approximate nearest neighbors", STOC 1998) finds pairs; the share of the shorter text that stands in the longer one
 * decides. Only originals are indexed, so the cost grows with the stories, however many copies there are.
 * @returns for each copy the id of the earliest story with its text
 */
export function copiesOf(stories: CopyCandidate[]): Map<number, number> {
  const copies = new Map<number, number>();
  if (stories.length < 2) return copies;
  const buckets = new Map<number, Text[]>();
  const titled = new Map<string, number>();
  const inOrder = [...stories].sort((a, b) => a.publishedAt - b.publishedAt || a.id - b.id);
  for (const story of inOrder) {
    const text = textOf(story);
    if (text.keys.length === 0) {
      const original = titled.get(text.title);
      if (original !== undefined) copies.set(story.id, original);
      else if (text.title !== '') titled.set(text.title, story.id);
      continue;
    }
    const met = new Set<Text>();
    for (const key of text.keys) for (const other of buckets.get(key) ?? []) met.add(other);
    const original = [...met]
      .slice(0, mostCompared)
      .find((other) => contained(text, other) >= leastContained);
    if (original) {
      copies.set(story.id, original.id);
      continue;
    }
    for (const key of text.keys) {
      const bucket = buckets.get(key);
      if (bucket) bucket.push(text);
      else buckets.set(key, [text]);
    }
  }
  return copies;
}

interface Text {
  id: number;
  /** Folded; empty if it is too short to tell anything. */
  title: string;
  /** Its words, to be shingled again for the few pairs that are compared. */
  words: Int32Array;
  /** One for each band; none if the text is too short. */
  keys: number[];
}

// Stories are objects that stay as they are while an edition is made, and are looked at again and again.
const known = new WeakMap<CopyCandidate, Text>();

function textOf(story: CopyCandidate): Text {
  let text = known.get(story);
  if (!text) {
    text = read(story);
    known.set(story, text);
  }
  return text;
}

// A word, or one character of a script that writes no spaces.
const word = /\p{Script=Han}|[\p{Script=Hiragana}\p{Script=Katakana}]|[\p{L}\p{M}\p{N}]+/gu;

function wordsOf(text: string): string[] {
  return text.normalize('NFKC').toLowerCase().match(word) ?? [];
}

function read({ id, title, dek, bodyText }: CopyCandidate): Text {
  const titleWords = wordsOf(title);
  const words = wordsOf(bodyText.length > dek.length ? bodyText : dek);
  const folded = titleWords.length >= leastTitleWords ? titleWords.join(' ') : '';
  if (words.length < leastWords) return { id, title: folded, words: new Int32Array(), keys: [] };
  const hashes = Int32Array.from(words, hash);
  return { id, title: folded, words: hashes, keys: bandKeys(shinglesOf(hashes)) };
}

function shinglesOf(words: Int32Array): Set<number> {
  const shingles = new Set<number>();
  for (let at = 0; at + shingleWords <= words.length; at++) {
    let sum = 0;
    for (let offset = 0; offset < shingleWords; offset++)
      sum = Math.imul(sum, 0x01000193) ^ (words[at + offset] as number);
    shingles.add(mix(sum, 0));
  }
  return shingles;
}

// As many permutations of the shingles: odd factors and summands, by which linear ones are made. They serve as well as
// random ones where the values are well mixed (Broder, Charikar, Frieze and Mitzenmacher, "Min-wise independent
// permutations", 1998).
const factors = Int32Array.from({ length: bands * rowsPerBand }, (_, row) => mix(row, 1) | 1);
const summands = Int32Array.from({ length: bands * rowsPerBand }, (_, row) => mix(row, 2) | 0);

function bandKeys(shingles: Set<number>): number[] {
  const smallest = new Uint32Array(bands * rowsPerBand).fill(0xffffffff);
  for (const shingle of shingles) {
    for (let row = 0; row < smallest.length; row++) {
      const value = (Math.imul(shingle, factors[row] as number) + (summands[row] as number)) >>> 0;
      if (value < (smallest[row] as number)) smallest[row] = value;
    }
  }
  // A number of 53 bits for each band, from its two smallest values.
  return Array.from(
    { length: bands },
    (_, band) =>
      mix(smallest[2 * band] as number, band) * 0x100000 +
      (mix(smallest[2 * band + 1] as number, band) >>> 12),
  );
}

/** FNV-1a (Fowler, Noll and Vo). */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value >>> 0;
}

/** One of many hash functions: the finaliser of MurmurHash3 over a value and a seed. */
function mix(value: number, seed: number): number {
  let x = value ^ Math.imul(seed, 0x9e3779b1);
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

function contained(a: Text, b: Text): number {
  const [one, other] = [shinglesOf(a.words), shinglesOf(b.words)];
  const [short, long] = one.size <= other.size ? [one, other] : [other, one];
  let shared = 0;
  for (const shingle of short) if (long.has(shingle)) shared++;
  return shared / short.size;
}
