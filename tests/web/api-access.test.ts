import { expect, test } from 'vitest';
import { allScopes, createToken, listTokens, revokeToken } from '../../src/access/tokens.ts';
import { createTestContext } from '../support/context.ts';
import { bearer, operationFor, startApi } from './api-client.ts';

test('a token is kept as a hash, says when it was used, and is refused once revoked or out of date', async () => {
  const { context, call } = await startApi();
  const { token, id } = await createToken(context, { name: 'Shop', scopes: ['lists:read'] });
  const brief = await createToken(context, {
    name: 'Brief',
    scopes: ['all'],
    expiresAt: new Date(context.clock.now().getTime() + 60_000),
  });
  const kept = JSON.stringify(await context.db.selectFrom('api_tokens').selectAll().execute());
  expect(kept).not.toContain(token);
  expect(kept).not.toContain(Buffer.from(token).toString('hex'));
  expect(JSON.stringify(await listTokens(context))).not.toContain(token);

  const by = (secret: string) => call('GET', '/lists', undefined, { Authorization: `Bearer ${secret}` });
  expect((await by(token)).status).toBe(200);
  expect((await by(brief.token)).status).toBe(200);
  expect((await listTokens(context))[0]?.lastUsedAt).toEqual(context.clock.now());
  context.clock.advance(60_000);
  expect((await by(brief.token)).status).toBe(401);
  await revokeToken(context, id);
  // Not even from this machine, which needs no token.
  expect((await by(token)).status).toBe(401);
  expect((await by(`${token}x`)).headers.get('www-authenticate')).toBe('Bearer');
  expect((await call('GET', '/lists', undefined, { Authorization: 'Basic eDp5' })).status).toBe(401);
  expect((await call('GET', '/lists')).status).toBe(200);
});

test('each operation asks for its scope, whoever may write may read, and no scope opens another door', async () => {
  const { context, call, document } = await startApi();
  const tokens = new Map<string, { Authorization: string }>();
  for (const scope of allScopes) tokens.set(scope, await bearer(context, scope));
  const operations = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => [method.toUpperCase(), path.replace(/\{[^}]+\}/g, '999999')] as const),
  );
  expect(operations.length).toBeGreaterThan(25);
  for (const [method, path] of operations) {
    const wanted = operationFor(document, method, path)?.described.security?.[0]?.token[0];
    expect(wanted, `${method} ${path}`).toBeDefined();
    const answers = await Promise.all(
      [...tokens].map(async ([held, header]) => ({
        held,
        answer: await call(method, path, method === 'GET' ? undefined : {}, header),
      })),
    );
    for (const { held, answer } of answers) {
      const allowed = held === wanted || held === wanted?.replace(':read', ':write');
      expect(answer.status === 403, `${method} ${path} with ${held}`).toBe(!allowed);
      if (!allowed) expect(answer.body.error.details).toEqual({ scope: wanted });
    }
  }
}, 30_000);

test('API_TOKEN is a token for everything, beside others', async () => {
  const { context, call } = await startApi({ apiToken: 'a-token-of-the-test' });
  const all = { Authorization: 'Bearer a-token-of-the-test' };
  expect((await call('POST', '/lists', { name: 'One' }, all)).status).toBe(201);
  expect((await call('GET', '/lists')).status).toBe(401);
  const other = await bearer(context, 'lists:read');
  expect((await call('GET', '/lists', undefined, other)).status).toBe(200);
  expect((await call('POST', '/lists', { name: 'Two' }, other)).status).toBe(403);
});

test('a page of another site that a browser on this machine shows can do nothing', async () => {
  const { call, url } = await startApi();
  await call('POST', '/lists', { name: 'Readers' });
  // As a form posts, which asks no leave.
  for (const headers of [
    { Origin: 'https://evil.example.com' },
    { Origin: 'null' },
    { 'Sec-Fetch-Site': 'cross-site' },
    { 'Sec-Fetch-Site': 'same-site' },
  ] as Record<string, string>[])
    expect((await call('POST', '/lists/readers/archive', undefined, headers)).status).toBe(403);
  expect((await call('GET', '/lists/readers')).body.archivedAt).toBeNull();
  expect((await call('POST', '/lists/readers/archive', undefined, { Origin: url })).status).toBe(200);
});

