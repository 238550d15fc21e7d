import { expect, test } from 'vitest';
import { createUser } from '../../../src/access/users.ts';
import { createNewsletter, findNewsletter } from '../../../src/editions/newsletters.ts';
import { seedList, seedNewsletter } from '../../support/seed.ts';
import { startDesk } from './desk-site.ts';

const piece = { 'hx-request': 'true' };

test('an admin makes a newsletter in one form, with a list of its own', async () => {
  const site = await startDesk();
  const { context } = site;
  const form = await site.as.admin.get('/desk/newsletters/new');
  expect(form.text).toContain('The next five');
  expect(form.text).toMatch(/Wed,? 25 Nov 2026,? 07:00 \(UTC\)/);
  const given = {
    name: 'Evening Tide',
    fromAddress: 'tide@example.com',
    often: 'weekdays',
    time: '18:30',
    timeZone: 'Europe/Berlin',
    language: 'de',
    newList: 'on',
    mode: 'approval',
  };
  const wrong = await site.as.admin.post('/desk/newsletters/new', {
    ...given,
    fromAddress: 'tide',
    timeZone: 'Mars/Olympus',
  });
  expect(wrong.status).toBe(422);
  expect(wrong.html).toMatch(/id="new-fromAddress-error"[^>]*>This is no address/);
  expect(wrong.html).toMatch(/id="new-timeZone-error"/);
  expect(wrong.html).toContain('value="Evening Tide"');

  const made = await site.as.admin.post('/desk/newsletters/new', given);
  expect(made.to).toBe('/desk/newsletters/evening-tide?done=created');
  const row = await findNewsletter(context, 'evening-tide');
  expect(row).toMatchObject({ cron: '30 18 * * 1-5', time_zone: 'Europe/Berlin', language: 'de' });
  const page = await site.as.admin.get(made.to ?? '');
  // 18:30 in Berlin, as its zone has it.
  expect(page.text).toMatch(/Tue,? 24 Nov 2026,? 18:30 \(Berlin\)/);
  expect(page.html).toMatch(/name="lists" value="\d+" checked=""|checked="" [^>]*name="lists"/);
  expect(await site.as.admin.post('/desk/newsletters/new', given)).toMatchObject({ status: 422 });
  expect((await site.acts()).filter(({ act }) => act === 'newsletter.create')).toHaveLength(1);

  for (const browser of [site.as.editor, site.as.viewer]) {
    expect((await browser.get('/desk/newsletters')).text).not.toContain('New newsletter');
    expect((await browser.post('/desk/newsletters/new', given)).status).toBe(403);
  }
});

test('each section is saved by itself, with mistakes at their fields, and is noted', async () => {
  const site = await startDesk({ newsletter: { subject: '{{ lead.title }}' } });
  const { context, newsletter } = site;
  const at = `/desk/newsletters/${newsletter.slug}`;
  const saved = await site.as.admin.post(
    `${at}/schedule`,
    {
      often: 'someDays',
      days: '5',
      time: '06:15',
      timeZone: 'Europe/Berlin',
      catchUp: 'skip',
      deliverAt: '07:00',
    },
    piece,
  );
  expect(saved.status).toBe(200);
  expect(saved.html).toMatch(/^<section[^>]*id="schedule"/);
  expect(saved.text).toContain('Saved.');
  expect(await findNewsletter(context, newsletter.slug)).toMatchObject({
    cron: '15 6 * * 5',
    catch_up: 'skip',
    name: newsletter.name,
  });

  // Each reader at their own time, and subjects that are compared first, do not go together.
  const test = await site.as.admin.post(
    `${at}/subjectTest`,
    { tested: 'on', patterns: '{{ second.title }}', share: '120', waitMinutes: '60', by: 'clicks' },
    piece,
  );
  expect(test.status).toBe(422);
  expect(test.text).toContain('cannot be tried out while each reader');
  expect(test.html).toMatch(/id="subjectTest-share-error"/);

  const broken = await site.as.admin.post(
    `${at}/content`,
    { subject: '{{ lead.title', language: 'en' },
    piece,
  );
  expect(broken.html).toMatch(/id="content-subject-error"/);
  const line = await site.as.admin.post(`${at}/inbox-line`, { subject: 'Today: {{ lead.title }}' }, piece);
  expect(line.text).toContain('Today: Story number 0');

  // Without script the page itself comes back.
  const plain = await site.as.admin.post(`${at}/tracking`, { privacy: 'aggregate', clicks: 'on' });
  expect(plain.to).toBe(`${at}?done=tracking#tracking`);
  expect((await findNewsletter(context, newsletter.slug)).tracking).toMatchObject({ privacy: 'aggregate' });
  const acts = (await site.acts()).filter(({ act }) => act === 'newsletter.edit');
  expect(acts.map(({ by }) => by)).toEqual(['admin@example.com', 'admin@example.com']);
  expect(acts[0]?.details).toMatchObject({ cron: { before: '0 7 * * *', after: '15 6 * * 5' } });
});

