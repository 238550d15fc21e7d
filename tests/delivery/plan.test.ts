import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { moveDeliveries } from '../../src/delivery/local-time.ts';
import { countAudience, planDeliveries } from '../../src/delivery/plan.ts';
import { pastOf } from '../../src/delivery/readers.ts';
import { getEdition } from '../../src/editions/editions.ts';
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

test('neither planning, counting readers, composing nor a new time zone touches the tables of old editions', async () => {
  const context = await createTestContext();
  const { newsletter, first } = await firstPlanned(context);
  await move(context, first, 'cancel');
  const twoMonthsAgo = new Date(context.clock.now().getTime() - 61 * day);
  await context.db
    .updateTable('editions')
    .set({ scheduled_for: twoMonthsAgo })
    .where('id', '=', first)
    .execute();
  await context.db.updateTable('newsletters').set({ deliver_at: '07:00' }).execute();
  const next = await seedEdition(context, newsletter.id);
  const edition = await getEdition(context, next);
  const [reader] = await context.db.selectFrom('subscribers').select('id').limit(1).execute();
  // Whoever wanted to look into it would wait.
  await context.db.transaction().execute(async (trx) => {
    for (const of of ['deliveries', 'engagement'])
      await sql`lock table ${sql.table(`${of}_e${first}`)} in access exclusive mode`.execute(trx);
    await pastOf(context, edition, []);
    expect((await countAudience(context, edition)).recipients).toBe(2);
    expect((await planDeliveries(context, next))?.recipients).toBe(2);
    await moveDeliveries(context, reader?.id ?? 0);
  });
}, 15_000);
