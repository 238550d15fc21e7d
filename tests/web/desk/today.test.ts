import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { createUser, editUser } from '../../../src/access/users.ts';
import { adopt, installationOf } from '../../../src/db/installation.ts';
import { planDeliveries } from '../../../src/delivery/plan.ts';
import { ProgressReader } from '../../../src/delivery/progress.ts';
import { getEdition } from '../../../src/editions/editions.ts';
import { move } from '../../../src/editions/lifecycle.ts';
import { startServer } from '../../../src/web/server.ts';
import { seedEdition, seedNewsletter } from '../../support/seed.ts';
import { TestBrowser } from './access-site.ts';
import { startDesk } from './desk-site.ts';

test('Today says first what needs a person, then what is next and when it is built', async () => {
  const site = await startDesk({ newsletter: { timeZone: 'Europe/Berlin' } });
  const { html, text, status } = await site.as.editor.get('/desk');
  expect(status).toBe(200);
  expect(text).toContain('1 edition waits for you.');
  expect(text).toMatch(/Needs approval, goes out in (an hour|1 hour|60 minutes)/);
  expect(text).toContain('The old lighthouse is lit again');
  expect(text).toContain('3 readers');
  expect(text).toMatch(/10:00 in Berlin/);
  expect(text).toMatch(/\d+ KB/);
  expect(html).toContain('src="https://img.example.com/lead.png"');
  // 07:00 in Berlin, tomorrow, by the schedule.
  expect(text).toMatch(/Not built yet: that happens at Wed,? 25 Nov,? 07:00/);
  expect(text).toContain('then it waits for approval');
  expect(html.indexOf('Needs approval')).toBeLessThan(html.indexOf('Not built yet'));
});

test('viewers see it without buttons, and nobody sees newsletters of others', async () => {
  const site = await startDesk();
  const { context } = site;
  const other = await seedNewsletter(context, [], { slug: 'other', name: 'The Other Paper' });
  await seedEdition(context, other.id);
  const viewer = await site.as.viewer.get('/desk');
  expect(viewer.html).not.toContain('Look and approve');
  expect(viewer.html).not.toContain('Build it now');
  // They cannot do anything about it: it waits for somebody else.
  expect(viewer.text).toContain('1 edition waits for an editor.');
  expect(viewer.text).not.toMatch(/Needs you|waits? for you/);
  expect(viewer.text).toContain('The Other Paper');

  const guest = await createUser(context, {
    email: 'guest@example.com',
    newsletters: [{ newsletterId: site.newsletter.id, role: 'viewer' }],
  });
  const browser = await site.loggedIn(guest);
  for (const path of ['/desk', '/desk/editions']) {
    const { text } = await browser.get(path);
    expect(text).toContain('The Harbour Post');
    expect(text).not.toContain('The Other Paper');
  }
  const hidden = await seedEdition(context, other.id, undefined, new Date('2026-11-20T07:00:00Z'));
  expect((await browser.get(`/desk/editions/${hidden}/send`)).status).toBe(404);
});

test('a copy of the data says that it sends nothing, until it is adopted', async () => {
  const { context, as } = await startDesk();
  await installationOf(context);
  expect((await as.editor.get('/desk')).text).not.toContain('Nothing is sent from here');
  await sql`update installation set place = jsonb_set(place, '{server}', '"another"')`.execute(context.db);
  expect((await as.editor.get('/desk')).text).toMatch(/Nothing is sent from here\. The data are a copy/);
  await adopt(context);
  expect((await as.editor.get('/desk')).text).not.toContain('Nothing is sent from here');
});

test('an edition that its schedule asks for can be built ahead, once', async () => {
  const site = await startDesk();
  const { context } = site;
  const at = '2026-11-25T07:00:00.000Z';
  const fields = { newsletter: String(site.newsletter.id), at };
  expect((await site.as.viewer.post('/desk/today/build', fields)).status).toBe(403);
  const built = await site.as.editor.post('/desk/today/build', fields);
  expect(built.status).toBe(303);
  const again = await site.as.editor.post('/desk/today/build', fields);
  expect(again.to).toBe(built.to);
  const editions = await context.db
    .selectFrom('editions')
    .select('state')
    .where('scheduled_for', '=', new Date(at))
    .execute();
  expect(editions).toHaveLength(1);
  // Without stories there is nothing to send yet: it is built again at its time.
  const shown = async () => (await site.as.editor.get(built.to ?? '')).text;
  await expect.poll(shown, { timeout: 15_000 }).toContain('0 new stories');
  expect(await shown()).toContain('tried again at its time');
  const { text } = await site.as.editor.get('/desk');
  expect(text).not.toContain('Could not be made');
  expect(text).not.toContain('Nothing is planned');
  const { rows } = await sql<{ state: string }>`
    select state from editions where scheduled_for = ${new Date(at)}`.execute(context.db);
  expect(rows).toEqual([{ state: 'draft' }]);
  const any = { ...fields, at: '2026-11-25T08:30:00.000Z' };
  expect((await site.as.editor.post('/desk/today/build', any)).status).toBe(404);
});

