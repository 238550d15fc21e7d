import { expect, onTestFinished, test } from 'vitest';
import { composePage, prepareComposer } from '../../src/delivery/compose.ts';
import { planDeliveries } from '../../src/delivery/plan.ts';
import { loadReaders } from '../../src/delivery/readers.ts';
import { getEdition } from '../../src/editions/editions.ts';
import { editNewsletter } from '../../src/editions/newsletters.ts';
import { linkSigner } from '../../src/links.ts';
import { compileAndStore } from '../../src/rendering/store.ts';
import { updatePreferences } from '../../src/subscribers/subscribe.ts';
import { startSite } from '../../src/web/site.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { seedEdition, seedList, seedNewsletter } from '../support/seed.ts';

async function planned(tracking: object) {
  const context = await createTestContext({ embeddings: false });
  const { listId, subscriberIds } = await seedList(context, 2);
  const newsletter = await seedNewsletter(context, [listId], { tracking: { ...tracking } });
  const editionId = await seedEdition(context, newsletter.id);
  await planDeliveries(context, editionId);
  return { context, editionId, newsletter, subscriberIds: subscriberIds as [number, number] };
}

/** What a reader's mail holds, with its links led to this test's server. */
async function mailOf(context: TestContext, editionId: number, subscriberId: number) {
  const edition = await getEdition(context, editionId);
  const composer = await prepareComposer(context, edition, await linkSigner(context));
  const [reader] = await loadReaders(context, edition.newsletter_id, [subscriberId], composer.past);
  if (!reader) throw new Error('there is no such reader');
  return composePage(context, composer, reader);
}

async function site(context: TestContext) {
  const running = await startSite(context, { host: '127.0.0.1', port: 0 });
  let isOpen = true;
  const close = async () => {
    if (isOpen) await running.close();
    isOpen = false;
  };
  onTestFinished(close);
  return {
    close,
    /** A reader's browser, or another; each request a minute after the one before. */
    get: (url: string, method = 'GET', userAgent = browser) => {
      context.clock.advance(60_000);
      return fetch(running.url + new URL(url).pathname, {
        method,
        redirect: 'manual',
        headers: { 'User-Agent': userAgent },
      });
    },
  };
}

const browser = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0';

const engagement = (context: TestContext) =>
  context.db.selectFrom('engagement').selectAll().orderBy('subscriber_id').orderBy('position').execute();

test('a click on a story, or beneath it, leads there and is counted once for each place', async () => {
  const { context, editionId, subscriberIds } = await planned({});
  const [reader] = subscriberIds;
  const { html, text } = await mailOf(context, editionId, reader);
  const links = [...new Set([...html.matchAll(/href="([^"]+\/c\/[^"]+)"/g)].map(([, url]) => url as string))];
  // Eight stories and one related.
  expect(links).toHaveLength(9);
  for (const link of links) expect(text).toContain(link);
  expect(html).not.toContain('news.example.com/stories');
  const { get, close } = await site(context);
  const targets: string[] = [];
  for (const link of links) {
    const answer = await get(link);
    expect(answer.status).toBe(302);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    targets.push(answer.headers.get('location') ?? '');
  }
  expect(targets).toContain('https://news.example.com/stories/0?a=1&b=2');
  expect(targets).toContain('https://quay.example.com/1');
  await get(links[0] as string);
  await get(links[0] as string, 'HEAD');
  await close();
  const all = await engagement(context);
  const rows = all.filter(({ source }) => source === 'person');
  expect(rows).toHaveLength(9);
  expect(rows.filter(({ related }) => related === 0)).toMatchObject([{ position: 0, kind: 'click' }]);
  expect(rows.reduce((sum, { times }) => sum + times, 0)).toBe(10);
  // Who asks for the head alone is marked.
  expect(all.filter(({ source }) => source !== 'person')).toMatchObject([{ source: 'scanner', times: 1 }]);
  expect(new Set(rows.map(({ subscriber_id }) => subscriber_id))).toEqual(new Set([reader]));
});

test('nobody can make a counted link lead elsewhere', async () => {
  const { context, editionId, subscriberIds } = await planned({});
  const { html } = await mailOf(context, editionId, subscriberIds[0]);
  const link = /href="([^"]+\/c\/[^"]+)"/.exec(html)?.[1] as string;
  const { get } = await site(context);
  for (const wrong of [
    link.replace(/\d+$/, '999'),
    link.replace(/-[0-9a-f]{30}/, `-${'0'.repeat(30)}`),
    link.replace(/\/c\/\d+-\d+/, '/c/1-2'),
    link.replace(/\d+$/, 'https:%2F%2Fevil.example.com'),
  ]) {
    const answer = await get(wrong);
    expect(answer.status).toBe(404);
    expect(answer.headers.get('location')).toBeNull();
    expect(await answer.text()).not.toContain('evil.example.com');
  }
});

