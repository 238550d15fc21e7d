/** The desk's languages. Newsletters speak more: these are for those who make them. */
export type DeskLanguage = 'en' | 'de';
export const deskLanguages: readonly (readonly [DeskLanguage, string])[] = [
  ['en', 'English'],
  ['de', 'Deutsch'],
];

/** The texts of one part of the desk: English, and the same keys in German. */
export interface Texts<Key extends string> {
  en: Record<Key, string>;
  de: Record<Key, string>;
}

/** Says a text, with values put in the place of `{name}`. */
export interface Speak<Key extends string> {
  (key: Key, values?: Record<string, string | number>): string;
  readonly language: DeskLanguage;
}

/** Texts of a part; the compiler refuses a key that German lacks. */
export const texts = <Key extends string>(
  en: Record<Key, string>,
  de: NoInfer<Record<Key, string>>,
): Texts<Key> => ({
  en,
  de,
});

/**
 * How a part speaks in a language. A number chooses between forms that are separated by `|`:
 * "{count} story|{count} stories" with `count`.
 */
export function speaking<Key extends string>(parts: Texts<Key>, language: DeskLanguage): Speak<Key> {
  const catalogue = parts[language];
  const written = new Intl.NumberFormat(language);
  const say = (key: Key, values: Record<string, string | number> = {}) => {
    let text = catalogue[key];
    if (text.includes('|')) {
      const [one = '', many = one] = text.split('|');
      text = Object.values(values).find((value) => typeof value === 'number') === 1 ? one : many;
    }
    return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
      const value = values[name];
      return value === undefined ? whole : typeof value === 'number' ? written.format(value) : value;
    });
  };
  return Object.assign(say, { language });
}

/** A moment as the desk writes it: "Fri 27 Nov, 07:00". @param timeZone an IANA name */
export function moment(
  at: Date,
  language: DeskLanguage,
  timeZone: string,
  options: Intl.DateTimeFormatOptions = {},
): string {
  const all: Intl.DateTimeFormatOptions = {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    timeZone,
    ...options,
  };
  const tag = tagOf(language);
  return kept(`${tag} at ${JSON.stringify(all)}`, () => new Intl.DateTimeFormat(tag, all)).format(at);
}

const tagOf = (language: DeskLanguage) => (language === 'en' ? 'en-GB' : 'de-DE');

/** Formats by what they do: making one takes longer than a hundred uses, and pages have hundreds. */
const formats = new Map<string, unknown>();
const mostFormats = 500;

function kept<Format>(key: string, make: () => Format): Format {
  const known = formats.get(key) as Format | undefined;
  if (known) return known;
  if (formats.size >= mostFormats) formats.clear();
  const made = make();
  formats.set(key, made);
  return made;
}

/** How long ago, or until, as in "5 minutes ago" and "in 2 hours". */
export function away(at: Date, now: Date, language: DeskLanguage): string {
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  const seconds = (at.getTime() - now.getTime()) / 1000;
  const [unit, size] = (
    [
      ['day', 86_400],
      ['hour', 3600],
      ['minute', 60],
    ] as const
  ).find(([, each]) => Math.abs(seconds) >= each * 1.5) ?? ['minute' as const, 60];
  return format.format(Math.round(seconds / size), unit);
}

/** A number as people read it. */
export const number = (value: number, language: DeskLanguage, options: Intl.NumberFormatOptions = {}) =>
  kept(
    `${language} ${JSON.stringify(options)}`,
    () => new Intl.NumberFormat(tagOf(language), options),
  ).format(value);

/** A share of one as a percentage with a digit: "42.1 %". */
export const percent = (share: number, language: DeskLanguage) =>
  number(share, language, { style: 'percent', maximumFractionDigits: share < 0.1 ? 2 : 1 });
