import { type RawBuilder, sql } from 'kysely';
import type { Context } from '../context.ts';
import type { StorySummary } from './find-stories.ts';

/** A text in pieces; those that were looked for are marked. */
export type Marked = { text: string; marked: boolean }[];

/** A story that was found. */
export interface FoundStory extends StorySummary {
  image_url: string | null;
  storyline_id: number | null;
  /** Stories of its storyline, itself among them. */
  reports: number;
  /** Its title, and the passage of its dek or text that fits best; the dek's beginning where no words were asked for. */
  found: { title: Marked; passage: Marked };
}

/** What is looked for; all that is given holds. */
export interface StoryQuery {
  /** As in a web search: all of the words in any form, "exact ones", one or another, and -not this. */
  words?: string;
  /** The id of a source. */
  source?: number;
  /** As it stands in the story: a slug of the taxonomy, or what the source calls it. */
  topic?: string;
  /** Without region, as in `en`. */
  language?: string;
  /** Published at this instant or later. */
  since?: Date;
  /**
   * `best`: by how well they fit, among the newest two thousand that do, or, for what every tenth story has, among the newest two
   * thousand stories; the newest first if not given.
   */
  order?: 'newest' | 'best';
  /** At the most; 30 if not given. */
  limit?: number;
  /** `next` of the page before. */
  after?: string;
}

/** How words were compared: in any form; the last one as a beginning, as nothing had it whole; or letter by letter. */
export type HowFound = 'words' | 'beginning' | 'letters';

// So many of the newest stories are looked through; words that so many of them have are in many of all.
const lookedAt = 2000;
const inMany = 200;
// Private-use characters: they are stripped from whatever comes from outside.
const [open, close] = ['\uE000', '\uE001'];
// Scripts without spaces between words, which Postgres does not split.
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/**
 * Looks for stories by words of title, dek and text, stemmed as the language of each story asks. With 100,000 stories it takes
 * some milliseconds; letter by letter, which is for scripts without spaces and for words that languages leave out, longer.
 * @returns a page, and what to ask the next one with; null: there is none
 */
export async function searchStories(
  context: Pick<Context, 'db'>,
  query: StoryQuery,
): Promise<{ stories: FoundStory[]; next: string | null; how: HowFound }> {
  const words = (query.words ?? '').replaceAll('\0', '').toWellFormed().trim().slice(0, 300);
  const after = cursorOf(query.after);
  if (words === '') return look(context, query, after, { how: 'words', words });
  const languages = await languagesOf(context, query.language);
  const tries: HowFound[] = after ? [after.how] : ['words', 'beginning', 'letters'];
  for (const how of tries) {
    if (how === 'letters' ? !after && !(await needsLetters(context, words, languages)) : unspaced.test(words))
      continue;
    const asked = how === 'letters' ? undefined : askedIn(how, words, languages);
    if (!asked && how !== 'letters') continue;
    const found = await look(context, query, after, { how, words, asked });
    if (found.stories.length > 0) return found;
  }
  return { stories: [], next: null, how: 'words' };
}

interface Looked {
  how: HowFound;
  words: string;
  /** The words as Postgres asks for them in stories of all languages at once. */
  asked?: RawBuilder<unknown>;
}

async function look(
  { db }: Pick<Context, 'db'>,
  query: StoryQuery,
  after: Cursor | undefined,
  { how, words, asked }: Looked,
): Promise<{ stories: FoundStory[]; next: string | null; how: HowFound }> {
  const { limit = 30 } = query;
  const isBest = query.order === 'best' && asked !== undefined;
  const page = await pageOf({ db }, query, after, { how, words, asked }, isBest);
  if (page.length === 0) return { stories: [], next: null, how };
  const ids = page.map(({ id }) => id);
  const config = sql`story_words_config(s.language)`;
  const inLanguage = asked ? ownQuery(how, words, config) : undefined;
  const marks = (text: RawBuilder<unknown>, options: string) =>
    inLanguage
      ? sql`ts_headline(${config}, ${text}, ${inLanguage}, ${`StartSel=${open}, StopSel=${close}, ${options}`})`
      : text;
  const passage = inLanguage
    ? marks(
        sql`concat_ws(' ', case when not starts_with(stories.body_text, stories.dek) then stories.dek end, left(stories.body_text, 5000))`,
        'MaxFragments=1, MinWords=15, MaxWords=32, FragmentDelimiter=" "',
      )
    : sql`left(coalesce(nullif(stories.dek, ''), stories.body_text), 300)`;
  const { rows } = await sql<Row>`
    select stories.id, stories.title, stories.url, stories.publisher, stories.language, stories.topics,
      stories.published_at, stories.revision, stories.image_url, stories.storyline_id, sources.name as source,
      coalesce(storylines.story_count, 1) as reports,
      ${marks(sql`stories.title`, 'HighlightAll=true')} as marked_title, ${passage} as marked_passage
    from stories
    join story_search as s on s.story_id = stories.id
    left join sources on sources.id = stories.source_id
    left join storylines on storylines.id = stories.storyline_id
    where stories.id = any(${ids.slice(0, limit)}::bigint[])
    order by array_position(${ids}::bigint[], stories.id)`.execute(db);
  const last = page.length > limit ? page[limit - 1] : undefined;
  return {
    stories: rows.map(({ marked_title, marked_passage, ...story }) => ({
      ...story,
      found: { title: markedIn(marked_title), passage: markedIn(marked_passage) },
    })),
    next: last ? `${how}_${isBest ? last.rank : last.at.getTime()}_${last.id}` : null,
    how,
  };
}

