import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { launchBrowser } from '../support/browser.ts';
import { startApi } from './api-client.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  id: string;
  nodes: { html: string }[];
}

test('the page that describes the API is accessible and fits a telephone, with all of it unfolded', async () => {
  const { url } = await startApi();
  const browser = await launchBrowser();
  try {
    for (const [width, colorScheme] of [
      [360, 'dark'],
      [1280, 'light'],
    ] as const) {
      // The policy of our pages would keep axe itself out.
      const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme, bypassCSP: true });
      await page.goto(`${url}/api/docs`);
      await page.evaluate(() => {
        for (const details of document.querySelectorAll('details')) details.open = true;
      });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      // One of each kind is enough for axe, which takes its time.
      await page.evaluate(() => {
        for (const details of [...document.querySelectorAll('details')].slice(3)) details.open = false;
      });
      await page.evaluate(axe);
      const found = (await page.evaluate(
        'axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"] }).then(({ violations }) => violations)',
      )) as Violation[];
      expect(found.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`)).toEqual([]);
      await page.close();
    }
  } finally {
    await browser.close();
  }
}, 60_000);
