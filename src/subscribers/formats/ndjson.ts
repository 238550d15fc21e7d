import { type ColumnOptions, type Columns, placeColumns } from '../csv/columns.ts';
import { linesOf } from '../csv/lines.ts';
import type { BrokenRecord } from '../csv/records.ts';
import type { SourceRecord } from '../import/rows.ts';
import { emptyFile } from './csv.ts';
import type { FilePart } from './read.ts';

/**
 * Reads a file of one JSON object a line, in constant memory. The objects' keys are the columns; a key may come up
 * late in the file.
 * @throws UserError if no key of the first object holds an address, or there is none
 */
export async function* readNdjson(
  file: AsyncIterable<Uint8Array>,
  options: ColumnOptions,
): AsyncGenerator<FilePart> {
  const headers: string[] = [];
  const places = new Map<string, number>();
  let columns: Columns | undefined;

  for await (const lines of linesOf(file)) {
    const records: SourceRecord[] = [];
    const broken: BrokenRecord[] = [];
    const known = headers.length;
    for (const { number, text, problem } of lines) {
      if (problem) {
        broken.push({ line: number, reason: problem, raw: text });
        continue;
      }
      if (text.trim() === '') continue;
      const object = objectIn(text);
      if (typeof object === 'string') {
        broken.push({ line: number, reason: object, raw: text });
        continue;
      }
      const cells: string[] = [];
      for (const [key, value] of Object.entries(object)) {
        let place = places.get(key);
        if (place === undefined) {
          place = headers.length;
          if (place >= mostKeys) continue;
          places.set(key, place);
          headers.push(key);
        }
        cells[place] = cellOf(value);
      }
      records.push({ line: number, raw: text, cells });
    }
    for (const { cells } of records) for (let index = 0; index < headers.length; index++) cells[index] ??= '';
    if (records.length > 0 && (!columns || headers.length > known))
      columns = placeColumns([...headers], ',', options);
    if (columns) yield { columns, records, broken };
    else if (broken.length > 0) yield { columns: nothingKnown, records, broken };
  }
  if (!columns) throw emptyFile();
}

const mostKeys = 500;

const nothingKnown: Columns = {
  ...{ delimiter: ',', headers: [], places: { email: 0 }, fields: [], evidence: [], left: [], ignored: [] },
  service: undefined,
};

function objectIn(text: string): Record<string, unknown> | string {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return 'the line is not JSON';
  }
  return typeof found === 'object' && found !== null && !Array.isArray(found)
    ? (found as Record<string, unknown>)
    : 'the line is not a JSON object';
}

/** A JSON value as the text of a cell. */
function cellOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  // An array of texts, and an object of custom fields, are read as JSON where they are wanted.
  try {
    return JSON.stringify(value);
  } catch {
    return '';
  }
}
