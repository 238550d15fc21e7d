import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { simpleParser } from 'mailparser';
import { expect, test } from 'vitest';
import { prepareComposer } from '../../src/delivery/compose.ts';
import { claim, takeBatch, takeOverExpired } from '../../src/delivery/ledger.ts';
import { planDeliveries } from '../../src/delivery/plan.ts';
import { deliveryReport } from '../../src/delivery/report.ts';
import { finishIfSettled, sweep } from '../../src/delivery/sweep.ts';
import { getEdition } from '../../src/editions/editions.ts';
import { move } from '../../src/editions/lifecycle.ts';
import { linkSigner } from '../../src/links.ts';
import { archiveList } from '../../src/subscribers/lists-archive.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { editionStory } from '../support/edition.ts';
import { seedEdition, seedList, seedNewsletter } from '../support/seed.ts';
import { batchOf, begin, record, sendBatch, sendingTo } from '../support/sending.ts';
import { afterMessage, refusal, startSmtp, startSocketServer } from '../support/smtp.ts';

async function planned(context: TestContext, count: number, fields = {}) {
  const { listId, subscriberIds } = await seedList(context, count);
  const newsletter = await seedNewsletter(context, [listId], fields);
  const editionId = await seedEdition(context, newsletter.id);
  const plan = await planDeliveries(context, editionId);
  return { editionId, listId, subscriberIds, newsletter, plan };
}

const composerOf = async (context: TestContext, editionId: number) =>
  prepareComposer(context, await getEdition(context, editionId), await linkSigner(context));

test('each subscriber gets one message with their own links, and the sum holds', async () => {
  const context = await createTestContext();
  const smtp = await startSmtp();
  const { editionId } = await planned(context, 30);
  const sending = sendingTo(context, smtp.url);
  for (const batch of [0, 1]) await sendBatch(context, await composerOf(context, editionId), batch, sending);

  expect(smtp.copies().size).toBe(30);
  expect(new Set(smtp.copies().values())).toEqual(new Set([1]));
  const mails = await Promise.all(smtp.received.map((mail) => simpleParser(mail.raw)));
  const links = mails.map((mail) => /unsubscribe\/([\w-]+)/.exec(String(mail.text))?.[1]);
  expect(new Set(links).size).toBe(30);
  expect(new Set(mails.map((mail) => mail.messageId)).size).toBe(30);
  expect(new Set(smtp.received.map((mail) => mail.from)).size).toBe(30);
  expect(smtp.received[0]?.from).toMatch(/^news\+[\w-]+@harbour\.example\.com$/);

  const report = await deliveryReport(context, editionId);
  expect(report).toMatchObject({ planned: 30, accepted: 30, waiting: 0, sums: true });
  expect(await finishIfSettled(context, editionId)).toBe(true);
  expect((await getEdition(context, editionId)).state).toBe('sent');
});

test('somebody on two lists of a newsletter gets one message', async () => {
  const context = await createTestContext();
  const first = await seedList(context, 5, 'one');
  const second = await seedList(context, 7, 'two');
  const newsletter = await seedNewsletter(context, [first.listId, second.listId]);
  const editionId = await seedEdition(context, newsletter.id);
  expect(await planDeliveries(context, editionId)).toEqual({ recipients: 7, batches: 1 });
});

test('of an edition on its way nobody gets a message through a list that was archived since', async () => {
  const context = await createTestContext();
  const smtp = await startSmtp();
  const archived = await seedList(context, 4, 'one');
  const kept = await seedList(context, 2, 'two');
  const newsletter = await seedNewsletter(context, [archived.listId, kept.listId]);
  const editionId = await seedEdition(context, newsletter.id);
  expect(await planDeliveries(context, editionId)).toMatchObject({ recipients: 4 });
  await archiveList(context, archived.listId);
  await sendBatch(context, await composerOf(context, editionId), 0, sendingTo(context, smtp.url));
  expect([...smtp.copies().keys()].sort()).toEqual(['reader1@example.com', 'reader2@example.com']);
  expect(await deliveryReport(context, editionId)).toMatchObject({ accepted: 2, skipped: 2, sums: true });
});

