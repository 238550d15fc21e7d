import { type Kysely, sql } from 'kysely';

const forgetting = [
  'consent_log_forget_person(bytea)',
  'consent_log_forget_machines(timestamptz, integer)',
  'consent_log_forget_erased(timestamptz, integer)',
  'consent_log_forget_requests(bigint, bytea[])',
];

/**
 * What only the owner of the tables may do, in functions that do it for whoever may call them: an edition's parts of the
 * ledger are made, attached and dropped, and the consent log forgets. So `serve` and `worker` can run as a role that owns nothing.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<{ schema: string }>`select current_schema() as schema`.execute(db);
  // Temporary tables last: else a caller could put one of theirs in the place of ours.
  const path = sql.join([sql.id(rows[0]?.schema ?? 'public'), sql.id('pg_temp')]);
  const make = (name: string, statements: string) =>
    sql`
      create function ${sql.raw(name)}(parent text, edition bigint) returns void
        language plpgsql security definer set search_path = ${path} as ${sql.lit(`
      declare part text := parent || '_e' || edition;
      begin
        if parent is null or parent not in ('deliveries', 'engagement') or edition is null then
          raise exception 'There are no parts of % by edition.', coalesce(parent, 'nothing') using errcode = 'invalid_parameter_value';
        end if;
        ${statements}
      end`)}`.execute(db);
  await make(
    'create_edition_part',
    `if parent = 'deliveries' then
          -- Room on each page for the rows' next versions, so that they stay there and need no new index entries. Indexes are
          -- built when it is attached.
          execute format('create table %I (like deliveries including all excluding indexes) with (fillfactor = 70)', part);
        else
          execute format('create table %I (like engagement including all)', part);
        end if;`,
  );
  await make(
    'attach_edition_part',
    `execute format('alter table %I attach partition %I for values in (%s)', parent, part, edition);`,
  );
  await make('drop_edition_part', `execute format('drop table if exists %I', part);`);
  for (const name of ['create_edition_part', 'attach_edition_part', 'drop_edition_part'])
    await sql`revoke all on function ${sql.raw(name)}(text, bigint) from public`.execute(db);
  for (const each of forgetting) {
    await sql`alter function ${sql.raw(each)} security definer set search_path = ${path}`.execute(db);
    await sql`revoke all on function ${sql.raw(each)} from public`.execute(db);
  }
}

export async function down(db: Kysely<unknown>): Promise<void> {
  for (const each of forgetting) {
    await sql`alter function ${sql.raw(each)} security invoker reset search_path`.execute(db);
    await sql`grant execute on function ${sql.raw(each)} to public`.execute(db);
  }
  for (const name of ['drop_edition_part', 'attach_edition_part', 'create_edition_part'])
    await sql`drop function ${sql.raw(name)}(text, bigint)`.execute(db);
}
