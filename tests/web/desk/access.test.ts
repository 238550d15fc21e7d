import { Secret, TOTP } from 'otpauth';
import { expect, test } from 'vitest';
import { noteAct } from '../../../src/access/audit.ts';
import { setPassword } from '../../../src/access/passwords.ts';
import { createSession } from '../../../src/access/sessions.ts';
import { findUserByEmail, getUser } from '../../../src/access/users.ts';
import { unmasked } from '../../../src/web/desk/access/csrf.ts';
import { seedNewsletter } from '../../support/seed.ts';
import { startDesk } from './access-site.ts';

const password = 'seven quiet herons';
const elevenMinutes = 660_000;

const tokenIn = (html: string) => /name="csrf" value="([^"]+)"/.exec(html)?.[1] ?? '';

test('without a session a page leads to the login, and a script is told', async () => {
  const site = await startDesk();
  const browser = site.browser('x'.repeat(43));
  expect(await browser.get('/desk/users?x=1')).toMatchObject({
    status: 302,
    to: '/desk/login?next=%2Fdesk%2Fusers%3Fx%3D1',
  });
  const scripts: Record<string, string>[] = [
    { 'hx-request': 'true' },
    { accept: 'text/event-stream' },
    { 'sec-fetch-mode': 'cors' },
  ];
  for (const headers of scripts) {
    const answer = await browser.get('/desk/users', headers);
    expect(answer, JSON.stringify(headers)).toMatchObject({
      status: 401,
      text: expect.stringContaining('Log in'),
    });
    expect(answer.html).not.toContain('<html');
  }
  const sent = await browser.post('/desk/account', { name: 'What I typed' });
  expect(sent).toMatchObject({ status: 401, text: expect.stringContaining('load this page again') });
});

test('a change comes from a page of this session, or not at all', async () => {
  const site = await startDesk();
  const browser = await site.loggedIn(site.editor);
  const other = await site.loggedIn(site.editor);
  const page = await browser.get('/desk/account');
  expect(unmasked(tokenIn(page.html), 32)).toBe(browser.csrf);
  const nameNow = async () => (await getUser(site.context, site.editor.id)).name;
  const rename = (name: string, fields: Record<string, string> = {}, headers: Record<string, string> = {}) =>
    browser.post('/desk/account', { name, ...fields }, headers);
  for (const [fields, headers] of [
    [{ csrf: '' }, {}],
    [{ csrf: other.csrf }, { 'sec-fetch-site': '' }],
    [{ csrf: '' }, { 'x-csrf-token': other.csrf }],
    [{}, { 'sec-fetch-site': 'cross-site' }],
    [{}, { 'sec-fetch-site': 'same-site' }],
    [{}, { 'sec-fetch-site': '', origin: 'https://evil.example.com' }],
    [{}, { 'content-type': 'text/plain' }],
  ] as Record<string, string>[][])
    expect((await rename('Mallory', fields, headers)).status, JSON.stringify(headers)).toBe(403);
  expect(await nameNow()).toBe('editor');
  expect((await rename('Ed', {}, { 'sec-fetch-site': '', origin: site.url })).status).toBe(303);
  expect(await nameNow()).toBe('Ed');
  expect((await rename('Edith', { csrf: '' }, { 'x-csrf-token': browser.csrf })).status).toBe(303);
  expect(await nameNow()).toBe('Edith');
});

test('what was sent from a form of an ended session is offered once more, without secrets', async () => {
  const site = await startDesk();
  const old = await site.loggedIn(site.editor);
  const browser = await site.loggedIn(site.editor);
  const typed = { csrf: old.csrf, name: '"><b>Edith', password: 'secret-word', code: '123456' };
  const page = await browser.post('/desk/account', typed);
  expect(page).toMatchObject({ status: 409, text: expect.stringContaining('Nothing of it is lost') });
  expect(page.html).toContain('name="name" value="&quot;&gt;&lt;b&gt;Edith"');
  expect(page.html).not.toMatch(/secret-word|123456/);
  expect(unmasked(tokenIn(page.html), 32)).toBe(browser.csrf);
  expect((await getUser(site.context, site.editor.id)).name).toBe('editor');
});

