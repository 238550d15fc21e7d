import { type Kysely, sql } from 'kysely';
import type { Context } from '../context.ts';
import type { DB } from '../db/schema.ts';
import { messageOf, UserError } from '../errors.ts';
import { type Address, parseAddress } from './address.ts';
import { type Columns, type ImportField, readHeader } from './csv/columns.ts';
import { type Line, linesOf } from './csv/lines.ts';
import { type BrokenRecord, type CsvRecord, RecordReader } from './csv/records.ts';
import { findList } from './lists.ts';
import { cleanName, cleanTopics, parseFrequency, parseLanguage, parseTimeZone } from './personal-values.ts';

export interface ImportOptions {
  /** Slug or id. */
  list: string | number;
  /** How these people agreed to be mailed; kept in the consent log with each of them. */
  consent: string;
  /** False leaves the newcomers pending until they confirm. True if not given. */
  confirmed?: boolean;
  /** Columns that are not understood by their header: `{ 'Kontakt': 'email' }`. */
  map?: Record<string, string>;
  /** What the file is called, for the consent log. */
  fileName?: string;
  /** Called with each row that was not taken, as it is found. */
  onProblem?: (problem: ImportProblem) => void;
  /** Called after each batch with the number of rows read. */
  onProgress?: (rows: number) => void;
}

/** A row that was not taken, and why. */
export interface ImportProblem {
  /** Bad: nothing could be done with it. Duplicate: the address stood above. Suppressed: it must not be mailed. */
  kind: 'bad' | 'duplicate' | 'suppressed';
  /** Where the row starts in the file, from 1. */
  line: number;
  /** The header of the column that is wrong, if it is one column. */
  column: string | null;
  reason: string;
  /** The row as written, cut to 500 characters. */
  row: string;
}

export interface ImportResult {
  /** Rows read, without the header and empty lines. */
  rows: number;
  /** People who are on the list now and were not before. */
  added: number;
  /** People who were on the list, and about whom the file knew something new. */
  updated: number;
  unchanged: number;
  duplicates: number;
  suppressed: number;
  badRows: number;
  /** The first 1,000 bad rows; `onProblem` gets them all. */
  bad: ImportProblem[];
  /** The first 1,000 duplicates and suppressed addresses. */
  notTaken: ImportProblem[];
  /** Headers of the columns that were not used. */
  ignoredColumns: string[];
}

const batchSize = 2_000;
const keptProblems = 1_000;

interface Row {
  line: number;
  raw: string;
  address: Address;
  name: string | undefined;
  topics: string[] | undefined;
  language: string | undefined;
  timeZone: string | undefined;
  frequency: string | undefined;
}

/**
 * Reads subscribers from a CSV file into a list, in constant memory. Rows that cannot be used are reported and the
 * others go in; a suppressed, erased or unsubscribed address is never brought back. Importing a file again changes
 * nothing.
 * @param file the bytes of the file: UTF-8, UTF-16 or Windows-1252, with commas, semicolons, tabs or bars
 * @throws UserError if the file as a whole cannot be used: no header, no rows, no consent, no such list
 */
export async function importSubscribers(
  context: Pick<Context, 'db' | 'clock'>,
  file: AsyncIterable<Uint8Array>,
  options: ImportOptions,
): Promise<ImportResult> {
  const list = await findList(context, options.list);
  if (options.consent.trim() === '')
    throw new UserError('Say how these people agreed to be mailed.', {
      code: 'usage',
      hint: 'For example: --consent "Signed up at the spring fair, forms kept in the office"',
    });
  const tally = new Tally(options);

  // The temporary tables belong to one connection.
  await context.db.connection().execute(async (db) => {
    await createTemporaryTables(db);
    const storing = {
      db,
      now: context.clock.now(),
      listId: list.id,
      confirmed: options.confirmed !== false,
      evidence: { consent: options.consent.trim(), ...(options.fileName && { file: options.fileName }) },
    };
    let batch: Row[] = [];
    const store = async () => {
      if (batch.length === 0) return;
      try {
        await storeBatch(storing, batch, tally);
      } catch (error) {
        throw new UserError(
          `The import stopped before line ${batch[0]?.line}: ${messageOf(error)}. Everything above that line is in.`,
          { code: 'import', cause: error, hint: 'Run it again: rows that are in already are passed over.' },
        );
      }
      batch = [];
      options.onProgress?.(tally.result.rows);
    };
    try {
      for await (const { rows, columns } of rowsOf(file, options.map ?? {}, tally)) {
        tally.result.ignoredColumns = columns.ignored;
        for (const row of rows) if (batch.push(row) >= batchSize) await store();
      }
      await store();
    } finally {
      await dropTemporaryTables(db).catch(() => {});
    }
  });
  tally.result.bad.sort((a, b) => a.line - b.line);
  tally.result.notTaken.sort((a, b) => a.line - b.line);
  return tally.result;
}

