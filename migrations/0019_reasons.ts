import { type Kysely, sql } from 'kysely';

/** A suppression for each reason, and where links lead that were mailed of lists and editions which are gone. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  for (const statement of undone) await sql.raw(statement).execute(db);
}

const statements = [
  // Each reason has its own note and end, so that a strong one that ends hides no weaker one that stays.
  `drop index suppressions_address`,
  `create unique index suppressions_address on suppressions (email_hash, coalesce(list_id, 0), reason)`,

  // Lists that went into others: links that were mailed before name them by id.
  `create table former_list_ids (
     id bigint primary key,
     list_id bigint not null references lists (id) on delete cascade
   )`,
  `create index former_list_ids_list on former_list_ids (list_id)`,

  // Editions that were removed: their mails' links to unsubscribe mean the newsletter's lists at that time.
  `create table former_editions (
     edition_id bigint primary key,
     newsletter text not null,
     list_ids bigint[] not null
   )`,
];

const undone = [
  `drop table former_editions, former_list_ids`,
  `delete from suppressions where id in (
     select id from (
       select id, row_number() over (partition by email_hash, coalesce(list_id, 0)
         order by array_position(array['erasure', 'complaint', 'manual', 'bounce', 'unsubscribe'], reason)) as place
       from suppressions) as ranked
     where place > 1)`,
  `drop index suppressions_address`,
  `create unique index suppressions_address on suppressions (email_hash, coalesce(list_id, 0))`,
];
