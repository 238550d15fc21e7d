import { expect, onTestFinished, test } from 'vitest';
import { planDeliveries } from '../../src/delivery/plan.ts';
import { deliveryReport } from '../../src/delivery/report.ts';
import { createRoute, editRoute, setGroupLimit } from '../../src/delivery/routes.ts';
import { pauseAll } from '../../src/delivery/send-batch.ts';
import { type Sender, startSender } from '../../src/delivery/sender.ts';
import { getEdition } from '../../src/editions/editions.ts';
import { move } from '../../src/editions/lifecycle.ts';
import { linkSigner } from '../../src/links.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { seedEdition, seedList, seedNewsletter } from '../support/seed.ts';
import { startSmtp } from '../support/smtp.ts';

// Processes that send beside each other, and editions that share them.

const nowhere = 'smtp://127.0.0.1:1';

/** Time goes on as it does, from the time of the tests. */
function withRunningClock(context: TestContext) {
  const began = Date.now();
  const start = context.clock.now().getTime();
  return { ...context, clock: { now: () => new Date(start + Date.now() - began) } };
}

async function startSenders(context: TestContext, count: number, url = nowhere): Promise<Sender[]> {
  const running = withRunningClock(context);
  const stopping = new AbortController();
  const senders: Sender[] = [];
  for (let each = 0; each < count; each++)
    senders.push(
      await startSender(running, {
        url,
        signer: await linkSigner(context),
        stopping: stopping.signal,
        lookup: async () => [],
      }),
    );
  onTestFinished(async () => {
    stopping.abort();
    const began = performance.now();
    await Promise.all(senders.map((sender) => sender.stop()));
    expect(performance.now() - began).toBeLessThan(8000);
  });
  return senders;
}

async function plannedEdition(context: TestContext, listId: number, slug: string, fromAddress?: string) {
  const newsletter = await seedNewsletter(context, [listId], { slug, ...(fromAddress && { fromAddress }) });
  const editionId = await seedEdition(context, newsletter.id);
  await planDeliveries(context, editionId);
  return editionId;
}

const acceptedOf = (context: TestContext, editionId: number) => async () =>
  (await deliveryReport(context, editionId)).accepted;

test('two processes get everything through a route that takes one connection', async () => {
  const context = await createTestContext();
  const { listId } = await seedList(context, 120);
  const smtp = await startSmtp();
  await createRoute(context, 'one', { url: smtp.url, connections: 1 });
  const editionId = await plannedEdition(context, listId, 'daily');
  await startSenders(context, 2);
  await expect.poll(acceptedOf(context, editionId), { timeout: 40_000, interval: 200 }).toBe(120);
  expect(smtp.received).toHaveLength(120);
}, 60_000);

test('two processes get everything to a provider that takes one message at a time', async () => {
  const context = await createTestContext();
  const { listId } = await seedList(context, 100);
  const smtp = await startSmtp();
  await setGroupLimit(context, { route: '', recipients: 'example.com', perSecond: null, connections: 1 });
  const editionId = await plannedEdition(context, listId, 'daily');
  await startSenders(context, 2, smtp.url);
  await expect.poll(acceptedOf(context, editionId), { timeout: 40_000, interval: 200 }).toBe(100);
  expect(smtp.received).toHaveLength(100);
}, 60_000);

test('a route whose quota is used up holds up no edition that goes by another', async () => {
  const context = await createTestContext();
  const { listId } = await seedList(context, 300);
  const [warm, ads] = [await startSmtp(), await startSmtp()];
  await createRoute(context, 'warm', { url: warm.url, perDay: 20 });
  await createRoute(context, 'ads', { url: ads.url, fromDomain: 'ads.example.com' });
  const large = await plannedEdition(context, listId, 'large');
  const [sender] = await startSenders(context, 1);
  await expect.poll(acceptedOf(context, large), { timeout: 20_000 }).toBe(20);
  const other = await plannedEdition(context, listId, 'other', 'offers@ads.example.com');
  sender?.wake();
  await expect.poll(acceptedOf(context, other), { timeout: 20_000 }).toBe(300);
  expect([warm.received.length, ads.received.length]).toEqual([20, 300]);
  // An admin who gives it more need not wait for the next day.
  await editRoute(context, 'warm', { perDay: 40 });
  await expect.poll(acceptedOf(context, large), { timeout: 20_000 }).toBe(40);
}, 60_000);

test('an edition that no route serves is paused and told, and the others go on', async () => {
  const letters = await startSmtp();
  const context = await createTestContext({ alertEmail: 'admin@example.com', smtpUrl: letters.url });
  const { listId } = await seedList(context, 30);
  const [ads, spare] = [await startSmtp(), await startSmtp()];
  await createRoute(context, 'ads', { url: ads.url, fromDomain: 'ads.example.com' });
  await createRoute(context, 'spare', { url: spare.url });
  await editRoute(context, 'spare', { active: false });
  const unserved = await plannedEdition(context, listId, 'unserved');
  const served = await plannedEdition(context, listId, 'served', 'offers@ads.example.com');
  await startSenders(context, 1, spare.url);
  await expect.poll(acceptedOf(context, served), { timeout: 20_000 }).toBe(30);
  await expect
    .poll(() => getEdition(context, unserved), { timeout: 20_000 })
    .toMatchObject({ state: 'paused', state_reason: 'no route serves it' });
  expect(await deliveryReport(context, unserved)).toMatchObject({ waiting: 30, accepted: 0, sums: true });
  expect(spare.received).toEqual([]);
  await expect
    .poll(() => letters.received.map(({ raw }) => raw), { timeout: 20_000 })
    .toEqual([expect.stringContaining(`Subject: Edition ${unserved} is paused`)]);
  // Switched on again, it has the rest.
  await editRoute(context, 'spare', { active: true });
  await new Promise((resolve) => setTimeout(resolve, 4000));
  await move(context, unserved, 'resume');
  await expect.poll(acceptedOf(context, unserved), { timeout: 20_000 }).toBe(30);
}, 60_000);

test('mail goes by SMTP_URL only where there are no routes, not where they are switched off', async () => {
  const context = await createTestContext();
  const { listId } = await seedList(context, 3);
  const smtp = await startSmtp();
  await createRoute(context, 'main', { url: nowhere });
  await editRoute(context, 'main', { active: false });
  const editionId = await plannedEdition(context, listId, 'daily');
  await startSenders(context, 1, smtp.url);
  await expect
    .poll(() => getEdition(context, editionId), { timeout: 20_000 })
    .toMatchObject({ state: 'paused', state_reason: 'no route serves it' });
  expect(smtp.received).toEqual([]);
}, 40_000);

test('an edition is not paused by a host that gets no mail through while another does', async () => {
  const context = await createTestContext();
  const { listId } = await seedList(context, 2);
  const editionId = await plannedEdition(context, listId, 'daily');
  await context.db
    .updateTable('deliveries')
    .set({ state: 'accepted', settled_at: new Date(context.clock.now().getTime() - 60_000) })
    .where('edition_id', '=', editionId)
    .execute();
  const route = { describe: 'mail.example.com:587' };
  await pauseAll(context, route, 'ENETUNREACH', [editionId], 300_000);
  expect((await getEdition(context, editionId)).state).toBe('sending');
  await pauseAll(context, route, 'ENETUNREACH', [editionId], 30_000);
  expect(await getEdition(context, editionId)).toMatchObject({
    state: 'paused',
    state_reason: 'mail.example.com:587 takes no mail: ENETUNREACH',
  });
});
