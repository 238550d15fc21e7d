import { sql } from 'kysely';
import { simpleParser } from 'mailparser';
import { expect, onTestFinished, test } from 'vitest';
import { sendConfirmation } from '../../src/delivery/letters.ts';
import { openTransport } from '../../src/delivery/transport.ts';
import { parseAddress } from '../../src/subscribers/address.ts';
import { logConsent, noteWording } from '../../src/subscribers/consent.ts';
import { createList } from '../../src/subscribers/lists.ts';
import { confirm, subscribe } from '../../src/subscribers/subscribe.ts';
import { createTestContext } from '../support/context.ts';

const anna = parseAddress('anna@example.com');

test('double opt-in is proven: when, from where, on which page, and in which words it was asked', async () => {
  const context = await createTestContext();
  const transport = await openTransport(context);
  onTestFinished(() => transport.close());
  const list = await createList(context, { name: 'Weekly' });
  const form = await noteWording(context, { language: 'en', text: 'Get Weekly by email. Subscribe.' });
  const { subscriberId } = await subscribe(context, {
    via: 'form',
    ip: '203.0.113.7',
    page: '/subscribe/weekly',
    wording: form,
    evidence: { userAgent: 'Firefox' },
    email: 'anna@example.com',
    list: 'weekly',
  });
  const about = { subscriberId: subscriberId ?? 0, listId: list.id };
  expect(await sendConfirmation(context, transport, about)).toBe(true);
  context.clock.advance(60_000);
  await confirm(context, about.subscriberId, list.id, {
    via: 'link',
    ip: '198.51.100.9',
    page: '/confirm/TOKEN',
  });

  const lines = await context.db.selectFrom('consent_log').selectAll().orderBy('id').execute();
  expect(lines).toMatchObject([
    { act: 'requested', via: 'form', ip: '203.0.113.7', page: '/subscribe/weekly', wording: form },
    { act: 'confirmed', via: 'link', ip: '198.51.100.9', page: '/confirm/TOKEN' },
  ]);
  expect((lines[1]?.at.getTime() ?? 0) - (lines[0]?.at.getTime() ?? 0)).toBe(60_000);
  // What was confirmed is what the mail said.
  const wording = await context.db
    .selectFrom('consent_wordings')
    .selectAll()
    .where('version', '=', lines[1]?.wording ?? '')
    .executeTakeFirstOrThrow();
  const [mail] = await context.db.selectFrom('inbox_messages').select('raw').execute();
  const { subject, text } = await simpleParser(mail?.raw ?? '');
  expect(wording.text).toContain(subject);
  expect(text?.replace(/\s+/g, ' ')).toContain(wording.text.split('\n')[3]);
});

test('a wording has one version, whoever asks, and another language or word has another', async () => {
  const context = await createTestContext();
  const wording = { language: 'en', text: 'Yes, send me Weekly.' };
  const versions = await Promise.all([1, 2, 3].map(() => noteWording(context, wording)));
  expect(new Set(versions).size).toBe(1);
  expect(await noteWording(context, { ...wording, language: 'de' })).not.toBe(versions[0]);
  expect(await noteWording(context, { ...wording, text: 'Yes, send me Daily.' })).not.toBe(versions[0]);
  expect(await context.db.selectFrom('consent_wordings').select('version').execute()).toHaveLength(3);
});

test('the database refuses to change, delete or empty the consent log', async () => {
  const context = await createTestContext();
  const { db } = context;
  await logConsent(context, anna.hash, 'requested', null, { via: 'form', ip: '203.0.113.7' });
  const attempts = [
    db.updateTable('consent_log').set({ act: 'confirmed' }).execute(),
    db.updateTable('consent_log').set({ ip: null }).execute(),
    db.deleteFrom('consent_log').execute(),
    sql`truncate consent_log`.execute(db),
    // Not even in the name of forgetting may a line say something else.
    db.transaction().execute(async (trx) => {
      await sql`select set_config('broadsheet.forgetting', 'yes', true)`.execute(trx);
      await trx.updateTable('consent_log').set({ via: 'admin' }).execute();
    }),
  ];
  for (const attempt of await Promise.allSettled(attempts)) {
    expect(attempt.status).toBe('rejected');
    expect(String((attempt as PromiseRejectedResult).reason)).toMatch(/append-only|stays as it is/);
  }
  expect(await db.selectFrom('consent_log').selectAll().execute()).toMatchObject([
    { act: 'requested', via: 'form', ip: '203.0.113.7' },
  ]);
  // The function that forgets opens the log for itself alone, and closes it behind it.
  await expect(
    db.transaction().execute(async (trx) => {
      await sql`select consent_log_forget_person(${anna.hash})`.execute(trx);
      await trx.deleteFrom('consent_log').execute();
    }),
  ).rejects.toThrow('append-only');
});
