import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { connectTo } from '../../src/db/connect.ts';
import { partitionLocks } from '../../src/db/partitions.ts';
import { planDeliveries } from '../../src/delivery/plan.ts';
import { checkDatabase } from '../../src/doctor/database.ts';
import { checkBloat, checkConnections, checkTransactions } from '../../src/doctor/database-load.ts';
import { checkPartitions, lockFindings } from '../../src/doctor/partitions.ts';
import { partitionOverview } from '../../src/schedule/partition-overview.ts';
import { inProcess } from '../cli/in-process.ts';
import { createTestContext } from '../support/context.ts';
import { seedEdition, seedList, seedNewsletter } from '../support/seed.ts';

/** A pool that answers with these rows, for states that no test server can be brought into. */
const saying = (...rows: object[]) =>
  ({ query: async () => ({ rows }) }) as unknown as Parameters<typeof checkBloat>[0];

test('dead rows and empty pages of tables are noticed, without reading them', async () => {
  const { db, database } = await createTestContext();
  await sql`create table thick (id int, filler text) with (autovacuum_enabled = false)`.execute(db);
  await sql`insert into thick select n, repeat('x', 100) from generate_series(1, 8000) n`.execute(db);
  await sql`analyze thick`.execute(db);
  const aboutThick = async () =>
    (await checkBloat(database.pool, 500_000)).filter(({ says }) => says.includes('thick'));
  expect(await aboutThick()).toEqual([]);
  await sql`delete from thick where id % 10 > 0`.execute(db);
  await sql`select pg_stat_force_next_flush()`.execute(db);
  await sql`analyze thick`.execute(db);
  expect(await aboutThick()).toEqual([
    expect.objectContaining({
      status: 'warning',
      says: expect.stringMatching(/thick \(1 MB\) has \d+ % dead rows/),
    }),
  ]);
  await sql`vacuum analyze thick`.execute(db);
  expect(await aboutThick()).toEqual([
    expect.objectContaining({
      status: 'warning',
      says: expect.stringMatching(/about [89]\d % room of no use/),
    }),
  ]);
  expect(await checkBloat(database.pool)).toEqual([
    { check: 'bloat', status: 'ok', says: 'there are no large tables yet' },
  ]);
});

test('a transaction that stays open is named, with how to end it', async () => {
  const { database } = await createTestContext();
  expect(await checkTransactions(database.pool)).toMatchObject({ status: 'ok' });
  const client = await database.pool.connect();
  try {
    await client.query('begin');
    await client.query('select 1');
    const { rows } = await client.query('select pg_backend_pid() as pid');
    const { pid } = rows[0];
    const finding = await checkTransactions(database.pool, { longMinutes: 0, tooLongMinutes: 60 });
    expect(finding).toMatchObject({
      status: 'warning',
      says: expect.stringContaining(`process ${pid} of broadsheet (idle in transaction) holds one open`),
      mend: expect.stringContaining(`pg_terminate_backend(${pid})`),
    });
  } finally {
    client.release(true);
  }
  const old = await checkTransactions(saying({ who: 'the prepared transaction t1', seconds: 7_200 }));
  expect(old).toMatchObject({ status: 'failed', mend: expect.stringContaining("rollback prepared 't1'") });
});

test('sessions of other roles are counted where a role may not look at them, and nothing is claimed of their transactions', async () => {
  const { database } = await createTestContext();
  const role = `test_doctor_${randomBytes(5).toString('hex')}`;
  await database.pool.query(`create role ${role} login`);
  const plain = connectTo({ ...database.connection, user: role }, 2);
  onTestFinished(async () => {
    await plain.close();
    await database.pool.query(`drop role ${role}`);
  });
  const holder = await database.pool.connect();
  try {
    await holder.query('begin; select 1');
    const used = async (pool: typeof plain.pool) =>
      Number(/^(\d+) of/.exec((await checkConnections(pool)).says)?.[1]);
    // Other tests come and go meanwhile.
    expect(await used(plain.pool)).toBeGreaterThanOrEqual(2);
    const patience = { longMinutes: 5, tooLongMinutes: 60 };
    expect(await checkTransactions(plain.pool, patience)).toMatchObject({
      status: 'unknown',
      says: expect.stringMatching(/those of [1-9]\d* sessions of other roles are hidden/),
      mend: expect.stringContaining('grant pg_read_all_stats'),
    });
    await database.pool.query(`grant pg_read_all_stats to ${role}`);
    expect(await checkTransactions(plain.pool, patience)).toMatchObject({ status: 'ok' });
    expect(await checkTransactions(plain.pool, { longMinutes: 0, tooLongMinutes: 60 })).toMatchObject({
      status: 'warning',
    });
  } finally {
    holder.release(true);
  }
});

