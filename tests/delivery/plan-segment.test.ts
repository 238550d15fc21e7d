import { expect, test } from 'vitest';
import { planDeliveries } from '../../src/delivery/plan.ts';
import { editNewsletter } from '../../src/editions/newsletters.ts';
import { archiveList, unarchiveList } from '../../src/subscribers/lists-archive.ts';
import { createSegment, editSegment } from '../../src/subscribers/segments/segments.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { seedEdition, seedList, seedNewsletter } from '../support/seed.ts';

const day = 24 * 3_600_000;

/** The addresses that an edition was planned for. */
async function planned(context: TestContext, newsletterId: number): Promise<string[]> {
  context.clock.advance(day);
  const edition = await seedEdition(context, newsletterId);
  const plan = await planDeliveries(context, edition);
  const rows = await context.db
    .selectFrom('deliveries')
    .innerJoin('subscribers', 'subscribers.id', 'deliveries.subscriber_id')
    .select('email')
    .where('edition_id', '=', edition)
    .orderBy('subscribers.id')
    .execute();
  expect(plan?.recipients).toBe(rows.length);
  return rows.map(({ email }) => email.replace('@example.com', ''));
}

test('an edition of a newsletter that is limited to a segment is planned for those who fit when it is planned', async () => {
  const context = await createTestContext();
  const { listId, subscriberIds } = await seedList(context, 6);
  const label = (index: number, tags: string[]) =>
    context.db
      .updateTable('subscribers')
      .set({ tags })
      .where('id', '=', subscriberIds[index] ?? 0)
      .execute();
  await label(0, ['vip']);
  await label(1, ['vip']);
  await label(2, ['press']);
  const segment = await createSegment(context, { name: 'friends', filter: 'tag = vip' });
  const newsletter = await seedNewsletter(context, [listId], { segmentId: segment.id });
  expect(await planned(context, newsletter.id)).toEqual(['reader1', 'reader2']);

  // Fitting is not consent.
  await context.db
    .updateTable('subscriptions')
    .set({ state: 'unsubscribed' })
    .where('subscriber_id', '=', subscriberIds[0] ?? 0)
    .execute();
  await label(4, ['vip']);
  expect(await planned(context, newsletter.id)).toEqual(['reader2', 'reader5']);

  await editSegment(context, segment.id, { filter: 'not tag is empty and not received within 36h' });
  expect(await planned(context, newsletter.id)).toEqual(['reader2', 'reader3', 'reader5']);
  await context.db
    .updateTable('deliveries')
    .set({ state: 'accepted', settled_at: context.clock.now() })
    .execute();
  await context.db.updateTable('editions').set({ state: 'sent', sent_at: context.clock.now() }).execute();
  await label(5, ['new']);
  expect(await planned(context, newsletter.id)).toEqual(['reader6']);

  await editNewsletter(context, newsletter.id, { segmentId: null });
  expect(await planned(context, newsletter.id)).toHaveLength(5);
});

test('nobody gets an edition through an archived list', async () => {
  const context = await createTestContext();
  const { listId } = await seedList(context, 3);
  const other = await seedList(context, 1, 'others');
  const newsletter = await seedNewsletter(context, [listId, other.listId]);
  await archiveList(context, listId);
  expect(await planned(context, newsletter.id)).toEqual(['reader1']);
  await archiveList(context, other.listId);
  expect(await planned(context, newsletter.id)).toEqual([]);
  await unarchiveList(context, listId);
  expect(await planned(context, newsletter.id)).toHaveLength(3);
});
