import { type RawBuilder, sql } from 'kysely';
import { strength } from '../suppression.ts';
import { hashOf } from './staging.ts';
import { holdList, type Stored, type Storing, suppressedBecause } from './store.ts';

/**
 * Stores the staged rows of an import that adds, updates or subscribes people, in a handful of statements however many
 * they are. First each row is compared with what is there; only what differs is written.
 */
export async function storePeople(storing: Storing): Promise<Stored> {
  await holdList(storing);
  if (storing.importId !== null && storing.mode !== 'update') {
    const added = await storeStrangers(storing);
    if (added > 0) return { added, updated: 0, unchanged: 0, suppressed: [], passedOver: [] };
  }
  const found = await compare(storing);
  if (storing.importId !== null) {
    if (found.newPeople > 0) await insertPeople(storing, newcomers);
    if (found.known > 0) {
      await lockKnown(storing, found.known);
      await changeKnown(storing);
    }
    if (found.newPeople + found.known > 0) await logConsents(storing, agreed);
  }
  return {
    ...{ added: found.added, updated: found.updated, unchanged: found.unchanged },
    suppressed: found.blocked.map(({ line, reason }) => ({
      line,
      reason: suppressedBecause[reason] ?? `the address is suppressed (${reason})`,
    })),
    passedOver: found.unknown.map((line) => ({ line, reason: 'nobody here has this address' })),
  };
}

/**
 * Stores a batch of which nobody is known and nothing is suppressed, as nearly all are when people first come: without the
 * comparison, which would go over every row twice more. If a person is added by another connection meanwhile, this fails by the unique key,
 * and the batch is tried again.
 * @returns how many were added; 0 if somebody was known, and nothing was done
 */
async function storeStrangers(storing: Storing): Promise<number> {
  const { db, at, listId, tags } = storing;
  const rows = staged(tags);
  const met = await sql`
    select from pg_temp.import_rows r join subscribers s on s.email_key = coalesce(r.email_key, r.email)
    union all
    select from (${rows} offset 0) r join suppressions on ${stops({ at, listId })}
    limit 1`.execute(db);
  if (met.rows.length > 0) return 0;
  const added = await insertPeople(storing, sql`(${rows}) r`);
  await logConsents(storing, sql`(${rows}) r`);
  return added;
}

interface Compared {
  newPeople: number;
  /** People who were there before, and something about them changes. */
  known: number;
  added: number;
  updated: number;
  unchanged: number;
  blocked: { line: number; reason: string }[];
  unknown: number[];
}

/** Fills the work table: the staged rows, with what is to be done about each. */
async function compare({ db, at, mode, listId, tags }: Storing): Promise<Compared> {
  const update = mode === 'update';
  // Who left the list counts as suppressed even if the suppression was lifted: only they can come back.
  const blocked = update
    ? sql`null::text`
    : sql`coalesce(${reasonAgainst({ at, listId })}, case when u.state = 'unsubscribed' then 'unsubscribe' end)`;
  const personChanges =
    mode === 'add'
      ? sql`false`
      : sql`s.id is not null and (
          r.name <> s.name or (r.name is not null and s.name is null)
          or r.language <> s.language or (r.language is not null and s.language is null)
          or r.time_zone <> s.time_zone or (r.time_zone is not null and s.time_zone is null)
          or not s.tags @> r.tags
          or (s.fields || r.fields) <> s.fields) is true`;
  const confirms = mode === 'subscribe' ? sql`u.state = 'pending' and not r.pending` : sql`false`;
  const wishesChange = sql`(r.frequency <> u.frequency or r.topics <> u.topics or r.muted_topics <> u.muted_topics) is true`;
  const subscription = sql`case
      ${update ? sql`when u.subscriber_id is null then null` : sql`when u.subscriber_id is null then 'new'`}
      ${mode === 'add' ? sql`` : sql`when u.state <> 'unsubscribed' and (${confirms} or ${wishesChange}) then 'changed'`}
      ${mode === 'add' ? sql`else null` : sql``}
    end`;
  const { rows } = await sql<Compared>`
    with work as (
      insert into pg_temp.import_work
      select r.line, r.email, r.email_key, r.email_hash, r.name, r.language, r.time_zone, r.frequency, r.topics,
        r.muted_topics, r.tags, r.fields, r.evidence, r.pending, coalesce(s.id, r.subscriber_id), s.id is null, coalesce(${personChanges}, false),
        ${subscription}, coalesce(${confirms}, false), ${blocked}
      from (
        ${staged(tags)} offset 0
      ) r
      left join subscribers s on s.email_key = r.email_key
      left join subscriptions u on u.subscriber_id = s.id and u.list_id = ${listId}
      returning line, new_person, person_changes, subscription, blocked
    )
    select
      count(*) filter (where blocked is null and new_person)::int as "newPeople",
      count(*) filter (where blocked is null and not new_person and (person_changes or subscription is not null))::int as known,
      count(*) filter (where blocked is null and subscription = 'new')::int as added,
      count(*) filter (where blocked is null and subscription is distinct from 'new'
        and (person_changes or subscription = 'changed'))::int as updated,
      count(*) filter (where blocked is null and subscription is null and not person_changes
        and not (new_person and ${update}))::int as unchanged,
      coalesce(jsonb_agg(jsonb_build_object('line', line, 'reason', blocked))
        filter (where blocked is not null), '[]') as blocked,
      coalesce(jsonb_agg(line) filter (where new_person and ${update}), '[]') as unknown
    from work`.execute(db);
  const [found] = rows;
  if (!found) throw new Error('Postgres counted nothing.');
  return update ? { ...found, newPeople: 0 } : found;
}

