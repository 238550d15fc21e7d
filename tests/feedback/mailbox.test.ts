import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type PollLimits, pollMailbox } from '../../src/feedback/mailbox/poll.ts';
import { Pop3Client } from '../../src/feedback/mailbox/pop3-client.ts';
import { bounceMessage, complaintMessage, letterMessage, seedDeliveries } from '../support/bounces.ts';
import { createTestContext } from '../support/context.ts';
import {
  type Oddities,
  startImap,
  startPop3,
  type TestMailbox,
  testCertificate,
} from '../support/mailbox-servers.ts';

async function seeded() {
  const context = await createTestContext();
  const seed = await seedDeliveries(context);
  return {
    ...seed,
    context,
    all: () => [
      bounceMessage({ returnPath: seed.returnPath(0) }),
      letterMessage('bounces@example.com'),
      complaintMessage(seed.messageId(1)),
    ],
    poll: (bounceMailbox: string, limits: Partial<PollLimits> = {}) =>
      pollMailbox({ ...context, config: { ...context.config, bounceMailbox } }, seed.signer, { limits }),
    kinds: async () => (await seed.events()).map(({ kind }) => kind).sort(),
    /** Breaks recording for one person. */
    breakFor: (reader: number) =>
      context.database.pool.query(
        `alter table feedback_events add constraint broken check (subscriber_id <> ${seed.subscriberIds[reader]})`,
      ),
    mend: () => context.database.pool.query('alter table feedback_events drop constraint broken'),
  };
}

type Start = (messages: Buffer[], oddities?: Oddities) => Promise<TestMailbox>;
const servers: [string, Start][] = [
  ['IMAP', startImap],
  ['POP3', startPop3],
];
/** The messages that another poll would look at. */
const waiting = (mailbox: TestMailbox) =>
  mailbox.messages.filter(({ flags }) => !flags.has('\\Seen')).map(({ uid }) => uid);

test('IMAP: what was recorded is seen, and a letter is flagged for a person', async () => {
  const { all, poll, kinds, states } = await seeded();
  const mailbox = await startImap(all());
  expect(await poll(`${mailbox.url}/INBOX`)).toEqual({ recorded: 2, left: 1, failed: 0 });
  expect(await kinds()).toEqual(['complaint', 'hard']);
  expect(await states()).toEqual(['confirmed', 'unsubscribed']);
  expect(mailbox.messages.map(({ flags }) => [...flags])).toEqual([
    ['\\Seen'],
    ['\\Seen', '\\Flagged'],
    ['\\Seen'],
  ]);
  expect(await poll(mailbox.url)).toEqual({ recorded: 0, left: 0, failed: 0 });
});

test('POP3: what was recorded is deleted, and a letter stays and is not read again', async () => {
  const { context, all, poll, kinds } = await seeded();
  const mailbox = await startPop3(all());
  expect(await poll(mailbox.url)).toEqual({ recorded: 2, left: 1, failed: 0 });
  expect(await kinds()).toEqual(['complaint', 'hard']);
  expect(waiting(mailbox)).toEqual([102]);
  mailbox.commands.length = 0;
  expect(await poll(mailbox.url)).toEqual({ recorded: 0, left: 0, failed: 0 });
  expect(mailbox.commands.join()).not.toContain('RETR');
  // What a person has taken out is forgotten.
  mailbox.messages = [];
  await poll(mailbox.url);
  expect(await context.db.selectFrom('feedback_seen').selectAll().execute()).toEqual([]);
});

test('POP3: lines that begin with a dot come as they were', async () => {
  const { returnPath, poll, events } = await seeded();
  const message = bounceMessage({ returnPath: returnPath(), diagnostic: 'smtp; 452 4.2.2\r\n .quota' });
  const dotted = Buffer.from(
    message.toString().replace('Your message', '.hidden\r\n.\u00e9nd\r\n..\r\nYour message'),
    'latin1',
  );
  const mailbox = await startPop3([dotted]);
  await poll(mailbox.url);
  const folder = await maildir({ one: dotted });
  await poll(`maildir://${folder}`);
  // The same message by another way has the same id only if not a byte was changed.
  expect(await events()).toHaveLength(1);
});

test.each(servers)(
  '%s: one message that cannot be recorded stays, and the others go on',
  async (_name, start) => {
    const { all, poll, kinds, breakFor, mend } = await seeded();
    const mailbox = await start(all());
    await breakFor(0);
    expect(await poll(mailbox.url)).toEqual({ recorded: 1, left: 1, failed: 1 });
    expect(waiting(mailbox)[0]).toBe(101);
    await mend();
    expect(await poll(mailbox.url)).toEqual({ recorded: 1, left: 0, failed: 0 });
    expect(await kinds()).toEqual(['complaint', 'hard']);
  },
);

test.each([
  ['IMAP', startImap, /STORE/],
  ['POP3', startPop3, /QUIT/],
] as const)('%s: a connection that breaks after recording acts once', async (_name, start, hangUpAt) => {
  const { all, poll, kinds, events } = await seeded();
  const oddities: Oddities = { hangUpAt };
  const mailbox = await start([all()[0] as Buffer], oddities);
  await expect(poll(mailbox.url)).rejects.toThrow(/cannot be read/);
  expect(await kinds()).toEqual(['hard']);
  expect(waiting(mailbox)).toEqual([101]);
  oddities.hangUpAt = undefined;
  expect(await poll(mailbox.url)).toEqual({ recorded: 1, left: 0, failed: 0 });
  expect(waiting(mailbox)).toEqual([]);
  expect(await events()).toHaveLength(1);
});

