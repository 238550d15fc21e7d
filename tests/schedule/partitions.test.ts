import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { connectTo } from '../../src/db/connect.ts';
import { countPartitions, listPartitions } from '../../src/db/partitions.ts';
import { dropOldLedgers } from '../../src/delivery/old-ledgers.ts';
import { planDeliveries } from '../../src/delivery/plan.ts';
import { deliveryReport } from '../../src/delivery/report.ts';
import { recordEngagement } from '../../src/feedback/engagement.ts';
import { runNightly } from '../../src/schedule/nightly.ts';
import { tendPartitions } from '../../src/schedule/partitions.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { seedEdition, seedList, seedNewsletter } from '../support/seed.ts';

const impatient = { lockMs: 60, tries: 2, pauseMs: 20 };
const never = new AbortController().signal;

/** Editions that were sent so many months ago, planned as in production, to three readers. */
async function sentEditions(context: TestContext, monthsAgo: number[]) {
  const { listId, subscriberIds } = await seedList(context, 3);
  const newsletter = await seedNewsletter(context, [listId]);
  const ids: number[] = [];
  for (const [hour, months] of monthsAgo.entries()) {
    const at = new Date(context.clock.now().getTime() + hour * 3_600_000);
    const id = await seedEdition(context, newsletter.id, undefined, at);
    await planDeliveries(context, id);
    await sql`update deliveries set state = 'accepted' where edition_id = ${id}`.execute(context.db);
    await sql`
      update editions set state = 'sent', planned_at = ${context.clock.now()}::timestamptz - make_interval(months => ${months})
      where id = ${id}`.execute(context.db);
    ids.push(id);
  }
  return { ids, newsletter, reader: subscriberIds[0]! };
}

const names = async ({ db }: TestContext) => (await listPartitions(db)).map(({ table }) => table);
const statesOf = async ({ db }: TestContext, of: string) =>
  (await listPartitions(db))
    .filter((part) => part.of === of)
    .map(({ editionId, state }) => ({ editionId, state }));

/** A transaction of somebody else's that has read a table, until it is let go. */
async function holding({ database }: TestContext, table: string) {
  const client = await database.pool.connect();
  await client.query(`begin; select count(*) from ${table}`);
  return async () => {
    await client.query('rollback');
    client.release();
  };
}

test('a night takes away what is old, makes what is missing, and tells the planner, once for all processes', async () => {
  const context = await createTestContext();
  context.config.retention = { ...context.config.retention, ledgerMonths: 36, engagementMonths: 24 };
  const { ids, reader } = await sentEditions(context, [40, 30, 1]);
  const [old, middle, young] = ids as [number, number, number];
  for (const editionId of ids)
    await recordEngagement(context, [
      { editionId, subscriberId: reader, kind: 'click', position: 1, at: context.clock.now() },
    ]);
  // The middle one's reader clicked last month, so that what is known of them stays.
  await sql`update engagement set last_at = last_at - interval '30 months' where edition_id = ${old}`.execute(
    context.db,
  );
  await sql`drop table ${sql.table(`engagement_e${young}`)}`.execute(context.db);

  await Promise.all([runNightly(context, never), runNightly(context, never)]);
  expect(await names(context)).toEqual([
    `deliveries_e${middle}`,
    `engagement_e${middle}`,
    `deliveries_e${young}`,
    `engagement_e${young}`,
  ]);
  expect(await deliveryReport(context, old)).toMatchObject({ planned: 3, accepted: 3, sums: true });
  const { rows } = await sql<{ rows: number }>`
    select reltuples::float8 as rows from pg_class where oid = 'deliveries'::regclass`.execute(context.db);
  expect(rows).toEqual([{ rows: 6 }]);
  // Counted again where the part was lost; of one that is gone for good nothing is written, and nothing fails.
  const click = { subscriberId: reader, kind: 'click', position: 2, at: context.clock.now() } as const;
  expect(await recordEngagement(context, [{ ...click, editionId: young }])).toBe(1);
  expect(await recordEngagement(context, [{ ...click, editionId: old }])).toBe(0);
  expect(await tendPartitions(context)).toEqual({
    dropped: [],
    made: [],
    finished: [],
    analysed: [],
    busy: [],
  });
});

test('two hosts at once take each part away once', async () => {
  const context = await createTestContext();
  const { ids } = await sentEditions(context, [40, 41, 42]);
  const took = await Promise.all([dropOldLedgers(context), dropOldLedgers(context)]);
  expect(took.map(({ rows }) => rows).sort()).toEqual([0, 9]);
  const tended = await Promise.all([tendPartitions(context), tendPartitions(context)]);
  expect(tended.filter((each) => each === undefined)).toHaveLength(1);
  expect(tended.flatMap((each) => each?.dropped ?? [])).toEqual(ids.map((id) => `engagement_e${id}`));
  expect(await names(context)).toEqual([]);
});

