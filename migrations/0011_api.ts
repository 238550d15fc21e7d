import { type Kysely, sql } from 'kysely';

/** The API's tokens, what it remembers of calls, and what is told to webhooks. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `drop trigger note_consent_events on consent_log;
       drop trigger note_feedback_event on feedback_events;
       drop trigger note_refused_event on suppressions;
       drop trigger note_sent_event on editions;
       drop function note_consent_events, note_feedback_event, note_refused_event, note_sent_event;
       drop function note_event;
       drop table webhook_deliveries, webhook_events, webhooks, api_calls, api_rates, api_tokens`,
    )
    .execute(db);
}

const statements = [
  `create table api_tokens (
     id bigint generated always as identity primary key,
     name text not null,
     -- SHA-256 of the token. The token itself is shown once and kept nowhere.
     token_hash bytea not null unique,
     -- How it begins, so that people recognise it.
     beginning text not null,
     scopes text[] not null check (cardinality(scopes) > 0),
     created_at timestamptz not null,
     expires_at timestamptz,
     last_used_at timestamptz,
     revoked_at timestamptz
   )`,
  // How many calls a caller has made in the minute that began then. Lost in a crash, which does no harm.
  `create unlogged table api_rates (
     caller text primary key,
     minute timestamptz not null,
     calls integer not null
   )`,
  // Calls that came with an Idempotency-Key, and what they were answered.
  `create table api_calls (
     caller text not null,
     key_hash bytea not null,
     -- SHA-256 of method, address and body.
     request_hash bytea not null,
     began_at timestamptz not null,
     -- While it has no answer: until when whoever works on it is believed to be alive.
     lease_until timestamptz not null,
     status smallint,
     content_type text,
     body text,
     primary key (caller, key_hash)
   )`,
  `create index api_calls_began on api_calls (began_at)`,

  `create table webhooks (
     id bigint generated always as identity primary key,
     url text not null,
     name text not null default '',
     events text[] not null check (cardinality(events) > 0),
     -- What its posts are signed with: 24 to 64 bytes.
     secret bytea not null,
     created_at timestamptz not null,
     -- Nothing is posted while it is paused; what happens meanwhile waits.
     paused_at timestamptz,
     paused_because text
   )`,
  // What happened, written in the transaction in which it did. No address: that is looked up when it is told.
  `create table webhook_events (
     id bigint generated always as identity primary key,
     -- The same for each try and each webhook.
     message_id uuid not null unique default gen_random_uuid(),
     kind text not null,
     at timestamptz not null,
     -- Without foreign keys: it is told of people, lists and editions that are gone, too.
     subscriber_id bigint,
     email_hash bytea,
     list_id bigint,
     edition_id bigint,
     data jsonb not null default '{}'
   )`,
  `create index webhook_events_at on webhook_events (at)`,
  // For erasing and exporting a person.
  `create index webhook_events_subscriber on webhook_events (subscriber_id) where subscriber_id is not null`,
  `create index webhook_events_address on webhook_events (email_hash) where email_hash is not null`,
  `create table webhook_deliveries (
     webhook_id bigint not null references webhooks (id) on delete cascade,
     event_id bigint not null references webhook_events (id) on delete cascade,
     state text not null default 'waiting' check (state in ('waiting', 'delivered', 'dead')),
     attempts smallint not null default 0,
     -- While a post is out: when another process may take it over.
     next_attempt_at timestamptz not null,
     last_attempt_at timestamptz,
     -- What the receiver answered, and what went wrong.
     status smallint,
     detail text,
     primary key (webhook_id, event_id)
   )`,
  `create index webhook_deliveries_due on webhook_deliveries (webhook_id, next_attempt_at) where state = 'waiting'`,
  `create index webhook_deliveries_event on webhook_deliveries (event_id)`,

  // Triggers, so that whatever writes these tables tells of it, in the same transaction. Without a webhook that wants
  // to know they cost one look at a small table.
  `create function note_event(what text, happened timestamptz, person bigint, hash bytea, edition bigint, more jsonb)
   returns void language sql as $$
     with noted as (
       insert into webhook_events (kind, at, subscriber_id, email_hash, edition_id, data)
       select what, happened, person, hash, edition, more
       where exists (select from webhooks where what = any (webhooks.events))
       returning id
     )
     insert into webhook_deliveries (webhook_id, event_id, next_attempt_at)
     select webhooks.id, noted.id, happened from noted, webhooks where what = any (webhooks.events)
   $$`,

  // A statement at a time, as imports write many lines at once.
  `create function note_consent_events() returns trigger language plpgsql as $$
   begin
     if not exists (select from webhooks) then return null; end if;
     with told as (
       select case line.act
                when 'requested' then 'subscriber.subscribed'
                when 'added' then 'subscriber.subscribed'
                when 'imported' then 'subscriber.subscribed'
                when 'confirmed' then 'subscriber.confirmed'
                when 'resubscribed' then 'subscriber.confirmed'
                when 'unsubscribed' then 'subscriber.unsubscribed'
                when 'removed' then 'subscriber.erased'
              end as kind,
              line.at, line.email_hash, line.list_id, line.via, line.id as line
       from lines as line
     ), noted as (
       insert into webhook_events (kind, at, subscriber_id, email_hash, list_id, data)
       select told.kind, told.at, subscribers.id, told.email_hash, told.list_id,
              jsonb_build_object('via', told.via, 'state', subscriptions.state)
       from told
       left join subscribers on subscribers.email_hash = told.email_hash
       left join subscriptions on subscriptions.subscriber_id = subscribers.id
         and subscriptions.list_id = told.list_id
       where exists (select from webhooks where told.kind = any (webhooks.events))
       order by told.line
       returning id, kind, at
     )
     insert into webhook_deliveries (webhook_id, event_id, next_attempt_at)
     select webhooks.id, noted.id, noted.at from noted join webhooks on noted.kind = any (webhooks.events);
     return null;
   end $$`,
  `create trigger note_consent_events after insert on consent_log referencing new table as lines
     for each statement execute function note_consent_events()`,

  `create function note_feedback_event() returns trigger language plpgsql as $$
   begin
     perform note_event(
       case new.kind when 'complaint' then 'subscriber.complained' else 'subscriber.bounced' end,
       new.recorded_at, new.subscriber_id, new.email_hash, new.edition_id,
       jsonb_build_object('bounce', case when new.kind <> 'complaint' then new.kind end,
                          'reason', new.reason, 'status', new.status, 'action', new.action));
     return null;
   end $$`,
  `create trigger note_feedback_event after insert on feedback_events for each row
     when (new.kind in ('hard', 'soft', 'block', 'complaint') and new.subscriber_id is not null
           and new.action <> 'unmatched')
     execute function note_feedback_event()`,

  // What a mail server refuses while an edition is sent is no feedback: it shows in the suppression that the ledger
  // writes (src/delivery/ledger.ts), by its note.
  `create function note_refused_event() returns trigger language plpgsql as $$
   begin
     perform note_event('subscriber.bounced', new.created_at,
       (select id from subscribers where email_hash = new.email_hash), new.email_hash,
       substring(new.note from 'edition ([0-9]+)')::bigint,
       jsonb_build_object('bounce', 'hard', 'reason', 'userunknown', 'status', null, 'action', 'suppressed'));
     return null;
   end $$`,
  `create trigger note_refused_event after insert on suppressions for each row
     when (new.reason = 'bounce' and new.note ~ '^refused as unknown when edition [0-9]+ was sent$')
     execute function note_refused_event()`,

  `create function note_sent_event() returns trigger language plpgsql as $$
   begin
     perform note_event('edition.sent', coalesce(new.sent_at, new.updated_at), null, null, new.id, '{}');
     return null;
   end $$`,
  `create trigger note_sent_event after update of state on editions for each row
     when (new.state = 'sent' and old.state <> 'sent')
     execute function note_sent_event()`,
];
