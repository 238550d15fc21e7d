import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { startDesk } from './desk-site.ts';

async function startPreview() {
  const site = await startDesk();
  const at = `/desk/editions/${site.editionId}`;
  const { rows } = {
    rows: await site.context.db.selectFrom('subscribers').select(['id', 'email']).orderBy('id').execute(),
  };
  return { ...site, at, readers: rows };
}

test('the frame of a preview runs nothing, belongs to nobody, and shows dark and light as asked', async () => {
  const { as, at } = await startPreview();
  const light = await as.viewer.get(`${at}/preview.html`);
  expect(light.status).toBe(200);
  const policy = light.headers.get('content-security-policy') ?? '';
  expect(policy).toMatch(/^default-src 'none';/);
  expect(policy).toMatch(/; sandbox$/);
  expect(policy).not.toContain('script-src');
  expect(light.headers.get('x-frame-options')).toBe('SAMEORIGIN');
  expect(light.html).toContain('<base target="_blank">');
  expect(light.html).toContain('Story number 0');
  expect(light.html).toMatch(/<[a-z]+ id="story-s1"/);
  expect(light.html.match(/ id="story-/g)).toHaveLength(8);
  // What asks for dark colours is always true in dark, and never in light.
  expect(light.html).toContain('@media (max-width:0px)');
  const dark = await as.viewer.get(`${at}/preview.html?scheme=dark`);
  expect(dark.html).toContain('@media (min-width:0px)');
  expect(dark.html).toContain('color-scheme:dark only');
  for (const { html } of [light, dark]) expect(html).not.toContain('prefers-color-scheme');
  expect((await as.viewer.get(`${at}/preview.html?images=off`)).html).not.toMatch(/<img[^>]*\ssrc=/);
  expect((await as.viewer.get(`${at}/preview.html?show=text`)).html).toMatch(/<pre>[\s\S]*Story number 0/);
  const source = await as.viewer.get(`${at}/preview.html?show=source`);
  expect(source.html).toContain('<b>List-Unsubscribe:</b>');
  expect(source.html).not.toMatch(/<b>https?:/);
  expect((await as.viewer.get(`${at}/preview.html?language=de`)).html).toContain('lang="de"');
  // Only what is seen counts.
  const hash = light.headers.get('preview-hash');
  const changed = await as.editor.post(`${at}/change`, { act: 'lines', base: '1', subject: 'Another line' });
  expect(changed.status).toBe(303);
  const after = await as.viewer.get(`${at}/preview.html`);
  expect(after.headers.get('preview-hash')).toBe(hash);
  expect((await as.viewer.get('/desk/editions/999999/preview.html')).status).toBe(404);
});

test('any reader can be looked for, but what a subscriber gets only by who may change the edition', async () => {
  const { as, at, context, readers } = await startPreview();
  await context.db
    .updateTable('subscriptions')
    .set({ muted_topics: ['sea'] })
    .where('subscriber_id', '=', readers[1]?.id as number)
    .execute();
  const page = await as.editor.get(`${at}/preview?address=Reader2@Example.com`);
  expect(page.status).toBe(200);
  expect(page.html).toContain(`<option value="subscriber:${readers[1]?.id}" selected="">reader2@example.com`);
  expect(page.html).not.toMatch(/ style="/);
  expect(page.text).toContain('every edition, mutes sea (33.3%)');
  const theirs = await as.editor.get(`${at}/preview.html?reader=subscriber:${readers[1]?.id}`);
  expect(theirs.html).not.toContain('Story number 2');
  const why = await as.editor.get(`${at}/preview/why?reader=subscriber:${readers[1]?.id}`);
  expect(why.text).toContain('Story number 1');
  const wishes = JSON.stringify({ frequency: 'every', topics: [], mutedTopics: ['sea'], mutedSources: [] });
  const sampled = await as.viewer.get(`${at}/preview.html?reader=${encodeURIComponent(wishes)}`);
  expect(sampled.html).not.toContain('Story number 2');
  const nothing = JSON.stringify({
    frequency: 'every',
    topics: [],
    mutedTopics: ['sea', 'land'],
    mutedSources: [],
  });
  expect((await as.viewer.get(`${at}/preview.html?reader=${encodeURIComponent(nothing)}`)).text).toContain(
    'gets no mail',
  );

  expect((await as.editor.get(`${at}/preview?address=nobody@example.com`)).text).toContain(
    'Nobody gets this newsletter',
  );
  const viewed = await as.viewer.get(`${at}/preview?address=reader2@example.com`);
  expect(viewed.status).toBe(403);
  expect((await as.viewer.get(`${at}/preview.html?reader=subscriber:${readers[1]?.id}`)).status).toBe(403);
  // Somebody of another list is nobody here.
  const [other] = await context.db
    .insertInto('subscribers')
    .values({ email: 'else@example.com', email_key: 'else@example.com', email_hash: Buffer.alloc(32, 7) })
    .returning('id')
    .execute();
  expect((await as.editor.get(`${at}/preview.html?reader=subscriber:${other?.id}`)).status).toBe(404);
});

test('what was sent shows where persons clicked, in the mail and as a table', async () => {
  const { as, at, context, editionId, readers } = await startPreview();
  expect((await as.viewer.get(`${at}/preview`)).html).not.toContain('value="clicks"');
  await context.db
    .updateTable('editions')
    .set({ state: 'sent', planned_at: context.clock.now(), sent_at: context.clock.now() })
    .where('id', '=', editionId)
    .execute();
  await sql`create table ${sql.table(`engagement_e${editionId}`)} partition of engagement
    for values in (${sql.lit(editionId)})`.execute(context.db);
  const click = (reader: number, position: number, source = 'person', related = -1) => ({
    edition_id: editionId,
    subscriber_id: readers[reader]?.id as number,
    kind: 'click',
    position,
    related,
    source,
    first_at: context.clock.now(),
    last_at: context.clock.now(),
  });
  await context.db
    .insertInto('engagement')
    .values([
      click(0, 0),
      click(1, 0),
      click(2, 0, 'scanner'),
      click(0, 0, 'person', 0),
      click(1, 4, 'scanner'),
    ])
    .execute();
  await context.db
    .insertInto('engagement_counts')
    .values({ edition_id: editionId, kind: 'click', position: 2, related: -1, source: 'person', times: 1 })
    .execute();
  expect((await as.viewer.get(`${at}/preview`)).html).toContain('value="clicks"');
  const { html } = await as.viewer.get(`${at}/preview.html?show=clicks`);
  const heatOf = (url: string) => {
    const link = [...html.matchAll(/<a\b[^>]*>/g)].map(([tag]) => tag).find((tag) => tag.includes(url));
    return /data-heat="([^"]*)" data-level="(\d)"/.exec(link ?? '')?.slice(1);
  };
  expect(heatOf('news.example.com/stories/0?')).toEqual(['50%', '5']);
  expect(heatOf('quay.example.com/1')).toEqual(['25%', '3']);
  expect(heatOf('news.example.com/stories/2?')).toEqual(['25%', '3']);
  expect(heatOf('news.example.com/stories/4?')).toEqual(['0%', '0']);
  // No link in it counts anything.
  expect(html).not.toMatch(/href="[^"]*\/c\//);
  const { text } = await as.viewer.get(`${at}/preview/why?show=clicks`);
  expect(text).toMatch(/Story number 0 2 50%/);
  expect(text).toMatch(/How it looked from the quay beneath “Story number 0” 1 25%/);
});
