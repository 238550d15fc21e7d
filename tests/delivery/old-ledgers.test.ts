import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { dropOldLedgers } from '../../src/delivery/old-ledgers.ts';
import { planDeliveries } from '../../src/delivery/plan.ts';
import { deliveryReport } from '../../src/delivery/report.ts';
import { createTestContext } from '../support/context.ts';
import { seedEdition, seedList, seedNewsletter } from '../support/seed.ts';

test('the ledger of an edition that is old enough is dropped, and what it came to stays', async () => {
  const context = await createTestContext();
  context.config.retention.ledgerMonths = 6;
  const { listId } = await seedList(context, 3);
  const newsletter = await seedNewsletter(context, [listId]);
  const hours = (count: number) => new Date(context.clock.now().getTime() + count * 3_600_000);
  const [old, young, paused] = [
    await seedEdition(context, newsletter.id, undefined, hours(0)),
    await seedEdition(context, newsletter.id, undefined, hours(1)),
    await seedEdition(context, newsletter.id, undefined, hours(2)),
  ];
  for (const id of [old, young, paused]) await planDeliveries(context, id);
  await sql`update deliveries set state = case when subscriber_id = (select min(subscriber_id) from deliveries) then 'failed' else 'accepted' end`.execute(
    context.db,
  );
  await sql`update editions set state = case when id = ${paused} then 'paused' else 'sent' end,
      planned_at = case when id = ${young} then planned_at else planned_at - interval '7 months' end`.execute(
    context.db,
  );
  const before = await deliveryReport(context, old);
  expect(await dropOldLedgers(context, { dryRun: true })).toMatchObject({ rows: 3 });
  expect(await deliveryReport(context, old)).toEqual(before);

  expect(await dropOldLedgers(context)).toMatchObject({ rule: 'ledgers', rows: 3 });
  const { rows } = await sql<{
    edition: number;
  }>`select distinct edition_id as edition from deliveries order by 1`.execute(context.db);
  expect(rows.map(({ edition }) => edition)).toEqual([young, paused]);
  expect(await deliveryReport(context, old)).toMatchObject({
    planned: 3,
    accepted: 2,
    failed: 1,
    waiting: 0,
    sums: true,
  });
  expect(await dropOldLedgers(context)).toMatchObject({ rows: 0 });
});

test('ledgers are kept for ever where the setting says so', async () => {
  const context = await createTestContext();
  context.config.retention.ledgerMonths = 0;
  expect(await dropOldLedgers(context)).toMatchObject({ before: null, rows: 0 });
});
