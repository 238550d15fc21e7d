import { expect, test } from 'vitest';
import { planDeliveries } from '../../src/delivery/plan.ts';
import { seedEdition, seedList, seedNewsletter } from '../support/seed.ts';
import { fiveEvents, seedStories } from '../support/stories.ts';
import { startApi, type TestApi } from './api-client.ts';

test('the description is OpenAPI 3.1, and the page for people runs no script', async () => {
  const { url, document } = await startApi();
  expect(document.openapi).toBe('3.1.0');
  const page = await fetch(`${url}/api/docs`);
  expect(page.status).toBe(200);
  expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'/);
  const html = await page.text();
  expect(html).not.toMatch(/<script|style="|onclick/i);
  for (const [path, item] of Object.entries(document.paths))
    for (const method of Object.keys(item)) expect(html).toContain(`${method.toUpperCase()} /api${path}`);
  expect(html).toContain('subscriber.confirmed');
});

test('what nothing can keep is refused as a mistake of the caller, whatever it is in', async () => {
  const { call } = await startApi();
  await call('POST', '/lists', { name: 'Weekly' });
  const ada = { email: 'ada@example.com', list: 'weekly', confirmed: true };
  const wrong = [
    await call('POST', '/subscribers', { ...ada, consent: 'a\0' }),
    await call('POST', '/subscribers', { ...ada, consent: '\ud800' }),
    await call('POST', '/suppressions', { email: 'bo@example.com', note: 'x\0' }),
    await call('POST', '/suppressions', { email: 'bo@example.com', until: '-271821-04-20T00:00:00Z' }),
    await call('POST', '/suppressions', { email: 'bo@example.com', until: '2026-11-23T00:00:00Z' }),
    await call('POST', '/suppressions', { email: 'bo@example.com', until: '2027-02-30' }),
    await call('PATCH', '/lists/weekly', { description: '\0' }),
    await call('GET', '/editions/%00'),
    await call('GET', '/stories?search=%00'),
    await call('GET', '/lists/99999999999999999999999'),
  ];
  expect(wrong.map(({ status }) => status)).toEqual([...Array(9).fill(400), 404]);
  expect(wrong[0]?.body.error.message).toContain('"consent" holds a NUL');
  await call('POST', '/subscribers', { ...ada, consent: 'Ticked \u{1f600}' });
  const subscription = '/subscribers/ada@example.com/subscriptions/weekly';
  for (const wish of [
    { mutedSources: ['a\0'] },
    { pausedUntil: '1' },
    { pausedUntil: '+275760-01-01T00:00:00Z' },
    { pausedUntil: '0099-01-01' },
  ])
    expect((await call('PATCH', subscription, wish)).status).toBe(400);
  const sent = await call('POST', '/stories', [
    { title: 'A\0B', url: 'https://a.example/1', bodyText: '\ud800x' },
    { title: 'Good' },
  ]);
  expect(sent).toMatchObject({ status: 200 });
  expect(sent.body.added.length).toBeGreaterThan(0);
});

// One test, so that at its end every operation has been called.
test('every route answers as it is documented', async () => {
  const api = await startApi({ embeddings: false });
  await lists(api);
  await subscribers(api);
  await suppressions(api);
  await stories(api);
  await editions(api);
  const documented = Object.entries(api.document.paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect([...api.called].sort()).toEqual(documented.sort());
});

async function lists({ call }: TestApi): Promise<void> {
  const made = await call('POST', '/lists', { name: 'Our readers', topics: ['City', 'sea'], goodbye: true });
  expect(made).toMatchObject({
    status: 201,
    body: { slug: 'our-readers', optIn: 'double', topics: ['city', 'sea'], goodbye: true, confirmed: 0 },
  });
  expect((await call('POST', '/lists', { name: 'Our readers' })).body.error.code).toBe('exists');
  expect((await call('POST', '/lists', { name: 'Others', colour: 'red' })).status).toBe(400);
  expect((await call('POST', '/lists', '{"name": ')).body.error.code).toBe('no-json');
  expect((await call('GET', '/lists/our-readers')).body.name).toBe('Our readers');
  expect((await call('GET', '/lists/nobody')).status).toBe(404);
  expect((await call('PATCH', '/lists/our-readers', { optIn: 'single' })).body.optIn).toBe('single');
  expect((await call('PATCH', '/lists/our-readers', {})).status).toBe(400);
  await call('POST', '/lists', { name: 'Weekly' });
  const both = { slug: 'our-readers', name: 'Not to be' };
  expect((await call('PATCH', '/lists/weekly', both)).body.error.code).toBe('exists');
  expect((await call('GET', '/lists/weekly')).body.name).not.toBe('Not to be');
  expect((await call('PATCH', '/lists/weekly', { slug: 'friday', welcome: false })).body).toMatchObject({
    slug: 'friday',
    welcome: false,
  });
  expect((await call('PATCH', '/lists/weekly', { slug: 'weekly' })).body.slug).toBe('weekly');
  await call('POST', '/lists', { name: 'Old' });
  expect((await call('POST', '/lists/old/archive')).body.archivedAt).toBe('2026-11-24T08:00:00.000Z');
  expect((await call('POST', '/lists/old/archive')).status).toBe(409);
  expect((await call('POST', '/subscribers', { email: 'ada@example.com', list: 'old' })).status).toBe(409);
  expect((await call('GET', '/lists?archived')).body.data).toHaveLength(3);
  expect((await call('POST', '/lists/old/unarchive')).body.archivedAt).toBeNull();
  expect((await call('DELETE', '/lists/old')).status).toBe(204);
  expect((await call('DELETE', '/lists/old')).status).toBe(404);
  expect((await call('GET', '/lists')).body.data.map(({ slug }: { slug: string }) => slug)).toEqual([
    'our-readers',
    'weekly',
  ]);
}

async function subscribers({ call, context }: TestApi): Promise<void> {
  const ada = { email: 'ada@example.com', name: 'Ada', frequency: 'weekly', topics: ['sea'] };
  expect(await call('POST', '/subscribers', { ...ada, list: 'weekly' })).toMatchObject({
    status: 201,
    body: { state: 'pending', confirmationMailed: true },
  });
  // Proof is needed where nobody is asked.
  expect((await call('POST', '/subscribers', { ...ada, list: 'weekly', confirmed: true })).status).toBe(400);
  const agreed = { confirmed: true, consent: 'Ticked the box in our shop' };
  expect(await call('POST', '/subscribers', { ...ada, ...agreed, list: 'weekly' })).toMatchObject({
    status: 201,
    body: { state: 'confirmed', confirmationMailed: false },
  });
  expect(await call('POST', '/subscribers', { ...ada, list: 'weekly' })).toMatchObject({
    status: 200,
    body: { state: 'already' },
  });
  expect((await call('POST', '/subscribers', { email: 'nobody', list: 'weekly' })).body.error.code).toBe(
    'address',
  );
  await call('POST', '/subscribers', { email: 'bo@example.com', list: 'our-readers' });

  const shown = await call('GET', '/subscribers/ADA@example.com');
  expect(shown.body).toMatchObject({
    name: 'Ada',
    subscriptions: [{ list: 'weekly', state: 'confirmed', frequency: 'weekly', topics: ['sea'] }],
    consent: [
      { act: 'changed' },
      {
        act: 'added',
        via: 'api',
        evidence: { token: 'this machine', consent: 'Ticked the box in our shop' },
      },
      { act: 'requested' },
    ],
  });
  expect((await call('GET', '/subscribers?list=weekly&state=confirmed&search=ADA')).body.data).toMatchObject([
    { email: 'ada@example.com', subscriptions: [{ list: 'weekly', state: 'confirmed' }] },
  ]);
  expect((await call('GET', '/subscribers?list=nobody')).status).toBe(404);
  const fitting = async (filter: string) =>
    (await call('GET', `/subscribers?segment=${encodeURIComponent(filter)}`)).body;
  expect((await fitting('frequency = weekly and list = weekly')).data).toMatchObject([{ name: 'Ada' }]);
  expect((await fitting('frequency = monthly')).data).toEqual([]);
  expect((await fitting('frequency = ')).error.message).toMatch(/frequency/);

  const changes = { name: null, timeZone: 'europe/berlin', language: 'de', untracked: true };
  expect((await call('PATCH', '/subscribers/ada@example.com', changes)).body).toMatchObject({
    name: null,
    timeZone: 'Europe/Berlin',
    language: 'de',
  });
  expect((await call('PATCH', '/subscribers/ada@example.com', { timeZone: 'Mars' })).body.error.code).toBe(
    'time-zone',
  );
  expect((await call('PATCH', '/subscribers/nobody@example.com', {})).status).toBe(404);

  const subscription = '/subscribers/ada@example.com/subscriptions/weekly';
  const wishes = { frequency: 'daily', mutedTopics: ['sport'], pausedUntil: '2027-01-01T00:00:00Z' };
  expect((await call('PATCH', subscription, wishes)).body).toMatchObject({
    ...wishes,
    pausedUntil: '2027-01-01T00:00:00.000Z',
    topics: ['sea'],
  });
  expect((await call('PATCH', subscription, { pausedUntil: null })).body.pausedUntil).toBeNull();
  expect((await call('PATCH', subscription, { pausedUntil: 'soon' })).status).toBe(400);
  expect((await call('PATCH', '/subscribers/ada@example.com/subscriptions/our-readers', {})).status).toBe(
    404,
  );
  expect((await call('GET', '/subscribers/ada@example.com/subscriptions')).body.data).toHaveLength(1);
  expect((await call('DELETE', subscription)).status).toBe(204);
  expect((await call('DELETE', subscription)).status).toBe(204);
  expect((await call('DELETE', '/subscribers/nobody@example.com/subscriptions/weekly')).status).toBe(404);
  expect(await call('POST', '/subscribers', { ...ada, list: 'weekly' })).toMatchObject({
    status: 409,
    body: { error: { code: 'suppressed', details: { reason: 'unsubscribe' } } },
  });
  const again = { ...ada, ...agreed, list: 'weekly', liftSuppression: 'Wrote to us' };
  expect((await call('POST', '/subscribers', again)).body.state).toBe('confirmed');
  expect((await call('DELETE', '/subscribers/bo@example.com/subscriptions')).status).toBe(204);
  expect((await call('GET', '/subscribers/bo@example.com')).body.suppressions).toHaveLength(2);
  expect((await call('DELETE', '/subscribers/bo@example.com')).status).toBe(204);
  expect((await call('GET', '/subscribers/bo@example.com')).status).toBe(404);
  expect(
    await context.db.selectFrom('subscribers').select('email').where('email', 'like', 'bo@%').execute(),
  ).toEqual([]);
}

async function suppressions({ call }: TestApi): Promise<void> {
  const cleo = 'cleo@example.com';
  expect(
    (
      await call('POST', '/suppressions', {
        email: cleo,
        list: 'weekly',
        note: 'Phoned',
        until: '2027-05-01',
      })
    ).body.data,
  ).toMatchObject([{ email: cleo, list: 'weekly', reason: 'manual', until: '2027-05-01T00:00:00.000Z' }]);
  await call('POST', '/suppressions', { email: cleo });
  const { data } = (await call('GET', `/suppressions/${cleo}`)).body;
  expect(data).toHaveLength(2);
  expect((await call('GET', `/suppressions/${data[0].emailHash}`)).body.data).toEqual(data);
  expect((await call('GET', '/suppressions?reason=manual&list=weekly')).body.data).toMatchObject([
    { email: cleo },
  ]);
  expect((await call('DELETE', `/suppressions/${cleo}`)).status).toBe(400);
  expect((await call('DELETE', `/suppressions/${cleo}?because=A+mistake&list=weekly`)).status).toBe(204);
  expect((await call('GET', `/suppressions/${cleo}`)).body.data).toHaveLength(1);
  expect((await call('DELETE', `/suppressions/${cleo}?because=A+mistake&list=weekly`)).status).toBe(404);
  // Who was erased above stays so.
  expect((await call('DELETE', '/suppressions/bo@example.com?because=Why+not')).status).toBe(409);
  expect((await call('DELETE', '/suppressions/nobody?because=Why+not')).status).toBe(400);
}

async function stories({ call, context }: TestApi): Promise<void> {
  const sent = await call('POST', '/stories', [
    { title: 'The ferry rides the tide', url: 'https://news.example.com/ferry', body: 'Long.' },
    { title: '' },
  ]);
  expect(sent.body).toMatchObject({ added: [expect.any(Number)], problems: [{ where: 'story 2' }] });
  expect((await call('POST', '/stories', [{ nothing: true }])).status).toBe(422);
  const id = sent.body.added[0];
  expect((await call('GET', `/stories/${id}`)).body).toMatchObject({ title: 'The ferry rides the tide' });
  expect((await call('GET', '/stories/99999')).status).toBe(404);
  expect((await call('GET', '/stories/ferry')).status).toBe(400);
  const [first] = await seedStories(context, fiveEvents);
  expect((await call('GET', `/stories/${first}/related?limit=2`)).body.related).toHaveLength(2);
  expect((await call('GET', '/stories?search=ferry')).body.data).toHaveLength(1);
  expect((await call('GET', '/stories?since=2099-01-01')).body.data).toEqual([]);
  expect((await call('GET', '/stories?source=nothing')).status).toBe(404);
}

async function editions({ call, context }: TestApi): Promise<void> {
  const { listId } = await seedList(context, 3);
  const newsletter = await seedNewsletter(context, [listId]);
  const built = await call('POST', '/editions', { newsletter: 'harbour-post', at: '2026-11-24T08:00:00Z' });
  expect(built).toMatchObject({ status: 201, body: { state: 'review', recipients: null } });
  const path = `/editions/${built.body.id}`;
  const again = await call('POST', '/editions', { newsletter: 'harbour-post', at: '2026-11-24T08:00:00Z' });
  expect(again).toMatchObject({ status: 200, body: { id: built.body.id } });
  expect(again.body.version).toBeGreaterThan(built.body.version);
  expect((await call('POST', '/editions', { newsletter: 'nothing' })).status).toBe(404);
  const { version } = (await call('POST', `${path}/build`)).body;

  const explained = (await call('GET', path)).body;
  expect(explained).toMatchObject({ edition: built.body.id, version, newsletterId: newsletter.id });
  expect(explained.stories[0]).toMatchObject({
    slot: 'lead',
    reason: {
      text: expect.stringMatching(/^Reported by \d publishers/),
      parts: { publishers: expect.any(Number) },
    },
  });
  expect((await call('GET', `${path}?all`)).body.stories.length).toBeGreaterThanOrEqual(
    explained.stories.length,
  );
  expect((await call('GET', `${path}/checks?fresh`)).body).toMatchObject({ version });
  expect((await call('GET', '/editions/nothing')).status).toBe(404);

  expect((await call('POST', `${path}/approve`, { version: version - 1 })).status).toBe(409);
  await context.db
    .updateTable('newsletters')
    .set({ checks: JSON.stringify({ block: 'nothing' }) })
    .execute();
  expect(await call('POST', `${path}/approve`, { version })).toMatchObject({
    status: 200,
    body: { state: 'approved' },
  });
  expect((await call('POST', `${path}/build`)).body.error.code).toBe('state');
  expect((await call('POST', `${path}/hold`)).body).toMatchObject({
    state: 'paused',
    stateReason: 'held by this machine',
  });
  expect((await call('POST', `${path}/resume`)).body.state).toBe('approved');
  expect((await call('POST', `${path}/cancel`)).body.state).toBe('cancelled');
  expect((await call('POST', `${path}/cancel`)).status).toBe(409);

  const sent = await seedEdition(context, newsletter.id, undefined, new Date('2026-11-24T09:00:00Z'));
  await planDeliveries(context, sent);
  await context.db.updateTable('deliveries').set({ state: 'uncertain', detail: 'cut off' }).execute();
  expect((await call('GET', `/editions/${sent}/report`)).body).toMatchObject({
    planned: 3,
    uncertain: 3,
    sums: true,
    uncertainDeliveries: [{ email: expect.stringContaining('@') }, {}, {}],
    engagement: { opens: { readers: 0 } },
  });
  expect((await call('GET', '/editions?newsletter=harbour-post')).body.data).toHaveLength(2);
  expect((await call('GET', '/editions?state=cancelled')).body.data).toMatchObject([{ id: built.body.id }]);
  expect((await call('GET', '/editions?state=lost')).status).toBe(400);
}
