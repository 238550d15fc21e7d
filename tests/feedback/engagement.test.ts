import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { planDeliveries } from '../../src/delivery/plan.ts';
import { type EngagementEvent, recordEngagement } from '../../src/feedback/engagement.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { seedEdition, seedList, seedNewsletter } from '../support/seed.ts';

const start = new Date('2026-11-24T08:00:00Z').getTime();
const at = (seconds: number) => new Date(start + seconds * 1_000);

/** An edition of one reader whose message was accepted at 08:00. */
async function accepted(readers = 1) {
  const context = await createTestContext({ embeddings: false });
  const { listId, subscriberIds } = await seedList(context, readers);
  const newsletter = await seedNewsletter(context, [listId]);
  const editionId = await seedEdition(context, newsletter.id);
  await planDeliveries(context, editionId);
  await settle(context, 'accepted');
  return { context, editionId, reader: subscriberIds[0] as number, readers: subscriberIds };
}

const settle = (context: TestContext, state: string) =>
  context.db
    .updateTable('deliveries')
    .set({ state, settled_at: state === 'accepted' ? at(0) : null })
    .execute();

const rows = (context: TestContext) =>
  context.db
    .selectFrom('engagement')
    .select(['position', 'kind', 'source', 'times', 'first_at', 'last_at'])
    .orderBy('position')
    .orderBy('source')
    .execute();

/** Rows as `position source times`. */
const told = async (context: TestContext) =>
  (await rows(context)).map(({ position, source, times }) => `${position} ${source} ${times}`);

const clicks = (editionId: number, reader: number, ...when: [position: number, seconds: number][]) =>
  when.map(
    ([position, seconds]): EngagementEvent => ({
      editionId,
      subscriberId: reader,
      kind: 'click',
      position,
      at: at(seconds),
    }),
  );

test('what comes before or seconds after a server took the message is no person’s', async () => {
  const { context, editionId, reader } = await accepted();
  const open = (seconds: number): EngagementEvent => ({
    editionId,
    subscriberId: reader,
    kind: 'open',
    at: at(seconds),
  });
  await recordEngagement(context, [
    ...clicks(editionId, reader, [0, -1], [1, 9], [2, 11]),
    open(1.9),
    open(2.1),
  ]);
  expect(await told(context)).toEqual([
    '-1 person 1',
    '-1 scanner 1',
    '0 scanner 1',
    '1 scanner 1',
    '2 person 1',
  ]);
});

test('what comes while a message is handed over is a gateway’s; of one that nobody knows about, a person’s', async () => {
  const { context, editionId, reader } = await accepted();
  await settle(context, 'begun');
  await recordEngagement(context, clicks(editionId, reader, [0, 60]));
  await settle(context, 'uncertain');
  await recordEngagement(context, clicks(editionId, reader, [1, 3_600]));
  expect(await told(context)).toEqual(['0 scanner 1', '1 person 1']);
});

test('the first click of a burst is a person’s until the second comes, in whatever group', async () => {
  const { context, editionId, reader } = await accepted();
  await recordEngagement(context, clicks(editionId, reader, [0, 600]));
  expect(await told(context)).toEqual(['0 person 1']);
  await recordEngagement(context, clicks(editionId, reader, [1, 600.4]));
  expect(await told(context)).toEqual(['0 scanner 1', '1 scanner 1']);
});

test('three links within two seconds are a burst, two are a person with tabs, and one link twice is a double click', async () => {
  const { context, editionId, readers } = await accepted(3);
  const [three, two, double] = readers as [number, number, number];
  await recordEngagement(context, clicks(editionId, three, [0, 600], [1, 600.9]));
  await recordEngagement(context, clicks(editionId, two, [3, 600], [4, 600.9]));
  await recordEngagement(context, clicks(editionId, double, [6, 600], [6, 600.1]));
  expect((await rows(context)).every(({ source }) => source === 'person')).toBe(true);
  await recordEngagement(context, clicks(editionId, three, [2, 601.9]));
  expect(await told(context)).toEqual([
    '0 scanner 1',
    '1 scanner 1',
    '2 scanner 1',
    '3 person 1',
    '4 person 1',
    '6 person 2',
  ]);
});

