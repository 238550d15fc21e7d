import { simpleParser } from 'mailparser';
import { expect, onTestFinished, test } from 'vitest';
import { createUser } from '../../src/access/users.ts';
import { installationOf } from '../../src/db/installation.ts';
import { lettersThrough } from '../../src/delivery/letters.ts';
import { openTransport } from '../../src/delivery/transport.ts';
import { createList, editList } from '../../src/subscribers/lists.ts';
import { subscribe, unsubscribe, updatePreferences } from '../../src/subscribers/subscribe.ts';
import { suppress } from '../../src/subscribers/suppression.ts';
import { createTestContext } from '../support/context.ts';

async function open() {
  const context = await createTestContext({ publicUrl: 'https://news.example.com' });
  const transport = await openTransport(context);
  onTestFinished(() => transport.close());
  const list = await createList(context, { name: 'Weekly', goodbye: true });
  const { subscriberId } = await subscribe(context, {
    via: 'admin',
    email: 'anna@example.com',
    list: list.id,
    confirmed: true,
  });
  const about = { subscriberId: subscriberId ?? 0, listId: list.id };
  return {
    context,
    list,
    about,
    letters: lettersThrough(context, transport),
    leave: () => unsubscribe(context, about.subscriberId, [list.id], { via: 'page', ip: null, evidence: {} }),
    caught: async () => {
      const rows = await context.db.selectFrom('inbox_messages').selectAll().orderBy('id').execute();
      return Promise.all(rows.map(async (row) => ({ ...row, mail: await simpleParser(row.raw) })));
    },
  };
}

test('who has confirmed is welcomed once, in their own language, with links that are theirs', async () => {
  const { context, about, letters, caught } = await open();
  await updatePreferences(
    context,
    about.subscriberId,
    { language: 'ja' },
    { via: 'page', ip: null, evidence: {} },
  );
  const sent = await Promise.all([letters.welcome(about), letters.welcome(about)]);
  expect(sent.filter(Boolean)).toHaveLength(1);
  expect(await letters.welcome(about)).toBe(false);
  const [message, ...others] = await caught();
  expect(others).toEqual([]);
  expect(message?.subject).toBe('Weeklyへようこそ');
  expect(message?.mail.text).toMatch(/https:\/\/news\.example\.com\/preferences\/\d+-0-[0-9a-f]{30}/);
  expect(message?.mail.text).toMatch(/https:\/\/news\.example\.com\/unsubscribe\/\d+-0-[0-9a-f]{30}/);
  // There is no edition yet.
  expect(message?.mail.text).not.toContain('/view/');
});

test('a list may welcome nobody, and who has not confirmed is not welcomed', async () => {
  const { context, list, about, letters, caught } = await open();
  await editList(context, 'weekly', { welcome: false });
  expect(await letters.welcome(about)).toBe(false);
  await editList(context, 'weekly', { welcome: true });
  const pending = await subscribe(context, { via: 'form', email: 'bo@example.com', list: list.id });
  expect(await letters.welcome({ subscriberId: pending.subscriberId ?? 0, listId: list.id })).toBe(false);
  expect(await letters.welcome({ subscriberId: 99_999, listId: 99_999 })).toBe(false);
  expect(await caught()).toEqual([]);
});

test('a goodbye comes once for each time that someone leaves, and only from lists that say goodbye', async () => {
  const { context, list, about, letters, leave, caught } = await open();
  expect(await letters.goodbye(about)).toBe(false);
  await leave();
  expect(await Promise.all([letters.goodbye(about), letters.goodbye(about)])).toContain(true);
  expect(await caught()).toHaveLength(1);
  context.clock.advance(60_000);
  await subscribe(context, {
    via: 'admin',
    email: 'anna@example.com',
    list: list.id,
    confirmed: true,
    liftSuppression: 'asked for it',
  });
  await leave();
  expect(await letters.goodbye(about)).toBe(true);
  const [first] = await caught();
  expect(first?.mail.text).toContain('https://news.example.com/subscribe/weekly');
  await editList(context, 'weekly', { goodbye: false });
  context.clock.advance(60_000);
  await context.db.updateTable('subscriptions').set({ unsubscribed_at: context.clock.now() }).execute();
  expect(await letters.goodbye(about)).toBe(false);
});

test('the link to the preferences goes to a known address, once an hour, and never to one that refuses us', async () => {
  const { context, letters, caught } = await open();
  expect(await letters.preferencesLink('nobody@example.com')).toBe(false);
  const asked = await Promise.all([1, 2, 3].map(() => letters.preferencesLink('Anna@Example.com')));
  expect(asked.filter(Boolean)).toHaveLength(1);
  context.clock.advance(61 * 60_000);
  expect(await letters.preferencesLink('anna@example.com')).toBe(true);
  expect(await caught()).toHaveLength(2);

  context.clock.advance(61 * 60_000);
  const person = await context.db
    .selectFrom('subscribers')
    .select(['email', 'email_hash'])
    .executeTakeFirstOrThrow();
  await suppress(context, {
    address: { hash: person.email_hash, email: person.email },
    reason: 'complaint',
  });
  expect(await letters.preferencesLink('anna@example.com')).toBe(false);
});

test('a mail that could not be sent may be tried again at once', async () => {
  const { context, about, letters, leave } = await open();
  const broken = {
    transporter: {
      sendMail: async () => {
        throw new Error('the server is away');
      },
    },
  } as unknown as Parameters<typeof lettersThrough>[1];
  const without = lettersThrough(context, broken);
  await expect(without.welcome(about)).rejects.toThrow('away');
  expect(await letters.welcome(about)).toBe(true);
  await expect(without.preferencesLink('anna@example.com')).rejects.toThrow('away');
  expect(await letters.preferencesLink('anna@example.com')).toBe(true);
  await leave();
  await expect(without.goodbye(about)).rejects.toThrow('away');
  expect(await letters.goodbye(about)).toBe(true);
});

test.each(['restored', 'cloned'])(
  'a copy that nobody adopted (%s) writes to no subscriber, whoever asks; only the link to log in goes',
  async (how) => {
    const { context, list, about, letters, leave, caught } = await open();
    const pending = await subscribe(context, { via: 'form', email: 'bo@example.com', list: list.id });
    const bo = { subscriberId: pending.subscriberId ?? 0, listId: list.id };
    await createUser(context, { email: 'ed@example.com', name: 'Ed', role: 'editor' });
    await installationOf(context);
    const { place: home } = await context.db
      .selectFrom('installation')
      .select('place')
      .executeTakeFirstOrThrow();
    const set = (place: object, because: string | null = null) =>
      context.db
        .updateTable('installation')
        .set({ place: JSON.stringify(place), held_because: because })
        .execute();
    await (how === 'restored' ? set(home as object, how) : set({ ...(home as object), database: 1 }));
    expect([
      await letters.confirmation(bo),
      await letters.welcome(about),
      await letters.preferencesLink('anna@example.com'),
      await letters.dataLink('anna@example.com'),
    ]).toEqual([false, false, false, false]);
    expect(await letters.loginLink('ed@example.com', {})).toBe(true);
    await leave();
    expect(await letters.goodbye(about)).toBe(false);
    expect((await caught()).map(({ rcpt_to: [to] }) => to)).toEqual(['ed@example.com']);
    // Nothing was counted as sent meanwhile.
    await set(home as object);
    expect([await letters.confirmation(bo), await letters.goodbye(about)]).toEqual([true, true]);
  },
);
