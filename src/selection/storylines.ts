import { type Kysely, sql, type Transaction } from 'kysely';
import type { Context } from '../context.ts';
import type { DB } from '../db/schema.ts';
import { messageOf, UserError } from '../errors.ts';
import type { Candidate } from './candidate.ts';
import { embedPending } from './embeddings.ts';
import { encodeTerms, type TermCounts } from './features.ts';
import { groupArrivals, groupCandidates, mostCompared } from './group-candidates.ts';
import { corpusOf, type Library, loadCandidates, openLibrary } from './library.ts';
import { type KeptStoryline, storylineState } from './restore-storyline.ts';
import { countStories } from './storyline-counts.ts';

const hour = 3_600_000;
// How long before and after a story others may belong to its storyline.
const reachMs = 5 * 24 * hour;
const mostOld = 1_000;
const mostInTurn = 1_000;
// Grouping afresh looks at every pair of neighbours again: so many stories take some seconds.
const mostRegrouped = 2_500;
const regroupedHours = 72;
// What waits for its embedding is given so long before stories are grouped by words alone.
const embedSeconds = 10;

/** What one run of grouping did. */
export interface StorylineChanges {
  /** Stories that joined a storyline or started one, or moved to another. */
  assigned: number;
  started: number;
  merged: number;
}

/**
 * Puts every story that has no storyline yet into one: it joins a storyline of its time, starts one, or shows that two
 * are one. Processes take turns (an advisory lock in the transaction), so that no story gets two; a turn is for a
 * thousand stories, the earliest first, so that nobody waits long.
 * @param options.embed whether what has no embedding yet is waited for, some seconds at the most
 */
export async function assignStorylines(
  context: Context,
  { embed = true }: { embed?: boolean } = {},
): Promise<StorylineChanges> {
  if (embed) await embedFirst(context);
  const total: StorylineChanges = { assigned: 0, started: 0, merged: 0 };
  for (;;) {
    const { left, ...changes } = await inTurn(context, (transaction) => assignSome(context, transaction));
    total.assigned += changes.assigned;
    total.started += changes.started;
    total.merged += changes.merged;
    if (!left) return total;
  }
}

async function assignSome(
  context: Context,
  transaction: Transaction<DB>,
): Promise<StorylineChanges & { left: boolean }> {
  const library = await openLibrary(context, transaction);
  if (library.waiting.size === 0)
    return { ...(await assignOld(transaction, context, library.begin)), left: false };
  const waiting = storiesOf(library, library.waiting);
  const unknown = waiting.sort((a, b) => a.publishedAt - b.publishedAt || a.id - b.id).slice(0, mostInTurn);
  const from = (unknown[0] as Candidate).publishedAt - reachMs;
  const until = (unknown.at(-1) as Candidate).publishedAt + reachMs;
  const groups = groupedWith(library, unknown, { from, until }, await splits(transaction));
  const changes = await write(
    transaction,
    context.clock.now(),
    groups.map((members) => {
      const known = members.flatMap(({ storylineId }) => storylineId ?? []);
      return { members, storylines: [...new Set(known)].sort((a, b) => a - b) };
    }),
    library.uncounted,
  );
  const left = waiting.length > unknown.length;
  // Those of stories that wait are written with their storylines.
  if (!left) await library.keepTerms(transaction);
  return { ...changes, left };
}

/** Groups new stories with those of their time: all of them where they are few. */
function groupedWith(
  library: Library,
  unknown: Candidate[],
  span: { from: number; until: number },
  apart: [number, number][],
): Candidate[][] {
  const inReach: Candidate[] = [...unknown];
  for (const story of library.stories.values()) {
    const { publishedAt, storylineId } = story;
    if (storylineId === null || publishedAt < span.from || publishedAt > span.until) continue;
    inReach.push(story);
    if (inReach.length > mostCompared) {
      const known = {
        get: (id: number) => library.stories.get(id),
        membersOf: (storyline: number) => storiesOf(library, library.membersOf(storyline)),
        ...span,
      };
      return groupArrivals(unknown, known, library.corpus, { apart });
    }
  }
  return groupCandidates(inReach, library.corpus, { apart });
}

function storiesOf(library: Library, ids: Iterable<number>): Candidate[] {
  return [...ids].flatMap((id) => library.stories.get(id) ?? []);
}