test('unconfirmed, paused and suppressed subscribers are not planned', async () => {
  const context = await createTestContext();
  const { listId, subscriberIds } = await seedList(context, 6);
  const [a, b, c, d] = subscriberIds as [number, number, number, number];
  const { db, clock } = context;
  await db.updateTable('subscriptions').set({ state: 'pending' }).where('subscriber_id', '=', a).execute();
  await db
    .updateTable('subscriptions')
    .set({ paused_until: new Date(clock.now().getTime() + 1000) })
    .where('subscriber_id', '=', b)
    .execute();
  const hashes = await db
    .selectFrom('subscribers')
    .select(['id', 'email_hash'])
    .where('id', 'in', [c, d])
    .execute();
  const hashOf = (id: number) => hashes.find((row) => row.id === id)?.email_hash as Buffer;
  await db
    .insertInto('suppressions')
    .values({ email_hash: hashOf(c), reason: 'complaint' })
    .execute();
  await db
    .insertInto('suppressions')
    .values({ email_hash: hashOf(d), reason: 'manual', expires_at: new Date(clock.now().getTime() - 1) })
    .execute();
  const newsletter = await seedNewsletter(context, [listId]);
  const editionId = await seedEdition(context, newsletter.id);
  expect((await planDeliveries(context, editionId))?.recipients).toBe(3);
});

test('a weekly reader of a daily newsletter gets one edition a week', async () => {
  const context = await createTestContext();
  const { listId } = await seedList(context, 2);
  await context.db
    .updateTable('subscriptions')
    .set({ frequency: 'weekly' })
    .where('subscriber_id', '=', (e) => e.selectFrom('subscribers').select((f) => f.fn.min('id').as('id')))
    .execute();
  const newsletter = await seedNewsletter(context, [listId]);
  const smtp = await startSmtp();
  const sending = sendingTo(context, smtp.url);
  const counts: (number | undefined)[] = [];
  for (let day = 0; day < 9; day++) {
    const editionId = await seedEdition(context, newsletter.id);
    counts.push((await planDeliveries(context, editionId))?.recipients);
    await sendBatch(context, await composerOf(context, editionId), 0, sending);
    context.clock.advance(24 * 3_600_000);
  }
  expect(counts).toEqual([2, 1, 1, 1, 1, 1, 1, 2, 1]);
});

test('a subscriber who leaves during a send gets nothing more', async () => {
  const context = await createTestContext();
  const { editionId, subscriberIds } = await planned(context, 24);
  const last = subscriberIds.at(-1) as number;
  const smtp = await startSmtp({
    onMessage: () => {
      void context.db
        .updateTable('subscriptions')
        .set({ state: 'unsubscribed' })
        .where('subscriber_id', '=', last)
        .execute();
      return undefined;
    },
    delayMs: 50,
  });
  await sendBatch(context, await composerOf(context, editionId), 0, sendingTo(context, smtp.url));
  expect(smtp.copies().size).toBe(23);
  expect(smtp.copies().has('reader24@example.com')).toBe(false);
  expect(await deliveryReport(context, editionId)).toMatchObject({ accepted: 23, skipped: 1, sums: true });
});

test('someone erased during a send gets nothing, and the sum still holds', async () => {
  const context = await createTestContext();
  const { editionId, subscriberIds } = await planned(context, 8);
  await context.db
    .deleteFrom('subscribers')
    .where('id', '=', subscriberIds[3] as number)
    .execute();
  const smtp = await startSmtp();
  await sendBatch(context, await composerOf(context, editionId), 0, sendingTo(context, smtp.url));
  expect(smtp.copies().size).toBe(7);
  expect(await deliveryReport(context, editionId)).toMatchObject({
    planned: 8,
    accepted: 7,
    skipped: 1,
    sums: true,
  });
});

