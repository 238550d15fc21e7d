import type pg from 'pg';
import { UserError } from '../../errors.ts';

/** A table with rows of its own: partitioned ones have none. */
export interface DumpedTable {
  /** Quoted, with its schema. */
  name: string;
  /** What COPY names, in order; columns that are generated are not among them. */
  columns: string[];
  /** What COPY writes, an expression each. */
  expressions: string[];
}

/** What is in a database, as statements that make it anew. */
export interface DumpedSchema {
  /** To be run before the rows: extensions, functions, tables. */
  before: string[];
  tables: DumpedTable[];
  /** To be run after the rows: keys, indexes, partitions, triggers. */
  after: string[];
  /** Statements that read the sequences' standing; each gives a statement to be run after the rows. */
  sequences: string[];
  /** What is not dumped, and for whom that matters, such as a view of one's own. */
  left: string[];
}

interface TableRow {
  oid: number;
  name: string;
  kind: 'r' | 'p';
  unlogged: boolean;
  key: string | null;
  parent: string | null;
  bound: string | null;
  options: string | null;
}

interface ColumnRow {
  oid: number;
  name: string;
  type: string;
  collation: string | null;
  required: boolean;
  identity: '' | 'a' | 'd';
  generated: '' | 's' | 'v';
  value: string | null;
}

// What an extension brought is made by the extension.
const notOfExtensions = (catalog: string, oid: string) =>
  `not exists (select from pg_depend e where e.classid = '${catalog}'::regclass and e.objid = ${oid} and e.deptype = 'e')`;

/**
 * Reads what the schema "public" holds out of the catalogues, which pg_dump does too: the embedded server comes without it.
 * @param client in a transaction that sees one state; the tables are locked against being dropped until it ends
 * @throws UserError naming what cannot be dumped
 */
