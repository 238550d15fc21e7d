import { parse } from 'csv-parse/sync';
import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { messageOf, UserError } from '../errors.ts';
import { parseDate } from '../stories/date.ts';
import { linesOf } from './csv/lines.ts';
import { findList } from './lists.ts';
import type { SuppressionReason } from './suppression.ts';
import { parseReason, parseSuppressed, type SuppressedAddress } from './suppression-list.ts';

/** What holds for rows that say nothing else. */
export interface SuppressionImportOptions {
  /** Only the mail of this list (short name or id); all mail, if not given. */
  list?: string | number;
  /** `manual` if not given. */
  reason?: SuppressionReason;
  note?: string;
  /** When mail may go again; never, if not given. */
  expiresAt?: Date;
  /** Reads and checks everything, and writes nothing. */
  dryRun?: boolean;
  /** Called with each row that cannot be used, as it is found. */
  onProblem?: (problem: SuppressionProblem) => void;
  /** Called after each group with the number of rows read. */
  onProgress?: (rows: number) => void;
}

/** A row that could not be used. */
export interface SuppressionProblem {
  /** From 1. */
  line: number;
  reason: string;
  /** As written, cut to 200 characters. */
  row: string;
}

export interface SuppressionImportResult {
  rows: number;
  /** Suppressed for this reason now and not before. With `dryRun`: would be. */
  added: number;
  /** Suppressed for this reason before, and for a shorter time. */
  changed: number;
  unchanged: number;
  /** Rows whose address stands in the same group already, for the same reason; of two ends the later holds. */
  duplicates: number;
  badRows: number;
  /** The first 1,000. */
  bad: SuppressionProblem[];
}

interface Row {
  hash: string;
  email: string | null;
  listId: number | null;
  reason: SuppressionReason;
  note: string | null;
  expiresAt: Date | null;
}

const groupSize = 10_000;
const keptProblems = 1_000;

/**
 * Suppresses the addresses of a file, a group of 10,000 in one statement and one commit: other writers never wait long,
 * and any number of rows takes constant memory. The file holds an address or its SHA-256 a line, or is CSV with columns
 * such as `email` or `hash`, `list`, `reason`, `note` and `expires`, or NDJSON with such fields, as an export writes them. A row that cannot be used is
 * reported, and the others go in. Doing it again changes nothing.
 * @throws UserError if the file has no column of addresses, or there is no such list
 */
export async function importSuppressions(
  context: Pick<Context, 'db' | 'clock'>,
  file: AsyncIterable<Uint8Array>,
  options: SuppressionImportOptions = {},
): Promise<SuppressionImportResult> {
  const result: SuppressionImportResult = {
    rows: 0,
    added: 0,
    changed: 0,
    unchanged: 0,
    duplicates: 0,
    badRows: 0,
    bad: [],
  };
  const lists = new Lists(context);
  const usual: Omit<Row, 'hash' | 'email'> = {
    listId: options.list === undefined ? null : await lists.idOf(options.list),
    reason: options.reason ?? 'manual',
    note: options.note ?? null,
    expiresAt: options.expiresAt ?? null,
  };
  let columns: Columns | undefined;
  let group = new Map<string, Row>();
  const store = async () => {
    if (group.size > 0) await storeGroup(context, [...group.values()], result, options.dryRun === true);
    group = new Map();
    options.onProgress?.(result.rows);
  };

  for await (const lines of linesOf(file))
    for (const line of lines) {
      if (line.text.trim() === '' && !line.problem) continue;
      if (!columns) {
        columns = columnsOf(line.text);
        if (columns.isHeader) continue;
      }
      result.rows += 1;
      try {
        if (line.problem) throw new UserError(line.problem);
        const row = await rowOf(readerOf(line.text, columns), usual, lists);
        const key = `${row.hash} ${row.listId} ${row.reason}`;
        const same = group.get(key);
        if (!same) group.set(key, row);
        else {
          result.duplicates += 1;
          same.expiresAt = laterEnd(same.expiresAt, row.expiresAt);
        }
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        const problem = { line: line.number, reason: messageOf(error), row: line.text.slice(0, 200) };
        result.badRows += 1;
        if (result.bad.length < keptProblems) result.bad.push(problem);
        options.onProblem?.(problem);
      }
      if (group.size >= groupSize) await store();
    }
  await store();
  return result;
}

type Field = 'address' | 'hash' | 'list' | 'reason' | 'note' | 'expires';

interface Columns {
  /** Undefined: the line is one value. `json`: it is an object. */
  delimiter: string | undefined;
  /** Whether the line that told names the columns. */
  isHeader: boolean;
  places: Partial<Record<Field, number>>;
}

const synonyms: Record<string, Field> = {
  email: 'address',
  'e-mail': 'address',
  'email address': 'address',
  address: 'address',
  mail: 'address',
  hash: 'hash',
  'email hash': 'hash',
  sha256: 'hash',
  list: 'list',
  reason: 'reason',
  note: 'note',
  expires: 'expires',
  'expires at': 'expires',
  until: 'expires',
};

/** What the first line tells of the others. */
function columnsOf(first: string): Columns {
  if (first.trimStart().startsWith('{')) return { delimiter: 'json', isHeader: false, places: {} };
  const delimiter = [',', ';', '\t'].find((each) => first.includes(each));
  const cells = cellsOf(first, delimiter);
  const own = cells.findIndex(isAddressOrHash);
  if (own >= 0) return { delimiter, isHeader: false, places: { address: own } };
  const places: Columns['places'] = {};
  for (const [index, cell] of cells.entries()) {
    const field = synonyms[cell.toLowerCase().replaceAll('_', ' ')];
    if (field) places[field] ??= index;
  }
  if (places.address === undefined && places.hash === undefined)
    throw new UserError(
      `The first line is neither an address nor names a column of them: ${first.slice(0, 80)}`,
      {
        code: 'header',
        hint: 'Give one address or SHA-256 a line, or CSV with a column "email" or "hash".',
      },
    );
  return { delimiter, isHeader: true, places };
}

