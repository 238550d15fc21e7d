import { setImmediate } from 'node:timers/promises';
import { sql } from 'kysely';
import type { Context } from '../context.ts';
import type { Candidate, HeldStories } from './candidate.ts';
import { Corpus } from './corpus.ts';
import {
  bytesPerTerm,
  countedCharacters,
  countTerms,
  decodeTerms,
  encodeTerms,
  type TermCounts,
} from './features.ts';
import { push } from './push.ts';

/** How far back related links and earlier editions are looked at. */
export const libraryHours = 24 * 30;
const hour = 3_600_000;
// Margin, so that a library that has been loaded serves for some days.
const loadedMs = (libraryHours + 48) * hour;
const mostStories = 150_000;
const chunk = 2_500;
// Between so many stories others get their turn: the web, and what the database sends.
const inOneGo = 250;
const idleMs = 10 * 60_000;
const mostTexts = 20_000;
// Selection reads the first paragraphs only.
const textCharacters = 2000;

/** What stories to load. Instants are milliseconds since 1970. */
export interface LibraryQuery {
  from: number;
  until: number;
  /** The newest ones, if there are more. */
  limit: number;
  /** Only from these sources; undefined: from all. */
  sourceIds?: number[];
}

/** Loads stories as selection sees them, newest first, as the database has them now. */
export async function loadCandidates(
  context: Pick<Context, 'db'>,
  query: LibraryQuery,
): Promise<Candidate[]> {
  let select = context.db
    .selectFrom('stories')
    .leftJoin('sources', 'sources.id', 'stories.source_id')
    .select([
      'stories.id',
      'stories.storyline_id as storylineId',
      'stories.title',
      'stories.dek',
      sql<string>`left(stories.body_text, ${sql.lit(textCharacters)})`.as('bodyText'),
      'stories.url',
      'stories.image_url as imageUrl',
      'stories.image_alt as imageAlt',
      'stories.publisher',
      'stories.author',
      'stories.language',
      'stories.topics',
      'stories.published_at',
      'stories.first_seen_at',
      'stories.source_position as sourcePosition',
      sql<number>`coalesce(sources.weight, 1)`.as('sourceWeight'),
      'stories.content_hash as contentHash',
      'stories.embedding',
    ])
    .where('stories.published_at', '>', new Date(query.from))
    .where('stories.published_at', '<=', new Date(query.until))
    .orderBy('stories.published_at', 'desc')
    .orderBy('stories.id', 'desc')
    .limit(query.limit);
  if (query.sourceIds) select = select.where('stories.source_id', 'in', query.sourceIds);
  const rows = await select.execute();
  return rows.map(({ published_at, first_seen_at, embedding, ...row }) => ({
    ...row,
    publishedAt: published_at.getTime(),
    firstSeenAt: first_seen_at.getTime(),
    embedding: embedding && signed(embedding),
  }));
}

/** A corpus over stories. */
export function corpusOf(candidates: Iterable<Candidate>): Corpus {
  const corpus = new Corpus();
  for (const candidate of candidates) corpus.add(candidate);
  return corpus;
}

interface Row {
  id: number;
  storylineId: number | null;
  title: string;
  dek: string;
  /** Only of a story whose terms are not kept yet. */
  opening: string | null;
  url: string | null;
  imageUrl: string | null;
  imageAlt: string | null;
  publisher: string;
  author: string | null;
  language: string | null;
  topics: string[];
  /** Milliseconds since 1970. */
  publishedAt: number;
  firstSeenAt: number;
  sourceId: number | null;
  sourcePosition: number | null;
  contentHash: string;
  embedding: Buffer | null;
  features: Buffer | null;
}

/** A story of the library: its text is left out, `Library.withTexts` has it. */
export interface LibraryStory extends Candidate {
  sourceId: number | null;
}

/**
 * The stories of the last month, held in memory by a process and brought up to date by what has changed since it last
 * looked: what an edition, a related link or a new story is compared with. Texts stay in the database.
 */