test.each(servers)(
  '%s: a large message is left, and no more are read than the limit says',
  async (_name, start) => {
    const { all, poll, kinds } = await seeded();
    const mailbox = await start([Buffer.alloc(50_000, 'x\r\n'), ...all()]);
    expect(await poll(mailbox.url, { messages: 2, bytes: 20_000 })).toEqual({
      recorded: 1,
      left: 1,
      failed: 0,
    });
    expect(await kinds()).toEqual(['hard']);
    expect(await poll(mailbox.url, { bytes: 20_000 })).toEqual({ recorded: 1, left: 1, failed: 0 });
  },
);

test('a server that sends more than it announced does not fill the memory', async () => {
  const { poll, events } = await seeded();
  const large = Buffer.alloc(3_000_000, 'x\r\n');
  const pop3 = await startPop3([large], { statedSize: 10 });
  await expect(poll(pop3.url)).rejects.toThrow(/more than it announced/);
  const imap = await startImap([large], { statedSize: 10 });
  expect(await poll(imap.url)).toEqual({ recorded: 0, left: 1, failed: 0 });
  expect(await events()).toEqual([]);
});

test.each(servers)(
  '%s: a wrong password, a refusal and a server of another kind are told in a sentence',
  async (_name, start) => {
    const { poll } = await seeded();
    const mailbox = await start([]);
    const wrong = poll(mailbox.url.replace('p%2Fw%20d', 'nothing'));
    await expect(wrong).rejects.toThrow(/^The mailbox .*bounces%40example\.com@127\.0\.0\.1/);
    await expect(wrong).rejects.not.toThrow(/nothing/);
    const breaks = await start([], { hangUpAt: /LOGIN|PASS/ });
    await expect(poll(breaks.url).then(() => 'read')).rejects.toThrow(/cannot be read/);
    await expect(poll('pop3://a%0d%0aDELE:b@127.0.0.1:1')).rejects.toThrow(/cannot be read/);
  },
  60_000,
);

test.each<[string, Oddities['tls']]>([
  ['from the beginning', 'always'],
  ['when the server offers it', 'asked'],
])('POP3: TLS %s, with a certificate that is trusted and with none', async (_name, tls) => {
  const { poll } = await seeded();
  const mailbox = await startPop3([letterMessage('x@example.com')], { tls });
  const { hostname, port } = new URL(mailbox.url.replace('pop3:', 'http:'));
  const where = {
    host: hostname,
    port: Number(port),
    secure: tls === 'always',
    idleMs: 5_000,
    maxBytes: 10_000,
  };
  const client = await Pop3Client.connect({ ...where, ca: testCertificate });
  await client.command('USER bounces@example.com');
  await client.command('PASS p/w d');
  expect((await client.read('RETR 1')).toString()).toContain('A good edition today.');
  client.close();
  mailbox.commands.length = 0;
  await expect(poll(tls === 'always' ? mailbox.url.replace('pop3:', 'pop3s:') : mailbox.url)).rejects.toThrow(
    /self-signed/,
  );
  // No password has gone out.
  expect(mailbox.commands).toEqual(tls === 'always' ? [] : ['CAPA', 'STLS']);
});

async function maildir(messages: Record<string, Buffer>): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'broadsheet-maildir-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of ['new', 'cur', 'tmp']) mkdirSync(join(folder, name));
  for (const [name, bytes] of Object.entries(messages)) writeFileSync(join(folder, 'new', name), bytes);
  return folder;
}

test('Maildir: what was handled moves to cur, seen or flagged; what is still being written is not touched', async () => {
  const { all, poll, kinds } = await seeded();
  const [bounce, letter, complaint] = all() as [Buffer, Buffer, Buffer];
  const folder = await maildir({ '1.a.host': bounce, '2.b.host': letter, '3.c.host:2,': complaint });
  writeFileSync(join(folder, 'tmp', '4.d.host'), bounce);
  symlinkSync('/etc/hostname', join(folder, 'new', '5.e.host'));
  expect(await poll(`maildir://${folder}`)).toEqual({ recorded: 2, left: 2, failed: 0 });
  expect(await kinds()).toEqual(['complaint', 'hard']);
  expect(readdirSync(join(folder, 'new'))).toEqual([]);
  expect(readdirSync(join(folder, 'tmp'))).toEqual(['4.d.host']);
  expect(readdirSync(join(folder, 'cur')).sort()).toEqual([
    '1.a.host:2,S',
    '2.b.host:2,F',
    '3.c.host:2,S',
    '5.e.host:2,F',
  ]);
});

test('Maildir: two polls at once, and a message that cannot be recorded', async () => {
  const { all, poll, kinds, breakFor } = await seeded();
  const [bounce, letter, complaint] = all() as [Buffer, Buffer, Buffer];
  const folder = await maildir({ '1.a': bounce, '2.b': letter, '3.c': complaint });
  await breakFor(1);
  await Promise.all([poll(`maildir://${folder}`), poll(`maildir://${folder}`)]);
  expect(await kinds()).toEqual(['hard']);
  expect(readdirSync(join(folder, 'new'))).toEqual(['3.c']);
});

test('a Maildir that is none is told', async () => {
  const { poll } = await seeded();
  await expect(poll('maildir:///nowhere/at/all')).rejects.toThrow(
    /maildir:\/\/\/nowhere\/at\/all cannot be read/,
  );
});

test('without a database a poll ends, and everything stays', async () => {
  const { context, all, poll } = await seeded();
  const messages = Object.fromEntries([...Array(9).keys()].map((index) => [`${index}`, all()[0] as Buffer]));
  const folder = await maildir(messages);
  await context.database.pool.query('alter table feedback_events rename to elsewhere');
  await expect(poll(`maildir://${folder}`)).rejects.toThrow(/cannot be read/);
  expect(readdirSync(join(folder, 'new'))).toHaveLength(9);
});
