import { readSheet } from 'read-excel-file/node';
import { messageOf, UserError } from '../../errors.ts';
import { unmark } from '../csv/cells.ts';
import { type ColumnOptions, placeColumns } from '../csv/columns.ts';
import { emptyFile } from './csv.ts';
import type { FilePart } from './read.ts';

/** The most bytes of a workbook: it is unpacked into memory as a whole. */
const largestWorkbook = 25_000_000;
const largestUnpacked = 250_000_000;
const rowsAtOnce = 2_000;

/**
 * Reads the rows of a workbook's first sheet. The whole sheet is held in memory, so its size is limited.
 * @throws UserError if it is no workbook, too large, or has no line that names the columns
 */
export async function* readXlsx(
  file: AsyncIterable<Uint8Array>,
  options: ColumnOptions,
): AsyncGenerator<FilePart> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of file) {
    size += piece.length;
    if (size > largestWorkbook)
      throw new UserError(`The workbook is larger than ${largestWorkbook / 1_000_000} MB.`, {
        code: 'file',
        hint: 'Save the sheet as CSV, which is read in any size.',
      });
    pieces.push(piece);
  }
  const workbook = Buffer.concat(pieces);
  if (unpackedSize(workbook) > largestUnpacked)
    throw new UserError('The workbook unpacks to more than memory should hold.', {
      code: 'file',
      hint: 'Save the sheet as CSV, which is read in any size.',
    });
  let sheet: unknown[][];
  try {
    sheet = await readSheet(workbook);
  } catch (error) {
    throw new UserError(`The file is not an Excel workbook that can be read: ${messageOf(error)}.`, {
      code: 'file',
      hint: 'Open it in a spreadsheet program and save it as .xlsx or CSV.',
    });
  }
  const top = sheet.findIndex((row) => row.some((cell) => cellOf(cell) !== ''));
  const header = sheet[top];
  if (!header) throw emptyFile();
  const columns = placeColumns(header.map(cellOf), ',', options);

  for (let from = top + 1; from < sheet.length; from += rowsAtOnce) {
    const records = sheet
      .slice(from, from + rowsAtOnce)
      .map((row, index) => {
        const cells = row.map(cellOf);
        unmark(cells);
        return { line: from + index + 1, cells, raw: cells.join('\t') };
      })
      .filter(({ cells }) => cells.some((cell) => cell !== ''));
    yield { columns, records, broken: [] };
  }
  yield { columns, records: [], broken: [] };
}

/** A cell's value as text: dates as 2026-11-24, with the time if there is one. */
function cellOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) {
    const text = value.toISOString();
    return text.endsWith('T00:00:00.000Z') ? text.slice(0, 10) : text;
  }
  return String(value).trim();
}

/** What a ZIP archive's files come to when they are unpacked, by its directory; 0 if it has none that can be found. */
function unpackedSize(archive: Buffer): number {
  const end = archive.lastIndexOf('PK\u0005\u0006', archive.length, 'latin1');
  if (end < 0 || end + 20 > archive.length) return 0;
  let size = 0;
  let at = archive.readUInt32LE(end + 16);
  while (at + 46 <= archive.length && archive.readUInt32LE(at) === 0x02014b50) {
    size += archive.readUInt32LE(at + 24);
    at += 46 + archive.readUInt16LE(at + 28) + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return size;
}
