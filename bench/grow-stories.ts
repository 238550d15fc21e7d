import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { sql } from 'kysely';
import { from as copyFrom } from 'pg-copy-streams';
import { chooseStories } from '../src/selection/choose.ts';
import { countTerms, encodeTerms } from '../src/selection/features.ts';
import { parsePolicy } from '../src/selection/policy.ts';
import { relatedTo } from '../src/selection/related-to.ts';
import { searchStories } from '../src/stories/search.ts';
import { type BenchContext, memoryOf, withOwnDatabase } from './database.ts';
import { type Figures, openMeter } from './grow-figures.ts';
import { measurePages } from './grow-pages.ts';
import { inventedStories } from './stories.ts';

/** So many come in a month; more are older. */
const aMonth = 100_000;
const monthHours = 30 * 24;
const hour = 3_600_000;
// Of these the texts of older ones are put together.
const templates = 20_000;
const olderCharacters = 400;
const relatedAsked = 20;
const sources = 200;
const writers = 4;

interface Made {
  title: string;
  dek: string;
  body: string;
  publisher: string;
  topic: string;
  at: number;
  storyline: number;
  features: string;
}

/**
 * So many stories, at most 100,000 of them of the last month and the others older: what is done with them, and how long
 * that takes. Choosing and relating load the month into this process.
 */
export async function growStories(stories: number, say: (line: string) => void): Promise<Figures> {
  return withOwnDatabase(async (opened) => {
    const until = Date.now();
    const context: BenchContext = { ...opened, config: { ...opened.config, embeddings: false } };
    const rare = await seed(context, stories, until);
    say(`${stories} stories: seeded`);
    const meter = await openMeter(context, say);
    await meter.often('search for a frequent word', () => searchStories(context, { words: 'bace' }));
    await meter.often('search for a rare word', () => searchStories(context, { words: rare }));
    await meter.often('search for two words, the best first', () =>
      searchStories(context, { words: 'bace cece', order: 'best' }),
    );
    await meter.often('search for what none has', () => searchStories(context, { words: 'xylophonist' }));
    await meter.often('stories of a source', () => searchStories(context, { source: 7 }));
    const choose = () =>
      chooseStories(context, {
        at: new Date(until),
        policy: parsePolicy({}),
        told: [],
        usedStoryIds: [],
        readUrl: (id) => `https://news.example.com/read/${id}`,
      });
    const { growth } = await memoryOf(async () => {
      meter.note('chosen by a process that has just begun', (await meter.once(choose)) * 1000);
    });
    await meter.often('chosen after that', choose);
    meter.note('memory for that, MB', growth);
    const newest = await context.db
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
        'storyline_id',
      ])
      .orderBy('published_at', 'desc')
      .limit(relatedAsked)
      .execute();
    let asked = 0;
    await meter.often('related to a story', async () => {
      const { body_text, published_at, content_hash, ...story } = newest[asked++ % newest.length]!;
      const query = { ...story, bodyText: body_text, publishedAt: published_at, contentHash: content_hash };
      await relatedTo(context, query, 5);
    });
    await measurePages(context, meter, {
      'desk: stories': '/desk/stories',
      'desk: search': '/desk/stories?q=bace+cece',
      'desk: a story': `/desk/stories/${newest[0]?.id}`,
      'desk: storylines': '/desk/storylines',
      'desk: a storyline': `/desk/storylines/${newest[0]?.storyline_id}`,
      'desk: sources': '/desk/sources',
    });
    const { rows } = await sql<{
      bytes: number;
    }>`select pg_database_size(current_database()) as bytes`.execute(context.db);
    meter.note('database, MB', (rows[0]?.bytes ?? 0) / 1e6);
    return meter.figures;
  });
}

