import { expect, onTestFinished, test } from 'vitest';
import { connectTo } from '../../src/db/connect.ts';
import { forgetRemovedStories, openLibrary } from '../../src/selection/library.ts';
import { assignStorylines } from '../../src/selection/storylines.ts';
import { takeIn } from '../../src/stories/intake.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { fiveEvents, seedStories } from '../support/stories.ts';

/** The same database as another process sees it: with a pool, and so a library, of its own. */
function anotherProcess(context: TestContext): TestContext {
  const database = connectTo(context.database.connection, 4);
  onTestFinished(() => database.close());
  return { ...context, database, db: database.db };
}

const nearest = async (context: TestContext, id: number) => {
  const { corpus } = await openLibrary(context);
  return corpus.neighbours(corpus.vector(id), { minimum: 0.05, limit: 1, except: id })[0]?.id;
};

test('a library that is open sees what others add, move and remove', async () => {
  const context = await createTestContext({ embeddings: false });
  const other = anotherProcess(context);
  const ids = await seedStories(context, fiveEvents.slice(0, 9));
  const library = await openLibrary(context);
  expect([...library.stories.keys()].sort((a, b) => a - b)).toEqual(ids);

  const later = await seedStories(other, fiveEvents.slice(9));
  await assignStorylines(other);
  expect(await openLibrary(context)).toBe(library);
  const rows = await context.db.selectFrom('stories').select(['id', 'storyline_id']).execute();
  expect(rows).toHaveLength(ids.length + later.length);
  for (const { id, storyline_id } of rows) {
    expect(library.stories.get(id)?.storylineId).toBe(storyline_id);
    expect(library.membersOf(storyline_id as number)).toContain(id);
  }
  expect(library.waiting.size).toBe(0);

  const [gone] = ids as [number];
  await other.db.deleteFrom('stories').where('id', '=', gone).execute();
  await openLibrary(context);
  expect(library.stories.has(gone)).toBe(false);
  expect(library.corpus.has(gone)).toBe(false);
  const storyline = rows.find(({ id }) => id === gone)?.storyline_id as number;
  expect(library.membersOf(storyline)).not.toContain(gone);
});

test('that a story was removed is forgotten after a day', async () => {
  const context = await createTestContext({ embeddings: false });
  const ids = await seedStories(context, fiveEvents.slice(0, 2));
  await context.db.deleteFrom('stories').where('id', 'in', ids).execute();
  const now = context.clock.now().getTime();
  const [old, recent] = ids as [number, number];
  for (const [id, hours] of [
    [old, 25],
    [recent, 23],
  ] as const)
    await context.db
      .updateTable('removed_stories')
      .set({ removed_at: new Date(now - hours * 3_600_000) })
      .where('story_id', '=', id)
      .execute();
  await forgetRemovedStories(context);
  const left = await context.db.selectFrom('removed_stories').select('story_id').execute();
  expect(left.map(({ story_id }) => story_id)).toEqual([recent]);
});

test('what a transaction wrote that ended late is seen, though later ones were seen before', async () => {
  const context = await createTestContext({ embeddings: false });
  const other = anotherProcess(context);
  let finish = () => {};
  const waiting = new Promise<void>((resolve) => {
    finish = resolve;
  });
  let written = (_id: number) => {};
  const id = new Promise<number>((resolve) => {
    written = resolve;
  });
  const slow = other.db.transaction().execute(async (transaction) => {
    const [first] = await seedStories(
      { ...other, db: transaction as TestContext['db'] },
      fiveEvents.slice(0, 1),
    );
    written(first as number);
    await waiting;
  });
  const late = await id;
  const early = await seedStories(context, fiveEvents.slice(5, 7));
  const library = await openLibrary(context);
  expect([...library.stories.keys()]).toEqual(expect.arrayContaining(early));
  expect(library.stories.has(late)).toBe(false);
  finish();
  await slow;
  await openLibrary(context);
  expect(library.stories.has(late)).toBe(true);
});

test('a story whose text changed is compared by its new words', async () => {
  const context = await createTestContext({ embeddings: false });
  const ids = await seedStories(context, fiveEvents);
  const story = {
    url: 'https://echo.example.com/1',
    title: 'Storm Odile floods the quay of Marlow Bay',
    bodyText: 'Storm Odile pushed the tide over the quay of Marlow Bay.',
    publisher: 'Island Echo',
    language: 'en',
    publishedAt: context.clock.now(),
  };
  const [added] = (await takeIn(context, [story])).added as [number];
  await assignStorylines(context);
  const stormIds = new Set(ids.slice(0, 5));
  expect(stormIds.has((await nearest(context, added)) ?? -1)).toBe(true);
  const kept = await context.db
    .selectFrom('stories')
    .select('features')
    .where('id', '=', added)
    .executeTakeFirst();
  expect(kept?.features).not.toBeNull();

  await takeIn(context, [
    {
      ...story,
      title: 'Quantum clock of the Tessaly institute keeps time for a year',
      bodyText: 'The quantum clock of the Tessaly institute lost less than a second in twelve months.',
    },
  ]);
  const clockIds = new Set(ids.slice(5, 9));
  expect(clockIds.has((await nearest(context, added)) ?? -1)).toBe(true);
  // A process that reads it for the first time agrees.
  expect(clockIds.has((await nearest(anotherProcess(context), added)) ?? -1)).toBe(true);
});

test('two processes that assign at once give each story one storyline', async () => {
  const context = await createTestContext({ embeddings: false });
  const other = anotherProcess(context);
  await openLibrary(context);
  await openLibrary(other);
  for (let from = 0; from < fiveEvents.length; from += 5) {
    await seedStories(context, fiveEvents.slice(from, from + 5));
    await Promise.all([assignStorylines(context), assignStorylines(other)]);
  }
  const { rows } = await context.database.pool.query(
    'select storyline_id, count(*)::int as stories from stories group by 1 order by 2',
  );
  expect(rows.map(({ stories }) => stories)).toEqual([1, 2, 3, 4, 5]);
  const storylines = await context.db.selectFrom('storylines').select('id').execute();
  expect(storylines).toHaveLength(5);
});
