import { expect, test } from 'vitest';
import { Teller } from '../../src/notify/deliver.ts';
import { createList } from '../../src/subscribers/lists.ts';
import { subscribe } from '../../src/subscribers/subscribe.ts';
import { isSigned, startReceiver } from '../notify/receiver.ts';
import { createTestContext } from '../support/context.ts';
import { inProcess } from './in-process.ts';

test('tokens are made, shown once, listed and revoked', async () => {
  const context = await createTestContext();
  const run = (...args: string[]) => inProcess(context.environment, 'tokens', ...args);
  const made = await run('create', 'Shop', '--scopes', 'subscribers:write, lists:read', '--expires', '90d');
  expect(made).toMatchObject({ code: 0, err: '' });
  const token = /^ {2}(bs_[\w-]{43})$/m.exec(made.out)?.[1] ?? 'none';
  expect(token).not.toBe('none');
  const listed = await run('list', '--json');
  expect(JSON.parse(listed.out)).toMatchObject([
    { id: 1, name: 'Shop', scopes: ['subscribers:write', 'lists:read'], revokedAt: null },
  ]);
  const table = await run('list');
  expect(table.out).toMatch(/Shop +bs_\w+… +subscribers:write, lists:read/);
  for (const { out } of [listed, table]) expect(out).not.toContain(token);

  await expect(run('create', 'Other', '--scopes', 'everything')).rejects.toMatchObject({
    code: 'usage',
    message: 'There is no scope "everything".',
  });
  await expect(run('create', 'Other', '--scopes', 'read', '--expires', 'soon')).rejects.toThrow(
    'length of time',
  );
  await expect(run('revoke', 'Shop')).rejects.toMatchObject({ code: 'usage' });
  expect(await run('revoke', 'Shop', '--dry-run')).toMatchObject({ code: 0 });
  expect(JSON.parse((await run('list', '--json')).out)[0].revokedAt).toBeNull();
  expect(await run('revoke', 'Shop', '--yes')).toMatchObject({ code: 0 });
  expect(JSON.parse((await run('list', '--json')).out)[0].revokedAt).not.toBeNull();
  await expect(run('revoke', 'Shop', '--yes')).rejects.toMatchObject({ code: 'not-found' });
});

test('webhooks are made, looked at, sent again, paused and removed', async () => {
  const context = await createTestContext();
  const run = async (...args: string[]) => {
    const { code, out, err } = await inProcess(context.environment, 'webhooks', ...args, '--json');
    return { code, err, result: out ? JSON.parse(out) : undefined };
  };
  let status = 500;
  const receiver = await startReceiver((response) => response.writeHead(status).end());
  const { result: made } = await run(
    'create',
    receiver.url,
    '--events',
    'subscriber.subscribed',
    '--name',
    'CRM',
  );
  expect(made).toMatchObject({ id: 1, name: 'CRM', events: ['subscriber.subscribed'] });
  expect(made.secret).toMatch(/^whsec_/);
  await expect(run('create', 'ftp://example.com')).rejects.toMatchObject({ code: 'usage' });
  await expect(run('create', receiver.url, '--events', 'nothing')).rejects.toMatchObject({ code: 'usage' });

  await createList(context, { name: 'Weekly', optIn: 'single' });
  await subscribe(context, { via: 'admin', email: 'ada@example.com', list: 'weekly' });
  const teller = new Teller(context);
  const tell = async () => {
    await teller.look();
    await teller.settle();
  };
  for (let hour = 0; hour < 24 && receiver.posts.length < 8; hour++) {
    for (let turn = 0; turn < 4; turn++) {
      await tell();
      context.clock.advance(900_000);
    }
  }
  expect((await run('list')).result).toMatchObject([{ id: 1, waiting: 0, delivered: 0, dead: 1 }]);
  expect((await run('deliveries', '1', '--state', 'dead')).result).toMatchObject([
    { kind: 'subscriber.subscribed', attempts: 8, status: 500, detail: 'it answered 500' },
  ]);
  status = 200;
  // The command's clock is the real one, which is behind the test's: what it sends again is due at once.
  context.clock.set(new Date(Date.now() + 3_600_000));
  expect((await run('resend', '1')).result).toEqual({ resent: 1 });
  await tell();
  expect(receiver.posts).toHaveLength(9);
  expect(isSigned(receiver.posts.at(-1) as (typeof receiver.posts)[0], made.secret)).toBe(true);
  const shown = await run('show', '1');
  expect(shown.result).toMatchObject({ delivered: 1, dead: 0 });
  expect(JSON.stringify(shown.result)).not.toContain(made.secret);

  expect((await run('pause', '1')).result.pausedBecause).toBe('paused by hand');
  expect((await run('resume', '1')).result.pausedAt).toBeNull();
  await expect(run('remove', '1')).rejects.toMatchObject({ code: 'usage' });
  expect((await run('remove', '1', '--yes')).code).toBe(0);
  await expect(run('show', '1')).rejects.toThrow('There is no webhook 1.');
});
