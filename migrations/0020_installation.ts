import { type Kysely, sql } from 'kysely';

/** Which installation the data belong to, and where that one runs: a copy of them is known by running elsewhere. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`
    create table installation (
      only_one boolean primary key default true check (only_one),
      id uuid not null default gen_random_uuid(),
      place jsonb,
      adopted_at timestamptz not null,
      held_because text check (held_because in ('restored', 'moved')),
      held_details text
    )`.execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  await sql`drop table installation`.execute(db);
}