test('an edition paused in the middle goes on where it was', async () => {
  const context = await createTestContext();
  const { editionId } = await planned(context, 24);
  let seen = 0;
  const smtp = await startSmtp({
    onMessage: () => {
      if (++seen === 6) void move(context, editionId, 'pause', 'paused by hand');
      return undefined;
    },
    delayMs: 40,
  });
  const sending = sendingTo(context, smtp.url);
  await sendBatch(context, await composerOf(context, editionId), 0, sending);
  const stopped = smtp.received.length;
  expect(stopped).toBeLessThan(24);
  expect(await deliveryReport(context, editionId)).toMatchObject({
    accepted: stopped,
    waiting: 24 - stopped,
    sums: true,
  });

  await move(context, editionId, 'resume');
  await sendBatch(context, await composerOf(context, editionId), 0, sending);
  expect(smtp.received).toHaveLength(24);
  expect(smtp.copies().size).toBe(24);
});

test('two workers on the same batch send each message once', async () => {
  const context = await createTestContext();
  const smtp = await startSmtp({ delayMs: 2 });
  const { editionId } = await planned(context, 120);
  const composer = await composerOf(context, editionId);
  const [one, two] = await Promise.all([sendingTo(context, smtp.url), sendingTo(context, smtp.url)]);
  for (let batch = 0; batch < 5; batch++)
    await Promise.all([sendBatch(context, composer, batch, one), sendBatch(context, composer, batch, two)]);
  expect(smtp.received).toHaveLength(120);
  expect(smtp.copies().size).toBe(120);
});

test('4xx defers and is tried again later, 5xx fails and suppresses an unknown mailbox', async () => {
  const context = await createTestContext();
  const { editionId } = await planned(context, 6);
  let greylisting = true;
  const smtp = await startSmtp({
    onRecipient: (address) => {
      if (address === 'reader2@example.com' && greylisting)
        return refusal(451, '4.7.1 greylisted, come back later');
      if (address === 'reader3@example.com') return refusal(550, '5.1.1 no such mailbox');
      return undefined;
    },
  });
  const sending = sendingTo(context, smtp.url);
  const composer = await composerOf(context, editionId);
  await sendBatch(context, composer, 0, sending);
  const report = await deliveryReport(context, editionId);
  expect(report).toMatchObject({ accepted: 4, deferred: 1, failed: 1, sums: true });
  expect(report.reasons.map((reason) => reason.detail).join()).toContain('greylisted');
  const suppressed = await context.db.selectFrom('suppressions').select(['email', 'reason']).execute();
  expect(suppressed).toEqual([{ email: 'reader3@example.com', reason: 'bounce' }]);

  await sendBatch(context, composer, 0, sending);
  expect(smtp.received).toHaveLength(4);
  greylisting = false;
  context.clock.advance(7 * 60_000);
  await sendBatch(context, composer, 0, sending);
  expect(await deliveryReport(context, editionId)).toMatchObject({ accepted: 5, deferred: 0, sums: true });
  expect(smtp.copies().get('reader2@example.com')).toBe(1);
});

test('a refusal that lasts a day is given up', async () => {
  const context = await createTestContext();
  const { editionId } = await planned(context, 1);
  const smtp = await startSmtp({ onRecipient: () => refusal(452, '4.2.2 mailbox full') });
  const sending = sendingTo(context, smtp.url);
  const composer = await composerOf(context, editionId);
  for (let hour = 0; hour < 30; hour++) {
    await sendBatch(context, composer, 0, sending);
    context.clock.advance(3_600_000);
  }
  const report = await deliveryReport(context, editionId);
  expect(report).toMatchObject({ failed: 1, deferred: 0, sums: true });
  expect(report.reasons[0]?.detail).toMatch(/given up after a day: .*mailbox full/);
});

