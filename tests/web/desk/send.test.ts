import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { planDeliveries } from '../../../src/delivery/plan.ts';
import { createRoute } from '../../../src/delivery/routes.ts';
import { sweep } from '../../../src/delivery/sweep.ts';
import { getEdition } from '../../../src/editions/editions.ts';
import { revise } from '../../../src/editions/revise/revise.ts';
import { settle } from '../../../src/schedule/settle.ts';
import { editionStory } from '../../support/edition.ts';
import { seedEdition } from '../../support/seed.ts';
import { startDesk } from './desk-site.ts';

type Site = Awaited<ReturnType<typeof startDesk>>;

const stateOf = async ({ context, editionId }: Site) => (await getEdition(context, editionId)).state;
const startsAt = async ({ context, editionId }: Site) => (await getEdition(context, editionId)).starts_at;
const sendPath = ({ editionId }: Site) => `/desk/editions/${editionId}/send`;
/** The page with all that takes a while to find out. */
const wholePath = (site: Site) => `${sendPath(site)}?wait=1&count=1`;

/** Fills in the sheet's form as it stands, and approves. */
async function approve(site: Site, by: 'editor' | 'admin' = 'editor', fields: Record<string, string> = {}) {
  const { html } = await site.as[by].get(sendPath(site));
  const version = /name="version" value="(\d+)"/.exec(html)?.[1] ?? '';
  return site.as[by].post(`/desk/editions/${site.editionId}/approve`, {
    version,
    when: 'scheduled',
    ...fields,
  });
}

test('the sheet says who gets it, when, from where, and that nothing is unusual', async () => {
  const site = await startDesk({ newsletter: { timeZone: 'Europe/Berlin', deliverAt: '09:30' } });
  const { context } = site;
  await sql`update subscribers set time_zone = 'America/New_York' where id = (select min(id) from subscribers)`.execute(
    context.db,
  );
  await sql`update subscriptions set frequency = 'weekly' where subscriber_id = (select max(id) from subscribers)`.execute(
    context.db,
  );
  const { text, status } = await site.as.editor.get(wholePath(site));
  expect(status).toBe(200);
  for (const words of [
    '3 readers',
    'every edition 2 · 66.7%',
    'once a week at most 1 · 33.3%',
    'as the newsletter (Berlin) 2',
    // Half past nine where they are.
    /New York 1 Tue(sday)?,? 09:30/,
    'Each reader has it at 09:30 of their own day.',
    'readers',
    'The Harbour Post &lt;news@harbour.example.com&gt;',
    'all mail is caught on this machine',
    'It is the first edition that goes out: there is nothing to compare it with.',
    /At its time, Tue,? 24 Nov,? 10:00 \(Berlin\)/,
    'after 10 seconds in which it can be taken back',
  ])
    expect(text).toMatch(words);
  const before = await seedEdition(context, site.newsletter.id, undefined, new Date('2026-11-20T07:00:00Z'));
  await sql`update editions set state = 'sent', planned_at = now(), planned_count = 3, subject = 'Another' where id = ${before}`.execute(
    context.db,
  );
  expect((await site.as.editor.get(wholePath(site))).text).toContain(
    'Nothing. It looks like the editions before it.',
  );
  await createRoute(context, 'ours', { url: 'smtps://user:secret@mail.example.com:465' });
  const routed = await site.as.editor.get(sendPath(site));
  expect(routed.text).toContain('ours (mail.example.com:465)');
  expect(routed.html).not.toContain('secret');
});

test('hints of the checks are told as such on each page, and an edition without stories is not tried out', async () => {
  const site = await startDesk();
  const { context, editionId } = site;
  const checked = async (findings: object[]) =>
    sql`update editions set findings = ${JSON.stringify(findings)}, checked_version = version where id = ${editionId}`.execute(
      context.db,
    );
  const hint = { check: 'links', severity: 'hint', message: 'Links are on another host.', mend: 'Look.' };
  // The page for sending settles the edition first, which checks it.
  await site.as.editor.get(wholePath(site));
  const both = async () => [
    (await site.as.editor.get('/desk')).text,
    (await site.as.editor.get(sendPath(site))).text,
  ];
  await checked([hint]);
  for (const text of await both()) expect(text).toMatch(/No errors or warnings; 1 hint/);
  await checked([]);
  for (const text of await both()) expect(text).toMatch(/[Cc]hecks found nothing/);

  const page = async () => (await site.as.editor.get(`/desk/editions/${editionId}`)).text;
  expect(await page()).toContain('Send a test to me');
  expect(await page()).toMatch(/goes out in (an hour|1 hour|60 minutes)/);
  await sql`delete from edition_stories where edition_id = ${editionId}`.execute(context.db);
  await sql`update editions set state = 'draft', built_at = null where id = ${editionId}`.execute(context.db);
  expect(await page()).not.toMatch(/Send a test to me|goes out in/);
});

