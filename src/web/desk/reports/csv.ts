import { stream } from 'hono/streaming';
import { csvCell } from '../../../subscribers/csv/cells.ts';
import type { DeskCall } from '../env.ts';

/** A value of a CSV file. Shares are numbers from 0 to 1. */
export type Cell = string | number | null | undefined | Date;

/**
 * Answers with a CSV file (RFC 4180, UTF-8), written while it is read. No cell is taken for a formula by a spreadsheet.
 * @param rows may be made as they are needed
 */
export function csvFile(
  c: DeskCall,
  name: string,
  columns: string[],
  rows: Iterable<Cell[]> | AsyncIterable<Cell[]>,
): Response {
  c.header('Content-Type', 'text/csv; charset=utf-8');
  c.header('Content-Disposition', `attachment; filename="${name.replace(/[^\w.-]+/g, '-')}.csv"`);
  c.header('Cache-Control', 'private, no-store');
  return stream(c, async (body) => {
    await body.write(line(columns));
    for await (const row of rows) {
      if (body.aborted) return;
      await body.write(line(row));
    }
  });
}

const line = (cells: Cell[]) => `${cells.map(written).join(',')}\r\n`;

function written(cell: Cell): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'number') return String(Math.round(cell * 1e6) / 1e6);
  return csvCell(cell instanceof Date ? cell.toISOString() : cell);
}
