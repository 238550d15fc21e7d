import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { subscribe } from '../../src/subscribers/subscribe.ts';
import { launchBrowser } from '../support/browser.ts';
import { startBrandedSite } from './branded-site.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface AxeResult {
  violations: { id: string; nodes: { html: string; failureSummary: string }[] }[];
}

type Screen = [width: number, colorScheme: 'light' | 'dark'];

/** What axe finds against WCAG 2.2 AA, and what is wider than the window. */
async function examine(page: Page, name: string, screens: Screen[]): Promise<string[]> {
  await page.evaluate(axe);
  const found: string[] = [];
  for (const [width, colorScheme] of screens) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme });
    const { violations } = (await page.evaluate(
      `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })`,
    )) as AxeResult;
    for (const { id, nodes } of violations)
      found.push(`${name} ${width} ${colorScheme}: ${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`);
    const overflow = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
    if (Number(overflow) > 0) found.push(`${name} ${width}: ${overflow} px too wide`);
  }
  return found;
}

test.each<{ language: string; brand: Record<string, unknown>; screens: Screen[] }>([
  {
    language: 'en',
    brand: { colour: '#1f5fbf', radius: 8 },
    screens: [
      [360, 'light'],
      [1280, 'dark'],
    ],
  },
  // A brand whose colours are hard to read, in a language that runs from right to left.
  {
    language: 'ar',
    brand: { colour: '#f5d800', darkColour: '#202020', fonts: { heading: 'verdana' } },
    screens: [
      [360, 'dark'],
      [1280, 'light'],
    ],
  },
])(
  'every page is accessible, narrow and wide, light and dark: $language',
  { timeout: 120_000 },
  async ({ language, brand, screens }) => {
    const site = await startBrandedSite({ language, brand });
    await subscribe(site.context, { via: 'form', email: 'ada@example.com', list: 'weekly' });
    const browser = await launchBrowser();
    onTestFinished(() => browser.close());
    // Axe is put into the page, which our policy forbids to others.
    const page = await browser.newPage({ bypassCSP: true });
    const { paths } = site;
    const found: string[] = [];
    for (const [name, path] of Object.entries({
      ...paths,
      home: '/',
      pass: `${paths.view}/share`,
      list: `${paths.preferences}/list/${site.list.id}`,
      erase: `${paths.data}/erase`,
      nothing: '/no/such/page',
      ask: '/data',
      code: `${paths.embed}/code`,
    })) {
      // The edition itself is checked with its theme; what we put above it is checked at the shared one.
      if (name === 'view') continue;
      // These differ in nothing that a language or a brand changes, or are the same page once more.
      if (language !== 'en' && ['share', 'embed', 'nothing', 'ask', 'code', 'pass', 'erase'].includes(name))
        continue;
      await page.goto(site.url + path);
      expect(await page.locator('html').getAttribute('lang')).not.toBe('');
      found.push(...(await examine(page, name, screens)));
    }
    await page.goto(site.url + paths.unsubscribe);
    await page.click('button[value="leave"]');
    found.push(...(await examine(page, 'left', screens)));
    await page.goto(site.url + paths.subscribe);
    await page.fill('#email', 'nobody');
    await page.click('button[type="submit"]');
    found.push(...(await examine(page, 'wrong', screens)));
    expect(found).toEqual([]);
  },
);

test('a person without JavaScript signs up, confirms, chooses, leaves, undoes it and says why', async () => {
  const site = await startBrandedSite();
  const browser = await launchBrowser();
  onTestFinished(() => browser.close());
  const page = await (await browser.newContext({ javaScriptEnabled: false })).newPage();
  const outside: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(site.url) && !request.url().startsWith('data:'))
      outside.push(request.url());
  });
  const reads = async (text: string | RegExp) => expect(await page.innerText('main')).toMatch(text);
  const press = (name: string | RegExp) => page.getByRole('button', { name }).click();

  await page.goto(site.url + site.paths.subscribe);
  await page.getByLabel('Your email address').fill('bo@example.com');
  await page.getByLabel('sea').check();
  // Too quick for a person who types.
  await press('Subscribe');
  await reads('One more press, please');
  site.context.clock.advance(4_000);
  await press('Subscribe');
  await reads('We have sent a mail to bo@example.com');
  const [mail] = await site.mails();
  const link = /\/confirm\/[\w-]+/.exec(String(mail?.raw).replace(/=\r\n/g, ''))?.[0] ?? '';
  await page.goto(site.url + link);
  await press('Yes, subscribe me');
  await reads('You are subscribed');
  expect(await site.states('bo@example.com')).toEqual({ harbour: 'confirmed' });

  await page.getByRole('link', { name: 'Choose topics and how often you get it' }).click();
  expect(await page.locator('input[name$=".sea"][value="more"]').isChecked()).toBe(true);
  await page.getByLabel('How often').selectOption('weekly');
  await page.getByLabel('Your language').selectOption('de');
  await page.getByLabel('Your time zone').selectOption('Europe/Vienna');
  await press('Save');
  await reads('Gespeichert');
  await page.getByLabel('Ihre Sprache').selectOption('en');
  await press('Speichern');
  const person = await site.context.db
    .selectFrom('subscribers')
    .innerJoin('subscriptions', 'subscriber_id', 'subscribers.id')
    .where('email', '=', 'bo@example.com')
    .select(['subscribers.id', 'language', 'time_zone', 'frequency'])
    .executeTakeFirstOrThrow();
  expect(person).toMatchObject({ language: 'en', time_zone: 'Europe/Vienna', frequency: 'weekly' });

  const leave = `/unsubscribe/${site.signer.sign('unsubscribe', [person.id, site.editionId])}`;
  await page.goto(site.url + leave);
  await press('Unsubscribe');
  await press('That was a mistake, undo it');
  await reads('Welcome back');
  await page.goto(site.url + leave);
  await press('Unsubscribe');
  await page.getByLabel('It came too often').check();
  await page.getByLabel(/Anything that you would like to add/).fill('Once a week is enough.');
  await press('Send');
  await reads('Thank you for telling us');
  expect(await site.states('bo@example.com')).toEqual({ harbour: 'unsubscribed' });
  expect(outside).toEqual([]);
});

test('with JavaScript the browser solves the form’s task, and nobody has to wait', async () => {
  const site = await startBrandedSite();
  const browser = await launchBrowser();
  onTestFinished(() => browser.close());
  const page = await browser.newPage();
  await page.goto(site.url + site.paths.subscribe);
  await page.fill('#email', 'bo@example.com');
  await expect.poll(() => page.inputValue('[name=proof]'), { timeout: 30_000 }).not.toBe('');
  // The clock of this test stands still: the form comes back in the second in which it was shown.
  await page.click('button[type="submit"]');
  expect(await page.innerText('main')).toContain('We have sent a mail to bo@example.com');
  expect(await site.mails()).toHaveLength(1);
});
