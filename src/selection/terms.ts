import { createRequire } from 'node:module';

// JSON of stop words by ISO 639-1 code; read once.
const stopWordLists: Record<string, string[]> = createRequire(import.meta.url)('stopwords-iso');

const segmenters = new Map<string, Intl.Segmenter>();
const stopWords = new Map<string, Set<string>>();

/** A word of a text, as it is compared. */
export interface Term {
  /** Folded: lower case, no accents, endings made alike. */
  text: string;
  /** A hash of `text`: the same in every process. Never 0. */
  number: number;
  /** As the text has it: what people are shown. */
  surface: string;
  /** Whether it reads like a name or a number: what events differ by. */
  entity: boolean;
}

/**
 * The words of a text that say something, in order: split by the rules of its language (Unicode segmentation, so that
 * Chinese and Japanese are split too), without stop words.
 * @param language a BCP 47 tag; English rules where it is unknown
 */
export function termsOf(text: string, language: string | null): Term[] {
  const code = baseLanguage(language) ?? 'en';
  const stop = stopWordsOf(code);
  const out: Term[] = [];
  let sentenceStart = true;
  // In a headline in title case every word looks like a name: capitals tell nothing there.
  const titleCase = isTitleCase(text);
  for (const { word, opens } of wordsOf(text, code)) {
    if (opens) sentenceStart = true;
    const { text: folded, number, name, capital } = lookUp(word, code, stop);
    // In German every noun has a capital.
    const entity = name || (capital && !sentenceStart && !titleCase && code !== 'de');
    sentenceStart = false;
    if (folded !== '') out.push({ text: folded, number, surface: word, entity });
  }
  return out;
}

interface Looked {
  /** Folded; empty if the word tells nothing. */
  text: string;
  number: number;
  /** A number or an acronym. */
  name: boolean;
  capital: boolean;
}

// The same words come again and again, and each is worked out with a dozen patterns. By language.
const looked = new Map<string, Map<string, Looked>>();
const mostLooked = 200_000;

const surfaces = new Map<number, string>();
const mostSurfaces = 500_000;

/** A word as a text had it, for people, by its number; undefined if this process has not read a text with it. */
export function surfaceOf(number: number): string | undefined {
  return surfaces.get(number);
}

function lookUp(word: string, code: string, stop: Set<string>): Looked {
  let ofLanguage = looked.get(code);
  if (!ofLanguage) {
    ofLanguage = new Map();
    looked.set(code, ofLanguage);
  }
  let known = ofLanguage.get(word);
  if (!known) {
    const folded = fold(word, code);
    const tells = folded !== '' && !stop.has(folded) && !/^[a-z]$/.test(folded);
    const text = tells ? stemmed(folded, code) : '';
    known = {
      text,
      number: numberOf(text),
      name: /\d/.test(word) || /^\p{Lu}{2,}$/u.test(word),
      capital: /^\p{Lu}/u.test(word),
    };
    if (ofLanguage.size >= mostLooked) ofLanguage.clear();
    // A word cut out of a text holds the whole text in memory.
    const own = Buffer.from(word).toString();
    ofLanguage.set(own, known);
    if (surfaces.size >= mostSurfaces) {
      surfaces.clear();
      looked.clear();
    }
    if (!surfaces.has(known.number)) surfaces.set(known.number, own);
  }
  return known;
}

/** FNV-1a (Fowler, Noll and Vo) with the finaliser of MurmurHash3; never 0. */
function numberOf(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) | 0 || 1;
}

/** The language of a tag without region and script, such as `pt` for `pt-BR`; null where it is unknown. */
export function baseLanguage(tag: string | null): string | null {
  const code = tag?.toLowerCase().split('-')[0];
  return code && code !== 'und' ? code : null;
}

interface Word {
  word: string;
  /** Whether a new sentence, or a quotation, begins before it. */
  opens: boolean;
}

// Scripts that do not write spaces between words need a dictionary, which the segmenter has.
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;
// Elsewhere a pattern finds the same words as the segmenter (UAX 29, rules WB5 to WB13b) in a tenth of the time.
const spacedWord =
  /[\p{L}\p{M}\p{N}_]+(?:(?:(?<=[\p{L}\p{M}])['’.·](?=\p{L})|(?<=\p{N})[.,'’;](?=\p{N}))[\p{L}\p{M}\p{N}_]+)*/gu;
const opening = /[.!?:;“"‘'«¿¡]/;

function* wordsOf(text: string, code: string): Generator<Word> {
  if (!unspaced.test(text)) {
    let end = 0;
    for (const match of text.matchAll(spacedWord)) {
      yield { word: match[0], opens: opening.test(text.slice(end, match.index)) };
      end = match.index + match[0].length;
    }
    return;
  }
  let opens = false;
  for (const { segment, isWordLike } of segmenterOf(code).segment(text)) {
    if (isWordLike) {
      yield { word: segment, opens };
      opens = false;
    } else if (opening.test(segment)) opens = true;
  }
}

function segmenterOf(code: string): Intl.Segmenter {
  let segmenter = segmenters.get(code);
  if (!segmenter) {
    segmenter = new Intl.Segmenter(isLocale(code) ? code : 'en', { granularity: 'word' });
    segmenters.set(code, segmenter);
  }
  return segmenter;
}

function isLocale(code: string): boolean {
  try {
    return Intl.Segmenter.supportedLocalesOf([code]).length > 0;
  } catch {
    return false; // A feed may call its language anything.
  }
}

function stopWordsOf(code: string): Set<string> {
  let words = stopWords.get(code);
  if (!words) {
    words = new Set((stopWordLists[code] ?? []).map((word) => fold(word, code)));
    stopWords.set(code, words);
  }
  return words;
}

// An article written together with its noun (l'accord, dell'accordo), and the Arabic article with what is put before it.
const elision = /^\p{L}{1,5}['’](?=\p{L}{3})/u;
const arabicArticle = /^[وفبكل]?ال(?=\p{L}{3})/u;

function fold(word: string, code: string): string {
  let plain = word.toLowerCase();
  if (code === 'fr' || code === 'it' || code === 'ca') plain = plain.replace(elision, '');
  // Most words have nothing more to fold, and normalising costs more than everything else here.
  if (/^[a-z0-9]*$/.test(plain)) return plain;
  plain = plain
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/['’]s$/, '')
    .replace(/['’,;·]|(?<=\p{L})\./gu, '');
  return code === 'ar' ? plain.replace(arabicArticle, '') : plain;
}

// How much of a word tells it from others, where endings change with case, number and person: truncation does nearly
// what a stemmer of the language does (McNamee, Nicholas and Mayfield, "Addressing morphological variation in
// alphabetic languages", SIGIR 2009).
const distinctive = 6;
const truncated = new Set([
  'de',
  'fr',
  'es',
  'pt',
  'it',
  'ru',
  'uk',
  'pl',
  'cs',
  'nl',
  'sv',
  'da',
  'no',
  'nb',
  'fi',
  'hu',
  'el',
  'bg',
  'ro',
  'ca',
  'tr',
]);

function stemmed(word: string, code: string): string {
  if (code === 'en') return singular(word);
  if (!truncated.has(code) || /\p{N}/u.test(word)) return word;
  return word.length > distinctive ? word.slice(0, distinctive) : word;
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
