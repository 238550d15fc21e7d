import { Writable } from 'node:stream';
import { pino } from 'pino';
import { expect, test, vi } from 'vitest';
import { connectTo } from '../../src/db/connect.ts';
import { planDeliveries } from '../../src/delivery/plan.ts';
import { EngagementBuffer, mostKept } from '../../src/feedback/engagement-buffer.ts';
import { createTestContext } from '../support/context.ts';
import { seedEdition, seedList, seedNewsletter } from '../support/seed.ts';

async function counting() {
  const context = await createTestContext({ embeddings: false });
  const { listId, subscriberIds } = await seedList(context, 1);
  const newsletter = await seedNewsletter(context, [listId]);
  const editionId = await seedEdition(context, newsletter.id);
  await planDeliveries(context, editionId);
  const lines: Record<string, unknown>[] = [];
  const log = pino(
    { base: null },
    new Writable({
      write(line, _encoding, done) {
        lines.push(JSON.parse(String(line)));
        done();
      },
    }),
  );
  const open = {
    editionId,
    subscriberId: subscriberIds[0] as number,
    kind: 'open' as const,
    at: context.clock.now(),
  };
  const counted = async () =>
    (await context.db.selectFrom('engagement').select('times').executeTakeFirst())?.times ?? 0;
  return { context, log, lines, open, counted };
}

test('what is added is written within half a second, more than a group holds too', async () => {
  const { context, log, open, counted } = await counting();
  const buffer = new EngagementBuffer({ db: context.db, log });
  for (let time = 0; time < 6_000; time++) buffer.add(open);
  await vi.waitFor(async () => expect(await counted()).toBe(6_000), { timeout: 10_000, interval: 20 });
});

test('a database that is away costs no reader time, and memory has a bound; what fits is counted when it is back', async () => {
  const { context, log, lines, open, counted } = await counting();
  let database = connectTo({ host: '/nowhere/at-all', user: 'broadsheet', database: 'none' }, 1);
  const buffer = new EngagementBuffer({
    get db() {
      return database.db;
    },
    log,
  });
  for (let time = 0; time < mostKept; time++) buffer.add(open);
  const started = performance.now();
  for (let time = 0; time < 30_000; time++) buffer.add(open);
  expect(performance.now() - started).toBeLessThan(500);
  await buffer.flush();
  expect(await counted()).toBe(0);
  // One line for all that had no room, not one for each.
  expect(lines.map(({ msg, events, waiting }) => [msg, events ?? waiting])).toEqual([
    ['too many clicks wait for the database: these are not counted', 30_000],
    ['clicks could not be counted yet', mostKept],
  ]);
  await database.close();
  database = context.database;
  await buffer.close();
  expect(await counted()).toBe(mostKept);
});

test('a buffer that closes waits some seconds for a database, and says what it lost', async () => {
  const { log, lines, open } = await counting();
  const database = connectTo({ host: '/nowhere/at-all', user: 'broadsheet', database: 'none' }, 1);
  const buffer = new EngagementBuffer({ db: database.db, log });
  buffer.add(open);
  await buffer.close(5);
  await database.close();
  expect(lines.at(-1)).toMatchObject({ msg: 'clicks and openings are lost', events: 1, level: 50 });
  expect(lines).toHaveLength(7);
});
