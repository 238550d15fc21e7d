import { type RawBuilder, type SqlBool, sql } from 'kysely';
import pg from 'pg';
import type { Context } from '../context.ts';
import { type OwnConnection, ownConnection } from '../db/connect.ts';
import { UserError } from '../errors.ts';
import { csvCell } from './csv/cells.ts';
import { findList } from './lists.ts';

/** Columns that an export can have. With `field.NAME` a custom field can be one as well. */
export const exportColumns = [
  'id',
  'email',
  'name',
  'language',
  'time zone',
  'frequency',
  'topics',
  'muted topics',
  'tags',
  'state',
  'confirmed at',
  'unsubscribed at',
  'lists',
  'created at',
  'fields',
] as const;
export type ExportColumn = (typeof exportColumns)[number];

/** Columns that are about one subscription, and so need a list. */
const ofList: readonly string[] = [
  'frequency',
  'topics',
  'muted topics',
  'state',
  'confirmed at',
  'unsubscribed at',
];
const usual = {
  list: ['email', 'name', 'language', 'time zone', 'frequency', 'topics', 'tags', 'state', 'fields'],
  all: ['email', 'name', 'language', 'time zone', 'tags', 'lists', 'fields'],
};

export interface ExportOptions {
  /** Slug or id: a row for each subscription to it. Without, a row for each person. */
  list?: string | number;
  /** Only subscriptions in this state; without a list, people who have one in it. */
  state?: 'pending' | 'confirmed' | 'unsubscribed';
  /** A condition on the table alias `subscribers`, such as a segment's. */
  where?: RawBuilder<SqlBool>;
  /** Those that an import reads back, if not given. */
  columns?: string[];
  format?: 'csv' | 'ndjson';
  /** Called with the number of rows that were handed on so far. */
  onProgress?: (rows: number) => void;
}

const rowsAtOnce = 1_000;

/**
 * Writes out subscribers as CSV or NDJSON, in the order of their ids, as they were at one moment and in constant memory.
 * What is written, an import reads back unchanged. Cells that a spreadsheet would take for a formula get an apostrophe.
 * @returns pieces of text of a few thousand rows
 * @throws UserError if there is no such list or column
 */
export async function* exportSubscribers(
  context: Pick<Context, 'db'>,
  options: ExportOptions,
): AsyncGenerator<string> {
  const list = options.list === undefined ? undefined : await findList(context, options.list);
  const columns = checkColumns(options.columns ?? (list ? usual.list : usual.all), list !== undefined);
  const toLine = options.format === 'ndjson' ? ndjsonLine(columns) : csvLine;
  const connection = await ownConnection(context.db);
  try {
    if (options.format !== 'ndjson') yield csvLine(columns);
    yield* rowsOf(connection, query(columns, list?.id, options), toLine, options.onProgress);
  } finally {
    connection.close();
  }
}

async function* rowsOf(
  { client, db }: OwnConnection,
  select: RawBuilder<unknown>,
  toLine: (cells: unknown[]) => string,
  onProgress?: (rows: number) => void,
): AsyncGenerator<string> {
  // A cursor sees what was there when it was opened, and holds up nobody.
  await client.query('begin read only');
  await sql`declare exported no scroll cursor for ${select}`.execute(db);
  const fetchNext = () => {
    const fetching = client.query<unknown[]>({
      text: `fetch ${rowsAtOnce} from exported`,
      rowMode: 'array',
      types: { getTypeParser: parserOf },
    });
    // Whoever waits for it is told; if nobody wants more, nobody needs to know.
    fetching.catch(() => {});
    return fetching;
  };
  let done = 0;
  for (let coming = fetchNext(); ; ) {
    const { rows } = await coming;
    if (rows.length === 0) break;
    // Postgres gets the next ones while these are written out.
    coming = fetchNext();
    done += rows.length;
    yield rows.map(toLine).join('');
    onProgress?.(done);
  }
  await client.query('commit');
}

const textArrays = 1009;

