import {
  closeSync,
  createReadStream,
  createWriteStream,
  existsSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import type { Context } from '../../context.ts';
import { messageOf, UserError } from '../../errors.ts';
import { type BackupSummary, verifyBackup } from './read.ts';
import { type BackupOptions, backupPieces, type Written } from './write.ts';

/**
 * Writes a backup to a file that only its owner may read. It is there once it is whole: until then it has .part behind its name.
 * @throws UserError if there is such a file, or it cannot be written
 */
export async function writeBackup(
  { db }: Pick<Context, 'db'>,
  file: string,
  options: BackupOptions,
): Promise<Written> {
  if (existsSync(file))
    throw new UserError(`There is a file ${file} already.`, {
      code: 'file',
      hint: 'Give another name, or move it away.',
    });
  const part = `${file}.part`;
  let written: Written | undefined;
  const pieces = async function* () {
    written = yield* backupPieces(db, options);
  };
  try {
    await pipeline(
      Readable.from(pieces(), { objectMode: true, highWaterMark: 4 }),
      createGzip({ level: 4 }),
      createWriteStream(part, { mode: 0o600 }),
    );
    const opened = openSync(part, 'r');
    fsyncSync(opened);
    closeSync(opened);
    renameSync(part, file);
  } catch (error) {
    rmSync(part, { force: true });
    if (options.signal?.aborted || !(error as NodeJS.ErrnoException).syscall) throw error;
    throw new UserError(`The file cannot be written: ${messageOf(error)}.`, { code: 'file', cause: error });
  }
  if (!written) throw new Error('The backup ended before all was written.');
  return written;
}

/** Reads a backup's file, decompressed. */
export async function* readBackup(file: string): AsyncGenerator<Buffer> {
  const unzipped = createGunzip();
  createReadStream(file)
    .on('error', (error) => unzipped.destroy(error))
    .pipe(unzipped);
  try {
    for await (const piece of unzipped) yield piece as Buffer;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new UserError(`There is no file ${file}.`, { code: 'file' });
    const why = code === 'Z_BUF_ERROR' ? 'it was cut off' : messageOf(error);
    throw new UserError(`The backup ${file} cannot be read: ${why}.`, {
      code: 'backup',
      hint: 'It is a file that "broadsheet db backup" wrote, as it was. Take another one, or copy the file again.',
      cause: error,
    });
  }
}

/** Reads a backup to its end. @throws UserError if it is none, was cut off or changed */
export const verifyFile = (file: string): Promise<BackupSummary> => verifyBackup(readBackup(file));
