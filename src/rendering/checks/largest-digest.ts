import type { Choice } from '../assemble.ts';
import type { CompiledEdition, CompiledPiece } from '../compile.ts';

/** What a reader's value takes: about a signed link. */
const valueBytes = 100;

/**
 * The largest digest that a reader may get: for each slot, positions of the stories with the largest HTML blocks, none
 * of them twice. Exact: places and stories are matched by the Hungarian method.
 */
export function largestChoice(compiled: CompiledEdition): Choice {
  const sizes = compiled.slots.map(() => new Map<number, number>());
  for (const part of compiled.html)
    if (typeof part === 'object' && 'blocks' in part)
      for (const [position, block] of part.blocks) {
        const slot = sizes[part.slot];
        slot?.set(position, (slot.get(position) ?? 0) + sizeOf(block));
      }
  const stories = [...new Set(compiled.slots.flatMap(({ positions }) => positions))];
  const seats = compiled.slots.flatMap(({ count, positions }, slot) =>
    Array.from({ length: Math.min(count, positions.length) }, () => slot),
  );
  const gain = (seat: number, story: number) => {
    const slot = seats[seat] as number;
    const position = stories[story] as number;
    return compiled.slots[slot]?.positions.includes(position) ? (sizes[slot]?.get(position) ?? 0) : 0;
  };
  const choice: Choice = compiled.slots.map(() => []);
  for (const [seat, story] of assign(seats.length, stories.length, gain).entries())
    if (story !== undefined && gain(seat, story) > 0)
      choice[seats[seat] as number]?.push(stories[story] as number);
  return choice.map((positions) => positions.sort((a, b) => a - b));
}

/** The bytes of encoded pieces. */
export function sizeOf(pieces: CompiledPiece[]): number {
  return pieces.reduce<number>(
    (sum, piece) => sum + (typeof piece === 'number' ? valueBytes : piece.length),
    0,
  );
}

/**
 * Gives each row a column of its own so that the gains add up to the most.
 * @returns each row's column; undefined where there are fewer columns than rows
 */
export function assign(
  rows: number,
  columns: number,
  gain: (row: number, column: number) => number,
): (number | undefined)[] {
  // Shortest augmenting paths with potentials. Columns beyond the real ones stand for none.
  const width = Math.max(rows, columns);
  const cost = (row: number, column: number) => (column < columns ? -gain(row, column) : 0);
  const ofRow = new Array<number>(rows + 1).fill(0);
  const ofColumn = new Array<number>(width + 1).fill(0);
  const rowAt = new Array<number>(width + 1).fill(0);
  for (let row = 1; row <= rows; row++) {
    const way = new Array<number>(width + 1).fill(0);
    const least = new Array<number>(width + 1).fill(Number.POSITIVE_INFINITY);
    const used = new Array<boolean>(width + 1).fill(false);
    rowAt[0] = row;
    let column = 0;
    do {
      used[column] = true;
      const current = rowAt[column]!;
      let delta = Number.POSITIVE_INFINITY;
      let next = 0;
      for (let each = 1; each <= width; each++) {
        if (used[each]) continue;
        const reduced = cost(current - 1, each - 1) - ofRow[current]! - ofColumn[each]!;
        if (reduced < least[each]!) {
          least[each] = reduced;
          way[each] = column;
        }
        if (least[each]! < delta) {
          delta = least[each]!;
          next = each;
        }
      }
      for (let each = 0; each <= width; each++) {
        if (used[each]) {
          ofRow[rowAt[each]!]! += delta;
          ofColumn[each]! -= delta;
        } else least[each]! -= delta;
      }
      column = next;
    } while (rowAt[column] !== 0);
    while (column !== 0) {
      const before = way[column]!;
      rowAt[column] = rowAt[before]!;
      column = before;
    }
  }
  const out = new Array<number | undefined>(rows).fill(undefined);
  for (let column = 1; column <= width; column++)
    if (rowAt[column]! > 0 && column <= columns) out[rowAt[column]! - 1] = column - 1;
  return out;
}