export class Library implements HeldStories {
  /** By id. */
  readonly stories = new Map<number, LibraryStory>();
  /** Ids of those that have no storyline yet. */
  readonly waiting = new Set<number>();
  readonly #members = new Map<number, number[]>();
  readonly corpus = new Corpus();
  /** Stories whose terms were counted here and are not kept in their rows yet. */
  readonly uncounted = new Map<number, TermCounts>();
  readonly #texts = new Map<number, Candidate>();
  readonly #words = new Map<string, string>();
  #weights = new Map<number, number>();
  #since: string | undefined;
  #from = 0;
  #begin = 0;
  #turn: Promise<void> = Promise.resolve();

  /** Stories published before this may be missing. */
  get begin(): Date {
    return new Date(this.#begin);
  }

  /** Whether it reaches far enough back, and has not outgrown itself. */
  serves(now: number): boolean {
    return this.#since === undefined
      ? true
      : now - libraryHours * hour >= this.#from && this.stories.size < mostStories * 1.2;
  }

  /** Takes in what has changed. @param db may be a transaction: what it has written itself is seen too */
  async refresh(db: Context['db'], now: number): Promise<void> {
    const turn = this.#turn.then(() => this.#refresh(db, now));
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #refresh(db: Context['db'], now: number): Promise<void> {
    // Asked for before the rows: what ends in between is read twice, never missed.
    const { rows: marks } = await sql<{ oldest: string }>`
      select pg_snapshot_xmin(pg_current_snapshot())::text as oldest`.execute(db);
    const oldest = (marks[0] as { oldest: string }).oldest;
    await this.#readWeights(db);
    if (this.#since === undefined) {
      this.#from = now - loadedMs;
      this.#begin = this.#from;
      await this.#loadAll(db);
    } else {
      const since = this.#since;
      await this.#takeAll((id) =>
        rowsOf(
          db,
          sql`changed_in >= ${since}::xid8 and published_at > ${new Date(this.#from)} and id > ${id}`,
          chunk,
        ),
      );
      const { rows: removed } = await sql<{ id: number }>`
        select story_id as id from removed_stories where changed_in >= ${this.#since}::xid8`.execute(db);
      for (const { id } of removed) {
        this.#file(id, this.stories.get(id), undefined);
        this.stories.delete(id);
        this.corpus.remove(id);
        this.uncounted.delete(id);
      }
    }
    this.#since = oldest;
  }

