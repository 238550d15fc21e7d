import type pg from 'pg';

/** What programs rely on of a schema, by name; partitions are left out. */
export interface Shape {
  columns: Record<string, { type: string; notNull: boolean; hasDefault: boolean }>;
  /** Checks, keys and foreign keys, and unique indexes, by table and name. */
  rules: Record<string, string>;
  /** With their arguments; what they give. */
  functions: Record<string, string>;
}

/** Reads the shape of the schema `public`. */
export async function shapeOf(client: pg.ClientBase): Promise<Shape> {
  const byName = async <T>(text: string) => {
    const { rows } = await client.query<{ name: string; value: T }>(text);
    return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
  };
  const tables = `select oid, relname from pg_class
    where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition
      and relname !~ '^kysely'`;
  return {
    columns: await byName(`
      select t.relname || '.' || attname as name, jsonb_build_object(
        'type', format_type(atttypid, atttypmod), 'notNull', attnotnull,
        'hasDefault', atthasdef or attidentity <> '') as value
      from pg_attribute join (${tables}) t on t.oid = attrelid where attnum > 0 and not attisdropped`),
    rules: await byName(`
      select t.relname || '.' || conname as name, pg_get_constraintdef(c.oid) as value
      from pg_constraint c join (${tables}) t on t.oid = conrelid where contype <> 'n'
      union all
      select t.relname || '.' || i.indexrelid::regclass, pg_get_indexdef(indexrelid)
      from pg_index i join (${tables}) t on t.oid = indrelid
      where indisunique and not exists (select from pg_constraint where conindid = indexrelid)`),
    functions: await byName(`
      select oid::regprocedure::text as name, pg_get_function_result(oid) as value
      from pg_proc where pronamespace = 'public'::regnamespace and prokind = 'f'`),
  };
}

/**
 * What of a change would break a program that knows the schema as it was: it finds less than it did, or what it writes is refused.
 * New tables, new columns that need no value, wider rules and new functions break nothing.
 */
export function breakingChanges(before: Shape, after: Shape): string[] {
  const found: string[] = [];
  const tables = new Set(Object.keys(before.columns).map((name) => name.split('.')[0]));
  for (const [name, was] of Object.entries(before.columns)) {
    const is = after.columns[name];
    if (!is) found.push(`the column ${name} is gone`);
    else if (is.type !== was.type) found.push(`the column ${name} was ${was.type} and is ${is.type}`);
    else if (is.notNull && !was.notNull) found.push(`the column ${name} takes no null any more`);
    else if (is.notNull && was.hasDefault && !is.hasDefault)
      found.push(`the column ${name} has no default any more`);
  }
  for (const [name, { notNull, hasDefault }] of Object.entries(after.columns))
    if (!before.columns[name] && tables.has(name.split('.')[0]) && notNull && !hasDefault)
      found.push(`the new column ${name} needs a value`);
  for (const [name, rule] of Object.entries(after.rules))
    if (before.rules[name] !== rule && tables.has(name.split('.')[0]))
      found.push(`${before.rules[name] ? 'the changed' : 'the new'} rule ${name}: ${rule}`);
  for (const [name, gives] of Object.entries(before.functions))
    if (after.functions[name] !== gives) found.push(`the function ${name} is gone, or gives something else`);
  return found;
}
