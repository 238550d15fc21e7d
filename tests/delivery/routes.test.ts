import { expect, onTestFinished, test } from 'vitest';
import { prepareComposer } from '../../src/delivery/compose.ts';
import { planDeliveries } from '../../src/delivery/plan.ts';
import { deliveryReport } from '../../src/delivery/report.ts';
import { type Route, servesBest } from '../../src/delivery/route.ts';
import {
  createRoute,
  editRoute,
  findRoute,
  limitsOf,
  listGroupLimits,
  removeRoute,
  setGroupLimit,
  testRoute as tryRoute,
} from '../../src/delivery/routes.ts';
import { openRouting } from '../../src/delivery/routing.ts';
import { startSender } from '../../src/delivery/sender.ts';
import { getEdition } from '../../src/editions/editions.ts';
import { linkSigner } from '../../src/links.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { startHttp } from '../support/feeds.ts';
import { seedEdition, seedList, seedNewsletter } from '../support/seed.ts';
import { sendBatch, sendingTo, testRoute } from '../support/sending.ts';
import { refusal, startSmtp } from '../support/smtp.ts';

async function planned(context: TestContext, count: number) {
  const { listId } = await seedList(context, count);
  const newsletter = await seedNewsletter(context, [listId]);
  const editionId = await seedEdition(context, newsletter.id);
  await planDeliveries(context, editionId);
  const composer = await prepareComposer(
    context,
    await getEdition(context, editionId),
    await linkSigner(context),
  );
  return { editionId, listId, composer };
}

const url = 'smtp://127.0.0.1:1';

test('routes with weights share an edition by them', async () => {
  const context = await createTestContext();
  const [large, small] = [await startSmtp(), await startSmtp()];
  const { composer } = await planned(context, 25);
  const routes = [
    testRoute(large.url, { weight: 4, connections: 2 }),
    testRoute(small.url, { weight: 1, connections: 2 }),
  ];
  await sendBatch(context, composer, 0, sendingTo(context, large.url, { routes }));
  expect(large.received.length + small.received.length).toBe(25);
  expect(small.received.length).toBeGreaterThanOrEqual(3);
  expect(small.received.length).toBeLessThanOrEqual(8);
});

test('when a route takes nothing the others take over, and the edition goes on', async () => {
  const context = await createTestContext();
  const good = await startSmtp();
  const { composer, editionId } = await planned(context, 25);
  const routes = [testRoute(url, { weight: 1 }), testRoute(good.url, { weight: 1 })];
  await sendBatch(context, composer, 0, sendingTo(context, good.url, { routes }));
  expect(good.received).toHaveLength(25);
  expect(await deliveryReport(context, editionId)).toMatchObject({ accepted: 25, sums: true });
  expect((await getEdition(context, editionId)).state).toBe('sending');
});

test('only when no route is left the edition is paused, in the last server’s words, and an admin is told', async () => {
  const told: string[] = [];
  const hook = await startHttp((request, response) => {
    request.on('data', (chunk) => told.push(String(chunk)));
    request.on('end', () => response.end());
  });
  const context = await createTestContext({ alertEmail: 'admin@example.com', alertWebhook: `${hook}/alert` });
  const { composer, editionId } = await planned(context, 5);
  const routes = [testRoute(url), testRoute('smtp://127.0.0.1:2')];
  await sendBatch(context, composer, 0, sendingTo(context, url, { routes }));
  const edition = await getEdition(context, editionId);
  expect(edition.state).toBe('paused');
  expect(edition.state_reason).toMatch(/takes no mail: .*ECONNREFUSED/);
  expect(await deliveryReport(context, editionId)).toMatchObject({ waiting: 5, sums: true });
  const mails = () => context.db.selectFrom('inbox_messages').select(['rcpt_to', 'subject']).execute();
  await expect.poll(mails, { timeout: 20_000 }).toHaveLength(1);
  expect(await mails()).toEqual([
    { rcpt_to: ['admin@example.com'], subject: `Edition ${editionId} is paused` },
  ]);
  expect(JSON.parse(told.join(''))).toMatchObject({
    title: `Edition ${editionId} is paused`,
    text: expect.stringContaining('editions resume'),
  });
});

test('a route for a domain or a list serves it alone, and others serve the rest', () => {
  const route = (describe: string, only?: Route['only']): Route => ({
    ...testRoute(url),
    describe,
    ...(only && { only }),
  });
  const routes = [
    route('all'),
    route('domain', { fromDomain: 'Example.com' }),
    route('list', { listId: 7 }),
    route('both', { fromDomain: 'example.org', listId: 8 }),
  ];
  const names = (fromDomain: string, ...listIds: number[]) =>
    servesBest(routes, { fromDomain, listIds }).map(({ describe }) => describe);
  expect(names('example.com', 1)).toEqual(['domain']);
  expect(names('example.net', 7, 9)).toEqual(['list']);
  expect(names('example.org', 8)).toEqual(['both']);
  expect(names('example.org', 9)).toEqual(['all']);
});