test('a mail server that is not there pauses the edition with its words, and nobody is lost', async () => {
  const context = await createTestContext();
  const { editionId } = await planned(context, 10);
  const sending = sendingTo(context, 'smtp://127.0.0.1:9');
  await sendBatch(context, await composerOf(context, editionId), 0, sending);
  const edition = await getEdition(context, editionId);
  expect(edition.state).toBe('paused');
  expect(edition.state_reason).toMatch(/127\.0\.0\.1:9 takes no mail: .*ECONNREFUSED/);
  expect(await deliveryReport(context, editionId)).toMatchObject({ planned: 10, waiting: 10, sums: true });

  const smtp = await startSmtp();
  await move(context, editionId, 'resume');
  await sendBatch(context, await composerOf(context, editionId), 0, sendingTo(context, smtp.url));
  expect(smtp.copies().size).toBe(10);
});

test('a server that accepts connections and never greets pauses the edition, and nobody is lost', async () => {
  const context = await createTestContext();
  const { editionId } = await planned(context, 4);
  const server = await startSocketServer(() => {});
  const sending = sendingTo(context, server.url);
  await sendBatch(context, await composerOf(context, editionId), 0, sending);
  expect((await getEdition(context, editionId)).state_reason).toMatch(
    /takes no mail: (?:it did not answer in time|.*greeting)/i,
  );
  expect(await deliveryReport(context, editionId)).toMatchObject({ waiting: 4, uncertain: 0, sums: true });
});

test('a server that falls silent after the message leaves it uncertain, and the rest goes on', async () => {
  const context = await createTestContext();
  const { editionId } = await planned(context, 3);
  let messages = 0;
  const server = await startSocketServer((socket) =>
    afterMessage(socket, (each) => {
      if (++messages > 1) each.write('250 kept\r\n');
    }),
  );
  const sending = sendingTo(context, server.url, { connections: 1 });
  await sendBatch(context, await composerOf(context, editionId), 0, sending);
  const report = await deliveryReport(context, editionId);
  expect(report).toMatchObject({ accepted: 2, uncertain: 1, sums: true });
  expect(report.uncertainDeliveries[0]?.detail).toMatch(/did not answer in time/);
});

test('a refused log-in is the route’s fault, not the recipients’', async () => {
  const context = await createTestContext();
  const { editionId } = await planned(context, 5);
  const server = await startSocketServer((socket) => {
    socket.write('220 test ESMTP\r\n');
    socket.on('data', (chunk) => {
      if (/^EHLO/i.test(String(chunk))) socket.write('250-test\r\n250 AUTH PLAIN\r\n');
      else if (/^AUTH/i.test(String(chunk))) socket.write('535 5.7.8 wrong password\r\n');
      else socket.write('250 ok\r\n');
    });
  });
  const sending = sendingTo(context, server.url.replace('smtp://', 'smtp://user:secret@'));
  await sendBatch(context, await composerOf(context, editionId), 0, sending);
  const edition = await getEdition(context, editionId);
  expect(edition.state_reason).toMatch(/wrong password/);
  expect(edition.state_reason).not.toContain('secret');
  expect(await deliveryReport(context, editionId)).toMatchObject({ failed: 0, waiting: 5, sums: true });
});

test('a server that refuses everything pauses the edition before the list is burnt', async () => {
  const context = await createTestContext();
  const { editionId } = await planned(context, 80);
  const smtp = await startSmtp({ onMessage: () => refusal(554, '5.7.1 your domain is blocked') });
  const sending = sendingTo(context, smtp.url);
  const composer = await composerOf(context, editionId);
  for (const batch of [0, 1, 2, 3]) await sendBatch(context, composer, batch, sending);
  const edition = await getEdition(context, editionId);
  expect(edition.state).toBe('paused');
  expect(edition.state_reason).toMatch(/refused 20 messages in a row: .*your domain is blocked/);
  const report = await deliveryReport(context, editionId);
  // Those on their way at that moment, and those begun with their answers.
  expect(report.failed).toBeLessThanOrEqual(28);
  expect(report.sums).toBe(true);
});

