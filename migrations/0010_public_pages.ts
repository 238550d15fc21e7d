import { type Kysely, sql } from 'kysely';

/** Public archives, why people leave, links to one's own data, and limits on what visitors may ask for. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  for (const statement of undone) await sql.raw(statement).execute(db);
}

const statements = [
  // Whether anyone may read the editions that were sent.
  `alter table newsletters add column public_archive boolean not null default false`,

  // What someone said when they left, if they said anything.
  `alter table subscriptions
     add column leave_reason text check (leave_reason in ('too-many', 'not-relevant', 'never-asked', 'other')),
     add column leave_comment text check (length(leave_comment) <= 1000)`,

  // When the link to a person's own data was last mailed to them.
  `alter table subscribers add column data_link_sent_at timestamptz`,

  // What visitors have used of their limits. The key is an HMAC of the limit and whom it is for: no address can be read
  // from it. A row is as if it were not there once full_at has passed, and is deleted in passing. It may be lost in a
  // crash: then everyone begins anew.
  `create unlogged table visitor_limits (
     key bytea primary key,
     -- When everything is free again.
     full_at timestamptz not null,
     -- How many seconds full_at may lie ahead.
     room double precision not null
   )`,
  `create index visitor_limits_full on visitor_limits (full_at)`,
];

const undone = [
  `drop table visitor_limits`,
  `alter table subscribers drop column data_link_sent_at`,
  `alter table subscriptions drop column leave_reason, drop column leave_comment`,
  `alter table newsletters drop column public_archive`,
];
