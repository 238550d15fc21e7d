import { expect, test } from 'vitest';
import { ensureEdition, getEdition, storiesOf } from '../../src/editions/editions.ts';
import { builtAhead } from '../../src/editions/lifecycle.ts';
import { setNewsletterPaused } from '../../src/editions/newsletters.ts';
import { revise } from '../../src/editions/revise/revise.ts';
import { draftsToBuild, fireSchedules } from '../../src/schedule/fire.ts';
import { produceEdition, startProducing } from '../../src/schedule/produce.ts';
import { createTestContext } from '../support/context.ts';
import { seedNewsletter } from '../support/seed.ts';
import { fiveEvents, seedStories } from '../support/stories.ts';

const start = '2026-11-24T06:30:00Z';
const ed = { id: null, email: 'ed@example.com', name: 'Ed' };

test('a newsletter fires at its time, once', async () => {
  const context = await createTestContext({}, start);
  await seedNewsletter(context, []);
  expect(await fireSchedules(context)).toEqual([]);
  context.clock.set('2026-11-24T07:00:02Z');
  const fired = await fireSchedules(context);
  expect(fired.map((each) => each.scheduledFor.toISOString())).toEqual(['2026-11-24T07:00:00.000Z']);
  expect(await fireSchedules(context)).toEqual([]);
  expect(await draftsToBuild(context)).toEqual([fired[0]?.editionId]);
});

test('any number of schedulers at once make one edition', async () => {
  const context = await createTestContext({}, start);
  await seedNewsletter(context, []);
  context.clock.set('2026-11-24T07:00:00Z');
  const fired = (await Promise.all(Array.from({ length: 6 }, () => fireSchedules(context)))).flat();
  expect(fired).toHaveLength(1);
  expect(await context.db.selectFrom('editions').selectAll().execute()).toHaveLength(1);
});

test('runs that were missed are caught up with one edition, for the latest', async () => {
  const context = await createTestContext({}, start);
  await seedNewsletter(context, [], { catchUp: 'latest' });
  context.clock.set('2026-11-27T12:00:00Z');
  const fired = await fireSchedules(context);
  expect(fired.map((each) => each.scheduledFor.toISOString())).toEqual(['2026-11-27T07:00:00.000Z']);
  expect(await fireSchedules(context)).toEqual([]);
});

test('runs that were missed are skipped where the newsletter asks for it', async () => {
  const context = await createTestContext({}, start);
  await seedNewsletter(context, [], { catchUp: 'skip' });
  context.clock.set('2026-11-27T12:00:00Z');
  expect(await fireSchedules(context)).toEqual([]);
  context.clock.set('2026-11-28T07:01:00Z');
  expect(await fireSchedules(context)).toHaveLength(1);
});

test('a few minutes late is not missed', async () => {
  const context = await createTestContext({}, start);
  await seedNewsletter(context, [], { catchUp: 'skip' });
  context.clock.set('2026-11-24T07:04:00Z');
  expect(await fireSchedules(context)).toHaveLength(1);
});

test('a paused newsletter makes nothing, and does not catch up when it resumes', async () => {
  const context = await createTestContext({}, start);
  const newsletter = await seedNewsletter(context, []);
  await setNewsletterPaused(context, newsletter.id, true);
  context.clock.set('2026-11-25T08:00:00Z');
  expect(await fireSchedules(context)).toEqual([]);
  await setNewsletterPaused(context, newsletter.id, false);
  expect(await fireSchedules(context)).toEqual([]);
  context.clock.set('2026-11-26T07:00:00Z');
  expect(await fireSchedules(context)).toHaveLength(1);
});

test('through a year with both clock changes a daily newsletter makes 365 editions', async () => {
  const context = await createTestContext({}, '2026-01-01T00:00:00Z');
  await seedNewsletter(context, [], { cron: '30 2 * * *', timeZone: 'Europe/Berlin' });
  for (let day = 0; day < 365; day++) {
    context.clock.advance(24 * 3_600_000);
    await fireSchedules(context);
  }
  const editions = await context.db.selectFrom('editions').select('scheduled_for').execute();
  expect(editions).toHaveLength(365);
});

test('a newsletter with a broken schedule does not stop the others', async () => {
  const context = await createTestContext({}, start);
  const broken = await seedNewsletter(context, [], { slug: 'broken' });
  await context.db.updateTable('newsletters').set({ cron: 'nonsense' }).where('id', '=', broken.id).execute();
  await seedNewsletter(context, [], { slug: 'fine' });
  context.clock.set('2026-11-24T07:00:00Z');
  expect((await fireSchedules(context)).map((each) => each.newsletter)).toEqual(['fine']);
});

test('what somebody built ahead goes out at its time, chosen again, unless somebody changed it', async () => {
  const context = await createTestContext({}, start);
  const newsletter = await seedNewsletter(context, [], {
    mode: 'automatic',
    policy: { minimumStories: 2 },
  });
  const ahead = async (at: string) => {
    const { edition } = await ensureEdition(context, newsletter.id, new Date(at));
    await (await startProducing(context, edition.id, ed, 'ahead'))();
    return getEdition(context, edition.id);
  };
  const empty = await ahead('2026-11-24T07:00:00Z');
  expect(empty).toMatchObject({ state: 'draft', built_at: null });
  expect(empty.state_reason).toMatch(/^0 new stories .* tried again at its time$/);

  await seedStories(context, fiveEvents);
  const left = await ahead('2026-11-24T07:10:00Z');
  expect(left).toMatchObject({ state: 'review', state_reason: builtAhead });
  const changed = await ahead('2026-11-24T07:20:00Z');
  const own = { kind: 'lines', subject: 'My own' } as const;
  await revise(context, { editionId: changed.id, base: changed.version, user: ed, change: own });
  expect(await draftsToBuild(context)).toEqual([]);

  context.clock.set('2026-11-24T07:30:00Z');
  expect((await draftsToBuild(context)).sort()).toEqual([empty.id, left.id]);
  const made = await produceEdition(context, left.id);
  expect(made.state).not.toBe('review');
  expect(made.version).toBeGreaterThan(left.version);
  expect(await getEdition(context, changed.id)).toMatchObject({
    state: 'review',
    subject: 'My own',
    state_reason: 'changed by Ed before its time: it does not go out by itself any more',
  });
});

test('what was skipped is built all the same when somebody asks for it', async () => {
  const context = await createTestContext({}, start);
  const newsletter = await seedNewsletter(context, [], { mode: 'automatic', policy: { minimumStories: 50 } });
  const { edition } = await ensureEdition(context, newsletter.id, new Date(start));
  expect((await produceEdition(context, edition.id)).state).toBe('skipped');
  await (await startProducing(context, edition.id, ed, 'anyway'))();
  expect(await getEdition(context, edition.id)).toMatchObject({
    state: 'skipped',
    state_reason: expect.stringMatching(/^0 new stories/),
  });
  await seedStories(context, fiveEvents);
  await (await startProducing(context, edition.id, ed, 'anyway'))();
  expect(await getEdition(context, edition.id)).toMatchObject({ state: 'review', state_reason: null });
  expect((await storiesOf(context, edition.id)).length).toBeGreaterThan(0);
  expect(await draftsToBuild(context)).toEqual([]);
});
