import { type Kysely, sql } from 'kysely';

/** What editors changed of editions, so that it can be told and taken back; who is at an edition now. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  for (const statement of undone) await sql.raw(statement).execute(db);
}

const statements = [
  // Stories that editors took out, as they stood: they can be brought back.
  `alter table editions add column dropped jsonb not null default '[]'`,

  `create table edition_versions (
     edition_id bigint not null references editions (id) on delete cascade,
     -- The edition's version that the change made.
     version integer not null,
     -- Who did it; the user may be gone by now, the name stays. Null: nobody in person.
     user_id bigint,
     user_name text not null,
     at timestamptz not null,
     kind text not null,
     -- What was done, in a sentence.
     summary text not null,
     -- What was asked for.
     change jsonb not null,
     -- What it is about, such as "subject" or "story:s12:title": two changes that share nothing do not disturb each other.
     touched text[] not null,
     -- What of the content changed: as it was, and as it is since.
     before jsonb not null,
     after jsonb not null,
     -- The version whose change this one took back, or did again.
     undid integer,
     redid integer,
     primary key (edition_id, version)
   )`,

  `create table edition_presence (
     edition_id bigint not null references editions (id) on delete cascade,
     -- One window of a browser.
     session text not null,
     user_id bigint not null,
     user_name text not null,
     seen_at timestamptz not null,
     -- What they are at, such as "subject"; null: nothing in particular.
     field text,
     primary key (edition_id, session)
   )`,

  // Storylines that an editor has put together: grouping afresh leaves them as they are.
  `create table storyline_holds (
     storyline_id bigint primary key references storylines (id) on delete cascade,
     held_at timestamptz not null
   )`,

  // A part of an image, as "x,y,width,height" in percent; empty: the whole.
  `alter table image_fetches add column crop text not null default ''`,
  `alter table image_fetches drop constraint image_fetches_pkey`,
  `alter table image_fetches add primary key (url, width, crop)`,
];

const undone = [
  `delete from image_fetches where crop <> ''`,
  `alter table image_fetches drop constraint image_fetches_pkey`,
  `alter table image_fetches drop column crop`,
  `alter table image_fetches add primary key (url, width)`,
  `drop table storyline_holds, edition_presence, edition_versions`,
  `alter table editions drop column dropped`,
];
