import { expect, test } from 'vitest';
import type { Context } from '../../src/context.ts';
import { parseAddress } from '../../src/subscribers/address.ts';
import { findSubscriber, listSubscribers, showSubscriber } from '../../src/subscribers/find.ts';
import { createList } from '../../src/subscribers/lists.ts';
import { archiveList } from '../../src/subscribers/lists-archive.ts';
import {
  confirm,
  removeSubscriber,
  subscribe,
  undoUnsubscribe,
  unsubscribe,
  updatePreferences,
} from '../../src/subscribers/subscribe.ts';
import { isSuppressed, suppress } from '../../src/subscribers/suppression.ts';
import { createTestContext } from '../support/context.ts';

const form = { via: 'form', ip: '203.0.113.7' };
const admin = { via: 'admin' };

async function withLists() {
  const context = await createTestContext();
  const weekly = await createList(context, { name: 'Weekly', topics: ['science', 'sport'] });
  const daily = await createList(context, { name: 'Daily', optIn: 'single' });
  return { context, weekly, daily };
}

async function stateOf(context: Context, email: string, slug: string) {
  const { subscriptions } = await showSubscriber(context, email);
  return subscriptions.find((subscription) => subscription.slug === slug)?.state;
}

test('a double opt-in list waits for the confirmation, and the log keeps both steps', async () => {
  const { context, weekly } = await withLists();
  const asked = await subscribe(context, { ...form, email: 'anna@example.com', list: 'weekly' });
  expect(asked).toMatchObject({ state: 'pending', needsConfirmation: true });
  expect(await stateOf(context, 'anna@example.com', 'weekly')).toBe('pending');

  context.clock.advance(60_000);
  const origin = { via: 'link', ip: '203.0.113.9' };
  expect(await confirm(context, asked.subscriberId ?? 0, weekly.id, origin)).toEqual({ state: 'confirmed' });
  expect(await confirm(context, asked.subscriberId ?? 0, weekly.id, origin)).toEqual({ state: 'already' });
  const { consent } = await showSubscriber(context, 'anna@example.com');
  expect(consent.map(({ act, list, via, ip }) => [act, list, via, ip])).toEqual([
    ['confirmed', 'weekly', 'link', '203.0.113.9'],
    ['requested', 'weekly', 'form', '203.0.113.7'],
  ]);
});

test('a single opt-in list takes someone at once', async () => {
  const { context } = await withLists();
  const result = await subscribe(context, { ...form, email: 'anna@example.com', list: 'daily' });
  expect(result).toMatchObject({ state: 'confirmed', needsConfirmation: false });
});

test('two calls at once make one subscriber', async () => {
  const { context } = await withLists();
  const spellings = ['anna@example.com', 'Anna@example.com', 'ANNA@EXAMPLE.COM', 'anna@Example.com'];
  const results = await Promise.all(
    spellings.map((email) => subscribe(context, { ...form, email, list: 'weekly' })),
  );
  expect(new Set(results.map((result) => result.subscriberId)).size).toBe(1);
  expect(await listSubscribers(context)).toHaveLength(1);
});

test('a form changes nothing about a person who is subscribed already', async () => {
  const { context } = await withLists();
  await subscribe(context, {
    ...admin,
    email: 'anna@example.com',
    list: 'daily',
    name: 'Anna',
    confirmed: true,
  });
  const again = await subscribe(context, {
    ...form,
    email: 'anna@example.com',
    list: 'daily',
    name: 'Mallory',
    topics: ['sport'],
  });
  expect(again.state).toBe('already');
  const person = await showSubscriber(context, 'anna@example.com');
  expect(person).toMatchObject({ name: 'Anna', subscriptions: [{ state: 'confirmed', topics: [] }] });
});

test('an admin changes name and topics of a person who is subscribed already', async () => {
  const { context } = await withLists();
  await subscribe(context, { ...admin, email: 'anna@example.com', list: 'daily' });
  await subscribe(context, {
    ...admin,
    email: 'anna@example.com',
    list: 'daily',
    name: 'Anna',
    topics: ['Sport'],
  });
  const person = await showSubscriber(context, 'anna@example.com');
  expect(person).toMatchObject({ name: 'Anna', subscriptions: [{ topics: ['sport'] }] });
});

