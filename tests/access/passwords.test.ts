import { scryptSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { checkPassword, passwordFault, setPassword } from '../../src/access/passwords.ts';
import { createUser } from '../../src/access/users.ts';
import { createTestContext } from '../support/context.ts';

test.each([
  ['correct horse battery', undefined],
  ['zwölf Zeichen?', undefined],
  ['eleven char', 'short'],
  ['x'.repeat(1_001), 'long'],
  ['aaaaaaaaaaaaaaaa', 'easy'],
  ['1234567890123456', 'easy'],
  ['qwertyuiopasdfghjkl', 'easy'],
  ['ada@example.com', 'easy'],
  ['Ada.Lovelace@Example', 'easy'],
  ['broadsheet-password-1', 'easy'],
] as const)('the password %j: %s', (password, fault) => {
  expect(
    passwordFault(password, password.startsWith('Ada.') ? 'ada.lovelace@example.com' : 'ada@example.com'),
  ).toBe(fault);
});

test('a password is kept as a slow hash, and checked in any form of its letters', async () => {
  const context = await createTestContext();
  const user = await createUser(context, { email: 'ada@example.com', role: 'editor' });
  await expect(setPassword(context, user, 'too short')).rejects.toMatchObject({
    code: 'password',
    details: { fault: 'short' },
  });
  await setPassword(context, user, 'grüne Wiese im Regen');
  const kept = async () =>
    (await context.db.selectFrom('users').select('password').executeTakeFirstOrThrow()).password ?? '';
  expect(await kept()).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$[\w+/]{22}\$[\w+/]{43}$/);
  expect(await checkPassword(context, user.id, 'grüne Wiese im Regen'.normalize('NFD'))).toBe(true);
  expect(await checkPassword(context, user.id, 'Grüne Wiese im Regen')).toBe(false);
  expect(await checkPassword(context, undefined, 'grüne Wiese im Regen')).toBe(false);

  // One that an older Node made is taken, and made anew.
  const salt = Buffer.from('0123456789abcdef');
  const old = scryptSync('an older password', salt, 32, { N: 1024, r: 8, p: 1 });
  const bare = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
  await context.db
    .updateTable('users')
    .set({ password: `$scrypt$ln=10,r=8,p=1$${bare(salt)}$${bare(old)}` })
    .execute();
  expect(await checkPassword(context, user.id, 'another password')).toBe(false);
  expect(await checkPassword(context, user.id, 'an older password')).toBe(true);
  expect(await kept()).toMatch(/^\$argon2id\$/);
  expect(await checkPassword(context, user.id, 'an older password')).toBe(true);
});
