import { expect, test } from 'vitest';
import type { RelatedStory } from '../../src/selection/chosen.ts';
import { type RelatedQuery, relatedTo } from '../../src/selection/related-to.ts';
import { assignStorylines } from '../../src/selection/storylines.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { fiveEvents, type SeedStory, seedStories } from '../support/stories.ts';

async function relatedOf(context: TestContext, id: number, limit = 5): Promise<RelatedStory[]> {
  const story = await context.db
    .selectFrom('stories')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return relatedTo(
    context,
    {
      id,
      title: story.title,
      dek: story.dek,
      bodyText: story.body_text,
      url: story.url,
      publisher: story.publisher,
      language: story.language,
      publishedAt: story.published_at,
      contentHash: story.content_hash,
    },
    limit,
  );
}

const text = (title: string, bodyText: string): RelatedQuery => ({
  id: null,
  title,
  dek: '',
  bodyText,
  url: null,
  publisher: 'Newsroom',
  language: 'en',
  publishedAt: new Date('2026-11-24T07:30:00Z'),
  contentHash: null,
});

const storm = fiveEvents[0] as SeedStory;

test.each([true, false])(
  'more coverage of the same event comes first, each publisher once, with embeddings: %s',
  async (embeddings) => {
    const context = await createTestContext({ embeddings });
    const ids = await seedStories(context, fiveEvents);
    await assignStorylines(context);
    const related = await relatedOf(context, ids[0] as number, 4);
    expect(related.map(({ kind }) => kind)).toEqual(Array(4).fill('coverage'));
    expect(new Set(related.map(({ storyId }) => storyId))).toEqual(new Set(ids.slice(1, 5)));
    expect(new Set(related.map(({ publisher }) => publisher)).size).toBe(4);
    for (const { reason, publisher } of related)
      expect(reason.text).toMatch(`${publisher} reports the same event: `);
  },
);

test('what the event’s stories said a day or more before is background, and has its place', async () => {
  const context = await createTestContext({ embeddings: false });
  const earlier = {
    ...storm,
    title: 'Storm Odile may reach Marlow Bay, harbour master warns',
    publisher: 'Island Echo',
    hoursAgo: 40,
  };
  const ids = await seedStories(context, [...fiveEvents, earlier]);
  await assignStorylines(context);
  const related = await relatedOf(context, ids[0] as number, 3);
  expect(related.map(({ kind }) => kind)).toEqual(['coverage', 'coverage', 'background']);
  expect(related[2]?.storyId).toBe(ids.at(-1));
  expect(related[2]?.reason.text).toMatch(/^The same event, 2 days earlier/);
});

test('the same text is never related, under whatever headline and address', async () => {
  const context = await createTestContext({ embeddings: false });
  const body = `${storm.bodyText} Boats lay on the quay in the morning, and the school in Harbour Street was opened as a shelter for those who could not go home before the water fell.`;
  const copies = [1, 2, 3].map((copy) => ({
    title:
      copy === 1
        ? 'Storm Odile floods the harbour of Marlow Bay'
        : `Flood in the bay: what we know, part ${copy}`,
    bodyText: `${body} Copy ${copy}.`,
    publisher: `Wire Client ${copy}`,
    hoursAgo: 1,
  }));
  const ids = await seedStories(context, [{ ...storm, bodyText: body }, ...copies, ...fiveEvents.slice(1)]);
  await assignStorylines(context);
  const related = await relatedOf(context, ids[0] as number, 10);
  const shown = related.map(({ storyId }) => ids.indexOf(storyId));
  expect(shown.filter((at) => at >= 1 && at <= 3)).toEqual([]);
  expect(shown).toEqual(expect.arrayContaining([4, 5, 6, 7]));
});

test.each([true, false])(
  'a text that is not in the database finds its event, with embeddings: %s',
  async (embeddings) => {
    const context = await createTestContext({ embeddings });
    const ids = await seedStories(context, fiveEvents);
    await assignStorylines(context);
    const related = await relatedTo(
      context,
      text(
        'Fire brigade pumps out cellars after storm Odile',
        'In Marlow Bay the tide went back. The harbour is still closed, and hundreds cannot go home.',
      ),
      4,
    );
    expect(related.length).toBe(4);
    expect(related.every(({ storyId }) => ids.slice(0, 5).includes(storyId))).toBe(true);
    expect(related.every(({ kind }) => kind === 'coverage')).toBe(true);
  },
);

test('a text on something else finds nothing, and an empty database nothing either', async () => {
  const context = await createTestContext({ embeddings: false });
  expect(await relatedTo(context, text('Beekeepers count their hives', ''), 5)).toEqual([]);
  await seedStories(context, fiveEvents);
  await assignStorylines(context);
  expect(await relatedTo(context, text('Beekeepers count their hives', 'Honey is dear.'), 5)).toEqual([]);
});
