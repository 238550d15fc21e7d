import { UserError } from '../../errors.ts';
import { checkAddress } from '../address.ts';
import { notesOn } from '../address-notes.ts';
import type { Columns } from '../csv/columns.ts';
import { stateOf } from '../formats/services.ts';
import { cleanName, cleanTopics, parseFrequency, parseLanguage, parseTimeZone } from '../personal-values.ts';
import { fieldName, parseFieldValue, yesOrNo } from './fields.ts';
import type { ImportMode } from './modes.ts';
import type { RowPlace } from './tally.ts';

/** A row of a file, as the formats hand it on. */
export interface SourceRecord extends RowPlace {
  cells: string[];
  /** Something to look at, although the row could be read. */
  remark?: string;
}

/** A row that can be used. */
export interface ImportRow extends RowPlace {
  /** The address as compared. */
  key: string;
  /** The domain of the address. */
  domain: string;
  /** The row as COPY takes it, by `copyColumns`. */
  copy: string;
}

/** The columns of `ImportRow.copy`. */
export const copyColumns =
  'line, email, email_key, name, language, time_zone, frequency, topics, muted_topics, tags, fields, evidence, pending';

/** Tells of a record that cannot be used, or of something odd about one that can. */
export type ReportRow = (
  kind: 'bad' | 'passed over' | 'warning',
  row: RowPlace,
  reason: string,
  column?: string,
) => void;

/** Makes rows out of a file's records, and reports the records that cannot be used. */
export class RowMaker {
  readonly #mode: ImportMode;
  readonly #confirmed: boolean;
  readonly #report: ReportRow;

  /** @param confirmed false: everybody has to confirm first */
  constructor(mode: ImportMode, confirmed: boolean, report: ReportRow) {
    this.#mode = mode;
    this.#confirmed = confirmed;
    this.#report = report;
  }

  /** @returns undefined if the record was reported instead */
  make(record: SourceRecord, columns: Columns): ImportRow | undefined {
    const { cells, raw } = record;
    if (raw.includes('\0')) return this.#bad(record, 'the row contains a NUL byte');
    if (
      cells.length > columns.headers.length &&
      cells.slice(columns.headers.length).some((cell) => cell !== '')
    )
      return this.#bad(
        record,
        `the row has ${cells.length.toLocaleString('en')} columns, the first line names ${columns.headers.length}`,
      );
    let address: { email: string; key: string };
    try {
      address = checkAddress(valueAt(cells, columns.places.email) ?? '');
    } catch (error) {
      return this.#badValue(record, columns, columns.places.email, error);
    }
    const state = stateIn(cells, columns);
    if (state.is === 'unclear') {
      const said = (cells[state.place] ?? '').trim().replace(/^(.{80}).+$/su, '$1…');
      const column = columns.headers[state.place] ?? '';
      return this.#bad(record, unclearState(said, column), column);
    }
    const unwanted = this.#unwanted(state.is, columns);
    if (unwanted) {
      const column = state.place === undefined ? undefined : columns.headers[state.place];
      this.#report('passed over', record, unwanted, column);
      return undefined;
    }
    const values = this.#values(record, columns);
    if (!values) return undefined;

