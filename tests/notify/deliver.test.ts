import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { Teller } from '../../src/notify/deliver.ts';
import { listDeliveries, resend, retrySeconds } from '../../src/notify/deliveries.ts';
import { createWebhook, showWebhook } from '../../src/notify/webhooks.ts';
import { startNotifying } from '../../src/schedule/notify.ts';
import { createList } from '../../src/subscribers/lists.ts';
import { removeSubscriber, subscribe } from '../../src/subscribers/subscribe.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { isSigned, startReceiver } from './receiver.ts';

async function withReader(context?: TestContext) {
  const made = context ?? (await createTestContext());
  await createList(made, { name: 'Weekly', optIn: 'single' });
  const add = async (name: string) =>
    (await subscribe(made, { via: 'admin', email: `${name}@example.com`, list: 'weekly' })).subscriberId ?? 0;
  return { context: made, add };
}

const hookTo = (context: TestContext, url: string) =>
  createWebhook(context, { url, events: ['subscriber.subscribed', 'subscriber.erased'] });

/** One look, until nothing is out. */
async function tell(context: TestContext, options: ConstructorParameters<typeof Teller>[1] = {}) {
  const teller = new Teller(context, options);
  await teller.look();
  await teller.settle();
}

test('an event is posted once, signed, and names the person as they are now', async () => {
  const { context, add } = await withReader();
  const receiver = await startReceiver();
  const { id, secret } = await hookTo(context, `${receiver.url}/hook?x=1`);
  const ada = await add('ada');
  await add('bo');
  await removeSubscriber(context, ada, { via: 'admin' });
  await tell(context);
  await tell(context);
  expect(receiver.posts).toHaveLength(3);
  const first = receiver.posts.find(
    ({ body }) => body.type === 'subscriber.subscribed' && !body.data.subscriber.email,
  );
  expect(first).toBeDefined();
  expect(JSON.stringify(receiver.posts)).not.toContain('ada@');
  expect(receiver.posts.map(({ body }) => body.data.subscriber.email)).toContain('bo@example.com');
  for (const post of receiver.posts) {
    expect(isSigned(post, secret)).toBe(true);
    expect(isSigned({ ...post, text: `${post.text} ` }, secret)).toBe(false);
    expect(post.headers['webhook-timestamp']).toBe(String(context.clock.now().getTime() / 1000));
    expect(post.headers['content-type']).toBe('application/json');
  }
  expect(new Set(receiver.posts.map(({ headers }) => headers['webhook-id'])).size).toBe(3);
  expect(await showWebhook(context, id)).toMatchObject({ waiting: 0, delivered: 3, dead: 0 });
});