test('connections that run out, old rows, standbys and old versions are noticed', async () => {
  const { db, database } = await createTestContext();
  expect(await checkConnections(database.pool)).toMatchObject({
    says: expect.stringMatching(/^\d+ of \d+ are in use, [1-9]\d* of them by Broadsheet$/),
  });
  const status = async (used: number) => (await checkConnections(saying({ used, most: 97, ours: 1 }))).status;
  expect([await status(50), await status(80), await status(96)]).toEqual(['ok', 'warning', 'failed']);
  const aged = await checkBloat(saying({ name: 't', bytes: 1, live: 1, dead: 0, needed: null, age: 1.7e9 }));
  expect(aged).toMatchObject([{ status: 'failed', says: expect.stringContaining('1700 million') }]);
  const row = { version: '14.20', number: 140_020, name: 'b', bytes: 1, standby: false, extensions: [] };
  const asked = async (changes: Partial<typeof row>) =>
    (
      await checkDatabase(
        { db, pool: saying({ ...row, ...changes }) as typeof database.pool },
        { databaseUrl: 'postgres://db.example.com/b', home: '/tmp' },
        new Date('2026-11-24T08:00:00Z'),
      )
    )[0];
  expect(await asked({})).toMatchObject({ status: 'warning', says: expect.stringContaining('2026-11-12') });
  expect(await asked({ number: 180_000 })).toMatchObject({ status: 'ok' });
  expect(await asked({ standby: true })).toMatchObject({ status: 'failed' });
});

test('the locks of questions about all editions are held against what the server has', async () => {
  const context = await createTestContext();
  expect(await partitionLocks(context.db)).toMatchObject({ needed: 0 });
  const { listId } = await seedList(context, 2);
  const newsletter = await seedNewsletter(context, [listId]);
  await planDeliveries(context, await seedEdition(context, newsletter.id));
  const { needed, room } = await partitionLocks(context.db);
  expect(needed).toBeGreaterThan(1);
  const { rows } = await sql<{ name: string; setting: string }>`
    select name, setting from pg_settings where name in ('max_connections', 'max_locks_per_transaction')`.execute(
    context.db,
  );
  expect(room).toBe(rows.reduce((product, { setting }) => product * Number(setting), 1));
  expect(lockFindings({ needed: 4_000, room: 12_800 })).toEqual([]);
  expect(lockFindings({ needed: 7_500, room: 12_800 })).toMatchObject([
    { status: 'warning', mend: expect.stringContaining('max_locks_per_transaction 4 times or more') },
  ]);
});

test('an edition whose tables are lost is named, and what is left of taking one away', async () => {
  const context = await createTestContext();
  const { db } = context;
  expect(await checkPartitions(context)).toEqual([
    { check: 'partitions', status: 'ok', says: 'there are none yet' },
  ]);
  const { listId } = await seedList(context, 2);
  const newsletter = await seedNewsletter(context, [listId]);
  const id = await seedEdition(context, newsletter.id);
  await planDeliveries(context, id);
  expect(await checkPartitions(context)).toEqual([
    { check: 'partitions', status: 'ok', says: '2, each in its place' },
  ]);
  await sql`alter table deliveries detach partition ${sql.table(`deliveries_e${id}`)}`.execute(db);
  await sql`drop table ${sql.table(`engagement_e${id}`)}`.execute(db);
  await sql`create table engagement_rest partition of engagement default`.execute(db);
  expect(await checkPartitions(context)).toEqual([
    expect.objectContaining({ status: 'warning', says: `engagement_e${id} is not there` }),
    expect.objectContaining({ says: `deliveries_e${id} is not part of its table (any more)` }),
    expect.objectContaining({ says: expect.stringContaining('engagement_rest is a default partition') }),
  ]);
  await sql`drop table ${sql.table(`deliveries_e${id}`)}`.execute(db);
  expect(await checkPartitions(context)).toContainEqual(
    expect.objectContaining({
      status: 'failed',
      says: expect.stringContaining(`deliveries_e${id} is not there, and the editions are being sent`),
    }),
  );
  const listed = await inProcess(context.environment, 'db', 'partitions');
  expect(listed.out).toMatch(new RegExp(`deliveries_e${id} +harbour-post .* missing +never`));
  await sql`update editions set state = 'sent' where id = ${id}`.execute(db);
  expect(await partitionOverview(context)).toEqual([
    {
      ...{ table: `deliveries_e${id}`, of: 'deliveries', editionId: id, newsletter: 'harbour-post' },
      ...{ scheduledFor: context.clock.now(), state: 'missing', rows: null, bytes: 0 },
      goesAt: new Date('2029-11-24T08:00:00Z'),
    },
    expect.objectContaining({
      table: `engagement_e${id}`,
      state: 'missing',
      goesAt: new Date('2028-11-24T08:00:00Z'),
    }),
  ]);
  const { out } = await inProcess(context.environment, 'db', 'partitions', '--json');
  expect((JSON.parse(out) as { table: string }[]).map(({ table }) => table)).toEqual([
    `deliveries_e${id}`,
    `engagement_e${id}`,
  ]);
});