  async #loadAll(db: Context['db']): Promise<void> {
    const { rows: counts } = await sql<{ stories: number; oldest: Date | null; bytes: number }>`
      with newest as (
        select published_at from stories where published_at > ${new Date(this.#from)}
        order by published_at desc limit ${sql.lit(mostStories)})
      select count(*) as stories, min(published_at) as oldest,
             (select coalesce(avg(octet_length(features)), 0)::float8
              from (select features from stories order by id desc limit 1000) as latest) as bytes
      from newest`.execute(db);
    const [{ stories, oldest, bytes }] = counts as [(typeof counts)[number]];
    if (stories === mostStories && oldest) this.#begin = oldest.getTime();
    if (!oldest) return;
    // What comes later finds room too.
    this.corpus.reserve(Math.ceil(stories * 1.03), Math.ceil(((stories * bytes) / bytesPerTerm) * 1.03));
    // By id, as the rows lie: by time each would be looked up on its own.
    const after = (id: number) => rowsOf(db, sql`id > ${id} and published_at >= ${oldest}`, chunk);
    await this.#takeAll(after);
  }

  /** Takes in rows, some at a time. @param after reads the first ones with a greater id */
  async #takeAll(after: (id: number) => Promise<Row[]>): Promise<void> {
    let next: Promise<Row[]> | undefined = after(0);
    while (next) {
      const rows: Row[] = await next;
      const last = rows.at(-1);
      next = last && rows.length === chunk ? after(last.id) : undefined;
      next?.catch(() => {});
      // The next ones arrive while these are taken in.
      for (const [at, row] of rows.entries()) {
        if (at % inOneGo === 0) await setImmediate();
        this.#take(row);
      }
    }
  }

  async #readWeights(db: Context['db']): Promise<void> {
    const sources = await db
      .selectFrom('sources')
      .select(['id', 'weight'])
      .where('weight', '!=', 1)
      .execute();
    const weights = new Map(sources.map(({ id, weight }) => [id, weight]));
    const changed =
      weights.size !== this.#weights.size ||
      sources.some(({ id, weight }) => this.#weights.get(id) !== weight);
    this.#weights = weights;
    if (changed)
      for (const story of this.stories.values()) story.sourceWeight = this.#weightOf(story.sourceId);
  }

  #weightOf(sourceId: number | null): number {
    return sourceId === null ? 1 : (this.#weights.get(sourceId) ?? 1);
  }

  #take(row: Row): void {
    const { opening, features, embedding, ...rest } = row;
    const before = this.stories.get(row.id);
    const story: LibraryStory = {
      ...rest,
      // The same few publishers and languages again and again need to be held once.
      publisher: this.#once(rest.publisher),
      language: rest.language && this.#once(rest.language),
      topics: rest.topics.map((topic) => this.#once(topic)),
      bodyText: '',
      sourceWeight: this.#weightOf(row.sourceId),
    };
    // Held once, in the corpus.
    const meaning = embedding && signed(embedding);
    this.#file(row.id, before, story);
    this.stories.set(row.id, story);
    if (before?.contentHash !== row.contentHash) this.#texts.delete(row.id);
    const kept = features && decodeTerms(features);
    if (kept) this.uncounted.delete(row.id);
    if (
      before &&
      this.corpus.has(row.id) &&
      before.contentHash === row.contentHash &&
      before.url === row.url
    ) {
      if (!sameBytes(this.corpus.embedding(row.id), meaning)) this.corpus.embed(row.id, meaning);
      this.corpus.regroup(row.id, story.storylineId);
      return;
    }
    const counts = kept ?? countTerms({ ...story, bodyText: opening ?? '' });
    if (!kept) this.uncounted.set(row.id, counts);
    this.corpus.remove(row.id);
    this.corpus.add({ ...story, embedding: meaning }, counts);
  }

  /** Keeps the lists by storyline. */
  #file(id: number, before: LibraryStory | undefined, after: LibraryStory | undefined): void {
    if (before && after && before.storylineId === after.storylineId) return;
    const [from, into] = [before?.storylineId, after?.storylineId];
    if (from === null) this.waiting.delete(id);
    else if (from !== undefined) {
      const rest = this.#members.get(from)?.filter((other) => other !== id) ?? [];
      if (rest.length > 0) this.#members.set(from, rest);
      else this.#members.delete(from);
    }
    if (into === null) this.waiting.add(id);
    else if (into !== undefined) push(this.#members, into, id);
  }

  /** The ids of a storyline's stories. */
  membersOf(storyline: number): readonly number[] {
    return this.#members.get(storyline) ?? [];
  }

  #once(word: string): string {
    const known = this.#words.get(word);
    if (known !== undefined) return known;
    if (this.#words.size > 50_000) this.#words.clear();
    this.#words.set(word, word);
    return word;
  }

  /** The same stories with the beginning of their texts. Those that are gone meanwhile are left out. */
  async withTexts(db: Context['db'], ids: Iterable<number>): Promise<Map<number, Candidate>> {
    const found = new Map<number, Candidate>();
    const missing: number[] = [];
    for (const id of new Set(ids)) {
      const story = this.stories.get(id);
      const text = this.#texts.get(id);
      if (!story) continue;
      if (!text) missing.push(id);
      // The object stays the same as long as the text does: what was found out about it is kept with it.
      else found.set(id, Object.assign(text, { ...story, bodyText: text.bodyText }));
    }
    if (this.#texts.size + missing.length > mostTexts) this.#texts.clear();
    if (missing.length > 0) {
      const { rows } = await sql<{ id: number; text: string; contentHash: string }>`
        select id, left(body_text, ${sql.lit(textCharacters)}) as text, content_hash as "contentHash"
        from stories where id = any(${missing}::bigint[])`.execute(db);
      for (const { id, text, contentHash } of rows) {
        const story = this.stories.get(id);
        if (!story) continue;
        const full = { ...story, bodyText: text };
        found.set(id, full);
        if (story.contentHash === contentHash) this.#texts.set(id, full);
      }
      for (const id of found.keys()) if (!this.stories.has(id)) found.delete(id);
    }
    return found;
  }

  /** Keeps the terms that were counted here in their rows, so that no other process counts them again. */
  async keepTerms(db: Context['db']): Promise<void> {
    const waiting = [...this.uncounted];
    for (let at = 0; at < waiting.length; at += chunk) {
      const rows = waiting.slice(at, at + chunk).map(([id, counts]) => ({
        id,
        hash: this.stories.get(id)?.contentHash ?? '',
        features: encodeTerms(counts).toString('hex'),
      }));
      // Rows that somebody is at are left for another time.
      await sql`
        with counted as (
          select stories.id, decode(counted.features, 'hex') as features
          from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as counted (id bigint, hash text, features text)
          join stories on stories.id = counted.id and stories.content_hash = counted.hash
          where stories.features is null
          order by stories.id for no key update of stories skip locked)
        update stories set features = counted.features from counted where stories.id = counted.id`.execute(
        db,
      );
    }
    for (const [id, counts] of waiting) if (this.uncounted.get(id) === counts) this.uncounted.delete(id);
  }
}

