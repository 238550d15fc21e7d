import { expect, test, vi } from 'vitest';
import { createTestContext } from '../support/context.ts';
import { seedPeople } from '../support/segment-people.ts';
import { broadsheet } from './run.ts';

// Each command starts a process, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

test('a segment is saved, counted, tried out on a person, and a mistake is shown where it is', async () => {
  const context = await createTestContext();
  await seedPeople(context, [
    { email: 'ada@example.com', tags: ['vip'], on: { weekly: {} } },
    { email: 'bob@example.com', on: { weekly: { state: 'pending' } } },
  ]);
  const made = await broadsheet(context, 'segments', 'create', 'vips', 'tag = vip', '--json');
  expect(made).toMatchObject({ code: 0, err: '' });
  expect(JSON.parse(made.out)).toMatchObject({ name: 'vips', filter: 'tag = vip', people: 1, reachable: 1 });
  const found = await broadsheet(context, 'subscribers', 'list', '--segment', 'not segment = vips', '--json');
  expect(JSON.parse(found.out)).toMatchObject([{ email: 'bob@example.com' }]);
  const why = await broadsheet(context, 'segments', 'test', 'list = weekly and tag = vip', 'bob@example.com');
  expect(why.out).toMatch(
    /It does not fit bob@example\.com:[\s\S]*yes {2}list = weekly[\s\S]*no {3}tag = vip/,
  );
  const wrong = await broadsheet(context, 'segments', 'count', 'tagg = vip');
  expect(wrong.code).toBe(2);
  expect(wrong.err).toMatch(/line 1, column 1: there is no field "tagg"\.\n {2}tagg = vip\n {2}\^\^\^\^\n/);
  expect(wrong.err).toContain('Did you mean "tag"');
});

test('merging lists shows what it would do, asks, and does it', async () => {
  const context = await createTestContext();
  await seedPeople(context, [
    { email: 'ada@example.com', on: { old: { state: 'unsubscribed' }, weekly: {} } },
  ]);
  const merge = (...options: string[]) =>
    broadsheet(context, 'lists', 'merge', 'old', '--into', 'weekly', ...options);
  const dry = await merge('--dry-run');
  expect(dry.code).toBe(0);
  expect(dry.out).toContain('old: 1 person there will be unsubscribed instead of confirmed');
  expect((await merge()).code).toBe(2);
  expect(await context.db.selectFrom('lists').select('id').execute()).toHaveLength(2);
  expect(await merge('--yes')).toMatchObject({ code: 0, err: '' });
  const stats = await broadsheet(context, 'lists', 'stats', 'old');
  expect(stats.out).toMatch(/^weekly \(weekly\): 0 confirmed, 0 pending, 1 unsubscribed/);
});
