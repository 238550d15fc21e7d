import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { createUser, editUser } from '../../../src/access/users.ts';
import { planDeliveries } from '../../../src/delivery/plan.ts';
import type { TestContext } from '../../support/context.ts';
import { editionStory } from '../../support/edition.ts';
import { addEngagement } from '../../support/engagement.ts';
import { seedEdition, seedNewsletter } from '../../support/seed.ts';
import { startDesk } from './desk-site.ts';

/** Pages do not wait for what is counted for the first time. */
const patience = { timeout: 10_000 };

/** Lets an edition be sent to all its readers, of whom some are at a large domain. */
async function sent(context: TestContext, editionId: number): Promise<number[]> {
  await sql`update subscribers set email = replace(email, 'example.com', 'big.example.com')
    where id <= (select min(id) + 11 from subscribers)`.execute(context.db);
  await planDeliveries(context, editionId);
  await sql`update deliveries set state = 'accepted', stories = '{0,1,2}' where edition_id = ${editionId}`.execute(
    context.db,
  );
  await sql`update deliveries set state = 'failed', smtp_code = 550, detail = '550 5.1.1 no such user ada@big.example.com'
    where edition_id = ${editionId} and subscriber_id = (select max(subscriber_id) from deliveries)`.execute(
    context.db,
  );
  await context.db
    .updateTable('editions')
    .set({ state: 'sent', sent_at: context.clock.now() })
    .where('id', '=', editionId)
    .execute();
  const rows = await context.db
    .selectFrom('deliveries')
    .select('subscriber_id')
    .where('edition_id', '=', editionId)
    .orderBy('subscriber_id')
    .execute();
  return rows.map(({ subscriber_id }) => subscriber_id);
}

const left = async (context: TestContext, editionId: number, subscriberId: number, kind: string) =>
  sql`insert into feedback_events (kind, action, edition_id, subscriber_id, source, at, recorded_at, external_id)
    values (${kind}, 'counted', ${editionId}, ${subscriberId}, 'link', now(), now(), ${`${kind}${subscriberId}`})`.execute(
    context.db,
  );

