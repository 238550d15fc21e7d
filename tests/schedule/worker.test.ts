import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { deliveryReport } from '../../src/delivery/report.ts';
import { getEdition } from '../../src/editions/editions.ts';
import { latestFiguresDue } from '../../src/feedback/edition-figures.ts';
import { startWorker } from '../../src/schedule/worker.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { wayToDatabase } from '../support/database-way.ts';
import { rss, startHttp } from '../support/feeds.ts';
import { seedEdition, seedList, seedNewsletter } from '../support/seed.ts';
import { startSmtp } from '../support/smtp.ts';
import { fiveEvents, seedStories } from '../support/stories.ts';

async function running(context: TestContext, options: { schedule?: boolean } = {}) {
  const worker = await startWorker(context, {
    connection: context.database.connection,
    sweepSeconds: 1,
    ...options,
  });
  let stopped = false;
  const stop = async () => {
    if (!stopped) await worker.stop();
    stopped = true;
  };
  onTestFinished(stop);
  return { ...worker, stop };
}

async function until<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
  for (let tries = 0; tries < 600; tries++) {
    const found = await look();
    if (found) return found;
    await sleep(50);
  }
  throw new Error(`timed out waiting for ${what}`);
}

const sentEdition = (context: TestContext) => async () =>
  context.db.selectFrom('editions').select('id').where('state', '=', 'sent').executeTakeFirst();

test('an automatic newsletter goes from its schedule to the mailboxes by itself', async () => {
  const context = await createTestContext({}, '2026-11-24T06:59:00Z');
  await seedStories(context, fiveEvents);
  const { listId } = await seedList(context, 4);
  await seedNewsletter(context, [listId], { mode: 'automatic' });
  context.clock.set('2026-11-24T07:00:01Z');
  await running(context);
  const { id } = await until('the edition to be sent', sentEdition(context));
  expect(await deliveryReport(context, id)).toMatchObject({ planned: 4, accepted: 4, sums: true });
  expect(await context.db.selectFrom('inbox_messages').select('id').execute()).toHaveLength(4);
});

test('two workers with schedules make and send one edition', async () => {
  const context = await createTestContext({}, '2026-11-24T06:59:00Z');
  await seedStories(context, fiveEvents);
  const { listId } = await seedList(context, 30);
  await seedNewsletter(context, [listId], { mode: 'automatic' });
  context.clock.set('2026-11-24T07:00:01Z');
  await Promise.all([running(context), running(context)]);
  await until('the edition to be sent', sentEdition(context));
  expect(await context.db.selectFrom('editions').select('id').execute()).toHaveLength(1);
  expect(await context.db.selectFrom('inbox_messages').select('id').execute()).toHaveLength(30);
});

test('sources that are due are fetched and their stories put into storylines', async () => {
  const context = await createTestContext();
  const base = await startHttp((_request, response) => {
    response.setHeader('Content-Type', 'application/rss+xml');
    response.end(
      rss('Harbour Post', [
        {
          title: 'Ferry rides the tide',
          url: 'https://news.example.com/ferry',
          publishedAt: context.clock.now(),
        },
      ]),
    );
  });
  await context.db
    .insertInto('sources')
    .values({
      kind: 'feed',
      url: `${base}/feed`,
      name: 'Harbour Post',
      publisher: 'Harbour Post',
      next_fetch_at: context.clock.now(),
    })
    .execute();
  await running(context);
  const story = await until('the story', async () =>
    context.db.selectFrom('stories').selectAll().where('storyline_id', 'is not', null).executeTakeFirst(),
  );
  expect(story.title).toBe('Ferry rides the tide');
});

test('a stopped worker finishes what is out, and another goes on with the rest', async () => {
  const context = await createTestContext();
  const smtp = await startSmtp({ delayMs: 20 });
  context.config.smtpUrl = smtp.url;
  context.config.smtpConnections = 2;
  const { listId } = await seedList(context, 60);
  const newsletter = await seedNewsletter(context, [listId]);
  const editionId = await seedEdition(context, newsletter.id);
  const first = await running(context, { schedule: false });
  await until('some mail', async () => smtp.received.length > 10);
  await first.stop();
  const report = await deliveryReport(context, editionId);
  expect(report.accepted).toBe(smtp.received.length);
  expect(report).toMatchObject({ uncertain: 0, sums: true });
  expect(report.waiting).toBeGreaterThan(0);

  await running(context, { schedule: false });
  await until('the edition to be sent', sentEdition(context));
  expect(smtp.received).toHaveLength(60);
  expect(smtp.copies().size).toBe(60);
});

test('with Postgres gone for ten seconds in the middle, a send goes on after it, and nobody gets two', async () => {
  const context = await createTestContext();
  const smtp = await startSmtp({ delayMs: 10 });
  const { listId } = await seedList(context, 300);
  const newsletter = await seedNewsletter(context, [listId]);
  const editionId = await seedEdition(context, newsletter.id);

  const way = await wayToDatabase(context);
  const { connection, db } = way.database;
  const worker = await startWorker(
    { ...context, db, config: { ...context.config, smtpUrl: smtp.url, smtpConnections: 4 } },
    { connection, sweepSeconds: 1, schedule: false },
  );
  onTestFinished(() => worker.stop());
  await until('some mail', async () => smtp.received.length > 40);
  way.cut();
  await sleep(10_000);
  const during = smtp.received.length;
  expect(during).toBeLessThan(300);
  way.mend();
  await until('the edition to be sent', async () => (await getEdition(context, editionId)).state === 'sent');
  expect(await deliveryReport(context, editionId)).toMatchObject({
    planned: 300,
    accepted: 300,
    uncertain: 0,
    sums: true,
  });
  expect(smtp.received).toHaveLength(300);
  expect(smtp.copies().size).toBe(300);
}, 90_000);

test('a worker counts the latest editions’ figures although nobody looks at the desk, and again when they are old', async () => {
  const context = await createTestContext({}, '2026-11-24T06:59:00Z');
  await seedStories(context, fiveEvents);
  const { listId } = await seedList(context, 4);
  await seedNewsletter(context, [listId], { mode: 'automatic' });
  context.clock.set('2026-11-24T07:00:01Z');
  const first = await running(context);
  const { id } = await until('the edition to be sent', sentEdition(context));
  await first.stop();
  const minutes = (count: number) => context.clock.advance(count * 60_000);
  expect(await latestFiguresDue(context)).toEqual([]);
  minutes(16);
  const week = () => context.db.selectFrom('edition_figures').selectAll().executeTakeFirst();
  expect(await week()).toBeUndefined();
  await running(context);
  expect(await until('the figures', week)).toMatchObject({ edition_id: id, accepted: 4 });
  expect(await latestFiguresDue(context)).toEqual([]);
  minutes(16);
  expect(await latestFiguresDue(context)).toEqual([id]);
  minutes(32 * 24 * 60);
  expect(await latestFiguresDue(context)).toEqual([]);
});
