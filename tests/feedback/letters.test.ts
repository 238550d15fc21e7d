import { simpleParser } from 'mailparser';
import { createTransport } from 'nodemailer';
import { expect, onTestFinished, test } from 'vitest';
import { lettersThrough } from '../../src/delivery/letters.ts';
import { openTransport } from '../../src/delivery/transport.ts';
import { listenForBounces } from '../../src/feedback/listen.ts';
import { linkSigner } from '../../src/links.ts';
import { createList } from '../../src/subscribers/lists.ts';
import { subscribe } from '../../src/subscribers/subscribe.ts';
import { bounceMessage, complaintMessage } from '../support/bounces.ts';
import { createTestContext } from '../support/context.ts';
import { seedNewsletter } from '../support/seed.ts';

/** Somebody has signed up and was sent the link that confirms it, and a listener takes what comes back. */
async function signedUp(settings = {}) {
  const context = await createTestContext({ returnPath: 'bounces@example.com', ...settings });
  const list = await createList(context, { name: 'Weekly' });
  // Complaints go to the sender's address, which the listener takes mail for.
  await seedNewsletter(context, [list.id]);
  const { subscriberId } = await subscribe(context, {
    via: 'form',
    email: 'typo@verein.test',
    list: list.id,
  });
  const about = { subscriberId: subscriberId ?? 0, listId: list.id };
  const transport = await openTransport(context);
  onTestFinished(() => transport.close());
  const letters = lettersThrough(context, transport);
  expect(await letters.confirmation(about)).toBe(true);
  const listener = await listenForBounces(context, await linkSigner(context), { host: '127.0.0.1', port: 0 });
  onTestFinished(listener.close);
  const client = createTransport({ host: '127.0.0.1', port: listener.port, ignoreTLS: true });
  onTestFinished(() => client.close());
  return {
    context,
    about,
    letters,
    send: (to: string, raw: Buffer, from = '') => client.sendMail({ envelope: { from, to }, raw }),
    sent: async () => {
      const rows = await context.db.selectFrom('inbox_messages').selectAll().orderBy('id').execute();
      return Promise.all(
        rows.map(async (row) => ({
          returnPath: row.mail_from,
          messageId: (await simpleParser(row.raw)).messageId?.slice(1, -1) ?? '',
        })),
      );
    },
    events: () => context.db.selectFrom('feedback_events').selectAll().orderBy('id').execute(),
    suppressions: () =>
      context.db.selectFrom('suppressions').select(['email', 'reason', 'expires_at', 'note']).execute(),
  };
}

test('the bounce of a confirmation suppresses the dead address that somebody typed', async () => {
  const { about, letters, context, send, sent, events, suppressions } = await signedUp();
  const [letter] = await sent();
  expect(letter?.returnPath).toMatch(/^bounces\+0-\d+-[0-9a-f]{30}@example\.com$/);
  await send(
    letter?.returnPath ?? '',
    bounceMessage({ returnPath: 'hidden@example.com', to: 'typo@verein.test' }),
  );
  expect(await events()).toMatchObject([
    {
      source: 'smtp',
      kind: 'hard',
      action: 'suppressed',
      edition_id: null,
      subscriber_id: about.subscriberId,
    },
  ]);
  expect(await suppressions()).toEqual([
    {
      email: 'typo@verein.test',
      reason: 'bounce',
      expires_at: null,
      note: 'a letter: there is no such mailbox (5.1.1)',
    },
  ]);
  context.clock.advance(2 * 3_600_000);
  expect(await letters.preferencesLink('typo@verein.test')).toBe(false);
});

test('a complaint about a letter is known by its Message-ID, and ends every subscription', async () => {
  const { context, send, sent, suppressions } = await signedUp();
  const [letter] = await sent();
  await send('news@harbour.example.com', complaintMessage(letter?.messageId ?? ''), 'fbl@mailbox.test');
  expect((await suppressions()).map(({ reason }) => reason)).toEqual([
    'unsubscribe',
    'unsubscribe',
    'complaint',
  ]);
  expect(await context.db.selectFrom('subscriptions').select('state').execute()).toEqual([
    { state: 'unsubscribed' },
  ]);
});

test('each letter has a Message-ID of its own, and letters that find a full mailbox count as one edition', async () => {
  const { context, letters, send, sent, events, suppressions } = await signedUp({
    softBounces: { count: 2, days: 14, restDays: 30 },
  });
  context.clock.advance(2 * 3_600_000);
  expect(await letters.preferencesLink('typo@verein.test')).toBe(true);
  const all = await sent();
  expect(new Set(all.map(({ messageId }) => messageId)).size).toBe(2);
  for (const { returnPath, messageId } of all)
    await send(
      returnPath,
      bounceMessage({
        returnPath,
        messageId,
        status: '4.2.2',
        diagnostic: 'smtp; 452 4.2.2 The email account is over quota',
        id: `notice.${messageId}`,
      }),
    );
  expect(await events()).toMatchObject([{ action: 'counted' }, { action: 'counted' }]);
  expect(await suppressions()).toEqual([]);
});

test('what is signed for an edition is not taken with a time behind it', async () => {
  const { context, send, about, events } = await signedUp();
  const signer = await linkSigner(context);
  const path = `bounces+${signer.sign('bounce', [7, about.subscriberId, 1])}@example.com`;
  await expect(send(path, bounceMessage({ returnPath: path }))).rejects.toThrow(/550 5\.1\.1/);
  expect(await events()).toEqual([]);
});
