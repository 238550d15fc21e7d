import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Context } from '../../context.ts';
import { ownConnection } from '../../db/connect.ts';
import type { DB } from '../../db/schema.ts';
import { UserError } from '../../errors.ts';
import { lockImport } from './lock.ts';
import { findImport } from './record.ts';

/** What taking an import back comes to. */
export interface UndoResult {
  importId: number;
  /** People who are gone again, as the import had made them. */
  removed: number;
  /** Subscriptions that are gone again, of people who were here before or were changed since. */
  leftList: number;
  /** People and subscriptions that are as they were before the import. */
  restored: number;
  /** Addresses that get mail again. */
  released: number;
  /** People who stay although the import made them, or of whom nothing was as the import had left it. */
  kept: number;
  /** Why they stay, each counted under the first that is so. */
  keptBecause: {
    /** Somebody changed them or a subscription of theirs. */
    changed: number;
    /** They did something themselves: clicked, opened, confirmed, chose, left. */
    acted: number;
    /** An edition was sent to them. */
    mailed: number;
  };
}

const rowsAtOnce = 5_000;

/**
 * Takes back what an import added or changed, as far as nobody changed it since. Whoever did something themselves or was sent an
 * edition since then stays, without the subscription that they owe to the import alone. The consent log tells of it. An undoing that
 * was cut off goes on when it is asked for again.
 * @param options.preview true: only counts
 * @throws UserError if there is no such import, it was undone, or a process is at work on it
 */
export async function undoImport(
  context: Pick<Context, 'db' | 'clock'>,
  id: number,
  options: {
    preview?: boolean;
    signal?: AbortSignal;
    onProgress?: (done: number, total: number) => void;
  } = {},
): Promise<UndoResult> {
  const record = await findImport(context, id);
  if (record.state === 'undone')
    throw new UserError(`Import ${id} was undone already.`, { code: 'state', details: { importId: id } });
  const connection = await ownConnection(context.db);
  try {
    const { db } = connection;
    await lockImport(db, id);
    const total = await collect(db, { id, at: record.startedAt });
    const result = await count(db, { id, at: record.startedAt });
    if (options.preview) return result;
    await setState(context, id, 'undoing');
    const undo = { id, at: record.startedAt, now: context.clock.now() };
    for (let from = 1; from <= total; from += rowsAtOnce) {
      if (options.signal?.aborted)
        throw new UserError(`Undoing import ${id} was stopped; a part of it is taken back.`, {
          code: 'interrupted',
          hint: `Go on with: broadsheet subscribers imports undo ${id}`,
        });
      await db.transaction().execute((trx) => undoPeople(trx, undo, from, from + rowsAtOnce - 1));
      options.onProgress?.(Math.min(from + rowsAtOnce - 1, total), total);
    }
    await db.transaction().execute((trx) => undoSuppressions(trx, undo));
    await setState(context, id, 'undone');
    return result;
  } finally {
    connection.close();
  }
}

/** Puts the ids of everybody whom the import touched into a temporary table, by number. @returns how many there are */
async function collect(db: Kysely<DB>, { id, at }: Undo): Promise<number> {
  await sql`
    create temporary table undo_people as
    select row_number() over (order by subscriber_id) as number, subscriber_id
    from (
      select id as subscriber_id from subscribers where import_id = ${id}
      union select subscriber_id from subscriptions where import_id = ${id}
    ) touched`.execute(db);
  await sql`create unique index on pg_temp.undo_people (number)`.execute(db);
  await sql`analyze pg_temp.undo_people`.execute(db);
  // In one look at each table, as these may be large: who did something themselves since, and who was sent an edition.
  await sql`
    create temporary table undo_stay as
    select subscriber_id, bool_or(acted) as acted from (
      select p.subscriber_id, true as acted from pg_temp.undo_people p
      join engagement e on e.subscriber_id = p.subscriber_id
      where e.source = 'person' and e.last_at >= ${at}
      union all
      select p.subscriber_id, true from pg_temp.undo_people p
      join subscribers s on s.id = p.subscriber_id
      join consent_log l on l.email_hash = s.email_hash
      where l.at >= ${at} and l.via not in ('import', 'admin', 'merge', 'split', 'copy', 'sunset')
      union all
      select p.subscriber_id, false from editions
      join deliveries d on d.edition_id = editions.id
      join pg_temp.undo_people p on p.subscriber_id = d.subscriber_id
      where editions.planned_at >= ${at} and d.state not in ('planned', 'skipped')
    ) known
    group by subscriber_id`.execute(db);
  await sql`create unique index on pg_temp.undo_stay (subscriber_id)`.execute(db);
  await sql`analyze pg_temp.undo_stay`.execute(db);
  const { rows } = await sql<{
    total: number;
  }>`select count(*)::int as total from pg_temp.undo_people`.execute(db);
  return rows[0]?.total ?? 0;
}

