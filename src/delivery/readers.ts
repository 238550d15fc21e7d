import { sql } from 'kysely';
import type { Context } from '../context.ts';
import { prepared } from '../db/connect.ts';
import { partsOf } from '../db/partitions.ts';
import type { EditionStory } from '../editions/content.ts';
import type { Edition } from '../editions/editions.ts';
import { longestPeriodMs, periodMs } from '../editions/roll-up.ts';
import { decayed, type ReaderTaste } from '../selection/personal.ts';

/** A reader as composing sees them: address, name, wishes, and what they had and clicked. */
export interface Reader extends ReaderTaste {
  email: string;
  name: string | null;
  /** A BCP 47 tag. */
  language: string | null;
  /** An IANA name; null: as the newsletter. */
  timeZone: string | null;
  /** Does not want to be counted. */
  untracked: boolean;
}

/** Somebody without wishes: for previews, and pages whose reader is gone. */
export function anybody(id: number, email: string): Reader {
  return {
    id,
    email,
    name: null,
    language: null,
    timeZone: null,
    untracked: true,
    topics: [],
    mutedTopics: [],
    mutedSources: [],
  };
}

/** What earlier editions have to do with an edition; the same for all its readers. */
export interface Past {
  /** The stories of editions that were clicked, by edition and position. */
  clicked: Map<number, Map<number, { topics: string[]; publisher: string; storylineId: number | null }>>;
  /** Editions that had stories or storylines of this one: which of their positions are which of this one's. */
  overlap: Map<number, Map<number, number[]>>;
  /** Whether there are roll-up candidates, and the newsletter's editions that readers may have got instead. */
  rollUp: { editions: number[]; at: Date } | undefined;
}

const day = 24 * 3_600_000;
const clicksCountMs = 60 * day;

/** Looks up once for an edition what its readers' pasts are asked for. */
export async function pastOf(
  { db }: Pick<Context, 'db'>,
  edition: Edition,
  stories: EditionStory[],
): Promise<Past> {
  const at = edition.scheduled_for;
  const { rows: earlier } = await sql<{ id: number }>`
    select id from editions
    where newsletter_id = ${edition.newsletter_id} and id <> ${edition.id}
      and scheduled_for between ${new Date(at.getTime() - clicksCountMs)} and ${at}`.execute(db);
  const ids = partsOf(earlier);
  const { rows: clickedRows } = await sql<{
    editionId: number;
    position: number;
    topics: string[];
    publisher: string;
    storylineId: number | null;
  }>`
    select story.edition_id as "editionId", story.position, story.snapshot->'topics' as topics,
           story.snapshot->>'publisher' as publisher,
           coalesce(stories.storyline_id, story.storyline_id) as "storylineId"
    from editions
    join edition_stories as story on story.edition_id = editions.id
    left join stories on stories.id = story.story_id
    where editions.id = any(${ids}::bigint[]) and editions.id in (
      select edition_id from engagement
      where edition_id = any(${ids}::bigint[]) and kind = 'click' and source = 'person')`.execute(db);
  const clicked: Past['clicked'] = new Map();
  for (const { editionId, position, ...story } of clickedRows)
    ensure(clicked, editionId, () => new Map()).set(position, story);
  const hasRollUp = stories.some(({ from }) => from);
  return {
    clicked,
    overlap: await overlapOf({ db }, edition, stories),
    rollUp: hasRollUp ? { editions: await periodEditions({ db }, edition), at } : undefined,
  };
}

