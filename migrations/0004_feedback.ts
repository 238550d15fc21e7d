import { type Kysely, sql } from 'kysely';

/** What came back about deliveries. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql.raw('drop table if exists feedback_seen, feedback_events').execute(db);
}

const statements = [
  // Append-only. Without foreign keys: what came back stays known when an edition or a person is gone, by ids and a hash.
  `create table feedback_events (
     id bigint generated always as identity primary key,
     -- The same for the same event, however often and by whatever way it comes.
     external_id text not null unique,
     source text not null,
     kind text not null check (kind in ('hard', 'soft', 'block', 'delay', 'complaint', 'auto-reply', 'unsubscribe')),
     reason text,
     status text,
     reply integer,
     -- The server's words, without addresses.
     detail text not null default '',
     -- Null: it names no delivery of ours by a signature, so nothing was done.
     edition_id bigint,
     subscriber_id bigint,
     -- SHA-256 of the address that it names.
     email_hash bytea,
     action text not null check (action in ('suppressed', 'rested', 'unsubscribed', 'counted', 'nothing', 'unmatched')),
     -- When it happened, and when we learnt of it.
     at timestamptz not null,
     recorded_at timestamptz not null
   )`,
  `create index feedback_events_edition on feedback_events (edition_id, kind)`,
  `create index feedback_events_subscriber on feedback_events (subscriber_id, at)`,
  `create index feedback_events_recorded on feedback_events (recorded_at)`,

  // What must not be looked at twice: the UIDLs of messages that a poll left for a person in a POP3 mailbox, which has no
  // flags, and the tokens of a webhook whose signature does not cover the body.
  `create table feedback_seen (
     scope text not null,
     name text not null,
     at timestamptz not null,
     primary key (scope, name)
   )`,
];
