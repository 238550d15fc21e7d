import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { expect, onTestFinished, test, vi } from 'vitest';
import { MailProviders } from '../../src/delivery/mail-provider.ts';
import { type Limits, SharedThrottle } from '../../src/delivery/throttle.ts';
import { isTooFast, Refusers } from '../../src/delivery/too-fast.ts';
import { WorkerShare } from '../../src/delivery/worker-share.ts';
import { createTestContext, type TestContext } from '../support/context.ts';

const noDns = async () => [];

function throttle(context: TestContext, limits: Partial<Limits>, worker: string = randomUUID()) {
  const made = new SharedThrottle(
    context,
    'default',
    { groups: new Map(), ...limits },
    { providers: new MailProviders(noDns), worker },
  );
  onTestFinished(() => made.close());
  return made;
}

/** Takes as much as it may for a while, as lanes do. @returns how often it might */
async function takeFor(ms: number, take: () => number): Promise<number> {
  const end = performance.now() + ms;
  let taken = 0;
  for (let now = performance.now(); now < end; now = performance.now()) {
    const wait = take();
    if (wait === 0) taken++;
    else await sleep(Math.min(wait, end - now));
  }
  return taken;
}

test('two processes together keep to a route’s messages a second', async () => {
  const context = await createTestContext();
  const both = [throttle(context, { perSecond: 60 }), throttle(context, { perSecond: 60 })];
  const start = performance.now();
  const taken = await Promise.all(
    both.map((each) => takeFor(2500, () => each.wait() || each.take('example.com'))),
  );
  const seconds = (performance.now() - start) / 1000;
  const all = taken.reduce((sum, each) => sum + each, 0);
  // Half a second's worth may be in hand at the start; the lower bound is lax, as the machine may be busy.
  expect(all).toBeLessThanOrEqual(60 * (seconds + 0.5) + 2);
  expect(all).toBeGreaterThan(40);
  for (const each of taken) expect(each).toBeGreaterThan(5);
});

test('a pause is no right to a burst', async () => {
  const context = await createTestContext();
  const one = throttle(context, { perSecond: 20 });
  await takeFor(600, () => one.take('x'));
  await sleep(2000);
  const start = performance.now();
  const taken = await takeFor(500, () => one.take('x'));
  expect(taken).toBeLessThanOrEqual(20 * ((performance.now() - start) / 1000 + 0.5) + 2);
});

test('a provider’s limit holds for its domains together, and for no other', async () => {
  const context = await createTestContext();
  const one = throttle(context, { groups: new Map([['google', { perSecond: 5 }]]) });
  expect(one.groupOf('a@gmail.com')).toBe('google');
  expect(one.groupOf('a@googlemail.com')).toBe('google');
  const google = await takeFor(1000, () => one.take('google'));
  expect(google).toBeLessThanOrEqual(9);
  expect(google).toBeGreaterThan(0);
  for (let each = 0; each < 100; each++) expect(one.take('example.com')).toBe(0);
});

test('messages on their way to a provider are counted, and end', async () => {
  const context = await createTestContext();
  const one = throttle(context, { groups: new Map([['*', { connections: 2 }]]) });
  expect(one.take('a.test')).toBe(0);
  // Until it is known that there are no other processes, one is all that this one takes.
  await expect.poll(() => one.take('a.test'), { timeout: 5000 }).toBe(0);
  expect(one.take('a.test')).toBeGreaterThan(0);
  expect(one.take('b.test')).toBe(0);
  one.release('a.test');
  expect(one.take('a.test')).toBe(0);
});

test('a day’s quota is shared, grows while a route warms up, and begins anew the next day', async () => {
  const context = await createTestContext({}, '2026-11-24T10:00:00Z');
  const limits = { perDay: 1000, warmUp: { from: '2026-11-24', first: 30, factor: 2 } };
  const both = [throttle(context, limits), throttle(context, limits)];
  const all = async () => {
    const taken = await Promise.all(
      both.map((each) => takeFor(400, () => each.wait() || each.take('example.com'))),
    );
    return taken.reduce((sum, each) => sum + each, 0);
  };
  const until = async (count: number) => {
    let sum = 0;
    for (let tries = 0; tries < 20 && sum < count; tries++) sum += await all();
    return sum + (await all());
  };
  expect(await until(30)).toBe(30);
  context.clock.advance(24 * 3_600_000);
  expect(await until(60)).toBe(60);
  const rows = await context.db.selectFrom('route_days').select('taken').orderBy('day').execute();
  expect(rows.map(({ taken }) => taken)).toEqual([30, 60]);
});