/** Writes stories as intake and grouping leave them. @returns a word that few of them have */
async function seed(context: BenchContext, count: number, until: number): Promise<string> {
  const { db, database } = context;
  await sql`
    insert into sources (kind, url, name, publisher, last_success_at, last_fetched_at, next_fetch_at)
    select 'feed', 'https://paper' || n || '.example.com/feed', 'Paper ' || n, 'Paper ' || n, now(), now(), now() + interval '10 minutes'
    from generate_series(1, ${sql.lit(sources)}) as n`.execute(db);
  const client = await database.pool.connect();
  let rare = '';
  let storylines = 0;
  try {
    // Written below in one go, which is what makes the seeding of a million quick.
    await client.query('alter table stories disable trigger user');
    await client.query("set maintenance_work_mem = '512MB'");
    await client.query("set work_mem = '128MB'");
    await client.query('drop index story_search_words');
    await client.query('alter table stories drop constraint stories_storyline_id_fkey');
    const lines = function* () {
      let number = 0;
      for (const made of invented(count, until)) {
        number++;
        storylines = Math.max(storylines, made.storyline);
        if (number === Math.ceil(count / 2)) rare = made.title.split(' ')[2] ?? '';
        const url = `paper${number % sources}.example.com/${number}`;
        const at = new Date(made.at).toISOString();
        yield `${[
          ...[
            url,
            `https://${url}`,
            made.title,
            made.dek,
            made.body,
            made.publisher,
            'en',
            `{${made.topic}}`,
            at,
            at,
          ],
          ...[number % 30, createHash('sha1').update(url).digest('hex'), made.storyline],
          ...[1 + (number % sources), made.features ? `\\\\x${made.features}` : '\\N', at, at],
        ].join('\t')}\n`;
      }
    };
    await pipeline(
      Readable.from(lines()),
      client.query(
        copyFrom(`copy stories (url_key, url, title, dek, body_text, publisher, language, topics, published_at, first_seen_at,
          source_position, content_hash, storyline_id, source_id, features, topics_at, embedded_at) from stdin`),
      ),
    );
    await client.query(
      `insert into storylines (id, language, story_count, first_published_at, last_published_at)
       overriding system value
       select storyline_id, 'en', count(*), min(published_at), max(published_at) from stories group by 1`,
    );
    await client.query(`select setval(pg_get_serial_sequence('storylines', 'id'), ${storylines})`);
    await client.query(
      `alter table stories add constraint stories_storyline_id_fkey foreign key (storyline_id) references storylines (id) on delete set null`,
    );
    await Promise.all(
      Array.from({ length: writers }, (_, writer) =>
        sql`insert into story_search (story_id, published_at, source_id, language, words)
          select id, published_at, source_id, 'en', story_words('en', title, dek, body_text) from stories
          where id % ${sql.lit(writers)} = ${sql.lit(writer)}`.execute(db),
      ),
    );
    await client.query('create index story_search_words on story_search using gin (words)');
    await client.query('alter table stories enable trigger user');
    await client.query('vacuum analyze');
  } finally {
    client.release(true);
  }
  return rare;
}

/** The month's stories by Zipf's law in words and events; older ones are put together of their halves, four to an event. */
function* invented(count: number, until: number): Generator<Made> {
  const inMonth = Math.min(count, aMonth);
  const texts: { title: string[]; body: string }[] = [];
  let events = 0;
  for (const {
    url = '',
    title,
    dek = '',
    bodyText = '',
    publisher = '',
    topics,
    publishedAt,
  } of inventedStories(inMonth, until, monthHours)) {
    const event = Number(new URL(url).pathname.split('/')[1]);
    events = Math.max(events, event + 1);
    if (texts.length < templates) texts.push({ title: title.split(' '), body: bodyText });
    yield {
      ...{ title, dek, body: bodyText, publisher, topic: topics?.[0] ?? 'subject-0', storyline: event + 1 },
      at: publishedAt?.getTime() ?? until,
      features: encodeTerms(countTerms({ title, dek, bodyText, language: 'en', url })).toString('hex'),
    };
  }
  const older = count - inMonth;
  for (let number = 0; number < older; number++) {
    const one = texts[(number * 7919) % texts.length]!;
    const other = texts[(number * 104_729 + 13) % texts.length]!;
    const cut = one.body.indexOf(' ', olderCharacters / 2);
    const body = `${one.body.slice(0, cut)}${other.body.slice(cut, olderCharacters)}`;
    yield {
      title: [...one.title.slice(0, 3), ...other.title.slice(3)].join(' '),
      dek: body.slice(0, body.indexOf(' ', 100)),
      body,
      publisher: `Paper ${number % sources}`,
      topic: `subject-${number % 20}`,
      storyline: events + 1 + Math.floor(number / 4),
      at: until - monthHours * hour - (number / aMonth) * monthHours * hour,
      features: '',
    };
  }
}