test('names lose line breaks and invisible characters', async () => {
  const { context } = await withLists();
  const name = 'Anna\r\nBcc: all@example.com\u202e\u0000';
  await subscribe(context, { ...form, email: 'anna@example.com', list: 'weekly', name });
  expect((await showSubscriber(context, 'anna@example.com')).name).toBe('Anna Bcc: all@example.com');
});

test.each([
  [{ timeZone: 'Mars/Olympus' }, 'not a time zone'],
  [{ timeZone: '+02:00' }, 'not a time zone'],
  [{ language: 'not a language' }, 'not a language'],
  [{ frequency: 'hourly' }, 'not a frequency'],
  [{ list: 'no-such-list' }, 'There is no list "no-such-list"'],
])('%j is refused and nobody is subscribed', async (wrong, message) => {
  const { context } = await withLists();
  const request = { ...form, email: 'anna@example.com', list: 'weekly', ...wrong };
  await expect(subscribe(context, request)).rejects.toThrow(message);
  expect(await listSubscribers(context)).toEqual([]);
});

test('who left a list does not come back by an admin, nor by a form without confirming', async () => {
  const { context, daily } = await withLists();
  const { subscriberId } = await subscribe(context, { ...form, email: 'anna@example.com', list: 'daily' });
  await unsubscribe(context, subscriberId ?? 0, [daily.id], { via: 'page' });
  expect(await stateOf(context, 'anna@example.com', 'daily')).toBe('unsubscribed');

  const byAdmin = { ...admin, email: 'anna@example.com', list: 'daily', confirmed: true };
  expect(await subscribe(context, byAdmin)).toMatchObject({
    state: 'suppressed',
    suppression: 'unsubscribe',
  });
  // The list is single opt-in, and still asks: anyone could have typed the address.
  const byForm = await subscribe(context, { ...form, email: 'anna@example.com', list: 'daily' });
  expect(byForm).toMatchObject({ state: 'pending', needsConfirmation: true });
  expect(await isSuppressed(context, parseAddress('anna@example.com').hash, daily.id)).toBeTruthy();

  expect(await confirm(context, subscriberId ?? 0, daily.id, { via: 'link' })).toEqual({
    state: 'confirmed',
  });
  expect(await isSuppressed(context, parseAddress('anna@example.com').hash, daily.id)).toBeUndefined();
  expect((await showSubscriber(context, 'anna@example.com')).consent[0]?.act).toBe('resubscribed');
});

test.each(['bounce', 'complaint', 'erasure', 'manual'] as const)(
  'an address suppressed by %s is subscribed by nobody who does not say why',
  async (reason) => {
    const { context } = await withLists();
    await suppress(context, { address: parseAddress('anna@example.com'), reason });
    for (const origin of [form, admin]) {
      const request = { ...origin, email: 'anna@example.com', list: 'daily', confirmed: true };
      expect(await subscribe(context, request)).toMatchObject({
        subscriberId: null,
        state: 'suppressed',
        suppression: reason,
      });
    }
    expect(await listSubscribers(context)).toEqual([]);

    const lifting = { email: 'anna@example.com', list: 'daily', liftSuppression: 'She wrote to us' };
    // A form cannot lift anything.
    expect(await subscribe(context, { ...form, ...lifting })).toMatchObject({ state: 'suppressed' });
    expect(await subscribe(context, { ...admin, ...lifting })).toMatchObject({ state: 'confirmed' });
    const { consent } = await showSubscriber(context, 'anna@example.com');
    expect(consent.at(-1)?.evidence).toMatchObject({ lifted: [reason], because: 'She wrote to us' });
  },
);

test('a confirmation link does not open what a complaint closed', async () => {
  const { context, weekly } = await withLists();
  const { subscriberId } = await subscribe(context, { ...form, email: 'anna@example.com', list: 'weekly' });
  await suppress(context, { address: parseAddress('anna@example.com'), reason: 'complaint' });
  expect(await confirm(context, subscriberId ?? 0, weekly.id, { via: 'link' })).toEqual({
    state: 'suppressed',
  });
  expect(await stateOf(context, 'anna@example.com', 'weekly')).toBe('pending');
});

