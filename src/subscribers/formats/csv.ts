import { UserError } from '../../errors.ts';
import { unmark } from '../csv/cells.ts';
import { type ColumnOptions, type Columns, readHeader } from '../csv/columns.ts';
import { type Line, linesOf } from '../csv/lines.ts';
import { RecordReader } from '../csv/records.ts';
import type { FilePart } from './read.ts';

/** Reads the rows of a CSV file, in constant memory. @throws UserError if it has no line that names the columns */
export async function* readCsv(
  file: AsyncIterable<Uint8Array>,
  options: ColumnOptions,
): AsyncGenerator<FilePart> {
  let { delimiter } = options;
  let reading: { columns: Columns; reader: RecordReader } | undefined;
  for await (const lines of linesOf(file)) {
    let from = 0;
    while (!reading && from < lines.length) {
      const line = lines[from] as Line;
      from += 1;
      if (line.text.trim() === '' && !line.problem) continue;
      if (line.problem)
        throw new UserError(`The file cannot be read: ${line.problem} (line ${line.number}).`, {
          code: 'header',
          hint: 'Check that it is a CSV file whose first line names the columns.',
        });
      // Excel's own way of naming the separator, which may be a tab.
      const separator = /^sep=(.)\s*$/i.exec(line.text);
      if (separator?.[1] && delimiter === undefined) {
        delimiter = separator[1];
        continue;
      }
      const columns = readHeader(line.text, { ...options, ...(delimiter !== undefined && { delimiter }) });
      const reader = new RecordReader({
        delimiter: columns.delimiter,
        columns: columns.headers.length,
        emailColumn: columns.places.email,
      });
      reading = { columns, reader };
    }
    if (reading && from < lines.length) {
      const found = reading.reader.read(from > 0 ? lines.slice(from) : lines);
      for (const { cells } of found.records) unmark(cells);
      yield { columns: reading.columns, ...found };
    }
  }
  if (!reading) throw emptyFile();
  const found = reading.reader.read([], true);
  for (const { cells } of found.records) unmark(cells);
  yield { columns: reading.columns, ...found };
}

/** What a file without anything in it is answered with. */
export const emptyFile = () =>
  new UserError('The file is empty.', {
    code: 'header',
    hint: 'Its first line should name the columns, as in: email,name',
  });
