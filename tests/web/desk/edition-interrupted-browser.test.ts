import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { revokeSessions } from '../../../src/access/sessions.ts';
import { getEdition, storiesOf } from '../../../src/editions/editions.ts';
import { launchBrowser } from '../../support/browser.ts';
import { letIn, startDesk } from './desk-site.ts';

const patient = { timeout: 30_000, interval: 50 };

test('what is typed while the session ends, or the server restarts, is saved afterwards', {
  timeout: 180_000,
}, async () => {
  const site = await startDesk();
  const { context, editionId, url, as } = site;
  const browser = await launchBrowser();
  onTestFinished(() => browser.close());
  const page: Page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  const errors: string[] = [];
  page.on('pageerror', ({ message }) => errors.push(message));
  await letIn(page, url, as.editor);
  await page.goto(`${url}/desk/editions/${editionId}`);
  const edition = () => getEdition(context, editionId);

  // The session ends: what was typed stays, and goes out once somebody has logged in again, in another tab.
  await page.locator('#subject').selectText();
  await page.keyboard.type('Typed as the session ');
  await revokeSessions(context, site.editor.id);
  await page.keyboard.type('ended');
  await page.locator('#logged-out[open]').waitFor();
  expect(await page.locator('#subject').inputValue()).toBe('Typed as the session ended');
  expect((await edition()).subject).not.toContain('ended');
  await letIn(page, url, await site.loggedIn(site.editor));
  await page.locator('#logged-out button[data-close]').click();
  await expect.poll(async () => (await edition()).subject, patient).toBe('Typed as the session ended');
  await expect.poll(() => page.locator('#saved').textContent(), patient).toBe('Saved');

  // The server restarts: one goes on typing, and all of it arrives.
  await page.locator('#preheader').fill('Typed before');
  await expect.poll(async () => (await edition()).preheader, patient).toBe('Typed before');
  const start = await site.stop();
  await page.locator('#preheader').press('End');
  await page.keyboard.type(', while it was away');
  await page.locator('html[data-unsent]:not([data-unsent="0"])').waitFor();
  await page.keyboard.type(', and after');
  await start();
  await expect
    .poll(async () => (await edition()).preheader, patient)
    .toBe('Typed before, while it was away, and after');
  await expect.poll(() => page.locator('#saved').textContent(), patient).toBe('Saved');
  await page.locator('#up-s3').focus();
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await storiesOf(context, editionId))[1]?.key, patient).toBe('s3');
  expect(errors).toEqual([]);
});
