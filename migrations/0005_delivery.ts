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
     alter table subscribers drop column link_sent_at`,
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
];
