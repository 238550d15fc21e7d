import { sql } from 'kysely';
import { simpleParser } from 'mailparser';
import { expect, onTestFinished, test } from 'vitest';
import { planDeliveries } from '../../src/delivery/plan.ts';
import { previewSunset, runSunset, type SunsetOptions } from '../../src/delivery/sunset.ts';
import { openTransport } from '../../src/delivery/transport.ts';
import { runNightly } from '../../src/schedule/nightly.ts';
import { unsubscribe, updatePreferences } from '../../src/subscribers/subscribe.ts';
import { stayOn } from '../../src/subscribers/sunset.ts';
import { isSuppressed, suppress } from '../../src/subscribers/suppression.ts';
import { createTestContext } from '../support/context.ts';
import { addEngagement } from '../support/engagement.ts';
import { seedEdition, seedList, seedNewsletter } from '../support/seed.ts';

const dayMs = 86_400_000;

/** A list whose people were sent four editions over 80 days. */
async function withReaders(count: number, tracking: Record<string, unknown> = {}) {
  const context = await createTestContext({ publicUrl: 'https://news.example.com' }, '2026-01-10T08:00:00Z');
  const { db } = context;
  const { listId, subscriberIds } = await seedList(context, count);
  await db.updateTable('subscriptions').set({ confirmed_at: context.clock.now() }).execute();
  const newsletter = await seedNewsletter(context, [listId]);
  await db
    .updateTable('newsletters')
    .set({ tracking: JSON.stringify(tracking) })
    .execute();
  context.clock.advance(100 * dayMs);
  const editions: number[] = [];
  for (let index = 0; index < 4; index++) {
    context.clock.advance(20 * dayMs);
    const editionId = await seedEdition(context, newsletter.id);
    await planDeliveries(context, editionId);
    await db
      .updateTable('deliveries')
      .set({ state: 'accepted', settled_at: context.clock.now() })
      .where('edition_id', '=', editionId)
      .execute();
    await db
      .updateTable('editions')
      .set({ state: 'sent', sent_at: context.clock.now() })
      .where('id', '=', editionId)
      .execute();
    editions.push(editionId);
  }
  const transport = await openTransport(context);
  onTestFinished(() => transport.close());
  const options: SunsetOptions = {
    list: { id: listId, slug: 'readers' },
    inactiveDays: 90,
    graceDays: 14,
    limit: 1_000,
  };
  return {
    context,
    db,
    listId,
    ids: subscriberIds,
    editions,
    transport,
    options,
    run: (more: Partial<SunsetOptions> = {}) => runSunset(context, transport, { ...options, ...more }),
    async mails() {
      const rows = await db.selectFrom('inbox_messages').selectAll().orderBy('id').execute();
      return Promise.all(rows.map(async (row) => ({ ...(await simpleParser(row.raw)), to: row.rcpt_to[0] })));
    },
    async confirmed() {
      const rows = await db
        .selectFrom('subscriptions')
        .select('subscriber_id')
        .where('state', '=', 'confirmed')
        .orderBy('subscriber_id')
        .execute();
      return rows.map((row) => row.subscriber_id);
    },
  };
}

test('only who gave no sign is asked, in their language, and once', async () => {
  const { context, db, ids, editions, listId, options, run, mails } = await withReaders(9);
  const [
    silent = 0,
    clicked = 0,
    apple = 0,
    scanned = 0,
    changed = 0,
    untracked = 0,
    paused = 0,
    dead = 0,
    few = 0,
  ] = ids;
  const at = context.clock.now();
  await addEngagement(context, editions[3] ?? 0, [
    { id: clicked, at },
    { id: apple, at, source: 'prefetch', kind: 'open' },
    { id: scanned, at, source: 'scanner' },
  ]);
  await updatePreferences(
    context,
    changed,
    { lists: [{ listId, frequency: 'weekly' }] },
    { via: 'preferences' },
  );
  await db.updateTable('subscribers').set({ untracked: true }).where('id', '=', untracked).execute();
  await db
    .updateTable('subscriptions')
    .set({ paused_until: new Date(at.getTime() + dayMs) })
    .where('subscriber_id', '=', paused)
    .execute();
  const { email_hash: hash } = await db
    .selectFrom('subscribers')
    .select('email_hash')
    .where('id', '=', dead)
    .executeTakeFirstOrThrow();
  await suppress(context, { address: { hash, email: null }, reason: 'bounce' });
  await sql`update deliveries set state = 'failed' where subscriber_id = ${few} and edition_id <> ${editions[0]}`.execute(
    db,
  );
  await db.updateTable('subscribers').set({ language: 'ja' }).where('id', '=', silent).execute();

  expect(await previewSunset(context, options)).toMatchObject({ asked: 2, left: 0 });
  expect(await db.selectFrom('sunset_asks').selectAll().execute()).toEqual([]);
  const results = await Promise.all([run(), run()]);
  expect(results[0].asked + results[1].asked).toBe(2);
  expect(await run()).toMatchObject({ asked: 0, left: 0 });

  const sent = await mails();
  expect(sent.map(({ to }) => to).sort()).toEqual(['reader1@example.com', 'reader4@example.com']);
  const japanese = sent.find(({ to }) => to === 'reader1@example.com');
  expect(japanese?.subject).toBe('readersの配信を続けますか');
  expect(japanese?.text).toContain('14日以内');
  const english = sent.find(({ to }) => to === 'reader4@example.com');
  expect(english?.text).toMatch(/https:\/\/news\.example\.com\/stay\/\d+-\d+-\d+-[0-9a-f]{30}/);
  expect(english?.text).toContain('within 14 days');
  expect(english?.text).toMatch(/https:\/\/news\.example\.com\/unsubscribe\/\d+-\d+-[0-9a-f]{30}/);
});

