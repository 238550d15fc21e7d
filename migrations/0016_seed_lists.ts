import { type Kysely, sql } from 'kysely';

/** When an approved edition begins, who gets a newsletter's test mails, and what sent editions came to. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  for (const statement of undone) await sql.raw(statement).execute(db);
}

const statements = [
  // Chosen with the approval; null: at the scheduled time. Nothing leaves before it.
  `alter table editions add column starts_at timestamptz`,
  // How long an approval can be taken back before anything leaves.
  `alter table newsletters add column undo_seconds integer not null default 10
     check (undo_seconds between 0 and 3600)`,

  // Colleagues' and testing services' addresses, which get an edition before it is sent.
  `create table seed_addresses (
     newsletter_id bigint not null references newsletters (id) on delete cascade,
     email text not null,
     email_key text not null,
     email_hash bytea not null,
     primary key (newsletter_id, email_key)
   )`,
  `create index seed_addresses_email on seed_addresses (email_key)`,

  // What an edition came to, counted now and then: counting anew takes as long as there are readers.
  `create table edition_figures (
     edition_id bigint primary key references editions (id) on delete cascade,
     counted_at timestamptz not null,
     accepted integer not null,
     -- Persons, each once. Null: they are not counted, or not told apart.
     opened integer,
     clicked integer,
     unsubscribed integer not null,
     complaints integer not null,
     bounced integer not null
   )`,
];

const undone = [
  `drop table edition_figures, seed_addresses`,
  `alter table newsletters drop column undo_seconds`,
  `alter table editions drop column starts_at`,
];
