import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { getEdition } from '../../../src/editions/editions.ts';
import { launchBrowser } from '../../support/browser.ts';
import { temporaryFolder } from '../../support/folder.ts';
import { letIn, startDesk } from './desk-site.ts';
import { allScreens, flaws } from './flaws.ts';

// What must not get through the rendering, let through by a template of its own.
const hostile = [
  '</iframe></div>',
  `<script>top.location = 'http://evil.test/script'</script>`,
  `<img src="x" onerror="top.location = 'http://evil.test/onerror'">`,
  `<svg onload="top.location = 'http://evil.test/svg'"></svg>`,
  `<iframe srcdoc="<script>top.location = 'http://evil.test/srcdoc'</script>"></iframe>`,
  '<iframe src="http://evil.test/frame"></iframe>',
  '<meta http-equiv="refresh" content="0;url=http://evil.test/refresh">',
  '<base href="http://evil.test/base/">',
  '<form action="http://evil.test/form" method="post" target="_top"><button id="sends">Send</button></form>',
  '<style>@import url(http://evil.test/import.css);</style>',
  '<link rel="stylesheet" href="http://evil.test/link.css">',
  '<object data="http://evil.test/object"></object>',
  '<a id="leads" href="http://evil.test/link" target="_top">Out of here</a>',
  '<div id="over" style="position:fixed;inset:0;z-index:2147483647;pointer-events:none">Over all</div>',
].join('');

const template = `
import { Fragment } from 'react';
const hostile = ${JSON.stringify(hostile)};
export default ({ sections }) => (
  <html>
    <head><title>Hostile</title></head>
    <body>
      {sections.map((section) => (
        <Fragment key={section.slot}>
          {section.open}
          {section.stories.map((story, at) => (
            <Fragment key={at}>
              {story.open}
              <div dangerouslySetInnerHTML={{ __html: hostile }} />
              {story.close}
            </Fragment>
          ))}
          {section.close}
        </Fragment>
      ))}
    </body>
  </html>
);
`;

test('the preview follows each change, shows the story that is asked for, and lets nothing out', {
  timeout: 180_000,
}, async () => {
  const site = await startDesk();
  const { context, editionId, url, as } = site;
  const at = `${url}/desk/editions/${editionId}`;
  const browser = await launchBrowser();
  onTestFinished(() => browser.close());
  const page = await (await browser.newContext({ viewport: { width: 1440, height: 900 } })).newPage();
  const errors: string[] = [];
  const outside: string[] = [];
  page.on('pageerror', ({ message }) => errors.push(message));
  await page.route(
    (address) => address.hostname === 'evil.test',
    (route) => {
      outside.push(route.request().url());
      return route.abort();
    },
  );
  await page.route('https://img.example.com/**', (route) => route.abort());
  await letIn(page, url, as.editor);
  await page.goto(at);
  const frame = page.frameLocator('.pv-frame:not(.coming)');
  await frame.locator('#story-s1').waitFor();
  // A change is seen as soon as it is made, and where it was made.
  await page.locator('#story-s7').hover();
  await page.locator('#up-s7').click();
  await page.waitForFunction(() => document.querySelector<HTMLElement>('.pv-stage')?.dataset.version === '2');
  expect(await page.locator('.pv-frame').count()).toBe(1);
  const inView = (key: string) =>
    expect
      .poll(async () => {
        const [box, stage] = [
          await frame.locator(`#story-${key}`).boundingBox(),
          await page.locator('.pv-stage').boundingBox(),
        ];
        return box && stage && box.y >= stage.y - 1 && box.y < stage.y + stage.height;
      })
      .toBe(true);
  await inView('s7');
  await page.evaluate(() => window.scrollTo(0, 0));
  await page.locator('#story-s1 .ed-meta').first().click();
  await inView('s1');
  expect(await page.evaluate(() => window.scrollY)).toBe(0);
  await page.locator('button[name="scheme"]').click();
  await expect
    .poll(() =>
      frame
        .locator('.paper')
        .first()
        .evaluate((paper) => getComputedStyle(paper).backgroundColor),
    )
    .toBe('rgb(30, 27, 24)');

  // A subscriber, by address and Enter.
  await page.locator('.pv-find summary').click();
  await page.locator('#preview-address').fill('reader2@example.com');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement?.id === 'preview-reader');
  expect(await page.locator('#preview-reader option:checked').textContent()).toBe('reader2@example.com');

  const file = join(temporaryFolder(), 'hostile.tsx');
  writeFileSync(file, template);
  await context.db.updateTable('editions').set({ theme: file }).where('id', '=', editionId).execute();
  await page.goto(`${at}/preview`);
  await frame.locator('#leads').first().waitFor();
  expect(await frame.locator('script').count()).toBeGreaterThan(0);
  await frame.locator('#leads').first().click();
  await frame.locator('#sends').first().click();
  await page.waitForTimeout(500);
  expect(outside).toEqual([]);
  expect(page.url()).toBe(`${at}/preview`);
  expect(page.context().pages()).toHaveLength(1);
  // What lies over all in the frame lies over nothing of the desk.
  const stage = await page.locator('.pv-stage').boundingBox();
  expect(
    await page.evaluate(([x, y]) => document.elementFromPoint(x, y)?.className, [
      (stage?.x ?? 0) + 20,
      (stage?.y ?? 0) - 12,
    ] as [number, number]),
  ).not.toContain('pv-frame');
  await page.locator('button[name="width"][value="phone"]').click();
  expect(await page.locator('.pv-stage').getAttribute('data-width')).toBe('phone');
  // Nor does it get out where it is opened by itself.
  await page.goto(`${at}/preview.html`);
  await page.waitForTimeout(300);
  expect(page.url()).toBe(`${at}/preview.html`);
  expect(outside).toEqual([]);
  expect(errors).toEqual([]);

  await context.db.updateTable('editions').set({ theme: 'broadsheet' }).where('id', '=', editionId).execute();
  await page.goto(`${at}/preview?width=phone`);
  expect(await flaws(page, 'preview', { screens: allScreens, frames: false })).toEqual([]);
  const where = { part: 'html', story: { number: 2, title: 'Story number 1', key: 's2' }, field: 'image' };
  const found = (severity: string) => ({
    check: 'images',
    severity,
    message: 'It has no text beside it.',
    where: { ...where, element: '<img src="https://img.example.com/lead.png">' },
    mend: 'Say what it shows.',
  });
  const { version } = await getEdition(context, editionId);
  const findings = JSON.stringify([found('error'), found('warning'), found('hint')]);
  await context.db
    .updateTable('editions')
    .set({ findings, checked_version: version })
    .where('id', '=', editionId)
    .execute();
  await page.goto(`${at}/checks`);
  expect(await flaws(page, 'checks', { screens: allScreens, frames: false })).toEqual([]);
});