/** Counts what becomes of the rows. */
class Tally {
  readonly result: ImportResult = {
    rows: 0,
    added: 0,
    updated: 0,
    unchanged: 0,
    duplicates: 0,
    suppressed: 0,
    badRows: 0,
    bad: [],
    notTaken: [],
    ignoredColumns: [],
  };
  readonly #onProblem: ImportOptions['onProblem'];

  constructor(options: ImportOptions) {
    this.#onProblem = options.onProblem;
  }

  report(
    kind: ImportProblem['kind'],
    row: { line: number; raw: string },
    reason: string,
    column?: string,
  ): void {
    const problem: ImportProblem = {
      kind,
      line: row.line,
      column: column ?? null,
      reason,
      row: row.raw.length > 500 ? `${row.raw.slice(0, 500)}…` : row.raw,
    };
    this.result[kind === 'bad' ? 'badRows' : kind === 'duplicate' ? 'duplicates' : 'suppressed'] += 1;
    const kept = kind === 'bad' ? this.result.bad : this.result.notTaken;
    if (kept.length < keptProblems) kept.push(problem);
    this.#onProblem?.(problem);
  }
}

/** The rows of the file that can be used; the others are reported. */
async function* rowsOf(
  file: AsyncIterable<Uint8Array>,
  map: Record<string, string>,
  tally: Tally,
): AsyncGenerator<{ rows: Row[]; columns: Columns }> {
  let delimiter: string | undefined;
  let reading: { columns: Columns; reader: RecordReader } | undefined;

  const take = (columns: Columns, found: { records: CsvRecord[]; broken: BrokenRecord[] }) => {
    tally.result.rows += found.records.length + found.broken.length;
    for (const row of found.broken)
      tally.report(
        'bad',
        row,
        row.reason,
        row.column === undefined ? undefined : columns.headers[row.column],
      );
    return { columns, rows: found.records.flatMap((record) => toRow(record, columns, tally) ?? []) };
  };

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
      // Excel's own way of naming the separator.
      const separator = /^sep=(.)$/i.exec(line.text.trim());
      if (separator?.[1] && delimiter === undefined) {
        delimiter = separator[1];
        continue;
      }
      const columns = readHeader(line.text, map, delimiter);
      const reader = new RecordReader({
        delimiter: columns.delimiter,
        columns: columns.headers.length,
        emailColumn: columns.places.email,
      });
      reading = { columns, reader };
    }
    if (reading && from < lines.length)
      yield take(reading.columns, reading.reader.read(from > 0 ? lines.slice(from) : lines));
  }
  if (!reading)
    throw new UserError('The file is empty.', {
      code: 'header',
      hint: 'Its first line should name the columns, as in: email,name',
    });
  yield take(reading.columns, reading.reader.read([], true));
}

/** Checks the values of a record; reports it and returns undefined if it cannot be used. */
function toRow(record: CsvRecord, columns: Columns, tally: Tally): Row | undefined {
  const bad = (reason: string, column?: string) => {
    tally.report('bad', record, reason, column);
    return undefined;
  };
  if (record.raw.includes('\0')) return bad('the row contains a NUL byte');
  const surplus = record.cells.slice(columns.headers.length);
  if (surplus.some((cell) => cell.trim() !== ''))
    return bad(
      `the row has ${record.cells.length.toLocaleString('en')} columns, the first line names ${columns.headers.length}`,
    );

  const cell = (field: ImportField): string | undefined => {
    const place = columns.places[field];
    const value = place === undefined ? undefined : record.cells[place]?.trim();
    return value === '' ? undefined : value;
  };
  let reading: ImportField = 'email';
  // Remembers which field is read, so that what it throws can be put down to its column.
  const read = <T>(field: ImportField, parse: (text: string) => T): T | undefined => {
    reading = field;
    const text = cell(field);
    return text === undefined ? undefined : parse(text);
  };
  try {
    const address = parseAddress(cell('email') ?? '');
    const names = [cell('first name'), cell('last name')].filter(Boolean).join(' ');
    return {
      line: record.line,
      raw: record.raw,
      address,
      name: cleanName(cell('name') ?? names),
      topics: read('topics', (text) => cleanTopics(text.split(/[,;|]/))),
      language: read('language', parseLanguage),
      timeZone: read('time zone', parseTimeZone),
      frequency: read('frequency', parseFrequency),
    };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return bad(error.message, columns.headers[columns.places[reading] ?? 0]);
  }
}

