import { expect, test } from 'vitest';
import { buildEdition } from '../../src/editions/build.ts';
import { ensureEdition, getEdition, storiesOf } from '../../src/editions/editions.ts';
import { historyOf } from '../../src/editions/revise/history.ts';
import { redo, undo } from '../../src/editions/revise/revise.ts';
import { regroupStorylines } from '../../src/selection/storylines.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { ada, ben, changed } from '../support/revising.ts';
import { seedNewsletter } from '../support/seed.ts';
import { fiveEvents, seedStories } from '../support/stories.ts';

async function built() {
  const context = await createTestContext({ embeddings: false });
  await seedStories(context, fiveEvents);
  const newsletter = await seedNewsletter(context, [], {
    policy: {
      slots: [
        { name: 'lead', count: 1 },
        { name: 'top', count: 2 },
      ],
    },
  });
  const { edition } = await ensureEdition(context, newsletter.id, context.clock.now());
  await buildEdition(context, edition.id);
  return { context, id: edition.id, stories: await storiesOf(context, edition.id) };
}

const stepBack = async (context: TestContext, id: number) =>
  undo(context, { editionId: id, base: (await getEdition(context, id)).version, user: ben });

const storylineOf = async (context: TestContext, id: number) =>
  (
    await context.db
      .selectFrom('stories')
      .select('storyline_id')
      .where('id', '=', id)
      .executeTakeFirstOrThrow()
  ).storyline_id;