test('sessions are seen and ended on the account page, and logging out ends one', async () => {
  const site = await startDesk();
  const { context, editor } = site;
  const browser = await site.loggedIn(editor);
  const stranger = await site.loggedIn(site.viewer);
  const agents = [
    'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Safari/604.1',
  ];
  const tokens = [];
  for (const userAgent of agents)
    tokens.push(await createSession(context, editor.id, { ip: '203.0.113.9', userAgent, how: 'link' }));
  const page = await browser.get('/desk/account');
  expect(page.text).toMatch(/Firefox on Linux mailed link 203\.0\.113\.9/);
  expect(page.text).toContain('Safari on iPhone');
  const first = /action="\/desk\/account\/sessions\/(\d+)"/.exec(page.html)?.[1];
  // Nobody ends somebody else's.
  await stranger.post(`/desk/account/sessions/${first}`);
  expect((await browser.get('/desk/account')).html.match(/sessions\/\d+"/g)).toHaveLength(2);
  await browser.post(`/desk/account/sessions/${first}`);
  expect((await browser.get('/desk/account')).html.match(/sessions\/\d+"/g)).toHaveLength(1);
  expect(await browser.post('/desk/account/sessions/others')).toMatchObject({
    to: '/desk/account?done=sessions&of=1',
  });
  for (const token of tokens) expect((await site.browser(token).get('/desk/account')).status).toBe(302);

  const token = browser.cookies.get('broadsheet-session');
  expect(await browser.post('/desk/logout')).toMatchObject({ status: 303, to: '/desk/login' });
  expect(browser.cookies.size).toBe(0);
  expect((await site.browser(token).get('/desk/account')).status).toBe(302);
  expect((await site.acts()).map(({ act }) => act)).toEqual(['session.end', 'session.end', 'logout']);
});

test('a password is set within ten minutes of a login, or after the old one is given again', async () => {
  const site = await startDesk();
  const { context, editor } = site;
  const browser = await site.loggedIn(editor);
  const other = await site.loggedIn(editor);
  const set = (text: string) => browser.post('/desk/account/password', { password: text });
  expect(await set('short')).toMatchObject({
    status: 422,
    text: expect.stringContaining('shorter than twelve'),
  });
  expect(await set('editor@example.com')).toMatchObject({
    status: 422,
    text: expect.stringContaining('easy to guess'),
  });
  expect(await set(password)).toMatchObject({ status: 303, to: '/desk/account?done=password' });
  // Whoever else was in with this account is out.
  expect((await other.get('/desk/account')).status).toBe(302);

  context.clock.advance(elevenMinutes);
  expect((await browser.get('/desk/account')).html).not.toContain('action="/desk/account/password"');
  for (const path of [
    '/desk/account/password',
    '/desk/account/password/remove',
    '/desk/account/codes/begin',
    '/desk/account/codes/off',
  ])
    expect(await browser.post(path, { password: 'another good one here' }), path).toMatchObject({
      status: 403,
      text: expect.stringContaining('Is it you?'),
    });
  expect((await browser.post('/desk/account/prove', { password: 'wrong' })).status).toBe(401);
  expect(
    await browser.post('/desk/account/prove', { password, next: 'https://evil.example.com' }),
  ).toMatchObject({
    status: 303,
    to: '/desk/account',
  });
  expect((await browser.post('/desk/account/password/remove')).to).toBe('/desk/account?done=no-password');
  expect((await getUser(context, editor.id)).hasPassword).toBe(false);

  context.clock.advance(elevenMinutes);
  await browser.post('/desk/account/prove', { way: 'link', next: '/desk/account' });
  const token = (await site.mailedLink()).split('token=')[1] ?? '';
  expect(await browser.post('/desk/login/link', { token })).toMatchObject({
    status: 303,
    to: '/desk/account',
  });
  expect((await browser.get('/desk/account')).html).toContain('action="/desk/account/password"');
  expect(JSON.stringify(await site.acts())).not.toContain(password);
});

test('codes are set up with a picture to scan, and turned off', async () => {
  const site = await startDesk();
  const { context, editor } = site;
  const browser = await site.loggedIn(editor);
  await browser.post('/desk/account/codes/begin');
  const page = await browser.get('/desk/account');
  expect(page.html).toMatch(/<svg width="208"[^>]*>/);
  expect(page.html).not.toMatch(/style=/);
  const secret = /<code>([A-Z2-7-]{39})<\/code>/.exec(page.html)?.[1] ?? '';
  const totp = new TOTP({ secret: Secret.fromBase32(secret.replaceAll('-', '')) });
  expect((await browser.post('/desk/account/codes/confirm', { code: '000000' })).status).toBe(422);
  expect((await getUser(context, editor.id)).hasCode).toBe(false);
  const code = totp.generate({ timestamp: context.clock.now().getTime() });
  const done = await browser.post('/desk/account/codes/confirm', { code });
  const codes = done.html.match(/<code>[a-z2-7]{4}(-[a-z2-7]{4}){3}<\/code>/g) ?? [];
  expect(new Set(codes).size).toBe(10);
  const shown = await browser.get('/desk/account');
  expect(shown.text).toContain('10 recovery codes are left');
  expect(shown.html).not.toContain(secret);
  const others = await browser.post('/desk/account/codes/recovery');
  expect(others.html).not.toContain(codes[0]);
  await browser.post('/desk/account/codes/off');
  expect((await getUser(context, editor.id)).hasCode).toBe(false);
  expect((await site.acts()).map(({ act }) => act)).toEqual(['codes.on', 'codes.recovery', 'codes.off']);
});

test('admins add, change, close and remove users, and nobody else sees them', async () => {
  const site = await startDesk();
  const { context, admin, editor, viewer } = site;
  const newsletter = await seedNewsletter(context, []);
  for (const user of [editor, viewer]) {
    const browser = await site.loggedIn(user);
    for (const path of ['/desk/users', `/desk/users/${admin.id}`, '/desk/audit'])
      expect((await browser.get(path)).status, path).toBe(403);
    expect((await browser.post('/desk/users', { email: 'x@example.com', role: 'admin' })).status).toBe(403);
    expect((await browser.post(`/desk/users/${user.id}`, { role: 'admin' })).status).toBe(403);
  }
  const browser = await site.loggedIn(admin);
  const added = await browser.post('/desk/users', {
    email: 'New@Example.com',
    name: 'Nell',
    role: '',
    [`newsletter-${newsletter.id}`]: 'editor',
    mail: 'on',
  });
  expect(added).toMatchObject({ status: 303, to: '/desk/users?done=user&of=New%40example.com' });
  expect(await site.mailedLink()).toContain('token=');
  const made = await findUserByEmail(context, 'new@example.com');
  expect(made).toMatchObject({ role: null, newsletters: [{ newsletterId: newsletter.id, role: 'editor' }] });
  const twice = await browser.post('/desk/users', { email: 'new@example.com', name: 'N', role: 'viewer' });
  expect(twice).toMatchObject({
    status: 422,
    text: expect.stringContaining('There is a user new@example.com already.'),
  });

  const nell = await site.loggedIn({ id: made?.id ?? 0 });
  const here = `/desk/users/${made?.id}`;
  expect((await browser.post(here, { name: 'Nell', role: 'viewer' })).status).toBe(303);
  expect(await getUser(context, made?.id ?? 0)).toMatchObject({ role: 'viewer', newsletters: [] });
  expect((await browser.post(here, { name: 'Nell', role: '' })).text).toContain('needs a role');
  await setPassword(context, { id: made?.id ?? 0, email: 'new@example.com' }, password);
  await browser.post(`${here}/drop-password`);
  expect((await getUser(context, made?.id ?? 0)).hasPassword).toBe(false);
  await browser.post(`${here}/close`);
  expect((await nell.get('/desk/account')).status).toBe(302);
  await browser.post(`${here}/open`);
  await browser.post(`${here}/remove`);
  expect(await findUserByEmail(context, 'new@example.com')).toBeUndefined();

  // Oneself is for others to change, and what is older than ten minutes changes nobody.
  for (const path of ['', '/close', '/remove'])
    expect((await browser.post(`/desk/users/${admin.id}${path}`, { role: 'viewer' })).status).toBe(403);
  context.clock.advance(elevenMinutes);
  expect((await browser.post(`/desk/users/${viewer.id}/close`)).text).toContain('Is it you?');
  expect((await getUser(context, viewer.id)).disabledAt).toBeNull();
  expect((await browser.get('/desk/users')).text).toContain('editor@example.com');
  expect((await site.acts()).map(({ act }) => act)).toEqual([
    'user.create',
    'user.edit',
    'user.drop-password',
    'user.disable',
    'user.enable',
    'user.remove',
  ]);
});

test('the log is read by kind, person and day, in pages', async () => {
  const site = await startDesk();
  const { context, admin, editor } = site;
  for (let index = 0; index < 60; index++)
    await noteAct(context, {
      user: editor,
      act: 'edition.edit',
      editionId: 5,
      subject: index === 0 ? '<script>alert(1)</script>' : `Change ${index}`,
      details: { version: index },
    });
  context.clock.advance(86_400_000);
  await noteAct(context, { user: admin, act: 'source.remove', subject: 'Harbour Post' });
  const browser = await site.loggedIn(admin);
  const first = await browser.get('/desk/audit');
  expect(first.text).toContain('source.remove Harbour Post');
  expect(first.text).toMatch(/editor@example\.com edition\.edit Change 59 #5 version: 59/);
  const older = /href="(\/desk\/audit\?cursor=\d+)"/.exec(first.html)?.[1] ?? '';
  const second = await browser.get(older);
  expect(second.html).toContain('&lt;script&gt;alert(1)');
  expect(second.html).not.toContain('<script>alert');
  const tds = (html: string) => html.match(/<time /g)?.length ?? 0;
  expect([tds(first.html), tds(second.html)]).toEqual([50, 11]);
  expect(tds((await browser.get('/desk/audit?act=source')).html)).toBe(1);
  expect(tds((await browser.get('/desk/audit?who=ADMIN@example.com')).html)).toBe(1);
  expect(tds((await browser.get('/desk/audit?from=2026-11-25&until=2026-11-25')).html)).toBe(1);
  expect((await browser.get('/desk/audit?newsletter=9')).text).toContain('Nothing of that kind');
  expect((await browser.get('/desk/audit?cursor=x&from=31.12.&newsletter=%00&until=9999-99-99')).status).toBe(
    200,
  );
});

test('the token differs from page to page, so that a compressed page tells nothing of it, and each is taken', async () => {
  const site = await startDesk();
  const editor = await site.loggedIn(site.editor);
  const tokens = [1, 2].map(async () => tokenIn((await editor.get('/desk/account')).html));
  const [one = '', other = ''] = await Promise.all(tokens);
  expect(one).not.toBe(other);
  expect(unmasked(one, 32)).toBe(unmasked(other, 32));
  const page = await fetch(`${site.url}/desk/login`, { headers: { 'accept-encoding': 'gzip' } });
  expect(page.headers.get('content-encoding')).toBe('gzip');
  const renamed = await editor.post('/desk/account', { csrf: other, name: 'Edith' });
  expect(renamed.status).toBe(303);
});