function isAddressOrHash(text: string): boolean {
  try {
    parseSuppressed(text);
    return true;
  } catch {
    return false;
  }
}

function cellsOf(line: string, delimiter: string | undefined): string[] {
  if (delimiter === undefined) return [line.trim()];
  if (!line.includes('"')) return line.split(delimiter).map((cell) => cell.trim());
  try {
    const [cells = []]: string[][] = parse(line, { delimiter, relax_column_count: true, trim: true });
    return cells;
  } catch {
    throw new UserError('a quotation mark is not closed');
  }
}

type Cell = (field: Field) => string;

/** Reads the fields of a line. */
function readerOf(line: string, { delimiter, places }: Columns): Cell {
  if (delimiter === 'json') return jsonReader(line);
  const cells = cellsOf(line, delimiter);
  return (field) => {
    const place = places[field];
    return place === undefined ? '' : (cells[place] ?? '').trim();
  };
}

function jsonReader(line: string): Cell {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    // reported below
  }
  if (typeof value !== 'object' || value === null) throw new UserError('the line is no JSON object');
  const fields = new Map<Field, string>();
  for (const [name, given] of Object.entries(value)) {
    const field = synonyms[name.toLowerCase().replaceAll('_', ' ')];
    if (field && given !== null && given !== undefined) fields.set(field, String(given).trim());
  }
  return (field) => fields.get(field) ?? '';
}

async function rowOf(cell: Cell, usual: Omit<Row, 'hash' | 'email'>, lists: Lists): Promise<Row> {
  const { hash, email } = addressOf(cell('address'), cell('hash'));
  const reason = cell('reason') ? parseReason(cell('reason')) : usual.reason;
  return {
    hash: hash.toString('hex'),
    email: reason === 'erasure' ? null : email,
    listId: cell('list') ? await lists.idOf(cell('list')) : usual.listId,
    reason,
    note: cell('note').replaceAll('\0', '').slice(0, 500) || usual.note,
    expiresAt: cell('expires') ? dateOf(cell('expires')) : usual.expiresAt,
  };
}

/** An export writes both: the hash is what counts, and the address may have an apostrophe before it for spreadsheets. */
function addressOf(address: string, hash: string): SuppressedAddress {
  if (hash === '' || address === '') return parseSuppressed(address || hash);
  const wanted = parseSuppressed(hash);
  const spelled = [address, address.replace(/^'/, '')].flatMap((each) => {
    try {
      return [parseSuppressed(each)];
    } catch {
      return [];
    }
  });
  return spelled.find((each) => each.hash.equals(wanted.hash)) ?? wanted;
}

function dateOf(text: string): Date {
  const date = parseDate(text);
  if (!date) throw new UserError(`"${text}" is no date such as 2026-11-24`);
  return date;
}

/** The later of two ends; null is never. */
const laterEnd = (one: Date | null, other: Date | null) =>
  one && other ? new Date(Math.max(one.getTime(), other.getTime())) : null;

/** Lists by what a file calls them, each looked up once. */
class Lists {
  readonly #context: Pick<Context, 'db'>;
  readonly #known = new Map<string, Promise<number>>();

  constructor(context: Pick<Context, 'db'>) {
    this.#context = context;
  }

  idOf(slugOrId: string | number): Promise<number> {
    const name = String(slugOrId);
    let id = this.#known.get(name);
    if (!id) {
      id = findList(this.#context, name).then((list) => list.id);
      // Whoever asked gets the error; asking again gets it too.
      id.catch(() => {});
      this.#known.set(name, id);
    }
    return id;
  }
}

async function storeGroup(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  rows: Row[],
  result: SuppressionImportResult,
  dryRun: boolean,
): Promise<void> {
  const given = sql`
    select decode(hash, 'hex') as email_hash, email, "listId" as list_id, reason, note, "expiresAt" as expires_at
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
      as row (hash text, email text, "listId" bigint, reason text, note text, "expiresAt" timestamptz)`;
  const lastsLonger = sql`suppressions.expires_at < coalesce(excluded.expires_at, 'infinity')`;
  if (dryRun) {
    const { rows: known } = await sql<{ known: number; changed: number }>`
      select count(suppressions.id) as known, count(suppressions.id) filter (where ${lastsLonger}) as changed
      from (${given}) as excluded
      left join suppressions on suppressions.email_hash = excluded.email_hash
        and coalesce(suppressions.list_id, 0) = coalesce(excluded.list_id, 0)
        and suppressions.reason = excluded.reason`.execute(db);
    const { known: before = 0, changed = 0 } = known[0] ?? {};
    result.added += rows.length - before;
    result.changed += changed;
    result.unchanged += before - changed;
    return;
  }
  // In one order, so that two imports at once wait for each other and not in a circle.
  const { rows: written } = await sql<{ added: boolean }>`
    insert into suppressions (email_hash, email, list_id, reason, note, created_at, expires_at)
    select email_hash, email, list_id, reason, note, ${clock.now()}::timestamptz, expires_at
    from (${given}) as given order by email_hash, list_id, reason
    on conflict (email_hash, coalesce(list_id, 0), reason) do update set
      email = excluded.email, note = excluded.note, created_at = excluded.created_at,
      expires_at = excluded.expires_at, import_id = null, import_before = null
    where ${lastsLonger}
    returning (xmax = 0) as added`.execute(db);
  const added = written.filter((row) => row.added).length;
  result.added += added;
  result.changed += written.length - added;
  result.unchanged += rows.length - written.length;
}
