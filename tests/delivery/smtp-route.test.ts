import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { prepareComposer } from '../../src/delivery/compose.ts';
import { claim, takeBatch } from '../../src/delivery/ledger.ts';
import { planDeliveries } from '../../src/delivery/plan.ts';
import { deliveryReport } from '../../src/delivery/report.ts';
import type { Throttle } from '../../src/delivery/route.ts';
import { startSender } from '../../src/delivery/sender.ts';
import { sweep } from '../../src/delivery/sweep.ts';
import { getEdition } from '../../src/editions/editions.ts';
import { move } from '../../src/editions/lifecycle.ts';
import { linkSigner } from '../../src/links.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { startScripted } from '../support/scripted-smtp.ts';
import { seedEdition, seedList, seedNewsletter } from '../support/seed.ts';
import { begin, sendBatch, sendingTo, testRoute } from '../support/sending.ts';

// What breaks on the way to a server or in the database, and what the ledger makes of it.

async function planned(context: TestContext, readers: number, fields = {}) {
  const { listId } = await seedList(context, readers);
  const newsletter = await seedNewsletter(context, [listId], fields);
  const editionId = await seedEdition(context, newsletter.id);
  await planDeliveries(context, editionId);
  const composer = await prepareComposer(
    context,
    await getEdition(context, editionId),
    await linkSigner(context),
  );
  return { editionId, composer };
}

for (const last of ['250 ok\r\n', '250 ok\r\n421 4.7.0 enough on this connection\r\n'])
  test(`a server that closes each connection after three messages costs neither pause nor doubt: ${JSON.stringify(last)}`, async () => {
    const context = await createTestContext();
    const { editionId, composer } = await planned(context, 20);
    const counts = new WeakMap<object, number>();
    const server = await startScripted({
      message: (_command, socket) => {
        const count = (counts.get(socket) ?? 0) + 1;
        counts.set(socket, count);
        return count === 3 ? void socket.end(last) : '250 ok\r\n';
      },
    });
    // One round without success would pause it.
    const sending = sendingTo(context, server.url, { connections: 2, routeFailureLimit: 1 });
    await sendBatch(context, composer, 0, sending);
    expect(await deliveryReport(context, editionId)).toMatchObject({
      accepted: 20,
      uncertain: 0,
      sums: true,
    });
    expect(await getEdition(context, editionId)).toMatchObject({ state: 'sending', state_reason: null });
    expect(server.messages).toHaveLength(20);
    expect(server.connections).toBeGreaterThanOrEqual(7);
  });

test('a connection that the server closed while it was idle is replaced without a word', async () => {
  const context = await createTestContext();
  const { editionId, composer } = await planned(context, 40);
  const idle = new Map<object, NodeJS.Timeout>();
  const server = await startScripted({
    message: (_command, socket) => {
      clearTimeout(idle.get(socket));
      idle.set(
        socket,
        setTimeout(() => socket.destroy(), 300),
      );
      return '250 ok\r\n';
    },
  });
  const sending = sendingTo(context, server.url, { connections: 1, routeFailureLimit: 1 });
  await sendBatch(context, composer, 0, sending);
  await sleep(400);
  await sendBatch(context, composer, 1, sending);
  expect(await deliveryReport(context, editionId)).toMatchObject({ accepted: 40, uncertain: 0, sums: true });
  expect(await getEdition(context, editionId)).toMatchObject({ state: 'sending', state_reason: null });
  expect(server.connections).toBe(2);
});

test('a server that swallows every message without an answer pauses the edition before all of it is uncertain', async () => {
  const context = await createTestContext();
  const { editionId, composer } = await planned(context, 25, { onUncertain: 'skip' });
  const server = await startScripted({ message: (_command, socket) => void socket.destroy() });
  await sendBatch(context, composer, 0, sendingTo(context, server.url, { connections: 2 }));
  const edition = await getEdition(context, editionId);
  expect(edition.state).toBe('paused');
  expect(edition.state_reason).toContain('takes no mail');
  const report = await deliveryReport(context, editionId);
  expect(report.sums).toBe(true);
  expect(report.uncertain).toBe(server.messages.length);
  expect(report.uncertain).toBeGreaterThan(0);
  expect(report.waiting).toBeGreaterThan(10);
});

test('a connection takes no more messages than the route allows', async () => {
  const context = await createTestContext();
  const { editionId, composer } = await planned(context, 10);
  const server = await startScripted();
  const routes = [testRoute(server.url, { connections: 1, messagesPerConnection: 4 })];
  await sendBatch(context, composer, 0, sendingTo(context, server.url, { routes }));
  expect(await deliveryReport(context, editionId)).toMatchObject({ accepted: 10, sums: true });
  expect(server.connections).toBe(3);
  expect(server.heard.filter((command) => command === 'DATA')).toHaveLength(10);
});

