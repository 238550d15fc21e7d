import { type Kysely, sql } from 'kysely';

/** Mails about a subscription, and what delivery needs beyond the ledger. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql
    .raw(
      `alter table lists drop column welcome, drop column goodbye;
     alter table subscriptions drop column welcomed_at, drop column goodbye_sent_at;
     alter table subscribers drop column link_sent_at;
     alter table deliveries add column batch integer not null default 0;
     create index deliveries_batch on deliveries (edition_id, batch, subscriber_id)
       where state in ('planned', 'claimed', 'begun', 'deferred');
     alter table newsletters drop column deliver_at, drop column retry_minutes;
     drop table delivery_batches, dkim_keys, routes, route_groups, throttle_states, route_days, sending_workers`,
    )
    .execute(db);
}

const statements = [
  `alter table lists
     -- Whether people are welcomed when they have confirmed, and told when they have left.
     add column welcome boolean not null default true,
     add column goodbye boolean not null default false`,
  `alter table subscriptions
     add column welcomed_at timestamptz,
     add column goodbye_sent_at timestamptz`,
  // When the link to their preferences was last mailed.
  `alter table subscribers add column link_sent_at timestamptz`,

  `alter table newsletters
     -- At this time of each reader's own day, as in 07:00; null: as soon as an edition is there.
     add column deliver_at text check (deliver_at ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
     -- How long what a mailbox puts off is tried again.
     add column retry_minutes integer not null default 1440 check (retry_minutes > 0)`,

  // The parts in which workers take an edition's deliveries, each a range of subscribers.
  `create table delivery_batches (
     edition_id bigint not null references editions (id) on delete cascade,
     batch integer not null,
     first_id bigint not null,
     last_id bigint not null,
     -- When something in it is to be done next; null: everything in it has come to its end.
     due_at timestamptz,
     -- Which worker is at it, and until when.
     worker uuid,
     lease_until timestamptz,
     primary key (edition_id, batch)
   )`,
  `create index delivery_batches_open on delivery_batches (edition_id) where due_at is not null`,
  `insert into delivery_batches (edition_id, batch, first_id, last_id, due_at)
   select edition_id, batch, min(subscriber_id), max(subscriber_id),
          case when bool_or(state in ('planned', 'claimed', 'begun', 'deferred')) then now() end
   from deliveries where edition_id in (select id from editions where state in ('sending', 'paused'))
   group by edition_id, batch`,
  // What messages are signed with (RFC 6376, RFC 8463).
  `create table dkim_keys (
     domain text not null,
     selector text not null,
     algorithm text not null check (algorithm in ('rsa-sha256', 'ed25519-sha256')),
     -- PKCS #8, PEM.
     private_key text not null,
     created_at timestamptz not null default now(),
     -- Null: not yet in use, until its record is in the DNS.
     active_since timestamptz,
     primary key (domain, selector)
   )`,
  // Ways out for editions. While there is none, SMTP_URL is the only one.
  `create table routes (
     id bigint generated always as identity primary key,
     name text not null unique check (name ~ '^[a-z0-9][a-z0-9-]*$'),
     url text not null,
     -- Its share beside others that have one.
     weight double precision check (weight > 0),
     -- It serves only this.
     from_domain text,
     list_id bigint references lists (id) on delete cascade,
     -- Of all processes together.
     connections integer check (connections > 0),
     messages_per_connection integer check (messages_per_connection > 0),
     per_second double precision check (per_second > 0),
     per_day integer check (per_day > 0),
     -- A new route begins with so many a day, which grow by a factor each day from a date on.
     warm_up_from date,
     warm_up_first integer check (warm_up_first > 0),
     warm_up_factor double precision check (warm_up_factor > 1),
     active boolean not null default true,
     created_at timestamptz not null default now(),
     updated_at timestamptz not null default now()
   )`,
  // What a route may send to one mail provider, or one domain. Route '': each of them, unless it has limits of its own.
  `create table route_groups (
     route text not null,
     recipients text not null,
     per_second double precision check (per_second > 0),
     connections integer check (connections > 0),
     updated_at timestamptz not null default now(),
     primary key (route, recipients)
   )`,
  // From when on the next message may go, by route and mail provider ('' for the route as a whole).
  `create table throttle_states (
     route text not null,
     recipients text not null,
     next_at timestamptz not null default now(),
     -- Messages a second, learned from refusals, and what it was before them; null: nothing was learned.
     learned double precision,
     usual double precision,
     learned_at timestamptz,
     words text,
     primary key (route, recipients)
   )`,
  `create table route_days (
     route text not null,
     day date not null,
     taken integer not null default 0,
     primary key (route, day)
   )`,
  // Processes that send, by their last word.
  `create table sending_workers (
     worker uuid primary key,
     seen_at timestamptz not null
   )`,
  // With the state in no index, a change of it needs no new entry in any.
  `drop index deliveries_batch`,
  `alter table deliveries drop column batch`,
];
