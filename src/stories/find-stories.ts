import { type Selectable, sql } from 'kysely';
import type { Context } from '../context.ts';
import type { Stories, StoryRevisions } from '../db/schema.ts';
import { UserError } from '../errors.ts';
import { urlKey } from './canonical.ts';
import { findSource } from './sources.ts';

/** A story as stored. */
export type Story = Omit<Selectable<Stories>, Machinery>;

// What only the program reads: bytes and leases.
type Machinery = 'changed_in' | 'embedding' | 'embedded_at' | 'embed_lease_until' | 'features' | 'topics_at';

/** A story in a listing. */
export type StorySummary = Pick<
  Story,
  'id' | 'title' | 'url' | 'publisher' | 'language' | 'topics' | 'published_at' | 'revision'
> & { source: string | null };

/**
 * Stories, the newest first.
 * @param filter.since published at or after
 * @param filter.source name, id or address of a source
 * @param filter.search words that the title or dek holds, in any case
 * @param filter.limit 50 if not given
 * @param filter.before only those that come after this one, which is named by when it was published and its id
 */
export async function listStories(
  context: Pick<Context, 'db'>,
  filter: {
    limit?: number;
    since?: Date;
    source?: string | number;
    search?: string;
    before?: { publishedAt: Date; id: number };
  } = {},
): Promise<StorySummary[]> {
  const source = filter.source === undefined ? undefined : await findSource(context, filter.source);
  let query = context.db
    .selectFrom('stories')
    .leftJoin('sources', 'sources.id', 'stories.source_id')
    .select([
      'stories.id',
      'stories.title',
      'stories.url',
      'stories.publisher',
      'stories.language',
      'stories.topics',
      'stories.published_at',
      'stories.revision',
      'sources.name as source',
    ])
    .orderBy('stories.published_at', 'desc')
    .orderBy('stories.id', 'desc')
    .limit(filter.limit ?? 50);
  if (source) query = query.where('stories.source_id', '=', source.id);
  if (filter.since) query = query.where('stories.published_at', '>=', filter.since);
  if (filter.before)
    query = query.where(
      sql<boolean>`(stories.published_at, stories.id) < (${filter.before.publishedAt}, ${filter.before.id})`,
    );
  for (const word of filter.search?.split(/\s+/).filter(Boolean) ?? []) {
    const pattern = `%${word.replace(/[\\%_]/g, '\\$&')}%`;
    query = query.where(sql<boolean>`(stories.title || ' ' || stories.dek) ilike ${pattern}`);
  }
  return await query.execute();
}

/** A story and what it said before. */
export interface StoryWithHistory extends Story {
  source: string | null;
  /** Oldest first. */
  revisions: Selectable<StoryRevisions>[];
}

/**
 * The story with an id or an address; any form of the address will do.
 * @throws UserError (code `not-found`) if there is none
 */
export async function findStory(
  context: Pick<Context, 'db'>,
  reference: string | number,
): Promise<StoryWithHistory> {
  const text = String(reference).trim();
  const key = urlKey(text);
  const story = await context.db
    .selectFrom('stories')
    .leftJoin('sources', 'sources.id', 'stories.source_id')
    .selectAll('stories')
    .select('sources.name as source')
    .where((eb) =>
      /^\d{1,15}$/.test(text)
        ? eb('stories.id', '=', Number(text))
        : eb.or([
            eb('stories.url_key', '=', key),
            eb(
              'stories.id',
              'in',
              eb.selectFrom('story_aliases').select('story_id').where('alias_key', '=', key),
            ),
          ]),
    )
    .orderBy('stories.id')
    .executeTakeFirst();
  if (!story)
    throw new UserError(`There is no story "${text}".`, {
      code: 'not-found',
      hint: 'Run "broadsheet stories list" to see them.',
    });
  const revisions = await context.db
    .selectFrom('story_revisions')
    .selectAll()
    .where('story_id', '=', story.id)
    .orderBy('revision')
    .execute();
  const { embedding, embedded_at, embed_lease_until, features, topics_at, changed_in, ...rest } = story;
  return { ...rest, revisions };
}
