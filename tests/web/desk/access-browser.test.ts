import { Secret, TOTP } from 'otpauth';
import { expect, onTestFinished, test } from 'vitest';
import { noteAct } from '../../../src/access/audit.ts';
import { setPassword } from '../../../src/access/passwords.ts';
import { launchBrowser } from '../../support/browser.ts';
import { seedNewsletter } from '../../support/seed.ts';
import { startDesk } from './access-site.ts';
import { flaws } from './flaws.ts';

const password = 'seven quiet herons';

test('by keyboard alone: a mailed link, a password, codes, and in again with them', {
  timeout: 120_000,
}, async () => {
  const site = await startDesk();
  const { context, editor } = site;
  const browser = await launchBrowser();
  onTestFinished(() => browser.close());
  const page = await browser.newPage();
  const wrong: string[] = [];
  page.on('console', (message) => message.type() === 'error' && wrong.push(message.text()));
  page.on('pageerror', (error) => wrong.push(error.message));
  /** Goes on with the Tab key until something with these words has the focus. */
  const tabTo = async (words: RegExp) => {
    for (let presses = 0; presses < 60; presses++) {
      const at = await page.evaluate(() => {
        const here = document.activeElement;
        const label = here?.id && document.querySelector(`label[for="${here.id}"]`);
        return `${(label || here)?.textContent ?? ''} ${here?.getAttribute('aria-label') ?? ''}`.trim();
      });
      if (words.test(at)) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`Tab leads to no ${words}.`);
  };
  const press = async (words: RegExp) => {
    await tabTo(words);
    await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  };
  /** Types into the field that a page focuses by itself, once it has done so. */
  const typeAtOnce = async (field: string, text: string) => {
    await page.waitForFunction((id) => document.activeElement?.id === id, field);
    await page.keyboard.type(text);
  };

  await page.goto(`${site.url}/desk/account`);
  await typeAtOnce('email', 'editor@example.com');
  await press(/^Mail me a link$/);
  expect(await page.textContent('h1')).toBe('Look into your mail');
  await page.goto(site.url + (await site.mailedLink()));
  await press(/^Log in as/);
  expect(page.url()).toBe(`${site.url}/desk/account`);

  await tabTo(/^New password$/);
  await page.keyboard.type(password);
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  expect(await page.textContent('.notice.good')).toContain('The password is set.');
  await press(/^Set up codes$/);
  const secret = (await page.textContent('#codes code')) ?? '';
  const totp = new TOTP({ secret: Secret.fromBase32(secret.replaceAll('-', '')) });
  const code = () => totp.generate({ timestamp: context.clock.now().getTime() });
  await tabTo(/^Code$/);
  await page.keyboard.type(code());
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  expect(await page.locator('main li code').count()).toBe(10);
  await press(/^I have kept them$/);
  await press(/^Log out$/);

  context.clock.advance(60_000);
  expect(page.url()).toBe(`${site.url}/desk/login`);
  await typeAtOnce('email', 'editor@example.com');
  await page.keyboard.press('Tab');
  await page.keyboard.type(password);
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  await typeAtOnce('code', code());
  await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  expect(page.url()).toBe(`${site.url}/desk`);
  const cookies = await page.context().cookies();
  expect(cookies.map(({ name, httpOnly, sameSite }) => ({ name, httpOnly, sameSite }))).toEqual([
    { name: 'broadsheet-session', httpOnly: true, sameSite: 'Lax' },
  ]);
  expect(await site.acts()).toMatchObject([
    { act: 'login.link' },
    { act: 'login', by: editor.email, details: { way: 'link' } },
    { act: 'password.set' },
    { act: 'codes.on' },
    { act: 'logout' },
    { act: 'login', details: { way: 'password', second: 'code' } },
  ]);
  // /desk itself is another part's page.
  expect(wrong.filter((text) => !text.includes('404'))).toEqual([]);
});

test('the pages are accessible, narrow and wide, light and dark', { timeout: 120_000 }, async () => {
  const site = await startDesk({
    oidc: {
      issuer: 'https://login.example.com',
      clientId: 'x',
      clientSecret: undefined,
      name: 'Example Login',
      scopes: 'openid',
      allowedDomains: [],
      newUsers: 'viewer',
      roleClaim: undefined,
    },
  });
  const { context, admin, editor } = site;
  await seedNewsletter(context, []);
  await setPassword(context, admin, password);
  await noteAct(context, {
    user: editor,
    act: 'edition.approve',
    editionId: 12,
    subject: 'Morning',
    details: { version: 4 },
  });
  const browser = await launchBrowser();
  onTestFinished(() => browser.close());
  const page = await browser.newPage({ bypassCSP: true });
  const found: string[] = [];
  const look = async (name: string, path?: string) => {
    if (path) await page.goto(site.url + path);
    found.push(...(await flaws(page, name, { bestPractice: true })));
  };
  await look('login', '/desk/login?next=/desk/account');
  await page.fill('#email', admin.email);
  await page.fill('#password', 'wrong');
  await page.click('button:has-text("Log in")');
  await look('login-wrong');
  await page.fill('#password', password);
  await page.click('button:has-text("Log in")');
  await page.waitForURL('**/desk/account');
  await page.click('button:has-text("Set up codes")');
  await look('account');
  await look('users', '/desk/users');
  await look('user', `/desk/users/${editor.id}`);
  await look('audit', '/desk/audit');
  context.clock.advance(660_000);
  await look('proof', '/desk/account');
  await page.goto(`${site.url}/desk/login`);
  await page.fill('#email', admin.email);
  await page.click('button:has-text("Mail me a link")');
  await look('link-asked');
  await look('link', await site.mailedLink());
  await look('link-gone', '/desk/login/link?token=x');
  expect(found).toEqual([]);
});
