import { type Kysely, sql } from 'kysely';

/** Deliveries that were sent again although nobody knew whether the first message had arrived. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`alter table deliveries add column doubted boolean not null default false`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`alter table deliveries drop column doubted`.execute(db);
}
