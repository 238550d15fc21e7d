import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { prepareComposer } from '../../src/delivery/compose.ts';
import { planDeliveries } from '../../src/delivery/plan.ts';
import { getEdition } from '../../src/editions/editions.ts';
import { move } from '../../src/editions/lifecycle.ts';
import { applyEvent } from '../../src/feedback/apply.ts';
import type { FeedbackEvent } from '../../src/feedback/event.ts';
import { linkSigner } from '../../src/links.ts';
import { forgetOldEvents, listDeliveries } from '../../src/notify/deliveries.ts';
import { eventData, kinds, messageOfEvent, type NotedEvent } from '../../src/notify/events.ts';
import { createWebhook, pauseWebhook, showWebhook } from '../../src/notify/webhooks.ts';
import { importSubscribers } from '../../src/subscribers/import.ts';
import { createList } from '../../src/subscribers/lists.ts';
import { confirm, removeSubscriber, subscribe, unsubscribe } from '../../src/subscribers/subscribe.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { seedEdition, seedList, seedNewsletter } from '../support/seed.ts';
import { sendBatch, sendingTo } from '../support/sending.ts';
import { refusal, startSmtp } from '../support/smtp.ts';

const everything = (context: TestContext, events: readonly string[] = kinds) =>
  createWebhook(context, { url: 'https://hooks.example.com/', events });

/** What was noted, as it would be posted, each held to what is documented of it. */
async function told(context: TestContext) {
  const events = (await context.db
    .selectFrom('webhook_events')
    .selectAll()
    .orderBy('id')
    .execute()) as NotedEvent[];
  const messages = [];
  for (const event of events) {
    const message = await messageOfEvent(context, event);
    eventData[message.type as keyof typeof eventData].parse(message.data);
    messages.push(message);
  }
  // biome-ignore lint/suspicious/noExplicitAny: events of any kind
  return messages as { type: string; timestamp: string; data: any }[];
}

test('what people do to their subscriptions is noted, with who and what', async () => {
  const context = await createTestContext();
  const list = await createList(context, { name: 'Weekly' });
  await everything(context);
  const via = { via: 'form' };
  const { subscriberId } = await subscribe(context, { ...via, email: 'ada@example.com', list: 'weekly' });
  const id = subscriberId ?? 0;
  await confirm(context, id, list.id, { via: 'link' });
  await confirm(context, id, list.id, { via: 'link' });
  await unsubscribe(context, id, 'all', { via: 'one-click' });
  const subscriber = {
    id,
    email: 'ada@example.com',
    emailHash: createHash('sha256').update('ada@example.com').digest('hex'),
  };
  const weekly = { id: list.id, slug: 'weekly', name: 'Weekly' };
  expect(await told(context)).toEqual(
    [
      ['subscriber.subscribed', { subscriber, list: weekly, via: 'form', state: 'pending' }],
      ['subscriber.confirmed', { subscriber, list: weekly, via: 'link', state: 'confirmed' }],
      ['subscriber.unsubscribed', { subscriber, list: weekly, via: 'one-click', state: 'unsubscribed' }],
      ['subscriber.unsubscribed', { subscriber, list: null, via: 'one-click', state: null }],
    ].map(([type, data]) => ({ type, data, timestamp: context.clock.now().toISOString() })),
  );
  // Once they are erased, nothing that is told later names them.
  await removeSubscriber(context, id, { via: 'admin' });
  const after = await told(context);
  expect(after.at(-1)).toMatchObject({ type: 'subscriber.erased', data: { via: 'admin' } });
  expect(after.at(-1)?.data.subscriber).toEqual({ id: null, email: null, emailHash: subscriber.emailHash });
  expect(JSON.stringify(after)).not.toContain('ada@');
});

test('an event stands or falls with what it tells of', async () => {
  const context = await createTestContext();
  await createList(context, { name: 'Weekly', optIn: 'single' });
  await everything(context);
  await expect(
    context.db.transaction().execute(async (trx) => {
      await unsubscribe({ db: trx, clock: context.clock }, 1, 'all', { via: 'admin' });
      await sql`insert into consent_log (email_hash, act, at, via)
        values ('\\x01', 'unsubscribed', now(), 'admin')`.execute(trx);
      expect(await trx.selectFrom('webhook_events').select('id').execute()).toHaveLength(1);
      throw new Error('taken back');
    }),
  ).rejects.toThrow('taken back');
  expect(await told(context)).toEqual([]);
});

test('an import tells of each newcomer, and only webhooks that want to know are told', async () => {
  const context = await createTestContext();
  await createList(context, { name: 'Weekly' });
  const before = await createWebhook(context, {
    url: 'https://a.example.com/',
    events: ['subscriber.unsubscribed'],
  });
  const rows = Array.from({ length: 200 }, (_, number) => `reader${number}@example.com`);
  const file = async function* () {
    yield Buffer.from(['email', ...rows, ''].join('\n'));
  };
  await importSubscribers(context, file(), { list: 'weekly', consent: 'At the fair' });
  expect(await told(context)).toEqual([]);
  const after = await everything(context, ['subscriber.subscribed']);
  await context.db.deleteFrom('subscribers').execute();
  await importSubscribers(context, file(), { list: 'weekly', consent: 'At the fair' });
  const messages = await told(context);
  expect(messages).toHaveLength(200);
  expect(new Set(messages.map(({ data }) => data.subscriber.email))).toEqual(new Set(rows));
  expect(messages[0]?.data).toMatchObject({ via: 'import', state: 'confirmed', list: { slug: 'weekly' } });
  expect(await showWebhook(context, after.id)).toMatchObject({ waiting: 200 });
  expect(await showWebhook(context, before.id)).toMatchObject({ waiting: 0 });
}, 30_000);

