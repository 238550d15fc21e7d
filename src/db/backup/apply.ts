import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { messageOf, UserError } from '../../errors.ts';
import { rowsIn } from './format.ts';
import type { BackupPart } from './read.ts';

/**
 * Runs the parts of a backup, one after the other.
 * @param onProgress called after each piece with the rows that are in by then
 * @returns rows by table, as the backup names them
 * @throws UserError with the statement that failed
 */
export async function applyBackup(
  client: pg.ClientBase,
  parts: AsyncIterable<BackupPart>,
  { onProgress, signal }: { onProgress?(rows: number): void; signal?: AbortSignal } = {},
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  let total = 0;
  for await (const { statement, rows } of parts) {
    signal?.throwIfAborted();
    try {
      if (!rows) {
        await client.query(statement);
        continue;
      }
      const stream = client.query(copyFrom(statement));
      const counted = async function* () {
        for await (const piece of rows) {
          yield piece;
          total += rowsIn(piece);
          onProgress?.(total);
        }
      };
      await pipeline(Readable.from(counted()), stream, ...(signal ? [{ signal }] : []));
      const name = /^copy (\S+) /.exec(statement)?.[1] ?? '';
      counts[name] = stream.rowCount;
    } catch (error) {
      if (error instanceof UserError || signal?.aborted) throw error;
      const { detail } = error as { detail?: string };
      throw new UserError(
        `The database took no "${statement.split('\n')[0]?.slice(0, 120)}": ${messageOf(error)}${detail ? ` (${detail.slice(0, 200)})` : ''}.`,
        { code: 'restore', cause: error },
      );
    }
  }
  return counts;
}
