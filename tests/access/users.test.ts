import { expect, test } from 'vitest';
import { may, visibleNewsletters } from '../../src/access/roles.ts';
import {
  createUser,
  editUser,
  findUserByEmail,
  listUsers,
  parseNewsletterRoles,
  removeUser,
  setUserDisabled,
  type User,
} from '../../src/access/users.ts';
import { createTestContext } from '../support/context.ts';
import { seedNewsletter } from '../support/seed.ts';

const someone = (fields: Partial<User>): User => ({
  id: 1,
  email: 'ada@example.com',
  name: '',
  role: null,
  newsletters: [],
  locale: null,
  disabledAt: null,
  ...fields,
});

test('roles allow what they are for, everywhere or for a newsletter', () => {
  const acts = ['view', 'edit', 'approve', 'administer'] as const;
  const allowed = (user: User, newsletterId?: number) => acts.filter((act) => may(user, act, newsletterId));
  expect(allowed(someone({ role: 'viewer' }), 7)).toEqual(['view']);
  expect(allowed(someone({ role: 'editor' }), 7)).toEqual(['view', 'edit', 'approve']);
  expect(allowed(someone({ role: 'admin' }))).toEqual([...acts]);
  expect(allowed(someone({ role: 'admin', disabledAt: new Date() }))).toEqual([]);

  const ofOne = someone({ newsletters: [{ newsletterId: 7, role: 'editor' }] });
  expect(allowed(ofOne, 7)).toEqual(['view', 'edit', 'approve']);
  expect(allowed(ofOne, 8)).toEqual([]);
  // They see the desk, and change nothing that is everybody's.
  expect(allowed(ofOne)).toEqual(['view']);
  expect(visibleNewsletters(ofOne)).toEqual([7]);

  const both = someone({ role: 'viewer', newsletters: [{ newsletterId: 7, role: 'admin' }] });
  expect(allowed(both, 7)).toEqual([...acts]);
  expect(allowed(both, 8)).toEqual(['view']);
  expect(visibleNewsletters(both)).toBeUndefined();
});

test('users are made once for an address, found by any spelling, changed and removed', async () => {
  const context = await createTestContext();
  const newsletter = await seedNewsletter(context, []);
  const admin = await createUser(context, { email: 'Root@Example.com', role: 'admin' });
  await expect(createUser(context, { email: 'root@EXAMPLE.com', role: 'viewer' })).rejects.toMatchObject({
    code: 'exists',
  });
  await expect(createUser(context, { email: 'no address', role: 'viewer' })).rejects.toMatchObject({
    code: 'address',
  });
  await expect(createUser(context, { email: 'none@example.com' })).rejects.toThrow('needs a role');
  expect(await findUserByEmail(context, 'ROOT@example.com')).toMatchObject({ id: admin.id, role: 'admin' });

  const slug = (
    await context.db
      .selectFrom('newsletters')
      .select('slug')
      .where('id', '=', newsletter.id)
      .executeTakeFirstOrThrow()
  ).slug;
  await expect(parseNewsletterRoles(context, ['nowhere=editor'])).rejects.toThrow('no newsletter "nowhere"');
  await expect(parseNewsletterRoles(context, [`${slug}=boss`])).rejects.toThrow('no role "boss"');
  const editor = await createUser(context, {
    email: 'ed@example.com',
    name: '  Ed\nitor ',
    newsletters: await parseNewsletterRoles(context, [`${slug}=editor`]),
  });
  expect(editor).toMatchObject({
    name: 'Ed itor',
    role: null,
    newsletters: [{ newsletterId: newsletter.id, role: 'editor' }],
  });
  // A role must be left, and what is not named stays.
  await expect(editUser(context, editor.id, { newsletters: [] })).rejects.toThrow('needs a role');
  expect(await editUser(context, editor.id, { role: 'viewer' })).toMatchObject({
    name: 'Ed itor',
    newsletters: [{ role: 'editor' }],
  });
  await removeUser(context, editor.id);
  expect((await listUsers(context)).map(({ email }) => email)).toEqual(['Root@example.com']);
});

test('an admin is always left, even if two take the role from each other at once', async () => {
  const context = await createTestContext();
  const one = await createUser(context, { email: 'one@example.com', role: 'admin' });
  for (const act of [
    () => editUser(context, one.id, { role: 'editor' }),
    () => setUserDisabled(context, one.id, true),
    () => removeUser(context, one.id),
  ])
    await expect(act()).rejects.toMatchObject({ code: 'last-admin' });
  const two = await createUser(context, { email: 'two@example.com', role: 'admin' });
  const results = await Promise.allSettled([
    editUser(context, one.id, { role: 'viewer' }),
    setUserDisabled(context, two.id, true),
  ]);
  expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  const left = (await listUsers(context)).filter((user) => user.role === 'admin' && !user.disabledAt);
  expect(left).toHaveLength(1);
});
