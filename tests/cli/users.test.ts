import { expect, test } from 'vitest';
import { lookAtStep } from '../../src/access/login-steps.ts';
import { setPassword } from '../../src/access/passwords.ts';
import { createSession, findSession } from '../../src/access/sessions.ts';
import { getUser } from '../../src/access/users.ts';
import { createTestContext } from '../support/context.ts';
import { seedNewsletter } from '../support/seed.ts';
import { inProcess } from './in-process.ts';

async function setUp() {
  // The commands' clock is the real one.
  const context = await createTestContext({}, new Date().toISOString());
  const run = (...args: string[]) => inProcess(context.environment, 'users', ...args);
  const json = async (...args: string[]) => JSON.parse((await run(...args, '--json')).out);
  return { context, run, json };
}

test('users are added with a link to log in, changed, kept out and removed', async () => {
  const { context, run, json } = await setUp();
  const { slug } = await context.db
    .selectFrom('newsletters')
    .select('slug')
    .where('id', '=', (await seedNewsletter(context, [])).id)
    .executeTakeFirstOrThrow();
  const made = await run('create', 'Ada@Example.com', '--role', 'admin', '--name', 'Ada');
  expect(made).toMatchObject({ code: 0, err: '' });
  const token = /^ {2}http:\/\/localhost:8080\/desk\/login\/link\?token=([\w-]{43})$/m.exec(made.out)?.[1];
  expect(await lookAtStep(context, 'link', token ?? '')).toMatchObject({ userId: 1, data: { how: 'cli' } });
  await expect(run('create', 'bo@example.com')).rejects.toMatchObject({ code: 'usage' });
  await expect(run('create', 'bo@example.com', '--newsletters', `${slug}=boss`)).rejects.toThrow(
    'no role "boss"',
  );
  const bo = await json('create', 'bo@example.com', '--newsletters', `${slug}=editor`, '--language', 'de');
  expect(bo).toMatchObject({ id: 2, role: null, newsletters: [{ role: 'editor' }], locale: 'de' });

  expect((await json('list')).map(({ email }: { email: string }) => email)).toEqual([
    'Ada@example.com',
    'bo@example.com',
  ]);
  expect((await run('list')).out).toMatch(/Ada@example\.com +Ada +admin/);
  await expect(run('edit', 'ada@example.com', '--role', 'editor')).rejects.toMatchObject({
    code: 'last-admin',
  });
  await expect(run('edit', 'bo@example.com')).rejects.toMatchObject({ code: 'usage' });
  expect(
    await json('edit', '2', '--role', 'viewer', '--newsletters', 'none', '--language', 'browser'),
  ).toMatchObject({ role: 'viewer', newsletters: [], locale: null });

  expect(await json('disable', 'bo@example.com')).toMatchObject({ disabledAt: expect.any(String) });
  await expect(run('link', 'bo@example.com')).rejects.toMatchObject({ code: 'state' });
  expect(await json('enable', '2')).toMatchObject({ disabledAt: null });
  expect((await run('link', '2')).out).toMatch(/token=[\w-]{43}\n$/);
  await expect(run('remove', '2')).rejects.toMatchObject({ code: 'usage' });
  await run('remove', '2', '--yes');
  await expect(run('show', '2')).rejects.toMatchObject({ code: 'not-found' });
});

test('sessions are shown and ended, keys are reset, and the log tells of it', async () => {
  const { context, run, json } = await setUp();
  await run('create', 'ada@example.com', '--role', 'admin');
  const user = await getUser(context, 1);
  await setPassword(context, user, 'seven quiet herons');
  const open = (ip: string) => createSession(context, 1, { ip, userAgent: 'Firefox', how: 'password' });
  const [one, two, three] = [await open('203.0.113.1'), await open('203.0.113.2'), await open('203.0.113.3')];
  const shown = await json('show', 'ada@example.com');
  expect(shown.sessions).toHaveLength(3);
  expect((await run('show', '1')).out).toContain('203.0.113.2');
  const id = shown.sessions.find(({ ip }: { ip: string }) => ip === '203.0.113.2').id;
  expect(await json('end-sessions', '1', '--session', String(id))).toEqual({ ended: 1 });
  expect(await findSession(context, two)).toBeUndefined();
  expect(await findSession(context, one)).toBeDefined();
  expect(await json('end-sessions', '1')).toEqual({ ended: 2 });
  expect(await findSession(context, three)).toBeUndefined();
  await expect(run('reset', '1')).rejects.toMatchObject({ code: 'usage' });
  expect(await json('reset', '1', '--password', '--codes')).toMatchObject({
    hasPassword: false,
    hasCode: false,
  });

  const first = await json('audit', '--limit', '3');
  expect(first.acts.map(({ act }: { act: string }) => act)).toEqual([
    'user.drop-codes',
    'user.drop-password',
    'user.end-sessions',
  ]);
  const rest = await json('audit', '--cursor', first.next);
  expect(rest).toMatchObject({
    acts: [{ act: 'user.end-sessions' }, { act: 'user.create', subject: 'ada@example.com', userEmail: null }],
    next: null,
  });
  expect((await json('audit', '--act', 'user.create', '--since', '1h')).acts).toHaveLength(1);
  expect((await json('audit', '--since', '2999-01-01')).acts).toEqual([]);
  expect((await run('audit', '--limit', '1')).out).toContain('There is more: add --cursor');
  await expect(run('audit', '--newsletter', 'nowhere')).rejects.toMatchObject({ code: 'not-found' });
});