test('a lane that waits for its turn notices within a second that limits have changed', async () => {
  const context = await createTestContext();
  const { editionId, composer } = await planned(context, 3);
  const server = await startScripted();
  let isSlow = true;
  const throttle: Throttle = {
    wait: () => (isSlow ? 60_000 : 0),
    groupOf: () => '',
    take: () => 0,
    release: () => {},
    connections: (most) => most,
    answered: () => {},
  };
  const sent = sendBatch(
    context,
    composer,
    0,
    sendingTo(context, server.url, { routes: [testRoute(server.url, { throttle })] }),
  );
  await sleep(300);
  expect(server.messages).toHaveLength(0);
  isSlow = false;
  await sent;
  expect(await deliveryReport(context, editionId)).toMatchObject({ accepted: 3, sums: true });
}, 10_000);

test('a process that was silent for longer than its lease, and takes its own batch again, sends nothing twice', async () => {
  const context = await createTestContext({ leaseSeconds: 1 });
  const { editionId } = await planned(context, 12, { onUncertain: 'skip' });
  const server = await startScripted({
    // One by one, so that the late answer is no other command's.
    extensions: [],
    message: (_command, socket) => {
      setTimeout(() => socket.write('250 ok\r\n'), server.messages.length <= 3 ? 1800 : 300);
      return undefined;
    },
  });
  // No lease can be renewed, as when the database cannot be reached; all else goes on.
  await sql`create function gone() returns trigger language plpgsql as $$
    begin
      if new.lease_until > old.lease_until then new.lease_until := old.lease_until; end if;
      return new;
    end $$`.execute(context.db);
  await sql`create trigger gone before update on delivery_batches for each row
    when (old.worker = new.worker) execute function gone()`.execute(context.db);
  await sql`create trigger gone before update on deliveries for each row
    when (old.worker = new.worker and old.state = new.state) execute function gone()`.execute(context.db);
  const stopping = new AbortController();
  const sender = await startSender(
    { ...context, config: { ...context.config, smtpConnections: 3 } },
    { url: server.url, signer: await linkSigner(context), stopping: stopping.signal, lookup: async () => [] },
  );
  for (let tries = 0; tries < 100 && (await deliveryReport(context, editionId)).waiting > 0; tries++) {
    await sweep(context);
    await sleep(100);
    context.clock.advance(100);
  }
  stopping.abort();
  await sender.stop();
  const report = await deliveryReport(context, editionId);
  expect(report).toMatchObject({ planned: 12, waiting: 0, sums: true });
  const readers = server.messages.map((each) => /^To: .*reader(\d+)@/m.exec(each.toString())?.[1]);
  expect(readers.toSorted()).toEqual([...new Set(readers)].toSorted());
}, 30_000);

for (const [code, what] of [
  ['40P01', 'a deadlock'],
  ['53100', 'a full disk'],
] as const)
  test(`${what} while a verdict is written costs no verdict`, async () => {
    const context = await createTestContext();
    const { editionId, composer } = await planned(context, 8);
    // Sequences are not rolled back: the first writes fail, whatever was in them.
    await sql`create sequence tries`.execute(context.db);
    await sql`
      create function fails() returns trigger language plpgsql as $$
      begin
        if nextval('tries') <= 4 then raise exception 'in the way' using errcode = ${sql.lit(code)}; end if;
        return new;
      end $$`.execute(context.db);
    await sql`
      create trigger fails before update on deliveries for each row
      when (old.state = 'begun') execute function fails()`.execute(context.db);
    const server = await startScripted();
    await sendBatch(context, composer, 0, sendingTo(context, server.url, { connections: 2 }));
    expect(await deliveryReport(context, editionId)).toMatchObject({ accepted: 8, uncertain: 0, sums: true });
    expect(server.messages).toHaveLength(8);
  });

test('what a worker had begun when it died is uncertain, also of an edition that was cancelled', async () => {
  const context = await createTestContext({ leaseSeconds: 1 });
  const { editionId } = await planned(context, 5, { onUncertain: 'resend' });
  const dead = { worker: randomUUID(), leaseSeconds: 1 };
  const batch = await takeBatch(context, dead);
  if (!batch) throw new Error('nothing was due');
  const ids = (await claim(context, dead, batch, 3)).map(({ subscriberId }) => subscriberId);
  await begin(context, dead, editionId, ids.slice(0, 2));
  await move(context, editionId, 'cancel');
  await sleep(1100);
  await sweep(context);
  const report = await deliveryReport(context, editionId);
  expect(report).toMatchObject({ uncertain: 2, waiting: 3, accepted: 0, sums: true });
  expect(report.uncertainDeliveries.map(({ subscriberId }) => subscriberId)).toEqual(ids.slice(0, 2));
});
