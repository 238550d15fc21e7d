import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { createUser } from '../../../src/access/users.ts';
import { findReplay, keepingSeen } from '../../../src/editions/policy-replays.ts';
import { assignStorylines } from '../../../src/selection/storylines.ts';
import { seedNewsletter } from '../../support/seed.ts';
import { seedStories } from '../../support/stories.ts';
import { startDesk } from './desk-site.ts';

const titles = [
  'Ferries cross again',
  'Lens ground by hand',
  'Bakers strike over rye',
  'A bridge for otters',
  'Frost by Friday',
];

/** A desk whose newsletter can choose from five stories of five events. */
async function startPolicy() {
  const site = await startDesk({
    newsletter: { timeZone: 'Europe/Berlin', policy: { windowHours: 48, minimumStories: 1 } },
  });
  await seedStories(
    site.context,
    titles.map((title, at) => ({
      title,
      publisher: at === 4 ? 'Loud Gazette' : `Paper ${at}`,
      topics: [at % 2 === 0 ? 'sea' : 'town'],
      bodyText: `${title} `.repeat(9),
      hoursAgo: at + 1,
      url: `https://${at === 1 ? 'blog.lens' : `paper-${at}`}.example.com/story`,
    })),
  );
  const policies = () =>
    site.context.db.selectFrom('policies').select(['version', 'note']).orderBy('version').execute();
  return {
    ...site,
    policies,
    rules: '/desk/newsletters/harbour-post/rules',
    policy: '/desk/newsletters/harbour-post/policy',
  };
}

test('a rule is shown on the current edition before it is saved, and taken away the same way', async () => {
  const { as, rules, policies, context, editionId } = await startPolicy();
  const fields = { base: '1', action: 'block', publisher: 'loud gazette', because: 'Too loud.' };
  const before = await context.db.selectFrom('edition_stories').selectAll().execute();
  const asked = await as.editor.post(rules, { ...fields, step: 'effect' });
  expect(asked.text).toMatch(/With this rule/);
  expect(asked.text).toContain('0 in, 1 out');
  expect(asked.text).toMatch(/Goes out +5 +Frost by Friday/);
  expect(await policies()).toHaveLength(1);
  expect(await context.db.selectFrom('edition_stories').selectAll().execute()).toEqual(before);

  const saved = await as.editor.post(rules, { ...fields, step: 'save' });
  expect(saved.to).toBe(`${rules}?saved=2`);
  const page = await as.editor.get(saved.to ?? '');
  expect(page.text).toMatch(/Blocks +stories of loud gazette +Too loud\./);
  expect(page.html).toContain(`href="/desk/editions/${editionId}"`);
  // Somebody with the page of before.
  expect((await as.editor.post(rules, { ...fields, publisher: 'x', step: 'save' })).status).toBe(409);
  const boost = await as.editor.post(rules, {
    base: '2',
    action: 'boost',
    host: 'https://lens.example.com/x',
    factor: '3',
    step: 'effect',
  });
  expect(boost.text).toMatch(/1 +Lens ground by hand .*was 2/);
  const removing = await as.editor.post(rules, { base: '2', remove: '0', step: 'effect' });
  expect(removing.text).toContain('1 in, 0 out');
  expect((await as.editor.post(rules, { base: '2', remove: '0', step: 'save' })).to).toBe(`${rules}?saved=3`);
  for (const [wrong, says] of [
    [{ action: 'boost' }, 'Say at least one'],
    [{ action: 'boost', topic: 'sea', factor: '0.5' }, 'A boost has more than 1'],
    [{ action: 'bury', topic: 'sea', factor: 'x' }, 'Give a number'],
    [{ action: 'bury', host: 'no host' }, 'is no host'],
  ] as const)
    expect((await as.editor.post(rules, { base: '3', step: 'save', ...wrong })).text).toContain(says);
  expect((await as.viewer.post(rules, { ...fields, step: 'effect' })).status).toBe(403);
  const acts = await context.db
    .selectFrom('audit_log')
    .select(['act', 'newsletter_id'])
    .where('act', '=', 'policy.change')
    .execute();
  expect(acts).toHaveLength(2);
});

