import { sql } from 'kysely';
import { describe, expect, test } from 'vitest';
import { planDeliveries } from '../../src/delivery/plan.ts';
import { buildEdition } from '../../src/editions/build.ts';
import { ensureEdition, storiesOf } from '../../src/editions/editions.ts';
import { engagementBefore, storyClicks } from '../../src/editions/engagement.ts';
import { createNewsletter, editNewsletter, policyVersions } from '../../src/editions/newsletters.ts';
import { recordEngagement } from '../../src/feedback/engagement.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { seedEdition, seedList, seedNewsletter } from '../support/seed.ts';
import { fiveEvents, seedStories } from '../support/stories.ts';

const hour = 3_600_000;

async function built(context: TestContext, newsletterId: number) {
  const { edition } = await ensureEdition(context, newsletterId, context.clock.now());
  const { outcome } = await buildEdition(context, edition.id);
  return { edition, outcome, stories: await storiesOf(context, edition.id) };
}

test('a slot with a topic takes stories with that topic only, however far down they stand', async () => {
  const context = await createTestContext();
  await seedStories(context, fiveEvents);
  const newsletter = await seedNewsletter(context, [], {
    policy: {
      candidates: 3,
      slots: [
        { name: 'lead', count: 1 },
        { name: 'nature', count: 2, topic: 'nature', title: 'Out of doors' },
        { name: 'top', count: 1 },
      ],
    },
  });
  const { stories } = await built(context, newsletter.id);
  expect(stories.filter(({ slot }) => slot === 'nature').map(({ title }) => title)).toEqual([
    'Rare orange lynx seen near Lake Ostrava',
  ]);
  expect(stories.filter(({ slot }) => slot === 'top')).toHaveLength(1);
  expect(stories[0]?.slot).toBe('lead');
});

describe('what readers clicked', () => {
  test('is counted by the places in which stories were shown, and lifts what is like it', async () => {
    const context = await createTestContext();
    const { listId, subscriberIds } = await seedList(context, 40);
    const newsletter = await seedNewsletter(context, [listId], {
      policy: { weights: { coverage: 0, freshness: 0, prominence: 0, engagement: 1 }, minimumStories: 1 },
    });
    context.clock.advance(-24 * hour);
    const editionId = await seedEdition(context, newsletter.id);
    await planDeliveries(context, editionId);
    await sql`update deliveries set state = 'accepted', stories = '{0,1,2,3}' where edition_id = ${editionId}`.execute(
      context.db,
    );
    await context.db.updateTable('editions').set({ state: 'sent' }).where('id', '=', editionId).execute();
    await context.db
      .updateTable('edition_stories')
      .set({ snapshot: sql`jsonb_set(snapshot, '{topics}', '["loved"]')` })
      .where('edition_id', '=', editionId)
      .where('position', '=', 3)
      .execute();
    const clicks = subscriberIds.map((subscriberId) => ({
      editionId,
      subscriberId,
      kind: 'click' as const,
      position: 3,
      at: context.clock.now(),
    }));
    expect(await recordEngagement(context, clicks)).toBe(40);
    // A second click of the same reader is not a second reader.
    await recordEngagement(context, clicks.slice(0, 5));
    context.clock.advance(24 * hour);

    const engagement = await engagementBefore(context, newsletter.id, context.clock.now());
    expect(engagement.topics.get('loved')?.clicks).toBe(40);
    const [first, fourth] = await context.db
      .selectFrom('edition_stories')
      .select('shown')
      .where('edition_id', '=', editionId)
      .where('position', 'in', [0, 3])
      .orderBy('position')
      .execute();
    expect(first?.shown).toEqual([40, 0, 0, 0]);
    expect(fourth?.shown).toEqual([0, 0, 0, 40]);

    await seedStories(context, [
      { title: 'Nobody cares for this', publisher: 'One' },
      { title: 'Readers love whatever this is', publisher: 'Two', topics: ['loved'] },
    ]);
    const { stories } = await built(context, newsletter.id);
    expect(stories[0]?.title).toBe('Readers love whatever this is');
    expect(stories[0]?.reason.text).toContain('readers click "loved" more than most');
  });

  test('counts without names too, at most as often as a story was shown; what programs clicked never does', async () => {
    const context = await createTestContext({ embeddings: false });
    const { listId, subscriberIds } = await seedList(context, 20);
    const newsletter = await seedNewsletter(context, [listId]);
    context.clock.advance(-24 * hour);
    const editionId = await seedEdition(context, newsletter.id);
    await planDeliveries(context, editionId);
    await sql`update deliveries set state = 'accepted', stories = '{0,1,2,3}' where edition_id = ${editionId}`.execute(
      context.db,
    );
    await context.db.updateTable('editions').set({ state: 'sent' }).where('id', '=', editionId).execute();
    const click = { editionId, kind: 'click' as const, at: context.clock.now() };
    await recordEngagement(context, [
      ...subscriberIds.map((subscriberId) => ({
        ...click,
        subscriberId,
        position: 1,
        source: 'scanner' as const,
      })),
      ...Array.from({ length: 7 }, () => ({ ...click, position: 2 })),
      ...Array.from({ length: 90 }, () => ({ ...click, position: 3 })),
      ...Array.from({ length: 90 }, () => ({ ...click, position: 0, source: 'scanner' as const })),
    ]);
    context.clock.advance(24 * hour);
    const clicks = await storyClicks(context, newsletter.id, context.clock.now());
    expect(clicks.map(({ position, clicks }) => [position, clicks])).toEqual([
      [0, 0],
      [1, 0],
      [2, 7],
      [3, 20],
    ]);
  });

  test('of an edition that was never planned is left out', async () => {
    const context = await createTestContext();
    expect(
      await recordEngagement(context, [
        { editionId: 99, subscriberId: 1, kind: 'open', at: context.clock.now() },
      ]),
    ).toBe(0);
  });
});

