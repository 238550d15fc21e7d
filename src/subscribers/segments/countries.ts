/** A country, by what it can be told from. */
export interface Country {
  /** ISO 3166-1 alpha-2. */
  code: string;
  /** In English. */
  name: string;
  /** What it is written as in a field, in lower case: its code and its English name. */
  spellings: string[];
  /** IANA time zones that lie in it, in every spelling that the system gives. */
  zones: string[];
}

let known: Map<string, Country> | undefined;

/**
 * A country by its code or English name in any case; undefined if there is none. Which zones lie in it is from the system's
 * own data (ICU), so that it is as recent as Node.
 */
export function countryOf(text: string): Country | undefined {
  known ??= readCountries();
  return known.get(text.trim().toLowerCase());
}

/** Codes and names of all countries, for suggestions. */
export function countryNames(): string[] {
  known ??= readCountries();
  return [...new Set([...known.values()])].flatMap(({ code, name }) => [code, name]);
}

/** Every zone that lies in some country. */
export function zonesOfCountries(): string[] {
  known ??= readCountries();
  return [...new Set([...new Set(known.values())].flatMap(({ zones }) => zones))];
}

function readCountries(): Map<string, Country> {
  const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
  const letters = Array.from({ length: 26 }, (_, index) => String.fromCharCode(65 + index));
  const countries = new Map<string, Country>();
  for (const code of letters.flatMap((first) => letters.map((second) => first + second))) {
    const name = names.of(code);
    // Codes that were given up ("DD") have their successor's name, and are written as another code by Intl itself.
    if (
      !name ||
      new Intl.Locale(`und-${code}`).region !== code ||
      Intl.getCanonicalLocales(`und-${code}`)[0] !== `und-${code}`
    )
      continue;
    const zones = zonesOf(code);
    if (zones.length === 0) continue;
    const country: Country = { code, name, spellings: [code.toLowerCase(), name.toLowerCase()], zones };
    for (const spelling of country.spellings) countries.set(spelling, country);
  }
  // The code of Greece and of the United Kingdom in the European Union's own lists.
  for (const [other, code] of [
    ['uk', 'gb'],
    ['el', 'gr'],
    ['usa', 'us'],
  ] as const) {
    const country = countries.get(code);
    if (!country) continue;
    country.spellings.push(other);
    countries.set(other, country);
  }
  return countries;
}

// Newer than TypeScript's library: https://tc39.es/proposal-intl-locale-info/
interface LocaleInfo {
  getTimeZones?(): string[] | undefined;
  timeZones?: string[];
}

function zonesOf(code: string): string[] {
  const locale = new Intl.Locale(`und-${code}`) as Intl.Locale & LocaleInfo;
  const zones = locale.getTimeZones?.() ?? locale.timeZones ?? [];
  const spelled = zones.flatMap((zone) => {
    try {
      return [zone, new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone];
    } catch {
      return [];
    }
  });
  return [...new Set(spelled)];
}
