import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { areGoodbyesDue, sendGoodbyesDue } from '../../src/delivery/goodbyes.ts';
import { planDeliveries } from '../../src/delivery/plan.ts';
import { deliveryReport } from '../../src/delivery/report.ts';
import { openTransport } from '../../src/delivery/transport.ts';
import { applyEvent, applyMessage } from '../../src/feedback/apply.ts';
import { countRefusals } from '../../src/feedback/refusals.ts';
import { editList } from '../../src/subscribers/lists.ts';
import { removeSubscriber } from '../../src/subscribers/subscribe.ts';
import { bounceMessage, complaintMessage, letterMessage, seedDeliveries } from '../support/bounces.ts';
import { createTestContext } from '../support/context.ts';
import { seedEdition, seedList, seedNewsletter } from '../support/seed.ts';

/** Editions to a handful of readers, and what the mail server said to each. */
async function sent(
  editions: number,
  words: (reader: number) => { code: number; detail: string } | undefined,
) {
  const context = await createTestContext({ softBounces: { count: 3, days: 14, restDays: 60 } });
  const { listId, subscriberIds } = await seedList(context, 6);
  const newsletter = await seedNewsletter(context, [listId]);
  const editionIds: number[] = [];
  for (let number = 0; number < editions; number++) {
    context.clock.advance(86_400_000);
    const editionId = await seedEdition(context, newsletter.id);
    await planDeliveries(context, editionId);
    for (const [reader, id] of subscriberIds.entries()) {
      const { code, detail } = words(reader) ?? { code: 250, detail: 'ok' };
      await sql`
        update deliveries set state = ${code === 250 ? 'accepted' : 'failed'}, smtp_code = ${code}, detail = ${detail},
          settled_at = ${context.clock.now()}
        where edition_id = ${editionId} and subscriber_id = ${id}`.execute(context.db);
    }
    editionIds.push(editionId);
  }
  return { context, editionIds, subscriberIds };
}

const answers = [
  {
    code: 452,
    detail: 'given up after a day: 452 4.2.2 <reader1@example.com> The email account is over quota',
  },
  { code: 552, detail: '552 5.2.2 Mailbox full' },
  { code: 554, detail: '554 5.7.1 Message rejected as spam' },
  { code: 550, detail: '550 5.1.1 User unknown' },
  { code: 421, detail: 'given up after a day: 421 4.7.0 Too many messages from your IP, try again later' },
  undefined,
];

test('mailboxes that refuse while an edition is sent count as soft bounces, and rest after several editions', async () => {
  const { context, editionIds, subscriberIds } = await sent(3, (reader) => answers[reader]);
  const [first = 0, ...others] = editionIds;
  const before = await deliveryReport(context, first);
  const atOnce = await Promise.all([countRefusals(context, first), countRefusals(context, first)]);
  expect(atOnce[0] + atOnce[1]).toBe(2);
  expect(await countRefusals(context, first)).toBe(0);
  for (const id of others) expect(await countRefusals(context, id)).toBe(2);

  const events = await context.db.selectFrom('feedback_events').selectAll().orderBy('id').execute();
  expect(events).toHaveLength(6);
  const [full, other] = subscriberIds;
  expect(new Set(events.map((event) => event.subscriber_id))).toEqual(new Set([full, other]));
  expect(events[0]).toMatchObject({ source: 'sending', kind: 'soft', reason: 'mailboxfull' });
  expect(JSON.stringify(events)).not.toContain('reader1');
  expect(events.filter(({ action }) => action === 'rested')).toHaveLength(2);
  const resting = await context.db
    .selectFrom('suppressions')
    .select(['email', 'reason', 'expires_at'])
    .execute();
  expect(resting.map(({ email }) => email).sort()).toEqual(['reader1@example.com', 'reader2@example.com']);
  for (const { expires_at } of resting) expect(expires_at).not.toBeNull();
  // They are among the failed of the report, not among what came back later.
  expect(await deliveryReport(context, first)).toEqual(before);
});