    for (const note of notesOn(address))
      this.#report(
        'warning',
        record,
        note.suggestion ? `did they mean ${note.suggestion}?` : note.text,
        columns.headers[columns.places.email],
      );
    const { email, key } = address;
    const copy = `${record.line}\t${escaped(email)}\t${key === email ? '\\N' : escaped(key)}\t${values}\t${state.is === 'pending' || !this.#confirmed ? 't' : 'f'}\n`;
    if (copy.includes('\0')) return this.#bad(record, 'the row contains a NUL');
    return { line: record.line, raw, key, domain: email.slice(email.lastIndexOf('@') + 1), copy };
  }

  /** Why a person in this state is not what the import is for; undefined if they are. */
  #unwanted(state: 'confirmed' | 'pending' | 'left', columns: Columns): string | undefined {
    if (this.#mode === 'unsubscribe' || this.#mode === 'suppress') {
      const { left, places } = columns;
      const says = left.length > 0 || places.state !== undefined || places['wants mail'] !== undefined;
      return says && state !== 'left' ? 'the file says that the person wants mail' : undefined;
    }
    return state === 'left' ? 'the file says that the person has left' : undefined;
  }

  /** The personal values of a record as COPY takes them; undefined if one is wrong and was reported. */
  #values(record: SourceRecord, columns: Columns): string | undefined {
    const { cells } = record;
    const { places } = columns;
    // Which column is read, so that what a value's check throws can be put down to it.
    let place: number | undefined;
    try {
      const name =
        cleanName(valueAt(cells, places.name)) ??
        cleanName(
          [valueAt(cells, places['first name']), valueAt(cells, places['last name'])]
            .filter(Boolean)
            .join(' '),
        );
      place = places.language;
      const language = this.#value(record, columns, place, asLanguage);
      place = places['time zone'];
      const timeZone = this.#value(record, columns, place, asTimeZone);
      place = places.frequency;
      const frequency = this.#value(record, columns, place, asFrequency);
      place = places.topics;
      const topics = this.#value(record, columns, place, topicsArray);
      place = places['muted topics'];
      const muted = this.#value(record, columns, place, topicsArray);
      place = places.tags;
      const tags = this.#value(record, columns, place, topicsArray);
      let fields = '\\N';
      if (places.fields !== undefined || columns.fields.length > 0) {
        const found: Record<string, unknown> = {};
        place = places.fields;
        const json = valueAt(cells, place);
        if (json !== undefined) Object.assign(found, fieldsIn(json));
        for (const column of columns.fields) {
          place = column.place;
          const text = valueAt(cells, place);
          if (text !== undefined) found[column.name] = parseFieldValue(text, column.type);
        }
        if (Object.keys(found).length > 0) {
          const text = jsonText(found);
          if (text.length > longestFields)
            throw new UserError(
              `The custom fields have ${text.length.toLocaleString('en')} characters together; ${longestFields.toLocaleString('en')} is the most.`,
              { code: 'field' },
            );
          fields = escaped(text);
        }
      }
      let evidence = '\\N';
      if (columns.evidence.length > 0) {
        const found: Record<string, string> = {};
        for (const at of columns.evidence) {
          const text = valueAt(cells, at);
          if (text === undefined) continue;
          const kept = cut(text, longestEvidence);
          found[columns.headers[at] ?? ''] = kept;
          if (kept.length < text.length)
            this.#report(
              'warning',
              record,
              `only the first ${longestEvidence} characters are kept`,
              columns.headers[at],
            );
        }
        if (Object.keys(found).length > 0) evidence = escaped(jsonText(found));
      }
      return `${name === undefined ? '\\N' : escaped(name)}\t${language}\t${timeZone}\t${frequency}\t${topics}\t${muted}\t${tags}\t${fields}\t${evidence}`;
    } catch (error) {
      this.#badValue(record, columns, place, error);
      return undefined;
    }
  }

  /** A value as COPY takes it, or NULL. @throws UserError if it is wrong, unless the file is another service's */
  #value(
    record: SourceRecord,
    columns: Columns,
    place: number | undefined,
    check: (text: string) => string,
  ): string {
    const text = valueAt(record.cells, place);
    if (text === undefined) return '\\N';
    try {
      return check(text);
    } catch (error) {
      // Another service's words for what we do not know should not keep its subscribers out.
      if (!columns.service || !(error instanceof UserError)) throw error;
      this.#report('warning', record, `left out: ${error.message}`, columns.headers[place ?? 0]);
      return '\\N';
    }
  }

  #bad(record: SourceRecord, reason: string, column?: string): undefined {
    this.#report('bad', record, reason, column);
  }

  #badValue(record: SourceRecord, columns: Columns, place: number | undefined, error: unknown): undefined {
    if (!(error instanceof UserError)) throw error;
    return this.#bad(record, error.message, columns.headers[place ?? columns.places.email]);
  }
}

/** A cell's value, or undefined if it has none. */
function valueAt(cells: string[], place: number | undefined): string | undefined {
  if (place === undefined) return undefined;
  const cell = cells[place];
  if (cell === undefined || cell === '') return undefined;
  const value = cell.trim();
  return value === '' ? undefined : value;
}

