import { expect, test } from 'vitest';
import { planDeliveries } from '../../src/delivery/plan.ts';
import { editionStory } from '../support/edition.ts';
import { seedEdition } from '../support/seed.ts';
import { startBrandedSite } from './branded-site.ts';

const most = 20_000;

/** Sixty lists, six of them with fifty topics each, that Ada gets; and a long archive. */
async function startLargeSite() {
  const site = await startBrandedSite();
  const { context, newsletter, ada } = site;
  const { db, clock } = context;
  const topics = Array.from({ length: 50 }, (_, at) => `${'Сельское хозяйство и рынки '.repeat(2)}${at}`);
  const lists = await db
    .insertInto('lists')
    .values(
      Array.from({ length: 60 }, (_, at) => ({
        name: `News of the ${at}th harbour on the long coast`,
        slug: `harbour-${at}`,
        description:
          'What moved between the lighthouse and the mole, told each morning in five minutes. '.repeat(3),
        topics: at < 6 ? topics : [],
      })),
    )
    .returning('id')
    .execute();
  const mutedSources = Array.from({ length: 100 }, (_, source) => `The Gazette of Harbour ${source}`);
  await db
    .insertInto('subscriptions')
    .values(
      lists.map(({ id }) => ({
        subscriber_id: ada,
        list_id: id,
        state: 'confirmed',
        confirmed_at: clock.now(),
        muted_sources: mutedSources,
      })),
    )
    .execute();
  await db
    .insertInto('editions')
    .values(
      Array.from({ length: 40 }, (_, day) => ({
        newsletter_id: newsletter.id,
        scheduled_for: new Date(Date.UTC(2026, 8, day + 1, 7)),
        sent_at: new Date(Date.UTC(2026, 8, day + 1, 7, 5)),
        state: 'sent',
        theme: 'broadsheet',
        language: 'en',
        subject: 'Ships of the day, and all that came with them over the bar this morning. '.repeat(2),
        preheader: 'And seven other stories that you may like to read before the ferry goes. '.repeat(2),
      })),
    )
    .execute();
  return site;
}

test('every page takes less than 20 KB, however much there is to show', { timeout: 60_000 }, async () => {
  const site = await startLargeSite();
  const { paths } = site;
  const tooLarge: string[] = [];
  const measure = async (path: string) => {
    const answer = await site.get(path, { 'accept-encoding': 'identity' });
    const html = await answer.text();
    const bytes = Buffer.byteLength(html);
    if (bytes >= most) tooLarge.push(`${path}: ${bytes}`);
    return { status: answer.status, html };
  };
  const asked = [
    ...Object.values(paths),
    ...['/', '/?page=2', '/no/such/page', '/data', '/preferences', '/assets/site.css', '/assets/proof.js'],
    ...[`${paths.view}/share`, `${paths.data}/erase`, `${paths.embed}/code`, '/subscribe/harbour-0'],
    ...[`${paths.archive}?page=2`, `${paths.archive}/${site.editionId}`],
  ];
  for (const path of asked) await measure(path);
  for (const language of ['ar', 'fr', 'ja']) {
    await measure(`${paths.preferences}?lang=${language}`);
    await measure(`/?lang=${language}`);
    await measure(`/subscribe/harbour-0?lang=${language}`);
  }
  // Each page of the preferences, and of a list's own, is small, and all lists and topics are on one of them.
  const pagesOf = async (first: string) => {
    const all: string[] = [];
    for (let page = 1; page < 100; page++) {
      const { html } = await measure(`${first}?page=${page}`);
      all.push(html);
      if (!html.includes('>Save and continue<')) break;
    }
    return all;
  };
  const preferences = await pagesOf(paths.preferences);
  expect(preferences.length).toBeGreaterThan(1);
  expect(preferences.join('').match(/name="list\.\d+"/g)).toHaveLength(62);
  expect(preferences.filter((html) => html.includes('name="timeZone"'))).toHaveLength(1);
  const topical = await site.context.db
    .selectFrom('lists')
    .select('id')
    .where('slug', '=', 'harbour-0')
    .executeTakeFirstOrThrow();
  const ownPage = `${paths.preferences}/list/${topical.id}`;
  expect(preferences.join('')).toContain(`href="${ownPage}"`);
  const ofList = await pagesOf(ownPage);
  expect(ofList.join('').match(/value="more"/g)).toHaveLength(50);
  expect(ofList.join('').match(/name="sources\.\d+"/g)).toHaveLength(100);

  const unsubscribing = await site.post(paths.unsubscribe, { action: 'leave-all' });
  expect(Buffer.byteLength(await unsubscribing.text())).toBeLessThan(most);
  expect(tooLarge).toEqual([]);
});

test('what nobody chose with a request is compressed, and a page that acts for somebody never is', async () => {
  const site = await startBrandedSite();
  const { context, paths, newsletter } = site;
  const stories = Array.from({ length: 30 }, (_, position) =>
    editionStory(position, {
      slot: position === 0 ? 'lead' : 'top',
      dek: `Story ${position} is told here. `.repeat(8),
    }),
  );
  const large = await seedEdition(context, newsletter.id, stories, new Date('2026-11-25T07:00:00Z'));
  await planDeliveries(context, large);
  await context.db.updateTable('editions').set({ state: 'sent' }).where('id', '=', large).execute();
  const sent = async (path: string, init: RequestInit = {}) => {
    const answer = await fetch(site.url + path, {
      headers: { 'accept-encoding': 'gzip' },
      redirect: 'manual',
      ...init,
    });
    return answer.headers.get('content-encoding');
  };
  for (const path of [
    paths.archive,
    `${paths.archive}/${large}`,
    paths.share,
    paths.view,
    paths.subscribe,
    '/assets/site.css',
  ])
    expect(await sent(path), path).toBe('gzip');
  for (const path of [
    paths.preferences,
    paths.unsubscribe,
    paths.data,
    paths.confirm,
    `/stay/${'x'.repeat(2_000)}`,
    '/inbox',
    '/health',
  ])
    expect(await sent(path), path).toBe(null);
  const typed = new URLSearchParams({ email: 'typed@example.com'.padStart(200, 'x') });
  expect(await sent(paths.subscribe, { method: 'POST', body: typed })).toBe(null);
  const vary = (await site.get(`${paths.archive}/${large}`, { 'accept-encoding': 'gzip' })).headers.get(
    'vary',
  );
  expect(vary).toMatch(/accept-encoding/i);
  expect(vary).toMatch(/accept-language/i);
});
