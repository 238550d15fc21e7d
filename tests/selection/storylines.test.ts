import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { events } from '../../demo/events.ts';
import { assignStorylines, regroupStorylines, splitStoryline } from '../../src/selection/storylines.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { fiveEvents, type SeedStory, seedStories } from '../support/stories.ts';

/** Stories by storyline: their positions in the order they were seeded. */
async function grouped(context: TestContext, ids: number[]): Promise<number[][]> {
  const rows = await context.db
    .selectFrom('stories')
    .select(['id', 'storyline_id'])
    .where('id', 'in', ids)
    .orderBy('id')
    .execute();
  return [...Map.groupBy(rows, (row) => row.storyline_id).values()].map((members) =>
    members.map(({ id }) => ids.indexOf(id)),
  );
}

async function storylineOf(context: TestContext, id: number): Promise<number | null> {
  const row = await context.db
    .selectFrom('stories')
    .select('storyline_id')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return row.storyline_id;
}

const demoStories: SeedStory[] = events.flatMap(({ reports, topic }) =>
  reports.map((report) => ({
    title: report.title,
    dek: report.dek,
    bodyText: report.body.join('\n\n'),
    publisher: report.publisher,
    hoursAgo: report.hoursAgo,
    topics: [topic],
  })),
);

test.each([true, false])(
  'every event of the demo is one storyline, with embeddings: %s',
  async (embeddings) => {
    const context = await createTestContext({ embeddings });
    const ids = await seedStories(context, demoStories);
    await assignStorylines(context);
    let next = 0;
    const expected = events.map(({ reports }) => reports.map(() => next++));
    expect(await grouped(context, ids)).toEqual(expected);
  },
);

test('stories that come one after the other end up as those that come together', async () => {
  const context = await createTestContext({ embeddings: false });
  const ids: number[] = [];
  for (const story of fiveEvents) {
    ids.push(...(await seedStories(context, [story])));
    await assignStorylines(context);
  }
  expect((await grouped(context, ids)).map((members) => members.length).sort()).toEqual([1, 2, 3, 4, 5]);
  const counts = await context.db
    .selectFrom('storylines')
    .select('story_count')
    .orderBy('story_count')
    .execute();
  expect(counts.map((row) => row.story_count)).toEqual([1, 2, 3, 4, 5]);
});

test('a single story is a storyline, and no story is none', async () => {
  const context = await createTestContext({ embeddings: false });
  expect(await assignStorylines(context)).toEqual({ assigned: 0, started: 0, merged: 0 });
  const [id] = (await seedStories(context, [fiveEvents[0] as SeedStory])) as [number];
  expect(await assignStorylines(context)).toEqual({ assigned: 1, started: 1, merged: 0 });
  expect(await storylineOf(context, id)).not.toBeNull();
});

test('many processes at once give each story one storyline', async () => {
  const context = await createTestContext({ embeddings: false });
  const ids = await seedStories(context, fiveEvents);
  await Promise.all(Array.from({ length: 4 }, () => assignStorylines(context)));
  expect(await grouped(context, ids)).toHaveLength(5);
  const { rows } = await sql`select id from storylines`.execute(context.db);
  expect(rows).toHaveLength(5);
});

test('what an editor splits stays split, whatever comes later', async () => {
  const context = await createTestContext({ embeddings: false });
  const ids = await seedStories(context, fiveEvents);
  await assignStorylines(context);
  const storm = ids.slice(0, 5);
  const whole = await storylineOf(context, storm[0] as number);
  const part = await splitStoryline(context, storm.slice(3));
  expect(part).not.toBe(whole);

  const [late] = (await seedStories(context, [
    { ...(fiveEvents[0] as SeedStory), publisher: 'Island Echo', hoursAgo: 0 },
  ])) as [number];
  await assignStorylines(context);
  await regroupStorylines(context);
  await assignStorylines(context);
  const of = await Promise.all([...storm, late].map((id) => storylineOf(context, id)));
  expect(of.slice(0, 5)).toEqual([whole, whole, whole, part, part]);
  expect([whole, part]).toContain(of[5]);
});