test('a token may make so many calls a minute, over all processes, and is told how many are left', async () => {
  const first = await startApi({ apiPerMinute: 3 });
  const second = await startApi({}, first.context);
  const token = await bearer(first.context, 'lists:read');
  const ask = (api: typeof first) => api.call('GET', '/lists', undefined, token);
  expect((await ask(first)).headers.get('ratelimit')).toBe('"minute";r=2;t=60');
  expect((await ask(second)).headers.get('ratelimit')).toBe('"minute";r=1;t=60');
  first.context.clock.advance(20_000);
  const third = await ask(first);
  expect(third.status).toBe(200);
  expect(third.headers.get('ratelimit-policy')).toBe('"minute";q=3;w=60');
  const refused = await ask(second);
  expect(refused).toMatchObject({ status: 429, body: { error: { code: 'too-many' } } });
  expect(refused.headers.get('retry-after')).toBe('40');
  // Another token, and this machine, have nothing to do with it.
  const other = await bearer(first.context, 'lists:read');
  expect((await first.call('GET', '/lists', undefined, other)).status).toBe(200);
  expect((await first.call('GET', '/lists')).headers.get('ratelimit')).toBeNull();
  first.context.clock.advance(40_000);
  expect((await ask(first)).status).toBe(200);
});

test('pages neither repeat nor lose anything while rows come and go', async () => {
  const { call, context } = await startApi();
  await call('POST', '/lists', { name: 'Readers', optIn: 'single' });
  const add = (name: string) =>
    call('POST', '/subscribers', { email: `${name}@example.com`, list: 'readers' });
  for (let number = 1; number <= 7; number++) await add(`reader${number}`);
  const seen: string[] = [];
  let query = '';
  for (let turn = 0; ; turn++) {
    const { body } = await call('GET', `/subscribers?limit=2${query}`);
    seen.push(...body.data.map(({ email }: { email: string }) => email));
    await add(`late${turn}`);
    if (turn === 0) await call('DELETE', `/subscribers/${seen[1]}`);
    if (!body.next) break;
    query = `&cursor=${body.next}`;
  }
  expect(seen).toEqual([7, 6, 5, 4, 3, 2, 1].map((number) => `reader${number}@example.com`));

  // Many of one instant are told apart.
  const stories = [1, 2, 3, 4, 5].map((number) => ({
    title: `Story ${number}`,
    url: `https://news.example.com/${number}`,
    publishedAt: '2026-11-24T07:00:00Z',
  }));
  await call('POST', '/stories', stories);
  const ids: number[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { body } = await call('GET', `/stories?limit=2${cursor && `&cursor=${cursor}`}`);
    ids.push(...body.data.map(({ id }: { id: number }) => id));
    cursor = body.next;
  }
  expect(ids).toHaveLength(5);
  expect([...new Set(ids)]).toEqual([...ids].sort((one, other) => other - one));

  for (let number = 0; number < 3; number++) await call('POST', '/lists', { name: `List ${number}` });
  const { next } = (await call('GET', '/lists?limit=2')).body;
  await call('POST', '/lists', { name: 'Aardvark' });
  expect((await call('GET', `/lists?cursor=${next}`)).body.data).toMatchObject([
    { slug: 'list-2' },
    { slug: 'readers' },
  ]);
  for (const cursor of [next, 'nonsense', Buffer.from('["subscribers","x"]').toString('base64url')])
    expect((await call('GET', `/subscribers?cursor=${cursor}`)).body.error.code).toBe('cursor');
  expect((await call('GET', '/subscribers?limit=1000')).status).toBe(400);
  expect(await context.db.selectFrom('stories').select('id').execute()).toHaveLength(5);
});

