import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { expect, onTestFinished, test } from 'vitest';
import { sendConfirmation } from '../../src/delivery/letters.ts';
import { createRoute, editRoute } from '../../src/delivery/routes.ts';
import { sendTransactional } from '../../src/delivery/transactional.ts';
import { isMailCaught, openTransport } from '../../src/delivery/transport.ts';
import { createLinkSigner } from '../../src/links.ts';
import { createList } from '../../src/subscribers/lists.ts';
import { subscribe } from '../../src/subscribers/subscribe.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { refusal, startSmtp } from '../support/smtp.ts';

async function open(settings = {}) {
  const context = await createTestContext(settings);
  const transport = await openTransport(context);
  onTestFinished(() => transport.close());
  return { context, transport };
}

async function caught(context: TestContext) {
  const rows = await context.db.selectFrom('inbox_messages').selectAll().orderBy('id').execute();
  return Promise.all(rows.map(async (row) => ({ ...row, mail: await simpleParser(row.raw) })));
}

async function wish(context: TestContext, list: string, email = 'anna@example.com') {
  const { subscriberId, listId } = await subscribe(context, { via: 'form', email, list });
  return { subscriberId: subscriberId ?? 0, listId };
}

const mail = {
  fromName: 'The Desk',
  fromAddress: 'desk@news.example.com',
  subject: 'Hello',
  html: '<p>Hello',
  text: 'Hello',
};

test('a transactional mail is marked as automatic and comes back to the return path', async () => {
  const { context, transport } = await open({ returnPath: 'bounces@news.example.com' });
  await sendTransactional(context, transport, {
    ...mail,
    to: 'jörg@xn--mnchen-3ya.example',
    name: 'Jörg "Jo" Ü',
  });
  const [message] = await caught(context);
  expect(message).toMatchObject({
    mail_from: 'bounces@news.example.com',
    rcpt_to: ['jörg@xn--mnchen-3ya.example'],
    mail: { subject: 'Hello', text: expect.stringContaining('Hello'), date: context.clock.now() },
  });
  expect(message?.mail.headers.get('auto-submitted')).toBe('auto-generated');
  expect(message?.mail.from?.value).toEqual([{ name: 'The Desk', address: 'desk@news.example.com' }]);
});

test('no value breaks out of its header', async () => {
  const { context, transport } = await open();
  const evil = 'Anna\r\nBcc: all@example.com\r\n\r\n<b>body</b>\u2028\u0000';
  await sendTransactional(context, transport, {
    ...mail,
    to: 'anna@example.com',
    name: evil,
    fromName: evil,
    subject: evil,
    headers: { 'X-List': evil },
  });
  const [message] = await caught(context);
  expect(message?.rcpt_to).toEqual(['anna@example.com']);
  expect(message?.mail.bcc).toBeUndefined();
  expect(message?.mail.text?.trim()).toBe('Hello');
  expect(message?.subject).toBe('Anna Bcc: all@example.com <b>body</b>');
});

test('a confirmation names the list, and its link can be followed for seven days', async () => {
  const { context, transport } = await open({ publicUrl: 'https://news.example.com' });
  await createList(context, { name: 'Food & <Drink>', slug: 'food', description: 'What "we" eat' });
  const who = await wish(context, 'food');
  expect(await sendConfirmation(context, transport, who)).toBe(true);
  const [message] = await caught(context);
  expect(message?.subject).toBe('Please confirm your subscription to Food & <Drink>');
  expect(message?.mail.from?.value).toEqual([
    { name: 'Food & <Drink>', address: 'no-reply@news.example.com' },
  ]);
  expect(message?.mail.html).toContain('Food &amp; &lt;Drink&gt;');
  const link = /https:\/\/news\.example\.com\/confirm\/([\w-]+)/;
  const token = link.exec(message?.mail.text ?? '')?.[1] ?? '';
  expect(link.exec(String(message?.mail.html))?.[1]).toBe(token);
  const signer = createLinkSigner(context.environment.BROADSHEET_SECRET ?? '');
  const expires = context.clock.now().getTime() / 1000 + 7 * 86_400;
  expect(signer.verify('confirm', token)).toEqual([who.subscriberId, who.listId, expires]);
});

