import { describe, expect, it, test } from 'vitest';
import { Centroids } from '../../src/selection/topics/centroids.ts';
import { labelStories, topicsOf } from '../../src/selection/topics/label.ts';
import { TopicMatcher } from '../../src/selection/topics/matcher.ts';
import { starterTopics } from '../../src/selection/topics/starter.ts';
import { loadTaxonomy, putTopics, removeTopic, topicSchema } from '../../src/selection/topics/taxonomy.ts';
import { takeIn } from '../../src/stories/intake.ts';
import { createTestContext, type TestContext } from '../support/context.ts';

const matcher = new TopicMatcher(starterTopics);
const story = (
  title: string,
  more: Partial<{ dek: string; bodyText: string; categories: string[] }> = {},
) => ({
  title,
  dek: '',
  bodyText: '',
  categories: [],
  ...more,
});
const topics = (...of: Parameters<typeof story>) => matcher.match(story(...of)).map(({ topic }) => topic);

describe('topics by category and keyword', () => {
  it.each([
    ['Parliament votes on the coalition’s budget', 'politics'],
    ['Bundestagswahl: Kanzlerin verliert die Mehrheit', 'politics'],
    ['Le Sénat rejette la réforme', 'politics'],
    ['Las elecciones dejan un congreso dividido', 'politics'],
    ['Inflação e juros preocupam o comércio', 'business'],
    ['Siccità nel nord: fiumi ai minimi', 'climate'],
    ['Учёные нашли новую комету', 'science'],
    ['البرلمان يناقش قانون الانتخابات', 'politics'],
    ['央行上调利率以抑制通胀', 'business'],
  ])('tells what "%s" is about', (title, topic) => {
    expect(topics(title)).toContain(topic);
  });

  it('knows what sources call a topic, in any case and with any accents', () => {
    const [reason] = matcher.match(story('Anything', { categories: ['ECONOMIA'] }));
    expect(reason).toEqual({ topic: 'business', confidence: 0.95, by: 'category', because: 'ECONOMIA' });
  });

  it('keeps a category that the taxonomy does not know', () => {
    expect(topics('Anything', { categories: ['Knitting'] })).toEqual(['Knitting']);
  });

  it('gives several topics, the surest first', () => {
    const found = matcher.match(
      story('Supreme court rules on emissions', {
        dek: 'Judges say climate law binds power stations.',
      }),
    );
    expect(found.map(({ topic }) => topic)).toEqual(['justice', 'climate']);
    expect(found[0]?.because).toBe('supreme court, court, judge');
    expect(found[0]?.confidence).toBeGreaterThan(found[1]?.confidence ?? 1);
  });

  it('makes nothing of a word in passing, or of half a word', () => {
    expect(topics('Bakery opens', { bodyText: 'The owner once played tennis.' })).toEqual([]);
    expect(topics('Courtesy is free')).toEqual([]);
  });
});

describe('topics by likeness', () => {
  const example = (title: string) => ({
    title,
    dek: '',
    language: 'en',
    embedding: null,
    bodyText: '',
    categories: [],
  });
  const of = (nouns: string[], verbs: string[]) =>
    nouns.flatMap((noun, at) =>
      verbs.map((verb) => example(`${noun} ${verb} ${nouns[(at + 1) % nouns.length]}`)),
    );
  const harbour = of(['Ferry', 'Trawler', 'Tugboat', 'Freighter'], ['passes', 'meets', 'tows', 'follows']);
  const garden = of(['Rose', 'Tulip', 'Dahlia', 'Orchid'], ['outblooms', 'beside', 'shades', 'beats']);
  const centroids = new Centroids(
    new Map([
      ['harbour', harbour],
      ['garden', garden],
    ]),
  );

  it('gives a story the topic of those it is like', () => {
    const reasons = topicsOf(example('Old tugboat tows a trawler'), new TopicMatcher([]), centroids);
    expect(reasons).toMatchObject([{ topic: 'harbour', by: 'likeness' }]);
    expect(reasons[0]?.confidence).toBeLessThanOrEqual(0.8);
  });

  it('gives a story that is like none no topic', () => {
    expect(topicsOf(example('Chess club elects treasurer'), new TopicMatcher([]), centroids)).toEqual([]);
  });

  it('has no middle of a topic with few stories', () => {
    const few = new Centroids(new Map([['harbour', harbour.slice(0, 5)]]));
    expect(few.nearest(example('Ferry meets trawler'))).toEqual([]);
  });
});

