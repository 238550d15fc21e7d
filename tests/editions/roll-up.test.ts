import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { prepareComposer } from '../../src/delivery/compose.ts';
import { planDeliveries } from '../../src/delivery/plan.ts';
import { loadReaders } from '../../src/delivery/readers.ts';
import { ensureEdition, getEdition, storiesOf } from '../../src/editions/editions.ts';
import { recordEngagement } from '../../src/feedback/engagement.ts';
import { linkSigner } from '../../src/links.ts';
import { produceEdition } from '../../src/schedule/produce.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { seedList, seedNewsletter } from '../support/seed.ts';
import { type SeedStory, seedStories } from '../support/stories.ts';

const day = 24 * 3_600_000;

const daily: SeedStory[][] = [
  [
    { title: 'Ferry Brightline runs aground off Dunhaven', publisher: 'Harbour Post', topics: ['harbour'] },
    { title: 'Vellmar orchestra elects Ines Kato', publisher: 'City Desk', topics: ['music'] },
  ],
  [
    { title: 'Quantum clock of Tessaly loses no second', publisher: 'Northern Ledger', topics: ['clocks'] },
    { title: 'Orange lynx photographed near Lake Ostrava', publisher: 'Valley Courier', topics: ['animals'] },
  ],
  [
    { title: 'Stone oven bakery opens in Aldermoor square', publisher: 'Quay Courier', topics: ['bread'] },
    { title: 'Glider lands on the Brixholm motorway', publisher: 'City Desk', topics: ['flying'] },
  ],
];

/** Three daily editions; each is sent to those of the given subscribers whose turn it is. */
async function threeDays(context: TestContext, frequencies: string[]) {
  const { listId, subscriberIds } = await seedList(context, frequencies.length);
  for (const [at, id] of subscriberIds.entries())
    await context.db
      .updateTable('subscriptions')
      .set({ frequency: frequencies[at] as string })
      .where('subscriber_id', '=', id)
      .execute();
  const newsletter = await seedNewsletter(context, [listId], {
    mode: 'automatic',
    policy: {
      windowHours: 20,
      minimumStories: 1,
      exploration: 0,
      slots: [
        { name: 'lead', count: 1 },
        { name: 'top', count: 3 },
      ],
    },
  });
  const editions: number[] = [];
  for (const stories of daily) {
    await seedStories(context, stories);
    const { edition } = await ensureEdition(context, newsletter.id, context.clock.now());
    await produceEdition(context, edition.id);
    await planDeliveries(context, edition.id);
    editions.push(edition.id);
    context.clock.advance(day);
  }
  return { newsletter, subscriberIds, editions };
}

async function titlesFor(context: TestContext, editionId: number, subscriberIds: number[]) {
  const composer = await prepareComposer(
    context,
    await getEdition(context, editionId),
    await linkSigner(context),
  );
  const readers = await loadReaders(context, composer.newsletter.id, subscriberIds, composer.past);
  return readers.map((reader) =>
    composer.chooser
      .choose(reader)
      .flat()
      .map((position) => composer.stories[position]?.title),
  );
}

async function accept(context: TestContext, editionId: number, subscriberIds: number[], stories: number[]) {
  await sql`
    update deliveries set state = 'accepted', stories = ${`{${stories.join(',')}}`}::smallint[]
    where edition_id = ${editionId} and subscriber_id = any(${subscriberIds}::bigint[])`.execute(context.db);
}

test('a weekly reader of a daily newsletter gets the best of the days they were left out, and nobody else does', async () => {
  const context = await createTestContext();
  const { subscriberIds, editions } = await threeDays(context, ['every', 'weekly']);
  const [everyday, weekly] = subscriberIds as [number, number];
  const last = editions.at(-1) as number;
  // Neither has got the first two yet, as far as the ledger knows; then the first reader has.
  await accept(context, editions[0] as number, [everyday], [0, 1]);
  await accept(context, editions[1] as number, [everyday], [0, 1]);
  const [one, other] = await titlesFor(context, last, [everyday, weekly]);
  expect(one).toHaveLength(2);
  expect(other).toHaveLength(4);
  expect(other?.slice().sort()).toEqual([...new Set(other)].sort());
  for (const title of one ?? []) expect(daily[2]?.map((story) => story.title)).toContain(title);

  const rolledUp = (await storiesOf(context, last)).filter(({ from }) => from);
  expect(rolledUp).toHaveLength(4);
  expect(rolledUp.every(({ slot }) => slot === 'reserve')).toBe(true);
  expect(rolledUp[0]?.reason.text).toMatch(/^For readers who did not get the edition of 2026-11-2\d: /);
});

test('what a weekly reader had in their last digest does not come again', async () => {
  const context = await createTestContext();
  const { subscriberIds, editions } = await threeDays(context, ['weekly']);
  await accept(context, editions[0] as number, subscriberIds, [0, 1]);
  const [titles] = await titlesFor(context, editions[2] as number, subscriberIds);
  expect(titles).toHaveLength(4);
  for (const story of daily[0] ?? []) expect(titles).not.toContain(story.title);
});

test('where everybody gets every edition there is nothing to roll up', async () => {
  const context = await createTestContext();
  const { editions } = await threeDays(context, ['every']);
  expect((await storiesOf(context, editions[2] as number)).every(({ from }) => !from)).toBe(true);
});

test('what a reader clicked before moves its like up in the next edition', async () => {
  const context = await createTestContext();
  const { subscriberIds, editions, newsletter } = await threeDays(context, ['every', 'every']);
  const [fan, other] = subscriberIds as [number, number];
  const [first] = await storiesOf(context, editions[0] as number);
  await recordEngagement(
    context,
    [1, 2, 3, 4].map(() => ({
      editionId: editions[0] as number,
      subscriberId: fan,
      kind: 'click',
      position: 0,
      at: context.clock.now(),
    })),
  );
  await seedStories(context, [
    ...[
      'Mill pond drained',
      'Chess cup for Pellworth',
      'Rye harvest begins',
      'Bridge painted green',
      'Choir seeks a bass',
      'Owl nests in belfry',
      'Tunnel lights renewed',
      'Goose race postponed',
      'Library lends kites',
    ].map((title, at) => ({ title, publisher: `${title.split(' ')[0]} Weekly`, hoursAgo: 2 + at / 10 })),
    {
      title: 'Tailor sews the longest scarf',
      publisher: 'Cloth Weekly',
      topics: first?.topics ?? [],
      hoursAgo: 2.25,
    },
  ]);
  const { edition } = await ensureEdition(context, newsletter.id, context.clock.now());
  await produceEdition(context, edition.id);
  const [fans, others] = await titlesFor(context, edition.id, [fan, other]);
  const scarf = 'Tailor sews the longest scarf';
  expect(fans?.indexOf(scarf)).toBeLessThan(others?.indexOf(scarf) ?? 0);
});