/** Stories that came too late for anything: each is a storyline of its own. */
async function assignOld(
  db: Transaction<DB>,
  { clock }: Pick<Context, 'clock'>,
  before: Date,
): Promise<StorylineChanges> {
  const old = await db
    .selectFrom('stories')
    .select(['id', 'language'])
    .where('storyline_id', 'is', null)
    .where('published_at', '<', before)
    .orderBy('published_at')
    .orderBy('id')
    .limit(mostOld)
    .execute();
  const ids = await newStorylines(
    db,
    clock.now(),
    old.map(({ language }) => language),
  );
  for (const [at, { id }] of old.entries())
    await db
      .updateTable('stories')
      .set({ storyline_id: ids[at] as number })
      .where('id', '=', id)
      .execute();
  await countStories(db, clock.now(), ids);
  return { assigned: old.length, started: ids.length, merged: 0 };
}

/**
 * Groups the stories of the last days afresh, as those that came later show what the earlier ones were about:
 * storylines merge, and come apart. Those that an editor has split, or put together, stay as they are.
 */
export async function regroupStorylines(context: Context): Promise<StorylineChanges> {
  await embedFirst(context);
  return inTurn(context, async (transaction) => {
    const now = context.clock.now().getTime();
    const recent = await loadCandidates(
      { db: transaction },
      { from: now - regroupedHours * hour, until: now + 24 * hour, limit: mostRegrouped },
    );
    const apart = await splits(transaction);
    const holds = await transaction.selectFrom('storyline_holds').select('storyline_id').execute();
    const fixed = new Set([...apart.flat(), ...holds.map(({ storyline_id }) => storyline_id)]);
    const before = new Map(recent.map(({ id, storylineId }) => [id, storylineId]));
    const loosened = recent.map((story) =>
      story.storylineId !== null && fixed.has(story.storylineId) ? story : { ...story, storylineId: null },
    );
    // What an editor made into two is not made one through the others of its time either.
    const held = [...new Set(recent.map(({ storylineId }) => storylineId))].filter(
      (id): id is number => id !== null && fixed.has(id),
    );
    const all = held.flatMap((one, at) => held.slice(at + 1).map((other): [number, number] => [one, other]));
    const groups = groupCandidates(loosened, corpusOf(loosened), { apart: [...apart, ...all] });
    return write(transaction, context.clock.now(), named(groups, before, fixed));
  });
}

/**
 * Makes a storyline of its own of some stories of another. It stays one: grouping never joins the two again, nor takes
 * stories out of them.
 * @param storyIds stories of one storyline, but not all of them
 * @returns the new storyline's id
 * @throws UserError if they are of several storylines or of none, or nothing would be left
 */
export async function splitStoryline(
  context: Pick<Context, 'db' | 'clock'>,
  storyIds: number[],
): Promise<number> {
  return inTurn(context, (transaction) => splitInTurn(transaction, context.clock.now(), storyIds));
}

