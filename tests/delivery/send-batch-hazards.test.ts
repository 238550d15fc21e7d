import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import type { Database } from '../../src/db/connect.ts';
import { planDeliveries } from '../../src/delivery/plan.ts';
import { deliveryReport } from '../../src/delivery/report.ts';
import { editEdition } from '../../src/editions/edit.ts';
import { getEdition } from '../../src/editions/editions.ts';
import { move } from '../../src/editions/lifecycle.ts';
import { compileAndStore } from '../../src/rendering/store.ts';
import { startWorker } from '../../src/schedule/worker.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { wayToDatabase } from '../support/database-way.ts';
import { seedEdition, seedList, seedNewsletter } from '../support/seed.ts';
import { afterMessage, refusal, startSmtp, startSocketServer } from '../support/smtp.ts';

// A worker as it runs, seen from outside: what the mail server got, and what the ledger says.

async function approved(context: TestContext, readers: number): Promise<number> {
  const { listId } = await seedList(context, readers);
  const newsletter = await seedNewsletter(context, [listId]);
  return seedEdition(context, newsletter.id);
}

async function working(context: TestContext, smtpUrl: string, database: Database = context.database) {
  const worker = await startWorker(
    { ...context, db: database.db, config: { ...context.config, smtpUrl, smtpConnections: 2 } },
    { connection: database.connection, schedule: false, sweepSeconds: 1 },
  );
  let stopped: Promise<void> | undefined;
  const stop = () => (stopped ??= worker.stop());
  onTestFinished(stop);
  return { stop };
}

async function until(what: string, look: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; tries < 1500; tries++) {
    if (await look()) return;
    await sleep(20);
  }
  throw new Error(`timed out waiting for ${what}`);
}

const rowsOf = (context: TestContext, editionId: number) =>
  context.db
    .selectFrom('deliveries')
    .select(['subscriber_id', 'state', 'smtp_code', 'detail', 'subject'])
    .where('edition_id', '=', editionId)
    .orderBy('subscriber_id')
    .execute();

/** Processes of the database that wait as told, in this test's database. */
async function waitingIn(
  context: TestContext,
  condition: ReturnType<typeof sql<boolean>>,
): Promise<number[]> {
  const { rows } = await sql<{ pid: number }>`
    select pid from pg_stat_activity where datname = current_database() and ${condition}`.execute(context.db);
  return rows.map(({ pid }) => pid);
}

test('a process that is asked to stop while messages begin sends those and records them, and begins no other', async () => {
  const context = await createTestContext();
  const editionId = await approved(context, 20);
  // Beginning takes so long that the process is asked to stop in the middle of it.
  await sql`
    create function slowly() returns trigger language plpgsql as $$ begin perform pg_sleep(0.4); return new; end $$`.execute(
    context.db,
  );
  await sql`
    create trigger slowly before update on deliveries for each row
    when (new.state = 'begun' and old.state = 'claimed') execute function slowly()`.execute(context.db);
  const smtp = await startSmtp();
  const worker = await working(context, smtp.url);
  await until('messages to begin', async () => {
    const waiting = await waitingIn(context, sql<boolean>`wait_event = 'PgSleep'`);
    return waiting.length > 0;
  });
  expect(smtp.received).toEqual([]);
  await worker.stop();

  const rows = await rowsOf(context, editionId);
  const states = Map.groupBy(rows, ({ state }) => state);
  expect([...states.keys()].sort()).toEqual(['accepted', 'planned']);
  expect(states.get('accepted')).toHaveLength(smtp.received.length);
  expect(smtp.received.length).toBeGreaterThan(0);
  expect(smtp.received.length).toBeLessThan(20);
});

test('whatever a server answers is recorded: NUL bytes, half characters, thousands of letters', async () => {
  const context = await createTestContext();
  const editionId = await approved(context, 3);
  const answers = [
    '554 5.7.1 no\0 entry\0 here',
    // One of the two is cut within a character.
    `554 5.7.1 ${'🦊'.repeat(1000)}`,
    `554 5.7.1 x${'🦊'.repeat(1000)}`,
  ];
  const server = await startSocketServer((socket) =>
    afterMessage(socket, (each) => each.write(`${answers.shift() ?? '250 kept'}\r\n`)),
  );
  await working(context, server.url);
  await until('the edition to be sent', async () => (await getEdition(context, editionId)).state === 'sent');
  const rows = await rowsOf(context, editionId);
  for (const { state, smtp_code, detail } of rows) {
    expect({ state, smtp_code }).toEqual({ state: 'failed', smtp_code: 554 });
    expect(detail).toMatch(/^554 5\.7\.1 /);
    expect(detail).not.toContain('\0');
    expect(detail?.isWellFormed()).toBe(true);
    expect(detail?.length).toBeLessThanOrEqual(500);
  }
  expect(rows.map(({ detail }) => detail).join()).toMatch(/no .?entry/);
  expect(await deliveryReport(context, editionId)).toMatchObject({ failed: 3, uncertain: 0, sums: true });
});

