import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { launchBrowser } from '../../support/browser.ts';
import { letIn } from './desk-site.ts';
import { flaws, type Strictness } from './flaws.ts';
import { pagesOf, speakGerman, startWholeDesk } from './whole-desk.ts';

const english =
  /(?<![\p{L}\d@./-])(?:the|of|and|is|are|by|for|with|at|it|its|that|this|from|to|be|has|have|which|where|when|you|your|there|story|stories|not|one|would|edition|add|change)(?![\p{L}\d@./-])/iu;

/** Each page in light and dark, on a phone and a desk; which goes with which takes turns, as a page's colours do not ask for its width. */
const looks: Strictness[] = [
  { screens: [[1440, 'light']], briefly: [[390, 'dark']], frames: false },
  { screens: [[1440, 'dark']], briefly: [[390, 'light']], frames: false },
];

/** Texts that people read or hear on a page, without what says of itself that it is English. */
const textsOn = (page: Page) =>
  page.evaluate(() => {
    const found: string[] = [];
    const walk = (node: Element) => {
      if (node.matches('[lang="en"], script, style, iframe')) return;
      for (const name of ['title', 'aria-label', 'placeholder', 'alt'])
        found.push(node.getAttribute(name) ?? '');
      for (const child of node.childNodes)
        if (child instanceof Element) walk(child);
        else found.push((child.textContent ?? '').replace(/\s+/g, ' ').trim());
    };
    walk(document.body);
    return found;
  });

test('every page of the desk is accessible, as wide as the window, without errors, and German for those who read it', {
  timeout: 300_000,
}, async () => {
  const site = await startWholeDesk();
  await speakGerman(site);
  const pages = pagesOf(site);
  const browser = await launchBrowser();
  onTestFinished(() => browser.close());
  const context = await browser.newContext({ locale: 'de-DE', reducedMotion: 'reduce', bypassCSP: true });
  const found: string[] = [];
  const work = async () => {
    const page = await context.newPage();
    await letIn(page, site.url, site.as.admin);
    let path = '';
    page.on('pageerror', (error) => found.push(`${path}: ${error}`));
    page.on('console', (message) => {
      if (message.type() === 'error' && !/status of 4\d\d|ERR_/.test(message.text()))
        found.push(`${path}: ${message.text()}`);
    });
    for (let next = pages.shift(); next; next = pages.shift()) {
      path = next.path;
      await page.goto(`${site.url}${path}`);
      for (const text of new Set(await textsOn(page)))
        if (english.test(text)) found.push(`${path}: English: ${text}`);
      await page.evaluate(() => {
        for (const fold of document.querySelectorAll<HTMLDetailsElement>('details:not(.menu)'))
          fold.open = true;
      });
      // Pieces are looked at where they stand.
      if (!next.isPiece) found.push(...(await flaws(page, next.name, looks[pages.length % 2])));
    }
  };
  await Promise.all([work(), work()]);
  expect(found).toEqual([]);
});
