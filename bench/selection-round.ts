// Choosing or relating in a process of its own, so that its memory is its own and nothing is warm. Its parent sends one
// `SelectionRequest` and gets one `SelectionResult`.
import { sql } from 'kysely';
import { connectTo } from '../src/db/connect.ts';
import { chooseStories } from '../src/selection/choose.ts';
import { parsePolicy } from '../src/selection/policy.ts';
import { type RelatedQuery, relatedTo } from '../src/selection/related-to.ts';
import { contextOver, memoryOf } from './database.ts';
import { median, secondsOf } from './measure.ts';

/** What to measure; `until` is the instant for which is chosen, in milliseconds since 1970. */
export interface SelectionRequest {
  what: 'choose' | 'related';
  socketFolder: string;
  home: string;
  until: number;
  times: number;
}

/** How long it took, and the most memory that the process held. */
export interface SelectionResult {
  coldSeconds: number;
  /** The median of the later ones. */
  warmSeconds: number;
  slowestSeconds: number;
  referenceSeconds: number;
  megabytes: number;
  /** Stories chosen, or related stories found, the last time. */
  found: number;
}

process.once('message', async (request: SelectionRequest) => {
  process.send?.(await measure(request));
  process.disconnect();
});

async function measure({
  what,
  socketFolder,
  home,
  until,
  times,
}: SelectionRequest): Promise<SelectionResult> {
  const connection = { host: socketFolder, port: 5432, user: 'broadsheet', database: 'broadsheet' };
  const database = connectTo(connection, 10);
  const context = {
    ...contextOver(database, home, { embeddings: false }),
    clock: { now: () => new Date(until) },
  };
  const subjects = await database.db
    .selectFrom('stories')
    .select([
      'id',
      'title',
      'dek',
      'body_text',
      'url',
      'publisher',
      'language',
      'published_at',
      'content_hash',
    ])
    .where(sql<boolean>`id % 997 = 5`)
    .orderBy('id')
    .limit(times)
    .execute();
  const queries: RelatedQuery[] = subjects.map(({ body_text, published_at, content_hash, ...story }) => ({
    ...story,
    bodyText: body_text,
    publishedAt: published_at,
    contentHash: content_hash,
  }));
  let found = 0;
  const choose = async () => {
    const choice = await chooseStories(context, {
      at: new Date(until),
      policy: parsePolicy({}),
      told: [],
      usedStoryIds: [],
      readUrl: (id) => `https://news.example.com/read/${id}`,
    });
    found = choice.stories.length;
  };
  const relate = async (query: RelatedQuery) => {
    found = (await relatedTo(context, query, 5)).length;
  };
  let coldSeconds = 0;
  const warm: number[] = [];
  const { peak } = await memoryOf(async () => {
    coldSeconds = await secondsOf(() => (what === 'choose' ? choose() : relate(queries[0] as RelatedQuery)));
    if (what === 'choose') for (let time = 0; time < times; time++) warm.push(await secondsOf(choose));
    else for (const query of queries.slice(1)) warm.push(await secondsOf(() => relate(query)));
  });
  const reference: number[] = [];
  if (what === 'choose')
    reference.push(
      await secondsOf(() =>
        sql`
          select id, storyline_id, title, dek, url, image_url, publisher, author, language, topics, published_at,
            source_position, content_hash
          from stories where published_at > ${new Date(until - 36 * 3_600_000)}`.execute(database.db),
      ),
    );
  else
    for (const query of queries.slice(1))
      reference.push(
        await secondsOf(() =>
          sql`
            select id, title, url, ts_rank(words, query) as rank
            from stories join searched using (id),
              to_tsquery('english', ${searchFor(query)}) as query
            where words @@ query
            order by rank desc limit 5`.execute(database.db),
        ),
      );
  await database.close();
  return {
    coldSeconds,
    warmSeconds: median(warm),
    slowestSeconds: Math.max(...warm),
    referenceSeconds: median(reference),
    megabytes: peak,
    found,
  };
}

/** The words of a title, any of which a related text may have. */
function searchFor({ title }: RelatedQuery): string {
  return (title.match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => `'${word}'`).join(' | ');
}