/** The staged rows by the columns of the work table, as if nobody were known; everybody in the file gets the tags. */
function staged(tags: string[]): RawBuilder<unknown> {
  const all =
    tags.length === 0 ? sql`tags` : sql`array(select unnest(tags) union select unnest(${tags}::text[]))`;
  return sql`
    select new_id as subscriber_id, line, email, coalesce(email_key, email) as email_key,
      ${hashOf(sql`coalesce(email_key, email)`)} as email_hash, name, language, time_zone, frequency, topics,
      muted_topics, ${all} as tags, fields, evidence, pending
    from pg_temp.import_rows`;
}

/** Whether a suppression is one of the address of a row `r`, and holds for the list. */
const stops = ({ at, listId }: Pick<Storing, 'at' | 'listId'>): RawBuilder<boolean> => sql`
  suppressions.email_hash = r.email_hash and coalesce(suppressions.list_id, 0) in (0, ${sql.lit(listId ?? 0)})
    and (suppressions.expires_at is null or suppressions.expires_at > ${at})`;

/** The most binding reason why the address of a row `r` gets nothing of the list, by the one index; null if it may be mailed. */
const reasonAgainst = (list: Pick<Storing, 'at' | 'listId'>): RawBuilder<string | null> => sql`(
  select suppressions.reason from suppressions
  where ${stops(list)}
  order by ${strength('suppressions')} limit 1)`;

/** The compared people who are to be added. */
const newcomers = sql`(select * from pg_temp.import_work where new_person and blocked is null) r`;

/**
 * Adds people, all of them new, and puts them on the list. If another connection adds one at the same moment, this fails by
 * the unique key, and the batch is tried again.
 * @param people the rows, by the columns of the work table
 * @returns how many
 */
async function insertPeople(
  { db, importId, at, listId, mayTrustKeys }: Storing,
  people: RawBuilder<unknown>,
): Promise<number> {
  // In the order of the key, so that two imports at once wait for each other instead of deadlocking.
  const { numAffectedRows } = await sql`
    insert into subscribers
      (id, email, email_key, email_hash, name, language, time_zone, tags, fields, import_id, created_at, updated_at)
    overriding system value
    select subscriber_id, email, email_key, email_hash, name, language, time_zone, coalesce(tags, '{}'),
      coalesce(fields, '{}'), ${importId}, ${at}, ${at}
    from ${people}
    order by email_key`.execute(db);
  if (mayTrustKeys) await sql`set local session_replication_role = replica`.execute(db);
  await subscribe({ at, db, importId, listId }, people);
  if (mayTrustKeys) await sql`set local session_replication_role = origin`.execute(db);
  return Number(numAffectedRows ?? 0);
}

/** Puts people on the list who are not on it. */
async function subscribe(
  { db, importId, at, listId }: Pick<Storing, 'db' | 'importId' | 'at' | 'listId'>,
  people: RawBuilder<unknown>,
  otherwise = sql``,
): Promise<void> {
  await sql`
    insert into subscriptions
      (subscriber_id, list_id, state, frequency, topics, muted_topics, confirmed_at, import_id, created_at, updated_at)
    select subscriber_id, ${listId}, case when pending then 'pending' else 'confirmed' end,
      coalesce(frequency, 'every'), coalesce(topics, '{}'), coalesce(muted_topics, '{}'),
      case when not pending then ${at}::timestamptz end,
      ${importId}, ${at}, ${at}
    from ${people} ${otherwise}`.execute(db);
}

