import { valueMark } from './marks.ts';

const width = 76;
// In these languages words are not set apart: a line may end between any two.
const unspacedLanguages = /^(?:zh|ja|th|lo|km|my)\b/i;
// How wide the values that stand in a text mostly are.
const usualColumns: Record<string, number> = { email: 44, linkNumber: 2 };
const wide =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}\uFF01-\uFF60\u3000-\u303F]/u;
const none = /\p{M}|\p{Cf}/u;
const anythingWide = /[^\x20-\x7E]/;

/** How many columns a text takes; a reader's value, which is not known yet, as many as it mostly has. */
export function columns(text: string): number {
  const plain = text.includes('\uE000')
    ? text.replace(valueMark, (_, name: string) => '#'.repeat(usualColumns[name] ?? 10))
    : text;
  if (!anythingWide.test(plain)) return plain.length;
  let sum = 0;
  for (const character of plain) sum += none.test(character) ? 0 : wide.test(character) ? 2 : 1;
  return sum;
}

/** Whether lines of a language end between words that no space parts (RFC 3676 section 4.1: DelSp). */
export const isUnspaced = (language: string) => unspacedLanguages.test(language);

/**
 * A paragraph as `format=flowed` (RFC 3676): lines of at most 76 columns, those that go on end in a space. What is longer
 * and cannot be broken, such as an address, stays whole.
 * @param unspaced lines may end between words that no space parts; for messages with DelSp=yes
 */
export function flowed(text: string, unspaced = false): string {
  const words = unspaced
    ? pieces(text)
    : (text.trim().match(/\S+\s*/gu) ?? []).map((word) => `${word.trim()} `);
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    if (line !== '' && columns(line) + columns(word.trimEnd()) > width - (unspaced ? 1 : 0)) {
      lines.push(stuffed(unspaced ? `${line} ` : line));
      line = '';
    }
    line += word;
  }
  lines.push(stuffed(line.trimEnd()));
  return lines.join('\n');
}

/** A line that stands as it is. */
export function fixed(line: string): string {
  return stuffed(line.trimEnd());
}

function pieces(text: string): string[] {
  const segments = new Intl.Segmenter(undefined, { granularity: 'word' }).segment(
    text.replace(/\s+/g, ' ').trim(),
  );
  const out: string[] = [];
  for (const { segment, isWordLike } of segments) {
    // Marks, and stops, which must not begin a line, stay with what they follow.
    const last = out.at(-1);
    if (last !== undefined && (isInMark(last) || !isWordLike)) out[out.length - 1] = last + segment;
    else out.push(segment);
  }
  return out;
}

const isInMark = (text: string) => text.lastIndexOf('\uE000') > text.lastIndexOf('\uE001');

// RFC 3676 section 4.4: lines that would be taken for something else get a space in front, which readers take away.
function stuffed(line: string): string {
  return /^(?: |>|From )/.test(line) ? ` ${line}` : line;
}
