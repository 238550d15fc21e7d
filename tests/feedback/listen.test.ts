import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTransport } from 'nodemailer';
import { expect, onTestFinished, test } from 'vitest';
import { type ListenLimits, largestMessage, listenForBounces } from '../../src/feedback/listen.ts';
import { bounceMessage, complaintMessage, letterMessage, seedDeliveries } from '../support/bounces.ts';
import { createTestContext } from '../support/context.ts';

async function listening(limits: Partial<ListenLimits> = {}) {
  const context = await createTestContext({ returnPath: 'bounces@example.com' });
  const seed = await seedDeliveries(context);
  const listener = await listenForBounces(
    context,
    seed.signer,
    { host: '127.0.0.1', port: 0 },
    { connections: 20, recipients: 3, idleMs: 5_000, connectionMs: 20_000, ...limits },
  );
  onTestFinished(listener.close);
  const transport = createTransport({ host: '127.0.0.1', port: listener.port, ignoreTLS: true });
  onTestFinished(() => transport.close());
  return {
    ...seed,
    context,
    port: listener.port,
    send: (to: string | string[], raw: Buffer, from = '') =>
      transport.sendMail({ envelope: { from, to }, raw }).then(
        ({ response }) => response,
        (error: Error & { responseCode?: number }) => `refused: ${error.message}`,
      ),
    /** Speaks over a bare socket. @returns all that the server said until it, or we, ended */
    async talk(
      script: (write: (text: string) => void) => Promise<void> | void,
      waitMs = 3_000,
    ): Promise<string> {
      const socket = connect(listener.port, '127.0.0.1');
      let said = '';
      socket.setEncoding('latin1').on('data', (text: string) => {
        said += text;
      });
      socket.on('error', () => {});
      const closed = once(socket, 'close');
      // A server may hang up on those who talk before it has greeted.
      await Promise.race([once(socket, 'data'), closed]);
      await script((text) => socket.write(text, 'latin1'));
      await Promise.race([closed, sleep(waitMs)]);
      socket.destroy();
      return said;
    },
  };
}

test('a bounce to a signed return path is answered when it has been acted on', async () => {
  const { send, returnPath, events, suppressions } = await listening();
  // The message itself does not name the address: the envelope does.
  expect(await send(returnPath(), bounceMessage({ returnPath: 'undisclosed@example.com' }))).toMatch(/^250/);
  expect(await events()).toMatchObject([{ source: 'smtp', kind: 'hard', action: 'suppressed' }]);
  expect(await suppressions()).toHaveLength(1);
});

test('the letter to an unsubscribe address leaves, and a complaint to the sender does', async () => {
  const { send, leavingPath, messageId, states } = await listening();
  expect(await send(leavingPath(0), letterMessage('x@example.com'), 'reader1@example.com')).toMatch(/^250/);
  expect(await send('news@harbour.example.com', complaintMessage(messageId(1)), 'fbl@mailbox.test')).toMatch(
    /^250/,
  );
  expect(await states()).toEqual(['unsubscribed', 'unsubscribed']);
});

test('mail for others, and for tags that are not ours, is refused at once', async () => {
  const { send, returnPath, token, events } = await listening();
  for (const to of [
    'someone@elsewhere.test',
    'postmaster@elsewhere.test',
    'someone@example.com',
    `bounces+${token().replace(/.$/, (last) => (last === '0' ? '1' : '0'))}@example.com`,
    returnPath().replace('example.com', 'elsewhere.test'),
  ])
    expect(await send(to, bounceMessage())).toMatch(/550 5\.1\.1/);
  expect(await events()).toEqual([]);
});

test("a person's letter is refused, so that they are told; a notice that says nothing is taken", async () => {
  const { send, returnPath, events } = await listening();
  const letter = letterMessage(returnPath());
  expect(await send('news@harbour.example.com', letter, 'reader1@example.com')).toMatch(/550 5\.7\.1/);
  expect(await send(returnPath(), letter, '')).toMatch(/^250/);
  expect(await events()).toEqual([]);
});