test('links of the frame are not counted, and nothing is where the newsletter does not count', async () => {
  const { context, editionId, subscriberIds } = await planned({});
  const { html } = await mailOf(context, editionId, subscriberIds[0]);
  for (const path of ['unsubscribe', 'preferences', 'view'])
    expect(html).toMatch(new RegExp(`href="[^"]+/${path}/`));
  expect(html).not.toContain('/o/');
  const off = await planned({ clicks: false });
  const straight = await mailOf(off.context, off.editionId, off.subscriberIds[0]);
  expect(straight.html).toContain('https://news.example.com/stories/0?a=1&amp;b=2');
  expect(straight.html + straight.text).not.toContain('/c/');
});

test('somebody who does not want to be counted gets straight links, and their old ones count nothing', async () => {
  const { context, editionId, subscriberIds } = await planned({ opens: true });
  const [reader, other] = subscriberIds;
  const before = await mailOf(context, editionId, reader);
  const link = /href="([^"]+\/c\/[^"]+)"/.exec(before.html)?.[1] as string;
  const pixel = /src="([^"]+\/o\/[^"]+)"/.exec(before.html)?.[1] as string;
  await updatePreferences(context, reader, { untracked: true }, { via: 'test' });
  const after = await mailOf(context, editionId, reader);
  expect(after.html + after.text).not.toMatch(/\/[co]\//);
  expect((await mailOf(context, editionId, other)).html).toContain('/c/');
  const { get, close } = await site(context);
  expect((await get(link)).status).toBe(302);
  const image = await get(pixel);
  expect([image.status, image.headers.get('content-type')]).toEqual([200, 'image/gif']);
  await close();
  expect(await engagement(context)).toEqual([]);
});

test('an opening is counted by an invisible image, where the newsletter wants that', async () => {
  const { context, editionId, subscriberIds } = await planned({ opens: true, clicks: false });
  const { html } = await mailOf(context, editionId, subscriberIds[1]);
  expect(html).not.toContain('/c/');
  const pixel = /src="([^"]+\/o\/[^"]+)"/.exec(html)?.[1] as string;
  const { get, close } = await site(context);
  await get(pixel);
  await get(pixel);
  expect((await get(pixel.replace(/-[0-9a-f]{30}/, `-${'0'.repeat(30)}`))).status).toBe(200);
  await close();
  expect(await engagement(context)).toMatchObject([
    { subscriber_id: subscriberIds[1], kind: 'open', position: -1, times: 2 },
  ]);
});

test('programs that open and follow are led on, counted, and marked', async () => {
  const { context, editionId, subscriberIds } = await planned({ opens: true });
  const { html } = await mailOf(context, editionId, subscriberIds[0]);
  const pixel = /src="([^"]+\/o\/[^"]+)"/.exec(html)?.[1] as string;
  const link = /href="([^"]+\/c\/[^"]+)"/.exec(html)?.[1] as string;
  const { get, close } = await site(context);
  expect((await get(pixel, 'GET', 'Mozilla/5.0')).status).toBe(200);
  expect((await get(link, 'GET', 'BarracudaSentinel (EE)')).status).toBe(302);
  await close();
  const rows = await engagement(context);
  expect(rows.map(({ kind, source }) => `${kind} ${source}`).sort()).toEqual([
    'click scanner',
    'open prefetch',
  ]);
});

test('in aggregate, all readers’ mail has the same links, and following them names nobody', async () => {
  const { context, editionId, subscriberIds } = await planned({ privacy: 'aggregate', opens: true });
  const counted = (html: string) =>
    [...html.matchAll(/"(http[^"]+\/[co]\/[^"]+)"/g)].map(([, url]) => url as string);
  const [own = [], others] = await Promise.all(
    subscriberIds.map(async (id) => counted((await mailOf(context, editionId, id)).html)),
  );
  expect(own.length).toBeGreaterThan(9);
  expect(own).toEqual(others);
  const { get, close } = await site(context);
  for (const url of own) expect((await get(url)).status).toBeLessThan(400);
  const forged = (own[0] as string).replace(/\d+-[0-9a-f]{30}/, `${editionId}-${'0'.repeat(30)}`);
  expect((await get(forged)).status).toBe(404);
  await close();
  expect(await engagement(context)).toEqual([]);
  const counts = await context.db
    .selectFrom('engagement_counts')
    .select(['kind', 'times', 'source'])
    .execute();
  expect(counts.filter(({ kind }) => kind === 'open')).toEqual([
    { kind: 'open', times: 1, source: 'person' },
  ]);
  expect(counts).toHaveLength(10);
});

test('a change of privacy holds from the next mail on, without rendering anew; nobody untracked is ever counted', async () => {
  const { context, editionId, newsletter, subscriberIds } = await planned({ opens: true });
  const [reader, untracked] = subscriberIds;
  await updatePreferences(context, untracked, { untracked: true }, { via: 'test' });
  const mail = async (id: number) => {
    const { html, text } = await mailOf(context, editionId, id);
    return html + text;
  };
  const individual = new RegExp(`/c/${reader}-${editionId}-[0-9a-f]{30}/`);
  expect(await mail(reader)).toMatch(individual);
  await editNewsletter(context, newsletter.id, { tracking: { privacy: 'aggregate', opens: true } });
  expect(await mail(reader)).toMatch(new RegExp(`/c/${editionId}-[0-9a-f]{30}/`));
  expect(await mail(reader)).not.toMatch(individual);
  expect(await mail(untracked)).not.toMatch(/\/[co]\//);
  await editNewsletter(context, newsletter.id, { tracking: { privacy: 'off', opens: true } });
  expect(await mail(reader)).not.toMatch(/\/[co]\//);
  await compileAndStore(context, await getEdition(context, editionId));
  expect(await mail(reader)).not.toMatch(/\/[co]\//);
});

test('subjects are compared only where it is known who clicked', async () => {
  const { context, newsletter } = await planned({ privacy: 'aggregate' });
  const subjectTest = { patterns: ['{{ lead.title }}'] };
  await expect(editNewsletter(context, newsletter.id, { subjectTest })).rejects.toThrow(
    'the newsletter does not know who clicked',
  );
  await editNewsletter(context, newsletter.id, { subjectTest, tracking: {} });
  await expect(editNewsletter(context, newsletter.id, { tracking: { privacy: 'off' } })).rejects.toThrow(
    'the newsletter counts nothing',
  );
});

test('addresses get the newsletter’s parameters, and keep their own', async () => {
  const { context, editionId, newsletter, subscriberIds } = await planned({
    clicks: false,
    utm: { source: 'daily & more' },
  });
  const { html } = await mailOf(context, editionId, subscriberIds[0]);
  expect(html).toContain(
    'https://news.example.com/stories/3?a=1&amp;b=2&amp;utm_source=daily%20%26%20more&amp;utm_medium=email&amp;utm_campaign=harbour-post-2026-11-24',
  );
  // Followed through a counted link, it is the same address.
  await editNewsletter(context, newsletter.id, { tracking: { utm: { source: 'daily & more' } } });
  await compileAndStore(context, await getEdition(context, editionId));
  const counted = await mailOf(context, editionId, subscriberIds[0]);
  const { get } = await site(context);
  const links = [...counted.html.matchAll(/href="([^"]+\/c\/[^"]+)"/g)].map(([, url]) => url as string);
  const targets = await Promise.all(links.map(async (link) => (await get(link)).headers.get('location')));
  expect(targets).toContain(
    'https://news.example.com/stories/3?a=1&b=2&utm_source=daily%20%26%20more&utm_medium=email&utm_campaign=harbour-post-2026-11-24',
  );
});

test('a link keeps its number when the edition is built again', async () => {
  const { context, editionId, subscriberIds } = await planned({});
  const before = (await mailOf(context, editionId, subscriberIds[0])).html;
  const rows = await context.db.selectFrom('edition_links').selectAll().orderBy('number').execute();
  await Promise.all(
    [1, 2, 3].map(async () => compileAndStore(context, await getEdition(context, editionId))),
  );
  expect((await mailOf(context, editionId, subscriberIds[0])).html).toBe(before);
  expect(await context.db.selectFrom('edition_links').selectAll().orderBy('number').execute()).toEqual(rows);
});

test('readers get the frame in their language, where the newsletter has it', async () => {
  const { context, editionId, newsletter, subscriberIds } = await planned({});
  await editNewsletter(context, newsletter.id, { languages: ['de-CH', 'pt-BR'] });
  await compileAndStore(context, await getEdition(context, editionId));
  const [reader, other] = subscriberIds;
  await updatePreferences(context, reader, { language: 'de-AT' }, { via: 'test' });
  await updatePreferences(context, other, { language: 'ja' }, { via: 'test' });
  expect((await mailOf(context, editionId, reader)).text).toContain('Abbestellen');
  expect((await mailOf(context, editionId, other)).text).toContain('Unsubscribe');
});
