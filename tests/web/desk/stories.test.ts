import { expect, test } from 'vitest';
import { createUser } from '../../../src/access/users.ts';
import { assignStorylines } from '../../../src/selection/storylines.ts';
import { seedNewsletter } from '../../support/seed.ts';
import { seedStories } from '../../support/stories.ts';
import { startDesk } from './desk-site.ts';

const flood =
  'The river Wend rose above the quay wall at Skerry on Monday night, and the town closed the bridge and the lower market.';

/** A desk with two events, the first reported by three publishers, and a story whose markup tries to be some. */
async function startStories() {
  const site = await startDesk({ newsletter: { timeZone: 'Europe/Berlin' } });
  const ids = await seedStories(site.context, [
    {
      title: 'River Wend floods Skerry quay',
      publisher: 'Coast Daily',
      bodyText: flood,
      dek: 'Bridge closed.',
      hoursAgo: 9,
      topics: ['weather'],
    },
    {
      title: 'Skerry bridge closed as Wend floods the quay',
      publisher: 'Harbour Post',
      bodyText: flood.replace('rose', 'swelled'),
      hoursAgo: 6,
    },
    {
      title: 'Wend flood: Skerry quay under water',
      publisher: 'Inland Times',
      bodyText: `${flood} Schools stay shut.`,
      hoursAgo: 2,
    },
    {
      title: 'Bakers of Wendmark <b>strike</b> & "rest"',
      publisher: 'Coast Daily',
      bodyText: 'Rye is dear, say the bakers. <script>alert(1)</script>',
      hoursAgo: 3,
      topics: ['work'],
    },
  ]);
  await assignStorylines(site.context, { embed: false });
  const rows = await site.context.db
    .selectFrom('stories')
    .select(['id', 'storyline_id'])
    .orderBy('id')
    .execute();
  const storylines = ids.map((id) => rows.find((row) => row.id === id)?.storyline_id ?? 0);
  expect(new Set(storylines).size).toBe(2);
  return { ...site, ids, storylines };
}

test('stories are searched, marked, narrowed and escaped', async () => {
  const { as } = await startStories();
  const all = await as.viewer.get('/desk/stories');
  expect(all.status).toBe(200);
  expect(all.text).toContain('Times are those of Berlin');
  expect(all.html.indexOf('under water')).toBeLessThan(all.html.indexOf('River Wend floods'));
  const found = await as.viewer.get('/desk/stories?q=floods');
  expect(found.html).toContain('<mark>floods</mark>');
  expect(found.html).toContain('<mark>flood</mark>');
  expect(found.html).not.toContain('Bakers');
  const piece = await as.viewer.get('/desk/stories?q=bakers', { 'hx-request': 'true' });
  expect(piece.html).toMatch(/^<section id="results"/);
  expect(piece.html).toContain('&lt;b&gt;strike&lt;/b&gt; &amp; &quot;rest&quot;');
  expect(piece.html).not.toContain('<script');
  expect((await as.viewer.get('/desk/stories?topic=work')).html).not.toContain('Skerry quay');
  expect((await as.viewer.get('/desk/stories?time=day&language=en&order=best&q=skerry')).html).toContain(
    'selected',
  );
  expect((await as.viewer.get('/desk/stories?q=zebra')).text).toContain('No story fits');
  expect((await as.viewer.get('/desk/stories?source=x&time=y&after=z&q=%00%F0')).status).toBe(200);
});

test('a story shows its text, storyline, related stories with reasons, and editions, of newsletters one may see', async () => {
  const { as, ids, editionId, context, ...site } = await startStories();
  await context.db
    .updateTable('edition_stories')
    .set({ story_id: ids[0] ?? 0 })
    .where('edition_id', '=', editionId)
    .where('position', '=', 1)
    .execute();
  const { html, text } = await as.editor.get(`/desk/stories/${ids[0]}`);
  expect(text).toContain('The river Wend rose above the quay wall');
  expect(text).toContain('Inland Times');
  expect(text).toContain('The old lighthouse is lit again');
  expect(html).toContain('/desk/newsletters/harbour-post/rules?publisher=Coast+Daily&amp;topic=weather');
  // It is looked up beside the page, which asks again until it is there.
  const piece = await as.editor.get(`/desk/stories/${ids[0]}/related`, { 'hx-request': 'true' });
  expect(piece.status).toBe(200);
  const related = (headers?: Record<string, string>) => async () =>
    (await as.editor.get(`/desk/stories/${ids[0]}/related`, headers)).text;
  await expect
    .poll(related({ 'hx-request': 'true' }), { timeout: 20_000 })
    .toMatch(/Coverage .*reports the same event/);
  await expect.poll(related(), { timeout: 20_000 }).toMatch(/Coverage .*reports the same event/);
  expect((await as.viewer.get(`/desk/stories/${ids[0]}/related`)).text).toContain('About this story');
  expect((await as.viewer.get(`/desk/stories/${ids[0]}`)).html).not.toContain('/rules?');
  expect((await as.editor.get('/desk/stories/999999')).status).toBe(404);
  const other = await seedNewsletter(context, [], { slug: 'other', name: 'Other' });
  const guest = await createUser(context, {
    email: 'guest@example.com',
    newsletters: [{ newsletterId: other.id, role: 'editor' }],
  });
  const browser = await site.loggedIn(guest);
  expect((await browser.get(`/desk/stories/${ids[0]}`)).text).not.toContain('The old lighthouse');
});