test('who does not answer in time is off the list; who answers, reads or leaves is counted as such', async () => {
  const { context, db, ids, editions, listId, run, confirmed } = await withReaders(4);
  const [silent = 0, stays = 0, reads = 0, leaves = 0] = ids;
  expect(await run()).toMatchObject({ asked: 4 });
  context.clock.advance(13 * dayMs);
  expect(await run()).toMatchObject({ asked: 0, left: 0 });
  expect(await confirmed()).toEqual(ids);
  expect(await stayOn(context, { subscriberId: stays, listId }, { via: 'sunset' })).toEqual({
    state: 'stays',
  });
  await addEngagement(context, editions[3] ?? 0, [{ id: reads, at: context.clock.now() }]);
  await unsubscribe(context, leaves, [listId], { via: 'page' });
  context.clock.advance(2 * dayMs);

  expect(await run()).toMatchObject({ asked: 0, left: 1, active: 1, gone: 1 });
  expect(await confirmed()).toEqual([stays, reads]);
  const outcomes = await db
    .selectFrom('sunset_asks')
    .select(['subscriber_id', 'outcome'])
    .orderBy('subscriber_id')
    .execute();
  expect(outcomes).toEqual([
    { subscriber_id: silent, outcome: 'left' },
    { subscriber_id: stays, outcome: 'stayed' },
    { subscriber_id: reads, outcome: 'active' },
    { subscriber_id: leaves, outcome: 'gone' },
  ]);
  const acts = await db
    .selectFrom('consent_log')
    .select(['act', 'via'])
    .where('via', '=', 'sunset')
    .orderBy('id')
    .execute();
  expect(acts).toEqual([
    { act: 'confirmed', via: 'sunset' },
    { act: 'unsubscribed', via: 'sunset' },
  ]);

  // Too late, and welcome all the same; but who left by themselves does not come back by this link.
  expect(await stayOn(context, { subscriberId: silent, listId }, { via: 'sunset' })).toEqual({
    state: 'back',
  });
  expect(await stayOn(context, { subscriberId: leaves, listId }, { via: 'sunset' })).toEqual({
    state: 'gone',
  });
  expect(await confirmed()).toEqual([silent, stays, reads]);
  const { email_hash: hash } = await db
    .selectFrom('subscribers')
    .select('email_hash')
    .where('id', '=', silent)
    .executeTakeFirstOrThrow();
  expect(await isSuppressed(context, hash, listId)).toBeUndefined();
});

test('a mail that cannot be sent is sent by the next run, and a limit leaves the rest to it', async () => {
  const { context, db, run, options, mails } = await withReaders(5);
  let calls = 0;
  const broken = {
    transporter: {
      sendMail: async () => {
        calls += 1;
        throw new Error('the server is away');
      },
    },
  } as unknown as Parameters<typeof runSunset>[1];
  expect(await runSunset(context, broken, { ...options, limit: 3 })).toMatchObject({ asked: 0, failed: 3 });
  expect(calls).toBe(3);
  // Whoever got no mail has no time that runs out.
  context.clock.advance(30 * dayMs);
  expect(await run({ limit: 3, inactiveDays: 130 })).toMatchObject({ asked: 3, left: 0 });
  expect(await run({ inactiveDays: 130 })).toMatchObject({ asked: 2 });
  expect(await mails()).toHaveLength(5);
  expect(
    await db.selectFrom('sunset_asks').select('asked_at').where('asked_at', 'is', null).execute(),
  ).toEqual([]);
});

test('where nobody counts who reads, or counted for too short a time, nobody is asked', async () => {
  const { context, options, run } = await withReaders(2, { privacy: 'aggregate' });
  await expect(run()).rejects.toThrow('does not show who is inactive');
  await expect(run({ inactiveDays: 800 })).rejects.toThrow('kept for 24 months');
  expect(await context.db.selectFrom('sunset_asks').selectAll().execute()).toEqual([]);
  await context.db
    .updateTable('newsletters')
    .set({ tracking: JSON.stringify({ clicks: false, opens: false }) })
    .execute();
  await expect(previewSunset(context, options)).rejects.toThrow('no edition was');
});

test('a list that wants it is asked in the night, once however many processes there are', async () => {
  const { context, db, listId, mails } = await withReaders(3);
  await db
    .updateTable('lists')
    .set({ sunset_days: 90, sunset_grace_days: 7 })
    .where('id', '=', listId)
    .execute();
  const never = new AbortController().signal;
  await Promise.all([runNightly(context, never), runNightly(context, never)]);
  expect(await mails()).toHaveLength(3);
  context.clock.advance(8 * dayMs);
  await runNightly(context, never);
  const states = await db.selectFrom('subscriptions').select('state').execute();
  expect(states.map(({ state }) => state)).toEqual(['unsubscribed', 'unsubscribed', 'unsubscribed']);
  expect(await mails()).toHaveLength(3);
});
