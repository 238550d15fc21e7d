import { createHash } from 'node:crypto';
import type { Context } from '../context.ts';
import { type OwnConnection, ownConnection } from '../db/connect.ts';
import { messageOf, UserError } from '../errors.ts';
import { type FilePart, peek, readRows } from './formats/read.ts';
import { lockImport } from './import/lock.ts';
import { type ImportOptions, type ImportPlan, type ImportStart, planImport } from './import/plan.ts';
import { createImport, endImport, fileStartOf, unfinishedImport } from './import/record.ts';
import { ImportRun } from './import/run.ts';
import { type ImportResult, Tally } from './import/tally.ts';

export type { ImportOptions, ImportStart } from './import/plan.ts';
export type { ImportProblem, ImportResult } from './import/tally.ts';

const fileStartBytes = 65_536;
const previewedRows = 5;

/**
 * Reads subscribers from a file, in constant memory (a workbook is held as a whole). Rows that cannot be used are
 * reported and the others go in; a suppressed, erased or unsubscribed address is never brought back. Importing a file
 * again changes nothing. An import that stopped, however it did, can go on (`resume`), and be undone (`undoImport`).
 * @param file the bytes of the file: CSV in UTF-8, UTF-16 or Windows-1252 with any separator, NDJSON or XLSX, also by gzip
 * @throws UserError if the file as a whole cannot be used: no header, no rows, no consent, no such list
 */
export async function importSubscribers(
  context: Pick<Context, 'db' | 'clock'>,
  file: AsyncIterable<Uint8Array>,
  options: ImportOptions,
): Promise<ImportResult> {
  // Held to the end, by a connection that does nothing else.
  let guard: OwnConnection | undefined;
  const hold = async (id: number) => {
    guard = await ownConnection(context.db);
    await lockImport(guard.db, id);
  };
  try {
    // Before its record is read: a process that was killed may still add to it.
    if (options.resume !== undefined) await hold(options.resume);
    return await importWhole(context, file, options, hold);
  } finally {
    guard?.close();
  }
}

async function importWhole(
  context: Pick<Context, 'db' | 'clock'>,
  file: AsyncIterable<Uint8Array>,
  options: ImportOptions,
  hold: (importId: number) => Promise<void>,
): Promise<ImportResult> {
  const plan = await planImport(context, options);
  const { start, whole } = await peek(file, fileStartBytes);
  const fileStart = createHash('sha256').update(start.subarray(0, fileStartBytes)).digest();
  if (plan.before) await checkSameFile(context, plan.before.id, fileStart);

  const tally = new Tally(options.onProblem);
  if (plan.before) tally.count(plan.before);
  let run: ImportRun | undefined;
  let importId: number | null = plan.before?.id ?? null;
  try {
    for await (const part of readRows(whole, plan.options)) {
      tally.result.service = part.columns.service ?? null;
      tally.result.ignoredColumns = part.columns.ignored;
      if (!run) {
        const isNew = !options.preview && importId === null;
        const unfinished = isNew ? await unfinishedImport(context, { ...plan, fileStart }) : null;
        if (isNew) {
          const { service } = part.columns;
          importId = await createImport(context.db, { ...keptOf(plan), fileStart, service });
          await hold(importId);
        }
        tally.result.importId = importId;
        options.onStart?.(startOf(part, importId, unfinished));
        run = new ImportRun(context, plan, options, importId, tally);
      }
      await run.take(part);
      if (options.signal?.aborted) throw new Stopped();
    }
    await run?.finish();
  } catch (error) {
    await run?.close();
    if (importId === null) throw error;
    // A database that is away cannot be told; the import counts as running then, and can go on all the same.
    if (run) await endImport(context, importId, 'stopped').catch(() => {});
    throw stoppedBecause(error, importId, tally.result.rows);
  }
  await run?.close();
  if (importId !== null) await endImport(context, importId, 'done');
  return tally.finished();
}

/** The import was told to stop. */
class Stopped extends Error {}

function stoppedBecause(error: unknown, importId: number, rows: number): Error {
  if (error instanceof UserError && error.code === 'busy') return error;
  const stored = `${rows.toLocaleString('en')} rows are dealt with`;
  const hint = `Go on with: broadsheet subscribers import FILE --resume ${importId}`;
  const details = { importId, rows };
  if (error instanceof Stopped)
    return new UserError(`Import ${importId} was stopped; ${stored}.`, {
      code: 'interrupted',
      hint,
      details,
    });
  const isListGone = error instanceof UserError && error.code === 'not-found';
  return new UserError(`Import ${importId} stopped: ${messageOf(error).replace(/\.$/, '')}. ${stored}.`, {
    ...{ code: 'import', cause: error, details },
    hint: isListGone ? 'It cannot go on. Import the file into another list, without --resume.' : hint,
  });
}

async function checkSameFile(context: Pick<Context, 'db'>, id: number, fileStart: Buffer): Promise<void> {
  const known = await fileStartOf(context, id);
  if (known && !known.equals(fileStart))
    throw new UserError(`Import ${id} began with another file.`, {
      code: 'file',
      hint: 'Go on with the file as it was, or import this one by itself: without --resume.',
    });
}

const keptOf = ({ listId, mode, fileName, consent, options, at }: ImportPlan) => ({
  ...{ listId, mode, fileName, consent, options, startedAt: at },
});

const startOf = (
  { columns, records }: FilePart,
  importId: number | null,
  unfinished: number | null,
): ImportStart => ({
  headers: columns.headers,
  rows: records.slice(0, previewedRows).map(({ cells }) => cells),
  service: columns.service ?? null,
  importId,
  unfinished,
});
