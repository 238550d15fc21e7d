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
     drop table delivery_batches, dkim_keys`,
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
  // With the state in no index, a change of it needs no new entry in any.
  `drop index deliveries_batch`,
  `alter table deliveries drop column batch`,
];
