import { type Kysely, sql } from 'kysely';

/** Topics of an editable taxonomy, what readers did with what they got, and the history of policies. */
// Migrations are written against no schema: `unknown` is Kysely's type for that.
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `drop trigger note_story_change on stories;
       drop trigger note_story_removal on stories;
       alter table subscriptions drop column muted_sources;
       alter table editions drop column policy_version;
       alter table newsletters drop column policy_version;
       drop index edition_stories_storyline;
       alter table edition_stories drop column shown;
       drop table policies, engagement, topics;
       alter table stories drop column categories, drop column topic_reasons, drop column topics_at, drop column features,
         drop column changed_in;
       drop table removed_stories;
       drop function note_story_removal, note_story_change`,
    )
    .execute(db);
}

const statements = [
  // What sources call a topic, and words that stand for it, lead from a story to the topic; `parent` is for reading only.
  `create table topics (
     id bigint generated always as identity primary key,
     slug text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]*$'),
     name text not null,
     -- What sources call it; compared folded.
     categories text[] not null default '{}',
     -- Words and phrases that stand for it, by themselves: two different ones in a story make it likely.
     keywords text[] not null default '{}',
     created_at timestamptz not null default now(),
     updated_at timestamptz not null default now()
   )`,

  // categories: what the source calls its topics. topics: slugs of the taxonomy and categories that it does not know,
  // the surest first. topic_reasons: [{topic, confidence, by}] in the same order.
  `alter table stories
     add column categories text[] not null default '{}',
     add column topic_reasons jsonb not null default '[]',
     -- When topics were last worked out; null: that waits.
     add column topics_at timestamptz,
     -- The words of the story as selection compares them (see features.ts); null: to be computed.
     add column features bytea,
     -- The transaction that wrote the row last. With a snapshot's oldest running transaction it tells exactly what a
     -- process has not seen yet, in whatever order transactions end.
     add column changed_in xid8 not null default pg_current_xact_id()`,
  `create index stories_changed on stories (changed_in)`,
  `create table removed_stories (
     story_id bigint not null,
     changed_in xid8 not null default pg_current_xact_id(),
     removed_at timestamptz not null default now()
   )`,
  `create index removed_stories_changed on removed_stories (changed_in)`,
  `create function note_story_change() returns trigger language plpgsql as $$
   begin
     new.changed_in := pg_current_xact_id();
     return new;
   end $$`,
  `create trigger note_story_change before update on stories for each row execute function note_story_change()`,
  `create function note_story_removal() returns trigger language plpgsql as $$
   begin
     insert into removed_stories (story_id) select id from gone;
     return null;
   end $$`,
  `create trigger note_story_removal after delete on stories referencing old table as gone
     for each statement execute function note_story_removal()`,
  `update stories set categories = topics`,
  `create index stories_to_label on stories (published_at desc) where topics_at is null`,

  // What a subscriber did with an edition: one row a link, and one for having opened it. A partition an edition, as
  // with deliveries.
  `create table engagement (
     edition_id bigint not null,
     subscriber_id bigint not null,
     kind text not null check (kind in ('open', 'click')),
     -- Position of the story among the edition's candidates; -1: another link, or an opening.
     position smallint not null default -1,
     -- Which of the story's related links, from 0; -1: the story itself.
     related smallint not null default -1,
     times integer not null default 1,
     first_at timestamptz not null,
     last_at timestamptz not null,
     primary key (edition_id, subscriber_id, kind, position, related)
   ) partition by list (edition_id)`,
  `create index engagement_subscriber on engagement (subscriber_id, last_at desc)`,

  // How many readers were shown the story first, second, third and so on in their digests: counted once, when the
  // edition has been sent.
  `alter table edition_stories add column shown integer[]`,
  `create index edition_stories_storyline on edition_stories (storyline_id)`,

  // Every policy that a newsletter has had.
  `create table policies (
     newsletter_id bigint not null references newsletters (id) on delete cascade,
     version integer not null,
     policy jsonb not null,
     note text not null default '',
     created_at timestamptz not null default now(),
     primary key (newsletter_id, version)
   )`,
  `alter table newsletters add column policy_version integer not null default 1`,
  `insert into policies (newsletter_id, version, policy) select id, 1, policy from newsletters`,
  // Null: the edition has not been built yet.
  `alter table editions add column policy_version integer`,

  // Publishers of whom the reader wants nothing.
  `alter table subscriptions add column muted_sources text[] not null default '{}'`,
];