test('an edition’s report tells delivery, persons’ clicks by story, place, topic and domain, and what else came back', async () => {
  const site = await startDesk({ readers: 16, state: 'approved', newsletter: { tracking: { opens: true } } });
  const { context, editionId } = site;
  const readers = await sent(context, editionId);
  const at = context.clock.now();
  await addEngagement(context, editionId, [
    ...readers.slice(0, 6).map((id) => ({ id, at })),
    { id: readers[7] as number, at, source: 'scanner', times: 9 },
    ...readers.slice(0, 9).map((id) => ({ id, at, kind: 'open' as const })),
  ]);
  await left(context, editionId, readers[2] as number, 'unsubscribe');
  await left(context, editionId, readers[3] as number, 'complaint');

  const path = `/desk/reports/editions/${editionId}`;
  await expect.poll(async () => (await site.as.viewer.get(path)).text, patience).toContain('Delivered 15');
  const { text, html } = await site.as.viewer.get(path);
  expect(text).toMatch(/Opened 60 ?%/);
  expect(text).toMatch(/Clicked 40 ?%/);
  expect(text).toMatch(/Unsubscribed 6\.67 ?%/);
  expect(text).toContain('1 there is no such mailbox');
  // What programs did is told beside, and in no share.
  expect(text).toMatch(/Clicks 6 0 9/);
  // Twelve at the large domain; of four elsewhere nobody learns who they are.
  expect(text).toMatch(/big\.example\.com 12 12 0/);
  expect(text).toMatch(/all others 4 3 1/);
  expect(html).not.toContain('ada@');
  // What is drawn obeys the desk's policy, and can be read without being seen.
  const charts = html.match(/<svg[^>]*class="plot[\s\S]*?<\/svg>/g) ?? [];
  expect(charts.length).toBeGreaterThanOrEqual(8);
  for (const chart of charts) {
    expect(chart).toMatch(/aria-labelledby="[\w-]+-title [\w-]+-text" role="img"/);
    expect(chart).not.toMatch(/style=|<style/);
  }

  const stories = await site.as.viewer.get(`${path}/stories.csv`);
  expect(stories.headers.get('content-type')).toContain('text/csv');
  expect(stories.html.split('\r\n')[1]).toMatch(/^1,.*,15,6,0\.4,0$/);
  const domains = await site.as.viewer.get(`${path}/domains.csv`);
  expect(domains.html).toContain('big.example.com,12,12,0,9,6,1,1\r\nothers,4,3,1,0,0,0,0\r\n');
});

test('cells that a spreadsheet would take for formulas are marked as text', async () => {
  const site = await startDesk({ readers: 1 });
  const { context, newsletter } = site;
  const id = await seedEdition(context, newsletter.id, [
    editionStory(0, { title: '=HYPERLINK("https://bad.example.com")' }),
  ]);
  await sent(context, id);
  const path = `/desk/reports/editions/${id}`;
  expect((await site.as.viewer.get(`${path}/stories.csv`)).status).toBe(404);
  await expect.poll(async () => (await site.as.viewer.get(path)).text, patience).toContain('Delivered 0');
  const { html } = await site.as.viewer.get(`${path}/stories.csv`);
  expect(html).toContain(`"'=HYPERLINK(""https://bad.example.com"")"`);
});

test('counting without names shows how often, and nobody; counting nothing says so', async () => {
  const site = await startDesk({
    readers: 16,
    state: 'approved',
    newsletter: { tracking: { privacy: 'aggregate' } },
  });
  const { context, editionId } = site;
  await sent(context, editionId);
  await context.db
    .insertInto('engagement_counts')
    .values({ edition_id: editionId, kind: 'click', position: 0, source: 'person', times: 7 })
    .execute();
  const path = `/desk/reports/editions/${editionId}`;
  await expect.poll(async () => (await site.as.viewer.get(path)).text, patience).toContain('Delivered 15');
  const { text } = await site.as.viewer.get(path);
  expect(text).toContain('counts without names');
  expect(text).toMatch(/Clicks 7/);
  expect(text).not.toContain('When readers came');
  expect(text).toMatch(/big\.example\.com 12 12 0 – not counted – not counted/);

  await context.db
    .updateTable('newsletters')
    .set({ tracking: JSON.stringify({ privacy: 'off' }) })
    .execute();
  await context.db.deleteFrom('engagement_counts').execute();
  context.clock.advance(3_600_000);
  await expect
    .poll(async () => (await site.as.viewer.get(path)).text, patience)
    .toContain('counts neither openings');
  expect((await site.as.viewer.get(path)).html).not.toContain('stories-chart');
});

test('reports over time add up what was counted, with growth, for those alone who may see the newsletter', async () => {
  const site = await startDesk({ readers: 16, state: 'approved', newsletter: { tracking: { opens: true } } });
  const { context, editionId, newsletter } = site;
  const readers = await sent(context, editionId);
  await addEngagement(
    context,
    editionId,
    readers.slice(0, 6).map((id) => ({ id, at: context.clock.now() })),
  );
  context.clock.advance(2 * 86_400_000);
  const later = await seedEdition(context, newsletter.id, undefined, context.clock.now());
  await sent(context, later);
  const path = `/desk/reports/newsletters/${newsletter.slug}`;
  await expect
    .poll(async () => (await site.as.viewer.get(path)).text, patience)
    .not.toContain('are being added up');
  const { text, html } = await site.as.viewer.get(path);
  expect(text).toContain('2 editions sent');
  expect(text).toMatch(/Delivered 30/);
  expect(text).toMatch(/Clicked 20 ?%/);
  expect(html).toContain('id="clicked-chart-wide-text"');
  expect(text).toContain('Growth of its lists: readers');
  const csv = await site.as.viewer.get(`${path}/editions.csv`);
  expect(csv.html.trim().split('\r\n')).toHaveLength(3);

  const overview = await site.as.viewer.get('/desk/reports');
  expect(overview.text).toMatch(/The Harbour Post 2 30/);

  const other = await seedNewsletter(context, [], { slug: 'other', name: 'The Other Paper' });
  const guest = await site.loggedIn(
    await createUser(context, {
      email: 'guest@example.com',
      newsletters: [{ newsletterId: other.id, role: 'viewer' }],
    }),
  );
  for (const hidden of [path, `${path}/editions.csv`, `/desk/reports/editions/${later}`])
    expect((await guest.get(hidden)).status).toBe(404);
  const own = await guest.get('/desk/reports');
  expect(own.text).toContain('The Other Paper');
  expect(own.text).not.toContain('The Harbour Post');
});

test('a report without any click says so where its charts would be, and German sentences end once', async () => {
  const site = await startDesk({ readers: 16, state: 'approved' });
  const { context, editionId, newsletter } = site;
  await sent(context, editionId);
  const path = `/desk/reports/editions/${editionId}`;
  await expect.poll(async () => (await site.as.viewer.get(path)).text, patience).toContain('Delivered 15');
  const { html } = await site.as.viewer.get(path);
  for (const card of ['stories', 'slots'])
    expect(html.split(`id="${card}"`)[1]?.split('</section>')[0]).toContain('No clicks yet');
  expect(html).not.toContain('id="stories-chart');

  await editUser(context, site.viewer.id, { locale: 'de' });
  const { text } = await site.as.viewer.get(`/desk/reports/newsletters/${newsletter.slug}`);
  expect(text).toContain('Wachstum seiner Listen');
  expect(text).not.toContain('..');
});