test('what was reserved of a day and not used is given back', async () => {
  const context = await createTestContext();
  const one = throttle(context, { perDay: 1000 });
  let taken = 0;
  while (taken < 3) taken += await takeFor(50, () => one.wait() || (taken < 3 ? one.take('x') : 50));
  await one.close();
  const { taken: noted } = await context.db
    .selectFrom('route_days')
    .select('taken')
    .executeTakeFirstOrThrow();
  expect(noted).toBe(taken);
});

test('a provider that says it is too fast gets half, of all processes, and more again after a while', async () => {
  const context = await createTestContext();
  const [one, other] = [throttle(context, {}), throttle(context, {})];
  const ok = { kind: 'answered', code: 250, words: '250 ok' } as const;
  for (let each = 0; each < 100; each++) {
    expect(one.take('google')).toBe(0);
    one.answered('google', ok);
  }
  one.answered('google', {
    kind: 'answered',
    code: 421,
    words: '421 4.7.28 unusual rate of unsolicited mail',
  });
  const state = async () =>
    context.db
      .selectFrom('throttle_states')
      .select(['recipients', 'learned', 'usual', 'words'])
      .executeTakeFirst();
  for (let tries = 0; tries < 100 && !(await state()); tries++) await sleep(20);
  expect(await state()).toMatchObject({
    recipients: 'google',
    words: expect.stringContaining('unusual rate'),
  });
  const { learned, usual } = (await state()) ?? {};
  expect(learned).toBeCloseTo((usual ?? 0) / 2, 5);
  // The other process knows it at its next look.
  let wait = 0;
  for (let tries = 0; tries < 60 && wait === 0; tries++) {
    wait = other.take('google');
    await sleep(100);
  }
  expect(wait).toBeGreaterThan(0);
  expect(other.take('example.com')).toBe(0);
  await context.database.pool.query(
    `update throttle_states set learned_at = now() - interval '2 minutes', usual = learned * 1.5`,
  );
  for (let tries = 0; tries < 60 && (await state())?.learned === learned; tries++) await sleep(100);
  expect((await state())?.learned).toBeCloseTo((learned ?? 0) * 1.33, 5);
});

test('a relay that refuses mail to several providers for speed is itself too fast, and slowed down as a whole', async () => {
  const context = await createTestContext();
  const one = throttle(context, {});
  const tooFast = { kind: 'answered', code: 454, words: '454 Throttling failure: rate exceeded' } as const;
  const domains = ['a.test', 'b.test', 'c.test'];
  for (let each = 0; each < 60; each++) {
    const domain = domains[each % 3] ?? '';
    expect(one.take(domain)).toBe(0);
    one.answered(domain, { kind: 'answered', code: 250, words: '250 ok' });
  }
  for (const domain of domains) one.answered(domain, tooFast);
  const rates = () =>
    context.db
      .selectFrom('throttle_states')
      .select(['recipients', 'usual'])
      .where('learned', 'is not', null)
      .orderBy('recipients')
      .execute();
  await expect.poll(rates, { timeout: 10_000 }).toHaveLength(3);
  const [route, ...groups] = await rates();
  expect(route?.recipients).toBe('');
  expect(groups.map(({ recipients }) => recipients)).toEqual(['a.test', 'b.test']);
  // It is the route's own speed that is halved, not that of the third domain.
  expect(route?.usual).toBeGreaterThan((groups[0]?.usual ?? 0) * 2);
  await expect.poll(() => one.wait() + one.take('d.test'), { timeout: 5000 }).toBeGreaterThan(0);
});

test('two domains that refuse for speed, or others much later, say nothing of the route', () => {
  const refusers = new Refusers();
  expect([refusers.note('a.test', 0), refusers.note('a.test', 10), refusers.note('b.test', 20)]).toEqual([
    'a.test',
    'a.test',
    'b.test',
  ]);
  expect(refusers.note('c.test', 30_000)).toBe('c.test');
  expect(refusers.note('d.test', 31_000)).toBe('d.test');
  expect(refusers.note('e.test', 32_000)).toBe('');
});

