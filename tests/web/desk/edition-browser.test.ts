import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { getEdition, storiesOf } from '../../../src/editions/editions.ts';
import { launchBrowser } from '../../support/browser.ts';
import { letIn, startDesk } from './desk-site.ts';
import { allScreens, flaws } from './flaws.ts';

const patient = { timeout: 20_000, interval: 50 };

test('editors change an edition by key and by hand, see each other, and lose nothing to each other', {
  timeout: 120_000,
}, async () => {
  const site = await startDesk();
  const { context, editionId, url, as } = site;
  const at = `${url}/desk/editions/${editionId}`;
  const browser = await launchBrowser();
  const errors: string[] = [];
  const opened = async (who: (typeof as)['editor'], width = 1440): Promise<Page> => {
    const page = await (await browser.newContext({ viewport: { width, height: 900 } })).newPage();
    page.on('pageerror', ({ message }) => errors.push(message));
    await letIn(page, url, who);
    await page.goto(at);
    return page;
  };
  const order = async () => (await storiesOf(context, editionId)).map(({ key }) => key).join(' ');
  const becomes = (expected: string) => expect.poll(order, patient).toBe(expected);
  try {
    const mara = await opened(as.editor);
    // A step by a button, two at once; the focus stays.
    await mara.locator('#story-s4').hover();
    await mara.locator('#up-s4').dblclick();
    await becomes('s1 s4 s2 s3 s5 s6 s7 s8');
    await expect.poll(() => mara.evaluate(() => document.activeElement?.id), patient).toBe('up-s4');
    // Taken up by key, over the end of a slot.
    await mara.locator('#grip-s3').focus();
    for (const key of [' ', 'ArrowDown', 'ArrowDown', ' ']) await mara.keyboard.press(key);
    await becomes('s1 s4 s2 s5 s6 s3 s7 s8');
    await mara.keyboard.press('Control+z');
    await becomes('s1 s4 s2 s3 s5 s6 s7 s8');
    await mara.locator('#redo:enabled').waitFor();
    await mara.keyboard.press('Control+Shift+Z');
    await becomes('s1 s4 s2 s5 s6 s3 s7 s8');
    // Dragged by its grip.
    const [from, to] = [
      await mara.locator('#grip-s7').boundingBox(),
      await mara.locator('#story-s5').boundingBox(),
    ];
    await mara.mouse.move((from?.x ?? 0) + 10, (from?.y ?? 0) + 10);
    await mara.mouse.down();
    await mara.mouse.move((to?.x ?? 0) + 60, (to?.y ?? 0) + 60, { steps: 8 });
    await mara.mouse.move((to?.x ?? 0) + 60, (to?.y ?? 0) + 10, { steps: 8 });
    await mara.mouse.up();
    await expect.poll(order, patient).toMatch(/s7 s5|s5 s7/);

    // Two at once: what one writes is seen by the other, whose own words stay.
    const ada = await opened(as.admin);
    await ada.locator('#preheader').fill('Written by Ada');
    await mara.locator('#subject').fill('Written by Mara');
    await expect
      .poll(async () => (await getEdition(context, editionId)).subject, patient)
      .toBe('Written by Mara');
    await expect
      .poll(async () => (await getEdition(context, editionId)).preheader, patient)
      .toBe('Written by Ada');
    await expect.poll(() => mara.locator('#saved').textContent(), patient).toBe('Saved');
    await expect
      .poll(() => mara.locator('[data-shows="subject"]').first().textContent(), patient)
      .toBe('Written by Mara');
    expect(errors).toEqual([]);
  } finally {
    await browser.close();
  }
});