function stateIn(
  cells: string[],
  { places, left }: Columns,
): { is: 'confirmed' | 'pending' | 'left'; place: number | undefined } | { is: 'unclear'; place: number } {
  for (const place of left) {
    const said = valueAt(cells, place);
    if (said !== undefined && yesOrNo(said) !== false) return { is: 'left', place };
  }
  const said = valueAt(cells, places['wants mail']);
  const wants = said === undefined || /^\d{4}-\d{2}-\d{2}/.test(said) ? true : yesOrNo(said);
  if (wants === false) return { is: 'left', place: places['wants mail'] };
  const word = valueAt(cells, places.state);
  const state = word === undefined ? 'confirmed' : stateOf(word);
  if (state === 'left') return { is: state, place: places.state };
  // What is not understood is no consent.
  if (wants === undefined) return { is: 'unclear', place: places['wants mail'] as number };
  return state ? { is: state, place: places.state } : { is: 'unclear', place: places.state as number };
}

const unclearState = (said: string, column: string) =>
  `"${said}" does not say whether the person wants mail (if the column says something else: --map "${column}=nothing")`;

const longestEvidence = 1_000;

/** The first characters of a text, none of them cut in half. */
const cut = (text: string, most: number): string =>
  text.length <= most ? text : [...text].slice(0, most).join('');

/** What a row may bring of custom fields, as JSON. A line that exports it, quotation marks doubled, is one that can be read again. */
const longestFields = 250_000;
const deepestFields = 10;

function fieldsIn(json: string): Record<string, unknown> {
  let found: unknown;
  try {
    found = JSON.parse(json);
  } catch {
    // told below
  }
  if (typeof found !== 'object' || found === null || Array.isArray(found) || !isShallow(found, deepestFields))
    throw new UserError(`"${json.slice(0, 80)}" is not a JSON object of custom fields.`, {
      code: 'field',
      hint: `It has at most ${deepestFields} levels.`,
    });
  return Object.fromEntries(
    Object.entries(found)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [fieldName(name), value]),
  );
}

const isShallow = (value: unknown, levels: number): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (levels > 0 && Object.values(value).every((inner) => isShallow(inner, levels - 1)));

/** JSON that Postgres takes: it knows no NUL, and no half of a character. */
function jsonText(value: object): string {
  const text = JSON.stringify(value);
  if (/(?:^|[^\\])(?:\\\\)*\\u(?:0000|d[89a-f])/i.test(text))
    throw new UserError('The text contains a NUL or half of a character.', { code: 'field' });
  return text;
}

/** Text as COPY takes it. */
const escaped = (text: string): string =>
  /[\\\t\n\r]/.test(text)
    ? text.replaceAll('\\', '\\\\').replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r')
    : text;

/** Remembers what a function made of the last few thousand different texts: a file names the same few again and again. */
function remembered(make: (text: string) => string): (text: string) => string {
  const known = new Map<string, string>();
  return (text) => {
    let made = known.get(text);
    if (made === undefined) {
      made = escaped(make(text));
      if (known.size >= 2_000) known.clear();
      if (text.length <= 200) known.set(text, made);
    }
    return made;
  };
}

const asLanguage = remembered(parseLanguage);
const asTimeZone = remembered(parseTimeZone);
const asFrequency = remembered(parseFrequency);
/** Topics or tags as a Postgres array. Quotation marks around them, as Mailchimp writes them, do not count. */
const topicsArray = remembered((text) => {
  const topics = cleanTopics(
    jsonStrings(text) ?? text.split(/[,;|]/).map((topic) => topic.trim().replace(/^"(.*)"$/, '$1')),
  );
  return `{${topics.map((topic) => `"${topic.replace(/["\\]/g, '\\$&')}"`).join(',')}}`;
});

/** The texts of a JSON array, or undefined if the text is none. */
function jsonStrings(text: string): string[] | undefined {
  if (!text.startsWith('[')) return undefined;
  try {
    const found: unknown = JSON.parse(text);
    return Array.isArray(found) ? found.filter((each) => typeof each === 'string') : undefined;
  } catch {
    return undefined;
  }
}