/** Parsers of values, with a short way for arrays of plain words: nearly all topics and tags are such, or empty. */
const parserOf: typeof pg.types.getTypeParser = (type: number, format?: 'text' | 'binary') => {
  const usual = pg.types.getTypeParser(type, format as 'text');
  if (type !== textArrays) return usual;
  return (text: string) => {
    if (text === '{}') return [];
    return /^\{[\w,-]+\}$/.test(text) && !/\bnull\b/i.test(text) ? text.slice(1, -1).split(',') : usual(text);
  };
};

/** How many rows an export has, for telling how far it is. */
export async function countExported(
  context: Pick<Context, 'db'>,
  options: Pick<ExportOptions, 'list' | 'state' | 'where'>,
): Promise<number> {
  const list = options.list === undefined ? undefined : await findList(context, options.list);
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count ${rowsWanted(list?.id, options)}`.execute(context.db);
  return rows[0]?.count ?? 0;
}

function query(columns: string[], listId: number | undefined, options: ExportOptions): RawBuilder<unknown> {
  const selected = columns.map((column) => sql`${selectedColumn(column)}`);
  return sql`select ${sql.join(selected)} ${rowsWanted(listId, options)} order by subscribers.id`;
}

function rowsWanted(
  listId: number | undefined,
  { state, where }: Pick<ExportOptions, 'state' | 'where'>,
): RawBuilder<unknown> {
  const conditions = [
    ...(state === undefined
      ? []
      : [
          listId === undefined
            ? sql`exists (select from subscriptions u where u.subscriber_id = subscribers.id and u.state = ${state})`
            : sql`u.state = ${state}`,
        ]),
    ...(where ? [sql`(${where})`] : []),
  ];
  const joined =
    listId === undefined
      ? sql``
      : sql`join subscriptions u on u.subscriber_id = subscribers.id and u.list_id = ${listId}`;
  return sql`
    from subscribers ${joined}
    ${conditions.length > 0 ? sql`where ${sql.join(conditions, sql` and `)}` : sql``}`;
}

function selectedColumn(column: string): RawBuilder<unknown> {
  if (column.startsWith('field.')) return sql`subscribers.fields -> ${column.slice(6)}`;
  if (column === 'lists')
    return sql`array(
      select l.slug || ' (' || s.state || ')' from subscriptions s join lists l on l.id = s.list_id
      where s.subscriber_id = subscribers.id order by l.slug)`;
  if (column === 'fields') return sql`nullif(subscribers.fields, '{}')`;
  const name = column.replaceAll(' ', '_');
  return sql`${sql.ref(ofList.includes(column) ? `u.${name}` : `subscribers.${name}`)}`;
}

function checkColumns(columns: string[], hasList: boolean): string[] {
  return columns.map((given) => {
    const column = given.trim().replace(/^field\./i, 'field.');
    if (/^field\..+/.test(column)) return column;
    const plain = column.toLowerCase().replaceAll('_', ' ');
    if (!exportColumns.some((name) => name === plain))
      throw new UserError(`"${given}" is no column of an export.`, {
        code: 'usage',
        hint: `There are ${exportColumns.join(', ')}, and field.NAME.`,
      });
    if (!hasList && ofList.includes(plain))
      throw new UserError(`The column "${plain}" is about one list.`, {
        code: 'usage',
        hint: 'Name the list with --list.',
      });
    return plain;
  });
}

const csvLine = (cells: readonly unknown[]): string =>
  `${cells.map((cell) => csvCell(textOf(cell))).join(',')}\n`;

/** A value as a cell's text. An import reads all of them back. */
function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value) && value.every((each) => typeof each === 'string'))
    // What would be taken apart at its own commas is written as JSON.
    return value.some((each) => /[,;|"[\]]|^\s|\s$/.test(each)) ? JSON.stringify(value) : value.join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

const ndjsonLine = (columns: string[]) => (cells: unknown[]) => {
  const line: Record<string, unknown> = {};
  for (const [index, column] of columns.entries())
    if (cells[index] !== null) line[column.replaceAll(' ', '_')] = cells[index];
  return `${JSON.stringify(line)}\n`;
};