test('links known for a scanner’s by name make a burst with those that hide', async () => {
  const { context, editionId, reader } = await accepted();
  const [named, hidden] = clicks(editionId, reader, [0, 600], [1, 600.2]);
  await recordEngagement(context, [{ ...(named as EngagementEvent), source: 'scanner' }]);
  await recordEngagement(context, [hidden as EngagementEvent]);
  expect(await told(context)).toEqual(['0 scanner 1', '1 scanner 1']);
});

test('a burst takes back its own clicks alone: what the reader clicked before stays', async () => {
  const { context, editionId, reader } = await accepted();
  await recordEngagement(context, clicks(editionId, reader, [0, 600]));
  await recordEngagement(context, clicks(editionId, reader, [0, 700]));
  await recordEngagement(context, clicks(editionId, reader, [0, 9_000], [0, 9_000.1]));
  await recordEngagement(context, clicks(editionId, reader, [1, 9_000.2]));
  expect(await rows(context)).toEqual([
    { position: 0, kind: 'click', source: 'person', times: 2, first_at: at(600), last_at: at(700) },
    {
      position: 0,
      kind: 'click',
      source: 'scanner',
      times: 2,
      first_at: expect.any(Date),
      last_at: at(9_000.1),
    },
    {
      position: 1,
      kind: 'click',
      source: 'scanner',
      times: 1,
      first_at: at(9_000.2),
      last_at: at(9_000.2),
    },
  ]);
  // And the reader may click again.
  await recordEngagement(context, clicks(editionId, reader, [0, 20_000]));
  expect(await told(context)).toEqual(['0 person 3', '0 scanner 2', '1 scanner 1']);
});

test('two processes that each see one click of a burst mark both', async () => {
  const { context, editionId, readers } = await accepted(40);
  for (const reader of readers)
    await Promise.all([
      recordEngagement(context, clicks(editionId, reader, [0, 600])),
      recordEngagement(context, clicks(editionId, reader, [1, 600.1])),
    ]);
  const { rows: sources } = await sql<{ source: string; rows: number; times: number }>`
    select source, count(*)::integer as rows, sum(times)::integer as times from engagement group by 1`.execute(
    context.db,
  );
  expect(sources).toEqual([{ source: 'scanner', rows: 80, times: 80 }]);
});

test('a newsletter that counts in aggregate keeps numbers and nobody’s name, even from links that name a reader', async () => {
  const { context, editionId, readers } = await accepted(3);
  await tracking(context, { privacy: 'aggregate' });
  const [first, second, uncounted] = readers as [number, number, number];
  await context.db.updateTable('subscribers').set({ untracked: true }).where('id', '=', uncounted).execute();
  await recordEngagement(context, [
    ...clicks(editionId, first, [0, 600], [0, 700]),
    ...clicks(editionId, second, [0, 600]),
    ...clicks(editionId, uncounted, [0, 600]),
    { editionId, kind: 'click', position: 0, at: at(800) },
    { editionId, kind: 'click', position: 0, at: at(800), source: 'scanner' },
  ]);
  await recordEngagement(context, [{ editionId, kind: 'open', at: at(900) }]);
  expect(await rows(context)).toEqual([]);
  expect(
    await context.db
      .selectFrom('engagement_counts')
      .selectAll()
      .orderBy('position')
      .orderBy('source')
      .execute(),
  ).toEqual([
    { edition_id: editionId, kind: 'open', position: -1, related: -1, source: 'person', times: 1 },
    { edition_id: editionId, kind: 'click', position: 0, related: -1, source: 'person', times: 4 },
    { edition_id: editionId, kind: 'click', position: 0, related: -1, source: 'scanner', times: 1 },
  ]);
});

test('a newsletter that counts nothing records nothing, even from links in mail of before', async () => {
  const { context, editionId, reader } = await accepted();
  await tracking(context, { privacy: 'off' });
  await recordEngagement(context, [
    ...clicks(editionId, reader, [0, 600]),
    { editionId, kind: 'open', at: at(900) },
  ]);
  expect(await rows(context)).toEqual([]);
  expect(await context.db.selectFrom('engagement_counts').selectAll().execute()).toEqual([]);
});

const tracking = (context: TestContext, settings: object) =>
  context.db
    .updateTable('newsletters')
    .set({ tracking: JSON.stringify(settings) })
    .execute();