export async function dumpSchema(client: pg.ClientBase): Promise<DumpedSchema> {
  const all = async <Row extends pg.QueryResultRow>(text: string) => (await client.query<Row>(text)).rows;
  await refuseUnknown(all);
  const tables = await all<TableRow>(`
    select c.oid::bigint as oid, format('%I.%I', n.nspname, c.relname) as name, c.relkind as kind,
           c.relpersistence = 'u' as unlogged,
           case when c.relkind = 'p' then pg_get_partkeydef(c.oid) end as key,
           (select i.inhparent::regclass::text from pg_inherits i where i.inhrelid = c.oid) as parent,
           pg_get_expr(c.relpartbound, c.oid) as bound, array_to_string(c.reloptions, ', ') as options
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relkind in ('r', 'p') and ${notOfExtensions('pg_class', 'c.oid')}
    order by c.relname collate "C"`);
  if (tables.length === 0)
    throw new UserError('There is nothing to back up: the database has no tables.', { code: 'empty' });
  await client.query(`lock table ${tables.map(({ name }) => name).join(', ')} in access share mode`);

  const columns = await all<ColumnRow>(`
    select a.attrelid::bigint as oid, quote_ident(a.attname) as name, format_type(a.atttypid, a.atttypmod) as type,
           (select format('%I.%I', cn.nspname, co.collname) from pg_collation co join pg_namespace cn on cn.oid = co.collnamespace
            where co.oid = a.attcollation and a.attcollation <> t.typcollation) as collation,
           a.attnotnull as required, a.attidentity as identity, a.attgenerated as generated,
           pg_get_expr(d.adbin, d.adrelid) as value
    from pg_attribute a join pg_type t on t.oid = a.atttypid
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attrelid = any (array[${tables.map(({ oid }) => oid).join(', ')}]::oid[]) and a.attnum > 0 and not a.attisdropped
    order by a.attrelid, a.attnum`);
  const ours = `array[${tables.map(({ oid }) => oid).join(', ')}]::oid[]`;
  const checks = await all<{ oid: number; name: string; definition: string }>(`
    select conrelid::bigint as oid, quote_ident(conname) as name, pg_get_constraintdef(oid) as definition
    from pg_constraint where conrelid = any (${ours}) and contype = 'c' order by conname collate "C"`);
  const [tablesKeys, indexes, references, triggers, functions, extensions, sequences] = [
    await all<{ name: string; key: string; definition: string; partitioned: boolean }>(`
      select conrelid::regclass::text as name, quote_ident(conname) as key, pg_get_constraintdef(k.oid) as definition,
             c.relkind = 'p' as partitioned
      from pg_constraint k join pg_class c on c.oid = k.conrelid
      where conrelid = any (${ours}) and contype in ('p', 'u', 'x') order by conrelid::regclass::text collate "C", conname collate "C"`),
    await all<{ definition: string; partitioned: boolean }>(`
      select pg_get_indexdef(i.indexrelid) as definition, c.relkind = 'p' as partitioned
      from pg_index i join pg_class c on c.oid = i.indrelid join pg_class x on x.oid = i.indexrelid
      where i.indrelid = any (${ours}) and i.indisvalid
        and not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x'))
      order by x.relname collate "C"`),
    await all<{ name: string; key: string; definition: string; partitioned: boolean }>(`
      select conrelid::regclass::text as name, quote_ident(conname) as key, pg_get_constraintdef(k.oid) as definition,
             c.relkind = 'p' as partitioned
      from pg_constraint k join pg_class c on c.oid = k.conrelid where conrelid = any (${ours}) and contype = 'f' and conparentid = 0
      order by conrelid::regclass::text collate "C", conname collate "C"`),
    await all<{ definition: string; partitioned: boolean }>(`
      select pg_get_triggerdef(t.oid) as definition, c.relkind = 'p' as partitioned
      from pg_trigger t join pg_class c on c.oid = t.tgrelid
      where tgrelid = any (${ours}) and not tgisinternal and tgparentid = 0 order by tgrelid::regclass::text collate "C", tgname collate "C"`),
    await all<{ name: string; definition: string; ofRows: boolean; closed: boolean }>(`
      select p.oid::regprocedure::text as name, pg_get_functiondef(p.oid) as definition,
             not has_function_privilege('public', p.oid, 'execute') as closed,
             exists (select from pg_type t where t.typrelid <> 0 and (t.oid = p.prorettype or t.oid = any (p.proargtypes))) as "ofRows"
      from pg_proc p where p.pronamespace = 'public'::regnamespace and p.prokind in ('f', 'p') and ${notOfExtensions('pg_proc', 'p.oid')}
      order by p.oid`),
    await all<{ name: string }>(
      `select quote_ident(extname) as name from pg_extension where extname <> 'plpgsql' order by extname`,
    ),
    await all<{ sequence: string; table: string; column: string }>(`
      select s.oid::regclass::text as sequence, quote_literal(d.refobjid::regclass::text) as table, quote_literal(a.attname) as column
      from pg_class s join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = s.oid and d.deptype = 'i'
      join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
      where s.relkind = 'S' and d.refobjid = any (${ours}) order by 1`),
  ];
  const left = await all<{ name: string }>(`
    select format('%s %I', case relkind when 'v' then 'view' else 'materialized view' end, relname) as name
    from pg_class c where relnamespace = 'public'::regnamespace and relkind in ('v', 'm') and ${notOfExtensions('pg_class', 'c.oid')}`);

  const columnsOf = Map.groupBy(columns, ({ oid }) => oid);
  const checksOf = Map.groupBy(checks, ({ oid }) => oid);
  const makeTable = (table: TableRow) => {
    const parts = [
      ...(columnsOf.get(table.oid) ?? []).map(columnDefinition),
      ...(checksOf.get(table.oid) ?? []).map(({ name, definition }) => `constraint ${name} ${definition}`),
    ];
    return [
      `create ${table.unlogged ? 'unlogged ' : ''}table ${table.name} (\n  ${parts.join(',\n  ')}\n)`,
      table.key ? ` partition by ${table.key}` : '',
      table.options ? ` with (${table.options})` : '',
    ].join('');
  };
  const definition = (each: { definition: string }) => each.definition;
  // Rights are not dumped, but what the owner's functions do is for nobody whom the owner did not allow it.
  const functionOf = (each: { name: string; definition: string; closed: boolean }) => [
    each.definition,
    ...(each.closed ? [`revoke all on routine ${each.name} from public`] : []),
  ];
  const addKey = ({ name, key, definition }: { name: string; key: string; definition: string }) =>
    `alter table ${name} add constraint ${key} ${definition}`;
  const isOf = (partitioned: boolean) => (each: { partitioned: boolean }) => each.partitioned === partitioned;
  return {
    before: [
      ...extensions.map(({ name }) => `create extension if not exists ${name}`),
      ...functions.filter(({ ofRows }) => !ofRows).flatMap(functionOf),
      ...tables.map(makeTable),
      ...functions.filter(({ ofRows }) => ofRows).flatMap(functionOf),
    ],
    tables: tables
      .filter(({ kind, unlogged }) => kind === 'r' && !unlogged)
      .map(({ oid, name }) => dumpedTable(name, columnsOf.get(oid) ?? [])),
    after: [
      ...tablesKeys.filter(isOf(false)).map(addKey),
      ...indexes.filter(isOf(false)).map(definition),
      // Before there are partitions: else each of these would lock all of them at once.
      ...tablesKeys.filter(isOf(true)).map(addKey),
      // "only" would leave out the partitions that come.
      ...indexes.filter(isOf(true)).map((index) => definition(index).replace(' ON ONLY ', ' ON ')),
      ...references.filter(isOf(true)).map(addKey),
      ...triggers.filter(isOf(true)).map(definition),
      // They keep their indexes, which the parent's take up.
      ...tables.flatMap(({ name, parent, bound }) =>
        parent && bound ? [`alter table ${parent} attach partition ${name} ${bound}`] : [],
      ),
      ...references.filter(isOf(false)).map(addKey),
      ...triggers.filter(isOf(false)).map(definition),
    ],
    sequences: sequences.map(
      ({ sequence, table, column }) =>
        `select format('select setval(pg_get_serial_sequence(%L, %L), %s, %L)', ${table}, ${column}, last_value, is_called) as statement from ${sequence}`,
    ),
    left: left.map(({ name }) => name),
  };
}

