import { Secret, TOTP } from 'otpauth';
import { expect, test } from 'vitest';
import { setPassword } from '../../../src/access/passwords.ts';
import { beginCodes, confirmCodes } from '../../../src/access/totp.ts';
import { setUserDisabled } from '../../../src/access/users.ts';
import { startDesk } from './access-site.ts';

const password = 'seven quiet herons';

test('a mailed link logs in once, and looking at it changes nothing', async () => {
  const site = await startDesk();
  const browser = site.browser();
  expect(await browser.get('/desk/account?x=1')).toMatchObject({
    status: 302,
    to: '/desk/login?next=%2Fdesk%2Faccount%3Fx%3D1',
  });
  const page = await browser.get('/desk/login?next=%2Fdesk%2Faccount%3Fx%3D1');
  expect(page.html).toContain('name="next" value="/desk/account?x=1"');
  expect(page.headers.get('content-security-policy')).toMatch(/script-src 'self';/);

  const asked = await browser.post('/desk/login', {
    email: 'Editor@Example.com',
    way: 'link',
    next: '/desk/account?x=1',
  });
  expect(asked.text).toContain('Look into your mail');
  const path = await site.mailedLink();
  expect(await site.mails()).toMatchObject([
    { to: ['editor@example.com'], text: expect.stringContaining('15 minutes') },
  ]);

  // Whatever looks at mail opens links, on another machine and more than once.
  for (let times = 0; times < 3; times++) {
    const seen = await site.browser().get(path);
    expect(seen.text).toContain('Log in as editor@example.com');
    expect(seen.headers.get('referrer-policy')).toBe('no-referrer');
  }
  const token = path.split('token=')[1] ?? '';
  expect(await browser.post('/desk/login/link', { token })).toMatchObject({
    status: 303,
    to: '/desk/account?x=1',
  });
  expect((await browser.get('/desk/account')).text).toContain('editor@example.com');
  const again = await site.browser().post('/desk/login/link', { token });
  expect(again).toMatchObject({ status: 410 });
  expect((await site.browser().get(path)).status).toBe(410);
  expect(await site.acts()).toMatchObject([
    { act: 'login.link', subject: 'Editor@Example.com' },
    { act: 'login', by: 'editor@example.com', details: { way: 'link' } },
  ]);
});

test('who asks for a link or tries a password learns nothing of who is known', async () => {
  const site = await startDesk();
  await setPassword(site.context, site.editor, password);
  await setUserDisabled(site.context, site.viewer.id, true);
  const addresses = ['editor@example.com', 'nobody@example.com', 'viewer@example.com'];
  const pages = async (fields: Record<string, string>) =>
    Promise.all(
      addresses.map(async (email) => {
        const { status, html } = await site.browser().post('/desk/login', { email, ...fields });
        return `${status} ${html.replaceAll(email, 'ADDRESS')}`;
      }),
    );
  for (const fields of [{ way: 'link' }, { password: 'wrong' }] as Record<string, string>[])
    expect(new Set(await pages(fields)).size, JSON.stringify(fields)).toBe(1);
  expect((await site.mails()).map(({ to }) => to)).toEqual([['editor@example.com']]);
  const acts = await site.acts();
  expect(acts.filter(({ act }) => act === 'login.failed')).toHaveLength(5);
  expect(JSON.stringify(acts)).not.toContain('wrong"');

  // How long it takes does not tell either: the hash is made for whoever is not there, too.
  const time = async (email: string) => {
    const start = performance.now();
    await site.browser().post('/desk/login', { email, password: 'wrong' });
    return performance.now() - start;
  };
  const [known, unknown]: [number[], number[]] = [[], []];
  for (let times = 0; times < 2; times++) {
    known.push(await time(addresses[0] ?? ''));
    unknown.push(await time(addresses[1] ?? ''));
  }
  expect(Math.min(...unknown)).toBeGreaterThan(Math.min(...known) / 3);
});