test('who may not change settings sees them, and nothing to press', async () => {
  const site = await startDesk();
  const { context, newsletter, listId } = site;
  const at = `/desk/newsletters/${newsletter.slug}`;
  const page = await site.as.editor.get(at);
  expect(page.text).toContain('news@harbour.example.com');
  expect(page.html).not.toMatch(/<main[\s\S]*<button[^>]*type="submit"[\s\S]*<\/main>/);
  expect((await site.as.editor.get(`${at}/look`)).html).not.toContain('name="colour"');
  for (const path of ['identity', 'audience', 'look', 'pause', 'remove'])
    expect((await site.as.editor.post(`${at}/${path}`, { name: 'x' })).status).toBe(403);

  // Whoever administers one newsletter alone can send to no other list's people.
  const other = await seedList(context, 1, 'others');
  const second = await createNewsletter(context, {
    slug: 'second',
    name: 'Second',
    fromAddress: 'second@example.com',
    cron: '0 7 * * *',
    listIds: [listId],
  });
  const keeper = await site.loggedIn(
    await createUser(context, {
      email: 'keeper@example.com',
      newsletters: [{ newsletterId: second.id, role: 'admin' }],
    }),
  );
  const seen = await keeper.get('/desk/newsletters/second');
  expect(seen.html).not.toContain(`name="lists" value="${other.listId}"`);
  await keeper.post('/desk/newsletters/second/audience', { lists: String(other.listId) });
  const lists = await context.db
    .selectFrom('newsletter_lists')
    .select('list_id')
    .where('newsletter_id', '=', second.id)
    .execute();
  expect(lists).toEqual([]);
  expect((await keeper.get(at)).status).toBe(404);
  expect((await keeper.get('/desk/newsletters')).text).not.toContain(newsletter.name);
});

test('a look is seen before it is saved, in a page that can run nothing, with what is hard to read', async () => {
  const site = await startDesk();
  const { context, newsletter } = site;
  const at = `/desk/newsletters/${newsletter.slug}/look`;
  const page = await site.as.admin.get(at);
  expect(page.html).toMatch(/<iframe[^>]*sandbox=""/);
  expect(page.text).toContain('The last edition, with this look');

  const preview = await site.as.admin.get(
    `${at}/preview.html?theme=magazine&colour=%23ff7a00&footer=%3Cscript%3Ealert(1)%3C%2Fscript%3E`,
  );
  expect(preview.headers.get('content-security-policy')).toMatch(/default-src 'none'.*sandbox/);
  expect(preview.html.toLowerCase()).toContain('#ff7a00');
  expect(preview.html).toContain('Story number 0');
  expect(preview.html).not.toContain('<script');
  expect((await findNewsletter(context, newsletter.slug)).theme).toBe('broadsheet');

  const readings = await site.as.admin.post(`${at}/readings`, { theme: 'magazine', colour: '#ff7a00' });
  expect(readings.text).toMatch(/The accent as text [\d.]+ to 1: too little\. #[0-9a-f]{6} is used/);

  const wrong = await site.as.admin.post(at, {
    theme: '/etc/passwd',
    colour: 'red',
    logoUrl: 'javascript:alert(1)',
    radius: '99',
    social: 'Mastodon',
  });
  expect(wrong.status).toBe(422);
  for (const name of ['colour', 'logoUrl', 'radius', 'social'])
    expect(wrong.html).toContain(`id="look-${name}-error"`);
  const saved = await site.as.admin.post(at, {
    theme: 'briefing',
    colour: '#17607a',
    headingFont: 'georgia',
    social: 'Mastodon https://social.example.com/@us',
  });
  expect(saved.to).toBe(`${at}?done=saved`);
  expect(await findNewsletter(context, newsletter.slug)).toMatchObject({
    theme: 'briefing',
    brand: {
      colour: '#17607a',
      fonts: { heading: 'georgia' },
      social: [{ name: 'Mastodon', url: 'https://social.example.com/@us' }],
    },
  });

  // One without an edition shows sample stories.
  const empty = await seedNewsletter(context, [], { slug: 'empty', name: 'The Empty Post' });
  const sample = await site.as.admin.get(`/desk/newsletters/${empty.slug}/look/preview.html?theme=list`);
  expect(sample.html).toContain('The Empty Post');
  expect(sample.status).toBe(200);
});

test('a newsletter is paused, goes on, and is removed by whoever writes its name', async () => {
  const site = await startDesk();
  const { context, newsletter, editionId } = site;
  const at = `/desk/newsletters/${newsletter.slug}`;
  await site.as.admin.post(`${at}/pause`);
  expect((await findNewsletter(context, newsletter.slug)).paused).toBe(true);
  expect((await site.as.viewer.get('/desk/newsletters')).text).toContain('Paused');
  await site.as.admin.post(`${at}/resume`);
  expect((await findNewsletter(context, newsletter.slug)).paused).toBe(false);

  expect((await site.as.admin.get(`${at}/remove`)).text).toContain('1 edition goes');
  expect((await site.as.admin.post(`${at}/remove`, { confirm: 'harbour' })).status).toBe(422);
  await context.db.updateTable('editions').set({ state: 'approved' }).where('id', '=', editionId).execute();
  expect((await site.as.admin.post(`${at}/remove`, { confirm: newsletter.slug })).text).toContain(
    'is approved',
  );
  await context.db.updateTable('editions').set({ state: 'cancelled' }).where('id', '=', editionId).execute();
  const removed = await site.as.admin.post(`${at}/remove`, { confirm: newsletter.slug });
  expect(removed.to).toBe('/desk/newsletters?done=removed');
  expect((await site.as.admin.get('/desk/newsletters')).text).not.toContain('The Harbour Post');
});
