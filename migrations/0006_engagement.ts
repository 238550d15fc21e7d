import { type Kysely, sql } from 'kysely';

/** Who opened or clicked: a person, or a program; and counts that name no reader. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}

export async function down(db: Kysely<unknown>): Promise<void> {
  for (const statement of undone) await sql.raw(statement).execute(db);
}

const statements = [
  // What was counted before is taken for persons': nothing of it is known that would tell.
  `alter table engagement
     add column source text not null default 'person' check (source in ('person', 'prefetch', 'scanner')),
     -- Of times, those at the end that came close upon one another, and when the one before them was: what is taken back
     -- when they turn out to be a program's.
     add column recent integer not null default 1,
     add column before_at timestamptz`,
  `alter table engagement drop constraint engagement_pkey`,
  `alter table engagement add primary key (edition_id, subscriber_id, kind, position, related, source)`,
  // Without the time, which changes with each further click: the row then stays in its place, and needs no new entries.
  `drop index engagement_subscriber`,
  `create index engagement_subscriber on engagement (subscriber_id)`,

  // For newsletters that count without knowing who: how often, and nothing of a reader, time or place.
  `create table engagement_counts (
     edition_id bigint not null references editions (id) on delete cascade,
     kind text not null check (kind in ('open', 'click')),
     position smallint not null default -1,
     related smallint not null default -1,
     source text not null check (source in ('person', 'prefetch', 'scanner')),
     times bigint not null,
     primary key (edition_id, kind, position, related, source)
   )`,
];

const undone = [
  `drop table engagement_counts`,
  `drop index engagement_subscriber`,
  `create index engagement_subscriber on engagement (subscriber_id, last_at desc)`,
  `delete from engagement where source <> 'person'`,
  `alter table engagement drop constraint engagement_pkey`,
  `alter table engagement add primary key (edition_id, subscriber_id, kind, position, related)`,
  `alter table engagement drop column source, drop column recent, drop column before_at`,
];