test('mailboxes that are unknown are recorded and suppressed, although the database goes away in between', async () => {
  const context = await createTestContext();
  const editionId = await approved(context, 2);
  const smtp = await startSmtp({
    onRecipient: (address) =>
      address === 'reader1@example.com' ? refusal(550, '5.1.1 no such mailbox') : undefined,
  });
  const way = await wayToDatabase(context);
  // Suppressions can be read, but not written.
  await sql`
    create function waits() returns trigger language plpgsql as $$
    begin perform pg_advisory_xact_lock(1); return new; end $$`.execute(context.db);
  await sql`create trigger waits before insert on suppressions for each row execute function waits()`.execute(
    context.db,
  );
  await context.db.transaction().execute(async (holding) => {
    await sql`select pg_advisory_xact_lock(1)`.execute(holding);
    await working(context, smtp.url, way.database);
    let writing: number[] = [];
    await until('a suppression to be written', async () => {
      writing = await waitingIn(context, sql<boolean>`wait_event = 'advisory'`);
      return writing.length > 0;
    });
    way.cut();
    for (const pid of writing) await sql`select pg_terminate_backend(${pid}::integer)`.execute(holding);
    await sleep(300);
  });
  expect(await context.db.selectFrom('suppressions').select('email').execute()).toEqual([]);
  way.mend();
  await until('the edition to be sent', async () => (await getEdition(context, editionId)).state === 'sent');
  await until('the suppression', () => context.db.selectFrom('suppressions').select('id').executeTakeFirst());
  expect(await context.db.selectFrom('suppressions').select(['email', 'reason']).execute()).toEqual([
    { email: 'reader1@example.com', reason: 'bounce' },
  ]);
  expect(await deliveryReport(context, editionId)).toMatchObject({ accepted: 1, failed: 1, sums: true });
  expect(smtp.received).toHaveLength(1);
});

test('who waited for a test of subjects is tried for a day from its end, like everybody', async () => {
  const context = await createTestContext();
  const editionId = await approved(context, 90);
  await context.db.updateTable('editions').set({ state: 'review' }).where('id', '=', editionId).execute();
  await compileAndStore(context, await editEdition(context, editionId, { tried: ['Quay under water'] }));
  await move(context, editionId, 'approve');
  await context.db
    .updateTable('editions')
    .set({ subject_test: JSON.stringify({ share: 0.5, waitMinutes: 48 * 60, by: 'clicks' }) })
    .where('id', '=', editionId)
    .execute();
  await planDeliveries(context, editionId);
  let isFull = false;
  const smtp = await startSmtp({
    onRecipient: () => (isFull ? refusal(452, '4.2.2 mailbox full') : undefined),
  });
  await working(context, smtp.url);
  const waiting = async () => (await rowsOf(context, editionId)).filter(({ subject }) => subject === null);
  await until('the sample to be sent', async () => {
    const { accepted } = await deliveryReport(context, editionId);
    return accepted > 0 && accepted === 90 - (await waiting()).length;
  });
  expect((await waiting()).every(({ state }) => state === 'planned')).toBe(true);

  isFull = true;
  context.clock.advance(48 * 3_600_000);
  await until('the others to be tried', async () =>
    (await waiting()).every(({ state }) => state === 'deferred' || state === 'failed'),
  );
  expect([...new Set((await waiting()).map(({ state }) => state))]).toEqual(['deferred']);
  // A day later it is enough.
  context.clock.advance(25 * 3_600_000);
  await until('the others to be given up', async () =>
    (await waiting()).every(({ state }) => state === 'failed'),
  );
  expect((await waiting())[0]?.detail).toMatch(/given up after a day: .*mailbox full/);
});

test('a statement that fails for a while costs no connection its life, and the send goes on', async () => {
  const context = await createTestContext({ leaseSeconds: 1 });
  const smtp = await startSmtp({ delayMs: 10 });
  const editionId = await approved(context, 60);
  await working(context, smtp.url);
  await until('some to have it', async () => smtp.received.length > 5);
  await sql`alter table suppressions rename column expires_at to ends_at`.execute(context.db);
  await sleep(500);
  await sql`alter table suppressions rename column ends_at to expires_at`.execute(context.db);
  await until('the edition to be sent', async () => {
    // What had begun is due when its lease has run out.
    context.clock.advance(100);
    return (await getEdition(context, editionId)).state === 'sent';
  });
  const report = await deliveryReport(context, editionId);
  expect(report).toMatchObject({ planned: 60, waiting: 0, sums: true });
  // Two connections, each with a message out at the moment.
  expect(report.uncertain).toBeLessThanOrEqual(2);
  expect(smtp.received).toHaveLength(60);
});
