import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { setPassword } from '../../src/access/passwords.ts';
import { getEdition, storiesOf } from '../../src/editions/editions.ts';
import { launchBrowser } from '../support/browser.ts';
import { startDesk } from '../web/desk/access-site.ts';
import { layOut } from './laid-out.ts';

const patient = { timeout: 60_000, interval: 50 };
const password = 'tern gannet kittiwake';

/** A browser of which nothing but the keys is used, as somebody uses it who has no pointer. */
function keysOf(page: Page) {
  const at = (selector: string) =>
    page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector);
  return {
    press: (...keys: string[]) =>
      keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve()),
    type: (text: string) => page.keyboard.type(text),
    /** Goes on with Tab until what is meant has the focus, and shows it. */
    async to(selector: string, way: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
      await page.locator(selector).first().waitFor({ state: 'attached', timeout: 60_000 });
      for (let pressed = 0; pressed < 500; pressed += 1) {
        if (await at(selector)) {
          const seen = await page.evaluate(() => {
            const here = document.activeElement as HTMLElement;
            const { width, height, top, bottom } = here.getBoundingClientRect();
            const { outlineStyle, boxShadow } = getComputedStyle(here);
            return {
              isThere: width > 0 && height > 0 && bottom > 0 && top < innerHeight,
              isMarked: outlineStyle !== 'none' || boxShadow !== 'none',
            };
          });
          expect(seen, `${selector} has the focus, and shows it`).toEqual({ isThere: true, isMarked: true });
          return;
        }
        await page.keyboard.press(way);
      }
      throw new Error(`Tab does not come to ${selector}.`);
    },
  };
}

test('an editor’s whole morning by keyboard alone', { timeout: 300_000 }, async () => {
  const { context, editor, url } = await startDesk({ embeddings: false });
  const editionId = await layOut(context);
  await setPassword(context, editor, password);
  const browser = await launchBrowser();
  onTestFinished(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  const wrong: string[] = [];
  page.on('pageerror', ({ message }) => wrong.push(message));
  const { press, type, to } = keysOf(page);
  const stories = () => storiesOf(context, editionId);
  const state = async () => (await getEdition(context, editionId)).state;

  // In by password.
  await page.goto(`${url}/desk/login`);
  await to('#email');
  await type(editor.email);
  await to('#password');
  await type(password);
  await press('Enter');
  await expect.poll(() => page.url(), patient).toBe(`${url}/desk`);

  // From Today to the edition.
  await to(`a[href="/desk/editions/${editionId}"]`);
  await press('Enter');
  await expect.poll(() => page.url(), patient).toBe(`${url}/desk/editions/${editionId}`);

  // The third story goes up by its handle; where it went is said.
  const [, second, third] = await stories();
  await to(`#grip-${third?.key}`);
  await press('Space', 'ArrowUp');
  await expect.poll(() => page.locator('#said').textContent(), patient).toMatch(/^Place 1 in /);
  await press('Space');
  await expect.poll(async () => (await stories())[1]?.key, patient).toBe(third?.key);
  // Escape lets go of what was taken up.
  await expect
    .poll(() => page.evaluate(() => document.activeElement?.id), patient)
    .toBe(`grip-${third?.key}`);
  await press('Space', 'ArrowDown', 'Escape');
  await expect.poll(() => page.locator('#said').textContent(), patient).toMatch(/^Let go/);
  expect((await stories())[1]?.key).toBe(third?.key);

  // Its headline, in the sheet, which Escape closes and which gives the focus back.
  await to(`#title-${third?.key}`);
  await press('Enter');
  await to('#story-title');
  await press('Control+a');
  await type('Edited without a pointer');
  await press('Escape');
  await expect.poll(async () => (await stories())[1]?.title, patient).toBe('Edited without a pointer');
  await page.locator('#sheet').waitFor({ state: 'hidden' });
  await expect
    .poll(() => page.evaluate(() => document.activeElement?.id), patient)
    .toBe(`title-${third?.key}`);

  // A note.
  await to(`a[href="/desk/editions/${editionId}/notes/new"]`);
  await press('Enter');
  await to('#note-text');
  await type('Good morning');
  await to('#note-form button.main');
  await press('Enter');
  await expect
    .poll(async () => (await stories()).find(({ kind }) => kind === 'note')?.note?.text, patient)
    .toBe('Good morning');
  await page.locator('#sheet').waitFor({ state: 'hidden' });

  // Pinned, and taken back.
  const pinned = async () => (await stories()).find(({ key }) => key === second?.key)?.pinned;
  await to(`#pin-${second?.key}`, 'Shift+Tab');
  await press('Enter');
  await expect.poll(pinned, patient).toBe(true);
  await page.locator('#undo:enabled').waitFor();
  await press('Control+z');
  await expect.poll(pinned, patient).toBe(false);

  // The preview as a phone shows it, in dark, and what the checks say.
  await to('#preview-tools button[name="width"]');
  await press('Enter');
  await to('#preview-tools [name="scheme"]:not([type="hidden"])');
  await press('Enter');
  await expect
    .poll(() => page.locator('#preview-tools input[name="scheme"]').inputValue(), patient)
    .toBe('dark');
  await to('#checks summary, #checks a', 'Shift+Tab');

  // The sheet before sending: approved for its time, taken back, approved again.
  await to(`a[href="/desk/editions/${editionId}/send"]`, 'Shift+Tab');
  await press('Enter');
  await expect.poll(() => page.url(), patient).toBe(`${url}/desk/editions/${editionId}/send`);
  const approve = async () => {
    await to('form[action$="/approve"] button[type="submit"], form[action$="/approve"] button:not([type])');
    await press('Enter');
    await expect.poll(state, patient).toBe('approved');
  };
  await approve();
  await to('form[action$="/withdraw"] button');
  await press('Enter');
  await expect.poll(state, patient).toBe('review');
  await page.waitForLoadState('domcontentloaded');
  if (!page.url().includes('/send')) {
    await to(`a[href="/desk/editions/${editionId}/send"]`);
    await press('Enter');
  }
  await approve();
  expect(wrong).toEqual([]);
});
