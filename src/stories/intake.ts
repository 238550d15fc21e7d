import { type Kysely, sql } from 'kysely';
import type { Context } from '../context.ts';
import type { DB } from '../db/schema.ts';
import { type CleanStory, cleanStory } from './clean.ts';
import { detectLanguages } from './language.ts';
import { isSameArticle, mergeStory, type StoredStory, type StoryChange } from './merge.ts';
import type { IncomingStory, IntakeResult, StorySource } from './story.ts';

const batchSize = 500;

/**
 * Takes stories in: cleans them, recognises those that are known (by address, or by the source's own identifier),
 * adds the new ones and updates the others, keeping their former text in story_revisions. Safe when several processes
 * take in the same stories at once. A story that cannot be taken is a problem; the rest goes in.
 * @param source where they come from; undefined for stories added by hand or through the API
 * @returns the stories' ids, each story once, in the order of the input
 */
export async function takeIn(
  context: Pick<Context, 'db' | 'clock'>,
  incoming: IncomingStory[],
  source?: StorySource,
): Promise<IntakeResult> {
  const now = context.clock.now();
  const result: IntakeResult = { added: [], updated: [], unchanged: [], problems: [] };
  const stories = new Map<string, CleanStory>();
  for (const [index, story] of incoming.entries()) {
    const cleaned = cleanStory(story, source, now);
    const where = story.url?.trim() || story.title?.trim().slice(0, 100) || `story ${index + 1}`;
    if ('reason' in cleaned) {
      result.problems.push({ where, reason: cleaned.reason });
      continue;
    }
    for (const reason of cleaned.notes) result.problems.push({ where, reason });
    const twin = stories.get(cleaned.story.urlKey);
    stories.set(cleaned.story.urlKey, twin ? completed(twin, cleaned.story) : cleaned.story);
  }
  distrustSharedGuids(stories);
  await tellLanguages([...stories.values()], source);

  const outcomes = new Map<number, Outcome>();
  const all = [...stories.values()];
  for (let start = 0; start < all.length; start += batchSize)
    await takeBatch(context.db, all.slice(start, start + batchSize), source, now, outcomes);
  for (const [id, outcome] of outcomes) result[outcome].push(id);
  return result;
}

type Outcome = 'added' | 'updated' | 'unchanged';

// The same article twice in one input: the first counts, the second fills in what it lacks.
function completed(first: CleanStory, second: CleanStory): CleanStory {
  return {
    ...first,
    ...(first.dekIsDerived && !second.dekIsDerived
      ? { dek: second.dek, dekIsDerived: false }
      : { dek: first.dek || second.dek, dekIsDerived: first.dekIsDerived }),
    bodyText: first.bodyText || second.bodyText,
    imageUrl: first.imageUrl ?? second.imageUrl,
    imageAlt: first.imageUrl ? first.imageAlt : second.imageAlt,
    guidKey: first.guidKey ?? second.guidKey,
  };
}

async function tellLanguages(stories: CleanStory[], source: StorySource | undefined): Promise<void> {
  const silent = stories.filter(({ language }) => language === null);
  const languages = await detectLanguages(silent, source !== undefined);
  for (const [at, story] of silent.entries()) story.language = languages[at] ?? null;
}

// A GUID that stands for several addresses at once identifies nothing.
function distrustSharedGuids(stories: Map<string, CleanStory>): void {
  const holders = Map.groupBy(
    [...stories.values()].filter((story) => story.guidKey),
    (story) => story.guidKey,
  );
  for (const shared of holders.values())
    if (shared.length > 1) for (const story of shared) story.guidKey = null;
}

