import { type Kysely, sql } from 'kysely';

/** Whether what needs a person was told, so that what could not be sent is tried again. */
export async function up(db: Kysely<unknown>): Promise<void> {
  // Processes of the version before tell what they note by themselves: it counts as told.
  await sql`
    alter table troubles
      add column told_at timestamptz default now(),
      add column telling_at timestamptz`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`alter table troubles drop column told_at, drop column telling_at`.execute(db);
}
