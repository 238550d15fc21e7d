import { expect, test } from 'vitest';
import { listActs, noteAct } from '../../src/access/audit.ts';
import { createTestContext } from '../support/context.ts';

const ada = { id: 1, email: 'Ada@example.com' };

test('acts are noted, filtered and read in pages', async () => {
  const context = await createTestContext();
  const start = context.clock.now();
  for (const act of ['login', 'login.failed', 'logout', 'loginish', 'edition.approve']) {
    await noteAct(context, {
      user: act === 'login.failed' ? null : ada,
      act,
      ip: '203.0.113.7',
      ...(act === 'edition.approve' && {
        newsletterId: 3,
        editionId: 12,
        subject: 'Morning\0',
        details: { version: 4 },
      }),
    });
    context.clock.advance(60_000);
  }
  const acts = async (filter: Parameters<typeof listActs>[1]) =>
    (await listActs(context, filter)).acts.map(({ act }) => act);
  expect(await acts({})).toEqual(['edition.approve', 'loginish', 'logout', 'login.failed', 'login']);
  expect(await acts({ act: 'login' })).toEqual(['login.failed', 'login']);
  expect(await acts({ act: 'log%' })).toEqual([]);
  expect(await acts({ userEmail: ' ada@EXAMPLE.com', act: 'login' })).toEqual(['login']);
  expect(await acts({ editionId: 12 })).toEqual(['edition.approve']);
  expect(await acts({ newsletterId: 4 })).toEqual([]);
  expect(
    await acts({ since: new Date(start.getTime() + 60_000), until: new Date(start.getTime() + 180_000) }),
  ).toEqual(['logout', 'login.failed']);
  const {
    acts: [line],
  } = await listActs(context, { editionId: 12 });
  expect(line).toMatchObject({
    userId: 1,
    userEmail: 'Ada@example.com',
    subject: 'Morning',
    details: { version: 4 },
  });

  const first = await listActs(context, { limit: 3 });
  await noteAct(context, { user: null, act: 'later' });
  const second = await listActs(context, { limit: 3 }, first.next ?? '');
  expect([...first.acts, ...second.acts].map(({ id }) => id)).toEqual([5, 4, 3, 2, 1]);
  expect(second.next).toBeNull();
  await expect(listActs(context, {}, 'x')).rejects.toMatchObject({ code: 'cursor' });
});

test('the audit log only grows, and a line is there only with its transaction', async () => {
  const context = await createTestContext();
  await noteAct(context, { user: ada, act: 'login' });
  for (const statement of [
    `update audit_log set act = 'nothing'`,
    'delete from audit_log',
    'truncate audit_log',
  ])
    await expect(context.database.pool.query(statement)).rejects.toThrow('append-only');
  await context.db
    .transaction()
    .execute(async (trx) => {
      await noteAct({ ...context, db: trx }, { user: ada, act: 'logout' });
      throw new Error('undone');
    })
    .catch(() => {});
  expect((await listActs(context)).acts.map(({ act }) => act)).toEqual(['login']);
});
