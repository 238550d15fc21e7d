import { expect, test } from 'vitest';
import { applyEvent, applyMessage } from '../../src/feedback/apply.ts';
import { createLinkSigner } from '../../src/links.ts';
import { removeSubscriber } from '../../src/subscribers/subscribe.ts';
import {
  type Bounce,
  bounceMessage,
  complaintMessage,
  letterMessage,
  seedDeliveries,
} from '../support/bounces.ts';
import { createTestContext } from '../support/context.ts';

const full = { status: '4.2.2', diagnostic: 'smtp; 452 4.2.2 The email account is over quota' };
const spam = { status: '5.7.1', diagnostic: 'smtp; 554 5.7.1 Message rejected as spam' };

async function seeded(options: Parameters<typeof seedDeliveries>[1] = {}, settings = {}) {
  const context = await createTestContext(settings);
  const seed = await seedDeliveries(context, options);
  const apply = (bytes: Uint8Array, envelopeTo?: string[]) =>
    applyMessage(context, seed.signer, bytes, { source: 'smtp', envelopeTo });
  return {
    ...seed,
    context,
    apply,
    bounce: (bounce: Bounce = {}, reader = 0, edition = 0) =>
      apply(bounceMessage({ returnPath: seed.returnPath(reader, edition), ...bounce })),
  };
}

test('a hard bounce suppresses the address everywhere, and is kept without addresses', async () => {
  const { bounce, events, suppressions, editionIds, subscriberIds } = await seeded();
  expect(await bounce()).toMatchObject({ kind: 'hard', action: 'suppressed' });
  expect(await suppressions()).toEqual([
    expect.objectContaining({
      email: 'reader1@example.com',
      list_id: null,
      reason: 'bounce',
      expires_at: null,
      note: `edition ${editionIds[0]}: there is no such mailbox (5.1.1)`,
    }),
  ]);
  const [event] = await events();
  expect(event).toMatchObject({
    source: 'smtp',
    kind: 'hard',
    reason: 'userunknown',
    status: '5.1.1',
    reply: 550,
    edition_id: editionIds[0],
    subscriber_id: subscriberIds[0],
    at: new Date('2026-11-24T07:30:00Z'),
  });
  expect(event?.detail).toContain('User unknown');
  expect(JSON.stringify(event)).not.toContain('reader1');
});

test('the Message-ID of ours that a notice returns names the delivery too', async () => {
  const { apply, messageId } = await seeded();
  expect(await apply(bounceMessage({ messageId: messageId(1) }))).toMatchObject({ action: 'suppressed' });
});

test('a bounce without a signature of ours, or with a forged one, is kept and does nothing', async () => {
  const { apply, editionIds, subscriberIds, events, suppressions } = await seeded();
  const forged = createLinkSigner('x'.repeat(32)).sign('bounce', [editionIds[0] ?? 0, subscriberIds[0] ?? 0]);
  for (const returnPath of ['bounces@example.com', `bounces+${forged}@example.com`])
    expect(await apply(bounceMessage({ returnPath }))).toMatchObject({ action: 'unmatched' });
  expect(await suppressions()).toEqual([]);
  expect(await events()).toMatchObject([
    { subscriber_id: null, action: 'unmatched' },
    { subscriber_id: null, action: 'unmatched' },
  ]);
});

test('several editions that bounce softly within the days rest the address, and no sooner', async () => {
  const { context, bounce, suppressions } = await seeded(
    { editions: 4 },
    { softBounces: { count: 3, days: 14, restDays: 30 } },
  );
  expect(await bounce(full, 0, 0)).toMatchObject({ kind: 'soft', action: 'counted' });
  // The same edition again is no further bounce.
  expect(await bounce({ ...full, id: 'again@mx.test' }, 0, 0)).toMatchObject({ action: 'counted' });
  expect(await bounce(full, 0, 1)).toMatchObject({ action: 'counted' });
  expect(await bounce(full, 1, 2)).toMatchObject({ action: 'counted' });
  expect(await suppressions()).toEqual([]);
  expect(await bounce(full, 0, 2)).toMatchObject({ action: 'rested' });
  expect(await suppressions()).toEqual([
    expect.objectContaining({
      email: 'reader1@example.com',
      reason: 'bounce',
      expires_at: new Date(context.clock.now().getTime() + 30 * 86_400_000),
    }),
  ]);
  // Counting has begun anew.
  expect(await bounce(full, 0, 3)).toMatchObject({ action: 'counted' });
});

test('soft bounces that lie further apart than the days never add up', async () => {
  const { context, bounce, suppressions } = await seeded(
    { editions: 3 },
    { softBounces: { count: 2, days: 14, restDays: 30 } },
  );
  for (const edition of [0, 1, 2]) {
    const date = context.clock.now().toUTCString();
    expect(await bounce({ ...full, date }, 0, edition)).toMatchObject({ action: 'counted' });
    context.clock.set(new Date(context.clock.now().getTime() + 15 * 86_400_000).toISOString());
  }
  expect(await suppressions()).toEqual([]);
});

test('a rest does not shorten a suppression that has no end', async () => {
  const { bounce, suppressions } = await seeded(
    { editions: 2 },
    { softBounces: { count: 1, days: 14, restDays: 30 } },
  );
  await bounce({}, 0, 0);
  expect(await bounce(full, 0, 1)).toMatchObject({ action: 'rested' });
  expect(await suppressions()).toMatchObject([{ expires_at: null }]);
});

