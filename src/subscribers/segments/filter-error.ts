import { UserError } from '../../errors.ts';
import type { Span } from './filter.ts';

/** What is told of a mistake in a filter, beside where it is. */
export interface Mistake {
  /** What is wrong: goes on behind "The filter is wrong at line 1, column 8: ". */
  problem: string;
  /** What could have stood there. */
  expected?: readonly string[];
  /** Names like the one that was written, the nearest first. */
  suggestions?: readonly string[];
  hint?: string;
}

const shownWidth = 90;

/**
 * An error that shows where in a filter the mistake is, with the line and a caret under it. Its code is `filter`; its
 * details hold line and column (from 1, in characters), what was expected, and similar names.
 */
export function filterError(
  text: string,
  at: Span,
  { problem, expected = [], suggestions = [], hint }: Mistake,
): UserError {
  const start = Math.min(at.start, text.length);
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const lineEnd = text.indexOf('\n', start) < 0 ? text.length : text.indexOf('\n', start);
  const line = text.slice(0, lineStart).split('\n').length;
  const before = [...printable(text.slice(lineStart, start))];
  const wrong = [...printable(text.slice(start, Math.max(start, Math.min(at.end, lineEnd))))];
  const after = [...printable(text.slice(Math.max(start, Math.min(at.end, lineEnd)), lineEnd))];
  const column = before.length + 1;

  const shownBefore = before.slice(-shownWidth / 2);
  const shownWrong = wrong.slice(0, shownWidth / 2);
  const cut = before.length > shownBefore.length ? '…' : '';
  const shown = `${cut}${shownBefore.join('')}${shownWrong.join('')}${after.slice(0, shownWidth / 2).join('')}`;
  const caret = `${' '.repeat(cut.length + shownBefore.length)}${'^'.repeat(Math.max(1, shownWrong.length))}`;

  const help = [
    suggestions.length > 0 ? `Did you mean ${either(suggestions.map(quoted))}?` : undefined,
    expected.length > 0 ? `Expected ${either(expected)}.` : undefined,
    hint,
  ].filter((part) => part !== undefined);
  return new UserError(
    `The filter is wrong at line ${line}, column ${column}: ${problem}.\n  ${shown}\n  ${caret}`,
    {
      code: 'filter',
      hint: help.join(' ') || 'The language is described in docs/segments.md.',
      details: { line, column, expected, suggestions },
    },
  );
}

/** "a, b or c". */
export function either(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? '') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

/** A piece of a filter as a sentence shows it, cut to 40 characters. */
export function quoted(text: string): string {
  const shown = [...printable(text)];
  return `"${shown.slice(0, 40).join('')}${shown.length > 40 ? '…' : ''}"`;
}

/** What moves the cursor or hides is shown as a blank. */
const printable = (text: string) => text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, ' ');

/**
 * Of the names, those that are written like a word: at most three, the nearest first. Near is at most a third of the letters
 * wrong, missing, too many or swapped with their neighbour (optimal string alignment), and hardly farther than the nearest.
 */
export function nearNames(word: string, names: Iterable<string>): string[] {
  const wanted = word.toLowerCase().slice(0, 64);
  const near = [...new Set(names)]
    .map((name) => ({ name, far: distance(wanted, name.toLowerCase()) }))
    .filter(({ name, far }) => far <= Math.max(1, Math.floor(Math.max(name.length, wanted.length) / 3)))
    .sort((a, b) => a.far - b.far || (a.name < b.name ? -1 : 1));
  const nearest = near[0]?.far ?? 0;
  return near
    .filter(({ far }) => far <= nearest + 1)
    .slice(0, 3)
    .map(({ name }) => name);
}

function distance(one: string, other: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row++) {
    const current = [row];
    for (let column = 1; column <= other.length; column++) {
      const same = one[row - 1] === other[column - 1];
      let best = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      if (row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1])
        best = Math.min(best, (beforeLast[column - 2] ?? 0) + 1);
      current.push(best);
    }
    beforeLast = last;
    last = current;
  }
  return last[other.length] ?? 0;
}