async function leaving() {
  const context = await createTestContext();
  const seed = await seedDeliveries(context, { readers: 3 });
  await editList(context, 'readers', { goodbye: true });
  const transport = await openTransport(context);
  onTestFinished(() => transport.close());
  const mails = async () => {
    const rows = await context.db
      .selectFrom('inbox_messages')
      .select(['rcpt_to', 'subject'])
      .orderBy('id')
      .execute();
    return rows.map((row) => `${row.rcpt_to[0]}: ${row.subject}`);
  };
  const letter = (reader: number) =>
    applyMessage(context, seed.signer, letterMessage(seed.leavingPath(reader)), {
      source: 'smtp',
      envelopeTo: [seed.leavingPath(reader)],
    });
  return { ...seed, context, transport, mails, letter };
}

test('who leaves by mail or by a provider is told that they have left, once', async () => {
  const { context, transport, mails, letter, editionIds, subscriberIds } = await leaving();
  expect(await areGoodbyesDue(context)).toBe(false);
  expect(await letter(0)).toMatchObject({ action: 'unsubscribed' });
  const hook = {
    source: 'sendgrid' as const,
    externalId: 'sendgrid:1',
    about: { editionId: editionIds[0] ?? 0, subscriberId: subscriberIds[1] ?? 0 },
    kind: 'unsubscribe' as const,
    reason: null,
    status: null,
    reply: null,
    detail: '',
    address: 'reader2@example.com',
  };
  await applyEvent(context, hook);
  await applyEvent(context, hook);
  expect(await areGoodbyesDue(context)).toBe(true);
  const sentMails = await Promise.all([
    sendGoodbyesDue(context, transport),
    sendGoodbyesDue(context, transport),
  ]);
  expect(sentMails[0] + sentMails[1]).toBe(2);
  expect((await mails()).sort()).toEqual([
    'reader1@example.com: You have left readers',
    'reader2@example.com: You have left readers',
  ]);
  expect(await areGoodbyesDue(context)).toBe(false);
  await letter(0);
  expect(await areGoodbyesDue(context)).toBe(false);
});

test('nobody is told who complained, and where a list says no goodbye', async () => {
  const { context, transport, mails, letter, signer, messageId } = await leaving();
  await applyMessage(context, signer, complaintMessage(messageId(0)), { source: 'smtp', envelopeTo: [] });
  expect(await areGoodbyesDue(context)).toBe(false);
  await editList(context, 'readers', { goodbye: false });
  await letter(1);
  expect(await sendGoodbyesDue(context, transport)).toBe(0);
  expect(await mails()).toEqual([]);
  expect(await areGoodbyesDue(context)).toBe(false);
});

test('a goodbye that cannot be sent is tried again, for a day', async () => {
  const { context, transport, mails, letter } = await leaving();
  await letter(0);
  await letter(1);
  const broken = {
    transporter: {
      sendMail: async () => {
        throw new Error('the server is away');
      },
    },
  } as unknown as typeof transport;
  expect(await sendGoodbyesDue(context, broken)).toBe(0);
  expect(await areGoodbyesDue(context)).toBe(true);
  expect(await sendGoodbyesDue(context, transport)).toBe(2);
  expect(await mails()).toHaveLength(2);
  await letter(2);
  context.clock.advance(25 * 3_600_000);
  expect(await sendGoodbyesDue(context, broken)).toBe(0);
  expect(await areGoodbyesDue(context)).toBe(false);
});

test('a bounce that comes after an erasure brings no hash of the address back', async () => {
  const { context, signer, returnPath, subscriberIds } = await leaving();
  await removeSubscriber(context, subscriberIds[0] ?? 0, { via: 'admin' });
  const applied = await applyMessage(context, signer, bounceMessage({ returnPath: returnPath(0) }), {
    source: 'smtp',
    envelopeTo: [returnPath(0)],
  });
  expect(applied).toMatchObject({ kind: 'hard', action: 'nothing' });
  const [event] = await context.db.selectFrom('feedback_events').selectAll().execute();
  expect(event).toMatchObject({ subscriber_id: subscriberIds[0], email_hash: null });
});