test('of a keyword of several words that ends in * the last word may go on', () => {
  const ships = new TopicMatcher([
    { slug: 'shipping', name: 'Shipping', categories: [], keywords: ['container ship*'] },
  ]);
  const of = (title: string) => ships.match(story(title)).map(({ topic }) => topic);
  expect(of('A container ship runs aground')).toEqual(['shipping']);
  expect(of('Two container ships collide')).toEqual(['shipping']);
  expect(of('Shipping containers stolen')).toEqual([]);
  expect(of('The container shop is open')).toEqual([]);
});

test('a keyword that would stand for thousands of words is refused', () => {
  const topic = { slug: 'ai', name: 'AI', keywords: ['ai*'] };
  expect(topicSchema.safeParse(topic).error?.issues[0]?.message).toContain(
    '"ai*" stands for far too many words',
  );
});

describe('labelling the database', () => {
  const take = (context: TestContext, title: string, categories: string[] = []) =>
    takeIn(context, [
      { title, url: `https://news.example/${encodeURIComponent(title)}`, topics: categories },
    ]);
  const stored = (context: TestContext) =>
    context.db
      .selectFrom('stories')
      .select(['title', 'topics', 'topic_reasons', 'categories'])
      .orderBy('id')
      .execute();

  it('labels what waits, and a story anew when its text or the taxonomy changes', async () => {
    const context = await createTestContext();
    await take(context, 'Ferry sinks off Dunhaven', ['Shipping']);
    await take(context, 'Supreme court hears appeal');
    const stopped = AbortSignal.abort();
    expect(await labelStories(context, { signal: stopped })).toBe(0);
    const seen: number[][] = [];
    expect(await labelStories(context, { onProgress: (...told) => seen.push(told) })).toBe(2);
    expect(seen).toEqual([[2, 0]]);
    expect(await labelStories(context)).toBe(0);
    expect((await stored(context)).map((row) => row.topics)).toEqual([['Shipping'], ['justice']]);

    await putTopics(context, [
      { slug: 'harbour', name: 'Harbour', categories: ['shipping'], keywords: ['ferry'] },
    ]);
    expect(await labelStories(context)).toBe(2);
    const [ferry] = await stored(context);
    expect(ferry).toMatchObject({
      // The source's own word stays: a subscriber may have chosen it.
      topics: ['harbour', 'Shipping'],
      categories: ['Shipping'],
      topic_reasons: [
        { topic: 'harbour', by: 'category', confidence: 0.95 },
        { topic: 'Shipping', confidence: 0.9 },
      ],
    });

    await removeTopic(context, 'justice');
    await labelStories(context);
    expect((await stored(context))[1]?.topics).toEqual([]);

    await takeIn(context, [
      { title: 'Vaccine for all patients', url: 'https://news.example/Supreme%20court%20hears%20appeal' },
    ]);
    expect(await labelStories(context)).toBe(1);
    expect((await stored(context))[1]).toMatchObject({
      title: 'Vaccine for all patients',
      topics: ['health'],
    });
  });

  it('plants the starter topics once: what an editor removes stays removed', async () => {
    const context = await createTestContext();
    const all = await loadTaxonomy(context);
    expect(all.length).toBe(starterTopics.length);
    for (const { slug } of all) await removeTopic(context, slug);
    expect(await loadTaxonomy(context)).toEqual([]);
  });

  it('says which topic of a file is wrong, and where', async () => {
    const context = await createTestContext();
    await expect(
      putTopics(context, [
        { slug: 'ok', name: 'Fine' },
        { slug: 'No Good', name: 'x' },
      ]),
    ).rejects.toThrow(/Topic "No Good" is wrong:\n {2}slug: is made of/);
    await expect(
      putTopics(context, [
        { slug: 'a', name: 'A' },
        { slug: 'a', name: 'B' },
      ]),
    ).rejects.toThrow(/given twice/);
    expect((await loadTaxonomy(context)).some(({ slug }) => slug === 'ok')).toBe(false);
  });

  it('shares the work between processes that label at once', async () => {
    const context = await createTestContext();
    await takeIn(
      context,
      Array.from({ length: 1200 }, (_, at) => ({
        title: `Supreme court case ${at}`,
        url: `https://news.example/case-${at}`,
      })),
    );
    const counts = await Promise.all([labelStories(context), labelStories(context)]);
    expect(counts[0] + counts[1]).toBe(1200);
  });
});
