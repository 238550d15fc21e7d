import { type Kysely, sql } from 'kysely';

/** What the ledger of an edition came to, for when its rows have gone. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table editions add column ledger_sums jsonb`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`alter table editions drop column ledger_sums`.execute(db);
}