interface Undo {
  id: number;
  at: Date;
}

/** Whether a row is as the import left it. */
const untouched = (alias: string, { id, at }: Undo): RawBuilder<boolean> =>
  sql`(${sql.ref(`${alias}.import_id`)} = ${id} and ${sql.ref(`${alias}.updated_at`)} = ${at})`;

/** Whether the import made the person. */
const madePerson = ({ id, at }: Undo) =>
  sql<boolean>`(s.import_id = ${id} and s.created_at = ${at} and c.person is null)`;

/** Whether somebody changed a person whom the import made, or gave them another subscription. */
const changed = (undo: Undo) => sql<boolean>`(
  not ${untouched('s', undo)} or exists (
    select from subscriptions other where other.subscriber_id = s.id and not ${untouched('other', undo)}))`;

const stays = sql<boolean>`exists (select from pg_temp.undo_stay stay where stay.subscriber_id = s.id)`;

/** Whether the import made the person, and nothing came of it since. */
const removable = (undo: Undo) =>
  sql<boolean>`(${madePerson(undo)} and not ${changed(undo)} and not ${stays})`;

/** Whether the import made the subscription. */
const madeSubscription = (undo: Undo) => sql<boolean>`(
  ${untouched('u', undo)} and u.created_at = ${undo.at} and c.subscriptions is null)`;

async function count(db: Kysely<DB>, undo: Undo): Promise<UndoResult> {
  const { rows } = await sql<
    Record<'removed' | 'leftList' | 'restored' | 'changed' | 'acted' | 'mailed', number>
  >`
    select count(*) filter (where removable)::int as removed,
      coalesce(sum(subscriptions_made) filter (where not removable), 0)::int as "leftList",
      coalesce(sum(person_restored + subscriptions_restored), 0)::int as restored,
      count(*) filter (where kept and changed)::int as changed,
      count(*) filter (where kept and not changed and acted)::int as acted,
      count(*) filter (where kept and not changed and not acted)::int as mailed
    from (
      select *, not removable and (person_made
        or subscriptions_made = 0 and person_restored + subscriptions_restored = 0) as kept
      from (
        select ${removable(undo)} as removable, ${madePerson(undo)} as person_made, ${changed(undo)} as changed,
          (select count(*) from subscriptions u where u.subscriber_id = s.id and ${madeSubscription(undo)})
            as subscriptions_made,
          (c.person is not null and ${untouched('s', undo)})::int as person_restored,
          (select count(*) from subscriptions u where u.subscriber_id = s.id and ${untouched('u', undo)}
            and c.subscriptions is not null) as subscriptions_restored,
          coalesce((select acted from pg_temp.undo_stay stay where stay.subscriber_id = s.id), false) as acted
        from pg_temp.undo_people p
        join subscribers s on s.id = p.subscriber_id
        left join import_changes c on c.subscriber_id = s.id and c.import_id = ${undo.id}
      ) people
    ) judged`.execute(db);
  const released = await sql<{ count: number }>`
    select count(*)::int as count from suppressions
    where import_id = ${undo.id} and created_at = ${undo.at}`.execute(db);
  const { removed, leftList, restored, ...keptBecause } = rows[0] ?? nothing;
  return {
    ...{ importId: undo.id, removed, leftList, restored, released: released.rows[0]?.count ?? 0 },
    kept: keptBecause.changed + keptBecause.acted + keptBecause.mailed,
    keptBecause,
  };
}

