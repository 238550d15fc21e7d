import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { planDeliveries } from '../../../src/delivery/plan.ts';
import { findNewsletter } from '../../../src/editions/newsletters.ts';
import { launchBrowser } from '../../support/browser.ts';
import { addEngagement } from '../../support/engagement.ts';
import { letIn, startDesk } from './desk-site.ts';
import { flaws } from './flaws.ts';

test('schedules and looks are followed as they are typed, and axe finds nothing serious on any page', {
  timeout: 180_000,
}, async () => {
  const site = await startDesk({ readers: 30, state: 'approved', newsletter: { tracking: { opens: true } } });
  const { context, editionId, newsletter } = site;
  await planDeliveries(context, editionId);
  await sql`update deliveries set state = 'accepted', stories = '{0,1,2}'`.execute(context.db);
  await context.db
    .updateTable('editions')
    .set({ state: 'sent', sent_at: context.clock.now() })
    .where('id', '=', editionId)
    .execute();
  const readers = await context.db.selectFrom('deliveries').select('subscriber_id').execute();
  await addEngagement(
    context,
    editionId,
    readers.slice(0, 9).map(({ subscriber_id: id }) => ({ id, at: context.clock.now() })),
  );

  const browser = await launchBrowser();
  onTestFinished(() => browser.close());
  const page = await browser.newPage({ reducedMotion: 'reduce' });
  const wrong: string[] = [];
  page.on('pageerror', (error) => wrong.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy/.test(message.text())) wrong.push(message.text());
  });
  await letIn(page, site.url, site.as.admin);
  const at = `${site.url}/desk/newsletters/${newsletter.slug}`;

  await page.goto(at);
  // What was typed in another section stays when one is saved.
  await page.click('#identity summary');
  await page.fill('#identity-description', 'From the quay');
  await page.click('#schedule summary');
  await page.selectOption('#schedule-often', 'weekdays');
  await page.fill('#schedule-time', '18:45');
  await expect.poll(() => page.textContent('#schedule-times'), { timeout: 15_000 }).toContain('18:45 (UTC)');
  await page.click('#schedule .button.main');
  await page.waitForSelector('#schedule .notice.good');
  expect((await findNewsletter(context, newsletter.slug)).cron).toBe('45 18 * * 1-5');
  expect(await page.inputValue('#identity-description')).toBe('From the quay');

  const problems = await flaws(page, 'settings', { bestPractice: true, frames: false });
  await page.goto(`${at}/look`);
  await page.check('input[name="theme"][value="magazine"]', { force: true });
  await page.fill('#look-colour', '#ffcc00');
  await expect.poll(() => page.textContent('#readings'), { timeout: 15_000 }).toContain('too little');
  const frame = () => page.frames().find((each) => each.url().includes('ffcc00'));
  await expect.poll(() => frame()?.url() ?? '', { timeout: 15_000 }).toContain('theme=magazine');
  expect(await page.inputValue('[data-colour-of="look-colour"]')).toBe('#ffcc00');
  problems.push(...(await flaws(page, 'look', { bestPractice: true, frames: false })));

  for (const path of [
    '/desk/newsletters',
    '/desk/newsletters/new',
    `/desk/newsletters/${newsletter.slug}/remove`,
    '/desk/reports',
    `/desk/reports/newsletters/${newsletter.slug}`,
    `/desk/reports/editions/${editionId}`,
  ]) {
    await page.goto(site.url + path);
    // What is still being counted comes by itself.
    await page.waitForSelector('#counting', { state: 'detached', timeout: 30_000 });
    problems.push(...(await flaws(page, path, { bestPractice: true, frames: false })));
  }
  expect(await page.locator('#stories-chart-full-title').count()).toBe(1);

  // A policy half typed is not left without a question.
  const asked: string[] = [];
  page.on('dialog', (dialog) => {
    asked.push(dialog.type());
    void dialog.accept();
  });
  await page.goto(`${at}/policy`);
  await page.locator('input[name="windowHours"]').fill('30');
  await page.goto(`${site.url}/desk/sources`);
  expect(asked).toEqual(['beforeunload']);
  expect([...problems, ...wrong]).toEqual([]);
});