test('a password logs in, and asks for the code of the phone if that is set up', async () => {
  const site = await startDesk();
  const { context, editor } = site;
  await setPassword(context, editor, password);
  const browser = site.browser();
  const logIn = () => browser.post('/desk/login', { email: editor.email, password, next: '/desk/editions' });
  expect((await browser.post('/desk/login', { email: editor.email, password: `${password}!` })).status).toBe(
    401,
  );
  expect(await logIn()).toMatchObject({ status: 303, to: '/desk/editions' });
  const first = browser.cookies.get('broadsheet-session');

  const setup = await beginCodes(context, editor);
  const totp = new TOTP({ secret: Secret.fromBase32(setup?.secret.replaceAll('-', '') ?? '') });
  const code = () => totp.generate({ timestamp: context.clock.now().getTime() });
  const recovery = (await confirmCodes(context, editor.id, code())) ?? [];
  context.clock.advance(60_000);
  expect(await logIn()).toMatchObject({ status: 303, to: '/desk/login/code' });
  // The password alone is no session, nor is the page for the code.
  expect(browser.cookies.get('broadsheet-session')).toBe(first);
  const fresh = site.browser();
  fresh.cookies.set('broadsheet-session', browser.cookies.get('broadsheet-login') ?? '');
  expect((await fresh.get('/desk/account')).status).toBe(302);

  const wrong = await browser.post('/desk/login/code', { code: '000000' });
  expect(wrong).toMatchObject({ status: 401, text: expect.stringContaining('wrong, or was used') });
  const right = code();
  expect(await browser.post('/desk/login/code', { code: right })).toMatchObject({
    status: 303,
    to: '/desk/editions',
  });
  expect(browser.cookies.has('broadsheet-login')).toBe(false);
  // The session that this browser had is over, and the code is used up.
  expect((await site.browser(first).get('/desk/account')).status).toBe(302);
  await logIn();
  expect((await browser.post('/desk/login/code', { code: right })).status).toBe(401);
  expect((await browser.post('/desk/login/code', { code: recovery[0] ?? '' })).status).toBe(303);
  // A mailed link asks for it as well: a mailbox that others read is not enough.
  await browser.post('/desk/login', { email: editor.email });
  const token = (await site.mailedLink()).split('token=')[1] ?? '';
  expect(await browser.post('/desk/login/link', { token })).toMatchObject({ to: '/desk/login/code' });
  const acts = (await site.acts()).map(({ act, details }) => `${act} ${JSON.stringify(details)}`);
  expect(acts).toContain('login {"way":"password","second":"recovery"}');
  for (const secret of [password, right, recovery[0] ?? '', token]) expect(acts.join()).not.toContain(secret);
});

test('tries are limited for an address from wherever, and for a machine, in all processes', async () => {
  const site = await startDesk();
  await setPassword(site.context, site.editor, password);
  let machines = 0;
  const attempt = (fields: Record<string, string>) =>
    site.browser().post('/desk/login', fields, { 'x-forwarded-for': `203.0.113.${++machines}` });
  const tries = await Promise.all(
    Array.from({ length: 11 }, () => attempt({ email: 'editor@example.com', password: 'wrong' })),
  );
  expect(tries.map(({ status }) => status).toSorted()).toEqual([...Array(10).fill(401), 429]);
  // Not even with the right password, which would tell that it is right.
  const late = await attempt({ email: 'EDITOR@example.com', password });
  expect(late).toMatchObject({ status: 429, text: expect.stringContaining('tried too often') });
  expect(Number(late.headers.get('retry-after'))).toBeGreaterThan(200);
  site.context.clock.advance(300_000);
  expect((await attempt({ email: 'editor@example.com', password })).status).toBe(303);

  const links = [];
  for (let times = 0; times < 5; times++) links.push((await attempt({ email: 'nobody@example.com' })).status);
  expect(links).toEqual([200, 200, 200, 200, 429]);
});

test.each([
  ['https://evil.example.com/desk', undefined],
  ['//evil.example.com/desk', undefined],
  ['/\\evil.example.com', undefined],
  ['/desk/../api', undefined],
  ['/desk\n/x', undefined],
  ['/deskevil', undefined],
  ['/desk/login?next=/desk', undefined],
  ['/desk/logout', undefined],
  ['/desk/editions/3?tab=a#x', '/desk/editions/3?tab=a'],
  ['/desk', '/desk'],
])('after a login, %j leads to %s', async (next, path) => {
  const { deskPath } = await import('../../../src/web/desk/access/local-path.ts');
  expect(deskPath(next)).toBe(path);
});

test('no page elsewhere logs a browser in as somebody else', async () => {
  const site = await startDesk();
  await setPassword(site.context, site.editor, password);
  const fields = { email: 'editor@example.com', password };
  for (const headers of [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': '', origin: 'https://evil.example.com' },
    { 'sec-fetch-site': '', origin: 'null' },
  ])
    expect((await site.browser().post('/desk/login', fields, headers as Record<string, string>)).status).toBe(
      403,
    );
  const origin = { 'sec-fetch-site': '', origin: site.url };
  expect((await site.browser().post('/desk/login', fields, origin)).status).toBe(303);
});

test('over https the cookie is bound to this host and this kind of connection', async () => {
  const site = await startDesk({ publicUrl: 'https://news.example.com' });
  await setPassword(site.context, site.editor, password);
  const fields = { email: 'editor@example.com', password };
  const { headers } = await site.browser().post('/desk/login', fields);
  const cookie = headers.getSetCookie().find((line) => line.includes('session')) ?? '';
  expect(cookie).toMatch(/^__Host-broadsheet-session=[\w-]{43};/);
  for (const attribute of ['Secure', 'HttpOnly', 'SameSite=Lax', 'Path=/', 'Max-Age=2592000'])
    expect(cookie).toContain(attribute);
  expect(cookie).not.toContain('Domain');
});

test('the login speaks the browser’s language', async () => {
  const site = await startDesk();
  const page = await site.browser().get('/desk/login', { 'accept-language': 'de-CH,de;q=0.9' });
  expect(page.html).toContain('<html lang="de"');
  expect(page.text).toContain('Anmelden');
  await site.browser().post('/desk/login', { email: 'editor@example.com' }, { 'accept-language': 'de' });
  expect(await site.mails()).toMatchObject([
    {
      subject: expect.stringMatching(/^Anmelden bei Broadsheet/),
      text: expect.stringContaining('15 Minuten'),
    },
  ]);
});
