import { type RawBuilder, type SqlBool, sql, type Transaction } from 'kysely';
import type { Context } from '../context.ts';
import type { DB, Json } from '../db/schema.ts';

/** A transaction in which subscriptions are carried from one list to another. */
export interface Inside {
  db: Transaction<DB>;
  clock: Context['clock'];
}

const attempts = 3;

/**
 * Runs work in a transaction of its own, again if Postgres ended it because two waited for each other: an import locks
 * many people in another order than this does.
 */
export async function carrying<T>(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  work: (inside: Inside) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++)
    try {
      return await db.transaction().execute((trx) => work({ db: trx, clock }));
    } catch (error) {
      if ((error as { code?: string }).code !== '40P01' || attempt === attempts) throw error;
    }
}

/**
 * Chooses the people of a list who are carried, into the table `carried`, which ends with the transaction. They and the lists
 * are locked until then, people first, as whoever subscribes or leaves locks them.
 * @param where a condition on `subscribers`; everybody if not given
 */
export async function chooseCarried(
  { db }: Inside,
  listIds: number[],
  from: number,
  where: RawBuilder<SqlBool> = sql<SqlBool>`true`,
): Promise<void> {
  await sql`set local work_mem = '64MB'`.execute(db);
  await sql`create temporary table if not exists carried (id bigint primary key) on commit drop`.execute(db);
  await sql`truncate carried`.execute(db);
  const choose = sql`
    insert into carried
    select subscribers.id from subscribers
    join subscriptions on subscriptions.subscriber_id = subscribers.id and subscriptions.list_id = ${from}
    where ${where}
    on conflict do nothing`;
  await choose.execute(db);
  await sql`
    select count(*) from (select id from subscribers where id in (select id from carried) order by id for update) as locked`.execute(
    db,
  );
  await sql`
    select count(*) from (select id from lists where id = any(${listIds}::bigint[]) order by id for update) as locked`.execute(
    db,
  );
  // Who came meanwhile: with the list locked nobody comes any more.
  await choose.execute(db);
  await sql`analyze carried`.execute(db);
}

/**
 * How much a subscription says against mail: that somebody left says the most, also if they have asked to come back and not confirmed it
 * yet. That they merely asked takes nothing from a consent which they gave: anybody can type an address into a form.
 * @param table its alias
 */
export const strictness = (table: string) => sql<number>`case
  when ${sql.ref(`${table}.state`)} = 'unsubscribed' then 4
  when ${sql.ref(`${table}.state`)} = 'pending' and ${sql.ref(`${table}.unsubscribed_at`)} is not null then 3
  when ${sql.ref(`${table}.state`)} = 'confirmed' then 2
  else 1 end`;

const rarity = (column: string) =>
  sql`array_position(array['every', 'daily', 'weekly', 'monthly'], ${sql.ref(column)})`;

const union = (column: 'muted_topics' | 'muted_sources') =>
  sql`array(select distinct unnest(had.${sql.ref(column)} || excluded.${sql.ref(column)}))`;

/**
 * Writes the subscriptions of the `carried` people on one list to another. Of two that somebody has, the stricter state
 * holds (`strictness`), and the rarer frequency; what is muted in either is muted; the topics are those of the list that they come to. A line
 * of the consent log tells each of them. Suppressions for the list come along; of two the stronger holds.
 * @param how.via what the consent log calls it
 * @returns how many people were carried, and how many of them were not on the other list before
 */
export async function carryOver(
  { db, clock }: Inside,
  { from, to }: { from: number; to: number },
  how: { via: 'merge' | 'split' | 'copy'; evidence: Record<string, Json> },
): Promise<{ people: number; added: number }> {
  const now = clock.now();
  const { rows } = await sql<{ people: number; added: number }>`
    with before as materialized (
      select subscriber_id, state from subscriptions
      where list_id = ${to} and subscriber_id in (select id from carried)
    ),
    written as (
      insert into subscriptions as had (
        subscriber_id, list_id, state, frequency, topics, muted_topics, muted_sources, paused_until, confirmation_sent_at,
        confirmation_wording, confirmed_at, unsubscribed_at, created_at, welcomed_at, goodbye_sent_at, updated_at)
      select subscriber_id, ${to}, state, frequency, topics, muted_topics, muted_sources, paused_until, confirmation_sent_at,
        confirmation_wording, confirmed_at, unsubscribed_at, created_at, welcomed_at, goodbye_sent_at, ${now}
      from subscriptions
      where list_id = ${from} and subscriber_id in (select id from carried)
      order by subscriber_id
      on conflict (subscriber_id, list_id) do update set
        state = case when ${strictness('excluded')} > ${strictness('had')} then excluded.state else had.state end,
        frequency = case when ${rarity('excluded.frequency')} > ${rarity('had.frequency')}
          then excluded.frequency else had.frequency end,
        muted_topics = ${union('muted_topics')},
        muted_sources = ${union('muted_sources')},
        paused_until = greatest(had.paused_until, excluded.paused_until),
        confirmation_sent_at = greatest(had.confirmation_sent_at, excluded.confirmation_sent_at),
        confirmed_at = least(had.confirmed_at, excluded.confirmed_at),
        unsubscribed_at = greatest(had.unsubscribed_at, excluded.unsubscribed_at),
        created_at = least(had.created_at, excluded.created_at),
        welcomed_at = least(had.welcomed_at, excluded.welcomed_at),
        goodbye_sent_at = greatest(had.goodbye_sent_at, excluded.goodbye_sent_at),
        updated_at = excluded.updated_at
      returning subscriber_id, state
    ),
    logged as (
      insert into consent_log (email_hash, list_id, act, at, via, evidence)
      select subscribers.email_hash, ${to},
        case when before.state is null then case written.state
            when 'confirmed' then 'added' when 'pending' then 'requested' else 'unsubscribed' end
          when written.state = 'unsubscribed' and before.state <> 'unsubscribed' then 'unsubscribed'
          else 'changed' end,
        ${now}, ${how.via},
        ${JSON.stringify(how.evidence)}::jsonb || jsonb_build_object('state', written.state)
          || case when before.state is null then '{}'::jsonb else jsonb_build_object('was', before.state) end
      from written
      join subscribers on subscribers.id = written.subscriber_id
      left join before on before.subscriber_id = written.subscriber_id
    )
    select count(*) as people, count(*) filter (where before.state is null) as added
    from written left join before on before.subscriber_id = written.subscriber_id`.execute(db);
  return rows[0] ?? { people: 0, added: 0 };
}

/**
 * Writes a list's suppressions for another list too. Of two for one address and reason the one that lasts longer holds.
 * @param all those of addresses that are not among the `carried` people as well: of people who are not known any more
 */
export async function carrySuppressions(
  { db }: Inside,
  { from, to, all }: { from: number; to: number; all: boolean },
): Promise<void> {
  await sql`
    insert into suppressions (email_hash, email, list_id, reason, note, created_at, expires_at)
    select email_hash, email, ${to}, reason, note, created_at, expires_at
    from suppressions
    where list_id = ${from} ${
      all
        ? sql``
        : sql`and email_hash in (select subscribers.email_hash from subscribers join carried on carried.id = subscribers.id)`
    }
    on conflict (email_hash, coalesce(list_id, 0), reason) do update set
      note = excluded.note, email = excluded.email, created_at = excluded.created_at, expires_at = excluded.expires_at,
      import_id = null, import_before = null
    where suppressions.expires_at < coalesce(excluded.expires_at, 'infinity')`.execute(db);
}
