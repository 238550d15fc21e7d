import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { planDeliveries } from '../../src/delivery/plan.ts';
import { parseAddress } from '../../src/subscribers/address.ts';
import { logConsent } from '../../src/subscribers/consent.ts';
import { createList } from '../../src/subscribers/lists.ts';
import { applyRetention, cutOff } from '../../src/subscribers/retention.ts';
import { confirm, removeSubscriber, subscribe, unsubscribe } from '../../src/subscribers/subscribe.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { addEngagement } from '../support/engagement.ts';
import { seedEdition, seedList, seedNewsletter } from '../support/seed.ts';

const form = { via: 'form', ip: '203.0.113.7' };
const dayMs = 86_400_000;

const rowsOf = async (context: TestContext, options = {}) =>
  Object.fromEntries((await applyRetention(context, options)).map(({ rule, rows }) => [rule, rows]));

test('a wish that nobody confirmed is forgotten with the person, and one that was confirmed is not', async () => {
  const context = await createTestContext();
  const weekly = await createList(context, { name: 'Weekly' });
  const daily = await createList(context, { name: 'Daily' });
  const ask = async (email: string, list: string) =>
    (await subscribe(context, { ...form, email, list })).subscriberId ?? 0;
  await ask('never@example.com', 'weekly');
  const half = await ask('half@example.com', 'weekly');
  await ask('half@example.com', 'daily');
  await confirm(context, half, daily.id, form);
  // Was on the list, left it, and asked for it again without confirming.
  const returning = await ask('returning@example.com', 'weekly');
  await confirm(context, returning, weekly.id, form);
  await unsubscribe(context, returning, [weekly.id], form);
  await ask('returning@example.com', 'weekly');
  context.clock.advance(31 * dayMs);
  await ask('late@example.com', 'weekly');

  expect(await rowsOf(context, { dryRun: true })).toMatchObject({ pending: 3 });
  expect(await context.db.selectFrom('subscriptions').selectAll().execute()).toHaveLength(5);
  expect(await rowsOf(context)).toMatchObject({ pending: 3 });
  expect(await rowsOf(context)).toMatchObject({ pending: 0 });

  const left = await context.db
    .selectFrom('subscriptions as u')
    .innerJoin('subscribers as s', 's.id', 'u.subscriber_id')
    .innerJoin('lists as l', 'l.id', 'u.list_id')
    .select(['s.email', 'l.slug', 'u.state'])
    .orderBy('s.email')
    .execute();
  expect(left).toEqual([
    { email: 'half@example.com', slug: 'daily', state: 'confirmed' },
    { email: 'late@example.com', slug: 'weekly', state: 'pending' },
    { email: 'returning@example.com', slug: 'weekly', state: 'unsubscribed' },
  ]);
  expect(await context.db.selectFrom('subscribers').select('email').execute()).toHaveLength(3);
  const never = await context.db
    .selectFrom('consent_log')
    .selectAll()
    .where('email_hash', '=', parseAddress('never@example.com').hash)
    .execute();
  expect(never).toEqual([]);
  // What proves something stays: who confirmed later, or took it back.
  const log = async (email: string) =>
    (
      await context.db
        .selectFrom('consent_log')
        .select(['act', 'list_id'])
        .where('email_hash', '=', parseAddress(email).hash)
        .orderBy('id')
        .execute()
    ).map(({ act, list_id }) => `${act} ${list_id === weekly.id ? 'weekly' : 'daily'}`);
  expect(await log('half@example.com')).toEqual(['requested daily', 'confirmed daily']);
  expect(await log('returning@example.com')).toContain('unsubscribed weekly');
});

test('more than one group of wishes goes in one run', async () => {
  const context = await createTestContext();
  const list = await createList(context, { name: 'Weekly' });
  await sql`
    with people as (
      insert into subscribers (email, email_key, email_hash)
      select e, e, sha256(e::bytea) from (select 'p' || n || '@example.com' as e from generate_series(1, 12000) as n) as emails
      returning id, email_hash
    ), asked as (
      insert into consent_log (email_hash, list_id, act, at, via, ip)
      select email_hash, ${list.id}, 'requested', ${context.clock.now()}, 'form', '203.0.113.9' from people
    )
    insert into subscriptions (subscriber_id, list_id, state, created_at, updated_at)
    select id, ${list.id}, 'pending', ${context.clock.now()}, ${context.clock.now()} from people`.execute(
    context.db,
  );
  context.clock.advance(40 * dayMs);
  expect(await rowsOf(context)).toMatchObject({ pending: 12_000 });
  expect(await context.db.selectFrom('subscribers').select('id').execute()).toEqual([]);
  expect(await context.db.selectFrom('consent_log').select('id').execute()).toEqual([]);
});

