import { expect, test } from 'vitest';
import { prepareComposer } from '../../src/delivery/compose.ts';
import { moveDeliveries, nextLocal } from '../../src/delivery/local-time.ts';
import { planDeliveries } from '../../src/delivery/plan.ts';
import { deliveryReport } from '../../src/delivery/report.ts';
import { finishIfSettled } from '../../src/delivery/sweep.ts';
import { getEdition } from '../../src/editions/editions.ts';
import { createNewsletter, editNewsletter } from '../../src/editions/newsletters.ts';
import { linkSigner } from '../../src/links.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { seedEdition, seedList, seedNewsletter } from '../support/seed.ts';
import { sendBatch, sendingTo } from '../support/sending.ts';
import { startSmtp } from '../support/smtp.ts';

test.each([
  ['07:00', 'Europe/Berlin', '2026-11-24T18:00:00Z', '2026-11-25T06:00:00.000Z'],
  ['07:00', 'Pacific/Auckland', '2026-11-24T18:00:00Z', '2026-11-24T18:00:00.000Z'],
  ['07:00', 'America/Los_Angeles', '2026-11-24T18:00:00Z', '2026-11-25T15:00:00.000Z'],
  ['07:00', 'Asia/Kathmandu', '2026-11-24T18:00:00Z', '2026-11-25T01:15:00.000Z'],
  // The night in which the clocks jump over it, and the one in which they show it twice.
  ['02:30', 'Europe/Berlin', '2026-03-28T12:00:00Z', '2026-03-29T01:30:00.000Z'],
  ['02:30', 'Europe/Berlin', '2026-10-24T12:00:00Z', '2026-10-25T00:30:00.000Z'],
  ['07:00', 'No/Such_Zone', '2026-11-24T06:59:59.999Z', '2026-11-24T07:00:00.000Z'],
])('%s in %s after %s is %s', (time, zone, from, expected) => {
  expect(nextLocal(time, zone, new Date(from)).toISOString()).toBe(expected);
});

const zones = ['Europe/Berlin', 'America/New_York', 'Asia/Tokyo', null];

async function planned(context: TestContext) {
  const { listId, subscriberIds } = await seedList(context, zones.length);
  for (const [at, zone] of zones.entries())
    await context.db
      .updateTable('subscribers')
      .set({ time_zone: zone })
      .where('id', '=', subscriberIds[at] as number)
      .execute();
  const newsletter = await seedNewsletter(context, [listId], {
    timeZone: 'Europe/London',
    deliverAt: '07:00',
    retryMinutes: 60,
  });
  const editionId = await seedEdition(context, newsletter.id);
  await planDeliveries(context, editionId);
  const composer = await prepareComposer(
    context,
    await getEdition(context, editionId),
    await linkSigner(context),
  );
  return { editionId, subscriberIds, composer };
}

test('one edition reaches each reader at seven by their own clock', async () => {
  const context = await createTestContext({}, '2026-11-24T18:00:00Z');
  const smtp = await startSmtp();
  const { editionId, composer } = await planned(context);
  const sending = sendingTo(context, smtp.url);
  const got: [string, string][] = [];
  for (let hour = 0; hour <= 24; hour++) {
    const before = smtp.received.length;
    await sendBatch(context, composer, 0, sending);
    for (const { to } of smtp.received.slice(before))
      got.push([to, context.clock.now().toISOString().slice(8, 16)]);
    context.clock.advance(3_600_000);
  }
  expect(got).toEqual([
    ['reader3@example.com', '24T22:00'],
    ['reader1@example.com', '25T06:00'],
    ['reader4@example.com', '25T07:00'],
    ['reader2@example.com', '25T12:00'],
  ]);
  expect(await deliveryReport(context, editionId)).toMatchObject({ accepted: 4, sums: true });
  expect(await finishIfSettled(context, editionId)).toBe(true);
});

test('who moves to another zone while an edition is on its way has it at the time there', async () => {
  const context = await createTestContext({}, '2026-11-24T18:00:00Z');
  const smtp = await startSmtp();
  const { composer, subscriberIds } = await planned(context);
  const sending = sendingTo(context, smtp.url);
  await sendBatch(context, composer, 0, sending);
  const [, newYork] = subscriberIds as [number, number];
  await context.db
    .updateTable('subscribers')
    .set({ time_zone: 'Pacific/Auckland' })
    .where('id', '=', newYork)
    .execute();
  await moveDeliveries(context, newYork);
  await sendBatch(context, composer, 0, sending);
  expect(smtp.received.map(({ to }) => to)).toEqual(['reader2@example.com']);
  // Nothing is sent again to whoever moves afterwards.
  await moveDeliveries(context, newYork);
  await sendBatch(context, composer, 0, sending);
  expect(smtp.received).toHaveLength(1);
});

test('times of the day and of trying again are checked, and subjects cannot be tried out by clocks', async () => {
  const context = await createTestContext();
  const fields = {
    slug: 'a',
    name: 'A',
    fromAddress: 'a@example.com',
    cron: '0 18 * * *',
    tracking: { clicks: true },
  };
  await expect(createNewsletter(context, { ...fields, deliverAt: '24:00' })).rejects.toThrow('no time');
  await expect(createNewsletter(context, { ...fields, retryMinutes: 0 })).rejects.toThrow('a minute');
  const { id } = await createNewsletter(context, { ...fields, deliverAt: '07:00' });
  const subjectTest = { patterns: ['{{ lead.title }}!'], share: 0.2, waitMinutes: 60, by: 'clicks' };
  await expect(editNewsletter(context, id, { subjectTest })).rejects.toThrow('their own time');
  const off = await editNewsletter(context, id, { deliverAt: null, subjectTest });
  expect(off.deliver_at).toBeNull();
});

test('an edition that is planned after its hour is due at once, not a day later', async () => {
  const context = await createTestContext({}, '2026-11-25T06:00:03Z');
  const { listId, subscriberIds } = await seedList(context, 2);
  await context.db
    .updateTable('subscribers')
    .set({ time_zone: 'Asia/Tokyo' })
    .where('id', '=', subscriberIds[1] as number)
    .execute();
  const newsletter = await seedNewsletter(context, [listId], {
    timeZone: 'Europe/Berlin',
    deliverAt: '07:00',
  });
  const editionId = await seedEdition(context, newsletter.id);
  await context.db
    .updateTable('editions')
    .set({ scheduled_for: new Date('2026-11-25T06:00:00Z') })
    .where('id', '=', editionId)
    .execute();
  await planDeliveries(context, editionId);
  const rows = await context.db
    .selectFrom('deliveries')
    .select(['subscriber_id', 'next_attempt_at'])
    .orderBy('subscriber_id')
    .execute();
  expect(rows.map((row) => row.next_attempt_at?.toISOString())).toEqual([
    '2026-11-25T06:00:00.000Z',
    '2026-11-25T22:00:00.000Z',
  ]);
});