test('a connection cut before the message is sent loses nobody', async () => {
  const context = await createTestContext();
  const { editionId } = await planned(context, 8);
  let connections = 0;
  const real = await startSmtp();
  const port = Number(new URL(real.url).port);
  const { connect } = await import('node:net');
  const flaky = await startSocketServer((socket) => {
    if (++connections <= 3) return void setTimeout(() => socket.destroy(), 5);
    const upstream = connect(port, '127.0.0.1');
    upstream.on('error', () => socket.destroy());
    socket.pipe(upstream).pipe(socket);
  });
  await sendBatch(
    context,
    await composerOf(context, editionId),
    0,
    sendingTo(context, flaky.url, { connections: 2, routeFailureLimit: 8 }),
  );
  expect(real.copies().size).toBe(8);
  expect(real.received).toHaveLength(8);
  expect(await deliveryReport(context, editionId)).toMatchObject({ accepted: 8, uncertain: 0, sums: true });
});

test.each(['skip', 'resend'] as const)(
  'a connection cut after the final dot is uncertain: %s',
  async (onUncertain) => {
    const context = await createTestContext();
    const { editionId } = await planned(context, 3, { onUncertain });
    let cuts = 0;
    const server = await startSocketServer((socket) =>
      afterMessage(socket, (each) => {
        if (++cuts <= 3) each.destroy();
        else each.write('250 kept\r\n');
      }),
    );
    // Three in a row, on a slow machine, would be a route that is down.
    const sending = sendingTo(context, server.url, { routeFailureLimit: 10 });
    const composer = await composerOf(context, editionId);
    await sendBatch(context, composer, 0, sending);
    const report = await deliveryReport(context, editionId);
    if (onUncertain === 'skip') {
      expect(report).toMatchObject({ uncertain: 3, deferred: 0, sums: true });
      expect(report.uncertainDeliveries.map((each) => each.email)).toEqual([
        'reader1@example.com',
        'reader2@example.com',
        'reader3@example.com',
      ]);
    } else {
      expect(report).toMatchObject({ uncertain: 0, deferred: 3, sums: true });
      context.clock.advance(10 * 60_000);
      await sendBatch(context, composer, 0, sending);
      expect(await deliveryReport(context, editionId)).toMatchObject({ accepted: 3, sums: true });
    }
  },
);

test('a worker that went silent is taken over: what it had not begun is sent, what it had begun is uncertain', async () => {
  const context = await createTestContext({ leaseSeconds: 1 });
  const { editionId } = await planned(context, 10);
  const dead = { worker: randomUUID(), leaseSeconds: 1 };
  const batch = await takeBatch(context, dead);
  if (!batch) throw new Error('nothing was due');
  const claimed = await claim(context, dead, batch, 6);
  expect(claimed).toHaveLength(6);
  await begin(
    context,
    dead,
    editionId,
    claimed.slice(0, 2).map((row) => row.subscriberId),
  );
  expect(await takeOverExpired(context, batch, 'skip')).toEqual({ replanned: 0, uncertain: 0 });
  const other = { worker: randomUUID(), leaseSeconds: 30 };
  expect(await takeBatch(context, other)).toBeUndefined();
  await sleep(1100);
  await sweep(context);
  expect(await deliveryReport(context, editionId)).toMatchObject({ waiting: 8, uncertain: 2, sums: true });
  expect(await takeBatch(context, other)).toEqual(batch);
  const smtp = await startSmtp();
  await sendBatch(
    context,
    await composerOf(context, editionId),
    0,
    sendingTo(context, smtp.url, { holder: other }),
  );
  expect(smtp.copies().size).toBe(8);
  expect(await deliveryReport(context, editionId)).toMatchObject({ accepted: 8, uncertain: 2, sums: true });
  expect((await sweep(context)).finished).toEqual([editionId]);
});

