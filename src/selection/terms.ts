import { createRequire } from 'node:module';

// JSON of stop words by ISO 639-1 code; read once.
const stopWordLists: Record<string, string[]> = createRequire(import.meta.url)('stopwords-iso');

const segmenters = new Map<string, Intl.Segmenter>();
const stopWords = new Map<string, Set<string>>();

/** A word of a text, as it is compared. */
export interface Term {
  /** Folded: lower case, no accents, English plurals made singular. */
  text: string;
  /** Whether it reads like a name or a number: what events differ by. */
  entity: boolean;
}

/**
 * The words of a text that say something, in order: split by the rules of its language (Unicode segmentation, so that
 * Chinese and Japanese are split too), without stop words.
 * @param language a BCP 47 tag; English rules where it is unknown
 */
export function termsOf(text: string, language: string | null): Term[] {
  const code = (language ?? 'en').toLowerCase().split('-')[0] ?? 'en';
  const stop = stopWordsOf(code);
  const out: Term[] = [];
  let sentenceStart = true;
  // In a headline in title case every word looks like a name: capitals tell nothing there.
  const titleCase = isTitleCase(text);
  for (const { segment, isWordLike } of segmenterOf(code).segment(text)) {
    if (!isWordLike) {
      if (/[.!?:;“"‘'«]/.test(segment)) sentenceStart = true;
      continue;
    }
    const folded = fold(segment, code);
    const number = /\d/.test(segment);
    const capital = /^\p{Lu}/u.test(segment);
    const acronym = /^\p{Lu}{2,}$/u.test(segment);
    const entity = number || acronym || (capital && !sentenceStart && !titleCase && code !== 'de');
    sentenceStart = false;
    if (folded === '' || stop.has(folded) || (folded.length === 1 && /^[a-z]$/.test(folded))) continue;
    out.push({ text: folded, entity });
  }
  return out;
}

function segmenterOf(code: string): Intl.Segmenter {
  let segmenter = segmenters.get(code);
  if (!segmenter) {
    segmenter = new Intl.Segmenter(Intl.Segmenter.supportedLocalesOf([code]).length > 0 ? code : 'en', {
      granularity: 'word',
    });
    segmenters.set(code, segmenter);
  }
  return segmenter;
}

function stopWordsOf(code: string): Set<string> {
  let words = stopWords.get(code);
  if (!words) {
    words = new Set((stopWordLists[code] ?? []).map((word) => fold(word, code)));
    stopWords.set(code, words);
  }
  return words;
}

function fold(word: string, code: string): string {
  const plain = word
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/['’]s$/, '')
    .replace(/['’]/g, '');
  return code === 'en' ? singular(plain) : plain;
}

// Harman, "How effective is suffixing?", JASIS 1991: the S stemmer, which merges little that differs in meaning.
function singular(word: string): string {
  if (word.length <= 3) return word;
  if (/ies$/.test(word) && !/(?:e|a)ies$/.test(word)) return `${word.slice(0, -3)}y`;
  if (/es$/.test(word) && !/(?:a|e|o)es$/.test(word)) return word.slice(0, -1);
  if (/s$/.test(word) && !/(?:u|s)s$/.test(word)) return word.slice(0, -1);
  return word;
}

function isTitleCase(text: string): boolean {
  const words = text.split(/\s+/).filter((word) => /^\p{L}{4,}/u.test(word));
  return words.length >= 3 && words.filter((word) => /^\p{Lu}/u.test(word)).length / words.length > 0.7;
}
