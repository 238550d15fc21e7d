import { push } from '../push.ts';
import type { TopicDefinition } from './taxonomy.ts';

/** Why a story has a topic. */
export interface TopicReason {
  topic: string;
  /** From 0 to 1. */
  confidence: number;
  by: 'category' | 'keywords' | 'likeness';
  /** The source's category, the words found, or the topic's name. */
  because: string;
}

/** What labelling reads of a story. */
export interface LabelledText {
  title: string;
  dek: string;
  bodyText: string;
  /** What the source calls its topics. */
  categories: string[];
}

/** Below this a story does not have a topic. */
export const leastConfidence = 0.45;

const byItsSource = 0.95;
const ownWord = 0.9;
// What one keyword is worth where it stands. A story about something names it in title or dek; a body that names many
// things is about none of them.
const worth = { title: 1, dek: 0.6, body: 0.25 } as const;
const mostBody = 2000;

/** Finds the topics that a taxonomy's categories and keywords give a story. Built once, used for any number. */
export class TopicMatcher {
  readonly #byCategory = new Map<string, string>();
  /** Keywords by their first word. */
  readonly #words = new Map<string, Keyword[]>();
  /** Keywords that end in `*`, by the first letters of their first word. */
  readonly #prefixes = new Map<string, Keyword[]>();
  /** Keywords in scripts that write no spaces. */
  readonly #unspaced: Keyword[] = [];

  constructor(topics: TopicDefinition[]) {
    for (const { slug, name, categories, keywords } of topics) {
      for (const category of [slug, name, ...categories]) {
        const folded = fold(category);
        if (!this.#byCategory.has(folded)) this.#byCategory.set(folded, slug);
      }
      for (const text of keywords) this.#add(slug, text);
    }
  }

  #add(topic: string, text: string): void {
    const open = text.endsWith('*');
    const words = wordsOf(text);
    const first = words[0];
    if (first === undefined) return;
    const keyword: Keyword = { topic, text: text.replace(/\*$/, ''), words, open };
    if (unspaced.test(text)) this.#unspaced.push({ ...keyword, words: [fold(keyword.text)] });
    else if (open && words.length === 1 && first.length >= prefixLength)
      push(this.#prefixes, first.slice(0, prefixLength), keyword);
    else push(this.#words, first, keyword);
  }

  /** The topics of a story with how sure they are, the surest first. */
  match(story: LabelledText): TopicReason[] {
    const reasons = new Map<string, TopicReason>();
    for (const category of story.categories) {
      const topic = this.#byCategory.get(fold(category));
      const because = { by: 'category', because: category } as const;
      if (topic) keepBest(reasons, { topic, confidence: byItsSource, ...because });
      // A subscriber may have chosen the source's own word.
      if (fold(category) !== topic) keepBest(reasons, { topic: category, confidence: ownWord, ...because });
    }
    const found = new Map<string, Map<string, number>>();
    const note = ({ topic, text }: Keyword, value: number) => {
      const words = found.get(topic) ?? new Map<string, number>();
      words.set(text, Math.max(value, words.get(text) ?? 0));
      found.set(topic, words);
    };
    this.#scan(story.title, (keyword) => note(keyword, worth.title));
    this.#scan(story.dek, (keyword) => note(keyword, worth.dek));
    this.#scan(story.bodyText.slice(0, mostBody), (keyword) => note(keyword, worth.body));
    for (const [topic, words] of found) {
      // Each different word halves the doubt by what it is worth.
      const sum = [...words.values()].reduce((total, value) => total + value, 0);
      const confidence = Math.min(byItsSource, 1 - 0.5 ** sum);
      const shown = [...words].sort((a, b) => b[1] - a[1]).slice(0, 5);
      keepBest(reasons, {
        topic,
        confidence,
        by: 'keywords',
        because: shown.map(([word]) => word).join(', '),
      });
    }
    return sorted([...reasons.values()].filter(({ confidence }) => confidence >= leastConfidence));
  }

  #scan(text: string, found: (keyword: Keyword) => void): void {
    if (text === '') return;
    const words = wordsOf(text);
    for (const [at, word] of words.entries()) {
      for (const keyword of this.#words.get(word) ?? [])
        if (keyword.words.every((each, offset) => isWord(words[at + offset], each, keyword, offset)))
          found(keyword);
      for (const keyword of this.#prefixes.get(word.slice(0, prefixLength)) ?? [])
        if (word.startsWith(keyword.words[0] as string)) found(keyword);
    }
    if (this.#unspaced.length === 0 || !unspaced.test(text)) return;
    const folded = fold(text);
    for (const keyword of this.#unspaced) if (folded.includes(keyword.words[0] as string)) found(keyword);
  }
}

/** The surest first; of equals the one whose name comes first. */
export function sorted(reasons: TopicReason[]): TopicReason[] {
  return reasons.sort((a, b) => b.confidence - a.confidence || (a.topic < b.topic ? -1 : 1));
}

/** Keeps the surer of two reasons for one topic. */
export function keepBest(reasons: Map<string, TopicReason>, reason: TopicReason): void {
  const known = reasons.get(reason.topic);
  if (!known || known.confidence < reason.confidence) reasons.set(reason.topic, reason);
}

interface Keyword {
  topic: string;
  text: string;
  /** Folded. */
  words: string[];
  /** Whether it stands for all words that begin so. */
  open: boolean;
}

/** Of a keyword that ends in `*` the last word may go on. */
function isWord(word: string | undefined, wanted: string, { words, open }: Keyword, offset: number): boolean {
  return open && offset === words.length - 1 ? (word?.startsWith(wanted) ?? false) : word === wanted;
}

export const prefixLength = 3;
const arabic = /\p{Script=Arabic}/u;
const arabicArticle = /^[وفبكل]?ال(?=\p{L}{3})/u;
const unspaced = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

function fold(text: string): string {
  const lower = text.toLowerCase();
  // Normalising costs more than all the rest, and most text is ASCII.
  if (/^[\x00-\x7f]*$/.test(lower)) return lower.trim();
  return lower
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .trim();
}

function wordsOf(text: string): string[] {
  const words: string[] = fold(text).match(/[\p{L}\p{N}]+/gu) ?? [];
  return arabic.test(text) ? words.map((word) => word.replace(arabicArticle, '')) : words;
}
