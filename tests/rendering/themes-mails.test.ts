import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import Alert from '../../emails/alert.tsx';
import Confirm from '../../emails/confirm.tsx';
import Goodbye from '../../emails/goodbye.tsx';
import Login from '../../emails/login.tsx';
import Preferences from '../../emails/preferences.tsx';
import Stay from '../../emails/stay.tsx';
import Welcome from '../../emails/welcome.tsx';
import { type MailProps, renderMail } from '../../src/rendering/mail.ts';
import { directionOf, languages, letterTexts } from '../../src/rendering/words.ts';
import { launchBrowser } from '../support/browser.ts';
import { openPage } from './pages.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const mails: [keyof MailProps, object][] = [
  ['confirm', Confirm.PreviewProps],
  ['welcome', Welcome.PreviewProps],
  ['preferences', Preferences.PreviewProps],
  ['login', Login.PreviewProps],
  ['goodbye', Goodbye.PreviewProps],
  ['stay', Stay.PreviewProps],
  ['alert', Alert.PreviewProps],
];

test.each(mails)('%s fits every width, and axe finds nothing serious in either mode', async (name, props) => {
  const { html } = await renderMail(name, props as never);
  const page = await openPage(browser, html, { width: 320 });
  for (const width of [320, 360, 640]) {
    await page.setViewportSize({ width, height: 900 });
    const seen = await page.evaluate(() => ({
      isTooWide: document.documentElement.scrollWidth > document.documentElement.clientWidth,
      small: [...document.querySelectorAll('a')].filter((link) => link.getBoundingClientRect().height < 44)
        .length,
    }));
    expect(seen).toEqual({ isTooWide: false, small: 0 });
  }
  await page.evaluate(axe);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    const found = await page.evaluate(async () => {
      // axe puts itself into the window.
      const { axe } = window as unknown as {
        axe: { run(): Promise<{ violations: { id: string; impact: string }[] }> };
      };
      return (await axe.run()).violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .map(({ id }) => id);
    });
    expect(found).toEqual([]);
  }
  await page.context().close();
});

test.each(mails)(
  '%s says in plain text what it says in HTML, with whole links and short lines',
  async (name, props) => {
    const { html, text } = await renderMail(name, props as never);
    const hrefs = [...html.matchAll(/<a[^>]* href="([^"]+)"/g)].map((match) => match[1] ?? '');
    for (const href of hrefs) expect(text.split('\n')).toContain(href);
    const long = text.split('\n').filter((line) => line.length > 72 && line.includes(' '));
    expect(long).toEqual([]);
    expect(text).not.toMatch(/undefined|\[object|<\w/);
  },
);

test.each([...languages])('the confirmation speaks %s', async (language) => {
  const texts = letterTexts('confirm', language, { list: 'The & Post', days: 7 });
  const { html, text } = await renderMail('confirm', {
    ...Confirm.PreviewProps,
    language,
    direction: directionOf(language),
    texts,
  });
  expect(html).toContain(`lang="${language}"`);
  expect(html).toContain(`dir="${directionOf(language)}"`);
  expect(text).toContain(texts.title);
  expect(text.replace(/\s+/g, '')).toContain(texts.unasked.replace(/\s+/g, ''));
});

test('what people typed is text and nothing else, in the button of Outlook too', async () => {
  const evil = '"><script>alert(1)</script><![endif]-->';
  const { html } = await renderMail('login', {
    ...Login.PreviewProps,
    siteName: evil,
    loginUrl: `https://news.example.com/?a="onclick=alert(1)`,
  });
  expect(html).not.toContain('<script');
  expect(html).not.toContain('"onclick');
  const harmless = await renderMail('login', Login.PreviewProps);
  const conditions = (mail: string) => mail.match(/<!\[endif\]-->/g)?.length;
  expect(conditions(html)).toBe(conditions(harmless.html));
});
