import { Secret, TOTP } from 'otpauth';
import { expect, test } from 'vitest';
import {
  beginCodes,
  begunCodes,
  confirmCodes,
  countRecoveryCodes,
  removeCodes,
  takeCode,
} from '../../src/access/totp.ts';
import { createUser } from '../../src/access/users.ts';
import { createTestContext } from '../support/context.ts';

async function start() {
  const context = await createTestContext();
  const user = await createUser(context, { email: 'ada@example.com', role: 'editor' });
  const setup = await beginCodes(context, user);
  const totp = new TOTP({ secret: Secret.fromBase32(setup?.secret.replaceAll('-', '') ?? '') });
  const code = (aside = 0) => totp.generate({ timestamp: context.clock.now().getTime() + aside * 30_000 });
  return { context, user, setup, code };
}

test('codes are asked for once a first one was right, and each is taken once', async () => {
  const { context, user, setup, code } = await start();
  expect(setup?.uri).toMatch(/^otpauth:\/\/totp\/Broadsheet.*ada(%40|@)example\.com\?.*secret=[A-Z2-7]{32}/);
  expect(await begunCodes(context, user)).toEqual(setup);
  expect(await takeCode(context, user.id, code())).toBeUndefined();
  expect(await confirmCodes(context, user.id, code(5))).toBeUndefined();
  const recovery = await confirmCodes(context, user.id, code());
  expect(recovery).toHaveLength(10);
  expect(await begunCodes(context, user)).toBeUndefined();
  expect(await beginCodes(context, user)).toBeUndefined();

  // The one that confirmed is used up, and so is everything before it.
  expect(await takeCode(context, user.id, code())).toBeUndefined();
  expect(await takeCode(context, user.id, code(-1))).toBeUndefined();
  const next = code(1);
  const taken = await Promise.all(
    [1, 2, 3].map(() => takeCode(context, user.id, `${next.slice(0, 3)} ${next.slice(3)}`)),
  );
  expect(taken.filter(Boolean)).toEqual(['code']);
  context.clock.advance(90_000);
  expect(await takeCode(context, user.id, code(-2))).toBeUndefined();
  expect(await takeCode(context, user.id, code(-1))).toBe('code');
});

test('recovery codes stand in for the phone, each once, and nothing of them or the secret is kept in plain', async () => {
  const { context, user, setup, code } = await start();
  const recovery = (await confirmCodes(context, user.id, code())) ?? [];
  const { rows } = await context.database.pool.query(
    `select string_agg(encode(code_hash, 'escape'), ' ') as codes, (select encode(totp_secret, 'escape') from users) as secret
     from user_recovery_codes`,
  );
  expect(JSON.stringify(rows)).not.toContain(setup?.secret.replaceAll('-', ''));
  expect(JSON.stringify(rows)).not.toContain(recovery[0]?.replaceAll('-', ''));

  expect(await takeCode(context, user.id, ` ${recovery[3]?.toUpperCase()} `)).toBe('recovery');
  expect(await takeCode(context, user.id, recovery[3] ?? '')).toBeUndefined();
  expect(await countRecoveryCodes(context, user.id)).toBe(9);
  await removeCodes(context, user.id);
  expect(await takeCode(context, user.id, recovery[4] ?? '')).toBeUndefined();
  expect(await beginCodes(context, user)).toBeDefined();
});

test('a secret that was sealed by another installation takes no code', async () => {
  const { context, user, code } = await start();
  const recovery = (await confirmCodes(context, user.id, code())) ?? [];
  const other = {
    ...context,
    config: { ...context.config, secret: 'another-secret-that-is-long-enough-too' },
  };
  expect(await takeCode(other, user.id, code(1))).toBeUndefined();
  expect(await takeCode(other, user.id, recovery[0] ?? '')).toBe('recovery');
});
