import { type Kysely, sql } from 'kysely';

/** Saved filters over subscribers, newsletters limited to one, and lists that are archived or have had another name. */
// Migrations are written against no schema: `unknown` is Kysely's type for that.
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `alter table newsletters drop column segment_id;
       drop table former_list_slugs, segments;
       alter table lists drop column archived_at`,
    )
    .execute(db);
}

const statements = [
  `create table segments (
     id bigint generated always as identity primary key,
     name text not null unique check (name ~ '^[a-z][a-z0-9-]{0,62}$'),
     description text not null default '',
     -- As it was written; docs/segments.md tells the language.
     filter text not null,
     created_at timestamptz not null default now(),
     updated_at timestamptz not null default now()
   )`,
  // Only these get the newsletter's editions; null: everybody on its lists. Nothing is removed that a newsletter needs.
  `alter table newsletters add column segment_id bigint references segments (id)`,
  // Since when nobody signs up and nothing is sent; null: it is in use.
  `alter table lists add column archived_at timestamptz`,
  // What a list was called before, or a list that went into it: addresses and forms that name it go on working.
  `create table former_list_slugs (
     slug text primary key,
     list_id bigint not null references lists (id) on delete cascade,
     since timestamptz not null default now()
   )`,
  `create index former_list_slugs_list on former_list_slugs (list_id)`,
  `create index newsletters_segment on newsletters (segment_id) where segment_id is not null`,
];