async function overlapOf(
  { db }: Pick<Context, 'db'>,
  edition: Edition,
  stories: EditionStory[],
): Promise<Past['overlap']> {
  const byStory = new Map(stories.map(({ storyId, position }) => [storyId, position]));
  const byStoryline = Map.groupBy(stories, ({ storylineId }) => storylineId);
  const { rows } = await sql<{ editionId: number; position: number; storyId: number; storylineId: number }>`
    select edition_id as "editionId", position, story_id as "storyId", storyline_id as "storylineId"
    from edition_stories
    join editions on editions.id = edition_id
    where (story_id = any(${[...byStory.keys()].filter((id) => id !== null)}::bigint[])
        or storyline_id = any(${[...byStoryline.keys()].filter((id) => id !== null)}::bigint[]))
      and edition_id <> ${edition.id} and planned_at is not null
      and scheduled_for between ${new Date(edition.scheduled_for.getTime() - longestPeriodMs)} and ${edition.scheduled_for}`.execute(
    db,
  );
  const overlap: Past['overlap'] = new Map();
  for (const { editionId, position, storyId, storylineId } of rows) {
    const positions = new Set(byStoryline.get(storylineId)?.map((story) => story.position));
    const same = byStory.get(storyId);
    if (same !== undefined) positions.add(same);
    ensure(overlap, editionId, () => new Map()).set(position, [...positions]);
  }
  return overlap;
}

async function periodEditions({ db }: Pick<Context, 'db'>, edition: Edition): Promise<number[]> {
  const rows = await db
    .selectFrom('editions')
    .select('id')
    .where('newsletter_id', '=', edition.newsletter_id)
    .where('planned_at', 'is not', null)
    .where('id', '!=', edition.id)
    .where('scheduled_for', '<', edition.scheduled_for)
    .where('scheduled_for', '>', new Date(edition.scheduled_for.getTime() - longestPeriodMs))
    .execute();
  return rows.map(({ id }) => id);
}

interface ReaderRow extends Omit<Reader, 'topics' | 'mutedTopics' | 'mutedSources'> {
  topics: string[] | null;
  mutedTopics: string[] | null;
  mutedSources: string[] | null;
  frequency: string | null;
}

const both = (before: string[], more: string[]) =>
  before.length === 0 ? more : [...new Set([...before, ...more])];

/**
 * Loads readers with their wishes, which are those of all their subscriptions to the newsletter's lists taken together,
 * and, where earlier editions have to do with this one, with what they clicked and had.
 * @param ids ascending, from one batch: their rows lie together in each earlier edition
 */
export async function loadReaders(
  context: Context,
  newsletterId: number,
  ids: number[],
  past?: Past,
): Promise<Reader[]> {
  // A row for each subscription, put together here: aggregates of arrays would cost several times as much, and so would
  // reading thousands of empty arrays.
  const { rows } = await sql<ReaderRow>`${prepared('readers')}
    select subscribers.id, subscribers.email, subscribers.name, subscribers.language,
           subscribers.time_zone as "timeZone", subscribers.untracked,
           nullif(subscriptions.topics, '{}') as topics,
           nullif(subscriptions.muted_topics, '{}') as "mutedTopics",
           nullif(subscriptions.muted_sources, '{}') as "mutedSources",
           case when subscriptions.state = 'confirmed' then subscriptions.frequency end as frequency
    from subscribers
    left join subscriptions on subscriptions.subscriber_id = subscribers.id
      and subscriptions.list_id = any(array(select list_id from newsletter_lists where newsletter_id = ${newsletterId}))
    where subscribers.id = any(${ids}::bigint[])
    order by subscribers.id, subscriptions.list_id`.execute(context.db);
  const readers = new Map<number, Reader>();
  const frequencies = new Map<number, string[]>();
  for (const row of rows) {
    const { frequency, topics, mutedTopics, mutedSources, ...person } = row;
    let reader = readers.get(row.id);
    if (!reader) {
      reader = { ...person, topics: [], mutedTopics: [], mutedSources: [] };
      readers.set(row.id, reader);
    }
    if (topics) reader.topics = both(reader.topics, topics);
    if (mutedTopics) reader.mutedTopics = both(reader.mutedTopics, mutedTopics);
    if (mutedSources) reader.mutedSources = both(reader.mutedSources, mutedSources);
    if (frequency) frequencies.set(row.id, [...(frequencies.get(row.id) ?? []), frequency]);
  }
  if (past && readers.size > 0) {
    if (past.clicked.size > 0) await addClicks(context, readers, past);
    if (past.overlap.size > 0) await addHad(context, readers, past);
    if (past.rollUp) await addSince(context, readers, past.rollUp, frequencies);
  }
  return [...readers.values()];
}

