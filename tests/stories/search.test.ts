import { expect, test } from 'vitest';
import { editStory } from '../../src/stories/edit-story.ts';
import { takeIn } from '../../src/stories/intake.ts';
import { searchStories, storyLanguages } from '../../src/stories/search.ts';
import { createTestContext, type TestContext } from '../support/context.ts';

const stories = [
  { title: 'Ferries cross again', dek: 'After nine days of storm.', bodyText: 'The harbour was closed.' },
  { title: 'A ferry for Skerry', dek: 'It begins in May.', bodyText: 'Bicycles travel free.' },
  {
    title: 'The lighthouse shines',
    dek: 'Its lens was ground by hand.',
    bodyText: 'A ferry takes visitors.',
  },
  {
    title: 'Häuser am Hafen',
    dek: 'Die Stadt baut.',
    bodyText: 'Neue Wohnungen entstehen.',
    language: 'de-AT',
  },
  { title: 'Das Haus am Kai', dek: 'Es wird verkauft.', bodyText: 'Im Mai.', language: 'de' },
  { title: '東京で地震', dek: '津波の心配はない。', bodyText: '気象庁によると。', language: 'ja' },
];

async function seeded(): Promise<TestContext> {
  const context = await createTestContext();
  const result = await takeIn(
    context,
    stories.map((story, at) => ({
      language: 'en',
      url: `https://paper.example.com/${at}`,
      publisher: 'The Paper',
      topics: [at % 2 === 0 ? 'sea' : 'town'],
      publishedAt: new Date(Date.parse('2026-11-24T07:00:00Z') - at * 3_600_000),
      ...story,
    })),
  );
  expect(result.problems).toEqual([]);
  return context;
}

const titles = async (context: TestContext, query: Parameters<typeof searchStories>[1]) =>
  (await searchStories(context, query)).stories.map(({ title }) => title);

test('words are found in any form, in the language of each story, and marked', async () => {
  const context = await seeded();
  expect(await titles(context, { words: 'ferry' })).toEqual([
    'Ferries cross again',
    'A ferry for Skerry',
    'The lighthouse shines',
  ]);
  // Those that say it in the headline come before one that mentions it.
  expect((await titles(context, { words: 'ferry', order: 'best' })).at(-1)).toBe('The lighthouse shines');
  expect(await titles(context, { words: 'haus' })).toEqual(['Häuser am Hafen', 'Das Haus am Kai']);
  expect(await titles(context, { words: 'ferry -storm' })).toEqual([
    'A ferry for Skerry',
    'The lighthouse shines',
  ]);
  expect(await titles(context, { words: '"ground by hand" or haus', language: 'en' })).toEqual([
    'The lighthouse shines',
  ]);
  const { stories: found } = await searchStories(context, { words: 'ferry' });
  expect(found[0]?.found.title[0]).toEqual({ text: 'Ferries', marked: true });
  expect(found[2]?.found.passage).toContainEqual({ text: 'ferry', marked: true });
});

test('what is not there whole is found by its beginning, or letter by letter', async () => {
  const context = await seeded();
  expect(await searchStories(context, { words: 'lens lighth' })).toMatchObject({
    how: 'beginning',
    stories: [
      {
        title: 'The lighthouse shines',
        found: { title: [{ text: 'The ' }, { text: 'lighthouse', marked: true }, {}] },
      },
    ],
  });
  expect(await searchStories(context, { words: '地震' })).toMatchObject({
    how: 'letters',
    stories: [{ title: '東京で地震' }],
  });
  // Nothing but words that are left out.
  expect(await titles(context, { words: 'the', language: 'en' })).toContain('The lighthouse shines');
  for (const words of [
    'zzz',
    "'",
    '"',
    '-',
    '\\',
    ':* & !',
    '=en',
    '%',
    '_',
    '\0',
    '\ud800',
    '( | )',
    'ferry & (',
    '<->',
  ])
    await searchStories(context, { words });
  expect(await titles(context, { words: "=en'" })).toEqual([]);
});

test('filters narrow, and pages follow each other without loss', async () => {
  const context = await seeded();
  expect(await titles(context, { topic: 'town', words: 'ferry' })).toEqual(['A ferry for Skerry']);
  expect(await titles(context, { language: 'de-CH' })).toEqual(['Häuser am Hafen', 'Das Haus am Kai']);
  expect(await titles(context, { since: new Date('2026-11-24T06:30:00Z') })).toEqual(['Ferries cross again']);
  expect(await titles(context, { source: 99 })).toEqual([]);
  expect(await storyLanguages(context)).toEqual(['de', 'en', 'ja']);
  for (const query of [
    {},
    { words: 'ferry' },
    { words: 'ferry', order: 'best' as const },
    { words: 'ferr' },
  ]) {
    const all = await titles(context, query);
    const paged: string[] = [];
    let after: string | undefined;
    do {
      const page = await searchStories(context, { ...query, limit: 1, after });
      paged.push(...page.stories.map(({ title }) => title));
      after = page.next ?? undefined;
    } while (after);
    expect(paged).toEqual(all);
  }
  expect((await searchStories(context, { after: 'words_nonsense_1' })).stories).toHaveLength(6);
});

test('a story is found by what it says now, and not after it is gone', async () => {
  const context = await seeded();
  const [story] = (await searchStories(context, { words: 'skerry' })).stories;
  await editStory(context, String(story?.id), { title: 'A hovercraft for Skerry' });
  expect(await titles(context, { words: 'hovercraft' })).toEqual(['A hovercraft for Skerry']);
  await context.db
    .deleteFrom('stories')
    .where('id', '=', story?.id ?? 0)
    .execute();
  expect(await titles(context, { words: 'hovercraft' })).toEqual([]);
});
