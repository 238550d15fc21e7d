import { parseFeed } from 'feedsmith';
import { expect, test } from 'vitest';
import { seedEdition } from '../support/seed.ts';
import { startBrandedSite } from './branded-site.ts';
import { read } from './site.ts';

test('the archive shows what was sent, and only of newsletters that say so', async () => {
  const site = await startBrandedSite();
  const { context, newsletter, paths, editionId } = site;
  const draft = await seedEdition(context, newsletter.id, undefined, new Date('2026-11-25T07:00:00Z'));
  const page = await read(site.get(paths.archive));
  expect(page.text).toContain('The old lighthouse is lit again');
  expect([...page.html.matchAll(/href="\/archive\/harbour-post\/(\d+)"/g)].map((link) => link[1])).toEqual([
    String(editionId),
  ]);
  expect((await site.get(`${paths.archive}/${draft}`)).status).toBe(404);
  // Of another newsletter, or of none.
  const other = await context.db
    .selectFrom('editions')
    .select('id')
    .where('newsletter_id', '<>', newsletter.id)
    .executeTakeFirstOrThrow();
  for (const path of [other.id, 999, 0, `${editionId}x`, '%00', '../1'])
    expect((await site.get(`${paths.archive}/${path}`)).status).toBe(404);
  for (const query of ['page=0', 'page=-1', 'page=x', 'page=1e9', 'page=1.5'])
    expect((await site.get(`${paths.archive}?${query}`)).status).toBe(404);

  const headers = (await site.get(paths.archive)).headers;
  expect(headers.get('x-robots-tag')).toBe('all');
  expect(headers.get('cache-control')).toContain('public');
  expect(headers.get('vary')).toContain('Accept-Language');

  await context.db.updateTable('newsletters').set({ public_archive: false }).execute();
  for (const path of [paths.archive, `${paths.archive}/feed.xml`, `${paths.archive}/${editionId}`]) {
    const answer = await site.get(path);
    expect(answer.status).toBe(404);
    expect(answer.headers.get('cache-control')).toContain('no-store');
  }
});

test('an edition in the archive stays as it was sent, and holds nothing of a reader', async () => {
  const site = await startBrandedSite();
  const path = `${site.paths.archive}/${site.editionId}`;
  const before = await read(site.get(path));
  expect(before.status).toBe(200);
  expect(before.text).toContain('Story number 0');
  expect(before.text).toContain('This is a public copy of Harbour Letter');
  expect(before.html).toContain('href="/subscribe/harbour"');
  expect(before.html).not.toMatch(/\/(unsubscribe|preferences|view|c|o)\/\d/);
  expect(before.html).not.toContain('@invalid');
  expect(before.text).not.toMatch(/You get this because|Unsubscribe/);
  await site.context.db.updateTable('stories').set({ title: 'Changed' }).execute();
  await site.context.db.updateTable('edition_stories').set({ snapshot: '{"title": "Changed"}' }).execute();
  expect((await read(site.get(path))).text.replace(/\s/g, '')).toBe(before.text.replace(/\s/g, ''));
  expect((await site.get(path)).headers.get('content-security-policy')).toContain("default-src 'none'");
});

test('older editions come on further pages, and the feed has the latest with their headlines', async () => {
  const site = await startBrandedSite();
  const { context, newsletter, paths } = site;
  await context.db
    .insertInto('editions')
    .values(
      Array.from({ length: 24 }, (_, day) => ({
        newsletter_id: newsletter.id,
        scheduled_for: new Date(Date.UTC(2026, 9, day + 1, 7)),
        sent_at: new Date(Date.UTC(2026, 9, day + 1, 7, 5)),
        state: 'sent',
        theme: 'broadsheet',
        language: 'en',
        subject: `Ships & <boats> of day ${day + 1}\u0007`,
      })),
    )
    .execute();
  const first = await read(site.get(paths.archive));
  expect(first.html.match(/<li>/g)).toHaveLength(20);
  expect(first.html).toContain('href="/archive/harbour-post?page=2"');
  const second = await read(site.get(`${paths.archive}?page=2`));
  expect(second.html.match(/<li>/g)).toHaveLength(5);
  expect(second.text).toContain('Ships &amp; &lt;boats&gt; of day 1');
  expect(second.html).not.toContain('page=3');

  const answer = await site.get(`${paths.archive}/feed.xml`);
  expect(answer.headers.get('content-type')).toBe('application/rss+xml; charset=utf-8');
  const { format, feed } = parseFeed(await answer.text());
  expect(format).toBe('rss');
  const channel = feed as {
    title?: string;
    items?: { title?: string; link?: string; pubDate?: string; description?: string }[];
  };
  expect(channel.title).toBe('Harbour Letter');
  expect(channel.items).toHaveLength(20);
  expect(channel.items?.[0]).toMatchObject({
    title: 'The old lighthouse is lit again',
    link: `${site.context.config.publicUrl}/archive/harbour-post/${site.editionId}`,
    description: expect.stringContaining('>Story number 1</a>'),
  });
  expect(channel.items?.[1]).toMatchObject({
    title: 'Ships & <boats> of day 24',
    pubDate: 'Sat, 24 Oct 2026 07:05:00 GMT',
  });
});

test('a reader passes an edition on without anything of theirs', async () => {
  const site = await startBrandedSite();
  const { paths } = site;
  const own = await read(site.get(paths.view));
  expect(own.text).toContain('ada@example.com');
  expect(own.html).toContain(`href="${paths.view}/share"`);
  const passOn = await read(site.get(`${paths.view}/share`));
  const url = /value="([^"]+)"/.exec(passOn.html)?.[1] ?? '';
  expect(url).toBe(site.context.config.publicUrl + paths.share);
  expect(passOn.html).toContain(
    `href="mailto:?subject=The%20old%20lighthouse%20is%20lit%20again&amp;body=${encodeURIComponent(url)}"`,
  );
  const shared = await read(site.get(paths.share));
  expect(shared.text).toContain('Someone has passed this edition of Harbour Letter on to you.');
  expect(shared.html).toContain('href="/subscribe/harbour"');
  expect(shared.html).not.toContain('ada@example.com');
  expect(shared.html).not.toMatch(/\/(unsubscribe|preferences|view|c|o)\/\d/);

  // Tokens that may do something else, or that name an edition which nobody has got.
  const waiting = site.signer.sign('share', [
    await seedEdition(site.context, site.newsletter.id, undefined, new Date('2026-11-26T07:00:00Z')),
  ]);
  for (const token of [
    site.signer.sign('view', [site.editionId]),
    site.signer.sign('share', [999]),
    waiting,
    'x',
  ])
    expect((await site.get(`/share/${token}`)).status).toBe(404);
});
