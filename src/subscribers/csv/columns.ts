import { UserError } from '../../errors.ts';
import { columnsOf, detectService, type ServiceName } from '../formats/services.ts';
import { type FieldType, fieldName, parseFieldType } from '../import/fields.ts';
import { cellsOf } from './cells.ts';

/** What a column of an import can hold, beside custom fields. */
export const importFields = [
  'email',
  'name',
  'first name',
  'last name',
  'topics',
  'muted topics',
  'tags',
  'language',
  'time zone',
  'frequency',
  // confirmed, pending, unsubscribed, and what other services call these.
  'state',
  // Yes or no, or when they agreed: the person wants mail.
  'wants mail',
  // Yes, or a date: the person wants no mail. Several columns may say so.
  'has left',
  // A JSON object of custom fields.
  'fields',
  // Kept with the consent, under the column's name: when and where someone agreed.
  'evidence',
] as const;
export type ImportField = (typeof importFields)[number];

/** A column that holds a custom field. */
export interface FieldColumn {
  place: number;
  name: string;
  type: FieldType;
}

/** How the columns of a file are to be read. */
export interface Columns {
  delimiter: string;
  /** The headers as written. */
  headers: string[];
  /** The place of each field's column, from 0. */
  places: Partial<Record<Exclude<ImportField, 'evidence' | 'has left'>, number>> & { email: number };
  /** Columns each of which may say that the person has left. */
  left: number[];
  /** Columns kept as custom fields. */
  fields: FieldColumn[];
  /** Columns kept with the consent. */
  evidence: number[];
  /** Whose export the file is, if it was recognised. */
  service: ServiceName | undefined;
  /** Headers that mean nothing to us. */
  ignored: string[];
}

/** What an admin says about a file's columns. */
export interface ColumnOptions {
  /** Headers and what they hold: `{ Mail: 'email', Firma: 'field.company', Age: 'field.age:number', X: 'nothing' }`. */
  map?: Record<string, string>;
  /** True: columns that mean nothing else become custom fields, as text. */
  keepColumns?: boolean;
  /** The character between cells; found out if not given. */
  delimiter?: string;
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
  'muted topics': 'muted topics',
  tags: 'tags',
  tag: 'tags',
  labels: 'tags',
  language: 'language',
  lang: 'language',
  locale: 'language',
  'time zone': 'time zone',
  timezone: 'time zone',
  tz: 'time zone',
  frequency: 'frequency',
  state: 'state',
  status: 'state',
  // Whoever takes other columns out of a service's export has these left, and nobody who opted out may be subscribed for it.
  'subscribed to emails': 'wants mail',
  'wants mail': 'wants mail',
  'opted in': 'wants mail',
  'opt in': 'wants mail',
  optin: 'wants mail',
  'has left': 'has left',
  'unsub time': 'has left',
  'clean time': 'has left',
  'email disabled': 'has left',
  unsubscribed: 'has left',
  'unsubscribed at': 'has left',
  'unsubscribed on': 'has left',
  'unsubscribe date': 'has left',
  'unsubscribe time': 'has left',
  'opted out': 'has left',
  'opt out': 'has left',
  optout: 'has left',
  'opted out at': 'has left',
  'opt out date': 'has left',
  'opt out time': 'has left',
  'optout time': 'has left',
  bounced: 'has left',
  'bounced at': 'has left',
  'custom fields': 'fields',
  fields: 'fields',
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
 * Finds out which column holds what, from the line that names the columns.
 * @throws UserError saying which headers there are and which are needed
 */
export function readHeader(line: string, options: ColumnOptions = {}): Columns {
  const delimiter = options.delimiter ?? detectDelimiter(line);
  const headers = cellsOf(line, delimiter);
  if (!headers)
    throw new UserError(
      `A quotation mark in the first line is not closed: ${line.replace(/^(.{80}).+$/, '$1…')}`,
      { code: 'header', hint: 'The first line names the columns, as in: email,name' },
    );
  return placeColumns(headers, delimiter, options);
}

/**
 * Finds out which column holds what, from the columns' names.
 * @throws UserError saying which headers there are and which are needed
 */
export function placeColumns(headers: string[], delimiter: string, options: ColumnOptions = {}): Columns {
  if (headers.length > mostColumns)
    throw new UserError(
      `The first line has ${headers.length.toLocaleString('en')} columns; a file of subscribers has at most ${mostColumns}.`,
      { code: 'header', hint: 'Check that it is the right file, and that lines end where rows do.' },
    );
  const asked = askedFor(headers, options.map ?? {});
  const service = detectService(headers.map(plain));
  const known = columnsOf(service);

  const columns: Omit<Columns, 'places'> = {
    ...{ delimiter, headers, service },
    ...{ fields: [], evidence: [], left: [], ignored: [] },
  };
  const places: Partial<Columns['places']> = {};
  // What is asked for comes before what is guessed, and the first of two columns alike wins.
  const place = (target: string, index: number): boolean => {
    const [, name, type] = customField.exec(target) ?? [];
    if (name !== undefined) {
      columns.fields.push({ place: index, name: fieldName(name), type: parseFieldType(type ?? 'text') });
      return true;
    }
    if (target === 'evidence') columns.evidence.push(index);
    else if (target === 'has left') columns.left.push(index);
    else {
      const field = target as keyof Columns['places'];
      if (places[field] !== undefined) return false;
      places[field] = index;
    }
    return true;
  };
  for (const [index, header] of headers.entries()) {
    const target = asked.get(plain(header));
    if (target && target !== 'nothing') place(target, index);
  }
  for (const [index, header] of headers.entries()) {
    const name = plain(header);
    if (asked.has(name)) {
      if (asked.get(name) === 'nothing') columns.ignored.push(header);
      continue;
    }
    const own = /^field[. ]\s*(\S.*)$/i.exec(header.trim())?.[1];
    const target = known[name] ?? synonyms[name] ?? (own === undefined ? undefined : `field.${own}`);
    if (target === 'nothing' || !(target && place(target, index))) {
      if (options.keepColumns && target !== 'nothing' && name !== '') place(`field.${header}`, index);
      else columns.ignored.push(header);
    }
  }
  const { email } = places;
  if (email === undefined) throw noEmail(headers);
  return { ...columns, places: { ...places, email } };
}

const customField = /^field\.(.*?)(?::(\w+))?$/;

/** What the admin's map says of each header, by its plain name. */
function askedFor(headers: string[], map: Record<string, string>): Map<string, string> {
  const asked = new Map<string, string>();
  for (const [header, field] of Object.entries(map)) {
    const target = customField.test(field)
      ? field
      : [...importFields, 'nothing' as const].find((name) => name === plain(field));
    if (!target)
      throw new UserError(`"${field}" in the map "${header}=${field}" is nothing a subscriber has.`, {
        code: 'usage',
        hint: `A column can hold: ${importFields.join(', ')}, field.NAME, field.NAME:number, nothing.`,
      });
    if (!headers.some((name) => plain(name) === plain(header)))
      throw new UserError(`The map names a column "${header}" that the file does not have.`, {
        code: 'header',
        hint: `The first line has: ${shown(headers)}.`,
      });
    asked.set(plain(header), target);
  }
  return asked;
}

function noEmail(headers: string[]): UserError {
  const noHeader = headers.some((header) => /^[^@\s]+@[^@\s]+$/.test(header));
  return new UserError(
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

const plain = (header: string) =>
  header
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

const shown = (headers: string[]) =>
  headers.slice(0, 12).join(', ') + (headers.length > 12 ? `, and ${headers.length - 12} more` : '');
