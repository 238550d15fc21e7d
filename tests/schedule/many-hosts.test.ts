import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { alone } from '../../src/db/alone.ts';
import { deliveryReport } from '../../src/delivery/report.ts';
import { ensureEdition } from '../../src/editions/editions.ts';
import { draftsToBuild } from '../../src/schedule/fire.ts';
import { produceDraft } from '../../src/schedule/produce.ts';
import { createTestContext } from '../support/context.ts';
import { Hosts } from '../support/hosts.ts';
import { seedList, seedNewsletter } from '../support/seed.ts';
import { startSmtp } from '../support/smtp.ts';
import { seedStories } from '../support/stories.ts';

const readers = 20;
const connections = 2;
const hosts = ['serve', 'worker 1', 'worker 2'];

const syllables = 'ba de fi go ku la me ni po ru sa te vi wo zu'.split(' ');
const word = (seed: string) =>
  [...createHash('sha256').update(seed).digest().subarray(0, 4)]
    .map((byte) => syllables[byte % syllables.length])
    .join('');
/** Stories that have no word in common: none is taken for another's event. */
const stories = Array.from({ length: 30 }, (_, number) => ({
  title: ['who', 'does', 'what', 'where'].map((part) => word(`${part} ${number}`)).join(' '),
  publisher: `Paper ${number % 5}`,
}));

test('three processes, each killed once and then all of them: each edition once, each reader once, and catch-up as each newsletter wants it', async () => {
  const context = await createTestContext({}, '2026-11-24T06:59:40Z');
  await seedStories(context, stories);
  const { listId } = await seedList(context, readers);
  const newsletters = await Promise.all(
    (['latest', 'skip', 'latest'] as const).map((catchUp, number) =>
      seedNewsletter(context, [listId], {
        slug: `paper-${number}`,
        cron: '*/20 * * * *',
        mode: 'automatic',
        catchUp,
        onUncertain: number === 0 ? 'skip' : 'resend',
        policy: { minimumStories: 1, candidates: 2, related: 0, slots: [{ name: 'lead', count: 2 }] },
      }),
    ),
  );
  const smtp = await startSmtp({ delayMs: 40 });
  const running = new Hosts(context, {
    SMTP_URL: smtp.url,
    SMTP_CONNECTIONS: String(connections),
    LEASE_SECONDS: '3',
    EMBEDDINGS: 'off',
    LOG_LEVEL: 'silent',
  });
  for (const host of hosts) running.start(host);
  await running.ready();

  const editionsOf = (newsletterId: number) =>
    context.db
      .selectFrom('editions')
      .select(['id', 'scheduled_for', 'state'])
      .where('newsletter_id', '=', newsletterId)
      .orderBy('scheduled_for')
      .execute();
  const unsent = async () =>
    context.db
      .selectFrom('editions')
      .select(['id', 'state', 'state_reason'])
      .where('state', '<>', 'sent')
      .execute();
  /** A minute passes every few seconds, as each look may find what a killed process had left. */
  const untilSent = async (editions: number) => {
    const from = Date.parse(
      context.clock
        .now()
        .toISOString()
        .replace(/:\d\d\.\d+/, ':00.050'),
    );
    // The next run comes after twenty minutes, and after five in the last round.
    const most = 4;
    for (let looks = 0; looks < most; looks++) {
      // On a machine that is busy with other things the last one has to suffice.
      for (let tries = 0; tries < (looks === most - 1 ? 4_000 : 80); tries++) {
        const { length } = await context.db
          .selectFrom('editions')
          .select('id')
          .where('state', '=', 'sent')
          .execute();
        if (length === editions) return;
        await sleep(50);
      }
      running.setClock(new Date(from + (looks + 1) * 60_000));
    }
    throw new Error(`starved: ${JSON.stringify(await unsent())}`);
  };

  // One is killed as soon as the editions are due, one in the middle of making them, one while they are sent.
  const moments = [
    () => sleep(20),
    () => sleep(Math.random() * 1000),
    async (before: number) => {
      for (let tries = 0; smtp.received.length < before + 5; tries++) {
        if (tries > 12_000) throw new Error(`nothing is sent: ${JSON.stringify(await unsent())}`);
        await sleep(5);
      }
    },
  ];
  for (const [round, moment] of moments.entries()) {
    const before = smtp.received.length;
    running.setClock(`2026-11-24T07:${round * 20 || '00'}:00.050Z`);
    await moment(before);
    const host = hosts[round] ?? '';
    await running.kill(host);
    running.start(host);
    await untilSent((round + 1) * newsletters.length);
  }

  // All are gone for two hours, and more than ten minutes beyond the last run.
  for (const host of hosts) await running.kill(host);
  context.clock.set('2026-11-24T09:55:00Z');
  for (const host of hosts) running.start(host);
  await running.ready();
  await untilSent(3 * newsletters.length + 2);

  const runs = ['07:00', '07:20', '07:40'].map((time) => `2026-11-24T${time}:00.000Z`);
  for (const { id, catch_up } of newsletters)
    expect((await editionsOf(id)).map(({ scheduled_for }) => scheduled_for.toISOString())).toEqual(
      catch_up === 'latest' ? [...runs, '2026-11-24T09:40:00.000Z'] : runs,
    );
  const copies = Map.groupBy(
    smtp.received,
    ({ to, raw }) => `${to} ${/^message-id: (\S+)/im.exec(raw)?.[1]}`,
  );
  let arrived = 0;
  let doubts = 0;
  for (const { id } of (await Promise.all(newsletters.map(({ id }) => editionsOf(id)))).flat()) {
    const report = await deliveryReport(context, id);
    expect(report).toMatchObject({
      planned: readers,
      failed: 0,
      skipped: 0,
      waiting: 0,
      deferred: 0,
      sums: true,
    });
    expect(report.accepted + report.uncertain).toBe(readers);
    arrived += report.accepted;
    doubts += report.uncertain + report.doubtedDeliveries.length;
  }
  expect(doubts).toBeLessThanOrEqual(running.kills * connections);
  // Those who were accepted have it; who has two was doubted, and who is uncertain may have it.
  expect(copies.size).toBeGreaterThanOrEqual(arrived);
  expect(smtp.received.length - arrived).toBeLessThanOrEqual(doubts);
  expect([...copies.values()].filter(({ length }) => length > 2)).toEqual([]);
  expect(await running.stop()).toEqual([0, 0, 0]);
}, 400_000);

