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
    select row_number() over (order by subscriber_id) as number, subscriber_id,
      -- Whom an import made that is undone by now may go with this one: then all counts that they did since they came.
      case when exists (select from imports i where i.state = 'undone' and i.started_at = s.created_at)
        then s.created_at else ${at} end as since
    from (
      select id as subscriber_id from subscribers where import_id = ${id}
      union select subscriber_id from subscriptions where import_id = ${id}
      union select subscriber_id from import_changes where import_id = ${id}
      -- Whose rows a later import wrote over.
      union select subscriber_id from import_changes
        where import_id > ${id} and ${liesOn(id)}
    ) touched join subscribers s on s.id = touched.subscriber_id`.execute(db);
  await sql`create unique index on pg_temp.undo_people (number)`.execute(db);
  await sql`analyze pg_temp.undo_people`.execute(db);
  // In one look at each table, as these may be large: who did something themselves since, and who was sent an edition.
  await sql`
    create temporary table undo_stay as
    select subscriber_id, bool_or(acted) as acted from (
      select p.subscriber_id, true as acted from pg_temp.undo_people p
      join engagement e on e.subscriber_id = p.subscriber_id
      where e.source = 'person' and e.last_at >= p.since
      union all
      select p.subscriber_id, true from pg_temp.undo_people p
      join subscribers s on s.id = p.subscriber_id
      join consent_log l on l.email_hash = s.email_hash
      where l.at >= p.since and l.via not in ('import', 'admin', 'merge', 'split', 'copy', 'sunset')
      union all
      select p.subscriber_id, false from editions
      join deliveries d on d.edition_id = editions.id
      join pg_temp.undo_people p on p.subscriber_id = d.subscriber_id
      where editions.planned_at >= p.since and d.state not in ('planned', 'skipped')
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

/**
 * Whether a subscription goes: the import made it, or an import that is undone made it and this one changed it, and nobody did since.
 * @param u its alias
 */
const goes = (u: string, undo: Undo) => sql<boolean>`(${untouched(u, undo)} and (
  ${sql.ref(`${u}.created_at`)} = ${undo.at} and c.subscriptions is null
  or exists (
    select from jsonb_populate_recordset(null::subscriptions, c.subscriptions) b join imports i on i.id = b.import_id
    where b.list_id = ${sql.ref(`${u}.list_id`)} and i.state = 'undone'
      and b.created_at = i.started_at and b.updated_at = i.started_at)))`;

/**
 * Whether a person goes: this import or one that is undone made them, nothing came of it since, and no subscription of theirs
 * stays. What this import changed of them is taken for what it was before.
 */
const removable = (undo: Undo) => {
  const isBack = sql`c.person is not null and ${untouched('s', undo)}`;
  return sql<boolean>`(
    exists (
      select from imports i
      where i.id = case when ${isBack} then (c.person->>'import_id')::bigint else s.import_id end
        and (i.state = 'undone' or i.id = ${undo.id} and c.person is null)
        and s.created_at = i.started_at
        and case when ${isBack} then (c.person->>'updated_at')::timestamptz else s.updated_at end = i.started_at)
    and not exists (
      select from subscriptions other where other.subscriber_id = s.id and not ${goes('other', undo)})
    and not ${stays})`;
};

async function count(db: Kysely<DB>, undo: Undo): Promise<UndoResult> {
  const { rows } = await sql<
    Record<'removed' | 'leftList' | 'restored' | 'changed' | 'acted' | 'mailed', number>
  >`
    select count(*) filter (where removable)::int as removed,
      coalesce(sum(subscriptions_made) filter (where not removable), 0)::int as "leftList",
      coalesce(sum(person_restored + subscriptions_restored) filter (where not removable), 0)::int as restored,
      count(*) filter (where kept and changed)::int as changed,
      count(*) filter (where kept and not changed and acted)::int as acted,
      count(*) filter (where kept and not changed and not acted)::int as mailed
    from (
      select *, not removable and (person_made
        or subscriptions_made = 0 and person_restored + subscriptions_restored = 0) as kept
      from (
        select ${removable(undo)} as removable, ${madePerson(undo)} as person_made, ${changed(undo)} as changed,
          (select count(*) from subscriptions u where u.subscriber_id = s.id and ${goes('u', undo)})
            as subscriptions_made,
          (c.person is not null and ${untouched('s', undo)})::int as person_restored,
          (select count(*) from subscriptions u where u.subscriber_id = s.id and ${untouched('u', undo)}
            and c.subscriptions is not null and not ${goes('u', undo)}) as subscriptions_restored,
          coalesce((select acted from pg_temp.undo_stay stay where stay.subscriber_id = s.id), false) as acted
        from pg_temp.undo_people p
        join subscribers s on s.id = p.subscriber_id
        left join import_changes c on c.subscriber_id = s.id and c.import_id = ${undo.id}
        -- Each is judged once, and not again for each of the sums.
        offset 0
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
      where u.subscriber_id in (${these}) and ${goes('u', undo)})`.execute(trx);
  await sql`
    update subscriptions u set state = b.state, frequency = b.frequency, topics = b.topics,
      muted_topics = b.muted_topics,
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
  await handDown(trx, id, these);
  await sql`delete from import_changes where import_id = ${id} and subscriber_id in (${these})`.execute(trx);
}

/**
 * Where a later import lies on top, what it wrote stays; but what it keeps of before it becomes what this import had found, so that
 * undoing it too leads there.
 */
async function handDown(trx: Kysely<DB>, id: number, these: RawBuilder<unknown>): Promise<void> {
  await sql`
    update import_changes later set
      person = case when later.person->>'import_id' = ${String(id)} then coalesce(c.person, later.person)
        else later.person end,
      subscriptions = (
        select jsonb_agg(case when kept->>'import_id' = ${String(id)} then coalesce(
            (select own from jsonb_array_elements(c.subscriptions) own where own->'list_id' = kept->'list_id'), kept)
          else kept end)
        from jsonb_array_elements(later.subscriptions) kept)
    from import_changes c
    where c.import_id = ${id} and c.subscriber_id in (${these})
      and later.subscriber_id = c.subscriber_id and later.import_id <> ${id} and ${liesOn(id, 'later')}`.execute(
    trx,
  );
}

/** Whether a row of import_changes keeps something that an import had written. @param changes its alias */
const liesOn = (id: number, changes = 'import_changes') => sql<boolean>`(
  ${sql.ref(`${changes}.person`)}->>'import_id' = ${String(id)} or jsonb_path_exists(
    ${sql.ref(`${changes}.subscriptions`)}, '$[*] ? (@.import_id == $id)', jsonb_build_object('id', ${id}::bigint)))`;

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
