import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { planDeliveries } from '../../src/delivery/plan.ts';
import { seedEdition, seedList, seedNewsletter } from '../support/seed.ts';
import { fiveEvents, seedStories } from '../support/stories.ts';
import { bearer, startApi, type TestApi } from './api-client.ts';

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

test('an export holds up no connection when its reader has had enough', async () => {
  const { url, context } = await startApi();
  await sql`
    insert into subscribers (email, email_key, email_hash, name, created_at, updated_at)
    select n || '@example.com', n || '@example.com', sha256(convert_to(n || '@example.com', 'UTF8')), repeat('x', 1500), now(), now()
    from generate_series(1, 20000) n`.execute(context.db);
  const whole = await (await fetch(`${url}/api/subscribers/export`)).text();
  expect(whole.trim().split('\n')).toHaveLength(20_001);
  const open = async () =>
    (
      await sql`
        select from pg_stat_activity
        where datname = current_database() and state like 'idle in transaction%'`.execute(context.db)
    ).rows.length;
  const response = await fetch(`${url}/api/subscribers/export`);
  const reader = response.body?.getReader();
  await reader?.read();
  await expect.poll(open, { timeout: 5_000 }).toBe(1);
  await reader?.cancel();
  await expect.poll(open, { timeout: 5_000 }).toBe(0);
});

