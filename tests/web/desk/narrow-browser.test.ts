import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { noteAct } from '../../../src/access/audit.ts';
import { editUser } from '../../../src/access/users.ts';
import { launchBrowser } from '../../support/browser.ts';
import { letIn, startDesk } from './desk-site.ts';

test('on a phone long words, tables and what fails stay within the page', { timeout: 60_000 }, async () => {
  const site = await startDesk({ newsletter: { tracking: { opens: true } } });
  const { context, editionId } = site;
  await editUser(context, site.admin.id, { locale: 'de' });
  const long = 'Hafenbrückenwiedereröffnung'.repeat(10);
  await sql`update editions set subject = ${long} where id = ${editionId}`.execute(context.db);
  await sql`update edition_stories set snapshot = snapshot || ${JSON.stringify({ title: long, imageUrl: 'http://127.0.0.1:9/none.png' })}::jsonb
    where edition_id = ${editionId}`.execute(context.db);
  await sql`
    with sent as (
      insert into editions (newsletter_id, scheduled_for, theme, language, subject, state, sent_at, planned_at, planned_count)
      select ${site.newsletter.id}, at, 'broadsheet', 'en', ${long}, 'sent', at, at, 1000
      from (select '2026-11-20T07:00:00Z'::timestamptz as at) as moments returning id)
    insert into edition_figures select id, ${context.clock.now()}, 1000, 400, null, 2, 0, 0 from sent`.execute(
    context.db,
  );
  await noteAct(context, {
    user: site.editor,
    act: 'edition.change',
    editionId,
    subject: long,
    details: { before: long, version: 4 },
  });
  const browser = await launchBrowser();
  onTestFinished(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 390, height: 800 } });
  await letIn(page, site.url, site.as.admin);
  const at = `/desk/editions/${editionId}`;
  const wide: string[] = [];
  for (const path of [
    '/desk',
    '/desk/editions',
    '/desk/reports',
    `/desk/reports/newsletters/${site.newsletter.slug}`,
    '/desk/audit',
    '/desk/users',
    `${at}/send`,
    `${at}/checks`,
    `${at}/history`,
    `${at}/stories/s1`,
    at,
  ]) {
    await page.goto(`${site.url}${path}`);
    const over = Number(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth'));
    if (over > 0) wide.push(`${path}: ${over} px too wide`);
    const cut = await page.evaluate(
      `[...document.querySelectorAll('#recent td, .labelled td')].filter((cell) => cell.scrollWidth > cell.clientWidth + 1
        || cell.getBoundingClientRect().right > window.innerWidth).map((cell) => cell.textContent)`,
    );
    if ((cut as string[]).length > 0) wide.push(`${path}: ${cut}`);
    if (process.env.SHOTS)
      await page.screenshot({
        path: `${process.env.SHOTS}/narrow${path.replaceAll('/', '-')}.png`,
        fullPage: true,
      });
  }
  expect(wide).toEqual([]);

  // Pictures that do not load leave no torn ones, and a title takes four lines at most.
  await page.locator('#story-s1').scrollIntoViewIfNeeded();
  await expect.poll(() => page.locator('#story-s1 .ed-thumb img').count()).toBe(0);
  expect((await page.locator('#story-s2 h3').boundingBox())?.height).toBeLessThan(120);

  // Nothing answers: it is said, once, whatever is pressed how often.
  await page.route('**/desk/editions/*/stories/**', (route) => route.abort());
  for (let time = 0; time < 2; time++) {
    const [said] = await Promise.all([page.waitForEvent('requestfailed'), page.locator('#title-s1').click()]);
    expect(said.url()).toContain('/stories/s1');
  }
  const toasts = page.locator('#toasts .toast');
  await expect
    .poll(() => toasts.allTextContents())
    .toEqual(['Der Server ist nicht zu erreichen. Versuchen Sie es gleich noch einmal.']);

  // Whatever stands among what is remembered, the preview works.
  const wrong: string[] = [];
  page.on('pageerror', (error) => wrong.push(String(error)));
  await page.evaluate("localStorage.setItem('preview-looks', 'null')");
  await page.goto(`${site.url}${at}`);
  await page.locator('#preview-pane').waitFor({ state: 'attached' });
  expect(wrong).toEqual([]);
});