test('an answer that comes after the lease ran out still settles the delivery', async () => {
  const context = await createTestContext({ leaseSeconds: 1 });
  const { editionId } = await planned(context, 1);
  const slow = { worker: randomUUID(), leaseSeconds: 1 };
  const batch = await batchOf(context, editionId, 0);
  const [claimed] = await claim(context, slow, batch, 1);
  const subscriberId = claimed?.subscriberId ?? 0;
  await begin(context, slow, editionId, [subscriberId]);
  await sleep(1100);
  expect(await takeOverExpired(context, batch, 'skip')).toEqual({ replanned: 0, uncertain: 1 });
  const verdict = {
    subscriberId,
    state: 'accepted',
    smtpCode: 250,
    detail: '250 kept',
    isUnknown: false,
    nextAttemptAt: null,
    stories: [0],
    counts: true,
  } as const;
  await record(context, { ...slow, worker: randomUUID() }, editionId, [{ ...verdict, stories: [0] }]);
  expect(await deliveryReport(context, editionId)).toMatchObject({ uncertain: 1, accepted: 0 });
  await record(context, slow, editionId, [{ ...verdict, stories: [0] }]);
  expect(await deliveryReport(context, editionId)).toMatchObject({ uncertain: 0, accepted: 1, sums: true });
});

test('a sent edition is not sent again', async () => {
  const context = await createTestContext();
  const { editionId } = await planned(context, 2);
  const smtp = await startSmtp();
  await sendBatch(context, await composerOf(context, editionId), 0, sendingTo(context, smtp.url));
  await finishIfSettled(context, editionId);
  await expect(move(context, editionId, 'start')).rejects.toThrow(/cannot be sent: it is sent already/);
  expect(await planDeliveries(context, editionId)).toBeUndefined();
  await sendBatch(context, await composerOf(context, editionId), 0, sendingTo(context, smtp.url));
  expect(smtp.received).toHaveLength(2);
});

test('two planners at once write each delivery once', async () => {
  const context = await createTestContext();
  const { listId } = await seedList(context, 50);
  const newsletter = await seedNewsletter(context, [listId]);
  const editionId = await seedEdition(context, newsletter.id);
  const plans = await Promise.all([
    planDeliveries(context, editionId),
    planDeliveries(context, editionId),
    planDeliveries(context, editionId),
  ]);
  expect(plans.filter(Boolean)).toEqual([{ recipients: 50, batches: 2 }]);
  expect(await deliveryReport(context, editionId)).toMatchObject({ planned: 50, waiting: 50, sums: true });
});

test('a reader’s topics move stories up, muted ones are left out, and the ledger keeps what was sent', async () => {
  const context = await createTestContext();
  const { listId, subscriberIds } = await seedList(context, 2);
  await context.db
    .updateTable('subscriptions')
    .set({ muted_topics: ['sea'] })
    .where('subscriber_id', '=', subscriberIds[0] as number)
    .execute();
  const newsletter = await seedNewsletter(context, [listId]);
  const editionId = await seedEdition(
    context,
    newsletter.id,
    Array.from({ length: 8 }, (_, position) => editionStory(position)),
  );
  await planDeliveries(context, editionId);
  const smtp = await startSmtp();
  await sendBatch(context, await composerOf(context, editionId), 0, sendingTo(context, smtp.url));
  const mail = await simpleParser(smtp.received.find((each) => each.to === 'reader1@example.com')?.raw ?? '');
  const shown = [...String(mail.text).matchAll(/Story number (\d)/g)].map((match) => Number(match[1]));
  expect(shown).toEqual([1, 3, 5, 7]);
  const rows = await context.db
    .selectFrom('deliveries')
    .select(['subscriber_id', 'stories'])
    .orderBy('subscriber_id')
    .execute();
  expect(rows.map((row) => row.stories)).toEqual([
    [1, 3, 5, 7],
    [0, 1, 2, 3, 4, 5, 6, 7],
  ]);
});