test('what is refused as spam, by policy, or only late says nothing of the mailbox', async () => {
  const { bounce, suppressions } = await seeded({}, { softBounces: { count: 1, days: 14, restDays: 30 } });
  expect(await bounce(spam)).toMatchObject({ kind: 'block', action: 'nothing' });
  expect(await bounce({ ...full, action: 'delayed', id: 'late@mx.test' })).toMatchObject({
    kind: 'delay',
    action: 'nothing',
  });
  expect(await suppressions()).toEqual([]);
});

test('a complaint leaves the lists at once and suppresses the address', async () => {
  const { context, apply, messageId, states, suppressions, listId } = await seeded();
  const report = complaintMessage(messageId());
  expect(await apply(report)).toMatchObject({ kind: 'complaint', action: 'unsubscribed' });
  expect(await apply(report)).toMatchObject({ action: 'repeated' });
  expect(await states()).toEqual(['unsubscribed', 'confirmed']);
  expect(await suppressions()).toMatchObject([
    { list_id: listId, reason: 'unsubscribe' },
    { list_id: null, reason: 'complaint', expires_at: null },
  ]);
  expect(await context.db.selectFrom('consent_log').select(['act', 'via', 'list_id']).execute()).toEqual([
    { act: 'unsubscribed', via: 'complaint', list_id: listId },
  ]);
});

test('a letter to the unsubscribe address leaves the lists, whatever it says', async () => {
  const { apply, leavingPath, states, suppressions, listId } = await seeded();
  expect(await apply(letterMessage(leavingPath()))).toMatchObject({
    kind: 'unsubscribe',
    action: 'unsubscribed',
  });
  expect(await states()).toEqual(['unsubscribed', 'confirmed']);
  expect(await suppressions()).toMatchObject([{ list_id: listId, reason: 'unsubscribe' }]);
});

test('an automatic answer and a letter of a person do nothing', async () => {
  const { apply, returnPath, events, suppressions, states } = await seeded();
  expect(await apply(letterMessage(returnPath(), ['Auto-Submitted: auto-replied']))).toMatchObject({
    kind: 'auto-reply',
    action: 'nothing',
  });
  expect(await apply(letterMessage(returnPath()))).toBeUndefined();
  expect(await events()).toHaveLength(1);
  expect(await suppressions()).toEqual([]);
  expect(await states()).toEqual(['confirmed', 'confirmed']);
});

test('the same message by two ways, with other trace headers and line ends, acts once', async () => {
  const { context, signer, returnPath, events, suppressions } = await seeded();
  const message = bounceMessage({ returnPath: returnPath() });
  const inMailbox = Buffer.concat([
    Buffer.from(`Delivered-To: ${returnPath()}\nReceived: from mx.relay.test by mail.example.com\n`),
    Buffer.from(message.toString().replaceAll('\r\n', '\n')),
  ]);
  const all = await Promise.all([
    applyMessage(context, signer, message, { source: 'smtp', envelopeTo: [returnPath()] }),
    applyMessage(context, signer, inMailbox, { source: 'maildir' }),
    applyMessage(context, signer, inMailbox, { source: 'imap' }),
  ]);
  expect(all.map((one) => one?.action).sort()).toEqual(['repeated', 'repeated', 'suppressed']);
  expect(await events()).toHaveLength(1);
  expect(await suppressions()).toHaveLength(1);
});

test('a replay after an admin let mail go again does not suppress once more', async () => {
  const { context, bounce, suppressions } = await seeded();
  await bounce();
  await context.db.deleteFrom('suppressions').execute();
  expect(await bounce()).toMatchObject({ action: 'repeated' });
  expect(await suppressions()).toEqual([]);
});

test('of several recipients that one message was forwarded to, one that is alive keeps the address', async () => {
  const { apply, returnPath, suppressions } = await seeded();
  const [before, after] = bounceMessage({ returnPath: returnPath() })
    .toString()
    .split('\r\n\r\nFinal-Recipient');
  const second = `\r\n\r\nFinal-Recipient: rfc822; other@reader.test\r\nAction: failed\r\nStatus: 4.2.2\r\nDiagnostic-Code: smtp; 452 4.2.2 Mailbox full`;
  expect(await apply(Buffer.from(`${before}${second}\r\n\r\nFinal-Recipient${after}`))).toMatchObject({
    kind: 'soft',
  });
  expect(await suppressions()).toEqual([]);
});

test('what comes about an erased person is kept and does nothing', async () => {
  const { context, bounce, subscriberIds, events } = await seeded();
  await removeSubscriber(context, subscriberIds[0] ?? 0, { via: 'admin' });
  expect(await bounce()).toMatchObject({ action: 'nothing' });
  expect(await events()).toHaveLength(1);
});

test('words that Postgres cannot keep, and a date of the future, are made storable', async () => {
  const { context, editionIds, subscriberIds, events } = await seeded();
  const applied = await applyEvent(context, {
    source: 'brevo',
    externalId: 'x',
    about: { editionId: editionIds[0] ?? 0, subscriberId: subscriberIds[0] ?? 0 },
    kind: 'soft',
    reason: 'mailboxfull',
    status: null,
    reply: null,
    detail: `a\0b \ud800 ${'c'.repeat(9_000)}`,
    address: 'not an address',
    at: new Date('2040-01-01'),
  });
  expect(applied.action).toBe('counted');
  expect(await events()).toMatchObject([
    { at: context.clock.now(), detail: expect.stringMatching(/^a b \ufffd c+$/) },
  ]);
});
