import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { prepareComposer } from '../../src/delivery/compose.ts';
import { handOver } from '../../src/delivery/hand-over.ts';
import { otherTransport } from '../../src/delivery/other-transport.ts';
import { planDeliveries } from '../../src/delivery/plan.ts';
import { deliveryReport } from '../../src/delivery/report.ts';
import { openRouting } from '../../src/delivery/routing.ts';
import { getEdition } from '../../src/editions/editions.ts';
import { linkSigner } from '../../src/links.ts';
import { createTestContext } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { seedEdition, seedList, seedNewsletter } from '../support/seed.ts';
import { sendBatch, sendingTo } from '../support/sending.ts';

const folder = temporaryFolder('transport');

async function sendBy(url: string, readers: number) {
  const context = await createTestContext();
  const { listId } = await seedList(context, readers);
  const newsletter = await seedNewsletter(context, [listId]);
  const editionId = await seedEdition(context, newsletter.id);
  await planDeliveries(context, editionId);
  const composer = await prepareComposer(
    context,
    await getEdition(context, editionId),
    await linkSigner(context),
  );
  const routing = await openRouting(context, { url, worker: crypto.randomUUID(), lookup: async () => [] });
  onTestFinished(() => routing.close());
  await sendBatch(context, composer, 0, sendingTo(context, 'smtp://127.0.0.1:1', { routes: routing.routes }));
  return { context, report: await deliveryReport(context, editionId) };
}

test('sendmail gets each message on its standard input, and its exit codes are verdicts', async () => {
  const program = join(folder, 'sendmail');
  writeFileSync(
    program,
    `#!/bin/sh
to=$(for last; do :; done; echo "$last")
case "$to" in
  reader2@*) cat > /dev/null; exit 67;;
  reader3@*) cat > /dev/null; exit 75;;
esac
cat > "${folder}/$to.eml"
`,
  );
  chmodSync(program, 0o755);
  const { context, report } = await sendBy(`sendmail://${program}`, 4);
  expect(report).toMatchObject({ accepted: 2, failed: 1, deferred: 1, sums: true });
  const kept = readdirSync(folder).filter((name) => name.endsWith('.eml'));
  expect(kept.toSorted()).toEqual(['reader1@example.com.eml', 'reader4@example.com.eml']);
  expect(readFileSync(join(folder, 'reader1@example.com.eml'), 'utf8')).toMatch(
    /^To: reader1@example\.com\n/,
  );
  const suppressed = await context.db.selectFrom('suppressions').select('email').execute();
  expect(suppressed).toEqual([{ email: 'reader2@example.com' }]);
});

test('a transport of one’s own is a module, and says itself what was not sent', async () => {
  const file = join(folder, 'own.mjs');
  writeFileSync(
    file,
    `import { appendFileSync } from 'node:fs';
export default () => ({
  name: 'own',
  version: '1',
  send(mail, done) {
    const [to] = mail.message.getEnvelope().to;
    let size = 0;
    const stream = mail.message.createReadStream();
    stream.on('data', (chunk) => (size += chunk.length));
    stream.on('end', () => {
      if (to.startsWith('reader2@')) return done(Object.assign(new Error('550 no'), { responseCode: 550 }));
      if (to.startsWith('reader3@')) return done(new Error('the answer was lost'));
      appendFileSync('${join(folder, 'own.txt')}', to + ' ' + (size > 1000) + '\\n');
      done(null, { response: '250 kept' });
    });
  },
});
`,
  );
  const { report } = await sendBy(`module://${file}`, 3);
  expect(report).toMatchObject({ accepted: 1, failed: 1, uncertain: 1, sums: true });
  expect(readFileSync(join(folder, 'own.txt'), 'utf8')).toBe('reader1@example.com true\n');
});

test('a module that cannot be used is told by its name', async () => {
  const file = join(folder, 'broken.mjs');
  writeFileSync(file, 'export const nothing = 1;');
  await expect(otherTransport(`module://${file}`)).rejects.toThrow(
    /broken\.mjs cannot be used: .*no default export/,
  );
  expect(await otherTransport('smtps://mail.example.com')).toBeUndefined();
});

test('a message that SES took is accepted, whatever SES calls it', async () => {
  const file = join(folder, 'ses.mjs');
  // Nodemailer's own SES transport over a client that answers as Amazon's does.
  writeFileSync(
    file,
    `class SendEmailCommand { constructor(input) { this.input = input; } }
const sesClient = {
  config: { region: async () => 'eu-west-1' },
  send: async () => ({ MessageId: '0100018f2a3b4c5d-6e7f8a9b-0c1d-2e3f-4a5b-6c7d8e9f0a1b-000000' }),
};
export default { SES: { sesClient, SendEmailCommand } };`,
  );
  const { report } = await sendBy(`module://${file}`, 2);
  expect(report).toMatchObject({ accepted: 2, deferred: 0, sums: true });
});

test('a transport that hangs is given up, and nobody knows what it did', async () => {
  const outcome = await handOver(
    { sendMail: (mail) => new Promise(() => (mail.raw as Readable).resume()) },
    { from: 'news@example.com', to: 'reader@example.com', raw: [Buffer.from('Subject: x\r\n\r\nx\r\n')] },
    50,
  );
  expect(outcome).toEqual({
    kind: 'unanswered',
    words: expect.stringMatching(/did not answer within/),
  });
});

test('a transport that a module made lives on when routes change', async () => {
  const file = join(folder, 'made.mjs');
  writeFileSync(
    file,
    `export let closed = 0;
export default { sendMail: async () => ({ response: '250 kept' }), close() { closed++; } };`,
  );
  const transport = await otherTransport(`module://${file}`);
  transport?.close();
  expect((await import(file)).closed).toBe(0);
  expect(await transport?.sendMail({})).toEqual({ response: '250 kept' });
});