test('a newsletter that goes to the list is the sender', async () => {
  const { context, transport } = await open();
  const list = await createList(context, { name: 'Weekly' });
  const { id } = await context.db
    .insertInto('newsletters')
    .values({
      slug: 'w',
      name: 'Weekly',
      from_name: 'The Desk',
      from_address: 'desk@news.example.com',
      cron: '0 7 * * *',
      theme: 'broadsheet',
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await context.db.insertInto('newsletter_lists').values({ newsletter_id: id, list_id: list.id }).execute();
  await sendConfirmation(context, transport, await wish(context, 'weekly'));
  const [message] = await caught(context);
  expect(message?.mail.from?.value).toEqual([{ name: 'The Desk', address: 'desk@news.example.com' }]);
});

test('an address gets one confirmation an hour, whatever it is for and however often it is asked', async () => {
  const { context, transport } = await open();
  await createList(context, { name: 'Weekly' });
  await createList(context, { name: 'Daily' });
  const weekly = await wish(context, 'weekly');
  const daily = await wish(context, 'daily');
  const sent = await Promise.all(
    [weekly, daily, weekly, daily].map((who) => sendConfirmation(context, transport, who)),
  );
  expect(sent.filter(Boolean)).toHaveLength(1);
  expect(await sendConfirmation(context, transport, await wish(context, 'weekly', 'bo@example.com'))).toBe(
    true,
  );
  context.clock.advance(61 * 60_000);
  expect(await sendConfirmation(context, transport, daily)).toBe(true);
  expect(await caught(context)).toHaveLength(3);
});

test('a confirmed subscription, or one that is gone, gets no confirmation', async () => {
  const { context, transport } = await open();
  await createList(context, { name: 'Daily', optIn: 'single' });
  expect(await sendConfirmation(context, transport, await wish(context, 'daily'))).toBe(false);
  expect(await sendConfirmation(context, transport, { subscriberId: 999, listId: 999 })).toBe(false);
  expect(await caught(context)).toEqual([]);
});

test('a confirmation that the server refused can be sent again at once', async () => {
  const { context, transport } = await open();
  await createList(context, { name: 'Weekly' });
  const who = await wish(context, 'weekly');
  const refusing = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    onRcptTo: (_address, _session, answer) => answer(new Error('no')),
  });
  const listening = refusing.listen(0, '127.0.0.1');
  await new Promise((resolve) => listening.once('listening', resolve));
  const { port } = listening.address() as { port: number };
  const settings = { ...context, config: { ...context.config, smtpUrl: `smtp://127.0.0.1:${port}` } };
  const wrongWay = await openTransport(settings);
  await expect(sendConfirmation(context, wrongWay, who)).rejects.toThrow();
  await wrongWay.close();
  await new Promise<void>((resolve) => refusing.close(resolve));

  expect(await sendConfirmation(context, transport, who)).toBe(true);
  expect(await caught(context)).toHaveLength(1);
});

test('without SMTP_URL it goes by the routes as they are now, by the next where one takes nothing, and a refusal is final', async () => {
  const { context, transport } = await open();
  expect(await isMailCaught(context)).toBe(true);
  const [heavy, light, own] = await Promise.all([
    startSmtp({
      onRecipient: (address) => (address.startsWith('gone') ? refusal(550, '5.1.1 nobody') : undefined),
    }),
    startSmtp(),
    startSmtp(),
  ]);
  const send = (to: string, from = mail.fromAddress) =>
    sendTransactional(context, transport, { ...mail, fromAddress: from, to });
  const tos = (smtp: { received: { to: string }[] }) => smtp.received.map(({ to }) => to);

  await createRoute(context, 'light', { url: light.url, weight: 1 });
  await createRoute(context, 'heavy', { url: heavy.url, weight: 3 });
  await createRoute(context, 'own', { url: own.url, fromDomain: 'ads.example.com' });
  expect(await isMailCaught(context)).toBe(false);
  await send('one@example.com');
  await send('two@example.com', 'desk@ads.example.com');
  await expect(send('gone@example.com')).rejects.toMatchObject({ responseCode: 550 });
  await editRoute(context, 'heavy', { url: 'smtp://127.0.0.1:1' });
  await send('three@example.com');
  expect([tos(heavy), tos(light), tos(own)]).toEqual([
    ['one@example.com'],
    ['three@example.com'],
    ['two@example.com'],
  ]);
  expect(light.received[0]?.raw).toMatch(/Auto-Submitted: auto-generated/i);

  for (const name of ['light', 'heavy']) await editRoute(context, name, { active: false });
  await expect(send('four@example.com')).rejects.toThrow(/No route takes mail to single people/);
  expect(await caught(context)).toEqual([]);
  await expect(openTransport(context).then((it) => it.close().then(() => it.describe))).resolves.toBe(
    'the routes',
  );
});
