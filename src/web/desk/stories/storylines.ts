import { sql } from 'kysely';
import type { Context } from '../../../context.ts';
import type { EditionState } from '../../../editions/editions.ts';

/** A storyline in a list. */
export interface StorylineSummary {
  id: number;
  /** Of the story that speaks for it: the first one with a picture. */
  title: string;
  image: string | null;
  stories: number;
  publishers: number;
  /** Those that reported first. */
  firstPublishers: string[];
  topics: string[];
  first: Date;
  last: Date;
  /** When each story came, in seconds since 1970; of very large ones a part. */
  times: number[];
}

const mostTimes = 400;

/**
 * Storylines with a story since an instant, those with most stories first.
 * @param after the last one of the page before
 */
export async function recentStorylines(
  { db }: Pick<Context, 'db'>,
  since: Date,
  limit: number,
  after?: { stories: number; id: number },
): Promise<StorylineSummary[]> {
  const { rows } = await sql<StorylineSummary>`
    select page.id, lead.title, lead.image_url as image, page.story_count as stories, told.publishers,
      told.first_publishers as "firstPublishers", lead.topics, page.first_published_at as first,
      page.last_published_at as last, told.times
    from (
      select id, story_count, first_published_at, last_published_at from storylines
      where last_published_at >= ${since}
        ${after ? sql`and (story_count, id) < (${after.stories}::integer, ${after.id}::bigint)` : sql``}
      order by story_count desc, id desc limit ${limit}) as page
    cross join lateral (
      select title, image_url, topics from stories where storyline_id = page.id
      order by image_url is null, published_at, id limit 1) as lead
    cross join lateral (
      select count(distinct publisher)::integer as publishers,
        (array_agg(publisher order by first) filter (where number = 1))[1:3] as first_publishers,
        (array_agg(at order by at))[1:${sql.lit(mostTimes)}] as times
      from (
        select publisher, extract(epoch from published_at)::float8 as at, min(published_at) over (partition by publisher) as first,
          row_number() over (partition by publisher order by published_at, id) as number
        from stories where storyline_id = page.id) as each) as told
    order by page.story_count desc, page.id desc`.execute(db);
  return rows;
}

/** A story of a storyline. */
export interface Report {
  id: number;
  title: string;
  dek: string;
  url: string | null;
  publisher: string;
  image: string | null;
  at: Date;
}

/** The stories of a storyline, the first one first. @param limit at the most; of more the earliest */
export async function reportsOf(
  { db }: Pick<Context, 'db'>,
  storylineId: number,
  limit = 500,
): Promise<Report[]> {
  return db
    .selectFrom('stories')
    .select(['id', 'title', 'dek', 'url', 'publisher', 'image_url as image', 'published_at as at'])
    .where('storyline_id', '=', storylineId)
    .orderBy('published_at')
    .orderBy('id')
    .limit(limit)
    .execute();
}

/** An edition that is still to go out, and what it has of some storylines. */
export interface Touched {
  id: number;
  subject: string;
  state: EditionState;
  newsletterId: number;
  newsletter: string;
  titles: string[];
}

/** Editions that are still to go out and have stories of some storylines in their places. @param visible newsletters; undefined: all */
export async function editionsWith(
  { db }: Pick<Context, 'db'>,
  storylineIds: number[],
  visible: number[] | undefined,
): Promise<Touched[]> {
  const { rows } = await sql<Touched>`
    select editions.id, editions.subject, editions.state, newsletters.id as "newsletterId", newsletters.name as newsletter,
      array_agg(edition_stories.snapshot ->> 'title' order by edition_stories.position) as titles
    from edition_stories
    join editions on editions.id = edition_stories.edition_id
    join newsletters on newsletters.id = editions.newsletter_id
    where edition_stories.storyline_id = any(${storylineIds}::bigint[]) and edition_stories.slot <> 'reserve'
      and editions.state in ('draft', 'review', 'approved')
      ${visible ? sql`and editions.newsletter_id = any(${visible}::bigint[])` : sql``}
    group by editions.id, newsletters.id
    order by editions.scheduled_for`.execute(db);
  return rows;
}
