/**
 * The cells of a row of CSV, by RFC 4180, without the white space around them (but within quotation marks it stays).
 * @returns undefined if a quotation mark stands where none may, or is not closed within the text
 */
export function cellsOf(text: string, delimiter: string): string[] | undefined {
  if (!text.includes('"')) {
    const cells = text.split(delimiter);
    for (let index = 0; index < cells.length; index++) cells[index] = (cells[index] as string).trim();
    return cells;
  }
  const cells: string[] = [];
  const { length } = text;
  // With tabs between cells, they are not white space around them.
  const isSpace = (character: string | undefined) =>
    (character === ' ' || character === '\t') && character !== delimiter;
  let at = 0;
  for (;;) {
    while (isSpace(text[at])) at += 1;
    if (text[at] !== '"') {
      const next = text.indexOf(delimiter, at);
      const cell = text.slice(at, next < 0 ? length : next);
      if (cell.includes('"')) return undefined;
      cells.push(cell.trimEnd());
      if (next < 0) return cells;
      at = next + 1;
      continue;
    }
    let end = text.indexOf('"', at + 1);
    let doubled = false;
    while (end >= 0 && text[end + 1] === '"') {
      doubled = true;
      end = text.indexOf('"', end + 2);
    }
    if (end < 0) return undefined;
    const cell = text.slice(at + 1, end);
    cells.push(doubled ? cell.replaceAll('""', '"') : cell);
    at = end + 1;
    while (isSpace(text[at])) at += 1;
    if (at >= length) return cells;
    if (text[at] !== delimiter) return undefined;
    at += 1;
  }
}

// What a spreadsheet would take for a formula, even behind apostrophes of ours.
const likeFormula = /^'*[=+\-@\t\r]/;
const markedAsText = /^'+[=+\-@\t\r]/;

/** A cell that no spreadsheet takes for a formula: an apostrophe before it, as OWASP advises, where it needs one. */
export const harmless = (cell: string): string => (likeFormula.test(cell) ? `'${cell}` : cell);

/** Takes away, in place, the apostrophes that `harmless`, or another program with its manners, set before cells. */
export function unmark(cells: string[]): void {
  for (let index = 0; index < cells.length; index++) {
    const cell = cells[index] as string;
    if (cell.charCodeAt(0) === 39 && markedAsText.test(cell)) cells[index] = cell.slice(1);
  }
}

/** A cell as it is written into a CSV file with commas. */
export function csvCell(text: string): string {
  const cell = harmless(text);
  // Spaces at the ends would be lost without quotation marks.
  return /[",\r\n\t;|]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
