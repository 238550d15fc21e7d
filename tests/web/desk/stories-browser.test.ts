import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { events } from '../../../demo/events.ts';
import { paint } from '../../../demo/picture.ts';
import { assignStorylines } from '../../../src/selection/storylines.ts';
import { launchBrowser } from '../../support/browser.ts';
import { seedStories } from '../../support/stories.ts';
import { letIn, startDesk } from './desk-site.ts';
import { flaws } from './flaws.ts';

/** The demo's news, from sources of which some have troubles. */
async function startNews() {
  const site = await startDesk({
    newsletter: {
      name: 'Wendmark Today',
      timeZone: 'Europe/Berlin',
      policy: {
        minimumStories: 1,
        rules: [
          { action: 'boost', topic: 'sea', factor: 2, because: 'Our subject.' },
          { action: 'block', publisher: 'Wire of Wires' },
        ],
      },
    },
    settings: { publicUrl: 'http://127.0.0.1:9' },
  });
  const { context } = site;
  const ids = await seedStories(
    context,
    events.slice(0, 14).flatMap((event, at) =>
      event.reports.map((report) => ({
        title: report.title,
        dek: report.dek,
        bodyText: `${report.dek}\n${report.title}, says ${report.publisher}.`,
        publisher: report.publisher,
        topics: [event.topic],
        hoursAgo: report.hoursAgo,
        ...(at % 3 < 2 && { imageUrl: `https://pictures.example.com/${at}.png` }),
      })),
    ),
  );
  await assignStorylines(context, { embed: false });
  const now = context.clock.now();
  await sql`
    insert into sources (kind, url, name, publisher, next_fetch_at, last_success_at, created_at, failures, last_error, last_error_at, paused, last_fetch_ms)
    select 'feed', 'https://' || n || '.example.com/feed.xml', publisher, publisher, ${now}::timestamptz + interval '9 minutes',
      ${now}::timestamptz - interval '6 minutes', ${now}::timestamptz - interval '90 days', case n when 2 then 4 else 0 end,
      case n when 2 then 'https://2.example.com/feed.xml answered with status 404.' end, ${now}, n = 5, case n when 3 then 6400 else 420 end
    from (select publisher, row_number() over (order by count(*) desc, publisher) as n from stories group by publisher) as p
    where n <= 6`.execute(context.db);
  await sql`update stories set source_id = sources.id from sources where sources.name = stories.publisher`.execute(
    context.db,
  );
  return { ...site, ids };
}

test('stories, storylines, sources and the selection are accessible, and work with the keyboard', {
  timeout: 180_000,
}, async () => {
  const { context, url, as, ids } = await startNews();
  const browser = await launchBrowser();
  onTestFinished(() => browser.close());
  const page = await browser.newPage({ bypassCSP: true });
  await page.route('https://pictures.example.com/**', (route) => {
    const at = Number(/(\d+)\.png/.exec(route.request().url())?.[1]);
    const event = events[at];
    return event ? route.fulfill({ contentType: 'image/png', body: paint(event, at) }) : route.abort();
  });
  await letIn(page, url, as.admin);
  const wrong: string[] = [];
  page.on('pageerror', (error) => wrong.push(String(error)));
  const found: string[] = [];

  await page.goto(`${url}/desk/stories`);
  found.push(...(await flaws(page, 'stories')));
  // As it is typed; the slash goes to the search.
  await page.keyboard.press('/');
  await page.keyboard.type('lighthouse', { delay: 5 });
  await page.locator('#results mark').first().waitFor();
  found.push(...(await flaws(page, 'stories-found')));

  await page.goto(`${url}/desk/stories/${ids[0]}`);
  await page.locator('#related .lines').waitFor();
  found.push(...(await flaws(page, 'story')));

  await page.goto(`${url}/desk/storylines?time=week`);
  found.push(...(await flaws(page, 'storylines')));
  await page.locator('.line-list a').first().focus();
  await page.keyboard.press('Enter');
  await page.locator('.timeline.wide circle').first().waitFor();
  found.push(...(await flaws(page, 'storyline')));
  await page.getByRole('checkbox').first().focus();
  await page.keyboard.press('Space');
  await page.getByRole('button', { name: 'Split off what is ticked' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Split', exact: true }).waitFor();
  found.push(...(await flaws(page, 'split')));

  await page.goto(`${url}/desk/sources`);
  found.push(...(await flaws(page, 'sources')));
  await page.locator('.source-list a').first().click();
  await page.getByRole('heading', { name: 'How it does' }).waitFor();
  found.push(...(await flaws(page, 'source')));

  await page.goto(`${url}/desk/newsletters/harbour-post/rules`);
  await page.getByLabel('Topic').fill(events[1]?.topic ?? '');
  await page.getByLabel('What', { exact: true }).selectOption('bury');
  await page.getByRole('button', { name: 'Show the effect' }).click();
  await page.getByRole('button', { name: 'Save the rule' }).waitFor();
  found.push(...(await flaws(page, 'rules')));
  await page.getByRole('button', { name: 'Save the rule' }).click();
  await page.getByText('Saved as version 2.').waitFor();

  await page.goto(`${url}/desk/newsletters/harbour-post/policy`);
  found.push(...(await flaws(page, 'policy')));
  await page.goto(`${url}/desk/newsletters/harbour-post/policy/versions`);
  found.push(...(await flaws(page, 'versions')));

  await sql`update stories set first_seen_at = published_at`.execute(context.db);
  await sql`update editions set state = 'sent', sent_at = scheduled_for, policy = '{"minimumStories": 1}'`.execute(
    context.db,
  );
  await page.goto(`${url}/desk/newsletters/harbour-post/policy/replays`);
  await page.getByRole('button', { name: 'By the policy as it is now' }).click();
  await page.getByRole('heading', { name: 'Edition by edition' }).waitFor({ timeout: 30_000 });
  await page.locator('.edition-fold summary').first().click();
  found.push(...(await flaws(page, 'replay')));
  expect([...found, ...wrong]).toEqual([]);
});
