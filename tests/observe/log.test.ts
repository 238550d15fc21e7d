import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { planDeliveries } from '../../src/delivery/plan.ts';
import { startSender } from '../../src/delivery/sender.ts';
import { getEdition } from '../../src/editions/editions.ts';
import { messageOf } from '../../src/errors.ts';
import { linkSigner } from '../../src/links.ts';
import { createLog } from '../../src/log.ts';
import { scrub } from '../../src/observe/scrub.ts';
import { Sparing } from '../../src/observe/sparing.ts';
import { parseAddress } from '../../src/subscribers/address.ts';
import { startSite } from '../../src/web/site.ts';
import { createTestContext } from '../support/context.ts';
import { seedEdition, seedList, seedNewsletter } from '../support/seed.ts';
import { refusal, startSmtp } from '../support/smtp.ts';

/** A context whose log is kept, at its most talkative. */
async function logged(settings: Parameters<typeof createTestContext>[0] = {}) {
  const lines: string[] = [];
  const context = {
    ...(await createTestContext(settings)),
    log: createLog('trace', (line) => lines.push(line)),
  };
  return { context, lines, entries: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

test('a request has an id, taken if it is sane, in its answer and its lines', async () => {
  const { context, entries } = await logged();
  const site = await startSite(context, { host: '127.0.0.1', port: 0 });
  onTestFinished(() => site.close());
  const ask = async (id?: string) =>
    (await fetch(`${site.url}/health/live`, id ? { headers: { 'x-request-id': id } } : {})).headers.get(
      'x-request-id',
    );
  expect(await ask('from-the-proxy-1')).toBe('from-the-proxy-1');
  const made = await ask();
  expect(made).toMatch(/^[\da-f-]{36}$/);
  expect(await ask('bad id; x=1')).toMatch(/^[\da-f-]{36}$/);
  // Of what is answered ahead of the pages too.
  expect((await fetch(`${site.url}/o/x.gif`)).headers.get('x-request-id')).toBeTruthy();
  await expect.poll(() => entries().filter(({ msg }) => msg === 'request').length).toBe(4);
  expect(entries()).toContainEqual(
    expect.objectContaining({
      requestId: made,
      route: '/health/live',
      method: 'GET',
      status: expect.any(String),
      msg: 'request',
    }),
  );
});

test('no address and no secret is in the log of requests and of a send, whatever servers answer', async () => {
  const { context, lines, entries } = await logged({
    apiToken: 'the-api-token-of-this-test',
    metricsToken: 'the-metrics-token-of-this-test',
  });
  // Refuses all, and quotes whom it refuses; the edition is paused with those words.
  const smtp = await startSmtp({
    onRecipient: (address) => refusal(550, `5.7.1 <${address}>: no mail for ${address}`),
  });
  const { listId, subscriberIds } = await seedList(context, 110);
  const newsletter = await seedNewsletter(context, [listId]);
  const editionId = await seedEdition(context, newsletter.id);
  await planDeliveries(context, editionId);
  const signer = await linkSigner(context);
  const stopping = new AbortController();
  const sender = await startSender(context, {
    url: smtp.url,
    signer,
    stopping: stopping.signal,
    lookup: async () => [],
  });
  await expect
    .poll(async () => (await getEdition(context, editionId)).state, { timeout: 10_000 })
    .toBe('paused');
  stopping.abort();
  await sender.stop();
  expect((await getEdition(context, editionId)).state_reason).toContain('@example.com');

  const site = await startSite(context, { host: '127.0.0.1', port: 0 });
  const secrets = ['the-api-token-of-this-test', 'the-metrics-token-of-this-test'];
  const [token, gone] = [subscriberIds[0] ?? 0, 999_999].map((id) =>
    signer.sign('unsubscribe', [id, editionId]),
  );
  for (const path of [
    `/unsubscribe/${token}`,
    `/preferences/${signer.sign('preferences', [subscriberIds[1] ?? 0])}`,
    `/unsubscribe/${gone}`,
    `/view/${signer.sign('view', [subscriberIds[0] ?? 0, editionId])}`,
    '/api/subscribers/reader1@example.com',
    '/api/subscribers/reader1%40example.com',
  ])
    await fetch(site.url + path, { headers: { authorization: `Bearer ${secrets[0]}`, cookie: 'session=a' } });
  await fetch(`${site.url}/metrics`, { headers: { authorization: `Bearer ${secrets[1]}` } });
  // What breaks is logged with particulars.
  await context.database.pool.query('alter table subscribers rename to broken');
  await fetch(`${site.url}/api/subscribers/reader1@example.com`, {
    headers: { authorization: `Bearer ${secrets[0]}` },
  });
  await fetch(`${site.url}/unsubscribe/${token}`);
  await site.close();

  const all = lines.join('');
  expect(
    entries().some(({ msg, reason }) => msg === 'sending paused' && String(reason).includes('(address)')),
  ).toBe(true);
  expect(entries().filter(({ msg }) => msg === 'request').length).toBeGreaterThanOrEqual(9);
  expect(entries().some(({ status }) => status === '500')).toBe(true);
  expect(
    entries().some(
      ({ editionId: id, batch, msg }) => msg === 'batch done' && id === editionId && batch === 0,
    ),
  ).toBe(true);
  expect(all).not.toMatch(/@|%40/);
  expect(all).not.toMatch(/[0-9a-f]{30}/);
  for (const secret of secrets) expect(all).not.toContain(secret);
});

test.each([
  ['550 <jürgen.o+x@mail.example.com> unknown', '550 <(address)> unknown'],
  ['postgres://user:word@db.example.com/x', 'postgres://(hidden)@db.example.com/x'],
  ['/unsubscribe/12-34-0123456789abcdef0123456789abcd?x', '/unsubscribe/(token)?x'],
  ['GET a%40b.example.com&x', 'GET (address)&x'],
  ['session kX3vB1sZq8kX3vB1sZq8kX3vB1sZq8kX3vB1sZq8abc ends', 'session (token) ends'],
  ['Bearer abc.def', 'Bearer (token)'],
  ['mail.example.com:587 takes no mail', 'mail.example.com:587 takes no mail'],
  ['to <"john \\" doe"@example.com>', 'to <(address)>'],
  ['RCPT TO:<user@[192.0.2.1]>', 'RCPT TO:<(address)>'],
  ['{anna}@example.com is unknown', '(address) is unknown'],
  ['bounce+anna=example.com@esp.net', '(address)'],
  ["john/sales@example.com, o'brien@example.com", '(address), (address)'],
  ['AUTH PLAIN AGFubmEAc2VjcmV0 was refused', 'AUTH PLAIN (hidden) was refused'],
  ['password=hunter2&x', 'password=(hidden)&x'],
  ['token: abcdef12', 'token: (hidden)'],
])('%s is scrubbed', (text, clean) => {
  expect(scrub(text)).toBe(clean);
});

test('what is thrown without being an Error says its message, or its code', () => {
  expect(messageOf({ message: 'terminating connection', queue: 'work' })).toBe('terminating connection');
  expect(messageOf({ message: '', code: 'ECONNREFUSED' })).toBe('ECONNREFUSED');
  expect(messageOf({ a: 1 })).toBe('an error without words');
  expect(messageOf(new AggregateError([new Error('connect ECONNREFUSED')]))).toBe('connect ECONNREFUSED');
});

test('what fails again and again is said once, then now and then with how often, and that it works again', async () => {
  const lines: string[] = [];
  const sparing = new Sparing(
    createLog('info', (line) => lines.push(line)),
    50,
  );
  const said = () => lines.splice(0).map((line) => JSON.parse(line) as Record<string, unknown>);
  sparing.works('it goes again');
  for (let times = 0; times < 5; times++) sparing.warn({ error: 'away' }, 'it does not go');
  sparing.warn({ error: 'away' }, 'nor does this');
  expect(said()).toMatchObject([
    { msg: 'it does not go', error: 'away' },
    { msg: 'nor does this', error: 'away' },
  ]);
  await sleep(60);
  sparing.warn({ error: 'away' }, 'it does not go');
  sparing.works('it goes again');
  sparing.works('it goes again');
  sparing.warn({ error: 'away' }, 'it does not go');
  expect(said()).toMatchObject([
    { msg: 'it does not go', unsaid: 4 },
    { msg: 'it goes again' },
    { msg: 'it does not go' },
  ]);
});

test('nothing of an address that we take is left', () => {
  const quoted = fc
    .tuple(fc.stringMatching(/^[ -~]{1,20}$/), fc.domain())
    .map(([local, domain]) => `"${local.replace(/["\\]/g, '\\$&')}"@${domain}`);
  const taken = fc.oneof(fc.emailAddress(), quoted).filter((email) => {
    try {
      return parseAddress(email) !== undefined;
    } catch {
      return false;
    }
  });
  fc.assert(
    fc.property(taken, (email) => {
      expect(scrub(`550 <${email}> is unknown`)).toBe('550 <(address)> is unknown');
    }),
    { numRuns: 300 },
  );
});