interface Storing {
  db: Kysely<DB>;
  now: Date;
  listId: number;
  confirmed: boolean;
  evidence: { consent: string; file?: string };
}

async function createTemporaryTables(db: Kysely<DB>): Promise<void> {
  // A connection from the pool may have been used for an import that failed.
  await dropTemporaryTables(db);
  // Which addresses the file has had, so that a file of any length needs no memory here.
  await sql`create temporary table import_seen (email_hash bytea primary key, line bigint not null)`.execute(
    db,
  );
  await sql`
    create temporary table import_rows (
      line bigint not null,
      email text not null,
      email_key text not null,
      email_hash bytea not null,
      name text,
      language text,
      time_zone text,
      frequency text,
      topics text[],
      subscriber_id bigint
    ) on commit delete rows`.execute(db);
}

async function dropTemporaryTables(db: Kysely<DB>): Promise<void> {
  await sql`drop table if exists pg_temp.import_seen, pg_temp.import_rows`.execute(db);
}

/** Stores rows, all or none, in a handful of statements however many they are. */
async function storeBatch(storing: Storing, batch: Row[], tally: Tally): Promise<void> {
  const byHash = new Map<string, Row>();
  const repeated: { row: Row; hash: string }[] = [];
  for (const row of batch) {
    const hash = row.address.hash.toString('hex');
    if (byHash.has(hash)) repeated.push({ row, hash });
    else byHash.set(hash, row);
  }
  const byLine = new Map([...byHash.values()].map((row) => [row.line, row]));
  const outcome = await storing.db
    .transaction()
    .execute((trx) => storeRows({ ...storing, db: trx }, [...byHash.values()]));

  for (const { row, hash } of repeated)
    tally.report('duplicate', row, `the address stands in line ${byHash.get(hash)?.line} already`);
  for (const { line, first } of outcome.seen) {
    const row = byLine.get(line);
    if (row) tally.report('duplicate', row, `the address stands in line ${first} already`);
  }
  for (const { line, reason } of outcome.blocked) {
    const row = byLine.get(line);
    if (row)
      tally.report('suppressed', row, suppressedBecause[reason] ?? `the address is suppressed (${reason})`);
  }
  const taken = byHash.size - outcome.seen.length - outcome.blocked.length;
  tally.result.added += outcome.added.size;
  tally.result.updated += outcome.updated.size;
  tally.result.unchanged += taken - outcome.added.size - outcome.updated.size;
}

const suppressedBecause: Record<string, string> = {
  bounce: 'mail to the address came back before',
  complaint: 'the person reported our mail as spam',
  unsubscribe: 'the person unsubscribed',
  erasure: 'the person asked to be erased',
  manual: 'an admin stopped mail to the address',
};

