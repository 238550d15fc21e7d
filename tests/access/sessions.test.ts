import { expect, test } from 'vitest';
import { createLoginLink } from '../../src/access/login-links.ts';
import { lookAtStep, takeLoginStep } from '../../src/access/login-steps.ts';
import {
  createSession,
  findSession,
  forgetOldLogins,
  listSessions,
  proveSession,
  revokeSession,
  revokeSessions,
} from '../../src/access/sessions.ts';
import { createUser, setUserDisabled } from '../../src/access/users.ts';
import { createTestContext } from '../support/context.ts';

const minute = 60_000;
const day = 86_400_000;

async function start() {
  const context = await createTestContext();
  await createUser(context, { email: 'root@example.com', role: 'admin' });
  const user = await createUser(context, { email: 'ada@example.com', role: 'editor' });
  const open = (userAgent = 'Firefox') =>
    createSession(context, user.id, { ip: '203.0.113.7', userAgent, how: 'password' });
  return { context, user, open };
}

test('a session is found by its token alone, says when it was seen, and ends when it is idle or old', async () => {
  const { context, user, open } = await start();
  const token = await open();
  const found = await findSession(context, token);
  expect(found).toMatchObject({ user: { id: user.id, role: 'editor' }, recentlyProven: true });
  expect(found?.csrf).not.toBe((await findSession(context, await open()))?.csrf);
  for (const wrong of ['', 'x'.repeat(43), `${token}x`])
    expect(await findSession(context, wrong)).toBeUndefined();
  const { rows } = await context.database.pool.query('select * from user_sessions');
  expect(JSON.stringify(rows)).not.toContain(token);

  context.clock.advance(10 * minute);
  const later = await findSession(context, token);
  expect(later?.recentlyProven).toBe(false);
  await proveSession(context, later?.id ?? 0);
  expect((await findSession(context, token))?.recentlyProven).toBe(true);
  expect((await listSessions(context, user.id))[0]?.lastSeenAt).toEqual(context.clock.now());

  context.clock.advance(7 * day - minute);
  expect(await findSession(context, token)).toBeDefined();
  context.clock.advance(7 * day);
  expect(await findSession(context, token)).toBeUndefined();
  const busy = await open();
  for (let days = 0; days < 30; days += 6) {
    expect(await findSession(context, busy), `after ${days} days`).toBeDefined();
    context.clock.advance(6 * day);
  }
  expect(await findSession(context, busy)).toBeUndefined();
  await forgetOldLogins(context);
  const left = await context.db.selectFrom('user_sessions').select('id').execute();
  expect(left).toEqual([]);
});

test('sessions are listed and ended, one or all but one, and all with their user', async () => {
  const { context, user, open } = await start();
  const [one, two, three] = [await open('one'), await open('two'), await open('three')];
  const ids = new Map((await listSessions(context, user.id)).map(({ userAgent, id }) => [userAgent, id]));
  expect(await revokeSession(context, user.id + 1, ids.get('two') ?? 0)).toBe(false);
  expect(await revokeSession(context, user.id, ids.get('two') ?? 0)).toBe(true);
  expect(await findSession(context, two)).toBeUndefined();
  expect(await revokeSessions(context, user.id, ids.get('one'))).toBe(1);
  expect(await findSession(context, three)).toBeUndefined();
  expect(await findSession(context, one)).toBeDefined();

  await setUserDisabled(context, user.id, true);
  expect(await findSession(context, one)).toBeUndefined();
  // A session that was ended does not come back with its user.
  await setUserDisabled(context, user.id, false);
  expect(await findSession(context, one)).toBeUndefined();
});

test('a login link works once, for a quarter of an hour, and not for who is kept out meanwhile', async () => {
  const { context, user } = await start();
  const made = async () =>
    (await createLoginLink(context, user.id, { how: 'link', next: '/desk/account' }))
      .split('token=')
      .at(-1) ?? '';
  const token = await made();
  // Looking uses nothing up.
  for (let times = 0; times < 2; times++)
    expect(await lookAtStep(context, 'link', token)).toMatchObject({ userId: user.id });
  expect(await lookAtStep(context, 'code', token)).toBeUndefined();
  const used = await Promise.all([1, 2, 3].map(() => takeLoginStep(context, 'link', token)));
  expect(used.filter(Boolean)).toEqual([{ userId: user.id, data: { how: 'link', next: '/desk/account' } }]);

  const late = await made();
  context.clock.advance(15 * minute);
  expect(await takeLoginStep(context, 'link', late)).toBeUndefined();
  const kept = await made();
  await setUserDisabled(context, user.id, true);
  expect(await takeLoginStep(context, 'link', kept)).toBeUndefined();
});
