import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import { to as copyTo } from 'pg-copy-streams';
import { version } from '../../package-root.ts';
import { type DB, ownConnection } from '../connect.ts';
import { firstLine, rowsIn } from './format.ts';
import { dumpSchema } from './schema.ts';

/** What a backup came to. */
export interface Written {
  /** Rows by table. */
  rows: Record<string, number>;
  /** Of the text before it is compressed, in hexadecimal. */
  sha256: string;
  bytes: number;
  /** What of the database is not in it. */
  left: string[];
}

/** How a backup is made. */
export interface BackupOptions {
  /** Stands in the first lines. */
  now: Date;
  /** Called after each piece with the rows that are done. */
  onProgress?(rows: number): void;
  signal?: AbortSignal;
}

/**
 * Writes the whole database as SQL that psql takes too, in pieces: what a snapshot of one moment holds, whatever goes on beside.
 * Each statement ends with a line that is ";" and nothing else.
 * @returns (when it has ended) what it came to
 * @throws UserError if there is nothing, or something that cannot be backed up
 */
export async function* backupPieces(
  db: Kysely<DB>,
  { now, onProgress, signal }: BackupOptions,
): AsyncGenerator<Buffer, Written> {
  const own = await ownConnection(db);
  const { client } = own;
  const hash = createHash('sha256');
  let bytes = 0;
  const piece = (text: string | Buffer): Buffer => {
    const buffer = typeof text === 'string' ? Buffer.from(text) : text;
    hash.update(buffer);
    bytes += buffer.length;
    return buffer;
  };
  try {
    await client.query('begin isolation level repeatable read read only');
    await client.query(`set local search_path = public; set local datestyle = 'ISO, YMD'; set local intervalstyle = 'postgres';
      set local bytea_output = 'hex'; set local extra_float_digits = 3; set local timezone = 'UTC'; set local statement_timeout = 0`);
    const schema = await dumpSchema(client);
    const { rows: server } = await client.query<{ server: string; name: string }>(
      `select current_setting('server_version') as server, current_database() as name`,
    );
    yield piece(
      [
        firstLine,
        `-- Broadsheet ${version}, Postgres ${server[0]?.server}, database ${JSON.stringify(server[0]?.name)}, ${now.toISOString()}`,
        '-- Restore: broadsheet db restore FILE; or into an empty database: gunzip -c FILE | psql -X -v ON_ERROR_STOP=1 DATABASE',
        ...schema.left.map((name) => `-- Not in it: ${name}`),
        '',
      ].join('\n'),
    );
    const settings = [
      'set client_encoding = "UTF8"',
      'set standard_conforming_strings = on',
      'set check_function_bodies = off',
      'set search_path = public',
      `set datestyle = 'ISO, YMD'`,
      `set intervalstyle = 'postgres'`,
      `set timezone = 'UTC'`,
      'set statement_timeout = 0',
    ];
    for (const text of [...settings, ...schema.before]) yield piece(statement(text));

    const rows: Record<string, number> = {};
    let total = 0;
    for (const { name, columns, expressions } of schema.tables) {
      const into = `copy ${name} (${columns.join(', ')}) from stdin`;
      yield piece(statement(into));
      // Of a table as it is Postgres locks no index: with some thousand parts that is what there is room for.
      const what = expressions.every((each, at) => each === columns[at])
        ? `${name} (${columns.join(', ')})`
        : `(select ${expressions.join(', ')} from ${name})`;
      const stream = client.query(copyTo(`copy ${what} to stdout`, { highWaterMark: 1 << 18 }));
      for await (const chunk of stream) {
        signal?.throwIfAborted();
        yield piece(chunk as Buffer);
        total += rowsIn(chunk as Buffer);
        onProgress?.(total);
      }
      yield piece('\\.\n');
      rows[name] = stream.rowCount;
    }
    for (const text of schema.after) yield piece(statement(text));
    // Sequences stand outside of snapshots: read last, they are never behind the rows.
    for (const text of schema.sequences) {
      const { rows: standing } = await client.query<{ statement: string }>(text);
      for (const each of standing) yield piece(statement(each.statement));
    }
    await client.query('commit');
    const sha256 = hash.digest('hex');
    yield Buffer.from(`-- Complete: ${schema.tables.length} tables, ${total} rows, sha256 ${sha256}\n`);
    return { rows, sha256, bytes, left: schema.left };
  } finally {
    own.close();
  }
}

function statement(text: string): string {
  if (/^;$/m.test(text)) throw new Error('A statement of the backup holds a line that would end it.');
  return `${text.replace(/\s+$/, '')}\n;\n`;
}