interface Place {
  id: number;
  at: Date;
  rank: number;
}

/**
 * Which stories stand on a page, and one more if there is one. What is in many stories is soon found among the newest; what is in
 * few is looked up by the index of words. The planner cannot tell the two apart for words that it has no statistics of.
 */
async function pageOf(
  { db }: Pick<Context, 'db'>,
  query: StoryQuery,
  after: Cursor | undefined,
  { how, words, asked }: Looked,
  isBest: boolean,
): Promise<Place[]> {
  const { source, topic, language, since, limit = 30 } = query;
  const all = (conditions: RawBuilder<unknown>[]) =>
    conditions.length > 0 ? sql`where ${sql.join(conditions, sql` and `)}` : sql``;
  const narrowed = [
    ...(source === undefined ? [] : [sql`s.source_id = ${source}`]),
    ...(language === undefined ? [] : [sql`s.language = ${language.toLowerCase().split('-')[0]}`]),
    ...(since === undefined ? [] : [sql`s.published_at >= ${since}`]),
    ...(after && !isBest
      ? [sql`(s.published_at, s.story_id) < (${new Date(after.at)}::timestamptz, ${after.id}::bigint)`]
      : []),
  ];
  const ofTopic =
    topic === undefined
      ? []
      : [
          sql`exists (select from stories as t where t.id = s.story_id and t.topics @> array[${topic}]::text[])`,
        ];
  const newest = sql`order by s.published_at desc, s.story_id desc`;
  const told = sql`s.story_id as id, s.published_at as at, 0::float8 as rank`;
  const listed = async (from: RawBuilder<unknown>, conditions: RawBuilder<unknown>[]) =>
    (
      await sql<Place>`select ${told} from ${from} ${all(conditions)} ${newest} limit ${limit + 1}`.execute(
        db,
      )
    ).rows;
  if (!asked)
    return listed(sql`story_search as s`, [
      ...narrowed,
      ...ofTopic,
      ...(how === 'letters' ? [lettersIn(words)] : []),
    ]);

  const fits = sql`s.words @@ (${asked})`;
  const amongNewest = sql`(select s.* from story_search as s ${all(narrowed)} ${newest} limit ${lookedAt}) as s`;
  const byWords = sql`(with fitting as materialized (select s.* from story_search as s where ${fits}) select * from fitting) as s`;
  if (!isBest) {
    const soon = await listed(amongNewest, [fits, ...ofTopic]);
    return soon.length > limit ? soon : listed(byWords, [...narrowed, ...ofTopic]);
  }
  const ranked = async (from: RawBuilder<unknown>, conditions: RawBuilder<unknown>[]) =>
    (
      await sql<Place>`
        select id, at, rank from (
          select s.story_id as id, s.published_at as at,
            round(ts_rank('{0.05, 0.1, 0.4, 1}', s.words, ${asked}, 1)::numeric, 6)::float8 as rank
          from (select s.* from ${from} ${all(conditions)} ${newest} limit ${lookedAt}) as s) as ranked
        ${after ? sql`where (rank, id) < (${after.rank}::float8, ${after.id}::bigint)` : sql``}
        order by rank desc, id desc limit ${limit + 1}`.execute(db)
    ).rows;
  const { rows } = await sql<{ count: number }>`
    select count(*)::integer as count from ${amongNewest} where ${fits}`.execute(db);
  return (rows[0]?.count ?? 0) > inMany
    ? ranked(amongNewest, [fits, ...ofTopic])
    : ranked(byWords, [...narrowed, ...ofTopic]);
}