test('leaving everything holds for lists the person was never on', async () => {
  const { context, weekly, daily } = await withLists();
  const { subscriberId } = await subscribe(context, { ...form, email: 'anna@example.com', list: 'daily' });
  expect(await unsubscribe(context, subscriberId ?? 0, 'all', { via: 'page' })).toEqual({ left: [daily.id] });
  expect(await unsubscribe(context, subscriberId ?? 0, 'all', { via: 'page' })).toEqual({ left: [] });
  const byAdmin = { ...admin, email: 'anna@example.com', list: 'weekly' };
  expect(await subscribe(context, byAdmin)).toMatchObject({ state: 'suppressed' });

  // Confirming one list by link opens that list, and leaves the other closed.
  const again = await subscribe(context, { ...form, email: 'anna@example.com', list: 'weekly' });
  await confirm(context, again.subscriberId ?? 0, weekly.id, { via: 'link' });
  expect(await stateOf(context, 'anna@example.com', 'weekly')).toBe('confirmed');
  expect(await subscribe(context, { ...byAdmin, list: 'daily' })).toMatchObject({ state: 'suppressed' });
});

test('confirming one list brings back none of the others that an opt-out from everything had stopped', async () => {
  const { context, weekly, daily } = await withLists();
  const third = await createList(context, { name: 'Third' });
  const origin = { via: 'link' };
  const { subscriberId } = await subscribe(context, { ...form, email: 'anna@example.com', list: 'daily' });
  const address = parseAddress('anna@example.com');
  await suppress(context, { address, reason: 'unsubscribe', note: 'old provider' });
  context.clock.advance(1000);
  expect(await subscribe(context, { ...form, email: 'anna@example.com', list: 'weekly' })).toMatchObject({
    state: 'pending',
  });
  expect(await confirm(context, subscriberId ?? 0, weekly.id, origin)).toEqual({ state: 'confirmed' });
  expect(await isSuppressed(context, address.hash, weekly.id)).toBeUndefined();
  for (const { id } of [daily, third])
    expect(await isSuppressed(context, address.hash, id)).toMatchObject({
      reason: 'unsubscribe',
      note: 'old provider',
    });
  expect(await stateOf(context, 'anna@example.com', 'daily')).toBe('unsubscribed');
  const { consent } = await showSubscriber(context, 'anna@example.com');
  expect(consent.find(({ list, act }) => list === 'daily' && act === 'unsubscribed')).toMatchObject({
    via: 'link',
    evidence: { leftEverything: expect.any(String) },
  });
  expect(await confirm(context, subscriberId ?? 0, daily.id, origin)).toEqual({ state: 'confirmed' });
  expect(await isSuppressed(context, address.hash, daily.id)).toBeUndefined();
});

test('an admin who lets one list come again after a complaint lets no other come', async () => {
  const { context, weekly, daily } = await withLists();
  await subscribe(context, { ...form, email: 'anna@example.com', list: 'daily' });
  const address = parseAddress('anna@example.com');
  await suppress(context, { address, reason: 'complaint' });
  await subscribe(context, {
    ...{ ...admin, email: 'anna@example.com', list: 'weekly', confirmed: true },
    liftSuppression: 'Wrote that it was a slip',
  });
  expect(await isSuppressed(context, address.hash, weekly.id)).toBeUndefined();
  expect(await isSuppressed(context, address.hash, daily.id)).toMatchObject({ reason: 'complaint' });
});