test('the page and its sheets can be used by everybody, on a phone too; what is written in a sheet is saved', {
  timeout: 120_000,
}, async () => {
  const { context, editionId, url, as } = await startDesk();
  const at = `/desk/editions/${editionId}`;
  await as.editor.post(`${at}/change`, {
    act: 'add-note',
    place: 'top',
    title: 'Hello',
    text: 'A note',
    base: '1',
  });
  await as.editor.post(`${at}/change`, { act: 'pin', story: 's2', base: '2' });
  const browser = await launchBrowser();
  try {
    const page = await (await browser.newContext({ reducedMotion: 'reduce' })).newPage();
    await letIn(page, url, as.editor);
    await page.goto(url + at);
    for (const fold of ['#why-s1', '#beneath-s1', '#wide-inbox', '#tried'])
      await page.locator(`${fold} > summary`).click();
    expect(await flaws(page, 'page', { screens: allScreens })).toEqual([]);
    await page.locator('#title-s1').click();
    await page.locator('#story-title').fill('Written in the sheet');
    await page.locator('#cropper summary').click();
    expect(await flaws(page, 'story', { screens: allScreens })).toEqual([]);
    const story = async () => (await storiesOf(context, editionId)).find(({ key }) => key === 's1');
    await expect.poll(async () => (await story())?.title, patient).toBe('Written in the sheet');
    // A crop is saved by itself as well; and the frame follows when all of it is shown again.
    await page.locator('#crop-width').fill('50');
    await expect.poll(async () => (await story())?.crop?.width, patient).toBe(0.5);
    await page.locator('#uncrop').click();
    await expect.poll(async () => (await story())?.crop, patient).toBeUndefined();
    const width = () =>
      page.locator('[data-crop-frame]').evaluate((frame) => (frame as HTMLElement).style.width);
    await expect.poll(width, patient).toBe('100%');
    expect(await page.locator('#crop-width').inputValue()).toBe('100');

    // What cannot be saved says why, where it is left; and again where the sheet is closed over it.
    await page.locator('#story-image').fill('not an address');
    await page.locator('#story-alt').focus();
    expect(await page.locator('#story-image-wrong').textContent()).toBe('This is no web address.');
    await page.getByRole('link', { name: 'Done' }).click();
    await expect.poll(() => page.locator('#sheet').getAttribute('open'), patient).toBeNull();
    expect(await page.locator('#toasts').textContent()).toContain('Not saved yet: This is no web address.');
    await page.locator('#subject').fill('');
    await page.locator('#preheader').focus();
    expect(await page.locator('#subject-wrong').textContent()).toBe('An edition needs a subject.');
    await page.locator('#subject').fill('It has one');
    expect(await page.locator('#subject-wrong').count()).toBe(0);
    await expect.poll(async () => (await getEdition(context, editionId)).subject, patient).toBe('It has one');
    // A note that was left with words in it has them when it is opened again, and is saved once, however often that is pressed.
    const notes = async () =>
      (await storiesOf(context, editionId))
        .filter(({ kind }) => kind === 'note')
        .map(({ note }) => note?.text);
    const open = async () => {
      await page.locator('a[href$="/notes/new"]').first().click();
      await page.locator('#note-text').waitFor();
    };
    await open();
    expect(await page.locator('[data-kept]').isVisible()).toBe(false);
    await page.locator('#note-text').fill('Not saved by Escape');
    await page.keyboard.press('Escape');
    await page.locator('#sheet').waitFor({ state: 'hidden' });
    expect(await page.locator('#toasts').textContent()).toContain('The note is not saved yet.');
    await page.reload();
    await open();
    expect(await page.locator('#note-text').inputValue()).toBe('Not saved by Escape');
    expect(await page.locator('[data-kept]').isVisible()).toBe(true);
    await page.locator('#note-form').getByRole('button', { name: 'Save' }).dblclick();
    await page.locator('#sheet').waitFor({ state: 'hidden' });
    await expect.poll(notes, patient).toEqual(['A note', 'Not saved by Escape']);
    await open();
    expect(await page.locator('#note-text').inputValue()).toBe('');
    expect(await notes()).toHaveLength(2);
    for (const path of ['notes/new', 'stories/s1/replace', 'stories/s1/merge', 'history']) {
      await page.goto(`${url}${at}/${path}`);
      expect(await flaws(page, path, { screens: [[390, 'light']] })).toEqual([]);
    }

    // A sheet in a tab of its own saves by its buttons, and is not left over what was written in it without a question.
    const asked: string[] = [];
    page.on('dialog', (dialog) => {
      asked.push(dialog.type());
      void dialog.accept();
    });
    await page.goto(`${url}${at}/stories/s1`);
    await page.locator('#story-title').fill('Saved by its button');
    await page.locator('#edit-title').getByRole('button', { name: 'Save' }).click();
    await expect.poll(async () => (await story())?.title, patient).toBe('Saved by its button');
    await page.waitForURL(`${url}${at}/stories/s1`);
    expect(asked).toEqual([]);
    await page.locator('#story-title').fill('Left behind');
    await page.getByRole('link', { name: 'Done' }).click();
    await page.locator('#edition').waitFor();
    expect(asked).toEqual(['beforeunload']);
  } finally {
    await browser.close();
  }
});