test('the size is announced, and more is refused before and after it was sent', async () => {
  const { talk, send, returnPath } = await listening();
  const said = await talk(async (write) => {
    write(`EHLO mx.test\r\nMAIL FROM:<> SIZE=${largestMessage + 1}\r\nAUTH PLAIN AGEAYg==\r\nQUIT\r\n`);
  });
  expect(said).toContain(`SIZE ${largestMessage}`);
  expect(said).toMatch(/^552 /m);
  expect(said).not.toMatch(/^250[- ]AUTH|^235/m);
  const large = Buffer.concat([bounceMessage(), Buffer.alloc(largestMessage, 'x\r\n')]);
  expect(await send(returnPath(), large)).toMatch(/552/);
});

test('while the database is away the sender is asked to come again, and nothing is lost', async () => {
  const { context, send, returnPath, events } = await listening();
  await context.database.pool.query('alter table feedback_events rename to elsewhere');
  expect(await send(returnPath(), bounceMessage({ returnPath: returnPath() }))).toMatch(/451 4\.3\.0/);
  await context.database.pool.query('alter table elsewhere rename to feedback_events');
  expect(await send(returnPath(), bounceMessage({ returnPath: returnPath() }))).toMatch(/^250/);
  expect(await events()).toHaveLength(1);
});

test('a client that pipelines everything is served', async () => {
  const { talk, returnPath, events } = await listening();
  const message = bounceMessage({ returnPath: returnPath() }).toString();
  const said = await talk((write) =>
    write(`EHLO mx.test\r\nMAIL FROM:<>\r\nRCPT TO:<${returnPath()}>\r\nDATA\r\n${message}.\r\nQUIT\r\n`),
  );
  expect(said).toMatch(/^250 .*taken/m);
  expect(said).toMatch(/^221/m);
  expect(await events()).toMatchObject([{ action: 'suppressed' }]);
});

test('a client that hangs up in the middle leaves nothing, and others are served', async () => {
  const { talk, send, returnPath, events } = await listening();
  await talk(async (write) => {
    write(`EHLO mx.test\r\nMAIL FROM:<>\r\nRCPT TO:<${returnPath()}>\r\nDATA\r\n`);
    await sleep(300);
    write(bounceMessage({ returnPath: returnPath() }).toString().slice(0, 900));
    await sleep(100);
  }, 0);
  expect(await events()).toEqual([]);
  expect(await send(returnPath(), bounceMessage({ returnPath: returnPath() }))).toMatch(/^250/);
});

test('a silent client and one that sends a byte now and then lose their connection', async () => {
  const { talk } = await listening({ idleMs: 1_000, connectionMs: 1_500 });
  const began = Date.now();
  const [silent] = await Promise.all([
    talk(() => {}, 10_000),
    talk(async (write) => {
      for (let count = 0; count < 30 && Date.now() - began < 5_000; count++) {
        write('E');
        await sleep(100);
      }
    }, 10_000),
  ]);
  expect(silent).toMatch(/^220[\s\S]*^421/m);
  expect(Date.now() - began).toBeLessThan(6_000);
});

test('too many recipients and too many connections are put off', async () => {
  const { talk, returnPath, port } = await listening({ connections: 3, recipients: 2 });
  const said = await talk((write) =>
    write(
      `EHLO mx.test\r\nMAIL FROM:<>\r\n${[returnPath(0), returnPath(1), 'abuse@example.com']
        .map((to) => `RCPT TO:<${to}>\r\n`)
        .join('')}QUIT\r\n`,
    ),
  );
  expect(said).toMatch(/^452 /m);
  const held = [1, 2, 3].map(() => connect(port, '127.0.0.1'));
  onTestFinished(() => held.forEach((socket) => void socket.destroy()));
  await Promise.all(held.map((socket) => once(socket, 'data')));
  expect(await talk(() => {})).toMatch(/^421/);
});

test('noise does no harm', async () => {
  const { talk, send, returnPath, port } = await listening();
  const noise = Buffer.from(Array.from({ length: 20_000 }, (_, index) => (index * 7919) % 256)).toString(
    'latin1',
  );
  const early = connect(port, '127.0.0.1');
  early.on('error', () => {});
  onTestFinished(() => void early.destroy());
  early.write(noise, 'latin1');
  await talk((write) => write(noise), 300);
  await talk((write) => write(`EHLO ${'x'.repeat(5_000)}\r\n`), 300);
  await talk((write) => write('GET / HTTP/1.1\r\nHost: mx.test\r\n\r\n'), 300);
  expect(await send(returnPath(), bounceMessage({ returnPath: returnPath() }))).toMatch(/^250/);
});