test('a receiver that is down is tried again over hours, then its posts are dead, and can be sent again', async () => {
  const { context, add } = await withReader();
  let isUp = false;
  const receiver = await startReceiver((response) => response.writeHead(isUp ? 200 : 500).end());
  const { id } = await hookTo(context, receiver.url);
  await add('ada');
  await tell(context);
  await tell(context);
  expect(receiver.posts).toHaveLength(1);
  for (const [tries, seconds] of retrySeconds.entries()) {
    expect(await listDeliveries(context)).toMatchObject([
      { state: 'waiting', attempts: tries + 1, status: 500, detail: 'it answered 500' },
    ]);
    context.clock.advance((seconds - 1) * 1_000);
    await tell(context);
    expect(receiver.posts).toHaveLength(tries + 1);
    // Up to a fifth later, so that not all come at once.
    context.clock.advance((seconds / 5 + 1) * 1_000);
    await tell(context);
    expect(receiver.posts).toHaveLength(tries + 2);
  }
  const total = retrySeconds.reduce((sum, seconds) => sum + seconds, 0);
  expect(total).toBeGreaterThan(12 * 3_600);
  context.clock.advance(86_400_000);
  await tell(context);
  expect(receiver.posts).toHaveLength(8);
  // Each try is the same event, signed for its own time.
  expect(new Set(receiver.posts.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  expect(new Set(receiver.posts.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(8);
  expect(await showWebhook(context, id)).toMatchObject({ waiting: 0, dead: 1 });
  isUp = true;
  expect(await resend(context, { webhookId: id })).toBe(1);
  expect(await resend(context, { webhookId: id })).toBe(0);
  await tell(context);
  const [delivered] = await listDeliveries(context);
  expect(delivered).toMatchObject({ state: 'delivered', attempts: 1, status: 200, detail: null });
  // What was delivered can be sent again by its id.
  expect(await resend(context, { webhookId: id, messageId: delivered?.messageId })).toBe(1);
  await tell(context);
  expect(receiver.posts).toHaveLength(10);
  await expect(resend(context, { webhookId: id, messageId: 'msg_nothing' })).rejects.toThrow('no post');
}, 30_000);

test('a receiver that is slow, never ends, sends elsewhere or talks nonsense holds up no other', async () => {
  const { context, add } = await withReader();
  const elsewhere = await startReceiver();
  const good = await startReceiver();
  const receivers = {
    slow: await startReceiver(() => {}),
    endless: await startReceiver((response) => {
      response.writeHead(200);
      const pour = () => {
        while (!response.destroyed && response.write(randomBytes(65_536)));
      };
      response.on('drain', pour);
      pour();
    }),
    redirecting: await startReceiver((response) =>
      response.writeHead(307, { location: elsewhere.url }).end(),
    ),
    cut: await startReceiver((response) => void response.socket?.destroy()),
    nonsense: await startReceiver((response) => void response.socket?.end('hello\r\n\r\n')),
  };
  const hooks: Record<string, number> = {};
  for (const [name, { url }] of Object.entries(receivers)) hooks[name] = (await hookTo(context, url)).id;
  const { id } = await hookTo(context, good.url);
  const began = Date.now();
  for (let number = 0; number < 6; number++) await add(`reader${number}`);
  const teller = new Teller(context, { timeoutMs: 700 });
  await teller.look();
  while (good.posts.length < 6) await new Promise((resolve) => setTimeout(resolve, 10));
  expect((await showWebhook(context, hooks.slow ?? 0)).delivered).toBe(0);
  await teller.settle();
  expect(Date.now() - began).toBeLessThan(15_000);
  expect(await showWebhook(context, id)).toMatchObject({ delivered: 6, waiting: 0 });
  // It said that it has it; what else it says is not listened to.
  expect(await showWebhook(context, hooks.endless ?? 0)).toMatchObject({ delivered: 6 });
  const why = async (name: string) =>
    (await listDeliveries(context, { webhookId: hooks[name], limit: 1 }))[0]?.detail;
  expect(await why('slow')).toMatch(/did not answer in full within 0.7 seconds/);
  expect(await why('redirecting')).toMatch(/redirects \(status 307\), which is not followed/);
  expect(await why('cut')).toMatch(/the connection was cut/);
  expect(await why('nonsense')).toMatch(/could not be fetched/);
  expect(elsewhere.posts).toEqual([]);
}, 30_000);

test('Retry-After is kept to, and 410 stops the posts', async () => {
  const { context, add } = await withReader();
  let status = 429;
  const receiver = await startReceiver((response) =>
    response.writeHead(status, { 'retry-after': '3600' }).end(),
  );
  const { id } = await hookTo(context, receiver.url);
  await add('ada');
  await tell(context);
  context.clock.advance(3_599_000);
  await tell(context);
  expect(receiver.posts).toHaveLength(1);
  context.clock.advance(1_000);
  status = 410;
  await tell(context);
  expect(receiver.posts).toHaveLength(2);
  expect(await showWebhook(context, id)).toMatchObject({
    pausedAt: context.clock.now(),
    pausedBecause: expect.stringContaining('410'),
    waiting: 1,
  });
  await add('bo');
  context.clock.advance(86_400_000);
  await tell(context);
  expect(receiver.posts).toHaveLength(2);
});

test('nothing is posted to a private network, whatever name it goes by', async () => {
  const { context, add } = await withReader(await createTestContext({ allowPrivateNetwork: false }));
  const receiver = await startReceiver();
  const port = new URL(receiver.url).port;
  const names = [
    `http://localhost:${port}/`,
    `http://127.0.0.1:${port}/`,
    `http://[::ffff:127.0.0.1]:${port}/`,
  ];
  // As if the setting had been on when they were made, or the name led elsewhere then.
  for (const url of names)
    await hookTo({ ...context, config: { ...context.config, allowPrivateNetwork: true } }, url);
  await add('ada');
  await tell(context);
  expect(receiver.posts).toEqual([]);
  for (const { state, detail } of await listDeliveries(context))
    expect({ state, detail }).toEqual({
      state: 'waiting',
      detail: expect.stringContaining('private network'),
    });
});

test('processes that tell at the same time post each event once, and one that dies loses none', async () => {
  const { context, add } = await withReader();
  const receiver = await startReceiver((response) => void setTimeout(() => response.writeHead(204).end(), 5));
  await hookTo(context, receiver.url);
  for (let number = 0; number < 60; number++) await add(`reader${number}`);
  await Promise.all([tell(context), tell(context), tell(context)]);
  expect(receiver.posts).toHaveLength(60);
  expect(new Set(receiver.posts.map(({ headers }) => headers['webhook-id'])).size).toBe(60);

  // A process that has taken a post and ends before it is recorded.
  await add('late');
  await context.db
    .updateTable('webhook_deliveries')
    .set({ attempts: 1, next_attempt_at: new Date(context.clock.now().getTime() + 120_000) })
    .where('state', '=', 'waiting')
    .execute();
  await tell(context);
  expect(receiver.posts).toHaveLength(60);
  context.clock.advance(120_000);
  await tell(context);
  expect(receiver.posts).toHaveLength(61);
}, 30_000);

test('a worker that ends waits for what is out, and gives back what it has not begun', async () => {
  const { context, add } = await withReader();
  let arrived: () => void = () => {};
  const first = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const receiver = await startReceiver((response) => {
    arrived();
    setTimeout(() => response.writeHead(204).end(), 300);
  });
  const { id } = await hookTo(context, receiver.url);
  for (let number = 0; number < 12; number++) await add(`reader${number}`);
  const notifying = startNotifying(context);
  await first;
  await notifying.stop();
  const posted = receiver.posts.length;
  expect(posted).toBeGreaterThan(0);
  expect(posted).toBeLessThan(12);
  expect(await showWebhook(context, id)).toMatchObject({ delivered: posted, waiting: 12 - posted });
  for (const { attempts } of await listDeliveries(context, { state: 'waiting' })) expect(attempts).toBe(0);
  await tell(context);
  expect(receiver.posts).toHaveLength(12);
});
