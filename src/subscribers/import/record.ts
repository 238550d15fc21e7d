import type { Kysely } from 'kysely';
import type { Context } from '../../context.ts';
import type { DB } from '../../db/schema.ts';
import { UserError } from '../../errors.ts';
import type { ImportMode } from './modes.ts';
import type { ImportCounts } from './tally.ts';

/** How a file is read and what is done with its rows; kept, so that an import goes on as it began. */
export interface KeptOptions {
  map?: Record<string, string>;
  keepColumns?: boolean;
  delimiter?: string;
  format?: string;
  tags?: string[];
  confirmed?: boolean;
  checkMx?: boolean;
  /** It was begun for every list. Otherwise one without a list has lost it. */
  allLists?: boolean;
}

/** An import as it is kept. */
export interface ImportRecord extends ImportCounts {
  id: number;
  /** The list's short name; null: all lists, or the list is gone. */
  list: string | null;
  listId: number | null;
  mode: ImportMode;
  /** Running also if its process was killed; stopped, undoing: it can go on. */
  state: 'running' | 'stopped' | 'done' | 'undoing' | 'undone';
  fileName: string | null;
  consent: string | null;
  options: KeptOptions;
  /** The line up to which each of its connections has stored its rows. */
  storedThrough: number[];
  startedAt: Date;
  finishedAt: Date | null;
  undoneAt: Date | null;
}

/** Writes down that an import begins. @returns its id */
export async function createImport(
  db: Kysely<DB>,
  values: Pick<ImportRecord, 'listId' | 'mode' | 'fileName' | 'consent' | 'options' | 'startedAt'> & {
    fileStart: Buffer;
    service: string | undefined;
  },
): Promise<number> {
  const { id } = await db
    .insertInto('imports')
    .values({
      list_id: values.listId,
      mode: values.mode,
      file_name: values.fileName,
      file_start: values.fileStart,
      format: values.service ?? null,
      consent: values.consent,
      options: JSON.stringify(values.options),
      started_at: values.startedAt,
      updated_at: values.startedAt,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

/** Writes down that an import ended, by itself or before its time. */
export async function endImport(
  context: Pick<Context, 'db' | 'clock'>,
  id: number,
  state: 'stopped' | 'done',
): Promise<void> {
  const now = context.clock.now();
  await context.db
    .updateTable('imports')
    .set({ state, updated_at: now, ...(state === 'done' && { finished_at: now }) })
    .where('id', '=', id)
    .execute();
}

/** The imports there were, the latest first. @param limit 50 if not given @param before only those with a lower id */
export async function listImports(
  context: Pick<Context, 'db'>,
  limit = 50,
  before?: number,
): Promise<ImportRecord[]> {
  const rows = await imports(context.db)
    .$if(before !== undefined, (query) => query.where('i.id', '<', before as number))
    .orderBy('i.id', 'desc')
    .limit(limit)
    .execute();
  return rows.map(recordOf);
}

/** @throws UserError if there is no such import */
export async function findImport(context: Pick<Context, 'db'>, id: number): Promise<ImportRecord> {
  const row = await imports(context.db).where('i.id', '=', id).executeTakeFirst();
  if (row) return recordOf(row);
  throw new UserError(`There is no import ${id}.`, {
    code: 'not-found',
    hint: 'See which there were with: broadsheet subscribers imports',
  });
}

/** The SHA-256 of the start of an import's file. */
export async function fileStartOf(context: Pick<Context, 'db'>, id: number): Promise<Buffer | null> {
  const row = await context.db
    .selectFrom('imports')
    .select('file_start')
    .where('id', '=', id)
    .executeTakeFirst();
  return row?.file_start ?? null;
}

/** The latest import of a file that did not come to its end, in the same way and to the same list; null if there is none. */
export async function unfinishedImport(
  context: Pick<Context, 'db'>,
  { fileStart, mode, listId }: { fileStart: Buffer; mode: ImportMode; listId: number | null },
): Promise<number | null> {
  const found = await context.db
    .selectFrom('imports')
    .select('id')
    .where('file_start', '=', fileStart)
    .where('mode', '=', mode)
    .where('list_id', 'is not distinct from', listId)
    .where('state', 'in', ['running', 'stopped'])
    .orderBy('id', 'desc')
    .executeTakeFirst();
  return found?.id ?? null;
}

/** Writes down, before any row is stored, how many connections an import's rows are shared out to. */
export async function recordLanes(context: Pick<Context, 'db'>, id: number, lanes: number): Promise<void> {
  await context.db
    .updateTable('imports')
    .set({ stored_through: Array.from({ length: lanes }, () => 0) })
    .where('id', '=', id)
    .execute();
}

const imports = (db: Kysely<DB>) =>
  db.selectFrom('imports as i').leftJoin('lists as l', 'l.id', 'i.list_id').selectAll('i').select('l.slug');

type ImportRow = Awaited<ReturnType<ReturnType<typeof imports>['executeTakeFirstOrThrow']>>;

const recordOf = (row: ImportRow): ImportRecord => ({
  ...{ id: row.id, list: row.slug, listId: row.list_id },
  mode: row.mode as ImportMode,
  state: row.state as ImportRecord['state'],
  ...{ fileName: row.file_name, consent: row.consent, options: row.options as KeptOptions },
  storedThrough: row.stored_through.map((line) => Number(line ?? 0)),
  ...{ rows: row.rows, added: row.added, updated: row.updated, unchanged: row.unchanged },
  ...{
    duplicates: row.duplicates,
    suppressed: row.suppressed,
    passedOver: row.passed_over,
    badRows: row.bad,
  },
  ...{ startedAt: row.started_at, finishedAt: row.finished_at, undoneAt: row.undone_at },
});
