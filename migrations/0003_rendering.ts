import { type Kysely, sql } from 'kysely';

/** Links that are counted, images that are kept, languages of the frame, subjects that are tried out, and checks. */
// Migrations are written against no schema: `unknown` is Kysely's type for that.
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `drop table edition_subjects, images, image_fetches, edition_links;
       alter table deliveries drop column subject;
       alter table editions drop column subject_test, drop column findings, drop column checked_version;
       drop index subscribers_email_hash;
       alter table subscribers add constraint subscribers_email_hash_key unique (email_hash);
       alter table subscribers drop column untracked;
       alter table newsletters drop column tracking, drop column languages, drop column preheader, drop column checks,
         drop column subject_test, drop column plain_links`,
    )
    .execute(db);
}

const statements = [
  `alter table newsletters
     -- What is counted: {"clicks": true, "opens": false, "utm": {…}}; what is missing is as the program has it.
     add column tracking jsonb not null default '{}',
     -- Further languages of the frame, for readers who have one of them.
     add column languages text[] not null default '{}',
     -- A pattern, as the subject is; empty: the next headlines.
     add column preheader text not null default '',
     -- Which findings stop an automatic send, and which are not looked for.
     add column checks jsonb not null default '{}',
     -- How subjects are tried out on some readers before the others get the better one; null: they are not.
     add column subject_test jsonb,
     -- Where links stand in the plain text; null: as the theme has it.
     add column plain_links text check (plain_links in ('inline', 'numbered'))`,
  // Somebody who does not want to be counted.
  `alter table subscribers add column untracked boolean not null default false`,
  // The key alone is unique, and the hash is made from it. Of two unique indexes an insert of two at once may meet the
  // one that its "on conflict" does not name.
  `alter table subscribers drop constraint subscribers_email_hash_key`,
  `create index subscribers_email_hash on subscribers (email_hash)`,

  // Where a counted link leads: looked up by number, so that no address stands in it that somebody could change.
  `create table edition_links (
     edition_id bigint not null references editions (id) on delete cascade,
     number integer not null,
     url text not null,
     -- Position of the story among the edition's candidates; -1: another link.
     position smallint not null default -1,
     -- Which of the story's related links, from 0; -1: the story itself.
     related smallint not null default -1,
     primary key (edition_id, number),
     unique (edition_id, position, related, url)
   )`,

  // Images as mail shows them, named by their content, so that an edition looks the same in a year.
  `create table images (
     id text primary key,
     mime text not null,
     width integer not null,
     height integer not null,
     -- Null: it lies in the bucket.
     bytes bytea,
     created_at timestamptz not null default now()
   )`,
  // What became of a story's image; looked at before it is fetched again.
  `create table image_fetches (
     url text not null,
     -- Pixels of a page's width for which it was resized.
     width integer not null,
     image_id text references images (id),
     -- The same at twice the width.
     double_id text references images (id),
     problem text,
     fetched_at timestamptz not null,
     primary key (url, width)
   )`,

  `alter table editions
     -- The test of this edition's subjects: its settings, and how it went.
     add column subject_test jsonb,
     -- What the checks found, and in which version of the edition.
     add column findings jsonb,
     add column checked_version integer`,
  // Subjects that an edition tries out; number 0 is the edition's own.
  `create table edition_subjects (
     edition_id bigint not null references editions (id) on delete cascade,
     number smallint not null,
     subject text not null,
     primary key (edition_id, number)
   )`,
  // Which subject a reader got; null: the edition's own.
  `alter table deliveries add column subject smallint`,
];