test('what somebody holds stays for the next night, holds up nobody meanwhile, and editions are planned beside it', async () => {
  const context = await createTestContext();
  const { ids, newsletter } = await sentEditions(context, [40, 41]);
  const [held, other] = ids as [number, number];
  const letGo = await holding(context, 'deliveries');
  expect(await dropOldLedgers(context, { patience: impatient })).toMatchObject({ rows: 0 });
  expect(await statesOf(context, 'deliveries')).toEqual([
    { editionId: held, state: 'detaching' },
    { editionId: other, state: 'attached' },
  ]);
  expect(await tendPartitions(context, { patience: impatient })).toMatchObject({
    busy: [`deliveries_e${held}`],
  });
  // The sums were kept before; nothing waits for the one who holds it.
  expect(await deliveryReport(context, held)).toMatchObject({ accepted: 3, sums: true });
  const next = await seedEdition(context, newsletter.id, undefined, new Date('2026-12-24T08:00:00Z'));
  expect(await planDeliveries(context, next)).toMatchObject({ recipients: 3 });
  await sql`update deliveries set state = 'accepted' where edition_id = ${next}`.execute(context.db);
  await letGo();

  expect(await dropOldLedgers(context, { patience: impatient })).toMatchObject({ rows: 6 });
  expect(await statesOf(context, 'deliveries')).toEqual([{ editionId: next, state: 'attached' }]);
});

test('a lock that is let go in time costs a further try only', async () => {
  const context = await createTestContext();
  await sentEditions(context, [40]);
  const letGo = await holding(context, 'deliveries');
  const dropping = dropOldLedgers(context, { patience: { lockMs: 100, tries: 40, pauseMs: 20 } });
  await expect
    .poll(() => statesOf(context, 'deliveries'), { timeout: 5_000, interval: 20 })
    .toEqual([expect.objectContaining({ state: 'detaching' })]);
  await letGo();
  expect(await dropping).toMatchObject({ rows: 3 });
});

test('what a person detached is finished and kept, and a default partition keeps nothing from being taken away', async () => {
  const context = await createTestContext();
  const { ids } = await sentEditions(context, [1, 40]);
  const [kept, old] = ids as [number, number];
  const letGo = await holding(context, 'deliveries');
  const client = await context.database.pool.connect();
  await client.query('set lock_timeout = 50');
  await expect(
    client.query(`alter table deliveries detach partition deliveries_e${kept} concurrently`),
  ).rejects.toThrow('lock timeout');
  client.release(true);
  await letGo();
  expect(await tendPartitions(context)).toMatchObject({ finished: [`deliveries_e${kept}`], busy: [] });
  expect(await statesOf(context, 'deliveries')).toEqual([
    { editionId: kept, state: 'detached' },
    { editionId: old, state: 'attached' },
  ]);
  const { rows } = await sql`select from ${sql.table(`deliveries_e${kept}`)}`.execute(context.db);
  expect(rows).toHaveLength(3);

  await sql`create table deliveries_rest partition of deliveries default`.execute(context.db);
  expect(await dropOldLedgers(context)).toMatchObject({ rows: 3 });
  expect(await countPartitions(context.db)).toContainEqual({ of: 'deliveries', state: 'detached', count: 1 });
});

test('a role that owns no table takes parts away too, and waits for no lock for long', async () => {
  const context = await createTestContext();
  const { ids } = await sentEditions(context, [40, 41]);
  const [held] = ids as [number];
  const role = `broadsheet_app_${process.pid}_${ids.length}`;
  await context.database.pool.query(`create role ${role} login`);
  onTestFinished(async () => {
    await context.database.pool.query(`drop owned by ${role}; drop role ${role}`);
  });
  await context.database.pool.query(
    `grant select, insert, update, delete on all tables in schema public to ${role};
     grant execute on all functions in schema public to ${role}`,
  );
  const database = connectTo({ ...context.database.connection, user: role }, 4);
  onTestFinished(() => database.close());
  const asRole = { ...context, db: database.db };
  const letGo = await holding(context, `deliveries_e${held}`);
  expect(await dropOldLedgers(asRole, { patience: impatient })).toMatchObject({ rows: 0 });
  await letGo();
  expect(await dropOldLedgers(asRole, { patience: impatient })).toMatchObject({ rows: 6 });
  expect(await tendPartitions(asRole)).toMatchObject({
    dropped: ids.map((id) => `engagement_e${id}`),
    analysed: [],
    busy: [],
  });
  expect(await names(context)).toEqual([]);
});
