import nodemailer from 'nodemailer';
import { expect, onTestFinished, test } from 'vitest';
import { startInbox } from '../../src/delivery/inbox.ts';
import { openTransport } from '../../src/delivery/transport.ts';
import { createTestContext, type TestContext } from '../support/context.ts';

const envelope = { from: 'desk@news.example.com', to: ['anna@example.com', 'bo@example.com'] };

async function open(settings = {}) {
  const context = await createTestContext(settings);
  const transport = await openTransport(context);
  onTestFinished(() => transport.close());
  return { context, transport };
}

const caught = (context: TestContext) =>
  context.db.selectFrom('inbox_messages').selectAll().orderBy('id').execute();

test('a message is stored byte for byte, with its envelope, subject and time', async () => {
  const { context, transport } = await open();
  const raw = Buffer.concat([
    Buffer.from('From: desk@news.example.com\r\nSubject: Plain,\r\n folded\r\n\r\n.\r\n..dots\r\n'),
    Buffer.from([0xff, 0xfe, 0x00, 0x80]),
    Buffer.from(`\r\n${'x'.repeat(3_000)}\r\nlast line\r\n`),
  ]);
  await transport.transporter.sendMail({ envelope, raw });
  const [message] = await caught(context);
  expect(message?.raw.equals(raw)).toBe(true);
  expect(message).toMatchObject({
    mail_from: 'desk@news.example.com',
    rcpt_to: ['anna@example.com', 'bo@example.com'],
    subject: 'Plain, folded',
    received_at: context.clock.now(),
  });
});

test('an encoded subject is shown in letters, and a message without one is kept', async () => {
  const { context, transport } = await open();
  const subject = 'Öffnungszeiten – für alle, die länger lesen wollen als eine Zeile reicht';
  await transport.transporter.sendMail({ envelope, from: envelope.from, subject, text: 'Hello' });
  await transport.transporter.sendMail({ envelope, raw: 'X-Nothing: here\r\n\r\nSubject: not me\r\n' });
  expect((await caught(context)).map((message) => message.subject)).toEqual([subject, '']);
});

test('many messages at once are all there, each once', async () => {
  const { context, transport } = await open();
  const subjects = Array.from({ length: 500 }, (_, index) => `Message ${index}`);
  await Promise.all(
    subjects.map((subject) =>
      transport.transporter.sendMail({ envelope, from: envelope.from, subject, text: 'x' }),
    ),
  );
  const stored = (await caught(context)).map((message) => message.subject);
  expect(stored.toSorted()).toEqual(subjects.toSorted());
});

test('the answer comes after the commit: what was accepted is there', async () => {
  const { context, transport } = await open();
  for (let index = 0; index < 5; index += 1) {
    const info = await transport.transporter.sendMail({ envelope, raw: `Subject: ${index}\r\n\r\nx\r\n` });
    const id = Number(/message (\d+)/.exec(info.response ?? '')?.[1]);
    const row = await context.db
      .selectFrom('inbox_messages')
      .select('subject')
      .where('id', '=', id)
      .executeTakeFirst();
    expect(row?.subject).toBe(String(index));
  }
});

test('the oldest go when there are more than are to be kept', async () => {
  const context = await createTestContext();
  const inbox = await startInbox(context, { keep: 20 });
  const transporter = nodemailer.createTransport({ url: inbox.url, pool: true, maxConnections: 1 });
  for (let index = 0; index < 50; index += 1)
    await transporter.sendMail({ envelope, raw: `Subject: ${index}\r\n\r\nx\r\n` });
  transporter.close();
  await inbox.close();
  const subjects = (await caught(context)).map((message) => Number(message.subject));
  expect(subjects).toEqual(Array.from({ length: 20 }, (_, index) => index + 30));
});

test('a message beyond 20 MB is refused for good, and the connection goes on', async () => {
  const { context, transport } = await open({ smtpConnections: 1 });
  const line = `${'x'.repeat(998)}\r\n`;
  const raw = `Subject: big\r\n\r\n${line.repeat(21 * 1024 * 1.05)}`;
  await expect(transport.transporter.sendMail({ envelope, raw })).rejects.toMatchObject({
    responseCode: 552,
  });
  await transport.transporter.sendMail({ envelope, raw: 'Subject: small\r\n\r\nx\r\n' });
  expect((await caught(context)).map((message) => message.subject)).toEqual(['small']);
});

test('a database that cannot store answers "try again", not "accepted"', async () => {
  const { context, transport } = await open();
  await context.database.pool.query('alter table inbox_messages rename to away');
  const raw = 'Subject: x\r\n\r\nx\r\n';
  await expect(transport.transporter.sendMail({ envelope, raw })).rejects.toMatchObject({
    responseCode: 451,
  });
  await context.database.pool.query('alter table away rename to inbox_messages');
  await transport.transporter.sendMail({ envelope, raw });
  expect(await caught(context)).toHaveLength(1);
});

test('two inboxes fill one table', async () => {
  const context = await createTestContext();
  const inboxes = await Promise.all([startInbox(context), startInbox(context)]);
  for (const { url } of inboxes)
    await nodemailer.createTransport(url).sendMail({ envelope, raw: 'Subject: x\r\n\r\nx\r\n' });
  await Promise.all(inboxes.map((inbox) => inbox.close()));
  expect(await caught(context)).toHaveLength(2);
});

test('a closed inbox takes nothing more, and what it took stays', async () => {
  const context = await createTestContext();
  const inbox = await startInbox(context);
  const transporter = nodemailer.createTransport(inbox.url);
  await transporter.sendMail({ envelope, raw: 'Subject: last\r\n\r\nx\r\n' });
  await inbox.close();
  await expect(transporter.sendMail({ envelope, raw: 'Subject: x\r\n\r\nx\r\n' })).rejects.toThrow();
  expect((await caught(context)).map((message) => message.subject)).toEqual(['last']);
});

test('a transport says where it leads without the password', async () => {
  const { transport } = await open({ smtpUrl: 'smtp://user:hunter2@mail.example.com:587' });
  expect(transport.describe).toBe('mail.example.com:587');
  expect((await open()).transport.describe).toBe('the embedded inbox');
});
