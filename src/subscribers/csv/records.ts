import { cellsOf } from './cells.ts';
import type { Line } from './lines.ts';

/** A row of a CSV file. */
export interface CsvRecord {
  /** Where the row starts, from 1. */
  line: number;
  cells: string[];
  /** The row as it stands in the file. */
  raw: string;
}

/** A row that could not be read. */
export interface BrokenRecord {
  line: number;
  /** The place of the column, from 0, where it is known. */
  column?: number;
  reason: string;
  raw: string;
}

/** How a file's columns are separated, and what a row of it looks like. */
export interface RowShape {
  delimiter: string;
  columns: number;
  /** Which column holds the address, from 0. */
  emailColumn: number;
}

/** A quoted value may run over this many lines; beyond, its closing quotation mark is taken to be missing. */
const longestQuotedLines = 20;

/**
 * Reads the rows out of lines. A row with a broken quotation mark is reported, and reading goes on at the next line:
 * a CSV parser left to itself would take all that follows for one value. Most rows are one line; what is not is first
 * put together here, by RFC 4180.
 * @param shape tells rows apart from the continuation of a quoted value
 */
export class RecordReader {
  readonly #shape: RowShape;
  /** Lines that may belong to a quoted value whose end has not come yet. */
  #waiting: Line[] = [];

  constructor(shape: RowShape) {
    this.#shape = shape;
  }

  /** @param last no more lines will come */
  read(lines: Line[], last = false): { records: CsvRecord[]; broken: BrokenRecord[] } {
    const all = this.#waiting.length > 0 ? [...this.#waiting, ...lines] : lines;
    this.#waiting = [];
    const records: CsvRecord[] = [];
    const broken: BrokenRecord[] = [];
    const { delimiter } = this.#shape;

    for (let at = 0; at < all.length; ) {
      const line = all[at] as Line;
      if (line.problem) {
        broken.push({ line: line.number, reason: line.problem, raw: line.text });
        at += 1;
        continue;
      }
      if (line.text === '' || line.text.trim() === '') {
        at += 1;
        continue;
      }
      const cells = cellsOf(line.text, delimiter);
      if (cells) {
        records.push({ line: line.number, raw: line.text, cells });
        at += 1;
        continue;
      }
      const found = this.#quotedRow(all, at);
      if (found.state === 'open' && !last) {
        this.#waiting = all.slice(at);
        break;
      }
      const whole = found.state === 'whole' ? cellsOf(found.raw, delimiter) : undefined;
      if (found.state === 'whole' && whole) {
        records.push({ line: line.number, raw: found.raw, cells: whole });
        at += found.lines;
      } else {
        broken.push({
          line: line.number,
          ...(found.state !== 'whole' && { column: found.column }),
          reason: found.state === 'broken' ? found.reason : unclosed,
          raw: line.text,
        });
        at += 1;
      }
    }
    return { records, broken };
  }

  /** Puts together the row that starts at a line with a quotation mark. */
  #quotedRow(
    lines: Line[],
    start: number,
  ):
    | { state: 'whole'; raw: string; lines: number }
    | { state: 'open'; column: number }
    | { state: 'broken'; reason: string; column: number } {
    let quotes: QuoteState = { inside: false, column: 0 };
    let raw = '';
    for (let count = 0; count < longestQuotedLines; count += 1) {
      const line = lines[start + count];
      if (!line) return { state: 'open', column: quotes.column };
      if (count > 0 && (line.problem || this.#looksLikeARow(line.text)))
        return { state: 'broken', reason: unclosed, column: quotes.column };
      raw = count > 0 ? `${raw}\n${line.text}` : line.text;
      const next = followQuotes(line.text, this.#shape.delimiter, quotes);
      if ('reason' in next)
        return {
          state: 'broken',
          reason: count > 0 ? unclosed : next.reason,
          column: count > 0 ? quotes.column : next.column,
        };
      if (!next.inside) {
        // A quotation mark that closes far from where it opened proves little, unless the columns come out right.
        if (count > 0 && next.column + 1 !== this.#shape.columns)
          return { state: 'broken', reason: unclosed, column: quotes.column };
        return { state: 'whole', raw, lines: count + 1 };
      }
      quotes = next;
    }
    return { state: 'broken', reason: unclosed, column: quotes.column };
  }

  /** Whether a line reads as a row of its own, rather than as the continuation of a quoted value. */
  #looksLikeARow(text: string): boolean {
    const cell = text.split(this.#shape.delimiter)[this.#shape.emailColumn];
    return cell !== undefined && /^\s*"?[^@\s"]+@[^@\s"]+\.[^@\s"]+"?\s*$/.test(cell);
  }
}

const unclosed = 'a quotation mark is opened and never closed';

interface QuoteState {
  /** The line ends within a quoted value. */
  inside: boolean;
  /** The place of the column that the line ends in, from 0. */
  column: number;
}

/** Follows RFC 4180's quotation marks through a line, from the state in which the line before ended. */
function followQuotes(
  text: string,
  delimiter: string,
  before: QuoteState,
): QuoteState | { reason: string; column: number } {
  let { inside, column } = before;
  let at = 0;
  let startOfValue = !inside;
  while (at < text.length) {
    const character = text[at];
    if (inside) {
      const quote = text.indexOf('"', at);
      if (quote < 0) return { inside, column };
      if (text[quote + 1] === '"') {
        at = quote + 2;
        continue;
      }
      inside = false;
      at = quote + 1;
      while (text[at] === ' ') at += 1;
      if (at < text.length && text[at] !== delimiter)
        return { reason: 'a closing quotation mark is followed by more text', column };
    } else if (character === delimiter) {
      column += 1;
      startOfValue = true;
      at += 1;
    } else if (character === '"') {
      if (!startOfValue) return { reason: 'a quotation mark stands in the middle of a value', column };
      inside = true;
      startOfValue = false;
      at += 1;
    } else {
      if (character !== ' ') startOfValue = false;
      at += 1;
    }
  }
  return { inside, column };
}
