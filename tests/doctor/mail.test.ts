import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';
import { expect, onTestFinished, test } from 'vitest';
import { ManualClock, systemClock } from '../../src/clock.ts';
import { loadConfig } from '../../src/config.ts';
import { checkBounces, checkWebhooks } from '../../src/doctor/bounces.ts';
import type { Finding } from '../../src/doctor/finding.ts';
import { checkLetters, checkWays, lookAtWay, waysOut } from '../../src/doctor/mail.ts';
import { checkReachable } from '../../src/doctor/reach.ts';
import { startImap, startPop3 } from '../support/mailbox-servers.ts';
import { startScripted } from '../support/scripted-smtp.ts';

const file = (name: string) => readFileSync(join(import.meta.dirname, '../support/tls', name), 'utf8');
const certificate = { key: file('key.pem'), cert: file('certificate.pem') };
const words = (findings: Finding[]) => findings.map(({ status, says }) => `${status}: ${says}`).join('\n');
const trial = { from: 'news@example.com', to: 'me@example.com' };
const way = (url: string) => ({ name: 'route main', url, host: '127.0.0.1', fromDomain: null });

test('where every route is switched off no mail goes out, by SMTP_URL neither', () => {
  const routes = [{ name: 'main', url: 'smtp://127.0.0.1:1', active: false, fromDomain: null }];
  const ways = waysOut(routes, 'smtp://127.0.0.1:2');
  expect(ways).toEqual([]);
  const finding = checkWays(routes, ways);
  expect(finding).toMatchObject({ status: 'failed' });
  expect(finding?.mend).toContain('routes edit main --active on');
  expect(waysOut([], 'smtps://user:secret@mail.example.com')).toMatchObject([
    { name: 'SMTP_URL', host: 'mail.example.com' },
  ]);
});

test('where mails to single people have no way of their own, it is said by which they go, or that there is none', () => {
  const route = { active: true, fromDomain: null, listId: null };
  const some = { ...route, fromDomain: 'ads.example.com' };
  expect(checkLetters([route], 'smtp://127.0.0.1:2')).toBeUndefined();
  expect(checkLetters([{ ...route, active: false }], undefined)).toBeUndefined();
  expect(checkLetters([route, some], undefined)).toMatchObject({ status: 'ok' });
  expect(checkLetters([some, { ...route, active: false }], undefined)).toMatchObject({
    status: 'warning',
    mend: expect.stringContaining('SMTP_URL'),
  });
});

test('a server is asked about an envelope, and no message is begun', async () => {
  const smtp = await startScripted();
  const { findings, secure } = await lookAtWay(way(smtp.url), systemClock, trial);
  expect(words(findings)).toContain(
    'ok: route main: it would take mail from news@example.com to me@example.com',
  );
  expect(secure).toBe(false);
  expect(smtp.heard.slice(1)).toEqual([
    'MAIL FROM:<news@example.com>',
    'RCPT TO:<me@example.com>',
    'RSET',
    'QUIT',
  ]);
});

test.each([
  [
    'the sender',
    { MAIL: '550 5.7.1 who are you\r\n' },
    /^failed: .*takes no mail from news@example\.com: .*who are you/m,
  ],
  ['relaying', { RCPT: '554 5.7.1 relay denied\r\n' }, /^failed: .*none to me@example\.com: .*relay denied/m],
  ['for now', { RCPT: '451 4.7.1 greylisted\r\n' }, /^warning: .*now: .*greylisted/m],
  ['us', { EHLO: '554 5.7.1 go away\r\n' }, /^failed: route main: .*go away/m],
])('a server that refuses %s says so in its words', async (_, commands, expected) => {
  const smtp = await startScripted({ commands });
  const { findings } = await lookAtWay(way(smtp.url), systemClock, trial);
  expect(words(findings)).toMatch(expected);
  expect(findings.at(-1)?.mend).toBeTruthy();
  expect(smtp.heard).not.toContain('DATA');
});

