import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { serve } from '../../stories/serve.ts';
import { startDesk } from './desk-site.ts';

const feed = `<?xml version="1.0"?><rss version="2.0"><channel><title>Coast Daily</title><language>en</language>
<item><title>Ferries cross again</title><link>https://coast.example.com/1</link><pubDate>Tue, 24 Nov 2026 06:00:00 GMT</pubDate><description>After nine days.</description></item>
<item><title>&lt;i&gt;A lens &amp; more</title><link>https://coast.example.com/2</link><pubDate>Mon, 23 Nov 2026 06:00:00 GMT</pubDate></item>
</channel></rss>`;

test('a source is looked at, added, fetched, changed, paused and removed, by admins alone', async () => {
  const { as, context } = await startDesk();
  const server = await serve({
    '/': '<html><head><title>Coast</title><link rel="alternate" type="application/rss+xml" href="/feed.xml"></head></html>',
    '/feed.xml': feed,
  });
  expect((await as.editor.get('/desk/sources')).text).toContain('No sources yet');
  expect((await as.editor.post('/desk/sources/look', { address: server.url })).status).toBe(403);
  const looked = await as.admin.post('/desk/sources/look', { address: `${server.url}/` });
  expect(looked.text).toContain('Ferries cross again');
  expect(looked.text).toContain('It was found from the address that you gave');
  expect(looked.html).not.toContain('<i>A lens');
  expect(looked.html).toContain('value="Coast Daily"');
  expect(await context.db.selectFrom('sources').select('id').execute()).toEqual([]);

  const wrong = {
    address: `${server.url}/feed.xml`,
    kind: 'feed',
    name: 'Coast Daily',
    publisher: 'Coast',
    weight: '-3',
    minutes: '15',
    language: 'en',
    topics: 'sea, ',
  };
  expect((await as.admin.post('/desk/sources', wrong)).status).toBe(422);
  const added = await as.admin.post('/desk/sources', { ...wrong, weight: '2' });
  expect(added.to).toMatch(/^\/desk\/sources\/\d+\?fetched=2-0$/);
  const page = await as.viewer.get(added.to ?? '');
  expect(page.text).toContain('Fetched: 2 new, 0 changed.');
  expect(page.text).toContain('Ferries cross again');
  expect(page.html).not.toContain('Fetch now');
  const id = Number(/\d+/.exec(added.to ?? '')?.[0]);
  const again = await as.admin.post('/desk/sources/look', { address: server.url });
  expect(again.text).toContain('This is a source already: Coast Daily');

  expect(
    (await as.admin.post(`/desk/sources/${id}`, { ...wrong, weight: '1,5', language: 'no language' })).text,
  ).toContain('is no language tag');
  const saved = await as.admin.post(`/desk/sources/${id}`, { ...wrong, weight: '1,5', minutes: '30' });
  expect(saved.to).toBe(`/desk/sources/${id}?done=saved`);
  for (const act of ['pause', 'resume', 'fetch'])
    expect((await as.admin.post(`/desk/sources/${id}/${act}`)).status).toBe(303);
  const source = await context.db
    .selectFrom('sources')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  expect(source).toMatchObject({
    weight: 1.5,
    interval_seconds: 1800,
    topics: ['sea'],
    paused: false,
    publisher: 'Coast',
  });
  expect(source.last_fetch_ms).toBeGreaterThanOrEqual(0);

  expect((await as.admin.get(`/desk/sources/${id}/remove`)).text).toContain('Its 2 stories stay');
  expect((await as.editor.post(`/desk/sources/${id}/remove`)).status).toBe(403);
  expect((await as.admin.post(`/desk/sources/${id}/remove`)).to).toBe('/desk/sources?removed=Coast+Daily');
  expect((await as.admin.get(`/desk/sources/${id}`)).status).toBe(404);
  const acts = await context.db
    .selectFrom('audit_log')
    .select('act')
    .where('act', 'like', 'source.%')
    .orderBy('id')
    .execute();
  expect(acts.map(({ act }) => act)).toEqual([
    'source.add',
    'source.edit',
    'source.pause',
    'source.resume',
    'source.fetch',
    'source.remove',
  ]);
});

test('nothing but web addresses is looked at, and what is wrong with one is said', async () => {
  const { as } = await startDesk();
  const server = await serve({});
  for (const address of ['/etc/passwd', 'file:///etc/passwd', 'etc', '', 'javascript:alert(1)', '../data']) {
    const { status, text } = await as.admin.post('/desk/sources/look', { address });
    expect(status, address).toBe(422);
    expect(text, address).toContain('Give a web address');
    expect((await as.admin.post('/desk/sources', { address, kind: 'folder', name: 'x' })).status).toBe(422);
  }
  expect((await as.admin.post('/desk/sources/look', { address: `${server.url}/missing` })).text).toContain(
    'status 404',
  );
});

test('each trouble has its words, and those who need somebody come first', async () => {
  const { as, context, newsletter } = await startDesk();
  const now = context.clock.now();
  const soon = new Date(now.getTime() + 600_000);
  const source = (name: string, more: object) =>
    context.db
      .insertInto('sources')
      .values({
        kind: 'feed',
        url: `https://${name}.example.com/`,
        name,
        publisher: name,
        next_fetch_at: soon,
        last_success_at: now,
        created_at: now,
        ...more,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
  await source('aa-fine', {});
  await source('bb-missing', {
    failures: 3,
    last_error: 'https://bb answered with status 404.',
    last_error_at: now,
  });
  await source('cc-busy', {
    failures: 1,
    last_error: 'https://cc answered with status 503.',
    last_error_at: now,
  });
  await source('dd-late', { next_fetch_at: new Date(now.getTime() - 3_600_000) });
  await source('ee-slow', { last_fetch_ms: 7300 });
  await source('ff-silent', { created_at: new Date(now.getTime() - 30 * 86_400_000) });
  const { id } = await source('gg-paused', { paused: true });
  const { html, text } = await as.viewer.get('/desk/sources');
  expect(text).toContain('3 sources need you. 2 want a look.');
  for (const words of [
    'The address is not right any more',
    'tried again in 10 minutes',
    'no worker is running',
    'took 7.3 seconds',
    'has brought no story',
    'Failed 3 times in a row',
  ])
    expect(text).toContain(words);
  expect(html.indexOf('bb-missing')).toBeLessThan(html.indexOf('ff-silent'));
  expect(html.indexOf('ff-silent')).toBeLessThan(html.indexOf('aa-fine'));
  await context.db
    .insertInto('newsletter_sources')
    .values({ newsletter_id: newsletter.id, source_id: id })
    .execute();
  expect((await as.admin.get(`/desk/sources/${id}/remove`)).text).toContain(
    'only source of The Harbour Post',
  );
  expect((await as.admin.post(`/desk/sources/${id}/remove`)).status).toBe(422);
  // In 14 columns, the latest last.
  await sql`insert into stories (url_key, title, publisher, published_at, content_hash, source_id)
    select 'x' || n, 'Story ' || n, 'p', ${now}::timestamptz - n * interval '13 hours', 'h' || n, ${id} from generate_series(0, 5) as n`.execute(
    context.db,
  );
  expect((await as.viewer.get('/desk/sources?q=gg-')).html).toContain(
    '14 days: 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 2',
  );
});