async function takeBatch(
  db: Kysely<DB>,
  batch: CleanStory[],
  source: StorySource | undefined,
  now: Date,
  outcomes: Map<number, Outcome>,
): Promise<void> {
  const taken = await db.transaction().execute(async (tx) => {
    // One source's stories are taken in by one process at a time: two could not see each other's GUIDs.
    // Between sources, rows are always locked in the order of their keys, inserts first, so nothing waits in a circle.
    await sql`select pg_advisory_xact_lock(hashtextextended(${`broadsheet intake ${source?.id ?? 'by hand'}`}, 0))`.execute(
      tx,
    );
    const found = await findKnown(tx, batch);
    const known = new Map<CleanStory, StoredStory>();
    let unknown: CleanStory[] = [];
    for (const story of batch) {
      const stored = storedFor(story, found);
      if (stored) known.set(story, stored);
      else unknown.push(story);
    }
    const ids = new Map<CleanStory, number>();
    const addedIds = await insertNew(tx, unknown, source, now);
    for (const story of unknown) {
      const id = addedIds.get(story.urlKey);
      if (id !== undefined) ids.set(story, id);
    }
    // What could not be inserted, another process inserted just now.
    unknown = unknown.filter((story) => !ids.has(story));
    if (unknown.length > 0) {
      const late = await findKnown(tx, unknown);
      for (const story of unknown) {
        const stored = storedFor(story, late);
        if (stored) known.set(story, stored);
      }
    }
    const updated = await updateKnown(tx, known, source, now);
    for (const [story, { id }] of known) ids.set(story, id);
    await addAliases(tx, ids, known);
    const added = new Set(addedIds.values());
    return batch.flatMap((story): [number, Outcome][] => {
      const id = ids.get(story);
      if (id === undefined) return [];
      return [[id, added.has(id) ? 'added' : updated.has(id) ? 'updated' : 'unchanged']];
    });
  });
  for (const [id, outcome] of taken) if (outcomes.get(id) !== 'added') outcomes.set(id, outcome);
}

type Found = Map<string, StoredStory>;

/** Stories that any key of the batch leads to, by that key. Uses the unique indexes on url_key and alias_key. */
async function findKnown(db: Kysely<DB>, batch: CleanStory[]): Promise<Found> {
  const keys = batch.flatMap((story) => (story.guidKey ? [story.urlKey, story.guidKey] : [story.urlKey]));
  const { rows } = await sql<StoredStory & { key: string }>`
    with known (key, id) as (
      select url_key, id from stories where url_key = any(${keys}::text[])
      union all
      select alias_key, story_id from story_aliases where alias_key = any(${keys}::text[])
    )
    select known.key, ${storedColumns}
    from known join stories using (id)`.execute(db);
  return new Map(rows.map((row) => [row.key, row]));
}

/** The columns of a `StoredStory`. */
export const storedColumns = sql.raw(
  `stories.id, url, title, dek, body_text, image_url, image_alt, author, publisher, language, categories as topics, published_at,
   first_seen_at, content_hash, source_id, source_position`,
);

function storedFor(story: CleanStory, found: Found): StoredStory | undefined {
  const byUrl = found.get(story.urlKey);
  if (byUrl || !story.guidKey) return byUrl;
  const byGuid = found.get(story.guidKey);
  return byGuid && isSameArticle(story, { title: byGuid.title, publishedAt: byGuid.published_at })
    ? byGuid
    : undefined;
}

/** Adds stories that were not known. @returns the ids of those that nobody else had added meanwhile, by url_key */
async function insertNew(
  db: Kysely<DB>,
  stories: CleanStory[],
  source: StorySource | undefined,
  now: Date,
): Promise<Map<string, number>> {
  if (stories.length === 0) return new Map();
  const rows = stories
    .map((story) => ({
      url_key: story.urlKey,
      url: story.url,
      title: story.title,
      dek: story.dek,
      body_text: story.bodyText,
      image_url: story.imageUrl,
      image_alt: story.imageAlt,
      author: story.author,
      publisher: story.publisher,
      language: story.language,
      topics: story.topics,
      published_at: story.publishedAt ?? now,
      content_hash: story.contentHash,
      source_position: source ? story.position : null,
    }))
    .sort((one, other) => (one.url_key < other.url_key ? -1 : 1));
  const inserted = await sql<{ id: number; url_key: string }>`
    insert into stories
      (url_key, url, title, dek, body_text, image_url, image_alt, author, publisher, language, topics, categories, published_at,
       first_seen_at, updated_at, content_hash, source_id, source_position)
    select url_key, url, title, dek, body_text, image_url, image_alt, author, publisher, language, topics, topics, published_at,
      ${now}::timestamptz, ${now}::timestamptz, content_hash, ${source?.id ?? null}::bigint, source_position
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as story
      (url_key text, url text, title text, dek text, body_text text, image_url text, image_alt text, author text,
       publisher text, language text, topics text[], published_at timestamptz, content_hash text,
       source_position integer)
    order by url_key
    on conflict (url_key) do nothing
    returning id, url_key`.execute(db);
  return new Map(inserted.rows.map((row) => [row.url_key, row.id]));
}