test('undoing an unsubscription from everything leaves no trace of it; of one list, the others stay left', async () => {
  const { context, weekly, daily } = await withLists();
  const other = await createList(context, { name: 'Other' });
  const { subscriberId } = await subscribe(context, { ...form, email: 'anna@example.com', list: 'daily' });
  const id = subscriberId ?? 0;
  const { hash } = parseAddress('anna@example.com');
  await unsubscribe(context, id, 'all', { via: 'page' });
  context.clock.advance(1000);
  expect(await undoUnsubscribe(context, id, [daily.id], { via: 'undo' })).toEqual({
    resubscribed: [daily.id],
  });
  for (const list of [weekly, daily, other])
    expect(await isSuppressed(context, hash, list.id)).toBeUndefined();

  await unsubscribe(context, id, [daily.id], { via: 'page' });
  context.clock.advance(1000);
  await unsubscribe(context, id, 'all', { via: 'page' });
  await undoUnsubscribe(context, id, [daily.id], { via: 'undo' });
  expect(await isSuppressed(context, hash, daily.id)).toBeUndefined();
  expect(await isSuppressed(context, hash, other.id)).toMatchObject({ reason: 'unsubscribe' });
});

test('nobody comes to a list that is archived, by a link or by preferences', async () => {
  const { context, weekly } = await withLists();
  const { subscriberId } = await subscribe(context, { ...form, email: 'anna@example.com', list: 'weekly' });
  await archiveList(context, weekly.id);
  expect(await confirm(context, subscriberId ?? 0, weekly.id, { via: 'link' })).toEqual({ state: 'closed' });
  await updatePreferences(
    context,
    subscriberId ?? 0,
    { lists: [{ listId: weekly.id, subscribed: true }] },
    { via: 'preferences' },
  );
  expect(await stateOf(context, 'anna@example.com', 'weekly')).toBe('pending');
});

test('leaving twice is logged once', async () => {
  const { context, daily } = await withLists();
  const { subscriberId } = await subscribe(context, { ...form, email: 'anna@example.com', list: 'daily' });
  const leave = () => unsubscribe(context, subscriberId ?? 0, [daily.id], { via: 'one-click' });
  const results = await Promise.all([leave(), leave(), leave()]);
  expect(results.flatMap(({ left }) => left)).toEqual([daily.id]);
  const { consent } = await showSubscriber(context, 'anna@example.com');
  expect(consent.filter(({ act }) => act === 'unsubscribed')).toHaveLength(1);
});

test('an unsubscription can be undone for a day, and only where there was consent', async () => {
  const { context, weekly, daily } = await withLists();
  const { subscriberId } = await subscribe(context, { ...form, email: 'anna@example.com', list: 'daily' });
  const id = subscriberId ?? 0;
  await subscribe(context, { ...form, email: 'anna@example.com', list: 'weekly' });
  const { left } = await unsubscribe(context, id, 'all', { via: 'page' });
  expect(left.sort()).toEqual([weekly.id, daily.id].sort());
  // The weekly was never confirmed.
  expect(await undoUnsubscribe(context, id, left, { via: 'undo' })).toEqual({ resubscribed: [daily.id] });
  expect(await isSuppressed(context, parseAddress('anna@example.com').hash, daily.id)).toBeUndefined();

  await unsubscribe(context, id, [daily.id], { via: 'page' });
  context.clock.advance(25 * 3_600_000);
  expect(await undoUnsubscribe(context, id, [daily.id], { via: 'undo' })).toEqual({ resubscribed: [] });
});

test('preferences change what is given and leave the rest', async () => {
  const { context, weekly } = await withLists();
  const { subscriberId } = await subscribe(context, {
    ...admin,
    email: 'anna@example.com',
    list: 'weekly',
    confirmed: true,
    name: 'Anna',
    timeZone: 'europe/berlin',
  });
  const pausedUntil = new Date('2026-12-24T00:00:00Z');
  await updatePreferences(
    context,
    subscriberId ?? 0,
    {
      lists: [
        {
          listId: weekly.id,
          frequency: 'weekly',
          topics: ['science', 'sport'],
          mutedTopics: ['sport'],
          pausedUntil,
        },
      ],
    },
    { via: 'preferences' },
  );
  expect(await showSubscriber(context, 'anna@example.com')).toMatchObject({
    name: 'Anna',
    timeZone: 'Europe/Berlin',
    subscriptions: [{ frequency: 'weekly', topics: ['science'], mutedTopics: ['sport'], pausedUntil }],
  });
});

