import { expect, test } from 'vitest';
import { createList, findList, listLists, showList } from '../../src/subscribers/lists.ts';
import { subscribe } from '../../src/subscribers/subscribe.ts';
import { createTestContext } from '../support/context.ts';

test('a list is found by its slug and by its id', async () => {
  const context = await createTestContext();
  const list = await createList(context, { name: 'Café & Küche', topics: ['Bread', ' bread ', 'Soup'] });
  expect(list).toMatchObject({ slug: 'cafe-kuche', optIn: 'double', topics: ['bread', 'soup'] });
  expect(await findList(context, 'cafe-kuche')).toEqual(list);
  expect(await findList(context, list.id)).toEqual(list);
  expect(await findList(context, String(list.id))).toEqual(list);
});

test('a list that does not exist is answered with those that do', async () => {
  const context = await createTestContext();
  await expect(findList(context, 'weekly')).rejects.toMatchObject({
    hint: expect.stringContaining('broadsheet lists create'),
  });
  await createList(context, { name: 'Daily' });
  await expect(findList(context, 'weekly')).rejects.toMatchObject({
    message: 'There is no list "weekly".',
    hint: 'There is daily.',
  });
});

test('a slug is taken once', async () => {
  const context = await createTestContext();
  const make = () => createList(context, { name: 'Weekly' });
  const results = await Promise.allSettled([make(), make()]);
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  await expect(make()).rejects.toThrow('There is a list "weekly" already.');
});

test.each([
  [{ name: ' \r\n ' }, 'needs a name'],
  [{ name: '会議' }, 'No short name'],
  [{ name: '2026' }, 'No short name'],
  [{ name: 'Weekly', slug: 'Week ly' }, 'cannot be'],
  [{ name: 'Weekly', slug: '7' }, 'cannot be'],
])('%j is refused', async (request, message) => {
  const context = await createTestContext();
  await expect(createList(context, request)).rejects.toThrow(message);
});

test('lists are counted by the state of their subscriptions', async () => {
  const context = await createTestContext();
  await createList(context, { name: 'Weekly' });
  await createList(context, { name: 'Empty' });
  const add = (email: string, confirmed: boolean) =>
    subscribe(context, { via: 'admin', email, list: 'weekly', confirmed });
  await add('a@example.com', true);
  await add('b@example.com', true);
  await add('c@example.com', false);
  expect(await listLists(context)).toMatchObject([
    { slug: 'empty', confirmed: 0, pending: 0, unsubscribed: 0 },
    { slug: 'weekly', confirmed: 2, pending: 1, unsubscribed: 0 },
  ]);
  expect(await showList(context, 'weekly')).toMatchObject({ confirmed: 2, pending: 1 });
});
