import type { Page } from 'playwright-core';
import { expect, onTestFinished, test } from 'vitest';
import { getEdition, storiesOf } from '../../../src/editions/editions.ts';
import { launchBrowser } from '../../support/browser.ts';
import { letIn, startDesk } from './desk-site.ts';
import { flaws } from './flaws.ts';

const patient = { timeout: 20_000, interval: 50 };

/** Two editors at one edition, each in a browser of their own; what others change comes to the first only by conflicts. */
async function twoEditors() {
  const site = await startDesk();
  const { context, editionId, url, as } = site;
  const browser = await launchBrowser();
  onTestFinished(() => browser.close());
  const errors: string[] = [];
  const opened = async (who: (typeof as)['editor'], hears: boolean): Promise<Page> => {
    const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
    page.setDefaultTimeout(10_000);
    page.on('pageerror', ({ message }) => errors.push(message));
    await letIn(page, url, who);
    if (!hears) await page.route('**/here', (route) => route.abort());
    await page.goto(`${url}/desk/editions/${editionId}`);
    return page;
  };
  const [mara, ada] = [await opened(as.editor, false), await opened(as.admin, true)];
  return {
    mara,
    ada,
    errors,
    subject: async () => (await getEdition(context, editionId)).subject,
    story: async (key: string) => (await storiesOf(context, editionId)).find((each) => each.key === key),
    conflict: mara.locator('[data-conflict]'),
  };
}