function columnDefinition({ name, type, collation, required, identity, generated, value }: ColumnRow) {
  return [
    name,
    type,
    collation && `collate ${collation}`,
    identity && `generated ${identity === 'a' ? 'always' : 'by default'} as identity`,
    generated && `generated always as (${value}) ${generated === 's' ? 'stored' : 'virtual'}`,
    !generated && value !== null && `default ${value}`,
    required && 'not null',
  ]
    .filter(Boolean)
    .join(' ');
}

function dumpedTable(name: string, columns: ColumnRow[]): DumpedTable {
  const written = columns.filter(({ generated }) => !generated);
  return {
    name,
    columns: written.map((column) => column.name),
    // Numbers of transactions say nothing on another server, where they would lie in the future.
    expressions: written.map((column) => (column.type === 'xid8' ? "'0'::xid8" : column.name)),
  };
}

/** Kinds of things that Broadsheet's schema has not got, and on which tables may stand. */
async function refuseUnknown(
  all: <Row extends pg.QueryResultRow>(text: string) => Promise<Row[]>,
): Promise<void> {
  const unknown = await all<{ name: string }>(`
    select format('type %I', typname) as name from pg_type t
    where typnamespace = 'public'::regnamespace and typtype in ('e', 'd', 'r') and ${notOfExtensions('pg_type', 't.oid')}
    union all
    select format('%s %I', case relkind when 'S' then 'sequence' when 'f' then 'foreign table' else 'type' end, relname) from pg_class c
    where relnamespace = 'public'::regnamespace and (relkind in ('f', 'c') or relkind = 'S' and not exists (
      select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'i'))
      and ${notOfExtensions('pg_class', 'c.oid')}
    union all
    select format('aggregate %I', proname) from pg_proc p
    where pronamespace = 'public'::regnamespace and prokind in ('a', 'w') and ${notOfExtensions('pg_proc', 'p.oid')}
    union all
    select format('row security of %I', relname) from pg_class where relnamespace = 'public'::regnamespace and relrowsecurity`);
  if (unknown.length > 0)
    throw new UserError(
      `The database holds what Broadsheet does not make and cannot back up: ${unknown.map(({ name }) => name).join(', ')}.`,
      {
        code: 'unknown',
        hint: 'Use pg_dump, or move these to a schema of their own: only "public" is looked at.',
      },
    );
}
