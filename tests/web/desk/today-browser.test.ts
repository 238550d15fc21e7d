import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { planDeliveries } from '../../../src/delivery/plan.ts';
import { launchBrowser } from '../../support/browser.ts';
import { editionStory } from '../../support/edition.ts';
import { seedEdition, seedNewsletter } from '../../support/seed.ts';
import { letIn, startDesk } from './desk-site.ts';
import { allScreens, flaws } from './flaws.ts';

/** A morning at a desk with three newsletters: one that waits, one on its way, some that were sent. */
async function startMorning() {
  const pictures = createServer((request, response) => {
    const hue = Number(request.url?.slice(1)) || 200;
    response.setHeader('content-type', 'image/svg+xml');
    response.end(
      `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 12 8"><rect width="12" height="8" fill="hsl(${hue} 45% 55%)"/><circle cx="9" cy="2.500" r="1.200" fill="hsl(${hue} 60% 85%)"/><path d="M0 8l4-4 3 2 5-3v5z" fill="hsl(${hue} 50% 35%)"/></svg>`,
    );
  }).listen(0, '127.0.0.1');
  onTestFinished(() => void pictures.close());
  const picture = (hue: number) => `http://127.0.0.1:${(pictures.address() as AddressInfo).port}/${hue}`;
  const site = await startDesk({
    readers: 60,
    newsletter: {
      name: 'Wendmark Morning',
      timeZone: 'Europe/Berlin',
      cron: '30 10 * * *',
      tracking: { opens: true },
      undoSeconds: 55,
    },
    settings: { publicUrl: 'http://127.0.0.1:9' },
  });
  const { context, editionId } = site;
  // The browser counts by its own clock.
  context.clock.set(new Date());
  const now = context.clock.now();
  const minutes = (count: number) => new Date(now.getTime() + count * 60_000);
  await sql`update editions set scheduled_for = ${minutes(34)}, subject = 'Harbour bridge reopens after the storm, ferries back by Monday' where id = ${editionId}`.execute(
    context.db,
  );
  await sql`update edition_stories set snapshot = snapshot || ${JSON.stringify({ title: 'Harbour bridge reopens after the storm', imageUrl: picture(205) })}::jsonb
    where edition_id = ${editionId} and position = 0`.execute(context.db);
  const weekly = await seedNewsletter(context, [site.listId], {
    slug: 'weekly',
    name: 'The Wendmark Week',
    cron: '0 8 * * 6',
    timeZone: 'Europe/London',
  });
  const running = await seedEdition(
    context,
    weekly.id,
    [
      editionStory(0, { title: 'Six weeks without rain: what the river lost', imageUrl: picture(30) }),
      editionStory(1),
    ],
    minutes(-20),
  );
  await sql`update editions set subject = 'Six weeks without rain: what the river lost' where id = ${running}`.execute(
    context.db,
  );
  await planDeliveries(context, running);
  await sql`
    update deliveries set state = case when n <= 20 then 'accepted' when n <= 22 then 'failed' else 'deferred' end,
      smtp_code = case when n <= 20 then 250 when n <= 22 then 550 else 451 end,
      detail = case when n <= 20 then '250 2.0.0 OK' when n <= 22 then '550 5.1.1 The email account that you tried to reach does not exist'
               else '451 4.7.1 Greylisted, please try again in 300 seconds' end
    from (select subscriber_id, row_number() over (order by subscriber_id) as n from deliveries where edition_id = ${running}) as numbered
    where deliveries.edition_id = ${running} and deliveries.subscriber_id = numbered.subscriber_id and n <= 25`.execute(
    context.db,
  );
  await sql`update delivery_batches set due_at = ${minutes(5)} where edition_id = ${running} and batch = 0`.execute(
    context.db,
  );
  const approved = await seedEdition(
    context,
    weekly.id,
    [editionStory(0, { title: 'The small theatre that would not close', imageUrl: picture(285) })],
    minutes(60 * 20),
  );
  await sql`update editions set subject = 'The small theatre that would not close' where id = ${approved}`.execute(
    context.db,
  );
  const subjects = [
    'Council votes for night buses on four lines',
    'What the new school year costs families',
    'The herring is back, and with it the gulls',
    'A quiet Sunday, and a loud debate about the market square',
    'Frost before the weekend: which roads are closed',
  ];
  for (const [at, subject] of subjects.entries())
    await sql`
      with sent as (
        insert into editions (newsletter_id, scheduled_for, theme, language, subject, state, sent_at, planned_at, planned_count)
        select ${site.newsletter.id}, at, 'broadsheet', 'en', ${subject}, 'sent', at, at, 12480
        from (select ${minutes(-60 * 24 * (at + 1))}::timestamptz as at) as moments returning id)
      insert into edition_figures select id, ${now}, ${12_412 - at}, ${at === 0 ? 6820 : 5210 + at * 13}, ${640 + at * 9}, ${at === 1 ? 31 : 6}, ${at % 2}, 12 from sent`.execute(
      context.db,
    );
  return { ...site, running, approved, minutes };
}

