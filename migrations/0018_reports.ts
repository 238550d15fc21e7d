import { type Kysely, sql } from 'kysely';

/** What reports are read from: an edition's and a list's figures, added up now and then. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table list_reports, edition_reports`.execute(db);
}

const statements = [
  // Sums over many readers alone: nobody is named, and nothing in it is about one of them.
  `create table edition_reports (
     edition_id bigint primary key references editions (id) on delete cascade,
     counted_at timestamptz not null,
     report jsonb not null
   )`,
  `create table list_reports (
     list_id bigint primary key references lists (id) on delete cascade,
     counted_at timestamptz not null,
     report jsonb not null
   )`,
];