test('one wrong preference changes nothing', async () => {
  const { context, weekly } = await withLists();
  const { subscriberId } = await subscribe(context, { ...form, email: 'anna@example.com', list: 'weekly' });
  const wrong = { name: 'New', timeZone: 'Nowhere', lists: [{ listId: weekly.id, subscribed: false }] };
  await expect(updatePreferences(context, subscriberId ?? 0, wrong, { via: 'preferences' })).rejects.toThrow(
    'not a time zone',
  );
  expect(await showSubscriber(context, 'anna@example.com')).toMatchObject({
    name: null,
    subscriptions: [{ state: 'pending' }],
  });
});

test('preferences do not subscribe to a list that was never asked for', async () => {
  const { context, weekly, daily } = await withLists();
  const { subscriberId } = await subscribe(context, { ...form, email: 'anna@example.com', list: 'weekly' });
  const lists = [{ listId: daily.id, subscribed: true, frequency: 'daily' }];
  await updatePreferences(context, subscriberId ?? 0, { lists }, { via: 'preferences' });
  const { subscriptions } = await showSubscriber(context, 'anna@example.com');
  expect(subscriptions.map(({ listId }) => listId)).toEqual([weekly.id]);
});

test('erasure leaves no trace of the address but its hash, and it stays suppressed', async () => {
  const { context } = await withLists();
  const { subscriberId } = await subscribe(context, { ...form, email: 'anna@example.com', list: 'daily' });
  await unsubscribe(context, subscriberId ?? 0, 'all', { via: 'page' });
  await removeSubscriber(context, subscriberId ?? 0, admin);
  await expect(findSubscriber(context, 'anna@example.com')).rejects.toThrow('Nobody is subscribed');

  const tables = ['subscribers', 'subscriptions', 'suppressions', 'consent_log'] as const;
  const everything = await Promise.all(
    tables.map((table) => context.db.selectFrom(table).selectAll().execute()),
  );
  expect(JSON.stringify(everything)).not.toContain('anna');
  const { hash } = parseAddress('anna@example.com');
  expect(await isSuppressed(context, hash)).toMatchObject({ reason: 'erasure' });
  expect(await subscribe(context, { ...admin, email: 'anna@example.com', list: 'daily' })).toMatchObject({
    state: 'suppressed',
  });
});

test('a weaker reason hides no stronger one, and of two ends for one reason the later holds', async () => {
  const { context } = await withLists();
  const address = parseAddress('anna@example.com');
  const inDays = (days: number) => new Date(context.clock.now().getTime() + days * 86_400_000);
  await suppress(context, { address, reason: 'complaint' });
  await suppress(context, { address, reason: 'bounce', expiresAt: inDays(3) });
  expect(await isSuppressed(context, address.hash)).toMatchObject({ reason: 'complaint' });
  context.clock.advance(10 * 86_400_000);
  expect(await isSuppressed(context, address.hash)).toMatchObject({ reason: 'complaint' });

  const other = parseAddress('bo@example.com');
  await suppress(context, { address: other, reason: 'bounce', expiresAt: inDays(3) });
  await suppress(context, { address: other, reason: 'bounce', expiresAt: inDays(1) });
  context.clock.advance(2 * 86_400_000);
  expect(await isSuppressed(context, other.hash)).toMatchObject({ reason: 'bounce' });
  context.clock.advance(2 * 86_400_000);
  expect(await isSuppressed(context, other.hash)).toBeUndefined();
});

test('a search takes signs that mean something to SQL as they are', async () => {
  const { context } = await withLists();
  await subscribe(context, { ...form, email: 'anna_lee@example.com', list: 'weekly' });
  await subscribe(context, { ...form, email: 'annaxlee@example.com', list: 'daily' });
  const found = async (search: string) =>
    (await listSubscribers(context, { search })).map(({ email }) => email);
  expect(await found('anna_lee')).toEqual(['anna_lee@example.com']);
  expect(await found('%')).toEqual([]);
  expect(await found('ANNA')).toHaveLength(2);
  const pending = await listSubscribers(context, { list: 'weekly', state: 'pending' });
  expect(pending).toMatchObject([{ email: 'anna_lee@example.com', lists: ['weekly (pending)'] }]);
});
