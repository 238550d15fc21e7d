import { createHash } from 'node:crypto';
import { UserError } from '../../errors.ts';
import { firstLine, lastLine } from './format.ts';

/** A part of a backup: a statement, or one that takes rows in, with the pieces of them. The pieces must be read. */
export type BackupPart = { statement: string; rows?: AsyncIterable<Buffer> };

/** What a whole backup says of itself. */
export interface BackupSummary {
  /** Its second line: versions, database, time. */
  about: string;
  tables: number;
  rows: number;
}

const newline = 0x0a;
const endOfRows = Buffer.from('\\.\n');
const longestTail = 200;

/**
 * Reads a backup to its end without using it.
 * @param pieces what is decompressed
 * @throws UserError if it is no backup, was cut off, or was changed
 */
export async function verifyBackup(pieces: AsyncIterable<Buffer>): Promise<BackupSummary> {
  const hash = createHash('sha256');
  let head = '';
  // The last line is not part of what is summed: so many bytes are held back.
  let tail: Buffer = Buffer.alloc(0);
  for await (const piece of pieces) {
    if (head.length < 1000) {
      head += piece.subarray(0, 1000).toString('utf8');
      if (head.length >= firstLine.length && !head.startsWith(firstLine)) throw notABackup();
    }
    const all = Buffer.concat([tail, piece]);
    const kept = Math.max(0, all.length - longestTail);
    hash.update(all.subarray(0, kept));
    tail = all.subarray(kept);
  }
  if (!head.startsWith(firstLine)) throw notABackup();
  const at = tail.lastIndexOf('\n-- Complete: ');
  const found =
    at < 0
      ? undefined
      : lastLine.exec(
          tail
            .subarray(at + 1)
            .toString('utf8')
            .trimEnd(),
        );
  if (!found)
    throw new UserError('The backup is not whole: its last line is missing.', {
      code: 'backup',
      hint: 'Take another one, or copy the file again.',
    });
  hash.update(tail.subarray(0, at + 1));
  if (hash.digest('hex') !== found[3])
    throw new UserError('The backup was changed or damaged: its checksum does not match.', {
      code: 'backup',
      hint: 'Take another one, or copy the file again.',
    });
  return {
    about: (head.split('\n')[1] ?? '').replace(/^-- /, ''),
    tables: Number(found[1]),
    rows: Number(found[2]),
  };
}

const notABackup = () =>
  new UserError('The file is no backup that "broadsheet db backup" made.', {
    code: 'backup',
    hint: 'What pg_dump made is restored with pg_restore or psql, into an empty database that DATABASE_URL then names.',
  });

/** Takes a backup apart. @param pieces what is decompressed */
export async function* backupParts(pieces: AsyncIterable<Buffer>): AsyncGenerator<BackupPart> {
  const source = new Pieces(pieces);
  let lines: string[] = [];
  try {
    for (let line = await source.line(); line !== undefined; line = await source.line()) {
      if (lines.length === 0 && (line === '' || line.startsWith('-- '))) continue;
      if (line !== ';') {
        lines.push(line);
        continue;
      }
      const statement = lines.join('\n');
      lines = [];
      if (/^copy .* from stdin$/.test(statement)) yield { statement, rows: source.rows() };
      else yield { statement };
    }
  } finally {
    await source.close();
  }
}

/** A stream that is read by lines, and now and then by what lies between them. */
class Pieces {
  readonly #source: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(pieces: AsyncIterable<Buffer>) {
    this.#source = pieces[Symbol.asyncIterator]();
  }

  /** Ends the source, if it has not ended. */
  async close(): Promise<void> {
    await this.#source.return?.();
  }

  async #more(): Promise<boolean> {
    const { done, value } = await this.#source.next();
    if (done) return false;
    this.#rest = this.#rest.length === 0 ? value : Buffer.concat([this.#rest, value]);
    return true;
  }

  /** The next line without its end; undefined after the last. */
  async line(): Promise<string | undefined> {
    let at = this.#rest.indexOf(newline);
    while (at < 0) {
      if (!(await this.#more())) return undefined;
      at = this.#rest.indexOf(newline);
    }
    const line = this.#rest.subarray(0, at).toString('utf8');
    this.#rest = this.#rest.subarray(at + 1);
    return line;
  }

  /** Everything up to a line that is "\." alone, in pieces of whole lines. */
  async *rows(): AsyncGenerator<Buffer> {
    for (;;) {
      // At the start of a line here.
      if (this.#rest.subarray(0, endOfRows.length).equals(endOfRows)) {
        this.#rest = this.#rest.subarray(endOfRows.length);
        return;
      }
      const end = this.#rest.indexOf('\n\\.\n');
      if (end >= 0) {
        yield this.#rest.subarray(0, end + 1);
        this.#rest = this.#rest.subarray(end + 1 + endOfRows.length);
        return;
      }
      // What follows the last whole line may be half of the end.
      const whole = this.#rest.lastIndexOf(newline);
      if (whole >= 0) {
        yield this.#rest.subarray(0, whole + 1);
        this.#rest = this.#rest.subarray(whole + 1);
      }
      if (!(await this.#more()))
        throw new UserError('The backup is not whole: it ends within a table.', { code: 'backup' });
    }
  }
}