interface Row extends Omit<FoundStory, 'found'> {
  marked_title: string;
  marked_passage: string;
}

interface Cursor {
  how: HowFound;
  at: number;
  rank: number;
  id: number;
}

function cursorOf(text: string | undefined): Cursor | undefined {
  const [, how, place, id] = /^(words|beginning|letters)_(-?[\d.]{1,20})_(\d{1,15})$/.exec(text ?? '') ?? [];
  if (!how || Number.isNaN(Number(place))) return undefined;
  const at = Math.trunc(Number(place));
  return Math.abs(at) > 8.64e15
    ? undefined
    : { how: how as HowFound, at, rank: Number(place), id: Number(id) };
}

/** The languages of stories, each looked up by itself. */
async function languagesOf({ db }: Pick<Context, 'db'>, only: string | undefined): Promise<string[]> {
  if (only !== undefined) return [only.toLowerCase().split('-')[0] ?? ''].filter(isPlain);
  const languages = await storyLanguages({ db });
  return languages.filter(isPlain);
}

const isPlain = (language: string) => /^[a-z]{0,8}$/.test(language);

/** The languages that stories are in, without regions; empty for those of which it is not known. */
export async function storyLanguages({ db }: Pick<Context, 'db'>): Promise<string[]> {
  const { rows } = await sql<{ language: string }>`
    with recursive known as (
      select min(language) as language from story_search
      union all
      select (select min(language) from story_search where language > known.language)
      from known where known.language is not null)
    select language from known where language is not null`.execute(db);
  return rows.map(({ language }) => language);
}

/** The words, for stories of any of the languages: each language asks in its own stems, for its own stories. */
function askedIn(
  how: 'words' | 'beginning',
  words: string,
  languages: string[],
): RawBuilder<unknown> | undefined {
  if (how === 'beginning' && !lastWord(words)) return undefined;
  const each = languages.map((language) => {
    const own = ownQuery(how, words, sql`story_words_config(${language})`);
    // What consists of words that the language leaves out fits none of its stories.
    return sql`(case when numnode(${own}) > 0 then ${`'=${language}'`}::tsquery && ${own} else ''::tsquery end)`;
  });
  return each.length > 0 ? sql.join(each, sql` || `) : undefined;
}

function ownQuery(how: HowFound, words: string, config: RawBuilder<unknown>): RawBuilder<unknown> {
  const last = how === 'beginning' ? lastWord(words) : undefined;
  if (last === undefined) return sql`websearch_to_tsquery(${config}, ${words})`;
  return sql`(websearch_to_tsquery(${config}, ${words.slice(0, words.length - last.length)}) && to_tsquery(${config}, ${`${last}:*`}))`;
}

/** The word at the end, of which perhaps only the beginning is written yet. */
const lastWord = (words: string) => /(?<![\p{L}\p{N}"-])[\p{L}\p{N}]{2,}$/u.exec(words)?.[0];

async function needsLetters(
  { db }: Pick<Context, 'db'>,
  words: string,
  languages: string[],
): Promise<boolean> {
  if (unspaced.test(words)) return true;
  const { rows } = await sql<{ empty: boolean }>`
    select bool_and(numnode(websearch_to_tsquery(story_words_config(language), ${words})) = 0) as empty
    from unnest(${languages}::text[]) as language`.execute(db);
  return rows[0]?.empty === true;
}

function lettersIn(words: string): RawBuilder<unknown> {
  const each = words.split(/\s+/).map((word) => {
    const pattern = `%${word.replace(/[\\%_]/g, '\\$&')}%`;
    return sql`(t.title || ' ' || t.dek) ilike ${pattern}`;
  });
  return sql`exists (select from stories as t where t.id = s.story_id and ${sql.join(each, sql` and `)})`;
}

function markedIn(text: string): Marked {
  return text
    .split(/(\uE000[^\uE000\uE001]*\uE001)/)
    .filter(Boolean)
    .map((piece) =>
      piece.startsWith(open)
        ? { text: piece.slice(1, -1), marked: true }
        : { text: piece.replaceAll(open, '').replaceAll(close, ''), marked: false },
    );
}