test('TLS and log-ins are tried, and certificates that end are told before they do', async () => {
  const server = new SMTPServer({
    ...certificate,
    disableReverseLookup: true,
    logger: false,
    closeTimeout: 50,
    onAuth: ({ password, username }, _session, answer) =>
      password === 'right'
        ? answer(null, { user: username })
        : answer(Object.assign(new Error('5.7.8 wrong password'), { responseCode: 535 })),
  });
  server.on('error', () => {});
  const listener = server.listen(0, '127.0.0.1');
  await new Promise((resolve) => listener.once('listening', resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const host = `127.0.0.1:${(listener.address() as AddressInfo).port}`;
  const look = async (password: string, more: string, now = '2026-11-24T08:00:00Z') =>
    words(
      (await lookAtWay(way(`smtp://me:${password}@${host}?${more}`), new ManualClock(now), trial)).findings,
    );

  expect(await look('right', 'requireTLS=true')).toMatch(/^failed: .*certificate is not trusted/);
  const unchecked = 'requireTLS=true&tls.rejectUnauthorized=false';
  const said = await look('right', unchecked);
  expect(said).toContain(`ok: route main: ${host} takes mail from us, encrypted, logged in`);
  expect(said).toMatch(/warning: .*holds for 34\d{3} days, and is believed unseen/);
  expect(said).toContain('it would take mail from');
  expect(await look('wrong', unchecked)).toMatch(/^failed: .*wrong password/);
  expect(await look('right', unchecked)).not.toContain('right');
});

test.each([startImap, startPop3])(
  'the mailbox for bounces is logged in to and counted, and stays as it is',
  async (start) => {
    const mailbox = await start([
      Buffer.from('Subject: a\r\n\r\nx\r\n'),
      Buffer.from('Subject: b\r\n\r\nx\r\n'),
    ]);
    const config = loadConfig({ BOUNCE_MAILBOX: mailbox.url }, '/tmp');
    expect(words(await checkBounces(config))).toContain('ok: the mailbox lets us in; 2 messages wait');
    expect(mailbox.messages.map(({ flags }) => [...flags])).toEqual([[], []]);
    expect(mailbox.commands.join(' ')).not.toMatch(/STORE|DELE|RETR|FETCH/);

    const locked = { ...config, bounceMailbox: mailbox.url.replace('p%2Fw', 'wrong') };
    const found = (await checkBounces(locked)).at(-1);
    expect(found).toMatchObject({ status: 'failed', mend: expect.stringContaining('BOUNCE_MAILBOX') });
    expect(JSON.stringify(found)).not.toContain('wrong%20d');
  },
);

test('a provider whose webhook is not set up cannot tell of bounces', () => {
  const ways = waysOut([], 'smtp://me:secret@smtp.postmarkapp.com:587');
  const told = (environment: Record<string, string>) =>
    words(checkWebhooks(ways, loadConfig(environment, '/tmp')));
  expect(told({})).toMatch(/^warning: mail goes by Postmark, and WEBHOOK_POSTMARK_SECRET is not set/);
  expect(
    told({ WEBHOOK_POSTMARK_SECRET: 'a-secret-of-sixteen', WEBHOOK_MAILGUN_KEY: 'a-secret-of-sixteen' }),
  ).toBe('ok: WEBHOOK_POSTMARK_SECRET lets Postmark tell of bounces and complaints\nok: webhooks: mailgun');
});

test('the public address is asked, by TLS, and whatever else answers there is not us', async () => {
  let answer: [status: number, headers: Record<string, string>, body: string] = [200, {}, '{"status":"ok"}'];
  const server = createServer(certificate, (_request, response) => {
    const [status, headers, body] = answer;
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const reach = async (now = '2026-11-24T08:00:00Z') => {
    const { findings, date } = await checkReachable(url, new ManualClock(now), { ca: certificate.cert });
    return { said: words(findings), date };
  };
  const well = await reach();
  expect(well.said).toMatch(
    new RegExp(`^ok: ${url} leads to us\nok: its certificate holds for 34\\d+ days$`),
  );
  expect(Math.abs((well.date?.getTime() ?? 0) - Date.now())).toBeLessThan(10_000);
  expect((await reach('2119-12-25T00:00:00Z')).said).toContain('warning: its certificate holds for 7 days');
  expect((await reach('2120-01-02T00:00:00Z')).said).toContain('failed: its certificate has ended');
  answer = [301, { location: 'https://www.example.com/' }, ''];
  expect((await reach()).said).toMatch(/^failed: .*leads elsewhere \(https:\/\/www\.example\.com\/\)/);
  answer = [200, {}, '<h1>Welcome to nginx</h1>'];
  expect((await reach()).said).toMatch(/^failed: .*not as we do/);
  const untrusted = await checkReachable(url, systemClock);
  expect(words(untrusted.findings)).toMatch(/^failed: the certificate of .* is not trusted/);
  const away = await checkReachable('http://127.0.0.1:1', systemClock);
  expect(words(away.findings)).toMatch(/^failed: .*cannot be reached from here: .*ECONNREFUSED/);
});