// One test, so that at its end every operation has been called.
test('every route answers as it is documented', async () => {
  const api = await startApi({ embeddings: false });
  await lists(api);
  await subscribers(api);
  await suppressions(api);
  await stories(api);
  await editions(api);
  await newsletters(api);
  await listsAsWholes(api);
  await segments(api);
  await importsAndExport(api);
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
  const edited = await call('PATCH', `/stories/${id}`, { title: 'The ferry waits', author: 'Odile' });
  expect(edited.body).toMatchObject({ title: 'The ferry waits', author: 'Odile', revision: 2 });
  expect((await call('PATCH', `/stories/${id}`, { author: null })).body).toMatchObject({ author: null });
  expect((await call('PATCH', `/stories/${id}`, { language: 'nonsense!' })).status).toBe(400);
  expect((await call('PATCH', `/stories/${id}`, {})).status).toBe(400);
  const gone = (await call('POST', '/stories', { title: 'Soon gone', url: 'https://news.example.com/gone' }))
    .body;
  expect((await call('DELETE', `/stories/${gone.added[0]}`)).status).toBe(204);
  expect((await call('DELETE', `/stories/${gone.added[0]}`)).status).toBe(404);
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
  const seen = again.body.version;
  expect((await call('PATCH', path, { subject: 'The ferry waits', version: seen })).body).toMatchObject({
    ...{ subject: 'The ferry waits', preheader: again.body.preheader },
  });
  expect((await call('PATCH', path, { subject: 'Late', version: seen })).body.error.code).toBe('conflict');
  expect((await call('PATCH', path, { preheader: 'And so do we' })).body.preheader).toBe('And so do we');
  expect((await call('PATCH', path, { version: seen })).status).toBe(400);
  const { stories } = (await call('GET', path)).body;
  const dropped = await call('POST', `${path}/changes`, { change: { kind: 'drop', story: stories[1].key } });
  expect(dropped.body).toMatchObject({ edition: { id: built.body.id }, summary: expect.any(String) });
  expect((await call('GET', path)).body.stories.map(({ key }: { key: string }) => key)).not.toContain(
    stories[1].key,
  );
  expect((await call('POST', `${path}/changes`, { change: { kind: 'paint' } })).status).toBe(400);
  expect((await call('POST', `${path}/changes`, { change: { kind: 'drop', story: 's0' } })).status).toBe(404);
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
  expect((await call('DELETE', `/editions/${sent}`)).status).toBe(409);
  expect((await call('DELETE', path)).status).toBe(204);
  expect((await call('DELETE', path)).status).toBe(404);
}

async function newsletters({ call }: TestApi): Promise<void> {
  const given = { slug: 'evening', name: 'Evening', from: 'news@example.com', cron: '0 18 * * *' };
  const made = await call('POST', '/newsletters', {
    ...given,
    lists: ['readers'],
    stopRates: { bounces: 0.1 },
  });
  expect(made).toMatchObject({
    status: 201,
    body: {
      lists: ['readers'],
      stopRates: { bounces: 0.1, complaints: 0.003, after: 500 },
      undoSeconds: 10,
      next: '2026-11-24T18:00:00.000Z',
    },
  });
  expect((await call('POST', '/newsletters', given)).status).toBe(409);
  const refused: [Record<string, unknown>, number][] = [
    [{ cron: 'never' }, 400],
    [{ theme: 'no-such-theme' }, 400],
    [{ languages: ['xx'] }, 400],
    [{ policy: { slots: 'many' } }, 400],
    [{ brand: { colour: 'blue' } }, 400],
    [{ stopRates: { bounces: 2 } }, 400],
    [{ undoSeconds: 4000 }, 400],
    [{ lists: ['nowhere'] }, 404],
    [{ sources: [987_654] }, 404],
    [{ segment: 'nobody' }, 404],
  ];
  for (const [fields, status] of refused)
    expect((await call('PATCH', '/newsletters/evening', fields)).status, JSON.stringify(fields)).toBe(status);
  expect((await call('PATCH', '/newsletters/nothing', { name: 'x' })).status).toBe(404);
  expect((await call('GET', '/newsletters/evening')).body).toEqual(made.body);
  expect((await call('PATCH', '/newsletters/evening', { undoSeconds: 60 })).body).toMatchObject({
    ...{ undoSeconds: 60, stopRates: { bounces: 0.1 } },
  });
  expect((await call('POST', '/newsletters/evening/pause')).body).toMatchObject({ paused: true, next: null });
  expect((await call('POST', '/newsletters/evening/resume')).body.paused).toBe(false);
  const first = (await call('GET', '/newsletters?limit=1')).body;
  expect(first.data).toMatchObject([{ slug: 'evening' }]);
  const second = (await call('GET', `/newsletters?limit=1&cursor=${first.next}`)).body;
  expect(second).toMatchObject({ data: [{ slug: 'harbour-post' }], next: null });
  expect((await call('GET', '/newsletters/nothing')).status).toBe(404);
}

async function listsAsWholes({ call }: TestApi): Promise<void> {
  const agreed = { confirmed: true, consent: 'Asked in the shop' };
  for (const [name, people] of Object.entries({ North: ['n1', 'n2'], South: ['n2', 's1'] })) {
    await call('POST', '/lists', { name });
    for (const each of people)
      await call('POST', '/subscribers', {
        ...agreed,
        email: `${each}@example.com`,
        list: name.toLowerCase(),
      });
  }
  expect((await call('POST', '/lists/north/merge', { from: ['nowhere'] })).status).toBe(404);
  expect((await call('POST', '/lists/north/merge', { from: [] })).status).toBe(400);
  expect((await call('POST', '/lists/north/merge', { from: ['south'] })).body).toMatchObject({
    into: { slug: 'north', confirmed: 3 },
    merged: [{ list: 'south', people: 2, added: 1 }],
  });
  const segment = 'email starts with "s"';
  expect(await call('POST', '/lists/north/split', { name: 'South again', segment })).toMatchObject({
    status: 201,
    body: { from: { confirmed: 2 }, into: { slug: 'south-again', confirmed: 1 }, people: 1 },
  });
  expect((await call('POST', '/lists/north/split', { name: 'South again', segment })).status).toBe(409);
  expect((await call('POST', '/lists/north/split', { name: 'Wrong', segment: 'email =' })).status).toBe(400);
  expect((await call('POST', '/lists/north/copy', { name: 'Copy', people: false })).body.people).toBe(0);
  const { weeks, sources, list } = (await call('GET', '/lists/north/statistics?weeks=2')).body;
  expect(weeks).toHaveLength(2);
  expect(weeks[1]).toMatchObject({ size: 2, joined: 3, left: 1 });
  expect(sources).toContainEqual({ source: 'api', joined: 2 });
  expect(list.slug).toBe('north');
  expect((await call('GET', '/lists/north/statistics?weeks=0')).status).toBe(400);
}

async function segments({ call }: TestApi): Promise<void> {
  const made = await call('POST', '/segments', { name: 'northern', filter: 'list = north' });
  expect(made).toMatchObject({ status: 201, body: { name: 'northern', newsletters: [] } });
  expect((await call('POST', '/segments', { name: 'northern', filter: 'list = north' })).status).toBe(409);
  const wrong = await call('POST', '/segments', { name: 'wrong', filter: 'lisst = north' });
  expect(wrong).toMatchObject({ status: 400, body: { error: { code: 'filter', details: { column: 1 } } } });
  expect((await call('GET', '/segments/northern/count')).body).toMatchObject({ people: 2, reachable: 2 });
  const filter = encodeURIComponent('list = north and email starts with "n1"');
  expect((await call('GET', `/segments/${filter}/count`)).body.people).toBe(1);
  await call('POST', '/segments', { name: 'all-north', filter: 'segment = northern' });
  expect((await call('DELETE', '/segments/northern')).status).toBe(409);
  expect(
    (await call('PATCH', '/segments/northern', { name: 'up', description: 'Above' })).body,
  ).toMatchObject({
    ...{ name: 'up', description: 'Above', segments: ['all-north'] },
  });
  expect((await call('GET', '/segments/all-north')).body.filter).toBe('segment = up');
  expect((await call('GET', '/segments?limit=1')).body).toMatchObject({
    ...{ data: [{ name: 'all-north' }], next: expect.any(String) },
  });
  expect((await call('DELETE', '/segments/all-north')).status).toBe(204);
  expect((await call('GET', '/segments/all-north')).status).toBe(404);
}

async function importsAndExport({ call, url, context }: TestApi): Promise<void> {
  const csv = { 'Content-Type': 'text/csv' };
  const file = 'email;Firma\ni1@example.com;Müller\nnobody\ni2@example.com;"A;B"\n';
  const how = '/imports?list=north&consent=Fair&tags=fair,spring&map=Firma%3Dfield.firm&name=fair.csv';
  const reader = { ...csv, ...(await bearer(context, 'subscribers:read')) };
  expect((await call('POST', how, file, reader)).body.error.details).toEqual({ scope: 'subscribers:write' });
  const other = await bearer(context, 'lists:write');
  expect((await call('GET', '/subscribers/export', undefined, other)).status).toBe(403);
  expect((await call('POST', `${how}&preview`, file, csv)).body).toMatchObject({ importId: null, added: 2 });
  const first = await call('POST', how, file, { ...csv, 'Idempotency-Key': 'fair' });
  expect(first).toMatchObject({ status: 200, body: { rows: 3, added: 2, badRows: 1, bad: [{ line: 3 }] } });
  const again = await call('POST', how, file, { ...csv, 'Idempotency-Key': 'fair' });
  expect(again.body).toEqual(first.body);
  const { importId } = first.body;
  expect((await call('GET', `/imports/${importId}`)).body).toMatchObject({
    ...{ list: 'north', state: 'done', fileName: 'fair.csv', added: 2 },
  });
  expect((await call('POST', how, 'Kontakt\nx\n', csv)).body.error.code).toBe('header');
  expect((await call('POST', '/imports?list=north', file, csv)).status).toBe(400);
  expect((await call('POST', '/imports?list=north&consent=x&resume=9999', file, csv)).status).toBe(404);

  // Line by line, of bytes that are no UTF-8.
  const told = await fetch(`${url}/api/imports?list=north&consent=Fair`, {
    method: 'POST',
    headers: { 'Content-Type': 'text/csv', Accept: 'application/x-ndjson', 'Idempotency-Key': 'latin' },
    body: Buffer.from('email,name\ni3@example.com,J\xfcrgen\nwrong,\n', 'latin1'),
  });
  const lines = (await told.text())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines[0]).toEqual({ import: importId + 1 });
  expect(lines).toContainEqual({ problem: expect.objectContaining({ kind: 'bad', line: 3 }) });
  expect(lines.at(-1)).toMatchObject({ result: { added: 1, badRows: 1 } });
  expect((await call('GET', '/subscribers/i3@example.com')).body.name).toBe('Jürgen');

  const exported = await fetch(
    `${url}/api/subscribers/export?list=north&columns=email,field.firm&segment=${encodeURIComponent('tag = fair')}`,
  );
  expect(exported.headers.get('content-type')).toContain('text/csv');
  expect(await exported.text()).toBe('email,field.firm\ni1@example.com,Müller\ni2@example.com,"A;B"\n');
  const lined = await fetch(`${url}/api/subscribers/export?list=north&format=ndjson&columns=email`);
  expect((await lined.text()).split('\n')[0]).toBe('{"email":"n1@example.com"}');
  expect((await call('GET', '/subscribers/export?columns=shoe')).status).toBe(400);

  expect((await call('POST', `/imports/${importId}/undo`, { preview: true })).body).toMatchObject({
    removed: 2,
  });
  expect((await call('POST', `/imports/${importId}/undo`)).body).toMatchObject({ importId, removed: 2 });
  expect((await call('POST', `/imports/${importId}/undo`)).status).toBe(409);
  expect((await call('GET', '/imports?limit=1')).body).toMatchObject({ data: [{ id: importId + 1 }] });
}