test('the whole policy is edited with words at its fields, as JSON too, and one goes back to an earlier one', async () => {
  const { as, policy, policies, context, newsletter } = await startPolicy();
  expect((await as.viewer.get(policy)).html).not.toContain('value="save"');
  expect((await as.editor.post(policy, { step: 'save' })).status).toBe(403);
  const { html } = await as.admin.get(policy);
  expect(html).toContain('value="48"');
  const fields = {
    base: '1',
    windowHours: '0',
    minimumStories: '1.5',
    candidates: '30',
    halfLifeHours: '12',
    diversity: '0,5',
    exploration: '0.01',
    related: 'few',
    'weights.coverage': '11',
    'weights.freshness': '1',
    'weights.prominence': '0',
    'weights.engagement': '0.25',
    topics: 'sea, town',
    withoutTopics: '',
    languages: 'en',
    'slots.name': 'lead',
    'slots.count': '1',
    'slots.topic': '',
    'slots.title': '',
    note: 'More of the sea',
  };
  const wrong = await as.admin.post(policy, { ...fields, step: 'save' });
  expect(wrong.status).toBe(422);
  expect(wrong.text).toContain('4 fields are not right.');
  for (const [id, says] of [
    ['windowHours', 'At least 1'],
    ['minimumStories', 'Give a whole number'],
    ['weights-coverage', 'At most 10'],
    ['related', 'Give a number'],
  ])
    expect(wrong.html).toMatch(new RegExp(`id="${id}-error"[^>]*>${says}`));
  expect(wrong.html).toContain('value="0,5"');
  const right = { ...fields, windowHours: '24', minimumStories: '1', related: '2', 'weights.coverage': '2' };
  const effect = await as.admin.post(policy, { ...right, step: 'effect' });
  expect(effect.text).toMatch(/0 in, 4 out/);
  expect(await policies()).toHaveLength(1);
  expect((await as.admin.post(policy, { ...right, step: 'save' })).to).toBe(`${policy}?saved=2`);
  expect((await as.admin.post(policy, { ...right, base: '2', step: 'save' })).to).toBe(
    `${policy}?saved=same`,
  );
  expect((await as.admin.post(policy, { ...right, windowHours: '30', step: 'save' })).status).toBe(409);

  expect(
    (await as.admin.post(policy, { base: '2', json: '{"windowHours":', step: 'json-save' })).text,
  ).toContain('This is no JSON');
  expect(
    (await as.admin.post(policy, { base: '2', json: '{"widnowHours":3}', step: 'json-save' })).text,
  ).toContain('There is no “widnowHours”');
  expect((await as.admin.post(policy, { base: '2', json: '[]', step: 'json-effect' })).status).toBe(422);
  const byJson = await as.admin.post(policy, {
    base: '2',
    json: '{"windowHours":72,"minimumStories":1}',
    step: 'json-save',
    note: '',
  });
  expect(byJson.to).toBe(`${policy}?saved=3`);
  const versions = await as.viewer.get(`${policy}/versions`);
  expect(versions.text).toMatch(/Hours back +24 +→ +72/);
  expect(versions.text).toContain('More of the sea');
  // From a page of before, and from none.
  for (const form of [{ base: '2' }, undefined]) {
    const late = await as.admin.post(`${policy}/versions/2`, form);
    expect(late.status).toBe(409);
    expect(late.text).toContain('Somebody saved version 3 meanwhile, so nothing was changed.');
  }
  expect((await as.admin.post(`${policy}/versions/2`, { base: '3' })).to).toBe(`${policy}?saved=4`);
  expect(await policies()).toMatchObject([{}, {}, {}, { version: 4, note: 'Back to version 2' }]);
  const { policy: now } = await context.db
    .selectFrom('newsletters')
    .select('policy')
    .where('id', '=', newsletter.id)
    .executeTakeFirstOrThrow();
  expect(now).toMatchObject({
    windowHours: 24,
    topics: ['sea', 'town'],
    slots: [{ name: 'lead', count: 1 }],
  });
});

