import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { claim } from '../../src/delivery/ledger.ts';
import { planDeliveries } from '../../src/delivery/plan.ts';
import { editEdition } from '../../src/editions/edit.ts';
import { ensureEdition, getEdition } from '../../src/editions/editions.ts';
import { editNewsletter } from '../../src/editions/newsletters.ts';
import { fisherExact } from '../../src/editions/proportions.ts';
import { decide, type SubjectTest, subjectFor } from '../../src/editions/subject-test.ts';
import { recordEngagement } from '../../src/feedback/engagement.ts';
import { compileAndStore } from '../../src/rendering/store.ts';
import { produceEdition } from '../../src/schedule/produce.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { seedEdition, seedList, seedNewsletter } from '../support/seed.ts';
import { batchOf } from '../support/sending.ts';
import { fiveEvents, seedStories } from '../support/stories.ts';

const subjects = (context: TestContext, editionId: number) =>
  context.db
    .selectFrom('edition_subjects')
    .select(['number', 'subject'])
    .where('edition_id', '=', editionId)
    .orderBy('number')
    .execute();

const deliveries = (context: TestContext, editionId: number) =>
  context.db
    .selectFrom('deliveries')
    .select(['subscriber_id', 'subject', 'next_attempt_at'])
    .where('edition_id', '=', editionId)
    .orderBy('subscriber_id')
    .execute();

/** An edition that tries two subjects out on half of its readers, planned. */
async function planned(readers: number) {
  const context = await createTestContext({ embeddings: false });
  const { listId } = await seedList(context, readers);
  const newsletter = await seedNewsletter(context, [listId]);
  const editionId = await seedEdition(context, newsletter.id);
  await context.db.updateTable('editions').set({ state: 'review' }).where('id', '=', editionId).execute();
  await editEdition(context, editionId, { tried: ['Quay under water'] });
  await compileAndStore(context, await getEdition(context, editionId));
  await context.db
    .updateTable('editions')
    .set({ state: 'approved', subject_test: JSON.stringify({ share: 0.5, waitMinutes: 60, by: 'clicks' }) })
    .where('id', '=', editionId)
    .execute();
  await planDeliveries(context, editionId);
  return { context, editionId };
}

test('the test of two shares is right where it can be worked out by hand', () => {
  // Fisher's tea: 3 of 4 against 1 of 4.
  expect(fisherExact(3, 4, 1, 4)).toBeCloseTo(34 / 70, 10);
  expect(fisherExact(4, 4, 0, 4)).toBeCloseTo(2 / 70, 10);
  expect(fisherExact(0, 10, 0, 10)).toBeCloseTo(1, 10);
  expect(fisherExact(0, 0, 5, 10)).toBe(1);
  expect(fisherExact(300, 10_000, 200, 10_000)).toBeLessThan(1e-4);
});

test('chance alone is taken for a difference as seldom as the test says', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.integer({ min: 1, max: 60 }),
      fc.nat(60),
      fc.nat(60),
      (n, m, a, b) => {
        const p = fisherExact(Math.min(a, n), n, Math.min(b, m), m);
        expect(p).toBeGreaterThanOrEqual(0);
        expect(p).toBeLessThanOrEqual(1);
        // It does not matter which one is called which.
        expect(p).toBeCloseTo(fisherExact(Math.min(b, m), m, Math.min(a, n), n), 8);
      },
    ),
  );
});

test('a challenger wins by more than chance, else the edition’s own subject stays', () => {
  const counts = (own: number, other: number, readers = 500) => [
    { subject: 0, readers, responded: own },
    { subject: 1, readers, responded: other },
  ];
  expect(decide(counts(50, 90), 'clicks')).toMatchObject({
    winner: 1,
    why: expect.stringContaining(
      '90 of 500 clicked with subject 1, 50 of 500 with the edition’s own: more than chance',
    ),
  });
  expect(decide(counts(50, 60), 'clicks')).toMatchObject({
    winner: 0,
    why: expect.stringContaining('no more than chance'),
  });
  expect(decide(counts(90, 50), 'opens').winner).toBe(0);
  expect(decide(counts(1, 9, 10), 'clicks')).toMatchObject({
    winner: 0,
    why: expect.stringContaining('too few'),
  });
  expect(decide([], 'clicks').winner).toBe(0);
  // Of three challengers one is better by chance sooner than of one.
  const three = [
    ...counts(50, 75),
    { subject: 2, readers: 500, responded: 50 },
    { subject: 3, readers: 500, responded: 50 },
  ];
  expect(decide(counts(50, 75), 'clicks').winner).toBe(1);
  expect(decide(three, 'clicks').winner).toBe(0);
});