/**
 * Forgets which stories were removed more than a day ago: a library that is looked at learns of them within minutes, and
 * one that is not is given back.
 */
export async function forgetRemovedStories({ db, clock }: Pick<Context, 'db' | 'clock'>): Promise<void> {
  const before = new Date(clock.now().getTime() - 24 * hour);
  await db.deleteFrom('removed_stories').where('removed_at', '<', before).execute();
}

async function rowsOf(db: Context['db'], condition: ReturnType<typeof sql>, limit?: number): Promise<Row[]> {
  const { rows } = await sql<Row>`
    select id, storyline_id as "storylineId", title, dek,
           case when features is null then left(body_text, ${sql.lit(countedCharacters)}) end as opening,
           url, image_url as "imageUrl", image_alt as "imageAlt", publisher, author, language, topics,
           (extract(epoch from published_at) * 1000)::float8 as "publishedAt",
           (extract(epoch from first_seen_at) * 1000)::float8 as "firstSeenAt", source_id as "sourceId",
           source_position as "sourcePosition", content_hash as "contentHash", embedding, features
    from stories where ${condition}
    ${limit === undefined ? sql`` : sql`order by id limit ${limit}`}`.execute(db);
  return rows;
}

const signed = (bytes: Buffer) => new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);

function sameBytes(a: Int8Array | null, b: Int8Array | null): boolean {
  if (!a || !b) return a === b;
  return a.length === b.length && a.every((value, at) => value === b[at]);
}

interface Held {
  library: Library;
  idle: NodeJS.Timeout;
}

const held = new WeakMap<object, Held>();

/**
 * The library of this process, up to date. It is loaded when it is first asked for, and given back after ten minutes in
 * which nobody has.
 * @param db what to read with, if not the context's own connection
 */
export async function openLibrary(
  context: Pick<Context, 'db' | 'clock'>,
  db: Context['db'] = context.db,
): Promise<Library> {
  const now = context.clock.now().getTime();
  let known = held.get(context.db);
  clearTimeout(known?.idle);
  if (!known?.library.serves(now)) known = undefined;
  const library = known?.library ?? new Library();
  const idle = setTimeout(() => held.delete(context.db), idleMs);
  idle.unref();
  held.set(context.db, { library, idle });
  await library.refresh(db, now);
  return library;
}