test('a database whose clock once was a day ahead holds up a route for no longer than a minute', async () => {
  const context = await createTestContext();
  await context.db
    .insertInto('throttle_states')
    .values({ route: 'default', recipients: '', next_at: sql`clock_timestamp() + interval '1 day'` })
    .execute();
  const one = throttle(context, { perSecond: 50 });
  await expect.poll(() => one.wait(), { timeout: 5000 }).toBeGreaterThan(1000);
  expect(one.wait()).toBeLessThanOrEqual(61_000);
});

test('processes have their parts of a limit, and turns where there are more of them than connections', async () => {
  const context = await createTestContext();
  const shares = Array.from({ length: 3 }, () => new WorkerShare(randomUUID()));
  expect(shares.map((share) => share.of(5))).toEqual([1, 1, 1]);
  for (let round = 0; round < 2; round++) for (const share of shares) await share.look(context);
  expect(shares.map((share) => share.of(5)).toSorted()).toEqual([1, 2, 2]);
  const real = performance.now.bind(performance);
  let later = 0;
  const now = vi.spyOn(performance, 'now').mockImplementation(() => real() + later);
  onTestFinished(() => now.mockRestore());
  const turns = shares.map(() => 0);
  for (let second = 0; second < 300; second++) {
    later = second * 1000;
    const parts = shares.map((share) => share.of(1));
    expect(parts.filter((part) => part > 0).length).toBeLessThanOrEqual(1);
    for (const [at, part] of parts.entries()) turns[at] = (turns[at] ?? 0) + part;
  }
  // Three seconds of each half minute pass from one to the next.
  for (const turn of turns) expect(turn).toBeGreaterThan(60);
  expect(turns.reduce((sum, turn) => sum + turn)).toBeGreaterThan(255);
});

test.each([
  [421, '421 4.7.0 Try again later, closing connection', true],
  [450, '450 4.2.1 The user you are trying to contact is receiving mail too quickly; rate', true],
  [451, '451 4.7.500 Server busy', true],
  [421, '421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred', true],
  [451, '451 4.7.1 Greylisting in action, please come back later', false],
  [450, '450 4.7.1 <a@example.com>: Recipient address rejected: Greylisted', false],
  [452, '452 4.2.2 Mailbox full', false],
  [450, '450 4.1.1 No such user yet', false],
  [550, '550 5.7.1 rate limit exceeded', false],
  [250, '250 2.0.0 ok, rate', false],
])('%i %s: too fast is %s', (code, words, expected) => {
  expect(isTooFast({ kind: 'answered', code, words })).toBe(expected);
});

test('domains are put with the provider of their mail servers, and wait for no answer', async () => {
  const asked: string[] = [];
  const servers: Record<string, string[]> = {
    'firm.test': ['aspmx.l.google.com', 'alt1.aspmx.l.google.com'],
    'office.test': ['office-test.mail.protection.outlook.com'],
    'shop.test': ['mx1.host.co.uk'],
    'other.test': ['mx2.host.co.uk'],
  };
  const providers = new MailProviders(async (domain) => {
    asked.push(domain);
    const found = servers[domain];
    if (!found) throw new Error('ENOTFOUND');
    return found;
  });
  expect(providers.groupOf('a@Firm.test')).toBe('firm.test');
  await sleep(5);
  expect(providers.groupOf('a@firm.test')).toBe('google');
  expect(providers.groupOf('a@gmail.com')).toBe('google');
  for (const domain of ['office.test', 'shop.test', 'other.test', 'none.test']) providers.groupOf(domain);
  await sleep(5);
  expect(providers.groupOf('a@office.test')).toBe('microsoft');
  expect(providers.groupOf('a@shop.test')).toBe(providers.groupOf('b@other.test'));
  expect(providers.groupOf('a@none.test')).toBe('none.test');
  expect(providers.groupOf('a@unasked.test', false)).toBe('unasked.test');
  expect(asked.toSorted()).toEqual(['firm.test', 'none.test', 'office.test', 'other.test', 'shop.test']);
});
