import { expect, test } from 'vitest';
import { buildEdition } from '../../src/editions/build.ts';
import { ensureEdition, storiesOf } from '../../src/editions/editions.ts';
import { labelStories } from '../../src/selection/topics/label.ts';
import { takeIn } from '../../src/stories/intake.ts';
import { createTestContext } from '../support/context.ts';
import { seedNewsletter } from '../support/seed.ts';
import { fiveEvents, seedStories } from '../support/stories.ts';

const url = (name: string) => `https://odd.example/${name}`;

test('whatever a source sends, the good stories go in, get topics and storylines, and make the edition', async () => {
  const context = await createTestContext();
  await seedStories(context, fiveEvents);
  const word = 'nightingale ';
  const result = await takeIn(context, [
    { title: 'An empty text', url: url('empty'), bodyText: '' },
    { title: 'Five megabytes', url: url('long'), bodyText: word.repeat(5_000_000 / word.length) },
    { title: 'One word of a megabyte', url: url('word'), bodyText: 'x'.repeat(1_000_000) },
    {
      title: 'Ten thousand tags',
      url: url('tags'),
      topics: Array.from({ length: 10_000 }, (_, at) => `tag ${at}`),
    },
    { title: 'Control \u0000\u0007\u001b[31m characters', url: url('control'), bodyText: 'a\u0000b\ufffe' },
    { title: 'Right to left \u202eevil\u202c override', url: url('rtl') },
    { title: '🎉🧨👩‍👩‍👧‍👦🇪🇺', url: url('emoji') },
    { title: '\ud83d broken surrogate \udc00', url: url('surrogate'), bodyText: '\udfff' },
    { title: 'Same GUID, one', url: url('guid-1'), guid: 'same' },
    { title: 'Same GUID, two', url: url('guid-2'), guid: 'same' },
    { title: '', url: url('untitled') },
    { title: '\u200b\u200b', url: url('invisible') },
    {
      title: '.*+?^$[]()|[]\\ "quoted" \'; drop table stories; --',
      url: url('regex'),
      topics: ['a"b', "c'd", '{e,f}'],
    },
    { title: 'A date that is none', url: url('date'), publishedAt: new Date(Number.NaN) },
    { title: 'z'.repeat(100_000), url: url('title') },
    { title: 'Language that is none', url: url('language'), language: 'x'.repeat(5000) },
  ]);
  // Only those without a title that can be read are left out, and said to be.
  expect(result.problems.filter(({ reason }) => /title/.test(reason)).map(({ where }) => where)).toEqual(
    expect.arrayContaining([url('untitled'), url('invisible')]),
  );
  expect(result.added).toHaveLength(14);

  expect(await labelStories(context)).toBe(14 + fiveEvents.length);
  const newsletter = await seedNewsletter(context, []);
  const { edition } = await ensureEdition(context, newsletter.id, context.clock.now());
  expect((await buildEdition(context, edition.id)).outcome).toBe('built');
  const stories = await storiesOf(context, edition.id);
  expect(stories[0]?.title).toContain('Odile');
  const unassigned = await context.db
    .selectFrom('stories')
    .select('id')
    .where('storyline_id', 'is', null)
    .execute();
  expect(unassigned).toEqual([]);
  const tagged = await context.db
    .selectFrom('stories')
    .select('topics')
    .where('url', '=', url('tags'))
    .executeTakeFirst();
  expect(tagged?.topics.length).toBeLessThanOrEqual(50);
});
