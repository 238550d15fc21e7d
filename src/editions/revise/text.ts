/**
 * Text without control characters, characters that turn the direction of what follows, private-use characters and halves of pairs.
 * @param lines line breaks and tabs stay
 */
export function withoutControls(text: string, lines = false): string {
  return text
    .toWellFormed()
    .replace(/[\uFFFD\uE000-\uF8FF\u{F0000}-\u{10FFFF}\u202A-\u202E\u2066-\u2069\uFEFF]/gu, '')
    .replace(/[\p{Cc}\u2028\u2029]/gu, (character) =>
      lines && (character === '\n' || character === '\t') ? character : ' ',
    );
}

const ordinals = new Intl.PluralRules('en', { type: 'ordinal' });
const endings: Record<string, string> = { one: 'st', two: 'nd', few: 'rd', other: 'th' };

/** "1st", "22nd". */
export const ordinal = (number: number) => `${number}${endings[ordinals.select(number)]}`;

/** A title in a sentence, at most 60 characters of it. */
export function quoted(title: string): string {
  const characters = [...title];
  return `"${characters.length > 60 ? `${characters.slice(0, 59).join('').trimEnd()}…` : title}"`;
}