test('a late schedule says that no worker is running', async () => {
  const site = await startDesk({ newsletter: { cron: '30 8 * * *' } });
  site.context.clock.advance(3_600_000);
  expect((await site.as.editor.get('/desk')).text).toContain('Should have been built 30 minutes ago');
});

test('what is on its way is followed by events, counted through its batches', async () => {
  const site = await startDesk({ readers: 60, state: 'approved' });
  const { context, editionId } = site;
  await planDeliveries(context, editionId);
  await sql`
    update deliveries set state = 'accepted', detail = '250 taken' where edition_id = ${editionId} and subscriber_id in (
      select subscriber_id from deliveries where edition_id = ${editionId} order by subscriber_id limit 20)`.execute(
    context.db,
  );
  const failed = async (count: number, words: string) =>
    sql`update deliveries set state = 'failed', smtp_code = 550, detail = ${words} where edition_id = ${editionId}
      and subscriber_id in (select subscriber_id from deliveries where edition_id = ${editionId} and state = 'planned'
        order by subscriber_id limit ${count})`.execute(context.db);
  await failed(2, '550 5.1.1 no such user ada');
  await failed(1, '550 5.1.1 user unknown: bo');
  context.clock.advance(60_000);
  await sql`update delivery_batches set due_at = case when batch = 0 then ${context.clock.now()}::timestamptz end
    where edition_id = ${editionId} and batch = 0`.execute(context.db);

  // A page does not wait for what is counted for the first time.
  await expect.poll(async () => (await site.as.editor.get('/desk')).text).toContain('23 of 60');
  const { html, text } = await site.as.editor.get('/desk');
  expect(text).toContain('On its way');
  expect(text).toMatch(/3 there is no such mailbox/);
  expect(html).toContain(`action="/desk/editions/${editionId}/hold"`);

  const cookie = [...site.as.editor.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const abort = new AbortController();
  const stream = await fetch(`${site.url}/desk/today/progress`, {
    headers: { cookie },
    signal: abort.signal,
  });
  expect(stream.headers.get('content-type')).toContain('text/event-stream');
  const reader = stream.body?.getReader();
  const first = new TextDecoder().decode((await reader?.read())?.value);
  expect(first).toContain('event: running');
  expect(first).toContain('23 of 60');
  abort.abort();

  const held = await site.as.editor.post(`/desk/editions/${editionId}/hold`, { back: '/desk' });
  expect(held.to).toBe('/desk');
  expect((await getEdition(context, editionId)).state_reason).toBe('held by editor');
  expect((await site.as.editor.get('/desk')).text).toContain('On hold: held by editor');
});

test('progress counts again only what was touched', async () => {
  const site = await startDesk({ readers: 60, state: 'approved' });
  const { context, editionId } = site;
  await planDeliveries(context, editionId);
  const { planned_at, planned_count } = await getEdition(context, editionId);
  const reader = new ProgressReader(editionId);
  const read = () => reader.read(context, { planned_at, planned_count });
  expect(await read()).toMatchObject({ planned: 60, waiting: 60, accepted: 0 });
  const batch = async (number: number, due: Date | null, state: string) => {
    await sql`update deliveries set state = ${state} from delivery_batches b where b.edition_id = ${editionId}
      and b.batch = ${number} and deliveries.edition_id = ${editionId} and subscriber_id between first_id and last_id`.execute(
      context.db,
    );
    await sql`update delivery_batches set due_at = ${due} where edition_id = ${editionId} and batch = ${number}`.execute(
      context.db,
    );
  };
  await batch(0, null, 'accepted');
  expect(await read()).toMatchObject({ accepted: 25, waiting: 35 });
  // A batch that has come to its end is not looked at again.
  await batch(0, null, 'failed');
  expect(await read()).toMatchObject({ accepted: 25, failed: 0 });
  await batch(1, new Date('2026-11-24T09:00:00Z'), 'deferred');
  expect(await read()).toMatchObject({ accepted: 25, deferred: 25, waiting: 10 });
  await batch(1, null, 'accepted');
  await batch(2, null, 'skipped');
  expect(await read()).toMatchObject({ accepted: 50, deferred: 0, skipped: 10, waiting: 0 });
});

test('recent editions stand beside the median of the ten before, and figures are kept', async () => {
  const site = await startDesk({ newsletter: { tracking: { opens: true } } });
  const { context } = site;
  const sent = async (day: number, opened: number, unsubscribed: number) => {
    await sql`
      with sent as (
        insert into editions (newsletter_id, scheduled_for, theme, language, subject, state, sent_at, planned_at, planned_count)
        select ${site.newsletter.id}, at, 'broadsheet', 'en', 'Day ' || ${day}::integer, 'sent', at, at, 1000
        from (select '2026-11-01T07:00:00Z'::timestamptz + ${day - 1}::integer * interval '1 day' as at) as moments
        returning id)
      insert into edition_figures select id, ${context.clock.now()}, 1000, ${opened}, null, ${unsubscribed}, 0, 0 from sent`.execute(
      context.db,
    );
  };
  for (let day = 1; day <= 12; day++) await sent(day, 400 + day, 2);
  await sent(13, 600, 2);
  const { html, text } = await site.as.viewer.get('/desk');
  // The median of days 3 to 12 is 40.75 %.
  expect(text).toMatch(/60% 19\.[23] points more than usual/);
  expect(text).toContain('as usual');
  expect(text).toContain('not counted');
  expect(html.indexOf('60%')).toBeLessThan(html.indexOf('41.2%'));

  // One that was never counted is counted after it was asked for.
  const fresh = await seedEdition(context, site.newsletter.id, undefined, new Date('2026-11-14T07:00:00Z'));
  await planDeliveries(context, fresh);
  await sql`update deliveries set state = 'accepted' where edition_id = ${fresh}`.execute(context.db);
  await move(context, fresh, 'finish');
  await site.as.viewer.get('/desk');
  await expect
    .poll(() =>
      context.db
        .selectFrom('edition_figures')
        .select(['accepted', 'opened', 'clicked'])
        .where('edition_id', '=', fresh)
        .executeTakeFirst(),
    )
    .toEqual({ accepted: 3, opened: 0, clicked: 0 });
});

test('all editions by newsletter, state and words, page by page', async () => {
  const site = await startDesk();
  const { context } = site;
  await sql`
    insert into editions (newsletter_id, scheduled_for, theme, language, subject, state)
    select ${site.newsletter.id}, '2026-01-01'::timestamptz + n * interval '1 day', 'broadsheet', 'en',
           'Number ' || n || case when n % 2 = 0 then ' 100% true' else '' end, 'sent'
    from generate_series(1, 120) as n`.execute(context.db);
  const { viewer } = site.as;
  const seen = new Set<string>();
  let path = '/desk/editions?state=sent';
  let pages = 0;
  while (path) {
    const { html } = await viewer.get(path);
    for (const [, number = ''] of html.matchAll(/Number (\d+)/g)) seen.add(number);
    pages++;
    path = /href="([^"]*before=[^"]*)"/.exec(html)?.[1]?.replaceAll('&amp;', '&') ?? '';
  }
  expect([pages, seen.size]).toEqual([3, 120]);
  const found = await viewer.get('/desk/editions?q=12%20100%25');
  expect(found.text).toContain('Number 112');
  expect(found.text).not.toContain('Number 11 ');
  expect((await viewer.get('/desk/editions?q=_')).text).toContain('No edition fits');
  expect((await viewer.get('/desk/editions?state=review')).text).not.toContain('Number');
  expect((await viewer.get('/desk/editions?before=nonsense&newsletter=x')).status).toBe(200);
});

test('a server that ends does not wait for those who watch', async () => {
  const { context } = await startDesk();
  const app = new Hono().get('/', (c) =>
    streamSSE(c, () => new Promise((resolve) => setTimeout(resolve, 60_000).unref())),
  );
  const server = await startServer(context, app, { host: '127.0.0.1', port: 0 });
  const watching = await fetch(server.url, { headers: { accept: 'text/event-stream' } });
  expect(watching.headers.get('content-type')).toContain('text/event-stream');
  const began = performance.now();
  await server.close();
  expect(performance.now() - began).toBeLessThan(5000);
  await watching.text().catch(() => {});
});

test('in German, all of it', async () => {
  const site = await startDesk();
  await editUser(site.context, site.editor.id, { locale: 'de' });
  const today = (await site.as.editor.get('/desk')).text;
  expect(today).toContain('1 Ausgabe wartet auf Sie.');
  expect(today).toMatch(/Braucht Freigabe, geht in .{1,12} hinaus/);
  expect(today).toContain('3 Leser');
  const send = (await site.as.editor.get(`/desk/editions/${site.editionId}/send?wait=1`)).text;
  for (const words of ['Durchsehen, dann freigeben', 'Wer sie bekommt', 'Probe an mich senden', 'Freigeben'])
    expect(send).toContain(words);
  expect((await site.as.editor.get('/desk/editions')).text).toContain('In Prüfung');
});

test('without a session nothing is told', async () => {
  const site = await startDesk();
  const stranger = new TestBrowser(site.url, 'nothing');
  expect((await stranger.get('/desk')).status).toBe(302);
  expect((await stranger.get('/desk/today/progress', { accept: 'text/event-stream' })).html).not.toContain(
    'running',
  );
});
