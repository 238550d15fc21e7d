import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { messageOf, UserError } from '../../errors.ts';
import type { ColumnOptions, Columns } from '../csv/columns.ts';
import type { BrokenRecord } from '../csv/records.ts';
import type { FileFormat } from '../import/modes.ts';
import type { SourceRecord } from '../import/rows.ts';
import { readCsv } from './csv.ts';
import { readNdjson } from './ndjson.ts';
import { readXlsx } from './xlsx.ts';

/** Some rows of a file, in its order. */
export interface FilePart {
  columns: Columns;
  records: SourceRecord[];
  /** Rows that could not be read. */
  broken: BrokenRecord[];
}

/**
 * Reads the rows of a file: CSV of any encoding, NDJSON or XLSX, each of them also compressed by gzip.
 * @param options.format found out from the first bytes if not given
 * @throws UserError if the file as a whole cannot be used: no header, empty, another kind of file
 */
export async function* readRows(
  file: AsyncIterable<Uint8Array>,
  options: ColumnOptions & { format?: FileFormat },
): AsyncGenerator<FilePart> {
  let { start, whole } = await peek(file);
  if (start[0] === 0x1f && start[1] === 0x8b) ({ start, whole } = await peek(unzipped(whole)));
  const format = options.format ?? sniff(start);
  if (format === 'xlsx') yield* readXlsx(whole, options);
  else if (format === 'ndjson') yield* readNdjson(whole, options);
  else yield* readCsv(whole, options);
}

/** The first bytes of a stream, at least so many unless it is shorter, and the stream as if nothing had been taken from it. */
export async function peek(
  file: AsyncIterable<Uint8Array>,
  bytes = 4_096,
): Promise<{ start: Buffer; whole: AsyncIterable<Uint8Array> }> {
  const pieces = file[Symbol.asyncIterator]();
  const taken: Uint8Array[] = [];
  let start = Buffer.alloc(0);
  while (start.length < bytes) {
    const { done, value } = await pieces.next();
    if (done) break;
    taken.push(value);
    start = Buffer.concat([start, value]);
  }
  async function* whole() {
    try {
      yield* taken.splice(0);
      for (let piece = await pieces.next(); !piece.done; piece = await pieces.next()) yield piece.value;
    } finally {
      await pieces.return?.();
    }
  }
  return { start, whole: whole() };
}

async function* unzipped(file: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    const unpacking = createGunzip();
    // What goes wrong with it is thrown to whoever reads.
    pipeline(Readable.from(file), unpacking).catch(() => {});
    yield* unpacking as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw new UserError(`The file is compressed and cannot be unpacked: ${messageOf(error)}.`, {
      code: 'file',
      hint: 'It may have been cut off. Get it again, or unpack it with another program.',
    });
  }
}

function sniff(start: Buffer): FileFormat {
  const signature = start.toString('latin1', 0, 4);
  if (signature === 'PK\u0003\u0004') return 'xlsx';
  if (signature === '\u00d0\u00cf\u0011\u00e0')
    throw new UserError('The file is an old Excel workbook (.xls), which cannot be read.', {
      code: 'file',
      hint: 'Save it as .xlsx or CSV.',
    });
  const text = start
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .trimStart();
  if (text.startsWith('{')) return 'ndjson';
  if (/^\[\s*[{\]]/.test(text))
    throw new UserError('The file is one JSON array; one JSON object a line is needed.', {
      code: 'file',
      hint: 'Turn it into lines, for example with: jq -c ".[]" people.json > people.ndjson',
    });
  return 'csv';
}