/** Waits until nobody else changes storylines, and keeps others from it until the transaction ends. */
export async function takeStorylinesTurn(transaction: Transaction<DB>): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('broadsheet.storylines'))`.execute(transaction);
}

/** `splitStoryline` within a transaction that has its turn (`takeStorylinesTurn`). */
export async function splitInTurn(
  transaction: Transaction<DB>,
  now: Date,
  storyIds: number[],
): Promise<number> {
  const ids = [...new Set(storyIds)];
  const stories = await transaction
    .selectFrom('stories')
    .select(['id', 'storyline_id', 'language'])
    .where('id', 'in', ids.length > 0 ? ids : [-1])
    .execute();
  const missing = ids.filter((id) => !stories.some((story) => story.id === id));
  if (missing.length > 0 || stories.length === 0)
    throw new UserError(
      missing.length > 0
        ? `There is no story ${missing.join(', ')}.`
        : 'Name the stories that are a storyline of their own.',
      { code: 'not-found' },
    );
  const [from, ...others] = new Set(stories.map((story) => story.storyline_id));
  if (from === null || from === undefined || others.length > 0)
    throw new UserError(
      from === null || from === undefined
        ? 'These stories have no storyline yet.'
        : 'These stories are of several storylines; a split takes stories out of one.',
      { code: 'usage' },
    );
  const { count } = await transaction
    .selectFrom('stories')
    .select((e) => e.fn.countAll<number>().as('count'))
    .where('storyline_id', '=', from)
    .executeTakeFirstOrThrow();
  if (Number(count) === stories.length)
    throw new UserError(
      'These are all the stories of their storyline: there is nothing to split them from.',
      {
        code: 'usage',
      },
    );

  const [id] = (await newStorylines(transaction, now, [stories[0]?.language ?? null])) as [number];
  await transaction.updateTable('stories').set({ storyline_id: id }).where('id', 'in', ids).execute();
  await transaction
    .insertInto('storyline_splits')
    .values({ one: Math.min(from, id), other: Math.max(from, id), split_at: now })
    .execute();
  // What was kept apart from the whole is kept apart from both halves.
  await sql`
    insert into storyline_splits (one, other, split_at)
    select least(third, ${id}::bigint), greatest(third, ${id}::bigint), ${now}::timestamptz
    from (
      select case when one = ${from} then other else one end as third
      from storyline_splits where ${from} in (one, other)) as thirds
    where third <> ${id}
    on conflict do nothing`.execute(transaction);
  await countStories(transaction, now, [from, id]);
  return id;
}

/**
 * Makes the storylines of two stories one, for good: grouping afresh leaves it as it is.
 * @param transaction one that has its turn (`takeStorylinesTurn`)
 * @param options.hold whether it is for good; if not, grouping may change it as any other
 * @returns the storyline that stayed, and the stories that came to it from the other one, with what that was
 * @throws UserError if a story is not there, or has no storyline yet
 */
export async function joinInTurn(
  transaction: Transaction<DB>,
  now: Date,
  [one, other]: [number, number],
  { hold = true }: { hold?: boolean } = {},
): Promise<{ storyline: number; moved: number[]; kept?: KeptStoryline }> {
  const rows = await transaction
    .selectFrom('stories')
    .select(['id', 'storyline_id'])
    .where('id', 'in', [one, other])
    .execute();
  const storylineOf = (id: number) => {
    const row = rows.find((each) => each.id === id);
    if (!row) throw new UserError(`There is no story ${id}.`, { code: 'not-found' });
    if (row.storyline_id === null)
      throw new UserError(`Story ${id} has no storyline yet.`, {
        code: 'state',
        hint: 'Try again in a minute.',
      });
    return row.storyline_id;
  };
  const [a, b] = [storylineOf(one), storylineOf(other)];
  const into = Math.min(a, b);
  const from = Math.max(a, b);
  let moved: number[] = [];
  let kept: KeptStoryline | undefined;
  if (from !== into) {
    kept = { gone: await storylineState(transaction, from), stayed: await storylineState(transaction, into) };
    const members = await transaction
      .selectFrom('stories')
      .select('id')
      .where('storyline_id', '=', from)
      .orderBy('id')
      .execute();
    moved = members.map(({ id }) => id);
    await transaction
      .deleteFrom('storyline_splits')
      .where('one', '=', into)
      .where('other', '=', from)
      .execute();
    await mergeStorylines(transaction, [{ from, into }]);
    await countStories(transaction, now, [into]);
  }
  if (hold)
    await transaction
      .insertInto('storyline_holds')
      .values({ storyline_id: into, held_at: now })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  return { storyline: into, moved, ...(kept && { kept }) };
}

async function embedFirst(context: Context): Promise<void> {
  if (!context.config.embeddings) return;
  try {
    await embedPending(context, { limit: mostRegrouped, seconds: embedSeconds });
  } catch (error) {
    context.log.warn({ error: messageOf(error) }, 'stories are grouped by words alone');
  }
}

function inTurn<Result>(
  { db }: { db: Kysely<DB> },
  action: (transaction: Transaction<DB>) => Promise<Result>,
): Promise<Result> {
  return db.transaction().execute(async (transaction) => {
    await takeStorylinesTurn(transaction);
    return action(transaction);
  });
}

async function splits(db: Kysely<DB>): Promise<[number, number][]> {
  const rows = await db.selectFrom('storyline_splits').select(['one', 'other']).execute();
  return rows.map(({ one, other }) => [one, other]);
}

/** Stories that are one storyline, and which storylines they are of already, the one that stays first. */
interface Grouped {
  members: Candidate[];
  storylines: number[];
}

/** Gives groups that were made afresh the storylines with which they have most stories in common, each to one group. */
function named(groups: Candidate[][], before: Map<number, number | null>, fixed: Set<number>): Grouped[] {
  const claims = groups.flatMap((members, group) => {
    const counts = new Map<number, number>();
    for (const { id } of members) {
      const storyline = before.get(id);
      if (storyline) counts.set(storyline, (counts.get(storyline) ?? 0) + 1);
    }
    return [...counts].map(([storyline, count]) => ({ group, storyline, count }));
  });
  // An editor's storylines keep their names before all others.
  claims.sort(
    (a, b) =>
      Number(fixed.has(b.storyline)) - Number(fixed.has(a.storyline)) ||
      b.count - a.count ||
      a.storyline - b.storyline,
  );
  const nameOf = new Map<number, number>();
  const taken = new Set<number>();
  for (const { group, storyline } of claims) {
    if (nameOf.has(group) || taken.has(storyline)) continue;
    nameOf.set(group, storyline);
    taken.add(storyline);
  }
  return groups.map((members, group) => {
    const name = nameOf.get(group);
    const withBefore = members.map((story) => ({ ...story, storylineId: before.get(story.id) ?? null }));
    return { members: withBefore, storylines: name === undefined ? [] : [name] };
  });
}

/** Writes groups down: new storylines, stories that move, storylines that become one. A few statements, whatever the number. @param counted terms that are not kept yet; those that are written are taken out */
async function write(
  db: Kysely<DB>,
  now: Date,
  groups: Grouped[],
  counted = new Map<number, TermCounts>(),
): Promise<StorylineChanges> {
  const changed = groups.filter(
    ({ members, storylines }) =>
      storylines.length !== 1 || members.some(({ storylineId }) => storylineId !== storylines[0]),
  );
  const nameless = changed.filter(({ storylines }) => storylines.length === 0);
  const ids = await newStorylines(
    db,
    now,
    nameless.map(({ members }) => members[0]?.language ?? null),
  );
  for (const [at, group] of nameless.entries()) group.storylines.push(ids[at] as number);

  const moved = changed.flatMap(({ members, storylines: [name, ...gone] }) =>
    members
      .filter(({ storylineId }) => storylineId !== name && !gone.includes(storylineId as number))
      .map(({ id, storylineId, contentHash }) => ({
        id,
        from: storylineId,
        into: name as number,
        hash: contentHash,
      })),
  );
  const merged = changed.flatMap(({ storylines: [name, ...gone] }) =>
    gone.map((from) => ({ from, into: name as number })),
  );
  const rows = moved.map(({ id, into, hash }) => {
    const counts = counted.get(id);
    counted.delete(id);
    return { id, into, hash, features: counts ? encodeTerms(counts).toString('hex') : null };
  });
  // A row is written once: its terms go with its storyline.
  await sql`
    update stories set storyline_id = moved.into,
      features = case
        when stories.content_hash = moved.hash then coalesce(stories.features, decode(moved.features, 'hex'))
        else stories.features end
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as moved (id bigint, "into" bigint, hash text, features text)
    where stories.id = moved.id`.execute(db);
  await mergeStorylines(db, merged);
  await countStories(db, now, [
    ...changed.map(({ storylines }) => storylines[0] as number),
    ...moved.flatMap(({ from }) => from ?? []),
  ]);
  return { assigned: moved.length, started: ids.length, merged: merged.length };
}

async function newStorylines(db: Kysely<DB>, now: Date, languages: (string | null)[]): Promise<number[]> {
  if (languages.length === 0) return [];
  const rows = await db
    .insertInto('storylines')
    .values(
      languages.map((language) => ({
        language,
        first_published_at: now,
        last_published_at: now,
        created_at: now,
        updated_at: now,
      })),
    )
    .returning('id')
    .execute();
  return rows.map(({ id }) => id);
}

/** The older storyline stays; the stories of the younger one move to it, and what it is kept apart from. */
async function mergeStorylines(db: Kysely<DB>, merged: { from: number; into: number }[]): Promise<void> {
  if (merged.length === 0) return;
  const rows = sql`jsonb_to_recordset(${JSON.stringify(merged)}::jsonb) as merged ("from" bigint, "into" bigint)`;
  await sql`
    update stories set storyline_id = merged.into from ${rows} where storyline_id = merged.from`.execute(db);
  await sql`
    update edition_stories set storyline_id = merged.into from ${rows} where storyline_id = merged.from`.execute(
    db,
  );
  await sql`
    with merged as (select * from ${rows})
    insert into storyline_splits (one, other, split_at)
    select least(a, b), greatest(a, b), split_at
    from (
      select
        coalesce((select "into" from merged where merged.from = one), one) as a,
        coalesce((select "into" from merged where merged.from = other), other) as b,
        split_at
      from storyline_splits
      where one in (select merged.from from merged) or other in (select merged.from from merged)) as renamed
    where a <> b
    on conflict do nothing`.execute(db);
  await sql`
    insert into storyline_holds (storyline_id, held_at)
    select merged."into", held_at from storyline_holds join ${rows} on storyline_id = merged."from"
    on conflict do nothing`.execute(db);
  await sql`delete from storylines using ${rows} where storylines.id = merged.from`.execute(db);
}