test('feedback that names no delivery, old engagement, machines and the consent of the erased go by their settings', async () => {
  const context = await createTestContext({
    retention: {
      pendingDays: 0,
      unmatchedFeedbackDays: 90,
      engagementMonths: 12,
      consentIpMonths: 6,
      erasedConsentMonths: 36,
      ledgerMonths: 0,
    },
  });
  const { db } = context;
  const { listId, subscriberIds } = await seedList(context, 2);
  const newsletter = await seedNewsletter(context, [listId]);
  const editionId = await seedEdition(context, newsletter.id);
  await planDeliveries(context, editionId);
  const [one = 0, other = 0] = subscriberIds;
  const now = context.clock.now();
  await addEngagement(context, editionId, [
    { id: one, at: now, times: 2 },
    { id: other, at: now, times: 3 },
  ]);
  await sql`
    insert into feedback_events (external_id, source, kind, edition_id, subscriber_id, action, at, recorded_at)
    values ('a', 'smtp', 'hard', null, null, 'unmatched', ${now}, ${now}),
           ('b', 'smtp', 'soft', ${editionId}, ${other}, 'counted', ${now}, ${now})`.execute(db);
  const { hash } = parseAddress('reader2@example.com');
  await logConsent(context, hash, 'confirmed', listId, {
    ...form,
    evidence: { userAgent: 'Firefox', forwardedFor: '203.0.113.8' },
  });
  await logConsent(context, parseAddress('reader1@example.com').hash, 'confirmed', listId, form);
  await removeSubscriber(context, one, { via: 'admin' });

  expect(await rowsOf(context)).toEqual({
    pending: 0,
    'unmatched-feedback': 0,
    engagement: 0,
    'consent-ip': 0,
    'erased-consent': 0,
  });
  context.clock.advance(200 * dayMs);
  expect(await rowsOf(context, { dryRun: true })).toMatchObject({
    'unmatched-feedback': 1,
    'consent-ip': 1,
    engagement: 0,
  });
  expect(await rowsOf(context)).toMatchObject({ 'unmatched-feedback': 1, 'consent-ip': 1, engagement: 0 });
  expect(await db.selectFrom('feedback_events').select('external_id').execute()).toEqual([
    { external_id: 'b' },
  ]);
  const machine = await db
    .selectFrom('consent_log')
    .selectAll()
    .where('email_hash', '=', hash)
    .executeTakeFirstOrThrow();
  expect(machine).toMatchObject({ act: 'confirmed', ip: null, evidence: { userAgent: 'Firefox' } });

  context.clock.advance(200 * dayMs);
  expect(await rowsOf(context)).toMatchObject({ engagement: 1 });
  expect(await db.selectFrom('engagement').selectAll().execute()).toEqual([]);
  // Erased before, or old now: how often it was followed stays counted.
  expect(await db.selectFrom('engagement_counts').select(['kind', 'position', 'times']).execute()).toEqual([
    { kind: 'click', position: 0, times: 5 },
  ]);

  context.clock.advance(730 * dayMs);
  expect(await rowsOf(context, { dryRun: true })).toMatchObject({ 'erased-consent': 2 });
  expect(await rowsOf(context)).toMatchObject({ 'erased-consent': 2 });
  const hashes = await db.selectFrom('consent_log').select('email_hash').execute();
  expect(hashes.map(({ email_hash }) => email_hash.equals(hash))).toEqual([true]);
  // Suppressed for ever, all the same.
  expect(await db.selectFrom('suppressions').select('reason').execute()).toEqual([{ reason: 'erasure' }]);
});

test('0 keeps for ever, and a run that is stopped leaves the rest to the next', async () => {
  const context = await createTestContext();
  await createList(context, { name: 'Weekly' });
  await subscribe(context, { ...form, email: 'never@example.com', list: 'weekly' });
  context.clock.advance(4000 * dayMs);
  const kept = {
    ...context,
    config: { ...context.config, retention: { ...context.config.retention, pendingDays: 0 } },
  };
  const [pending] = await applyRetention(kept);
  expect(pending).toMatchObject({ rule: 'pending', before: null, rows: 0 });
  expect(await rowsOf(context, { stopping: AbortSignal.abort() })).toMatchObject({ pending: 0 });
  expect(await rowsOf(context)).toMatchObject({ pending: 1 });
});

test('months are those of the calendar', () => {
  const at = (text: string) => new Date(`${text}T03:00:00Z`);
  expect(cutOff(at('2026-11-24'), 12, 'months')).toEqual(at('2025-11-24'));
  expect(cutOff(at('2026-03-31'), 1, 'months')).toEqual(at('2026-02-28'));
  expect(cutOff(at('2026-03-31'), 30, 'days')).toEqual(at('2026-03-01'));
  expect(cutOff(at('2026-03-31'), 0, 'months')).toBeNull();
});
