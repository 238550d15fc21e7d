import { catalogueLanguage, directionOf } from '../../rendering/words.ts';
import { arabic } from './ar.ts';
import { german } from './de.ts';
import { english } from './en.ts';
import { spanish } from './es.ts';
import { french } from './fr.ts';
import { italian } from './it.ts';
import { japanese } from './ja.ts';
import { portuguese } from './pt.ts';
import type { PageTexts } from './texts.ts';

const catalogues: Record<string, PageTexts> = {
  ar: arabic,
  de: german,
  en: english,
  es: spanish,
  fr: french,
  it: italian,
  ja: japanese,
  pt: portuguese,
};

/** What a page says, with values put in. */
export type Say = (key: keyof PageTexts, values?: Record<string, string>) => string;

/** The pages' texts for a BCP 47 tag; a language without a catalogue gets English. */
export function pageWords(language: string): Say {
  const texts = catalogues[catalogueLanguage(language) ?? 'en'] ?? english;
  // A name in another script keeps its own direction within a sentence.
  const isolated = (text: string) => (directionOf(language) === 'rtl' ? `\u2068${text}\u2069` : text);
  return (key, values = {}) =>
    texts[key].replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = values[name];
      return value === undefined ? whole : isolated(value);
    });
}

/** Names in a sentence, as in "this, that and the other". */
export function sentenceList(names: string[], language: string): string {
  return new Intl.ListFormat(language, { style: 'long', type: 'conjunction' }).format(names);
}

/** How long until something, as in "in 12 minutes". */
export function untilInWords(seconds: number, language: string): string {
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'always' });
  const minutes = Math.ceil(seconds / 60);
  return minutes < 90 ? format.format(minutes, 'minute') : format.format(Math.ceil(minutes / 60), 'hour');
}

/** The catalogues' languages, each by its own name, for a choice. */
export const languageNames: readonly (readonly [tag: string, name: string])[] = [
  ['ar', 'العربية'],
  ['de', 'Deutsch'],
  ['en', 'English'],
  ['es', 'Español'],
  ['fr', 'Français'],
  ['it', 'Italiano'],
  ['ja', '日本語'],
  ['pt', 'Português'],
];

/**
 * The language that a browser asks for, of those that there are.
 * @param header as in `Accept-Language: de-CH, de;q=0.9, en;q=0.5`
 * @param among catalogue languages; undefined: all
 */
export function acceptedLanguage(header: string | undefined, among?: readonly string[]): string | undefined {
  return (header ?? '')
    .slice(0, 300)
    .split(',')
    .map((each) => {
      const [tag = '', ...parameters] = each.trim().split(';');
      const weight = parameters.map((text) => /^\s*q=([\d.]+)/.exec(text)?.[1]).find(Boolean);
      return { language: catalogueLanguage(tag), weight: weight === undefined ? 1 : Number(weight) };
    })
    .filter(({ weight }) => weight > 0)
    .toSorted((one, other) => other.weight - one.weight)
    .find(({ language }) => language && (among?.includes(language) ?? true))?.language;
}
