import { sql } from 'kysely';
import type { Context } from '../context.ts';
import type { Candidate } from './candidate.ts';
import type { ChosenStory } from './chosen.ts';
import { openLibrary } from './library.ts';
import type { Policy } from './policy.ts';
import { addRelated, type Texts } from './related.ts';
import { isUnwanted } from './select.ts';

const hour = 3_600_000;

/** What a single story is made ready for an edition with. */
export interface PlaceRequest {
  storyId: number;
  /** When the edition is for. */
  at: Date;
  policy: Policy;
  /** Only related stories from these sources; undefined: from all. */
  sourceIds?: number[];
  /** Where readers find a story that has no address of its own. */
  readUrl(storyId: number): string;
}

/**
 * A story that somebody wants in an edition, as choosing would have put it there, with what is related to it. Its reason
 * tells who reports it; whoever asks for it adds why it was taken. Stories older than a month have nothing related.
 * @returns undefined if there is no such story
 */
export async function placeStory(context: Context, request: PlaceRequest): Promise<ChosenStory | undefined> {
  const { policy, readUrl } = request;
  const [story, library] = await Promise.all([storyOf(context, request.storyId), openLibrary(context)]);
  if (!story) return undefined;
  const coverage = await coverageOf(context, story.storylineId);
  const at = request.at.getTime();
  const hours = Math.round(Math.max(0, at - story.publishedAt) / hour);
  const age = hours < 48 ? `${hours} ${hours === 1 ? 'hour' : 'hours'}` : `${Math.round(hours / 24)} days`;
  const chosen: ChosenStory = {
    position: 0,
    slot: 'reserve',
    storyId: story.id,
    storylineId: story.storylineId,
    title: story.title,
    dek: story.dek,
    url: story.url ?? readUrl(story.id),
    imageUrl: story.imageUrl,
    imageAlt: story.imageAlt,
    publisher: story.publisher,
    author: story.author,
    topics: story.topics,
    publishedAt: new Date(story.publishedAt).toISOString(),
    coverage,
    developing: null,
    pinned: false,
    score: 0,
    reason: {
      text: `Reported by ${coverage} ${coverage === 1 ? 'publisher' : 'publishers'}; ${age} old.`,
      parts: { publishers: coverage },
    },
    related: [],
  };
  const sources = request.sourceIds && new Set(request.sourceIds);
  const mayRelate = (other: Candidate) =>
    other.publishedAt <= at &&
    (!sources || sources.has(library.stories.get(other.id)?.sourceId ?? -1)) &&
    !isUnwanted(other, policy);
  const texts: Texts = async (ids) =>
    new Map(
      [...(await library.withTexts(context.db, ids))]
        .filter(([, each]) => mayRelate(each))
        .map(([id, each]) => [id, each.url === null ? { ...each, url: readUrl(id) } : each]),
    );
  const { stories, corpus } = library;
  const membersOf = (storyline: number) =>
    library.membersOf(storyline).filter((id) => {
      const other = stories.get(id);
      return other && mayRelate(other);
    });
  if (library.corpus.has(story.id))
    await addRelated([chosen], { stories, corpus, membersOf, mayRelate, texts }, policy.related);
  return chosen;
}

/** How many publishers report a storyline; one, if it is none. */
export async function coverageOf({ db }: Pick<Context, 'db'>, storylineId: number | null): Promise<number> {
  if (storylineId === null) return 1;
  const { rows } = await sql<{ publishers: number }>`
    select count(distinct publisher)::integer as publishers from stories where storyline_id = ${storylineId}`.execute(
    db,
  );
  return Math.max(1, rows[0]?.publishers ?? 1);
}

async function storyOf({ db }: Pick<Context, 'db'>, id: number) {
  const row = await db
    .selectFrom('stories')
    .select([
      'id',
      'storyline_id as storylineId',
      'title',
      'dek',
      'url',
      'image_url as imageUrl',
      'image_alt as imageAlt',
      'publisher',
      'author',
      'topics',
      'published_at',
    ])
    .where('id', '=', id)
    .executeTakeFirst();
  if (!row) return undefined;
  const { published_at, ...story } = row;
  return { ...story, publishedAt: published_at.getTime() };
}