test('Today, the list and the page for sending are accessible, and move with what happens', {
  timeout: 120_000,
}, async () => {
  const site = await startMorning();
  const { context, editionId, running } = site;
  const browser = await launchBrowser();
  onTestFinished(() => browser.close());
  // Axe is put into the page, which our policy forbids to others.
  const page = await browser.newPage({ bypassCSP: true });
  await letIn(page, site.url, site.as.admin);
  const wrong: string[] = [];
  page.on('pageerror', (error) => wrong.push(String(error)));
  const found: string[] = [];

  await page.goto(`${site.url}/desk`);
  await expect.poll(() => page.innerText('[data-live]'), { timeout: 10_000 }).toContain('25 of 60');
  expect(await page.innerText('.upcoming .needs .countdown time')).toMatch(/^3[34]:\d\d$/);
  found.push(...(await flaws(page, 'today', { screens: allScreens })));

  // The rest is sent: the bar moves by itself, and the edition leaves the list when it is done.
  await sql`update deliveries set state = 'accepted', detail = null where edition_id = ${running} and state = 'planned'`.execute(
    context.db,
  );
  await sql`update delivery_batches set due_at = null where edition_id = ${running} and batch > 0`.execute(
    context.db,
  );
  await expect.poll(() => page.innerText('[data-live]'), { timeout: 10_000 }).toContain('60 of 60');
  await sql`update editions set state = 'sent', sent_at = ${context.clock.now()} where id = ${running}`.execute(
    context.db,
  );
  await expect.poll(() => page.locator('[data-running]').count(), { timeout: 10_000 }).toBe(0);

  // Nothing runs now, and the page follows all the same: what one approves elsewhere, and what begins after it was opened.
  await page.goto(`${site.url}/desk`);
  const needing = page.locator(`[aria-labelledby="needing"] a[href="/desk/editions/${editionId}"]`);
  await needing.first().focus();
  await sql`update editions set state = 'approved' where id = ${editionId}`.execute(context.db);
  await expect.poll(() => needing.count(), { timeout: 10_000 }).toBe(0);
  expect(await page.evaluate(() => document.activeElement?.getAttribute('href'))).toBe(
    `/desk/editions/${editionId}`,
  );
  await sql`update editions set state = 'sending', planned_at = ${context.clock.now()}, planned_count = 60 where id = ${editionId}`.execute(
    context.db,
  );
  await page.locator(`[data-running="${editionId}"]`).waitFor({ timeout: 10_000 });
  await sql`update editions set state = 'review', planned_at = null, planned_count = null where id = ${editionId}`.execute(
    context.db,
  );
  await needing.first().waitFor({ timeout: 10_000 });

  await page.goto(`${site.url}/desk/editions`);
  found.push(...(await flaws(page, 'editions', { screens: allScreens })));

  await page.goto(`${site.url}/desk/editions/${editionId}/send`);
  await expect.poll(() => page.innerText('#who'), { timeout: 30_000 }).toContain('60 readers');
  await expect.poll(() => page.innerText('#checks-card'), { timeout: 30_000 }).toContain('5 warnings');
  found.push(...(await flaws(page, 'send', { screens: allScreens })));

  await page.getByRole('button', { name: 'Send a test to me' }).click();
  await page.locator('.toast', { hasText: 'The test went to 1 address.' }).waitFor();
  expect((await site.mails()).map(({ subject }) => subject)).toEqual([
    '[Test] Harbour bridge reopens after the storm, ferries back by Monday',
  ]);

  // By the keyboard alone: approve now, and take it back while it counts down.
  context.clock.set(new Date());
  await page.getByRole('radio', { name: /^Now/ }).focus();
  await page.keyboard.press('Space');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: /Approved by admin/ }).waitFor();
  expect(await page.innerText('.sheet-act .countdown')).toMatch(/Leaves in\s+0:[345]\d/);
  found.push(...(await flaws(page, 'approved', { screens: allScreens })));
  // No letter alone changes or sends anything.
  for (const letter of 'abcdfhijklmnopqrstuvwxyz') await page.keyboard.press(letter);
  expect(await page.getByRole('heading', { name: /Approved by admin/ }).count()).toBe(1);
  expect(await site.mails()).toHaveLength(1);
  await page.getByRole('button', { name: 'Undo' }).focus();
  await page.keyboard.press('Enter');
  await page.getByText('The approval was taken back. Nothing has left.').waitFor();

  // Those that lead elsewhere can be switched off.
  await page.goto(`${site.url}/desk/account`);
  await page.getByLabel('Shortcuts of one key').selectOption('off');
  await page.reload();
  expect(await page.getByLabel('Shortcuts of one key').inputValue()).toBe('off');
  await page.locator('h1').click();
  for (const key of ['?', 'g', 't']) await page.keyboard.press(key);
  expect(await page.locator('dialog[open]').count()).toBe(0);
  expect(page.url()).toBe(`${site.url}/desk/account`);
  await page.getByLabel('Shortcuts of one key').selectOption('');
  await page.locator('h1').click();
  await page.keyboard.press('?');
  await page.locator('dialog#shortcuts[open]').waitFor();

  // The time passes in the open sheet.
  await sql`update editions set scheduled_for = ${new Date(Date.now() + 2500)} where id = ${editionId}`.execute(
    context.db,
  );
  await page.goto(`${site.url}/desk/editions/${editionId}/send`);
  await page.locator('#passed').waitFor();
  expect(await page.getByRole('radio', { name: /At its time/ }).isDisabled()).toBe(true);
  expect([...found, ...wrong]).toEqual([]);
});
