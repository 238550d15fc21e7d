import { type Kysely, sql } from 'kysely';

/**
 * The whole pipeline's tables: sources and stories, storylines, newsletters and editions, lists and
 * subscribers, the delivery ledger, and the embedded inbox.
 */
// Migrations are written against no schema: `unknown` is Kysely's type for that.
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `drop table if exists inbox_messages, deliveries, compiled_editions, edition_stories, editions,
         newsletter_sources, newsletter_lists, newsletters, suppressions, consent_log, subscriptions, subscribers, lists,
         story_revisions, story_aliases, storyline_splits, stories, storylines, sources, settings cascade`,
    )
    .execute(db);
}

const statements = [
  // One row a name. Holds what every host must agree on, such as the link-signing secret.
  `create table settings (
     name text primary key,
     value jsonb not null
   )`,

  `create table sources (
     id bigint generated always as identity primary key,
     kind text not null check (kind in ('feed', 'sitemap', 'page', 'folder', 'file', 'api')),
     url text not null unique,
     name text not null,
     publisher text not null,
     weight double precision not null default 1 check (weight >= 0),
     language text,
     topics text[] not null default '{}',
     interval_seconds integer not null default 900 check (interval_seconds >= 60),
     paused boolean not null default false,
     etag text,
     last_modified text,
     next_fetch_at timestamptz not null default now(),
     last_fetched_at timestamptz,
     last_success_at timestamptz,
     failures integer not null default 0,
     last_error text,
     last_error_at timestamptz,
     created_at timestamptz not null default now()
   )`,
  `create index sources_due on sources (next_fetch_at) where not paused`,

  `create table storylines (
     id bigint generated always as identity primary key,
     lead_story_id bigint,
     language text,
     story_count integer not null default 0,
     first_published_at timestamptz not null,
     last_published_at timestamptz not null,
     created_at timestamptz not null default now(),
     updated_at timestamptz not null default now()
   )`,
  `create index storylines_recent on storylines (last_published_at desc)`,

  `create table stories (
     id bigint generated always as identity primary key,
     -- What makes two addresses the same article: scheme, host prefix, AMP and tracking parts removed.
     url_key text not null unique,
     url text,
     title text not null,
     dek text not null default '',
     body_text text not null default '',
     image_url text,
     image_alt text,
     author text,
     publisher text not null,
     language text,
     topics text[] not null default '{}',
     published_at timestamptz not null,
     first_seen_at timestamptz not null default now(),
     updated_at timestamptz not null default now(),
     revision integer not null default 1,
     content_hash text not null,
     source_id bigint references sources (id) on delete set null,
     source_position integer,
     storyline_id bigint references storylines (id) on delete set null,
     -- What title and dek mean: a direction of 512 signed bytes (only the direction counts). Null until it has been
     -- computed, and for languages that the model does not know.
     embedding bytea,
     -- When that was last dealt with; null: it is waiting. A process that computes it holds it until the lease ends.
     embedded_at timestamptz,
     embed_lease_until timestamptz
   )`,
  `create index stories_to_embed on stories (published_at desc) where embedded_at is null`,
  `create index stories_published on stories (published_at desc)`,
  `create index stories_storyline on stories (storyline_id)`,
  `create index stories_unassigned on stories (published_at, id) where storyline_id is null`,
  `create index stories_source on stories (source_id)`,
  `alter table storylines add constraint storylines_lead
     foreign key (lead_story_id) references stories (id) on delete set null`,

  // Storylines that an editor made of one: grouping keeps them apart. The stories of both stay where they are.
  `create table storyline_splits (
     one bigint not null references storylines (id) on delete cascade,
     other bigint not null references storylines (id) on delete cascade,
     split_at timestamptz not null,
     primary key (one, other),
     check (one < other)
   )`,
  `create index storyline_splits_other on storyline_splits (other)`,

  // Other addresses under which a story was seen (syndicated GUIDs, redirects).
  `create table story_aliases (
     alias_key text primary key,
     story_id bigint not null references stories (id) on delete cascade
   )`,

  // What a story said before an update.
  `create table story_revisions (
     story_id bigint not null references stories (id) on delete cascade,
     revision integer not null,
     title text not null,
     dek text not null,
     body_text text not null,
     image_url text,
     replaced_at timestamptz not null,
     primary key (story_id, revision)
   )`,

  `create table lists (
     id bigint generated always as identity primary key,
     slug text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]*$'),
     name text not null,
     description text not null default '',
     opt_in text not null default 'double' check (opt_in in ('double', 'single')),
     topics text[] not null default '{}',
     created_at timestamptz not null default now()
   )`,

  `create table subscribers (
     id bigint generated always as identity primary key,
     email text not null,
     -- The address as compared: domain in lower-case ASCII, local part case-folded.
     email_key text not null unique,
     -- SHA-256 of email_key: what suppressions are matched on, so that an erased address stays suppressed.
     email_hash bytea not null unique,
     name text,
     language text,
     time_zone text,
     fields jsonb not null default '{}',
     created_at timestamptz not null default now(),
     updated_at timestamptz not null default now()
   )`,

  `create table subscriptions (
     subscriber_id bigint not null references subscribers (id) on delete cascade,
     list_id bigint not null references lists (id) on delete cascade,
     state text not null check (state in ('pending', 'confirmed', 'unsubscribed')),
     frequency text not null default 'every' check (frequency in ('every', 'daily', 'weekly', 'monthly')),
     topics text[] not null default '{}',
     muted_topics text[] not null default '{}',
     paused_until timestamptz,
     confirmation_sent_at timestamptz,
     confirmed_at timestamptz,
     unsubscribed_at timestamptz,
     created_at timestamptz not null default now(),
     updated_at timestamptz not null default now(),
     primary key (subscriber_id, list_id)
   )`,
  `create index subscriptions_confirmed on subscriptions (list_id, subscriber_id) where state = 'confirmed'`,

  // Append-only: how consent was given or taken back. No foreign key, so that the proof outlives the row.
  `create table consent_log (
     id bigint generated always as identity primary key,
     email_hash bytea not null,
     list_id bigint,
     act text not null check (act in ('requested', 'confirmed', 'imported', 'added', 'changed', 'unsubscribed', 'resubscribed', 'removed')),
     at timestamptz not null,
     via text not null,
     ip text,
     evidence jsonb not null default '{}'
   )`,
  `create index consent_log_address on consent_log (email_hash, at)`,

  // list_id null: the address gets nothing from any list.
  `create table suppressions (
     id bigint generated always as identity primary key,
     email_hash bytea not null,
     email text,
     list_id bigint references lists (id) on delete cascade,
     reason text not null check (reason in ('bounce', 'complaint', 'unsubscribe', 'erasure', 'manual')),
     note text,
     created_at timestamptz not null default now(),
     expires_at timestamptz
   )`,
  `create unique index suppressions_address on suppressions (email_hash, coalesce(list_id, 0))`,

  `create table newsletters (
     id bigint generated always as identity primary key,
     slug text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]*$'),
     name text not null,
     description text not null default '',
     from_name text not null,
     from_address text not null,
     reply_to text,
     subject text not null default '{{ lead.title }}',
     language text not null default 'en',
     cron text not null,
     time_zone text not null default 'UTC',
     catch_up text not null default 'latest' check (catch_up in ('latest', 'skip')),
     mode text not null default 'approval' check (mode in ('automatic', 'approval')),
     theme text not null default 'broadsheet',
     brand jsonb not null default '{}',
     policy jsonb not null default '{}',
     on_uncertain text not null default 'skip' check (on_uncertain in ('resend', 'skip')),
     paused boolean not null default false,
     -- Every occurrence up to here has been dealt with: made into an edition, or skipped.
     scheduled_through timestamptz not null default now(),
     created_at timestamptz not null default now(),
     updated_at timestamptz not null default now()
   )`,
  `create table newsletter_lists (
     newsletter_id bigint not null references newsletters (id) on delete cascade,
     list_id bigint not null references lists (id) on delete cascade,
     primary key (newsletter_id, list_id)
   )`,
  // None: the newsletter draws on every source.
  `create table newsletter_sources (
     newsletter_id bigint not null references newsletters (id) on delete cascade,
     source_id bigint not null references sources (id) on delete cascade,
     primary key (newsletter_id, source_id)
   )`,

  `create table editions (
     id bigint generated always as identity primary key,
     newsletter_id bigint not null references newsletters (id) on delete cascade,
     scheduled_for timestamptz not null,
     state text not null default 'draft'
       check (state in ('draft', 'review', 'approved', 'sending', 'paused', 'sent', 'cancelled', 'skipped')),
     -- Why the edition is in this state, where that needs saying: skipped for want of stories, paused by a failing route.
     state_reason text,
     subject text not null default '',
     preheader text not null default '',
     theme text not null,
     language text not null,
     policy jsonb not null default '{}',
     -- Grows with each change an editor makes; an approval names the version it approved.
     version integer not null default 1,
     built_at timestamptz,
     approved_at timestamptz,
     approved_version integer,
     planned_at timestamptz,
     planned_count integer,
     sent_at timestamptz,
     created_at timestamptz not null default now(),
     updated_at timestamptz not null default now(),
     -- An edition exists once, however many schedulers fire.
     unique (newsletter_id, scheduled_for)
   )`,
  `create index editions_state on editions (state)`,

  `create table edition_stories (
     edition_id bigint not null references editions (id) on delete cascade,
     position integer not null,
     slot text not null,
     -- The story may go; what was sent of it stays in snapshot.
     story_id bigint references stories (id) on delete set null,
     storyline_id bigint references storylines (id) on delete set null,
     score double precision not null,
     -- {text, parts}: the reason in plain words and in numbers.
     reason jsonb not null,
     -- The story as it stands in this edition: title, dek, url, image, publisher, topics, related stories.
     snapshot jsonb not null,
     primary key (edition_id, position)
   )`,
  `create index edition_stories_story on edition_stories (story_id)`,

  `create table compiled_editions (
     edition_id bigint not null references editions (id) on delete cascade,
     variant text not null,
     compiled bytea not null,
     version integer not null,
     compiled_at timestamptz not null default now(),
     primary key (edition_id, variant)
   )`,

  // The ledger. One row an edition and subscriber; a partition an edition, so that an old one is dropped, not deleted.
  `create table deliveries (
     edition_id bigint not null,
     subscriber_id bigint not null,
     batch integer not null,
     state text not null default 'planned'
       check (state in ('planned', 'claimed', 'begun', 'accepted', 'deferred', 'failed', 'skipped', 'uncertain')),
     attempts smallint not null default 0,
     -- Which worker holds the row, and until when.
     worker uuid,
     lease_until timestamptz,
     next_attempt_at timestamptz,
     smtp_code smallint,
     -- The server's words, or why the delivery was skipped or is uncertain.
     detail text,
     -- Positions of the stories that this subscriber's digest carries, in order.
     stories smallint[],
     settled_at timestamptz,
     primary key (edition_id, subscriber_id)
   ) partition by list (edition_id)`,
  `create index deliveries_batch on deliveries (edition_id, batch, subscriber_id)
     where state in ('planned', 'claimed', 'begun', 'deferred')`,

  // Mail caught by the embedded inbox when no SMTP_URL is set.
  `create table inbox_messages (
     id bigint generated always as identity primary key,
     received_at timestamptz not null,
     mail_from text not null,
     rcpt_to text[] not null,
     subject text not null default '',
     raw bytea not null
   )`,
];