test('a story that was not chosen is added as choosing would have it, and a related one leads instead', async () => {
  const { context, id, stories } = await built();
  const [lead] = stories;
  const [other] = await seedStories(context, [
    {
      title: 'Glider pilot lands on a motorway near Brixholm',
      publisher: 'Quay Courier',
      bodyText: 'No one was hurt.',
      hoursAgo: 3,
    },
  ]);
  await changed(context, id, { kind: 'add', storyId: other as number, to: { slot: 'top', at: 0 } });
  const added = (await storiesOf(context, id)).find(({ storyId }) => storyId === other);
  expect(added).toMatchObject({
    key: `s${other}`,
    slot: 'top',
    title: 'Glider pilot lands on a motorway near Brixholm',
    reason: { text: 'Added by Ada. Reported by 1 publisher; 3 hours old.' },
  });
  await expect(
    changed(context, id, { kind: 'add', storyId: other as number, to: { slot: 'lead', at: 0 } }),
  ).rejects.toThrow('in the edition already');
  await expect(
    changed(context, id, { kind: 'add', storyId: 999_999, to: { slot: 'lead', at: 0 } }),
  ).rejects.toMatchObject({
    code: 'not-found',
  });

  const related = lead?.related.find(({ kind }) => kind === 'coverage');
  const { summary } = await changed(context, id, {
    kind: 'promote',
    story: lead?.key as string,
    related: related?.storyId as number,
  });
  const [now] = await storiesOf(context, id);
  expect(now).toMatchObject({ storyId: related?.storyId, slot: 'lead', title: related?.title, coverage: 5 });
  expect(now?.related[0]).toMatchObject({ storyId: lead?.storyId, kind: 'coverage' });
  expect(now?.related.map(({ storyId }) => storyId)).not.toContain(related?.storyId);
  expect(now?.reason.text).toMatch(/^Leads here by Ada, instead of "Storm Odile/);
  expect(summary).toMatch(/^Let ".*" lead instead of "/);
  await stepBack(context, id);
  await stepBack(context, id);
  expect(await storiesOf(context, id)).toEqual(stories);
});

test('storylines are merged and split for good and for this edition, and that is taken back too', async () => {
  const { context, id, stories } = await built();
  const [storm, clock] = stories;
  if (!storm?.storyId || !clock?.storyId) throw new Error('two stories are there');
  const apart = [await storylineOf(context, storm.storyId), await storylineOf(context, clock.storyId)];
  expect(apart[0]).not.toBe(apart[1]);
  await changed(context, id, { kind: 'merge', story: storm.key as string, with: clock.key as string });
  expect(await storylineOf(context, storm.storyId)).toBe(await storylineOf(context, clock.storyId));
  const [merged, ...rest] = await storiesOf(context, id);
  expect(merged).toMatchObject({ storyId: storm.storyId, coverage: 5 });
  expect(merged?.related[0]).toMatchObject({
    storyId: clock.storyId,
    kind: 'coverage',
    reason: { text: 'Ada says that it reports the same event.' },
  });
  expect(rest.map(({ storyId }) => storyId)).not.toContain(clock.storyId);
  // Grouping afresh does not take them apart.
  await regroupStorylines(context);
  expect(await storylineOf(context, storm.storyId)).toBe(await storylineOf(context, clock.storyId));

  await stepBack(context, id);
  expect(await storylineOf(context, storm.storyId)).not.toBe(await storylineOf(context, clock.storyId));
  const back = await storiesOf(context, id);
  expect(back.map(({ key, slot, coverage, related }) => [key, slot, coverage, related.length])).toEqual(
    stories.map(({ key, slot, coverage, related }) => [key, slot, coverage, related.length]),
  );
  expect(back[1]?.storylineId).toBe(await storylineOf(context, clock.storyId));
  await redo(context, { editionId: id, base: (await getEdition(context, id)).version, user: ada });
  expect(await storylineOf(context, storm.storyId)).toBe(await storylineOf(context, clock.storyId));
  await stepBack(context, id);

  const wrong = storm.related.find(({ kind }) => kind === 'coverage')?.storyId as number;
  await changed(context, id, { kind: 'split', story: storm.key as string, related: wrong });
  expect(await storylineOf(context, wrong)).not.toBe(await storylineOf(context, storm.storyId));
  const split = await storiesOf(context, id);
  expect(split[0]).toMatchObject({ coverage: 4 });
  expect(split[0]?.related.map(({ storyId }) => storyId)).not.toContain(wrong);
  const own = split.find(({ storyId }) => storyId === wrong);
  expect(own).toMatchObject({ slot: 'reserve', coverage: 1, storylineId: await storylineOf(context, wrong) });
  expect(own?.reason.text).toMatch(/^Ada split it off the storyline of "Storm Odile/);
  await stepBack(context, id);
  expect(await storylineOf(context, wrong)).toBe(await storylineOf(context, storm.storyId));
  expect((await storiesOf(context, id)).map(({ key }) => key)).toEqual(stories.map(({ key }) => key));
});

test('choosing anew is a change too, and what an editor had is had back', async () => {
  const { context, id } = await built();
  const lead = (await storiesOf(context, id))[0]?.key as string;
  await changed(context, id, { kind: 'edit', story: lead, title: 'Our headline' });
  await changed(context, id, { kind: 'add-note', text: 'Good morning', place: { at: 'top' } });
  await changed(context, id, { kind: 'drop', story: lead });
  const before = [await storiesOf(context, id), (await getEdition(context, id)).dropped];
  await buildEdition(context, id, ada);
  expect((await storiesOf(context, id))[0]).toMatchObject({
    key: lead,
    title: expect.stringContaining('Odile'),
  });
  expect((await getEdition(context, id)).dropped).toEqual([]);
  const { versions } = await historyOf(context, id);
  expect(versions[0]).toMatchObject({
    kind: 'build',
    summary: 'Chose the stories anew.',
    user: { id: 1, name: 'Ada' },
  });
  const { summary } = await stepBack(context, id);
  expect(summary).toBe('Took back a change of Ada: Chose the stories anew.');
  expect([await storiesOf(context, id), (await getEdition(context, id)).dropped]).toEqual(before);
});

test('taking a merge back restores the storyline itself, and doing it again merges it again, any number of times', async () => {
  const { context, id, stories } = await built();
  const [storm, clock] = stories;
  if (!storm?.storyId || !clock?.storyId) throw new Error('two stories are there');
  const { db } = context;
  const all = async () => ({
    storylines: await db
      .selectFrom('storylines')
      .select(['id', 'language', 'created_at', 'story_count', 'first_published_at', 'last_published_at'])
      .orderBy('id')
      .execute(),
    stories: await db.selectFrom('stories').select(['id', 'storyline_id']).orderBy('id').execute(),
    splits: await db.selectFrom('storyline_splits').selectAll().orderBy('one').orderBy('other').execute(),
    holds: await db.selectFrom('storyline_holds').selectAll().orderBy('storyline_id').execute(),
    // Of all editions, those that were sent as well.
    links: await db
      .selectFrom('edition_stories')
      .select(['edition_id', 'story_id', 'storyline_id'])
      .orderBy('edition_id')
      .orderBy('story_id')
      .execute(),
  });
  // Kept apart from a third one, and told by another edition.
  const [one, two] = [await storylineOf(context, storm.storyId), await storylineOf(context, clock.storyId)];
  const third = (await all()).storylines.find((each) => each.id !== one && each.id !== two)?.id as number;
  const younger = Math.max(one ?? 0, two ?? 0);
  await db
    .insertInto('storyline_splits')
    .values({ one: Math.min(third, younger), other: Math.max(third, younger), split_at: context.clock.now() })
    .execute();
  const { edition: another } = await ensureEdition(
    context,
    (await getEdition(context, id)).newsletter_id,
    new Date(context.clock.now().getTime() + 1_000),
  );
  await buildEdition(context, another.id);
  const step = async (way: typeof undo) =>
    way(context, { editionId: id, base: (await getEdition(context, id)).version, user: ada });

  const before = await all();
  expect(before.links.some((each) => each.edition_id === another.id && each.storyline_id === younger)).toBe(
    true,
  );
  await changed(context, id, { kind: 'merge', story: storm.key as string, with: clock.key as string });
  const merged = await all();
  expect(merged.storylines.map((each) => each.id)).not.toContain(younger);
  expect(merged.links.filter((each) => each.storyline_id === null)).toEqual([]);
  for (let times = 0; times < 2; times += 1) {
    await step(undo);
    expect(await all()).toEqual(before);
    await step(redo);
    expect(await all()).toEqual(merged);
  }
  // What came to it while it was one is not taken along, what was removed is not missed.
  const [late] = await seedStories(context, [
    { title: 'Late', publisher: 'Late', bodyText: 'Late.', hoursAgo: 1 },
  ]);
  await db
    .updateTable('stories')
    .set({ storyline_id: merged.stories.find((each) => each.id === storm.storyId)?.storyline_id ?? null })
    .where('id', '=', late as number)
    .execute();
  await step(undo);
  expect(await storylineOf(context, late as number)).toBe(Math.min(one ?? 0, two ?? 0));
  expect(await storylineOf(context, younger === two ? clock.storyId : storm.storyId)).toBe(younger);
});

test('taking a split back and doing it again gives the same two storylines', async () => {
  const { context, id, stories } = await built();
  const [storm] = stories;
  const related = storm?.related.find(({ kind }) => kind === 'coverage')?.storyId as number;
  const whole = await storylineOf(context, storm?.storyId as number);
  const step = async (way: typeof undo) =>
    way(context, { editionId: id, base: (await getEdition(context, id)).version, user: ada });
  const kept = async () => ({
    splits: await context.db
      .selectFrom('storyline_splits')
      .selectAll()
      .orderBy('one')
      .orderBy('other')
      .execute(),
    holds: await context.db.selectFrom('storyline_holds').selectAll().execute(),
    counts: await context.db.selectFrom('storylines').select(['id', 'story_count']).orderBy('id').execute(),
  });
  const before = await kept();
  await changed(context, id, { kind: 'split', story: storm?.key as string, related });
  const own = await storylineOf(context, related);
  const split = await kept();
  expect(own).not.toBe(whole);
  for (let times = 0; times < 2; times += 1) {
    await step(undo);
    expect(await storylineOf(context, related)).toBe(whole);
    expect(await kept()).toEqual(before);
    await step(redo);
    expect(await storylineOf(context, related)).toBe(own);
    expect(await kept()).toEqual(split);
  }
});
