import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTransport } from 'nodemailer';
import { expect, onTestFinished, test } from 'vitest';
import { startIntake } from '../../src/schedule/intake.ts';
import { bounceMessage, seedDeliveries } from '../support/bounces.ts';
import { createTestContext } from '../support/context.ts';

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

test('of two processes on a host one listens, and the other takes over when it ends', async () => {
  const port = await freePort();
  const context = await createTestContext({
    returnPath: 'bounces@example.com',
    bounceSmtp: { host: '127.0.0.1', port },
  });
  const { returnPath, events } = await seedDeliveries(context);
  const send = async (reader: number) => {
    const transport = createTransport({ host: '127.0.0.1', port, ignoreTLS: true });
    await transport.sendMail({
      envelope: { from: '', to: returnPath(reader) },
      raw: bounceMessage({ returnPath: returnPath(reader) }),
    });
    transport.close();
  };
  const first = await startIntake(context, 50);
  const second = await startIntake(context, 50);
  await send(0);
  await first.stop();
  await sleep(300);
  await send(1);
  await second.stop();
  expect(await events()).toHaveLength(2);
  await expect(send(0)).rejects.toThrow(/ECONNREFUSED/);
});

test('an address that this machine does not have is told', async () => {
  const context = await createTestContext({ bounceSmtp: { host: '192.0.2.1', port: 2525 } });
  await expect(startIntake(context)).rejects.toThrow(/cannot be listened for on 192\.0\.2\.1:2525/);
});

test('the mailbox is looked at from the beginning, and stopping waits for it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'broadsheet-maildir-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of ['new', 'cur', 'tmp']) mkdirSync(join(folder, name));
  const context = await createTestContext({ bounceMailbox: `maildir://${folder}` });
  const { returnPath, events } = await seedDeliveries(context);
  writeFileSync(join(folder, 'new', '1'), bounceMessage({ returnPath: returnPath() }));
  const intake = await startIntake(context);
  for (let tries = 0; tries < 100 && (await events()).length === 0; tries++) await sleep(50);
  await intake.stop();
  expect(await events()).toMatchObject([{ source: 'maildir', action: 'suppressed' }]);
});