test('storylines stand by coverage; one is split and put together again, after it was shown what changes', async () => {
  const { as, ids, storylines, editionId, context } = await startStories();
  const [flooded, , , bakers] = storylines;
  await context.db
    .updateTable('edition_stories')
    .set({ storyline_id: flooded ?? 0 })
    .where('edition_id', '=', editionId)
    .where('position', '=', 1)
    .execute();
  const list = await as.viewer.get('/desk/storylines?time=week');
  expect(list.html.indexOf('River Wend')).toBeLessThan(list.html.indexOf('Bakers'));
  expect(list.text).toMatch(/3 reports +3 publishers/);
  const page = await as.editor.get(`/desk/storylines/${flooded}`);
  // Drawn for wide windows and for narrow ones.
  expect(page.html.match(/<circle/g)).toHaveLength(6);
  expect(page.text).toContain('The old lighthouse is lit again');
  expect((await as.viewer.get(`/desk/storylines/${flooded}`)).html).not.toContain('checkbox');

  const asked = await as.editor.get(`/desk/storylines/${flooded}/split?story=${ids[2]}`);
  expect(asked.text).toContain('What stays (2)');
  expect((await as.editor.get(`/desk/storylines/${flooded}/split`)).text).toContain('but not all of them');
  const fields = { story: String(ids[2]) };
  expect((await as.viewer.post(`/desk/storylines/${flooded}/split`, fields)).status).toBe(403);
  const split = await as.editor.post(`/desk/storylines/${flooded}/split`, fields);
  expect(split.to).toMatch(/^\/desk\/storylines\/\d+\?done=split$/);
  const made = Number(split.to?.match(/\d+/)?.[0]);
  expect((await as.editor.get(`/desk/storylines/${flooded}`)).text).toContain('2 reports');
  expect((await as.editor.post(`/desk/storylines/${made}/split`, fields)).text).toContain('nothing to split');

  const strange = await as.editor.post(`/desk/storylines/${made}/split`, { story: String(ids[0]) });
  expect(strange.status).toBe(422);
  expect(strange.text).toContain('Not all of these stories are of this storyline');
  const alone = await as.editor.post(`/desk/storylines/${flooded}/merge`, { with: String(flooded) });
  expect(alone.status).toBe(422);
  expect(alone.text).toContain('These are one storyline already');

  const search = await as.editor.get(`/desk/storylines/${made}/merge?q=bridge`);
  expect(search.html).toContain(`/merge?with=${flooded}`);
  expect((await as.editor.get(`/desk/storylines/${made}/merge?with=${flooded}`)).text).toContain(
    'Are these the same event?',
  );
  const merged = await as.editor.post(`/desk/storylines/${made}/merge`, { with: String(flooded) });
  expect(merged.to).toBe(`/desk/storylines/${flooded}?done=merged`);
  expect((await as.editor.get(merged.to ?? '')).text).toContain('3 reports');
  expect((await as.editor.get(`/desk/storylines/${made}`)).status).toBe(404);
  expect((await as.editor.post(`/desk/storylines/${bakers}/merge`, { with: '999' })).status).toBe(404);
  const acts = await context.db
    .selectFrom('audit_log')
    .select(['act', 'user_email'])
    .where('act', 'like', 'storyline.%')
    .orderBy('id')
    .execute();
  expect(acts).toEqual([
    { act: 'storyline.split', user_email: 'editor@example.com' },
    { act: 'storyline.merge', user_email: 'editor@example.com' },
  ]);
});