test('of several who save at once one does, and the others are told, with what they typed', async () => {
  const { as, rules, policy, policies, context, newsletter } = await startPolicy();
  const add = (topic: string) =>
    as.editor.post(rules, { base: '1', action: 'block', topic, because: `No ${topic}`, step: 'save' });
  const added = await Promise.all(['sea', 'town', 'hills'].map(add));
  expect(added.map(({ status }) => status).sort()).toEqual([303, 409, 409]);
  const refused = added.find(({ status }) => status === 409);
  expect(refused?.text).toContain('Somebody saved version 2 meanwhile');
  expect(refused?.html).toContain('name="base" value="2"');
  expect(refused?.html).toMatch(/name="topic"[^>]* value="(sea|town|hills)"/);
  const versions = await Promise.all(
    ['{"windowHours":30}', '{"windowHours":31}'].map((json) =>
      as.admin.post(policy, { base: '2', json, step: 'json-save' }),
    ),
  );
  expect(versions.map(({ status }) => status).sort()).toEqual([303, 409]);
  expect((await as.admin.post(policy, { json: '{"windowHours":9}', step: 'json-save' })).status).toBe(409);
  expect(await policies()).toHaveLength(3);
  const { policy_version } = await context.db
    .selectFrom('newsletters')
    .select('policy_version')
    .where('id', '=', newsletter.id)
    .executeTakeFirstOrThrow();
  expect(policy_version).toBe(3);
});

test('past editions are replayed behind the page, which follows and shows what came of it', async () => {
  const { as, policy, context, editionId, newsletter } = await startPolicy();
  expect((await as.editor.post(`${policy}/replays`, { editions: '7' })).text).toContain(
    'has sent no edition yet',
  );
  await sql`update editions set state = 'sent', sent_at = scheduled_for, policy = ${JSON.stringify({ minimumStories: 1 })}::jsonb where id = ${editionId}`.execute(
    context.db,
  );
  await assignStorylines(context, { embed: false });
  // They came in before it was sent.
  await sql`update stories set first_seen_at = published_at`.execute(context.db);
  expect((await as.viewer.post(`${policy}/replays`, { editions: '7' })).status).toBe(403);
  const asked = await as.editor.post(`${policy}/replays`, { editions: '7' });
  expect(asked.to).toMatch(/\/policy\/replays\/\d+$/);
  await expect
    .poll(async () => (await as.viewer.get(asked.to ?? '')).text, { timeout: 20_000 })
    .toContain('Edition by edition');
  const { text, html } = await as.viewer.get(asked.to ?? '');
  expect(text).toMatch(/Places +8/);
  expect(html).toContain('Frost by Friday');
  expect((await as.viewer.get(`${policy}/replays`)).text).toMatch(/Replay of 1 edition .*Done/);
  const piece = await as.viewer.get(asked.to ?? '', { 'hx-request': 'true' });
  expect(piece.html).toMatch(/^<div id="replay"/);
  await sql`update policy_replays set result = null, done = 0`.execute(context.db);
  expect((await as.viewer.get(asked.to ?? '')).html).toContain('hx-trigger="load delay:1s"');
  // One that waits behind others is not called interrupted while its process is there.
  const state = async () =>
    (await findReplay(context, newsletter.id, Number(asked.to?.split('/').at(-1))))?.state;
  await keepingSeen(
    context,
    Number(asked.to?.split('/').at(-1)),
    async () => {
      context.clock.advance(120_000);
      await expect.poll(state, { timeout: 10_000 }).toBe('running');
    },
    10,
  );
  context.clock.advance(120_000);
  expect((await as.viewer.get(asked.to ?? '')).text).toContain('It was interrupted');
});

test('of newsletters of others nothing is seen', async () => {
  const site = await startPolicy();
  const other = await seedNewsletter(site.context, [], { slug: 'other', name: 'Other' });
  const guest = await createUser(site.context, {
    email: 'guest@example.com',
    newsletters: [{ newsletterId: other.id, role: 'admin' }],
  });
  const browser = await site.loggedIn(guest);
  for (const path of [site.policy, site.rules, `${site.policy}/versions`, `${site.policy}/replays`]) {
    expect((await browser.get(path)).status).toBe(404);
    expect((await browser.get(path.replace('harbour-post', 'other'))).status).toBe(200);
  }
  expect((await browser.post(site.rules, { step: 'save', action: 'block', topic: 'sea' })).status).toBe(404);
});
