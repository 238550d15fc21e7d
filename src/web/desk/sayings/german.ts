/** A sentence of the program with its values in braces, and the same in German. */
export type Saying = readonly [english: string, german: string];

/** Sentences that are said together, and how their values are worded; undefined: as they are not known, none is. */
export interface Sayings {
  sentences: readonly Saying[];
  values?: Record<string, (value: string) => string | undefined>;
}

/** What the desk shows of a text that the program has written: worded, or in English and marked so. */
export interface Worded {
  text: string;
  lang?: 'en';
}

/** A text of the program in the desk's language: it is worded as a whole, or stays English as a whole. */
export function worded(text: string, sayings: Sayings, language: 'en' | 'de'): Worded {
  if (language === 'en' || text.trim() === '') return { text };
  const german = germanOf(text, sayings);
  return german === undefined ? { text, lang: 'en' } : { text: german };
}

/** The text in German, sentence by sentence; undefined if one of them is not known. */
export function germanOf(text: string, { sentences, values = {} }: Sayings): string | undefined {
  const ends = [...text.matchAll(/; |\. |\.$|$/g)];
  // Where nothing that follows is known: titles have full stops as well, so that there are several ways.
  const inVain = new Set<number>();
  const from = (start: number): string | undefined => {
    if (start >= text.length) return '';
    if (inVain.has(start)) return undefined;
    for (const end of ends) {
      if (end.index <= start) continue;
      const said = clauseOf(text.slice(start, end.index), sentences, values);
      const rest = said === undefined ? undefined : from(end.index + end[0].length);
      if (said !== undefined && rest !== undefined) return said + end[0] + rest;
    }
    inVain.add(start);
    return undefined;
  };
  return from(0);
}

function clauseOf(
  clause: string,
  sentences: readonly Saying[],
  values: NonNullable<Sayings['values']>,
): string | undefined {
  for (const [english, german] of sentences) {
    const match = patternOf(english).exec(clause);
    if (!match) continue;
    const found = match.groups ?? {};
    const said = new Map(
      Object.entries(found).map(([name, value]) => {
        const word = values[kindOf(name)] ?? usual[kindOf(name)];
        return [name, word ? word(value) : value];
      }),
    );
    if ([...said.values()].includes(undefined)) continue;
    return german.replace(/\{(\w+)\}/g, (whole, name: string) => said.get(name) ?? whole);
  }
  return undefined;
}

/** The kind of a value is its name without a figure: `n2` is a number. */
const kindOf = (name: string) => name.replace(/\d+$/, '');

const shapes: Record<string, string> = { n: '\\d+(?:[.,]\\d+)?', place: 'in reserve|\\d+(?:st|nd|rd|th)' };

const usual: NonNullable<Sayings['values']> = {
  n: (value) => value.replace('.', ','),
  place: (value) => (value === 'in reserve' ? 'in Reserve' : `Platz ${Number.parseInt(value, 10)}`),
};

const patterns = new Map<string, RegExp>();

function patternOf(english: string): RegExp {
  const known = patterns.get(english);
  if (known) return known;
  const source = english
    .split(/\{(\w+)\}/)
    .map((piece, at) =>
      at % 2 === 0
        ? piece.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
        : `(?<${piece}>${shapes[kindOf(piece)] ?? '.+?'})`,
    )
    .join('');
  const made = new RegExp(`^${source}$`, 'su');
  patterns.set(english, made);
  return made;
}