test('a provider that gets one message at a time holds up nobody else', async () => {
  const context = await createTestContext();
  const smtp = await startSmtp({ delayMs: 20 });
  const { composer, editionId } = await planned(context, 20);
  await context.database.pool.query(
    `update subscribers set email = id || '@gmail.com' where id in (select id from subscribers order by id limit 10)`,
  );
  await setGroupLimit(context, { route: '', recipients: 'google', perSecond: null, connections: 1 });
  const routing = await openRouting(context, {
    url: smtp.url,
    worker: crypto.randomUUID(),
    lookup: async () => [],
  });
  onTestFinished(() => routing.close());
  await sendBatch(context, composer, 0, sendingTo(context, smtp.url, { routes: routing.routes }));
  expect(smtp.received).toHaveLength(20);
  expect(await deliveryReport(context, editionId)).toMatchObject({ accepted: 20, sums: true });
  // The other domain's messages are not behind those ten.
  const last = smtp.received.slice(-5).filter(({ to }) => to.endsWith('@gmail.com'));
  expect(last.length).toBeGreaterThanOrEqual(4);
});

test('routes are made, changed and removed, and their passwords are nowhere shown', async () => {
  const context = await createTestContext();
  const { listId } = await seedList(context, 1, 'daily');
  const made = await createRoute(context, 'ses', {
    url: 'smtps://user:secret@email.example.com:465',
    list: String(listId),
    perSecond: 14,
    warmUp: { from: '2026-11-24', first: 500, factor: 1.5 },
  });
  expect(made).toMatchObject({
    name: 'ses',
    listId,
    perSecond: 14,
    warmUp: { from: '2026-11-24', first: 500 },
    active: true,
  });
  await expect(createRoute(context, 'ses', { url })).rejects.toThrow('already');
  await expect(createRoute(context, 'Bad Name', { url })).rejects.toThrow('cannot be');
  await expect(createRoute(context, 'b', { url: 'http://x' })).rejects.toThrow('smtp://');
  await expect(createRoute(context, 'b', { url, perSecond: -1 })).rejects.toThrow('above zero');
  await editRoute(context, 'ses', { perSecond: null, list: null, fromDomain: 'News.Example.com' });
  expect(await findRoute(context, 'ses')).toMatchObject({
    perSecond: null,
    listId: null,
    fromDomain: 'news.example.com',
  });
  await setGroupLimit(context, { route: '', recipients: '*', perSecond: 9, connections: null });
  await setGroupLimit(context, { route: 'ses', recipients: 'Google', perSecond: 2, connections: 3 });
  const limits = limitsOf(await findRoute(context, 'ses'), await listGroupLimits(context));
  expect([...limits.groups]).toEqual([
    ['*', { perSecond: 9, connections: undefined }],
    ['google', { perSecond: 2, connections: 3 }],
  ]);
  await setGroupLimit(context, { route: '', recipients: '*', perSecond: null, connections: null });
  await removeRoute(context, 'ses');
  expect(await listGroupLimits(context)).toEqual([]);
  await expect(findRoute(context, 'ses')).rejects.toThrow('There is no route');
});

test('a worker follows routes that come and change while it sends', async () => {
  const context = await createTestContext();
  const [first, second] = [await startSmtp({ delayMs: 15 }), await startSmtp()];
  const { editionId } = await planned(context, 400);
  const stopping = new AbortController();
  await createRoute(context, 'first', { url: first.url, connections: 1, perSecond: 20 });
  const sender = await startSender(context, {
    url,
    signer: await linkSigner(context),
    stopping: stopping.signal,
  });
  onTestFinished(async () => {
    stopping.abort();
    await sender.stop();
  });
  const until = async (what: () => boolean | Promise<boolean>) => {
    for (let tries = 0; tries < 600 && !(await what()); tries++)
      await new Promise((resolve) => setTimeout(resolve, 50));
  };
  await until(() => first.received.length > 3);
  await createRoute(context, 'second', { url: second.url });
  await editRoute(context, 'first', { active: false });
  await until(async () => (await getEdition(context, editionId)).state === 'sent');
  expect(await deliveryReport(context, editionId)).toMatchObject({ accepted: 400, sums: true });
  expect(second.received.length).toBeGreaterThan(100);
  expect(first.received.length + second.received.length).toBe(400);
});

test('trying a route says what its server can do, or why it cannot be used', async () => {
  const smtp = await startSmtp();
  expect(await tryRoute(smtp.url)).toMatchObject({ secure: false, extensions: { pipelining: true } });
  await expect(tryRoute(url)).rejects.toThrow(/127\.0\.0\.1:1 cannot be used: .*ECONNREFUSED/);
});

test('a provider’s wish to wait is kept to', async () => {
  const context = await createTestContext();
  const smtp = await startSmtp({
    onRecipient: () => refusal(451, '4.7.1 Greylisted, please try again in 10 minutes'),
  });
  const { composer, editionId } = await planned(context, 1);
  await sendBatch(context, composer, 0, sendingTo(context, smtp.url));
  const { next_attempt_at: next } = await context.db
    .selectFrom('deliveries')
    .select('next_attempt_at')
    .where('edition_id', '=', editionId)
    .executeTakeFirstOrThrow();
  const minutes = ((next?.getTime() ?? 0) - context.clock.now().getTime()) / 60_000;
  expect(minutes).toBeGreaterThanOrEqual(10);
  expect(minutes).toBeLessThan(16);
});
