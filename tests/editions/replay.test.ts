import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { planDeliveries } from '../../src/delivery/plan.ts';
import { ensureEdition, storiesOf } from '../../src/editions/editions.ts';
import { replayEditions } from '../../src/editions/replay.ts';
import { recordEngagement } from '../../src/feedback/engagement.ts';
import { produceEdition } from '../../src/schedule/produce.ts';
import { parsePolicy } from '../../src/selection/policy.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { seedList, seedNewsletter } from '../support/seed.ts';
import { type SeedStory, seedStories } from '../support/stories.ts';

const day = 24 * 3_600_000;
const policy = {
  windowHours: 20,
  minimumStories: 1,
  exploration: 0,
  candidates: 10,
  diversity: 0,
  slots: [
    { name: 'lead', count: 1 },
    { name: 'top', count: 2 },
  ],
};

const subjects = [
  'Ferry Brightline aground',
  'Vellmar orchestra elects',
  'Tessaly clock exact',
  'Lynx photographed Ostrava',
  'Bakery opens Aldermoor',
  'Glider lands Brixholm',
  'Rye harvest begins',
  'Mill pond drained',
  'Chess cup Pellworth',
  'Bridge painted green',
  'Choir seeks bass',
  'Tailor sews scarf',
  'Quarry closes Dunhaven',
  'Lighthouse relit Marlow',
  'Tram derails Kestrel',
  'Museum buys meteorite',
  'Vineyard wins medal',
  'Falcon nests cathedral',
  'Library lends telescopes',
  'Comet crosses Orrin',
];

/** Four stories a day, each an event of its own; the later in a day, the fresher, so the first stands last. */
function storiesOfDay(at: number): SeedStory[] {
  return subjects.slice(at * 4, at * 4 + 4).map((title, place) => ({
    title,
    publisher: `Paper ${place}`,
    topics: [place === 0 ? 'sea' : 'land'],
    hoursAgo: 8 - 2 * place,
  }));
}

/** Stories as intake would have taken them in: seen when they were published. */
async function seenAtOnce(context: TestContext, stories: SeedStory[]): Promise<number[]> {
  const ids = await seedStories(context, stories);
  await sql`update stories set first_seen_at = published_at where id = any(${ids}::bigint[])`.execute(
    context.db,
  );
  return ids;
}

/** Five days with an edition each, sent to all; `clicks` says how many readers click the story in each place. */
async function fiveDays(context: TestContext, { readers = 20, clicks = [10, 4, 2] } = {}) {
  const { listId, subscriberIds } = await seedList(context, readers);
  const newsletter = await seedNewsletter(context, [listId], { mode: 'automatic', policy });
  const editions: number[] = [];
  for (let at = 0; at < 5; at++) {
    await seenAtOnce(context, storiesOfDay(at));
    const { edition } = await ensureEdition(context, newsletter.id, context.clock.now());
    await produceEdition(context, edition.id);
    await planDeliveries(context, edition.id);
    await send(context, edition.id);
    await recordEngagement(
      context,
      clicks.flatMap((count, position) =>
        subscriberIds.slice(0, count).map((subscriberId) => ({
          editionId: edition.id,
          subscriberId,
          kind: 'click' as const,
          position,
          // A minute between them: who clicks all at once is a program.
          at: new Date(context.clock.now().getTime() + 3_600_000 + 60_000 * position),
        })),
      ),
    );
    editions.push(edition.id);
    context.clock.advance(day);
  }
  return { newsletter, editions };
}

async function send(context: TestContext, editionId: number): Promise<void> {
  await sql`update deliveries set state = 'accepted', stories = '{0,1,2}' where edition_id = ${editionId}`.execute(
    context.db,
  );
  await sql`update editions set state = 'sent' where id = ${editionId}`.execute(context.db);
}

const since = new Date('2026-11-01T00:00:00Z');

/** Everything that the database holds, as text: to see that nothing was written. */
async function contents(context: TestContext): Promise<string> {
  const { rows: tables } = await sql<{ name: string }>`
    select tablename as name from pg_tables where schemaname = 'public' order by 1`.execute(context.db);
  const parts: string[] = [];
  for (const { name } of tables) {
    const { rows } = await sql<{ text: string }>`
      select coalesce(string_agg(md5(row::text), ',' order by row::text), '') as text from ${sql.table(name)} as row`.execute(
      context.db,
    );
    parts.push(`${name}:${rows[0]?.text}`);
  }
  return parts.join('\n');
}

test('the policy that made the editions makes them again, keeps all their clicks, and nothing is written', async () => {
  const context = await createTestContext();
  const { newsletter, editions } = await fiveDays(context);
  const before = await contents(context);
  const seen: number[] = [];
  const replay = await replayEditions(context, newsletter, {
    since,
    policy: parsePolicy(policy),
    onEdition: ({ edition }) => seen.push(edition),
  });
  expect(await contents(context)).toBe(before);
  expect(seen).toEqual(editions);
  expect(replay.total).toEqual({
    places: 15,
    kept: 15,
    moved: 0,
    added: 0,
    dropped: 0,
    skipped: 0,
    deleted: 0,
  });
  const first = await storiesOf(context, editions[0] as number);
  expect(replay.editions[0]?.replayed.map(({ title }) => title)).toEqual(
    first.slice(0, 3).map(({ title }) => title),
  );
  expect(replay.editions[0]).toMatchObject({ readers: 20, skipped: null });
  expect(replay.clicks?.kept).toEqual({ value: 1, low: 1, high: 1 });
  // The estimate is about as much as was clicked.
  expect(replay.clicks?.expected.asSent).toBeGreaterThan(65);
  expect(replay.clicks?.expected.asSent).toBeLessThan(90);
  expect(replay.clicks?.examination[0]).toBe(1);
});

