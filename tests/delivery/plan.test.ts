import { expect, test } from 'vitest';
import { planDeliveries } from '../../src/delivery/plan.ts';
import { move } from '../../src/editions/lifecycle.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { seedEdition, seedList, seedNewsletter } from '../support/seed.ts';

const day = 24 * 3_600_000;

/** Two readers of a daily newsletter, one of whom wants it weekly; its first edition is planned, and none of it sent. */
async function firstPlanned(context: TestContext) {
  const { listId, subscriberIds } = await seedList(context, 2);
  await context.db
    .updateTable('subscriptions')
    .set({ frequency: 'weekly' })
    .where('subscriber_id', '=', subscriberIds[0] as number)
    .execute();
  const newsletter = await seedNewsletter(context, [listId]);
  const first = await seedEdition(context, newsletter.id);
  expect((await planDeliveries(context, first))?.recipients).toBe(2);
  return { newsletter, first };
}

/** How many get the edition of the next day. */
async function nextDay(context: TestContext, newsletterId: number): Promise<number | undefined> {
  context.clock.advance(day);
  return (await planDeliveries(context, await seedEdition(context, newsletterId)))?.recipients;
}

test.each(['planned', 'claimed', 'begun', 'deferred'])(
  'a weekly reader whose delivery is %s is not planned for the next edition as well',
  async (state) => {
    const context = await createTestContext();
    const { newsletter } = await firstPlanned(context);
    await context.db.updateTable('deliveries').set({ state }).execute();
    expect(await nextDay(context, newsletter.id)).toBe(1);
  },
);

test('nor is one whose edition is paused', async () => {
  const context = await createTestContext();
  const { newsletter, first } = await firstPlanned(context);
  await move(context, first, 'pause', 'paused by hand');
  expect(await nextDay(context, newsletter.id)).toBe(1);
});

test('a weekly reader whose edition was called off, or did not reach them, gets the next one', async () => {
  const context = await createTestContext();
  const { newsletter, first } = await firstPlanned(context);
  await move(context, first, 'cancel');
  expect(await nextDay(context, newsletter.id)).toBe(2);

  const other = await createTestContext();
  const refused = await firstPlanned(other);
  await other.db.updateTable('deliveries').set({ state: 'failed' }).execute();
  expect(await nextDay(other, refused.newsletter.id)).toBe(2);
});
