import { arabic } from './languages/ar.ts';
import { german } from './languages/de.ts';
import { english } from './languages/en.ts';
import { spanish } from './languages/es.ts';
import { french } from './languages/fr.ts';
import { italian } from './languages/it.ts';
import { japanese } from './languages/ja.ts';
import { portuguese } from './languages/pt.ts';
import type { Catalogue, Plural, Texts } from './languages/texts.ts';

const catalogues: Record<string, Catalogue> = {
  ar: arabic,
  de: german,
  en: english,
  es: spanish,
  fr: french,
  it: italian,
  ja: japanese,
  pt: portuguese,
};

/** The languages that have a catalogue, as BCP 47 tags. */
export const languages: readonly string[] = Object.keys(catalogues);

/** The language of the catalogue for a tag; undefined where there is none. */
export function catalogueLanguage(tag: string): string | undefined {
  const code = tag.toLowerCase().split(/[-_]/)[0] ?? '';
  return Object.hasOwn(catalogues, code) ? code : undefined;
}

/** The frame's texts in one language. */
export interface Frame {
  words: Texts['words'];
  /** Headings of slots by name; other slots are named by the newsletter. */
  sections: Record<string, string>;
  /** @param name empty for a reader whose name is not known */
  greeting(name: string): string;
  why(newsletter: string, email: string): string;
  coverage(publishers: number): string;
}

/** The frame's texts for a BCP 47 tag; what is missing in a catalogue, or a language without one, is English. */
export function catalogueFor(language: string): Frame {
  // Each message asks for it.
  let frame = frames.get(language);
  if (!frame) {
    if (frames.size > 500) frames.clear();
    frame = frameFor(language);
    frames.set(language, frame);
  }
  return frame;
}

const frames = new Map<string, Frame>();

function frameFor(language: string): Frame {
  const code = codeOf(language);
  const texts = textsFor(language);
  const isolated = (text: string) => (directionOf(code) === 'rtl' ? `\u2068${text}\u2069` : text);
  return {
    words: texts.words,
    sections: texts.sections,
    greeting: (name) => (name ? filled(texts.greetingByName, { name }) : texts.greeting),
    why: (newsletter, email) =>
      filled(texts.why, { newsletter: isolated(newsletter), email: isolated(email) }),
    coverage: (publishers) => counted(texts.coverage, publishers, code),
  };
}

/** A mail to a reader whose texts are in the catalogues. */
export type LetterName = 'confirm' | 'welcome' | 'preferences' | 'data' | 'goodbye' | 'stay';

/** The texts of such a mail, in one language, with all values put in. */
export type LetterTexts<Name extends LetterName> = Record<keyof Texts[Name], string>;

/** The texts of a mail to a reader. @param values.days how long its link works */
export function letterTexts<Name extends LetterName>(
  name: Name,
  language: string,
  { list = '', days = 0 }: { list?: string; days?: number },
): LetterTexts<Name> {
  const texts: Record<string, string | Plural> = textsFor(language)[name];
  return Object.fromEntries(
    Object.entries(texts).map(([key, text]) => [
      key,
      filled(typeof text === 'string' ? text : counted(text, days, codeOf(language)), { list }),
    ]),
  ) as LetterTexts<Name>;
}

/**
 * What a language's catalogue lacks, as paths such as `words.view` or `coverage.few`; readers see English there.
 * For a language without a catalogue, all of them.
 */
export function missingTexts(language: string): string[] {
  const code = codeOf(language);
  const categories = new Intl.PluralRules(code).resolvedOptions().pluralCategories;
  const look = (wanted: object, has: object, path: string): string[] =>
    Object.entries(wanted).flatMap(([key, text]) => {
      const there = (has as Record<string, unknown>)[key];
      if (typeof text === 'string') return typeof there === 'string' && there !== '' ? [] : [path + key];
      const inner = 'other' in text ? Object.fromEntries(categories.map((each) => [each, ''])) : text;
      return look(inner, (there ?? {}) as object, `${path}${key}.`);
    });
  return look(english, catalogues[code] ?? {}, '');
}

function textsFor(language: string): Texts {
  return merged(english, catalogues[codeOf(language)] ?? {}) as Texts;
}

// Plurals are taken whole: English ones beside another language's would be chosen by the wrong rules.
function merged(full: object, partial: object): object {
  return Object.fromEntries(
    Object.entries(full).map(([key, text]) => {
      const own = (partial as Record<string, unknown>)[key];
      if (typeof text !== 'object' || 'other' in text) return [key, own ?? text];
      return [key, merged(text, (own ?? {}) as object)];
    }),
  );
}

function counted(plural: Plural, count: number, language: string): string {
  const text = plural[pluralRules(language).select(count)] ?? plural.other;
  return filled(text, { count: numberFormat(language).format(count) });
}

/** Formats take longer to make than to use, and an edition asks for the same few for every story. */
function kept<Format>(make: (language: string) => Format): (language: string) => Format {
  const formats = new Map<string, Format>();
  return (language) => {
    const format = formats.get(language) ?? make(language);
    // More languages than anybody has at once: begin anew.
    if (formats.size > 100) formats.clear();
    formats.set(language, format);
    return format;
  };
}

const pluralRules = kept((language) => new Intl.PluralRules(language));
const numberFormat = kept((language) => new Intl.NumberFormat(language));
const ageFormat = kept((language) => new Intl.RelativeTimeFormat(safeTag(language), { numeric: 'auto' }));

function filled(text: string, values: Record<string, string>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
}

function codeOf(language: string): string {
  const code = language.toLowerCase().split(/[-_]/)[0] ?? '';
  return /^[a-z]{2,3}$/.test(code) ? code : 'en';
}

/** The writing direction of a BCP 47 tag. */
export function directionOf(language: string): 'ltr' | 'rtl' {
  return /^(ar|he|iw|fa|ur|yi|ps|sd|ug|dv|ckb)\b/i.test(language) ? 'rtl' : 'ltr';
}

/** How long before an instant something was, in words: "5 hours ago". */
export function ageInWords(from: Date, at: Date, language: string): string {
  const minutes = Math.max(0, Math.round((at.getTime() - from.getTime()) / 60_000));
  const format = ageFormat(language);
  if (minutes < 60) return format.format(-Math.max(1, minutes), 'minute');
  if (minutes < 36 * 60) return format.format(-Math.round(minutes / 60), 'hour');
  return format.format(-Math.round(minutes / (24 * 60)), 'day');
}

/** A day written out in a language and time zone: "Tuesday, 24 November 2026" (the order is the language's). */
export function dayInWords(at: Date, language: string, timeZone: string): string {
  const tag = safeTag(language);
  return new Intl.DateTimeFormat(tag === 'en' ? 'en-GB' : tag, { dateStyle: 'full', timeZone }).format(at);
}

function safeTag(language: string): string {
  try {
    return Intl.getCanonicalLocales(language)[0] ?? 'en';
  } catch {
    return 'en';
  }
}
