import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { claim, exchange, takeOverExpired } from '../../src/delivery/ledger.ts';
import { planDeliveries } from '../../src/delivery/plan.ts';
import { deliveryReport } from '../../src/delivery/report.ts';
import { finishIfSettled } from '../../src/delivery/sweep.ts';
import { verdictFor } from '../../src/delivery/verdict.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { seedEdition, seedList, seedNewsletter } from '../support/seed.ts';
import { batchOf } from '../support/sending.ts';

const holder = { worker: '11111111-1111-4111-8111-111111111111', leaseSeconds: 30 };

async function planned(context: TestContext, readers = 1) {
  const { listId, subscriberIds } = await seedList(context, readers);
  const newsletter = await seedNewsletter(context, [listId]);
  const editionId = await seedEdition(context, newsletter.id);
  await planDeliveries(context, editionId);
  return { editionId, subscriberIds };
}

/** One that has begun, whose worker was not heard of for longer than its lease. */
async function silent(context: TestContext, onUncertain: 'resend' | 'skip') {
  const { editionId } = await planned(context);
  const batch = await batchOf(context, editionId, 0);
  const [claimed] = await claim(context, holder, batch, 10);
  const { worker } = holder;
  const one = { subscriberId: claimed?.subscriberId ?? 0, worker };
  expect(await exchange(context, 30, editionId, [], [one])).toMatchObject([{ state: 'begun' }]);
  await sql`update deliveries set lease_until = now() - interval '1 hour' where edition_id = ${editionId}`.execute(
    context.db,
  );
  await takeOverExpired({ ...context, config: { ...context.config, leaseSeconds: 0 } }, batch, onUncertain);
  await sql`update delivery_batches set due_at = null where edition_id = ${editionId} and ${onUncertain === 'skip'}`.execute(
    context.db,
  );
  return { editionId, batch, one };
}

const verdictOf = (context: TestContext, subscriberId: number, code: number, words: string) =>
  verdictFor(
    { kind: 'answered', code, words },
    { subscriberId, attempts: 0, stories: [0], plannedAt: context.clock.now() },
    { onUncertain: 'skip', retryMinutes: 1440, now: context.clock.now(), random: 0.5 },
  );

test('a refusal that comes when the edition has ended is named, and waits for nothing', async () => {
  const context = await createTestContext();
  const { editionId, one } = await silent(context, 'skip');
  expect(await finishIfSettled(context, editionId)).toBe(true);
  await exchange(
    context,
    30,
    editionId,
    [{ ...verdictOf(context, one.subscriberId, 450, '450 4.2.0 later'), ...one }],
    [],
  );
  const report = await deliveryReport(context, editionId);
  expect(report).toMatchObject({ failed: 1, deferred: 0, waiting: 0, uncertain: 0, sums: true });
  expect(report.reasons[0]?.detail).toBe('not sent, and the edition had ended: 450 4.2.0 later');
});

test('an acceptance that comes when the message was planned again settles it, and the report names who may have two', async () => {
  const context = await createTestContext();
  const { editionId, batch, one } = await silent(context, 'resend');
  expect(await deliveryReport(context, editionId)).toMatchObject({
    waiting: 1,
    doubtedDeliveries: [{ subscriberId: one.subscriberId, state: 'planned' }],
  });
  await exchange(
    context,
    30,
    editionId,
    [{ ...verdictOf(context, one.subscriberId, 250, '250 2.0.0 ok'), ...one }],
    [],
  );
  expect(await deliveryReport(context, editionId)).toMatchObject({ accepted: 1, waiting: 0, sums: true });
  expect(await claim(context, { ...holder, worker: crypto.randomUUID() }, batch, 10)).toEqual([]);
});

test('a late answer of the first worker changes nothing when the second has begun', async () => {
  const context = await createTestContext();
  const { editionId, batch, one } = await silent(context, 'resend');
  const second = { subscriberId: one.subscriberId, worker: crypto.randomUUID() };
  await claim(context, { ...holder, worker: second.worker }, batch, 10);
  await exchange(context, 30, editionId, [], [second]);
  await exchange(
    context,
    30,
    editionId,
    [{ ...verdictOf(context, one.subscriberId, 450, '450 later'), ...one }],
    [],
  );
  expect(await deliveryReport(context, editionId)).toMatchObject({ deferred: 0, waiting: 1 });
  await exchange(
    context,
    30,
    editionId,
    [{ ...verdictOf(context, one.subscriberId, 250, '250 ok'), ...second }],
    [],
  );
  expect(await deliveryReport(context, editionId)).toMatchObject({
    accepted: 1,
    doubtedDeliveries: [{ state: 'accepted' }],
    sums: true,
  });
});

test('a mailbox that is unknown stays suppressed when an earlier rest is over', async () => {
  const context = await createTestContext();
  const { editionId } = await planned(context);
  const batch = await batchOf(context, editionId, 0);
  const [claimed] = await claim(context, holder, batch, 10);
  const one = { subscriberId: claimed?.subscriberId ?? 0, worker: holder.worker };
  await sql`insert into suppressions (email_hash, email, reason, created_at, expires_at)
    select email_hash, email, 'bounce', now() - interval '20 days', now() - interval '10 days' from subscribers`.execute(
    context.db,
  );
  await exchange(context, 30, editionId, [], [one]);
  const verdict = verdictOf(context, one.subscriberId, 550, '550 5.1.1 no such user');
  await exchange(context, 30, editionId, [{ ...verdict, ...one }], []);
  const { rows } = await sql<{ expires_at: Date | null }>`select expires_at from suppressions`.execute(
    context.db,
  );
  expect(rows).toEqual([{ expires_at: null }]);
});

test.each([
  ['550 5.1.1 <a@example.test>: user unknown', 'failed', true],
  ['550 5.1.0 Address rejected', 'failed', true],
  ['550 5.1.0 <news@example.com> sender rejected', 'deferred', false],
  ['550 5.4.5 Daily user sending limit exceeded', 'deferred', false],
  ['554 5.7.1 <a@example.test>: Relay access denied', 'deferred', false],
  ['530 5.7.0 Authentication required', 'deferred', false],
  ['552 5.2.2 Mailbox full, quota exceeded', 'failed', false],
  ['554 5.7.1 Message looks like spam', 'failed', false],
] as const)('"%s" is %s', async (words, state, isUnknown) => {
  const context = await createTestContext();
  expect(verdictOf(context, 1, Number(words.slice(0, 3)), words)).toMatchObject({ state, isUnknown });
});
