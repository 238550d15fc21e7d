import { type Kysely, sql } from 'kysely';

/** Imports that can be looked up, resumed and undone, and tags of subscribers. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `drop table import_changes, imports;
     alter table suppressions drop column import_id, drop column import_before;
     alter table subscriptions drop column import_id;
     alter table subscribers drop column import_id, drop column tags`,
    )
    .execute(db);
}

const statements = [
  `alter table subscribers
     -- An admin's labels for this person, in lower case.
     add column tags text[] not null default '{}',
     -- The import that made or changed the row last. The row is as it left it while updated_at is the import's time.
     add column import_id bigint`,
  `alter table subscriptions add column import_id bigint`,
  `alter table suppressions
     add column import_id bigint,
     -- What it said until an import made it stronger.
     add column import_before jsonb`,
  `create table imports (
     id bigint generated always as identity primary key,
     list_id bigint references lists (id) on delete set null,
     mode text not null check (mode in ('add', 'update', 'subscribe', 'unsubscribe', 'suppress')),
     state text not null default 'running' check (state in ('running', 'stopped', 'done', 'undoing', 'undone')),
     file_name text,
     -- SHA-256 of the start of the file: an import goes on with the file that it began with.
     file_start bytea,
     format text,
     consent text,
     -- How the file is read: mapped columns, tags, and so on.
     options jsonb not null default '{}',
     -- The line up to which each of the import's connections has stored its share of the rows.
     stored_through bigint[] not null default '{}',
     "rows" bigint not null default 0,
     added bigint not null default 0,
     updated bigint not null default 0,
     unchanged bigint not null default 0,
     duplicates bigint not null default 0,
     suppressed bigint not null default 0,
     passed_over bigint not null default 0,
     bad bigint not null default 0,
     -- What every row that it writes has as its time.
     started_at timestamptz not null,
     updated_at timestamptz not null,
     finished_at timestamptz,
     undone_at timestamptz
   )`,
  // What rows that were there before an import held until it changed them. They go with the person.
  `create table import_changes (
     import_id bigint not null references imports (id) on delete cascade,
     subscriber_id bigint not null references subscribers (id) on delete cascade,
     -- Null: that row was left as it is.
     person jsonb,
     -- One object a list.
     subscriptions jsonb,
     primary key (import_id, subscriber_id)
   )`,
  `create index import_changes_subscriber on import_changes (subscriber_id)`,
];