test('a publisher’s own posts: with coverage silent, the fresh ones that readers like come first', async () => {
  const context = await createTestContext();
  await seedStories(context, [
    { title: 'How we tune our pianos', publisher: 'Own Blog', hoursAgo: 60 },
    { title: 'Three walks around the mill pond', publisher: 'Own Blog', hoursAgo: 3 },
    { title: 'Soup for cold evenings', publisher: 'Own Blog', hoursAgo: 20 },
    { title: 'Why our clock strikes thirteen', publisher: 'Own Blog', hoursAgo: 40 },
  ]);
  const newsletter = await seedNewsletter(context, [], {
    policy: {
      windowHours: 168,
      halfLifeHours: 48,
      weights: { coverage: 0 },
      rules: [{ action: 'boost', keyword: 'soup', factor: 3, because: 'readers ask for recipes' }],
    },
  });
  const { stories } = await built(context, newsletter.id);
  expect(stories.map(({ title }) => title)).toEqual([
    'Soup for cold evenings',
    'Three walks around the mill pond',
    'Why our clock strikes thirteen',
    'How we tune our pianos',
  ]);
});

test('a policy that changes is a new version; the edition says which one made it', async () => {
  const context = await createTestContext();
  await seedStories(context, fiveEvents);
  const newsletter = await seedNewsletter(context, [], { policy: { diversity: 0.2 } });
  await editNewsletter(context, newsletter.id, { name: 'Another name' });
  await editNewsletter(context, newsletter.id, { policy: { diversity: 0.2, windowHours: 36 } });
  await editNewsletter(context, newsletter.id, { policy: { diversity: 0.5 }, policyNote: 'more variety' });
  expect(await policyVersions(context, newsletter.id)).toMatchObject([
    { version: 2, policy: { diversity: 0.5 }, note: 'more variety' },
    { version: 1, policy: { diversity: 0.2 } },
  ]);
  const { edition } = await built(context, newsletter.id);
  const row = await context.db
    .selectFrom('editions')
    .select('policy_version')
    .where('id', '=', edition.id)
    .executeTakeFirst();
  expect(row?.policy_version).toBe(2);
});

describe('a newsletter around a story', () => {
  const about = (context: TestContext) => ({
    title: 'Storm Odile floods the harbour of Marlow Bay',
    text: 'Water stands a metre high in the harbour of Marlow Bay. Hundreds have left their homes.',
    url: 'https://seed.example/storm',
    language: 'en',
    publishedAt: new Date(context.clock.now().getTime() - 6.5 * hour).toISOString(),
  });

  const aroundStorm = (context: TestContext) =>
    createNewsletter(context, {
      slug: 'odile',
      name: 'Odile',
      fromAddress: 'odile@example.com',
      cron: '0 7 * * *',
      policy: { minimumStories: 1, about: about(context) },
    });

  test('sends what is like it and nothing else, and tells what changed since', async () => {
    const context = await createTestContext();
    await seedStories(context, fiveEvents);
    const newsletter = await aroundStorm(context);
    const { stories } = await built(context, newsletter.id);
    expect(stories).toHaveLength(1);
    expect(stories[0]?.title).toMatch(/Odile/);
    // The seed itself is what the reader knows.
    expect(stories[0]?.title).not.toBe('Storm Odile floods the harbour of Marlow Bay');
    expect(stories[0]?.developing).toBeTruthy();
    expect(stories[0]?.reason.text).toMatch(
      /^On the same event as "Storm Odile floods the harbour of Marlow Bay"/,
    );
    expect(stories[0]?.reason.parts.nearness).toBeGreaterThan(1);
  });

  test('moves on with the storyline, and stays on its subject', async () => {
    const context = await createTestContext();
    await seedStories(context, fiveEvents);
    const newsletter = await aroundStorm(context);
    const first = await built(context, newsletter.id);
    await context.db
      .updateTable('editions')
      .set({ state: 'sent' })
      .where('id', '=', first.edition.id)
      .execute();
    context.clock.advance(24 * hour);
    await seedStories(context, [
      { title: 'Marlow Bay counts the damage of storm Odile', publisher: 'Harbour Post', hoursAgo: 3 },
      { title: 'Storm Odile: insurers visit Marlow Bay harbour', publisher: 'City Desk', hoursAgo: 2 },
      { title: 'Mayor of Dunhaven opens a swimming pool', publisher: 'City Desk', hoursAgo: 2 },
      { title: 'Vellmar orchestra plays in the rain', publisher: 'Valley Courier', hoursAgo: 1 },
    ]);
    const { stories } = await built(context, newsletter.id);
    expect(stories.length).toBeGreaterThan(0);
    for (const { title } of stories) expect(title).toMatch(/Odile/);
  });

  test('is skipped when nothing is like it', async () => {
    const context = await createTestContext();
    await seedStories(context, fiveEvents.slice(5));
    const newsletter = await seedNewsletter(context, [], {
      policy: {
        minimumStories: 1,
        about: { ...about(context), title: 'Beekeepers meet in Quillon', text: '' },
      },
    });
    expect((await built(context, newsletter.id)).outcome).toBe('skipped');
  });
});
