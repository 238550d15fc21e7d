import { type Kysely, sql } from 'kysely';

/** What needs a person and was told, and at what rates sending pauses by itself. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table troubles (
      -- What is wrong with what, such as late:12.
      key text primary key,
      about jsonb not null,
      since timestamptz not null,
      seen_at timestamptz not null,
      ended_at timestamptz
    )`.execute(db);
  await sql`create index troubles_open on troubles (key) where ended_at is null`.execute(db);
  await sql`alter table newsletters add column stop_rates jsonb not null default '{}'`.execute(db);
  await sql`create index webhook_deliveries_dead on webhook_deliveries (webhook_id) where state = 'dead'`.execute(
    db,
  );
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop index webhook_deliveries_dead`.execute(db);
  await sql`alter table newsletters drop column stop_rates`.execute(db);
  await sql`drop table troubles`.execute(db);
}
