import { UserError } from '../errors.ts';

/** How often someone wants mail from a list. */
export const frequencies = ['every', 'daily', 'weekly', 'monthly'] as const;
export type Frequency = (typeof frequencies)[number];

/**
 * A person's name, made fit for a mail header and a page: on one line, without control, bidirectional or other
 * invisible characters, at most 200 characters.
 * @returns undefined if nothing is left
 */
export function cleanName(text: string | null | undefined): string | undefined {
  // Most are plain ASCII without anything to clean.
  if (text && text.length <= 200 && /^[!-~]+(?: [!-~]+)*$/.test(text)) return text;
  const name = (text ?? '')
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Z}]+/gu, ' ')
    // U+200D joins emoji and letters of some scripts into one; the rest of the class only hides things.
    .replace(/(?!\u200d)\p{C}/gu, '')
    .trim();
  return [...name].slice(0, 200).join('').trim() || undefined;
}

/** Topics as they are compared: trimmed, lower case, each once, at most 50 of at most 64 characters. */
export function cleanTopics(topics: readonly string[]): string[] {
  const clean = topics
    .map((topic) => (cleanName(topic) ?? '').toLowerCase())
    .filter((topic) => topic !== '' && topic.length <= 64);
  return [...new Set(clean)].slice(0, 50);
}

const knownZones = new Map<string, string | undefined>();

/**
 * An IANA time zone as the system spells it (`europe/berlin` gives `Europe/Berlin`).
 * @throws UserError if there is no such zone
 */
export function parseTimeZone(text: string): string {
  const written = text.trim();
  // Asking Intl costs 50 µs, and a file of a million rows names a handful of zones.
  if (!knownZones.has(written)) {
    if (knownZones.size > 2_000) knownZones.clear();
    knownZones.set(written, canonicalZone(written));
  }
  const zone = knownZones.get(written);
  if (!zone)
    throw new UserError(`"${written}" is not a time zone.`, {
      code: 'time-zone',
      hint: 'Write it as in "Europe/Berlin" or "America/New_York".',
    });
  return zone;
}

function canonicalZone(text: string): string | undefined {
  // Offsets such as +02:00 are taken by Intl, but do not know summer time.
  if (!/^[a-z]/i.test(text)) return undefined;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}

/**
 * A BCP 47 language tag in its canonical spelling (`EN_us` gives `en-US`).
 * @throws UserError if it is none
 */
export function parseLanguage(text: string): string {
  try {
    const [tag] = Intl.getCanonicalLocales(text.trim().replaceAll('_', '-'));
    if (tag) return tag;
  } catch {
    // told below
  }
  throw new UserError(`"${text.trim()}" is not a language tag.`, {
    code: 'language',
    hint: 'Write it as in "en", "de" or "pt-BR".',
  });
}

/** @throws UserError if the text is none of `frequencies` */
export function parseFrequency(text: string): Frequency {
  const word = text.trim().toLowerCase();
  const found = frequencies.find((frequency) => frequency === word);
  if (!found)
    throw new UserError(`"${text.trim()}" is not a frequency.`, {
      code: 'frequency',
      hint: `The frequencies are ${frequencies.join(', ')}.`,
    });
  return found;
}
