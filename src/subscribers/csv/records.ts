import { cellsOf } from './cells.ts';
import { type Line, longestLine } from './lines.ts';

/** A row of a CSV file. */
export interface CsvRecord {
  /** Where the row starts, from 1. */
  line: number;
  cells: string[];
  /** The row as it stands in the file. */
  raw: string;
  /** Something to look at, although the row could be read. */
  remark?: string;
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

/** A row with quoted values may run over this many lines; beyond, a closing quotation mark is taken to be missing. */
export const longestQuotedLines = 100;

/**
 * Reads the rows out of lines. Most rows are one line; one with an open quotation mark is put together by RFC 4180, if the mark is
 * closed soon and the columns come out right, whatever its lines look like. Otherwise it is reported and reading goes on at the next
 * line: a CSV parser left to itself would take all that follows for one value. Lines after it that have fewer columns than
 * the file may be the rest of that value, and are reported too, up to the next line that is a whole row.
 */
export class RecordReader {
  readonly #shape: RowShape;
  /** Lines that may belong to a quoted value whose end has not come yet. */
  #waiting: Line[] = [];
  /** The line in which a quotation mark was left open, as long as what follows may belong to it. */
  #open: number | undefined;

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
        if (this.#isRest(line.number, cells.length))
          broken.push({ line: line.number, reason: restOf(this.#open), raw: line.text });
        else records.push({ line: line.number, raw: line.text, cells });
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
        this.#open = undefined;
        const inside = all.slice(at + 1, at + found.lines).find(({ text }) => this.#looksLikeARow(text));
        records.push({
          ...{ line: line.number, raw: found.raw, cells: whole },
          ...(inside && {
            remark: `line ${inside.number} is taken for a part of a value in quotation marks`,
          }),
        });
        at += found.lines;
      } else {
        // With an odd number of marks, a value is open at the line's end.
        if ((line.text.split('"').length - 1) % 2 === 1) this.#open = line.number;
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
      if (count > 0 && (line.problem || raw.length + line.text.length > longestLine))
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

  /** Whether a line may be the rest of a value whose closing quotation mark was not found. */
  #isRest(line: number, columns: number): boolean {
    if (this.#open === undefined) return false;
    if (columns < this.#shape.columns && line - this.#open < longestQuotedLines) return true;
    this.#open = undefined;
    return false;
  }

  /** Whether a line by itself would read as a row. */
  #looksLikeARow(text: string): boolean {
    const cell = text.split(this.#shape.delimiter)[this.#shape.emailColumn];
    return (
      cell !== undefined && cell.length <= longestCell && /^\s*"?[^@\s"]+@[^@\s"]+\.[^@\s"]+"?\s*$/.test(cell)
    );
  }
}

/** Of an address, in characters, with marks and blanks around it. */
const longestCell = 400;

const unclosed = 'a quotation mark is opened and never closed';
const restOf = (line: number | undefined) =>
  `it has too few columns, and may belong to the quotation mark left open in line ${line}`;

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