test('one process at a time makes a draft; the lock goes with whoever held it', async () => {
  const context = await createTestContext();
  const steps: string[] = [];
  let finish = () => {};
  const first = alone(context.db, 'a draft', async () => {
    steps.push('first');
    await new Promise<void>((resolve) => {
      finish = resolve;
    });
    return 'made';
  });
  while (steps.length === 0) await sleep(5);
  expect(await alone(context.db, 'a draft', async () => 'made twice')).toBeUndefined();
  expect(await alone(context.db, 'another', async () => 'made')).toBe('made');
  finish();
  expect(await first).toBe('made');
  // The connection is gone with its lock a moment later.
  let again: string | undefined;
  for (let tries = 0; tries < 100 && !again; tries++)
    again = await alone(context.db, 'a draft', async () => 'made again');
  expect(again).toBe('made again');
});

test('what is a draft no more is not made again by a job that comes late', async () => {
  const context = await createTestContext();
  const newsletter = await seedNewsletter(context, []);
  const { edition } = await ensureEdition(context, newsletter.id, context.clock.now());
  await context.db.updateTable('editions').set({ state: 'sent' }).where('id', '=', edition.id).execute();
  expect(await produceDraft(context, edition.id)).toMatchObject({ state: 'sent', version: edition.version });
});

test('a process that ends between the review and the approval of an automatic edition leaves a draft, which others make', async () => {
  const context = await createTestContext({ embeddings: false });
  await seedStories(context, stories);
  const newsletter = await seedNewsletter(context, [], { mode: 'automatic' });
  const { edition } = await ensureEdition(context, newsletter.id, context.clock.now());
  await sql`create function ends() returns trigger language plpgsql as $$ begin raise exception 'it ended'; end $$`.execute(
    context.db,
  );
  await sql`create trigger ends before update on editions for each row when (new.state = 'approved') execute function ends()`.execute(
    context.db,
  );
  await expect(produceDraft(context, edition.id)).rejects.toThrow('it ended');
  expect(await draftsToBuild(context)).toEqual([edition.id]);
  await sql`drop trigger ends on editions`.execute(context.db);
  expect((await produceDraft(context, edition.id)).state).toBe('approved');
});