test('who types on while a conflict comes loses nothing, and either side stands', {
  timeout: 120_000,
}, async () => {
  const { mara, ada, errors, subject, story, conflict } = await twoEditors();

  // In a line of the page: the focus stays, and what is typed from then on is mine.
  await ada.locator('#subject').fill('Theirs');
  await expect.poll(subject, patient).toBe('Theirs');
  await mara.locator('#subject').selectText();
  await mara.keyboard.type('Mine');
  await conflict.waitFor();
  await mara.keyboard.type(' goes on');
  expect(await mara.locator('#subject').inputValue()).toBe('Mine goes on');
  await expect.poll(() => conflict.locator('[data-yours]').textContent(), patient).toBe('Mine goes on');
  expect(await conflict.innerText()).toContain('Theirs');
  expect(await flaws(mara, 'conflict', { screens: [[390, 'dark']] })).toEqual([]);
  // Not even a longer pause saves it over theirs.
  await mara.waitForTimeout(700);
  expect(await subject()).toBe('Theirs');
  expect(await mara.locator('#saved').textContent()).toBe('Not saved yet');
  await mara.getByRole('button', { name: 'Keep mine' }).click();
  await expect.poll(subject, patient).toBe('Mine goes on');
  await conflict.waitFor({ state: 'detached' });
  await expect.poll(() => mara.locator('#saved').textContent(), patient).toBe('Saved');

  // Who does not write there any more sees what stands.
  await ada.keyboard.press('Tab');
  await expect.poll(() => ada.locator('#subject').inputValue(), patient).toBe('Mine goes on');
  await ada.locator('#subject').fill('Theirs again');
  await expect.poll(subject, patient).toBe('Theirs again');
  await mara.locator('#subject').fill('Given up');
  await conflict.waitFor();
  await mara.locator('#preheader').fill('Stays');
  await mara.getByRole('link', { name: 'Take theirs' }).click();
  await expect.poll(() => mara.locator('#subject').inputValue(), patient).toBe('Theirs again');
  await expect
    .poll(() => mara.locator('[data-shows="subject"]').first().textContent(), patient)
    .toBe('Theirs again');
  expect(await mara.locator('#preheader').inputValue()).toBe('Stays');

  // A field that says what is not in the edition any more says what stands, though one's cursor is still in it; so does a sheet.
  await ada.locator('#subject').fill('Ada has saved this');
  await expect.poll(subject, patient).toBe('Ada has saved this');
  await ada.locator('#saved[data-state="saved"]').waitFor();
  await mara.goto(mara.url());
  await mara.locator('#subject').fill('And Mara this');
  await expect.poll(subject, patient).toBe('And Mara this');
  await expect.poll(() => ada.locator('#subject').inputValue(), patient).toBe('And Mara this');
  await ada.locator('#title-s2').click();
  await ada.locator('#story-title').focus();
  await mara.locator('#title-s2').click();
  await mara.locator('#story-title').fill('A new headline');
  await expect.poll(() => ada.locator('#story-title').inputValue(), patient).toBe('A new headline');
  for (const page of [ada, mara]) {
    await page.getByRole('link', { name: 'Done' }).click();
    await page.locator('#sheet').waitFor({ state: 'hidden' });
  }

  // In the sheet: the conflict stands above its form; closed, it waits on the page.
  await mara.locator('#title-s1').click();
  await mara.locator('#story-title').waitFor();
  await ada.locator('#title-s1').click();
  await ada.locator('#story-title').fill('A headline of theirs');
  await expect.poll(async () => (await story('s1'))?.title, patient).toBe('A headline of theirs');
  await ada.getByRole('link', { name: 'Done' }).click();
  await mara.locator('#story-title').fill('A headline of mine');
  await conflict.waitFor();
  await mara.locator('#story-title').focus();
  await mara.keyboard.press('End');
  await mara.keyboard.type(', longer');
  expect(await mara.locator('#sheet[open] #sheet-conflict [data-yours]').textContent()).toBe(
    'A headline of mine, longer',
  );
  await mara.getByRole('link', { name: 'Done' }).click();
  await mara.locator('#sheet').waitFor({ state: 'hidden' });
  expect(await mara.locator('#conflict [data-yours]').textContent()).toBe('A headline of mine, longer');
  expect((await story('s1'))?.title).toBe('A headline of theirs');
  // The sheet shows what stands; mine is put back from beside it.
  // On a busy machine the click may come while the page is being renewed, and is made again as a person would.
  const opened = async () => {
    if (!(await mara.locator('#sheet').isVisible())) await mara.locator('#title-s1').click();
    return mara
      .locator('#story-title')
      .inputValue({ timeout: 2_000 })
      .catch(() => '');
  };
  await expect.poll(opened, patient).toBe('A headline of theirs');
  await mara.keyboard.press('Escape');
  await mara.getByRole('button', { name: 'Keep mine' }).click();
  await expect.poll(async () => (await story('s1'))?.title, patient).toBe('A headline of mine, longer');
  await conflict.waitFor({ state: 'detached' });
  expect(errors).toEqual([]);
});

test('words for a story that somebody dropped meanwhile bring it back, and those of a removed note are a new note', {
  timeout: 120_000,
}, async () => {
  const { mara, ada, errors, story, conflict } = await twoEditors();
  await mara.locator('#title-s3').click();
  await mara.locator('#story-title').waitFor();
  await ada.locator('#story-s3').hover();
  await ada.locator('#drop-s3').click();
  await expect.poll(() => story('s3'), patient).toBeUndefined();
  await mara.locator('#story-title').fill('Dropped, but mine');
  await conflict.waitFor();
  expect(await mara.getByRole('button', { name: 'Keep mine' }).count()).toBe(0);
  await mara.locator('#story-title').focus();
  await mara.keyboard.press('End');
  await mara.keyboard.type(' all the same');
  await conflict.getByRole('combobox').selectOption('top');
  await mara.getByRole('button', { name: 'Bring it back with my words' }).click();
  await expect
    .poll(() => story('s3'), patient)
    .toMatchObject({ title: 'Dropped, but mine all the same', slot: 'top' });
  await mara.locator('#sheet').waitFor({ state: 'hidden' });
  await conflict.waitFor({ state: 'detached' });
  expect(errors).toEqual([]);
});
