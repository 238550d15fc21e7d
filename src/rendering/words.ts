import type { ThemeProps } from './theme-props.ts';

/** The frame's texts in one language. */
interface Catalogue {
  words: ThemeProps['words'];
  greeting(name: string): string;
  why(newsletter: string, email: string): string;
  coverage(publishers: number): string;
  sections: Record<string, string>;
}

const en: Catalogue = {
  words: {
    readMore: 'Read the story',
    more: 'More stories',
    inBrief: 'In brief',
    coverage: 'More coverage',
    background: 'Background',
    similar: 'Related',
    unsubscribe: 'Unsubscribe',
    preferences: 'Choose what you get',
    view: 'View in browser',
    developing: 'Developing',
  },
  greeting: (name) => (name ? `Hello ${name},` : 'Hello,'),
  why: (newsletter, email) => `You get this because ${email} is subscribed to ${newsletter}.`,
  coverage: (publishers) => `Reported by ${publishers} publishers`,
  sections: { lead: 'Top story', top: 'More stories', brief: 'In brief' },
};

const de: Catalogue = {
  words: {
    readMore: 'Weiterlesen',
    more: 'Weitere Meldungen',
    inBrief: 'Kurz gemeldet',
    coverage: 'Mehr dazu',
    background: 'Hintergrund',
    similar: 'Verwandt',
    unsubscribe: 'Abbestellen',
    preferences: 'Auswählen, was Sie bekommen',
    view: 'Im Browser ansehen',
    developing: 'Entwickelt sich',
  },
  greeting: (name) => (name ? `Guten Tag, ${name},` : 'Guten Tag,'),
  why: (newsletter, email) => `Sie bekommen diese Mail, weil ${email} ${newsletter} abonniert hat.`,
  coverage: (publishers) => `${publishers} Medien berichten`,
  sections: { lead: 'Thema des Tages', top: 'Weitere Meldungen', brief: 'Kurz gemeldet' },
};

const catalogues: Record<string, Catalogue> = { en, de };

/** The catalogue for a BCP 47 tag; English where there is none. */
export function catalogueFor(language: string): Catalogue {
  return catalogues[language.toLowerCase().split('-')[0] ?? ''] ?? en;
}

/** The language of the catalogue for a tag; undefined where there is none. */
export function catalogueLanguage(tag: string): string | undefined {
  const code = tag.toLowerCase().split('-')[0] ?? '';
  return code in catalogues ? code : undefined;
}

/** The writing direction of a BCP 47 tag. */
export function directionOf(language: string): 'ltr' | 'rtl' {
  return /^(ar|he|iw|fa|ur|yi|ps|sd|ug|dv|ckb)\b/i.test(language) ? 'rtl' : 'ltr';
}

/** How long before an instant something was, in words: "5 hours ago". */
export function ageInWords(from: Date, at: Date, language: string): string {
  const minutes = Math.max(0, Math.round((at.getTime() - from.getTime()) / 60_000));
  const format = new Intl.RelativeTimeFormat(safeTag(language), { numeric: 'auto' });
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
