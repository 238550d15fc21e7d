import { type Kysely, sql } from 'kysely';

/** Search over stories, how long sources take, and replays of policies that the desk asks for. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  for (const statement of undone) await sql.raw(statement).execute(db);
}

const statements = [
  // How Postgres splits and stems the words of a language (ISO 639).
  `create function story_words_config(language text) returns regconfig language sql immutable parallel safe as $$
     select case language
       when 'ar' then 'arabic' when 'da' then 'danish' when 'de' then 'german' when 'el' then 'greek'
       when 'en' then 'english' when 'es' then 'spanish' when 'fi' then 'finnish' when 'fr' then 'french'
       when 'ga' then 'irish' when 'hu' then 'hungarian' when 'id' then 'indonesian' when 'it' then 'italian'
       when 'lt' then 'lithuanian' when 'nb' then 'norwegian' when 'ne' then 'nepali' when 'nl' then 'dutch'
       when 'nn' then 'norwegian' when 'no' then 'norwegian' when 'pt' then 'portuguese' when 'ro' then 'romanian'
       when 'ru' then 'russian' when 'sv' then 'swedish' when 'ta' then 'tamil' when 'tr' then 'turkish'
       else 'simple' end::regconfig
   $$`,

  // What a story is found by. A table of its own, as stories are written several times (topics, storylines, meanings)
  // while their words stay, and each write of a row goes through all its indexes.
  `create table story_search (
     story_id bigint primary key references stories (id) on delete cascade,
     published_at timestamptz not null,
     source_id bigint,
     -- Without region; empty: not known.
     language text not null,
     -- The title (A), the dek (B), the text's beginning (D), each stemmed as the language asks, and the language itself
     -- as a word that no text has ("=en"): so one look at one index answers for all languages.
     words tsvector not null
   )`,
  `create index story_search_words on story_search using gin (words)`,
  `create index story_search_recent on story_search (published_at desc, story_id desc) include (source_id)`,
  `create index story_search_source on story_search (source_id, published_at desc, story_id desc)`,
  `create index story_search_language on story_search (language, published_at desc, story_id desc)`,
  `create index stories_topics on stories using gin (topics)`,

  `create function story_words(language text, title text, dek text, body text) returns tsvector language sql immutable parallel safe as $$
     select setweight(to_tsvector(story_words_config(language), title), 'A')
       || setweight(to_tsvector(story_words_config(language), dek), 'B')
       || to_tsvector(story_words_config(language), left(body, 10000))
       || array_to_tsvector(array['=' || language])
   $$`,
  `create function note_story_words() returns trigger language plpgsql as $$
   declare
     base text := left(lower(split_part(coalesce(new.language, ''), '-', 1)), 8);
   begin
     insert into story_search (story_id, published_at, source_id, language, words)
     values (new.id, new.published_at, new.source_id, base, story_words(base, new.title, new.dek, new.body_text))
     on conflict (story_id) do update set published_at = excluded.published_at, source_id = excluded.source_id,
       language = excluded.language, words = excluded.words;
     return null;
   end $$`,
  `create trigger note_story_words after insert on stories for each row execute function note_story_words()`,
  `create trigger note_story_words_changed after update of title, dek, body_text, language, published_at, source_id on stories
     for each row
     when (row (old.title, old.dek, old.body_text, old.language, old.published_at, old.source_id)
       is distinct from row (new.title, new.dek, new.body_text, new.language, new.published_at, new.source_id))
     execute function note_story_words()`,
  `insert into story_search (story_id, published_at, source_id, language, words)
     select id, published_at, source_id, base, story_words(base, title, dek, body_text)
     from stories, lateral (select left(lower(split_part(coalesce(language, ''), '-', 1)), 8) as base) as known`,

  // How long the last fetch took, taking the stories in included.
  `alter table sources add column last_fetch_ms integer`,

  // What a newsletter's past editions would have been by another policy: asked for at the desk, computed behind it.
  `create table policy_replays (
     id bigint generated always as identity primary key,
     newsletter_id bigint not null references newsletters (id) on delete cascade,
     -- As it was asked for; what is left out has the default.
     policy jsonb not null,
     since timestamptz not null,
     asked_by text not null,
     asked_at timestamptz not null,
     -- Grows while it is computed; one that was silent for a minute is not computed any more.
     seen_at timestamptz not null,
     done integer not null default 0,
     "of" integer,
     -- The replay, or why there is none.
     result jsonb,
     failed text
   )`,
  `create index policy_replays_newsletter on policy_replays (newsletter_id, id)`,
];

const undone = [
  `drop table policy_replays`,
  `alter table sources drop column last_fetch_ms`,
  `drop trigger note_story_words on stories`,
  `drop trigger note_story_words_changed on stories`,
  `drop index stories_topics`,
  `drop table story_search`,
  `drop function note_story_words(), story_words(text, text, text, text), story_words_config(text)`,
];