async function addClicks(context: Context, readers: Map<number, Reader>, past: Past): Promise<void> {
  const ids = [...readers.keys()];
  const { rows } = await sql<{ id: number; editionId: number; position: number; at: Date }>`
    select subscriber_id as id, edition_id as "editionId", position, last_at as at from engagement
    where edition_id = any(${[...past.clicked.keys()]}::bigint[]) and kind = 'click' and source = 'person'
      and position >= 0 and related = -1
      and subscriber_id between ${ids[0]} and ${ids.at(-1)} and subscriber_id = any(${ids}::bigint[])
    order by subscriber_id, edition_id, position`.execute(context.db);
  const now = context.clock.now().getTime();
  for (const { id, editionId, position, at } of rows) {
    const story = past.clicked.get(editionId)?.get(position);
    const reader = readers.get(id);
    if (story && reader)
      reader.clicks = [...(reader.clicks ?? []), { ...story, weight: decayed(now - at.getTime()) }];
  }
}

async function addHad(context: Context, readers: Map<number, Reader>, past: Past): Promise<void> {
  const ids = [...readers.keys()];
  // A line for each reader: thousands of small arrays would take longer to read than to find.
  const { rows } = await sql<{ id: number; digests: string }>`
    select subscriber_id as id, string_agg(edition_id || ' ' || array_to_string(stories, ' '), ',') as digests
    from deliveries
    where edition_id = any(${[...past.overlap.keys()]}::bigint[]) and state in ('accepted', 'uncertain')
      and subscriber_id between ${ids[0]} and ${ids.at(-1)} and subscriber_id = any(${ids}::bigint[])
      and cardinality(stories) > 0
    group by subscriber_id`.execute(context.db);
  for (const { id, digests } of rows) {
    const had = new Set<number>();
    for (const digest of digests.split(',')) {
      const [editionId, ...positions] = digest.split(' ');
      const same = past.overlap.get(Number(editionId));
      for (const position of positions)
        for (const candidate of same?.get(Number(position)) ?? []) had.add(candidate);
    }
    const reader = readers.get(id);
    if (had.size > 0 && reader) reader.had = [...had].sort((a, b) => a - b);
  }
}

/** Since when a reader who gets less than every edition has had none: what came later is news to them. */
async function addSince(
  context: Context,
  readers: Map<number, Reader>,
  { editions, at }: { editions: number[]; at: Date },
  frequencies: Map<number, string[]>,
): Promise<void> {
  const seldom = [...frequencies].filter(([, all]) => !all.includes('every'));
  if (seldom.length === 0) return;
  const ids = seldom.map(([id]) => id);
  const { rows: got } = await sql<{ id: number; last: Date }>`
    select subscriber_id as id, max(editions.scheduled_for) as last
    from deliveries join editions on editions.id = deliveries.edition_id
    where deliveries.edition_id = any(${editions}::bigint[]) and deliveries.state in ('accepted', 'uncertain')
      and subscriber_id between ${ids[0]} and ${ids.at(-1)} and subscriber_id = any(${ids}::bigint[])
    group by subscriber_id`.execute(context.db);
  const lastOf = new Map(got.map(({ id, last }) => [id, last.getTime()]));
  for (const [id, all] of seldom) {
    const period = Math.min(...all.map((frequency) => periodMs(frequency)));
    const since = Math.max(at.getTime() - period, lastOf.get(id) ?? 0);
    const reader = readers.get(id);
    if (reader) reader.since = new Date(since).toISOString();
  }
}

function ensure<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key);
  if (known) return known;
  const made = make();
  map.set(key, made);
  return made;
}