test('bounces, complaints and an edition that is sent are noted once', async () => {
  const context = await createTestContext();
  const { listId, subscriberIds } = await seedList(context, 3);
  const newsletter = await seedNewsletter(context, [listId]);
  const editionId = await seedEdition(context, newsletter.id);
  await everything(context);
  const [first = 0, second = 0, third = 0] = subscriberIds;
  const event = (
    subscriberId: number,
    kind: FeedbackEvent['kind'],
    more: Partial<FeedbackEvent> = {},
  ): FeedbackEvent => ({
    source: 'smtp',
    externalId: `${kind}-${subscriberId}`,
    about: { editionId, subscriberId },
    kind,
    reason: 'userunknown',
    status: '5.1.1',
    reply: 550,
    detail: '',
    address: null,
    ...more,
  });
  await applyEvent(context, event(first, 'hard'));
  await applyEvent(context, event(first, 'hard'));
  await applyEvent(context, event(second, 'complaint', { reason: 'feedback', status: null }));
  await applyEvent(context, event(second, 'auto-reply'));
  await applyEvent(context, event(third, 'hard', { about: undefined }));
  await move(context, editionId, 'start');
  await move(context, editionId, 'finish');
  await expect(move(context, editionId, 'finish')).rejects.toThrow('sent already');

  const edition = {
    id: editionId,
    newsletter: 'harbour-post',
    subject: 'The old lighthouse is lit again',
    sentAt: context.clock.now().toISOString(),
  };
  expect(await told(context)).toMatchObject([
    {
      type: 'subscriber.bounced',
      data: {
        subscriber: { id: first },
        edition,
        bounce: 'hard',
        reason: 'userunknown',
        action: 'suppressed',
      },
    },
    { type: 'subscriber.unsubscribed', data: { subscriber: { id: second }, via: 'complaint' } },
    { type: 'subscriber.complained', data: { subscriber: { id: second }, edition, bounce: null } },
    { type: 'edition.sent', data: { edition, deliveries: { planned: 0, accepted: 0 } } },
  ]);
});

test('a mailbox that a server does not know while an edition is sent is noted as a bounce', async () => {
  const context = await createTestContext();
  const { listId, subscriberIds } = await seedList(context, 3);
  const newsletter = await seedNewsletter(context, [listId]);
  const editionId = await seedEdition(context, newsletter.id);
  await everything(context, ['subscriber.bounced']);
  await planDeliveries(context, editionId);
  const smtp = await startSmtp({
    onRecipient: (address) =>
      address === 'reader2@example.com' ? refusal(550, '5.1.1 no such mailbox') : undefined,
  });
  const composer = await prepareComposer(
    context,
    await getEdition(context, editionId),
    await linkSigner(context),
  );
  await sendBatch(context, composer, 0, sendingTo(context, smtp.url));
  expect(smtp.received).toHaveLength(2);
  expect(await told(context)).toMatchObject([
    {
      type: 'subscriber.bounced',
      timestamp: context.clock.now().toISOString(),
      data: {
        subscriber: { id: subscriberIds[1], email: 'reader2@example.com' },
        edition: { id: editionId },
        bounce: 'hard',
        reason: 'userunknown',
        action: 'suppressed',
      },
    },
  ]);
});

test('what happens while a webhook is paused waits for it; after 30 days it is forgotten', async () => {
  const context = await createTestContext();
  await createList(context, { name: 'Weekly', optIn: 'single' });
  const { id } = await everything(context);
  await pauseWebhook(context, id, 'paused by hand');
  await subscribe(context, { via: 'admin', email: 'ada@example.com', list: 'weekly' });
  expect(await listDeliveries(context, { webhookId: id })).toMatchObject([
    { kind: 'subscriber.subscribed', state: 'waiting', attempts: 0 },
  ]);
  context.clock.advance(30 * 86_400_000);
  expect(await forgetOldEvents(context)).toBe(0);
  context.clock.advance(1);
  expect(await forgetOldEvents(context)).toBe(1);
  expect(await listDeliveries(context)).toEqual([]);
});

test('an address must be fit for a webhook', async () => {
  const context = await createTestContext({ allowPrivateNetwork: false });
  const create = (url: string, events: string[] = ['edition.sent'], secret?: string) =>
    createWebhook(context, { url, events, secret });
  for (const url of ['http://hooks.example.com/', 'ftp://hooks.example.com/', 'hooks.example.com', ''])
    await expect(create(url)).rejects.toThrow(/cannot be a webhook’s address/);
  for (const host of [
    '127.0.0.1',
    'localhost',
    '[::1]',
    '10.0.0.7',
    '169.254.169.254',
    '2130706433',
    '[::ffff:10.0.0.7]',
  ])
    await expect(create(`https://${host}/`)).rejects.toThrow(/private network/);
  const ok = 'https://hooks.example.com/';
  await expect(create(ok, ['edition.lost'])).rejects.toThrow('no event "edition.lost"');
  await expect(create(ok, [])).rejects.toThrow('No event was named');
  for (const secret of ['short', 'whsec_short', `whsec_${Buffer.alloc(65).toString('base64')}`])
    await expect(create(ok, ['edition.sent'], secret)).rejects.toThrow('no secret');
  const own = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
  expect((await create('https://me:pass@hooks.example.com/x', ['edition.sent'], own)).secret).toBe(own);
  expect(JSON.stringify(await showWebhook(context, 1))).not.toMatch(/pass|whsec/);
});