/** Writes what known stories say anew. @returns the ids of those whose text or image changed */
async function updateKnown(
  db: Kysely<DB>,
  known: Map<CleanStory, StoredStory>,
  source: StorySource | undefined,
  now: Date,
): Promise<Set<number>> {
  // Two stories of the input may turn out to be one: the first speaks for it.
  const first = new Map<number, CleanStory>();
  for (const [story, stored] of known)
    if (!first.has(stored.id) && mergeStory(stored, story, source)) first.set(stored.id, story);
  if (first.size === 0) return new Set();

  // Decided again on the locked row, as another process may have changed it. "No key", as aliases that refer to the
  // row may be added meanwhile.
  const { rows } = await sql<StoredStory>`
    select ${storedColumns} from stories
    where id = any(${[...first.keys()]}::bigint[])
    order by id for no key update`.execute(db);
  const changes = rows.flatMap((row): StoryChange[] => {
    const story = first.get(row.id);
    const change = story && mergeStory(row, story, source);
    return change ? [change] : [];
  });
  return writeChanges(db, changes, now);
}

/**
 * Writes over stored stories, whose rows the caller has locked; what readers saw before goes into their history.
 * @returns the ids of those whose text or image changed
 */
export async function writeChanges(db: Kysely<DB>, changes: StoryChange[], now: Date): Promise<Set<number>> {
  if (changes.length === 0) return new Set();
  const revised = changes.filter((change) => change.revised).map(({ id }) => id);

  await sql`
    insert into story_revisions (story_id, revision, title, dek, body_text, image_url, replaced_at)
    select id, revision, title, dek, body_text, image_url, ${now}::timestamptz
    from stories where id = any(${revised}::bigint[])`.execute(db);
  await sql`
    update stories set
      url = change.url, title = change.title, dek = change.dek, body_text = change.body_text,
      image_url = change.image_url, image_alt = change.image_alt, author = change.author,
      publisher = change.publisher, language = change.language,
      categories = change.topics,
      -- What the story is about is worked out anew; until then the former topics are near enough.
      topics = case when stories.categories = change.topics then stories.topics else change.topics end,
      topics_at = case when change.revised or stories.categories <> change.topics then null else stories.topics_at end,
      published_at = change.published_at, content_hash = change.content_hash,
      source_id = change.source_id, source_position = change.source_position,
      revision = stories.revision + change.revised::integer,
      -- What the story means is computed anew; until then the former meaning is near enough.
      features = case when change.revised then null else stories.features end,
      embedded_at = case when change.revised then null else stories.embedded_at end,
      embed_lease_until = case when change.revised then null else stories.embed_lease_until end,
      updated_at = case when change.revised then ${now}::timestamptz else stories.updated_at end
    from jsonb_to_recordset(${JSON.stringify(changes)}::jsonb) as change
      (id bigint, url text, title text, dek text, body_text text, image_url text, image_alt text, author text,
       publisher text, language text, topics text[], published_at timestamptz, content_hash text, source_id bigint,
       source_position integer, revised boolean)
    where stories.id = change.id`.execute(db);
  return new Set(revised);
}

/** Remembers the GUIDs of stories, and addresses under which a known story came this time. */
async function addAliases(
  db: Kysely<DB>,
  ids: Map<CleanStory, number>,
  known: Map<CleanStory, StoredStory>,
): Promise<void> {
  const aliases = [...ids].flatMap(([story, id]) => {
    const keys = known.has(story) ? [story.urlKey, story.guidKey] : [story.guidKey];
    return keys.flatMap((alias_key) => (alias_key ? [{ alias_key, story_id: id }] : []));
  });
  if (aliases.length === 0) return;
  await sql`
    insert into story_aliases (alias_key, story_id)
    select alias_key, story_id
    from jsonb_to_recordset(${JSON.stringify(aliases)}::jsonb) as alias (alias_key text, story_id bigint)
    where not exists (select from stories where url_key = alias_key)
    order by alias_key
    on conflict (alias_key) do nothing`.execute(db);
}
