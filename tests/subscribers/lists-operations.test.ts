import { expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { parseAddress } from '../../src/subscribers/address.ts';
import { createList, currentListId, findList, listLists } from '../../src/subscribers/lists.ts';
import { archiveList, renameList, unarchiveList } from '../../src/subscribers/lists-archive.ts';
import { mergeLists, previewMerge } from '../../src/subscribers/lists-merge.ts';
import { copyList, previewCarry, splitList } from '../../src/subscribers/lists-split.ts';
import { listStats } from '../../src/subscribers/lists-stats.ts';
import { previewRemoval, removeList } from '../../src/subscribers/lists-use.ts';
import { applyRetention } from '../../src/subscribers/retention.ts';
import { createSegment, findSegment } from '../../src/subscribers/segments/segments.ts';
import { confirm, subscribe, undoUnsubscribe, unsubscribe } from '../../src/subscribers/subscribe.ts';
import { isSuppressed, suppress } from '../../src/subscribers/suppression.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { seedNewsletter } from '../support/seed.ts';
import { seedHistory, seedPeople } from '../support/segment-people.ts';

/** `name state` of everybody on a list. */
async function on(context: TestContext, slug: string): Promise<string[]> {
  const { id } = await findList(context, slug);
  const rows = await context.db
    .selectFrom('subscriptions')
    .innerJoin('subscribers', 'subscribers.id', 'subscriptions.subscriber_id')
    .select(['email', 'state'])
    .where('list_id', '=', id)
    .orderBy('email')
    .execute();
  return rows.map(({ email, state }) => `${email.split('@')[0]} ${state}`);
}

const confirmed = { state: 'confirmed' } as const;
const pending = { state: 'pending' } as const;
const left = { state: 'unsubscribed', unsubscribed_at: '2026-10-01T00:00:00Z' } as const;

test('of two lists that are merged the stricter consent holds, for every pair of states', async () => {
  const context = await createTestContext();
  await seedPeople(context, [
    {
      email: 'cc@example.com',
      on: {
        old: { ...confirmed, frequency: 'weekly', muted_topics: ['sport'] },
        weekly: { ...confirmed, topics: ['sea'], muted_topics: ['war'] },
      },
    },
    { email: 'cp@example.com', on: { old: confirmed, weekly: pending } },
    { email: 'cu@example.com', on: { old: confirmed, weekly: left } },
    { email: 'pc@example.com', on: { old: pending, weekly: confirmed } },
    { email: 'pp@example.com', on: { old: pending, weekly: pending } },
    { email: 'uc@example.com', on: { old: left, weekly: confirmed } },
    { email: 'uu@example.com', on: { old: left, weekly: left } },
    { email: 'c@example.com', on: { old: confirmed } },
    { email: 'u@example.com', on: { old: left } },
    { email: 'w@example.com', on: { weekly: confirmed } },
  ]);
  const { id: oldId } = await findList(context, 'old');
  const newsletter = await seedNewsletter(context, [oldId]);
  await createSegment(context, { name: 'old-ones', filter: 'list = old and frequency = weekly' });

  const request = { from: ['old'], into: 'weekly' };
  const preview = await previewMerge(context, request);
  expect(preview.from[0]).toMatchObject({
    people: 9,
    added: 2,
    stricter: [{ from: 'confirmed', to: 'unsubscribed', people: 1 }],
    uses: { newsletters: ['harbour-post'], segments: ['old-ones'] },
  });
  expect(await on(context, 'old')).toHaveLength(9);

  const result = await mergeLists(context, request);
  expect(result).toMatchObject({ merged: [{ list: 'old', people: 9, added: 2 }], segments: ['old-ones'] });
  expect(await on(context, 'weekly')).toEqual([
    'c confirmed',
    'cc confirmed',
    'cp confirmed',
    'cu unsubscribed',
    'pc confirmed',
    'pp pending',
    'u unsubscribed',
    'uc unsubscribed',
    'uu unsubscribed',
    'w confirmed',
  ]);
  const both = await context.db
    .selectFrom('subscriptions')
    .innerJoin('subscribers', 'subscribers.id', 'subscriptions.subscriber_id')
    .selectAll('subscriptions')
    .where('email', '=', 'cc@example.com')
    .executeTakeFirstOrThrow();
  expect(both).toMatchObject({ frequency: 'weekly', topics: ['sea'] });
  expect(both.muted_topics.toSorted()).toEqual(['sport', 'war']);

  // Everything that named the list names the one that remains.
  expect((await findList(context, 'old')).slug).toBe('weekly');
  expect(await findSegment(context, 'old-ones')).toMatchObject({
    filter: 'list = weekly and frequency = weekly',
  });
  const sends = await context.db.selectFrom('newsletter_lists').selectAll().execute();
  expect(sends).toEqual([{ newsletter_id: newsletter.id, list_id: (await findList(context, 'weekly')).id }]);

  // The consent log tells what became of each.
  const log = await context.db
    .selectFrom('consent_log')
    .innerJoin('subscribers', 'subscribers.email_hash', 'consent_log.email_hash')
    .select(['email', 'act', 'evidence'])
    .where('via', '=', 'merge')
    .orderBy('email')
    .execute();
  expect(log.map(({ email, act }) => `${email.split('@')[0]} ${act}`)).toEqual([
    'c added',
    'cc changed',
    'cp changed',
    'cu changed',
    'pc changed',
    'pp changed',
    'u unsubscribed',
    'uc unsubscribed',
    'uu changed',
  ]);
  expect(log.find(({ email }) => email === 'pc@example.com')?.evidence).toMatchObject({
    from: 'old',
    state: 'confirmed',
    was: 'confirmed',
  });
});

test('what stops mail to a list stops it after a merge, also for addresses that are not known', async () => {
  const context = await createTestContext();
  for (const name of ['Old', 'Weekly']) await createList(context, { name, optIn: 'single' });
  const add = (email: string, list: string) => subscribe(context, { via: 'admin', email, list });
  const { subscriberId } = await add('ada@example.com', 'old');
  await add('ada@example.com', 'weekly');
  const old = await findList(context, 'old');
  await unsubscribe(context, subscriberId ?? 0, [old.id], { via: 'link' });
  const stranger = { hash: Buffer.alloc(32, 7), email: null };
  await suppress(context, { address: stranger, listId: old.id, reason: 'complaint' });
  const weekly = await findList(context, 'weekly');
  await suppress(context, { address: stranger, listId: weekly.id, reason: 'unsubscribe' });

  await mergeLists(context, { from: [old.id], into: 'weekly' });
  expect(await on(context, 'weekly')).toEqual(['ada unsubscribed']);
  expect(await isSuppressed(context, stranger.hash, weekly.id)).toMatchObject({ reason: 'complaint' });
  expect(await add('ada@example.com', 'weekly')).toMatchObject({ state: 'suppressed' });
});

test('who merely asked, and may not have done so themselves, keeps what they had confirmed; who had left has left', async () => {
  const context = await createTestContext();
  await seedPeople(context, [
    { email: 'asked@example.com', on: { old: pending, weekly: confirmed } },
    {
      email: 'returning@example.com',
      on: {
        old: { ...pending, confirmed_at: '2026-09-01T00:00:00Z', unsubscribed_at: '2026-10-01T00:00:00Z' },
        weekly: confirmed,
      },
    },
  ]);
  await mergeLists(context, { from: ['old'], into: 'weekly' });
  context.clock.advance(400 * 86_400_000);
  await applyRetention(context);
  expect(await on(context, 'weekly')).toEqual(['asked confirmed', 'returning unsubscribed']);
});

test('links that were mailed of a list lead to the one that it went into, and further', async () => {
  const context = await createTestContext();
  const [old, weekly, all] = [
    await createList(context, { name: 'Old' }),
    await createList(context, { name: 'Weekly' }),
    await createList(context, { name: 'All' }),
  ];
  const origin = { via: 'form' };
  const asked = await subscribe(context, { ...origin, email: 'asked@example.com', list: 'old' });
  const gone = await subscribe(context, {
    via: 'admin',
    email: 'gone@example.com',
    list: 'old',
    confirmed: true,
  });
  await unsubscribe(context, gone.subscriberId ?? 0, [old.id], { via: 'link' });
  await mergeLists(context, { from: ['old'], into: 'weekly' });
  await mergeLists(context, { from: ['weekly'], into: 'all' });
  expect(await currentListId(context, weekly.id)).toBe(all.id);
  expect(await confirm(context, asked.subscriberId ?? 0, old.id, { via: 'link' })).toEqual({
    state: 'confirmed',
  });
  expect(await undoUnsubscribe(context, gone.subscriberId ?? 0, [old.id], { via: 'undo' })).toEqual({
    resubscribed: [all.id],
  });
  expect(await on(context, 'all')).toEqual(['asked confirmed', 'gone confirmed']);
  expect(await isSuppressed(context, parseAddress('gone@example.com').hash, all.id)).toBeUndefined();
});

test('who leaves while lists are merged has left', async () => {
  const context = await createTestContext();
  const people = Array.from({ length: 60 }, (_, index) => `p${String(index).padStart(2, '0')}@example.com`);
  const ids = await seedPeople(
    context,
    people.map((email) => ({ email, on: { old: confirmed, weekly: confirmed } })),
  );
  const old = await findList(context, 'old');
  const weekly = await findList(context, 'weekly');
  const leaving = Object.values(ids).filter((_, index) => index % 3 === 0);
  const [, ...results] = await Promise.all([
    mergeLists(context, { from: ['old'], into: 'weekly' }),
    ...leaving.map((id) =>
      unsubscribe(context, id, [old.id, weekly.id], { via: 'link' }).then(
        () => true,
        () => false,
      ),
    ),
  ]);
  const states = await on(context, 'weekly');
  const gone = leaving.filter((_, index) => results[index]).length;
  // Each of those who were told that they have left, and nobody else.
  expect(states.filter((state) => state.endsWith('unsubscribed'))).toHaveLength(gone);
  expect(gone).toBe(leaving.length);
});

test('merging names what is wrong, and then changes nothing', async () => {
  const context = await createTestContext();
  await seedPeople(context, [{ email: 'a@example.com', on: { old: confirmed, weekly: confirmed } }]);
  const fails = (from: string[], into: string) =>
    expect(mergeLists(context, { from, into })).rejects.toThrow(UserError);
  await fails(['old'], 'old');
  await fails(['old', 'old'], 'weekly');
  await fails(['nope'], 'weekly');
  const { id } = await findList(context, 'old');
  const newsletter = await seedNewsletter(context, [id]);
  await context.db
    .insertInto('editions')
    .values({
      newsletter_id: newsletter.id,
      scheduled_for: context.clock.now(),
      state: 'sending',
      theme: 'broadsheet',
      language: 'en',
    })
    .execute();
  await expect(mergeLists(context, { from: ['old'], into: 'weekly' })).rejects.toMatchObject({
    code: 'busy',
  });
  await expect(removeList(context, 'old')).rejects.toMatchObject({ code: 'busy' });
  expect(await on(context, 'old')).toEqual(['a confirmed']);
});

test('a list is split by a segment, and each takes their consent along', async () => {
  const context = await createTestContext();
  await seedPeople(context, [
    { email: 'ada@example.com', tags: ['de'], on: { weekly: { ...confirmed, frequency: 'weekly' } } },
    { email: 'bob@example.com', on: { weekly: confirmed } },
    { email: 'cem@example.com', tags: ['de'], on: { weekly: left } },
    { email: 'eve@example.com', tags: ['de'] },
  ]);
  const { id } = await findList(context, 'weekly');
  await seedNewsletter(context, [id]);
  const hash = await context.db
    .selectFrom('subscribers')
    .select('email_hash')
    .where('email', '=', 'cem@example.com')
    .executeTakeFirstOrThrow();
  await suppress(context, {
    address: { hash: hash.email_hash, email: null },
    listId: id,
    reason: 'unsubscribe',
  });

  expect(await previewCarry(context, 'weekly', 'tag = de')).toMatchObject({ confirmed: 1, unsubscribed: 1 });
  const { into, people } = await splitList(context, 'weekly', {
    name: 'Weekly Germany',
    segment: 'tag = de',
  });
  expect(people).toBe(2);
  expect(await on(context, 'weekly')).toEqual(['bob confirmed']);
  expect(await on(context, 'weekly-germany')).toEqual(['ada confirmed', 'cem unsubscribed']);
  expect(await isSuppressed(context, hash.email_hash, into.id)).toMatchObject({ reason: 'unsubscribe' });
  expect(await context.db.selectFrom('newsletter_lists').selectAll().execute()).toHaveLength(2);
  expect((await listStats(context, 'weekly')).weeks.at(-1)).toMatchObject({ size: 1 });
});

test('a copy has the settings and people of a list, or the settings alone', async () => {
  const context = await createTestContext();
  await createList(context, { name: 'Weekly', optIn: 'single', topics: ['sea'], goodbye: true });
  await subscribe(context, { via: 'admin', email: 'ada@example.com', list: 'weekly' });
  const gone = await subscribe(context, { via: 'admin', email: 'bob@example.com', list: 'weekly' });
  await unsubscribe(context, gone.subscriberId ?? 0, 'all', { via: 'link' });
  const { into } = await copyList(context, 'weekly', { name: 'Twin' });
  expect(into).toMatchObject({ slug: 'twin', optIn: 'single', topics: ['sea'], goodbye: true });
  expect(await on(context, 'twin')).toEqual(['ada confirmed', 'bob unsubscribed']);
  expect(await on(context, 'weekly')).toEqual(['ada confirmed', 'bob unsubscribed']);
  await copyList(context, 'weekly', { name: 'Empty', people: false });
  expect(await on(context, 'empty')).toEqual([]);
  await expect(copyList(context, 'weekly', { name: 'Twin' })).rejects.toMatchObject({ code: 'exists' });
});

test('nobody can sign up to an archived list; it is hidden, and comes back as it was', async () => {
  const context = await createTestContext();
  await createList(context, { name: 'Weekly', optIn: 'single' });
  await subscribe(context, { via: 'admin', email: 'ada@example.com', list: 'weekly' });
  await archiveList(context, 'weekly');
  await expect(archiveList(context, 'weekly')).rejects.toMatchObject({ code: 'archived' });
  for (const via of ['form', 'admin', 'api'])
    await expect(subscribe(context, { via, email: 'bob@example.com', list: 'weekly' })).rejects.toMatchObject(
      { code: 'archived' },
    );
  expect(await listLists(context)).toEqual([]);
  expect(await listLists(context, { archived: true })).toHaveLength(1);
  await unarchiveList(context, 'weekly');
  expect(await on(context, 'weekly')).toEqual(['ada confirmed']);
  expect(await subscribe(context, { via: 'form', email: 'bob@example.com', list: 'weekly' })).toMatchObject({
    state: 'confirmed',
  });
});

test('a list that is renamed is found by both names, and segments follow', async () => {
  const context = await createTestContext();
  await createList(context, { name: 'Weekly' });
  await createList(context, { name: 'Daily' });
  await createSegment(context, { name: 'readers', filter: 'list in (weekly, daily) and tag = weekly' });
  const list = await renameList(context, 'weekly', { slug: 'sunday', name: 'The Sunday Letter' });
  expect(list).toMatchObject({
    slug: 'sunday',
    name: 'The Sunday Letter',
    before: 'weekly',
    segments: ['readers'],
  });
  expect((await findList(context, 'weekly')).id).toBe(list.id);
  expect((await findSegment(context, 'readers')).filter).toBe('list in (sunday, daily) and tag = weekly');
  await expect(renameList(context, 'sunday', { slug: 'daily' })).rejects.toMatchObject({ code: 'exists' });
  await expect(renameList(context, 'sunday', { slug: 'Sun day' })).rejects.toMatchObject({ code: 'usage' });
  // The name belongs to whichever list has it now.
  const other = await createList(context, { name: 'Weekly' });
  expect((await findList(context, 'weekly')).id).toBe(other.id);
});

test('a list is removed with its subscriptions, and not while a segment names it', async () => {
  const context = await createTestContext();
  await seedPeople(context, [
    { email: 'ada@example.com', on: { weekly: confirmed, daily: confirmed } },
    { email: 'bob@example.com', on: { weekly: pending } },
  ]);
  const { id } = await findList(context, 'weekly');
  await seedNewsletter(context, [id]);
  await createSegment(context, { name: 'readers', filter: 'list = weekly' });
  await expect(removeList(context, 'weekly')).rejects.toMatchObject({ code: 'in-use' });
  await context.db.deleteFrom('segments').execute();
  const preview = await previewRemoval(context, 'weekly');
  expect(preview).toMatchObject({
    confirmed: 1,
    pending: 1,
    onNoOther: 1,
    uses: { newsletters: ['harbour-post'], onlyList: ['harbour-post'] },
  });
  await removeList(context, 'weekly');
  expect(await on(context, 'daily')).toEqual(['ada confirmed']);
  expect(await context.db.selectFrom('subscribers').select('id').execute()).toHaveLength(2);
});

test('statistics follow people who come, leave and come back, week by week', async () => {
  const context = await createTestContext({}, '2026-11-03T08:00:00Z');
  await createList(context, { name: 'Weekly' });
  const week = 7 * 86_400_000;
  const ask = async (email: string) =>
    (await subscribe(context, { via: 'form', email, list: 'weekly' })).subscriberId ?? 0;
  const { id: listId } = await findList(context, 'weekly');
  const says = (subscriberId: number) => confirm(context, subscriberId, listId, { via: 'link' });
  const ada = await ask('ada@example.com');
  const bob = await ask('bob@example.com');
  await says(ada);
  await says(ada);
  context.clock.advance(week);
  await says(bob);
  const cem = (
    await subscribe(context, { via: 'admin', email: 'cem@example.com', list: 'weekly', confirmed: true })
  ).subscriberId;
  context.clock.advance(week);
  await unsubscribe(context, ada, 'all', { via: 'one-click' });
  await ask('dora@example.com');
  context.clock.advance(week);
  await says(ada);
  await seedHistory(context, [listId], {
    '2026-11-24T06:00:00Z': [
      { person: ada, what: 'received', at: '2026-11-24T06:01:00Z' },
      { person: bob, what: 'received', at: '2026-11-24T06:01:00Z' },
      { person: cem ?? 0, what: 'received', at: '2026-11-24T06:01:00Z' },
      { person: ada, what: 'open', at: '2026-11-24T07:00:00Z' },
      { person: ada, what: 'click', at: '2026-11-24T07:01:00Z' },
      { person: bob, what: 'open', at: '2026-11-24T07:00:00Z' },
      { person: cem ?? 0, what: 'open', source: 'scanner', at: '2026-11-24T06:01:01Z' },
    ],
  });
  const { weeks, sources, list } = await listStats(context, 'weekly', 5);
  expect(weeks.map(({ week: monday, size, joined, left: gone }) => [monday, size, joined, gone])).toEqual([
    ['2026-10-26', 0, 0, 0],
    ['2026-11-02', 1, 1, 0],
    ['2026-11-09', 3, 2, 0],
    ['2026-11-16', 2, 0, 1],
    ['2026-11-23', 3, 1, 0],
  ]);
  expect(weeks.map(({ churn }) => churn)).toEqual([null, null, 0, 1 / 3, 0]);
  expect(weeks.at(-1)).toMatchObject({ editions: 1, delivered: 3, opened: 2, clicked: 1 });
  expect(sources).toEqual([
    { source: 'form', joined: 3 },
    { source: 'admin', joined: 1 },
  ]);
  expect(list).toMatchObject({ confirmed: 3, pending: 1 });
});