const nothing = { removed: 0, leftList: 0, restored: 0, changed: 0, acted: 0, mailed: 0 };

/** Takes back what was done to a range of the people, in one transaction. */
async function undoPeople(
  trx: Kysely<DB>,
  undo: Undo & { now: Date },
  first: number,
  last: number,
): Promise<void> {
  const { id, now } = undo;
  const these = sql`select subscriber_id from pg_temp.undo_people where number between ${first} and ${last}`;
  // Nobody changes these people or their subscriptions until the end.
  await sql`select id from subscribers where id in (${these}) order by id for update`.execute(trx);
  const evidence = JSON.stringify({ import: id, undone: true });
  await sql`
    insert into consent_log (email_hash, list_id, act, at, via, evidence)
    select s.email_hash, u.list_id, 'changed', ${now}, 'import', ${evidence}::jsonb
    from subscribers s join subscriptions u on u.subscriber_id = s.id
    where s.id in (${these}) and ${untouched('u', undo)}
    order by s.id`.execute(trx);
  await sql`
    delete from subscribers where id in (
      select s.id from subscribers s
      left join import_changes c on c.subscriber_id = s.id and c.import_id = ${id}
      where s.id in (${these}) and ${removable(undo)})`.execute(trx);
  await sql`
    delete from subscriptions where (subscriber_id, list_id) in (
      select u.subscriber_id, u.list_id from subscriptions u
      left join import_changes c on c.subscriber_id = u.subscriber_id and c.import_id = ${id}
      where u.subscriber_id in (${these}) and ${madeSubscription(undo)})`.execute(trx);
  await sql`
    update subscriptions u set state = b.state, frequency = b.frequency, topics = b.topics,
      confirmed_at = b.confirmed_at, unsubscribed_at = b.unsubscribed_at, updated_at = b.updated_at,
      import_id = b.import_id
    from import_changes c, jsonb_populate_recordset(null::subscriptions, c.subscriptions) b
    where c.import_id = ${id} and c.subscriber_id in (${these}) and u.subscriber_id = c.subscriber_id
      and u.list_id = b.list_id and ${untouched('u', undo)}`.execute(trx);
  await sql`
    update subscribers s set name = b.name, language = b.language, time_zone = b.time_zone, tags = b.tags,
      fields = b.fields, updated_at = b.updated_at, import_id = b.import_id
    from import_changes c, jsonb_populate_record(null::subscribers, c.person) b
    where c.import_id = ${id} and c.subscriber_id in (${these}) and s.id = c.subscriber_id
      and c.person is not null and ${untouched('s', undo)}`.execute(trx);
  await sql`delete from import_changes where import_id = ${id} and subscriber_id in (${these})`.execute(trx);
}

/** Lets mail go again to the addresses that the import stopped, or stops it as it was stopped before. */
async function undoSuppressions(trx: Kysely<DB>, { id, at, now }: Undo & { now: Date }): Promise<void> {
  await sql`
    insert into consent_log (email_hash, list_id, act, at, via, evidence)
    select email_hash, list_id, 'changed', ${now}, 'import', ${JSON.stringify({ import: id, undone: true })}::jsonb
    from suppressions where import_id = ${id} and created_at = ${at}`.execute(trx);
  await sql`
    update suppressions s set reason = b.reason, note = b.note, created_at = b.created_at, expires_at = b.expires_at,
      import_id = null, import_before = null
    from suppressions x, jsonb_populate_record(null::suppressions, x.import_before) b
    where s.id = x.id and x.import_id = ${id} and x.created_at = ${at} and x.import_before is not null`.execute(
    trx,
  );
  await sql`
    delete from suppressions where import_id = ${id} and created_at = ${at} and import_before is null`.execute(
    trx,
  );
}

async function setState(
  context: Pick<Context, 'db' | 'clock'>,
  id: number,
  state: 'undoing' | 'undone',
): Promise<void> {
  const now = context.clock.now();
  await context.db
    .updateTable('imports')
    .set({ state, updated_at: now, ...(state === 'undone' && { undone_at: now }) })
    .where('id', '=', id)
    .execute();
}