test('a part of a part that was split off stays apart from the whole too', async () => {
  const context = await createTestContext({ embeddings: false });
  const ids = await seedStories(context, fiveEvents);
  await assignStorylines(context);
  const whole = await storylineOf(context, ids[0] as number);
  const part = await splitStoryline(context, ids.slice(2, 5));
  const rest = await splitStoryline(context, ids.slice(4, 5));
  await regroupStorylines(context);
  const of = await Promise.all(ids.slice(0, 5).map((id) => storylineOf(context, id)));
  expect(of).toEqual([whole, whole, part, part, rest]);
});

test('a split that would take nothing, or everything, or from several storylines, is refused', async () => {
  const context = await createTestContext({ embeddings: false });
  const ids = await seedStories(context, fiveEvents);
  await expect(splitStoryline(context, ids.slice(0, 2))).rejects.toThrow(
    'These stories have no storyline yet.',
  );
  await assignStorylines(context);
  await expect(splitStoryline(context, [])).rejects.toThrow('Name the stories');
  await expect(splitStoryline(context, [987_654])).rejects.toThrow('There is no story 987654.');
  await expect(splitStoryline(context, ids.slice(0, 5))).rejects.toThrow('nothing to split them from');
  await expect(splitStoryline(context, ids.slice(3, 7))).rejects.toThrow('of several storylines');
});

test('grouping afresh takes apart what does not belong together, and the larger part keeps the name', async () => {
  const context = await createTestContext({ embeddings: false });
  const ids = await seedStories(context, fiveEvents);
  await assignStorylines(context);
  const storm = await storylineOf(context, ids[0] as number);
  const clock = await storylineOf(context, ids[5] as number);
  // As if the two had been taken for one when little was known of them.
  await context.db
    .updateTable('stories')
    .set({ storyline_id: storm })
    .where('storyline_id', '=', clock)
    .execute();
  await context.db.deleteFrom('storylines').where('id', '=', clock).execute();
  await regroupStorylines(context);
  expect(await grouped(context, ids)).toEqual([[0, 1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11], [12, 13], [14]]);
  expect(await storylineOf(context, ids[0] as number)).toBe(storm);
  // Nothing is left behind, and doing it again changes nothing.
  expect(await regroupStorylines(context)).toEqual({ assigned: 0, started: 0, merged: 0 });
  const { rows } = await sql`
    select id from storylines where not exists (select from stories where storyline_id = storylines.id)`.execute(
    context.db,
  );
  expect(rows).toEqual([]);
});

test('a bridge between storylines that an editor made undoes none of them', async () => {
  const context = await createTestContext({ embeddings: false });
  const report = (title: string, publisher: string): SeedStory => ({ title, publisher, hoursAgo: 2 });
  const ids = await seedStories(context, [
    report('Ferry strike at Dunhaven halts boats to Skerry island', 'A'),
    report('Dunhaven ferry strike: boats to Skerry island halted', 'B'),
    report('Boats to Skerry island halted by Dunhaven ferry strike', 'C'),
    report('Skerry island without boats as Dunhaven ferry crews strike', 'D'),
  ]);
  await assignStorylines(context);
  const [a, b, c, d] = ids as [number, number, number, number];
  expect(await grouped(context, ids)).toEqual([[0, 1, 2, 3]]);
  await splitStoryline(context, [c, d]);
  await splitStoryline(context, [d]);
  const before = await grouped(context, ids);
  expect(before).toEqual([[0, 1], [2], [3]]);
  const splits = await context.db.selectFrom('storyline_splits').selectAll().execute();
  await seedStories(context, [
    report('Dunhaven ferry strike halts all boats to Skerry island, crews say', 'E'),
    report('Crews: ferry strike at Dunhaven halts boats to Skerry island', 'F'),
  ]);
  await assignStorylines(context);
  await regroupStorylines(context);
  await assignStorylines(context);
  expect(await grouped(context, [a, b, c, d])).toEqual(before);
  expect(await context.db.selectFrom('storyline_splits').selectAll().execute()).toEqual(splits);
});

test('only what is older than all that is held gets a storyline without being compared', async () => {
  const context = await createTestContext({ embeddings: false });
  const recent = await seedStories(context, fiveEvents.slice(0, 5));
  const old = await seedStories(context, [
    { title: 'Bridge opened long ago', publisher: 'A', hoursAgo: 24 * 60 },
    { title: 'Bridge opened long ago, twice', publisher: 'B', hoursAgo: 24 * 60 },
  ]);
  await assignStorylines(context);
  await assignStorylines(context);
  expect(await grouped(context, recent)).toHaveLength(1);
  expect(await grouped(context, old)).toHaveLength(2);
});
