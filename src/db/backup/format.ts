/** How a backup begins, so that other files are known for what they are. */
export const firstLine = '-- Broadsheet backup, format 1';
/** What the last line says; the checksum is of all that comes before it. */
export const lastLine = /^-- Complete: (\d+) tables, (\d+) rows, sha256 ([0-9a-f]{64})$/;

const newline = 0x0a;

/** How many rows end in a piece of what COPY writes. */
export function rowsIn(piece: Buffer): number {
  let count = 0;
  for (let at = piece.indexOf(newline); at >= 0; at = piece.indexOf(newline, at + 1)) count++;
  return count;
}