async function storeRows(
  { db, now, listId, confirmed, evidence }: Storing,
  rows: Row[],
): Promise<{
  seen: { line: number; first: number }[];
  blocked: { line: number; reason: string }[];
  added: Set<number>;
  updated: Set<number>;
}> {
  // A batch meets the big tables by their unique keys only. Statistics lag behind an import, and without this the
  // planner would come to read every subscriber for each batch.
  await sql`set local enable_hashjoin = off`.execute(db);
  await sql`set local enable_mergejoin = off`.execute(db);
  const input = rows.map(({ line, address, name, language, timeZone, frequency, topics }) => ({
    line,
    email: address.email,
    email_key: address.key,
    hash: address.hash.toString('hex'),
    name,
    language,
    time_zone: timeZone,
    frequency,
    topics,
  }));
  await sql`
    insert into import_rows (line, email, email_key, email_hash, name, language, time_zone, frequency, topics)
    select line, email, email_key, decode(hash, 'hex'), name, language, time_zone, frequency, topics
    from jsonb_to_recordset(${JSON.stringify(input)}::jsonb) as input (
      line bigint, email text, email_key text, hash text, name text, language text, time_zone text,
      frequency text, topics text[])`.execute(db);
  const seen = await sql<{ line: number; first: number }>`
    delete from import_rows using import_seen
    where import_seen.email_hash = import_rows.email_hash
    returning import_rows.line, import_seen.line as first`.execute(db);
  await sql`insert into import_seen select email_hash, line from import_rows`.execute(db);

  // Who left the list counts as suppressed even if the suppression was lifted: only they can come back.
  const blocked = await sql<{ line: number; reason: string }>`
    select distinct on (line) line, reason
    from (
      select line, reason
      from import_rows join suppressions using (email_hash)
      where (list_id is null or list_id = ${listId}) and (expires_at is null or expires_at > ${now})
      union all
      select line, 'unsubscribe'
      from import_rows
      where 'unsubscribed' = (
        select state
        from subscribers join subscriptions on subscriptions.subscriber_id = subscribers.id
        where subscribers.email_key = import_rows.email_key and list_id = ${listId})
    ) reasons
    order by line, reason = 'unsubscribe'`.execute(db);
  if (blocked.rows.length > 0)
    await sql`
      delete from import_rows
      where line = any(${blocked.rows.map(({ line }) => line)}::bigint[])`.execute(db);

  // In the order of the key, so that two imports at once wait for each other instead of deadlocking. The rows stay
  // locked until the end, so nobody else changes these subscriptions meanwhile.
  const changedPeople = await sql<{ email_key: string }>`
      insert into subscribers as s
        (email, email_key, email_hash, name, language, time_zone, created_at, updated_at)
      select email, email_key, email_hash, name, language, time_zone, ${now}, ${now}
      from import_rows order by email_key
      on conflict (email_key) do update set
        name = coalesce(excluded.name, s.name),
        language = coalesce(excluded.language, s.language),
        time_zone = coalesce(excluded.time_zone, s.time_zone),
        updated_at = excluded.updated_at
      where (s.name, s.language, s.time_zone) is distinct from
        (coalesce(excluded.name, s.name), coalesce(excluded.language, s.language),
         coalesce(excluded.time_zone, s.time_zone))
      returning email_key`.execute(db);
  const identified = await sql<{ line: number; subscriber_id: number; email_key: string }>`
    update import_rows set subscriber_id = subscribers.id
    from subscribers where subscribers.email_key = import_rows.email_key
    returning line, subscriber_id, import_rows.email_key`.execute(db);
  const lineOfKey = new Map(identified.rows.map((row) => [row.email_key, row.line]));
  const lineOfPerson = new Map(identified.rows.map((row) => [row.subscriber_id, row.line]));

  const changed = await sql<{ line: number; confirmed_now: boolean }>`
    update subscriptions u set
      state = case when ${confirmed} then 'confirmed' else u.state end,
      confirmed_at = case when ${confirmed} and u.state = 'pending' then ${now} else u.confirmed_at end,
      frequency = coalesce(r.frequency, u.frequency),
      topics = coalesce(r.topics, u.topics),
      updated_at = ${now}
    from import_rows r
    where u.subscriber_id = r.subscriber_id and u.list_id = ${listId} and u.state <> 'unsubscribed'
      and ((${confirmed} and u.state = 'pending')
        or u.frequency <> coalesce(r.frequency, u.frequency)
        or u.topics <> coalesce(r.topics, u.topics))
    returning r.line, u.confirmed_at is not distinct from ${now}::timestamptz as confirmed_now`.execute(db);
  const added = await sql<{ subscriber_id: number }>`
      insert into subscriptions
        (subscriber_id, list_id, state, frequency, topics, confirmed_at, created_at, updated_at)
      select subscriber_id, ${listId}, case when ${confirmed} then 'confirmed' else 'pending' end,
        coalesce(frequency, 'every'), coalesce(topics, '{}'), case when ${confirmed} then ${now}::timestamptz end,
        ${now}, ${now}
      from import_rows
      on conflict do nothing
      returning subscriber_id`.execute(db);

  const addedLines = new Set(added.rows.map((row) => lineOfPerson.get(row.subscriber_id) ?? 0));
  const consenting = [
    ...addedLines,
    ...changed.rows.filter((row) => row.confirmed_now).map(({ line }) => line),
  ];
  await sql`
    insert into consent_log (email_hash, list_id, act, at, via, evidence)
    select email_hash, ${listId}, ${confirmed ? 'imported' : 'requested'}, ${now}, 'import',
      ${JSON.stringify(evidence)}::jsonb || jsonb_build_object('line', line)
    from import_rows where line = any(${consenting}::bigint[])`.execute(db);

  const updatedLines = [
    ...changedPeople.rows.map((row) => lineOfKey.get(row.email_key) ?? 0),
    ...changed.rows.map(({ line }) => line),
  ].filter((line) => !addedLines.has(line));
  return { seen: seen.rows, blocked: blocked.rows, added: addedLines, updated: new Set(updatedLines) };
}