test('with an idempotency key a call is carried out once, and its answer comes again for a day', async () => {
  const { call, context } = await startApi();
  const key = { 'Idempotency-Key': 'order-17' };
  const first = await call('POST', '/lists', { name: 'Readers' }, key);
  expect(first.status).toBe(201);
  expect(first.headers.get('idempotency-replayed')).toBeNull();
  const again = await call('POST', '/lists', { name: 'Readers' }, key);
  expect(again.status).toBe(201);
  expect(again.body).toEqual(first.body);
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  expect(again.headers.get('content-type')).toBe(first.headers.get('content-type'));
  expect(await call('POST', '/lists', { name: 'Others' }, key)).toMatchObject({
    status: 422,
    body: { error: { code: 'idempotency-key' } },
  });
  expect((await call('PATCH', '/lists/readers', { name: 'Readers' }, key)).status).toBe(422);
  // A refusal is an answer too, and so is one without a body.
  const wrong = { 'Idempotency-Key': 'order-18' };
  expect((await call('POST', '/lists', { name: 'Readers' }, wrong)).status).toBe(409);
  await context.db.deleteFrom('lists').execute();
  expect((await call('POST', '/lists', { name: 'Readers' }, wrong)).status).toBe(409);
  await call('POST', '/lists', { name: 'Weekly', optIn: 'single' });
  await call('POST', '/subscribers', { email: 'ada@example.com', list: 'weekly' });
  const erase = { 'Idempotency-Key': 'erase-1' };
  expect((await call('DELETE', '/subscribers/ada@example.com', undefined, erase)).status).toBe(204);
  expect((await call('DELETE', '/subscribers/ada@example.com', undefined, erase)).status).toBe(204);
  expect((await call('DELETE', '/subscribers/ada@example.com')).status).toBe(404);
  // Somebody else's key of the same name is another.
  const other = await bearer(context, 'lists:write');
  expect((await call('POST', '/lists', { name: 'Theirs' }, { ...key, ...other })).status).toBe(201);
  expect((await call('GET', '/lists', undefined, { 'Idempotency-Key': '' })).status).toBe(200);
  expect((await call('POST', '/lists', { name: 'X' }, { 'Idempotency-Key': 'x'.repeat(256) })).status).toBe(
    400,
  );

  context.clock.advance(86_400_000);
  expect(
    (await call('POST', '/lists', { name: 'Readers' }, key)).headers.get('idempotency-replayed'),
  ).toBeNull();
});

test('of calls with one key that come at once to two processes, one is carried out and all are answered alike', async () => {
  const first = await startApi();
  const second = await startApi({}, first.context);
  const key = { 'Idempotency-Key': 'at-once' };
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, number) =>
      (number % 2 ? first : second).call('POST', '/lists', { name: 'Readers' }, key),
    ),
  );
  expect(answers.map(({ status }) => status)).toEqual(Array(12).fill(201));
  expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  expect(answers.filter(({ headers }) => headers.get('idempotency-replayed') === null)).toHaveLength(1);
  expect(await first.context.db.selectFrom('lists').select('slug').execute()).toEqual([{ slug: 'readers' }]);
});

test('a call that failed on our side, or whose process died, may be made anew with its key', async () => {
  const context = await createTestContext();
  const { call } = await startApi({}, context);
  const key = { 'Idempotency-Key': 'again' };
  await context.db.schema.alterTable('lists').renameTo('lists_away').execute();
  expect((await call('GET', '/lists')).status).toBe(500);
  const failed = await call('POST', '/lists', { name: 'Readers' }, key);
  expect(failed).toMatchObject({ status: 500, body: { error: { code: 'internal' } } });
  expect(JSON.stringify(failed.body)).not.toContain('relation');
  await context.db.schema.alterTable('lists_away').renameTo('lists').execute();
  expect((await call('POST', '/lists', { name: 'Readers' }, key)).status).toBe(201);
  // As a process leaves it that is killed before it has an answer.
  await context.db.deleteFrom('lists').execute();
  await context.db
    .updateTable('api_calls')
    .set({ status: null, body: null, lease_until: new Date(Date.now() - 1_000) })
    .execute();
  expect((await call('POST', '/lists', { name: 'Readers' }, key)).status).toBe(201);
});