test('half of the readers get one of two subjects, the others wait for the end', async () => {
  const { context, editionId } = await planned(400);
  const rows = await deliveries(context, editionId);
  const sample = rows.filter(({ subject }) => subject !== null);
  expect(sample.length).toBeGreaterThan(150);
  expect(sample.length).toBeLessThan(250);
  const own = sample.filter(({ subject }) => subject === 0).length;
  expect(Math.abs(own - sample.length / 2)).toBeLessThan(50);
  for (const { subject, next_attempt_at } of rows) expect(subject === null).toBe(next_attempt_at !== null);
  const end = new Date(context.clock.now().getTime() + 3_600_000);
  expect(rows.find(({ subject }) => subject === null)?.next_attempt_at).toEqual(end);
  expect(await subjectFor(context, editionId)).toBeUndefined();

  await context.db
    .updateTable('deliveries')
    .set({ state: 'accepted' })
    .where('subject', 'is not', null)
    .execute();
  const holder = { worker: randomUUID(), leaseSeconds: 30 };
  const batch = await batchOf(context, editionId, 0);
  expect(await claim(context, holder, batch, 100)).toEqual([]);
  const clicking = sample.filter(({ subject }, at) => (subject === 1 ? at % 3 === 0 : at % 20 === 0));
  await recordEngagement(
    context,
    clicking.map(({ subscriber_id }) => ({
      editionId,
      subscriberId: subscriber_id,
      kind: 'click' as const,
      position: 0,
      at: context.clock.now(),
    })),
  );
  context.clock.advance(3_600_000);
  expect((await claim(context, holder, batch, 100)).length).toBeGreaterThan(0);
  const winners = await Promise.all([1, 2, 3].map(() => subjectFor(context, editionId)));
  expect(winners).toEqual([1, 1, 1]);
  // Later clicks change nothing.
  await context.db.deleteFrom('engagement').execute();
  expect(await subjectFor(context, editionId)).toBe(1);
  const test = (await getEdition(context, editionId)).subject_test as unknown as SubjectTest;
  expect(test.outcome?.why).toContain('more than chance');
});

test('where each subject would get too few readers, nobody waits', async () => {
  const { context, editionId } = await planned(60);
  for (const row of await deliveries(context, editionId))
    expect(row).toMatchObject({ subject: null, next_attempt_at: null });
  context.clock.advance(3_600_000);
  expect(await subjectFor(context, editionId)).toBe(0);
});

test('a newsletter’s patterns make the subjects, and an editor changes them', async () => {
  const context = await createTestContext({ embeddings: false });
  await seedStories(context, fiveEvents);
  const newsletter = await seedNewsletter(context, [], {
    subjectTest: { patterns: ['{{ second.title }}', '{{ lead.title }}', 'News of {{ newsletter }}'] },
    preheader: 'And {{ second.title }}',
  });
  const { edition } = await ensureEdition(context, newsletter.id, context.clock.now());
  const built = await produceEdition(context, edition.id);
  const tried = await subjects(context, built.id);
  expect(tried.map(({ number }) => number)).toEqual([0, 1, 2]);
  expect(tried[0]?.subject).toBe(built.subject);
  expect(tried[2]?.subject).toBe('News of The Harbour Post');
  expect(built.preheader).toBe(`And ${tried[1]?.subject}`);

  const edited = await editEdition(context, built.id, { subject: 'Storm\r\nBcc: eve@example.com' });
  expect(edited).toMatchObject({ subject: 'Storm Bcc: eve@example.com', version: built.version + 1 });
  expect((await subjects(context, built.id)).map(({ subject }) => subject)).toEqual([
    'Storm Bcc: eve@example.com',
    tried[1]?.subject,
    'News of The Harbour Post',
  ]);
  await editEdition(context, built.id, { tried: [] });
  expect(await subjects(context, built.id)).toEqual([]);
  await expect(editEdition(context, built.id, { subject: '  ' })).rejects.toThrow('subject is not empty');
});

test('subjects cannot be compared by openings that nobody counts', async () => {
  const context = await createTestContext({ embeddings: false });
  const newsletter = await seedNewsletter(context, []);
  const subjectTest = { patterns: ['{{ second.title }}'], by: 'opens' };
  await expect(editNewsletter(context, newsletter.id, { subjectTest })).rejects.toThrow(
    'does not count them',
  );
  await editNewsletter(context, newsletter.id, { subjectTest, tracking: { opens: true } });
  await expect(editNewsletter(context, newsletter.id, { subjectTest: { patterns: [] } })).rejects.toThrow(
    'The test of subjects is set wrongly',
  );
});