/**
 * Locks the known people of the work table who are to be changed, so that nobody else changes them between what is kept and what is
 * written, nor leaves or is erased.
 * @throws an error by which the batch is tried again, if somebody did so since the comparison
 */
async function lockKnown({ db, mode, at, listId }: Storing, known: number): Promise<void> {
  const wanted = sql`not r.new_person and r.blocked is null and (r.person_changes or r.subscription is not null)`;
  const { rows } = await sql`
    select s.id from subscribers s
    where s.id in (select r.subscriber_id from pg_temp.import_work r where ${wanted})
    order by s.id for no key update`.execute(db);
  if (rows.length < known) throw changedMeanwhile();
  if (mode === 'update') return;
  const left = await sql`
    select from pg_temp.import_work r
    left join subscriptions u on u.subscriber_id = r.subscriber_id and u.list_id = ${listId}
    where ${wanted} and (u.state = 'unsubscribed' or ${reasonAgainst({ at, listId })} is not null)
    limit 1`.execute(db);
  if (left.rows.length > 0) throw changedMeanwhile();
}

/** By its code a lane tries the batch again, and its comparison then sees what happened. */
const changedMeanwhile = () =>
  Object.assign(new Error('Somebody left or was erased while their row was compared.'), { code: '40001' });

/** Changes what the file knows better about people who were there before, and keeps what they were. */
async function changeKnown({ db, importId, at, listId }: Storing): Promise<void> {
  await sql`
    insert into import_changes (import_id, subscriber_id, person, subscriptions)
    select ${importId}, s.id,
      case when w.person_changes then jsonb_build_object('name', s.name, 'language', s.language,
        'time_zone', s.time_zone, 'tags', to_jsonb(s.tags), 'fields', s.fields,
        'updated_at', s.updated_at, 'import_id', s.import_id) end,
      case when w.subscription = 'changed' then jsonb_build_array(to_jsonb(u)) end
    from pg_temp.import_work w
    join subscribers s on s.id = w.subscriber_id
    left join subscriptions u on u.subscriber_id = s.id and u.list_id = ${listId}
    where not w.new_person and w.blocked is null and (w.person_changes or w.subscription = 'changed')
    on conflict do nothing`.execute(db);
  await sql`
    update subscribers s set
      name = coalesce(w.name, s.name),
      language = coalesce(w.language, s.language),
      time_zone = coalesce(w.time_zone, s.time_zone),
      tags = case when s.tags @> w.tags then s.tags
        else array(select unnest(s.tags) union select unnest(w.tags) order by 1) end,
      fields = s.fields || coalesce(w.fields, '{}'),
      import_id = ${importId},
      updated_at = ${at}
    from pg_temp.import_work w
    where s.id = w.subscriber_id and w.person_changes and w.blocked is null`.execute(db);
  await sql`
    update subscriptions u set
      state = case when w.confirms then 'confirmed' else u.state end,
      confirmed_at = case when w.confirms and u.state = 'pending' then ${at} else u.confirmed_at end,
      frequency = coalesce(w.frequency, u.frequency),
      topics = coalesce(w.topics, u.topics),
      muted_topics = coalesce(w.muted_topics, u.muted_topics),
      import_id = ${importId},
      updated_at = ${at}
    from pg_temp.import_work w
    where u.subscriber_id = w.subscriber_id and u.list_id = ${listId} and u.state <> 'unsubscribed'
      and w.subscription = 'changed' and w.blocked is null`.execute(db);
  await subscribe(
    { db, importId, at, listId },
    sql`(select * from pg_temp.import_work
      where subscription = 'new' and not new_person and blocked is null) r`,
    sql`on conflict do nothing`,
  );
}

/** The compared people who were put on the list or confirmed. */
const agreed = sql`(select * from pg_temp.import_work where (subscription = 'new' or confirms) and blocked is null) r`;

/** Adds people to the consent log. @param people the rows, by the columns of the work table */
async function logConsents(
  { db, at, listId, evidence }: Storing,
  people: RawBuilder<unknown>,
): Promise<void> {
  const own = sql`jsonb_set(${JSON.stringify(evidence)}::jsonb, '{line}', to_jsonb(line))`;
  await sql`
    insert into consent_log (email_hash, list_id, act, at, via, evidence)
    select email_hash, ${listId}, case when pending then 'requested' else 'imported' end, ${at}, 'import',
      case when evidence is null then ${own} else evidence || ${own} end
    from ${people}`.execute(db);
}