test('what is unusual is said: readers, subject, stories, hosts, image, preheader', async () => {
  const site = await startDesk({ readers: 12 });
  const { context, editionId } = site;
  const before = await seedEdition(
    context,
    site.newsletter.id,
    [editionStory(0, { title: 'The same story again' }), editionStory(1)],
    new Date('2026-11-20T07:00:00Z'),
  );
  const { id: storyId } = await context.db
    .insertInto('stories')
    .values({
      title: 'The same story again',
      publisher: 'Post',
      published_at: context.clock.now(),
      url_key: 'x',
      content_hash: 'x',
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await sql`update editions set state = 'sent', planned_at = now(), planned_count = 4 where id = ${before}`.execute(
    context.db,
  );
  await sql`update edition_stories set story_id = ${storyId} where position = 0`.execute(context.db);
  await sql`update editions set preheader = '' where id = ${editionId}`.execute(context.db);
  await sql`
    update edition_stories set snapshot = snapshot
      || case position when 0 then '{"imageUrl": null, "title": "The same story again"}'::jsonb
                       when 1 then '{"imageUrl": "https://img.example.com/second.png"}'::jsonb
                       else '{"url": "https://never-linked.example.org/1"}'::jsonb end
    where edition_id = ${editionId}`.execute(context.db);
  const { text } = await site.as.editor.get(wholePath(site));
  for (const words of [
    '12 readers are 3 times as many as usual (4).',
    /This subject was used before, on Fri,? 20 Nov,? 2026/,
    /“The same story again” was in the edition of Fri,? 20 Nov,? 2026/,
    'never-linked.example.org has never been linked before',
    'The lead story has no image, others have.',
    'The preheader is empty',
  ])
    expect(text).toMatch(words);
  await sql`update editions set planned_count = 100 where id = ${before}`.execute(context.db);
  expect((await site.as.editor.get(wholePath(site))).text).toContain('far fewer than usual (100)');
});

test('an approval counts down in the database, can be taken back, and nothing leaves before', async () => {
  const site = await startDesk();
  const { context } = site;
  expect((await approve(site, 'editor', { when: 'now' })).to).toBe(`${sendPath(site)}?done=approved`);
  const now = context.clock.now().getTime();
  expect(await startsAt(site)).toEqual(new Date(now + 10_000));
  expect((await sweep(context)).toStart).toEqual([]);
  context.clock.advance(9_000);
  expect((await sweep(context)).toStart).toEqual([]);
  const page = await site.as.viewer.get(sendPath(site));
  expect(page.text).toContain('Approved by editor');
  expect(page.html).toContain(`data-countdown="${new Date(now + 10_000).toISOString()}"`);
  expect(page.html).not.toContain('/withdraw"');

  await site.as.admin.post(`/desk/editions/${site.editionId}/withdraw`);
  expect(await stateOf(site)).toBe('review');
  context.clock.advance(5_000);
  expect((await sweep(context)).toStart).toEqual([]);
  // Whoever looked before it was taken back and approved again starts nothing early.
  await approve(site, 'editor', { when: 'now' });
  expect(await planDeliveries(context, site.editionId, { whenDue: true })).toBeUndefined();
  context.clock.advance(10_000);
  expect((await sweep(context)).toStart).toEqual([site.editionId]);
  expect(await planDeliveries(context, site.editionId, { whenDue: true })).toMatchObject({ recipients: 3 });
  const late = await site.as.editor.post(`/desk/editions/${site.editionId}/withdraw`);
  expect([late.status, late.text]).toEqual([409, expect.stringContaining('Too late')]);
  expect((await site.acts()).map(({ act, by }) => `${act} ${by}`)).toEqual([
    'edition.approve editor@example.com',
    'edition.withdraw admin@example.com',
    'edition.approve editor@example.com',
  ]);
});

test('two approve at once: one wins, the other is told who', async () => {
  const site = await startDesk();
  await settle(site.context, site.editionId);
  const answers = await Promise.all([approve(site, 'editor'), approve(site, 'admin')]);
  expect(answers.map(({ status }) => status).sort()).toEqual([303, 409]);
  const winner = answers[0]?.status === 303 ? 'editor' : 'admin';
  expect(answers.find(({ status }) => status === 409)?.text).toContain(`${winner} was first`);
  expect((await site.acts()).length).toBe(1);
  expect(await stateOf(site)).toBe('approved');
});

test('what was changed since it was looked at is not approved, and who changed it is said', async () => {
  const site = await startDesk();
  const { context, editionId } = site;
  const { version } = (await settle(context, editionId)).edition;
  await revise(context, {
    editionId,
    base: version,
    user: { id: site.admin.id, email: site.admin.email, name: 'Ada' },
    change: { kind: 'lines', subject: 'A better subject' },
  });
  const old = await site.as.editor.post(`/desk/editions/${editionId}/approve`, {
    version: String(version),
    when: 'now',
  });
  expect(old.status).toBe(409);
  expect(old.text).toMatch(
    /changed since you looked at it.*Ada: Changed the subject to &quot;A better subject/,
  );
  expect(await stateOf(site)).toBe('review');
  expect((await approve(site)).status).toBe(303);

  // Changed after approval: it waits again, and says so wherever it is shown.
  await revise(context, {
    editionId,
    base: version + 1,
    user: { id: site.admin.id, email: site.admin.email, name: 'Ada' },
    change: { kind: 'lines', preheader: 'Something else' },
  });
  expect(await stateOf(site)).toBe('review');
  expect((await site.as.editor.get('/desk')).text).toMatch(/changed after approval by Ada/i);
  expect((await site.as.editor.get(sendPath(site))).text).toContain(
    'It had been approved and was changed since',
  );
});

test('the time that passes while the sheet is open asks again', async () => {
  const site = await startDesk();
  const { html } = await site.as.editor.get(sendPath(site));
  const version = /name="version" value="(\d+)"/.exec(html)?.[1] ?? '';
  site.context.clock.advance(2 * 3_600_000);
  const passed = await site.as.editor.post(`/desk/editions/${site.editionId}/approve`, {
    version,
    when: 'scheduled',
  });
  expect(passed.status).toBe(409);
  expect(passed.text).toMatch(/09:00 \(UTC\) has passed while this page was open/);
  expect(await stateOf(site)).toBe('review');
  expect((await approve(site, 'editor', { when: 'now' })).status).toBe(303);
});

test('it can be approved for another time, in the newsletter’s zone', async () => {
  const site = await startDesk({ newsletter: { timeZone: 'America/New_York' } });
  for (const [at, words] of [
    ['2026-11-24T02:00', 'That time is past'],
    ['2026-02-31T07:00', 'Write the date and time'],
    ['', 'Write the date and time'],
    ['2028-01-01T07:00', 'more than a year'],
  ] as const) {
    const wrong = await approve(site, 'editor', { when: 'at', at });
    expect([wrong.status, wrong.text]).toEqual([422, expect.stringContaining(words)]);
  }
  expect((await approve(site, 'editor', { when: 'at', at: '2026-11-25T18:30' })).status).toBe(303);
  expect(await startsAt(site)).toEqual(new Date('2026-11-25T23:30:00Z'));
  // Its own time comes, and it stays.
  site.context.clock.advance(3 * 3_600_000);
  expect((await sweep(site.context)).toStart).toEqual([]);
  expect((await site.as.editor.get('/desk')).text).toMatch(/Wed,? 25 Nov,? 18:30 in New York/);
});

test('blocking checks stop the approval', async () => {
  const site = await startDesk();
  const { context, editionId } = site;
  await sql`update edition_stories set snapshot = snapshot || '{"url": "javascript:alert(1)"}'::jsonb, reason = reason
    where edition_id = ${editionId} and position = 0`.execute(context.db);
  await context.db
    .updateTable('editions')
    .set({
      checked_version: (e) => e.ref('version') as never,
      findings: JSON.stringify([
        {
          check: 'links',
          severity: 'error',
          message: 'A link leads nowhere.',
          where: { part: 'link' },
          mend: 'Give it an address.',
        },
      ]),
    })
    .where('id', '=', editionId)
    .execute();
  const sheet = await site.as.editor.get(sendPath(site));
  expect(sheet.text).toMatch(/1 error.*A link leads nowhere\..*Give it an address\./);
  expect(sheet.text).toContain('It cannot be approved before the errors are mended.');
  expect(sheet.html).toMatch(/<button[^>]*disabled[^>]*>[\s\S]*?Approve/);
  const refused = await approve(site);
  expect([refused.status, await stateOf(site)]).toEqual([422, 'review']);
});

test('a test goes to oneself or the seed list, is marked, and counts nowhere', async () => {
  const site = await startDesk();
  const { context, editionId } = site;
  const post = (path: string, fields: Record<string, string> = {}, by: 'editor' | 'viewer' = 'editor') =>
    site.as[by].post(`/desk/editions/${editionId}/${path}`, fields);
  expect((await post('test', { to: 'me' })).to).toBe(`${sendPath(site)}?tested=1`);
  expect((await site.as.editor.get(`${sendPath(site)}?tested=1`)).text).toContain(
    'The test went to 1 address.',
  );
  const [mail] = await site.mails();
  expect(mail).toMatchObject({
    to: ['editor@example.com'],
    subject: '[Test] The old lighthouse is lit again',
  });
  // Links of nobody change nothing.
  const [unsubscribe = ''] = /\/unsubscribe\/[\w-]+/.exec(mail?.text ?? '') ?? [];
  const left = await fetch(site.url + unsubscribe, { method: 'POST', body: 'List-Unsubscribe=One-Click' });
  expect(left.status).toBeLessThan(500);
  const rows = await sql<{ n: number }>`
    select (select count(*) from deliveries) + (select count(*) from engagement) + (select count(*) from feedback_events)
      + (select count(*) from suppressions) + (select count(*) from consent_log) as n`.execute(context.db);
  expect(Number(rows.rows[0]?.n)).toBe(0);
  expect(await stateOf(site)).toBe('review');

  expect((await post('test', { to: 'seeds' })).text).toContain('The seed list is empty.');
  expect((await post('seeds', { seeds: 'not an address' })).status).toBe(422);
  expect((await post('seeds', { seeds: 'ada@example.com\nBo@Example.com, ada@example.com' })).status).toBe(
    303,
  );
  await sql`insert into suppressions (email_hash, email, reason) values (sha256('bo@example.com'), 'bo@example.com', 'manual')`.execute(
    context.db,
  );
  const partly = await post('test', { to: 'seeds' });
  expect(partly.text).toMatch(/Not taken:.*the address is suppressed/i);
  expect((await site.mails()).map(({ to }) => to[0])).toEqual(['editor@example.com', 'ada@example.com']);

  expect((await post('test', { to: 'me' }, 'viewer')).status).toBe(403);
  await sql`insert into audit_log (at, act, edition_id, details) values (${context.clock.now()}, 'edition.test', ${editionId}, '{"mails": 60}')`.execute(
    context.db,
  );
  expect((await post('test', { to: 'me' })).status).toBe(429);
});

test('hold, let go on and cancel, each by those who may', async () => {
  const site = await startDesk();
  const post = (path: string, by: 'editor' | 'viewer' = 'editor') =>
    site.as[by].post(`/desk/editions/${site.editionId}/${path}`, { back: 'https://evil.example.com/' });
  await approve(site);
  for (const path of ['withdraw', 'hold', 'resume', 'cancel', 'approve', 'undo-time'])
    expect((await post(path, 'viewer')).status).toBe(403);
  expect((await post('hold')).to).toBe(`${sendPath(site)}?done=held`);
  expect((await site.as.editor.get('/desk')).text).toContain('On hold');
  // Its time passes while it is held: there is a moment again before it leaves.
  site.context.clock.advance(2 * 3_600_000);
  await post('resume');
  expect(await startsAt(site)).toEqual(new Date(site.context.clock.now().getTime() + 10_000));
  await post('cancel');
  expect(await stateOf(site)).toBe('cancelled');
  const again = await post('resume');
  expect([again.status, again.text]).toEqual([409, expect.stringContaining('cancelled')]);
  expect((await post('undo-time')).status).toBe(403);
  const undo = await site.as.admin.post(`/desk/editions/${site.editionId}/undo-time`, { seconds: '45' });
  expect(undo.status).toBe(303);
  const bad = await site.as.admin.post(`/desk/editions/${site.editionId}/undo-time`, { seconds: '-1' });
  expect(bad.status).toBe(422);
});
