import { parse } from 'csv-parse/sync';
import { UserError } from '../../errors.ts';

/** What a column of an import can hold. */
export const importFields = [
  'email',
  'name',
  'first name',
  'last name',
  'topics',
  'language',
  'time zone',
  'frequency',
] as const;
export type ImportField = (typeof importFields)[number];

/** How the columns of a file are to be read. */
export interface Columns {
  delimiter: string;
  /** The headers as written. */
  headers: string[];
  /** The place of each field's column, from 0. */
  places: Partial<Record<ImportField, number>> & { email: number };
  /** Headers that mean nothing to us. */
  ignored: string[];
}

const synonyms: Record<string, ImportField> = {
  email: 'email',
  'e mail': 'email',
  mail: 'email',
  'email address': 'email',
  'e mail address': 'email',
  'mail address': 'email',
  'subscriber email': 'email',
  name: 'name',
  'full name': 'name',
  'display name': 'name',
  'first name': 'first name',
  firstname: 'first name',
  fname: 'first name',
  'given name': 'first name',
  'last name': 'last name',
  lastname: 'last name',
  lname: 'last name',
  surname: 'last name',
  'family name': 'last name',
  topics: 'topics',
  topic: 'topics',
  interests: 'topics',
  tags: 'topics',
  language: 'language',
  lang: 'language',
  locale: 'language',
  'time zone': 'time zone',
  timezone: 'time zone',
  tz: 'time zone',
  frequency: 'frequency',
};

const mostColumns = 500;

/** The separator that a header line uses: the one it has most of, outside quotation marks. */
export function detectDelimiter(header: string): string {
  const bare = header.replace(/"(?:[^"]|"")*"/g, '');
  const counts = [',', ';', '\t', '|'].map((delimiter) => ({
    delimiter,
    count: bare.split(delimiter).length - 1,
  }));
  return counts.reduce((best, next) => (next.count > best.count ? next : best)).delimiter;
}

/**
 * Finds out which column holds what.
 * @param map headers that are not recognised by themselves, to the field they hold: `{ Mail: 'email' }`
 * @throws UserError saying which headers there are and which are needed
 */
export function readHeader(line: string, map: Record<string, string> = {}, delimiter?: string): Columns {
  const separator = delimiter ?? detectDelimiter(line);
  const headers = cellsOf(line, separator);
  if (headers.length > mostColumns)
    throw new UserError(
      `The first line has ${headers.length.toLocaleString('en')} columns; a file of subscribers has at most ${mostColumns}.`,
      { code: 'header', hint: 'Check that it is the right file, and that lines end where rows do.' },
    );

  const asked = new Map<string, ImportField>();
  for (const [header, field] of Object.entries(map)) {
    const known = importFields.find((name) => name === plain(field));
    if (!known)
      throw new UserError(`"${field}" in the map "${header}=${field}" is nothing a subscriber has.`, {
        code: 'usage',
        hint: `A column can hold: ${importFields.join(', ')}.`,
      });
    if (!headers.some((name) => plain(name) === plain(header)))
      throw new UserError(`The map names a column "${header}" that the file does not have.`, {
        code: 'header',
        hint: `The first line has: ${shown(headers)}.`,
      });
    asked.set(plain(header), known);
  }

  const places: Partial<Record<ImportField, number>> = {};
  const ignored: string[] = [];
  // What is asked for comes before what is guessed, and the first of two columns alike wins.
  for (const [index, header] of headers.entries()) {
    const field = asked.get(plain(header));
    if (field) places[field] ??= index;
  }
  for (const [index, header] of headers.entries()) {
    const field = synonyms[plain(header)];
    if (asked.has(plain(header))) continue;
    if (field && places[field] === undefined) places[field] = index;
    else ignored.push(header);
  }

  const { email } = places;
  if (email === undefined) {
    const noHeader = headers.some((header) => /^[^@\s]+@[^@\s]+$/.test(header));
    throw new UserError(
      noHeader
        ? `The first line is "${shown(headers)}": an address, where the names of the columns should be.`
        : `No column of the file holds an email address. Its first line has: ${shown(headers)}.`,
      {
        code: 'header',
        details: { found: headers.slice(0, 50), needed: ['email'] },
        hint: noHeader
          ? 'Put a line such as "email,name" at the top.'
          : `A column "email" is needed; ${importFields.slice(1).join(', ')} are understood as well. If the address is under another name, say so: --map "${headers[0] || 'Column'}=email"`,
      },
    );
  }
  return { delimiter: separator, headers, places: { ...places, email }, ignored };
}

function cellsOf(line: string, delimiter: string): string[] {
  try {
    const [cells = []] = parse(line, { delimiter, trim: delimiter !== '\t', relax_column_count: true });
    return cells.map((cell) => cell.trim());
  } catch {
    throw new UserError(
      `A quotation mark in the first line is not closed: ${line.replace(/^(.{80}).+$/, '$1…')}`,
      { code: 'header', hint: 'The first line names the columns, as in: email,name' },
    );
  }
}

const plain = (header: string) =>
  header
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

const shown = (headers: string[]) =>
  headers.slice(0, 12).join(', ') + (headers.length > 12 ? `, and ${headers.length - 12} more` : '');