test('another policy shows what it keeps, moves, adds and drops, and what is not known of it', async () => {
  const context = await createTestContext();
  const { newsletter } = await fiveDays(context);
  const replay = await replayEditions(context, newsletter, {
    since,
    policy: parsePolicy({
      ...policy,
      rules: [{ action: 'boost', topic: 'sea', factor: 10, because: 'our subject' }],
    }),
  });
  // The boosted story was in reserve each day: now it leads, two move down, and one goes.
  expect(replay.total).toMatchObject({ places: 15, kept: 10, moved: 10, added: 5, dropped: 5 });
  const [edition] = replay.editions;
  expect(edition?.replayed[0]).toMatchObject({
    title: 'Ferry Brightline aground',
    slot: 'lead',
    other: null,
  });
  expect(edition?.replayed[1]).toMatchObject({ other: 1, slot: 'top' });
  expect(edition?.asSent[0]).toMatchObject({ other: 2, slot: 'lead' });
  const { clicks } = replay;
  expect(clicks?.expected.unknownShare).toBeGreaterThan(0.3);
  expect(clicks?.kept.value).toBeLessThan(1);
  expect(clicks?.keptIfAverage.value).toBeGreaterThan(clicks?.kept.value ?? 1);
  expect(clicks?.kept.low).not.toBeNull();
});

test('a story that was not known then is not chosen, and what the policy itself has told is not told again', async () => {
  const context = await createTestContext();
  const { newsletter, editions } = await fiveDays(context);
  // Published before the first edition, seen after it, on a subject that nothing else is about.
  const [late] = await seedStories(context, [
    { title: 'Otters return upstream', publisher: 'Late Paper', topics: ['late'], hoursAgo: 5 * 24 + 1 },
  ]);
  const first = new Date(context.clock.now().getTime() - 5 * day);
  const seenAt = async (at: Date) =>
    sql`update stories set first_seen_at = ${at} where id = ${late}`.execute(context.db);
  // Storylines are made by choosing, not by replaying.
  await seenAt(first);
  const { edition } = await ensureEdition(context, newsletter.id, context.clock.now());
  await produceEdition(context, edition.id);
  const wide = parsePolicy({
    ...policy,
    windowHours: 48,
    rules: [{ action: 'boost', topic: 'late', factor: 10, because: 'to see it' }],
  });
  const editionsWith = async () =>
    (await replayEditions(context, newsletter, { since, policy: wide })).editions
      .filter(({ replayed }) => replayed.some(({ storyId }) => storyId === late))
      .map(({ edition: id }) => id);
  await seenAt(first);
  expect(await editionsWith()).toEqual([editions[0]]);
  await seenAt(new Date(first.getTime() + 1000));
  expect(await editionsWith()).toEqual([editions[1]]);
});

test('an edition that the policy would have left out, deleted stories, and lost ledgers are said', async () => {
  const context = await createTestContext();
  const { newsletter, editions } = await fiveDays(context);
  const [first, second] = editions as [number, number];
  const gone = (await storiesOf(context, first)).slice(0, 2).map(({ storyId }) => storyId as number);
  await context.db.deleteFrom('stories').where('id', 'in', gone).execute();
  await sql`drop table ${sql.table(`deliveries_e${second}`)}`.execute(context.db);
  const replay = await replayEditions(context, newsletter, {
    since,
    policy: parsePolicy({ ...policy, minimumStories: 3 }),
  });
  expect(replay.total).toMatchObject({ deleted: 2, skipped: 1 });
  expect(replay.editions[0]).toMatchObject({
    deleted: 2,
    kept: 0,
    dropped: 3,
    replayed: [],
    skipped: '2 new stories, the policy asks for 3',
  });
  expect(replay.editions[1]).toMatchObject({ readers: 0, clicks: null });
  expect(replay.editionsWithReaders).toBe(4);
  // Four editions are too few for an interval.
  expect(replay.clicks?.kept).toMatchObject({ low: null, high: null });
});

test('without clicks there is no estimate; without sent editions a sentence', async () => {
  const context = await createTestContext();
  const { newsletter } = await fiveDays(context, { readers: 2, clicks: [] });
  const replay = await replayEditions(context, newsletter, { since, policy: parsePolicy(policy) });
  expect(replay.clicks).toBeNull();
  await expect(
    replayEditions(context, newsletter, { since: context.clock.now(), policy: parsePolicy(policy) }),
  ).rejects.toThrow(/"harbour-post" has sent no edition since 2026-11-29/);
  const other = await seedNewsletter(context, [], { slug: 'other' });
  await expect(replayEditions(context, other, { since, policy: parsePolicy(policy) })).rejects.toThrow(
    /"other" has sent no edition yet/,
  );
});
