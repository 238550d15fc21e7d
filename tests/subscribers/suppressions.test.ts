import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { parseAddress } from '../../src/subscribers/address.ts';
import { createList } from '../../src/subscribers/lists.ts';
import { subscribe, unsubscribe } from '../../src/subscribers/subscribe.ts';
import { isSuppressed, suppress } from '../../src/subscribers/suppression.ts';
import { importSuppressions } from '../../src/subscribers/suppression-import.ts';
import {
  allSuppressions,
  findSuppressed,
  listSuppressions,
  parseReason,
  parseSuppressed,
  removeSuppressions,
  showSuppressed,
} from '../../src/subscribers/suppression-list.ts';
import { createTestContext, type TestContext } from '../support/context.ts';

const hashOf = (email: string) => createHash('sha256').update(email).digest('hex');
const dayMs = 86_400_000;

async function* bytes(text: string) {
  yield Buffer.from(text);
}

async function all(context: TestContext) {
  const rows = [];
  for await (const page of allSuppressions(context, { ended: true })) rows.push(...page);
  return rows;
}

test('a text file of addresses and hashes suppresses both, and doing it again changes nothing', async () => {
  const context = await createTestContext();
  const file = `Anna@example.com\n\n${hashOf('bo@example.com').toUpperCase()}\nanna@EXAMPLE.com\nnot an address\nmüller@bücher.example\n`;
  const first = await importSuppressions(context, bytes(file), { reason: 'complaint', note: 'Old provider' });
  expect(first).toMatchObject({ rows: 5, added: 3, changed: 0, unchanged: 0, duplicates: 1, badRows: 1 });
  expect(first.bad).toMatchObject([{ line: 5, row: 'not an address' }]);
  expect(await importSuppressions(context, bytes(file), { reason: 'complaint' })).toMatchObject({
    added: 0,
    changed: 0,
    unchanged: 3,
  });
  for (const email of ['anna@example.com', 'bo@example.com', 'müller@xn--bcher-kva.example'])
    expect(await isSuppressed(context, parseAddress(email).hash)).toMatchObject({
      reason: 'complaint',
      note: 'Old provider',
    });
  expect((await all(context)).map(({ email }) => email)).toEqual(
    expect.arrayContaining(['Anna@example.com', null, 'müller@xn--bcher-kva.example']),
  );
});

test('CSV rows tell list, reason, note and end; the strongest reason is told first', async () => {
  const context = await createTestContext();
  await createList(context, { name: 'Weekly' });
  const strong = parseAddress('strong@example.com');
  await suppress(context, { address: strong, reason: 'complaint', note: 'before' });
  await suppress(context, { address: parseAddress('weak@example.com'), reason: 'unsubscribe' });
  const file = [
    'E-mail;Reason;List;Note;Expires;Colour',
    'strong@example.com;bounce;;;;red',
    'weak@example.com;manual;;"wrote; twice";;',
    'timed@example.com;bounce;weekly;;2026-12-24;',
    'elsewhere@example.com;bounce;nolist;;;',
    'odd@example.com;because;;;;',
    'late@example.com;bounce;;;tomorrow or so;',
  ].join('\r\n');
  const dry = await importSuppressions(context, bytes(file), { dryRun: true });
  expect(dry).toMatchObject({ rows: 6, added: 3, changed: 0, unchanged: 0, badRows: 3 });
  expect(await all(context)).toHaveLength(2);
  const result = await importSuppressions(context, bytes(file));
  expect(result).toMatchObject({ rows: 6, added: 3, changed: 0, unchanged: 0, badRows: 3 });
  expect(result.bad.map(({ line, reason }) => `${line}: ${reason}`)).toEqual([
    '5: There is no list "nolist".',
    '6: "because" is no reason for a suppression.',
    '7: "tomorrow or so" is no date such as 2026-11-24',
  ]);
  expect(await isSuppressed(context, strong.hash)).toMatchObject({ reason: 'complaint', note: 'before' });
  expect(await isSuppressed(context, parseAddress('weak@example.com').hash)).toMatchObject({
    reason: 'manual',
    note: 'wrote; twice',
  });
  const timed = parseAddress('timed@example.com').hash;
  const { id } = await context.db.selectFrom('lists').select('id').executeTakeFirstOrThrow();
  expect(await isSuppressed(context, timed)).toBeUndefined();
  expect(await isSuppressed(context, timed, id)).toMatchObject({ reason: 'bounce' });
  context.clock.advance(40 * dayMs);
  expect(await isSuppressed(context, timed, id)).toBeUndefined();
});

test('each reason has its own end: none hides another, and none makes another last', async () => {
  const context = await createTestContext();
  const inDays = (days: number) => new Date(context.clock.now().getTime() + days * dayMs);
  const complained = parseAddress('complained@example.com');
  await suppress(context, { address: complained, reason: 'complaint', expiresAt: inDays(90) });
  const row = 'email,reason\ncomplained@example.com,unsubscribe\n';
  expect(await importSuppressions(context, bytes(row))).toMatchObject({ added: 1, changed: 0 });
  expect(await isSuppressed(context, complained.hash)).toMatchObject({ reason: 'complaint' });
  const left = parseAddress('left@example.com');
  await suppress(context, { address: left, reason: 'unsubscribe' });
  await suppress(context, { address: left, reason: 'manual', expiresAt: inDays(1), note: 'a day' });
  expect(await isSuppressed(context, left.hash)).toMatchObject({ reason: 'manual' });
  const twice = 'email,reason,expires\nx@example.com,bounce,2027-01-01\nx@example.com,bounce,2027-03-01\n';
  expect(await importSuppressions(context, bytes(twice))).toMatchObject({ added: 1, duplicates: 1 });
  expect((await all(context)).at(-1)?.until).toEqual(new Date('2027-03-01'));

  // By its id one of several is taken away.
  const found = await showSuppressed(context, left);
  const manual = found.suppressions.find(({ reason }) => reason === 'manual');
  const address = await findSuppressed(context, String(manual?.id));
  const { id, listId } = address;
  const because = 'No need';
  expect(
    await removeSuppressions(context, { address, id, listId, because, origin: { via: 'admin' } }),
  ).toEqual([{ reason: 'manual', listId: null }]);
  context.clock.advance(91 * dayMs);
  expect(await isSuppressed(context, left.hash)).toMatchObject({ reason: 'unsubscribe' });
  expect(await isSuppressed(context, complained.hash)).toMatchObject({ reason: 'unsubscribe' });
});

test('NDJSON is read too, and a file without addresses is refused as a whole', async () => {
  const context = await createTestContext();
  const ndjson = [
    JSON.stringify({ email: 'anna@example.com', reason: 'manual', until: '2027-01-01T00:00:00.000Z' }),
    JSON.stringify({ hash: hashOf('bo@example.com'), email: null }),
    '{"email": "cut off',
  ].join('\n');
  expect(await importSuppressions(context, bytes(ndjson))).toMatchObject({ rows: 3, added: 2, badRows: 1 });
  await expect(importSuppressions(context, bytes('name,colour\nAnna,red\n'))).rejects.toThrow(
    'neither an address',
  );
  await expect(importSuppressions(context, bytes('a@example.com'), { list: 'none' })).rejects.toThrow(
    'There is no list',
  );
});

test('many rows go in by groups, and come out page by page, each once', async () => {
  const context = await createTestContext();
  const count = 25_000;
  async function* file() {
    for (let from = 0; from < count; from += 1_000)
      yield Buffer.from(Array.from({ length: 1_000 }, (_, n) => `p${from + n}@example.com\n`).join(''));
  }
  const progress: number[] = [];
  const result = await importSuppressions(context, file(), { onProgress: (rows) => progress.push(rows) });
  expect(result).toMatchObject({ rows: count, added: count, badRows: 0 });
  expect(progress).toEqual([10_000, 20_000, count]);
  const pages: number[] = [];
  const seen = new Set<string>();
  for await (const page of allSuppressions(context, {})) {
    pages.push(page.length);
    for (const { email } of page) if (email) seen.add(email);
  }
  expect(pages).toEqual([10_000, 10_000, 5_000]);
  expect(seen.size).toBe(count);
});

test('two imports of the same file at once suppress each address once', async () => {
  const context = await createTestContext();
  const emails = Array.from({ length: 2_000 }, (_, n) => `p${n}@example.com`);
  const results = await Promise.all([
    importSuppressions(context, bytes(emails.join('\n'))),
    importSuppressions(context, bytes(emails.toReversed().join('\n'))),
  ]);
  expect(results[0].added + results[1].added).toBe(2_000);
  expect(results[0].unchanged + results[1].unchanged).toBe(2_000);
});

test('suppressions are listed by what they are, and those that have ended only when asked for', async () => {
  const context = await createTestContext();
  const { id: listId } = await createList(context, { name: 'Weekly' });
  const now = context.clock.now();
  await suppress(context, { address: parseAddress('a_b@example.com'), reason: 'bounce' });
  await suppress(context, { address: parseAddress('axb@example.com'), reason: 'manual', listId });
  await suppress(context, {
    address: parseAddress('old@example.com'),
    reason: 'bounce',
    expiresAt: new Date(now.getTime() - 1),
  });
  const emails = async (filter: Parameters<typeof listSuppressions>[1]) =>
    (await listSuppressions(context, filter, { limit: 10 })).map(({ email }) => email);
  expect(await emails({})).toEqual(['axb@example.com', 'a_b@example.com']);
  expect(await emails({ ended: true })).toEqual(['old@example.com', 'axb@example.com', 'a_b@example.com']);
  expect(await emails({ reason: 'bounce' })).toEqual(['a_b@example.com']);
  expect(await emails({ list: 'weekly' })).toEqual(['axb@example.com']);
  expect(await emails({ list: null })).toEqual(['a_b@example.com']);
  // What means something in a pattern is meant as it is written.
  expect(await emails({ search: 'A_B' })).toEqual(['a_b@example.com']);
  await expect(listSuppressions(context, { list: 'none' }, { limit: 1 })).rejects.toThrow('There is no list');
});

test('removing says why, in the consent log, and subscribes nobody', async () => {
  const context = await createTestContext();
  const list = await createList(context, { name: 'Weekly', optIn: 'single' });
  const { subscriberId } = await subscribe(context, {
    via: 'admin',
    email: 'anna@example.com',
    list: 'weekly',
  });
  await unsubscribe(context, subscriberId ?? 0, [list.id], { via: 'page' });
  const address = parseSuppressed('Anna@example.com');
  await suppress(context, { address, reason: 'bounce' });
  const { suppressions } = await showSuppressed(context, parseSuppressed(hashOf('anna@example.com')));
  expect(suppressions.map(({ reason, list: of }) => [reason, of])).toEqual([
    ['unsubscribe', 'weekly'],
    ['bounce', null],
  ]);
  const request = { address, because: 'The mailbox works again', origin: { via: 'admin' } };
  await expect(removeSuppressions(context, { ...request, because: ' ' })).rejects.toThrow('Say why');
  expect(await removeSuppressions(context, { ...request, listId: null })).toEqual([
    { reason: 'bounce', listId: null },
  ]);
  expect(await isSuppressed(context, address.hash)).toBeUndefined();
  expect(await isSuppressed(context, address.hash, list.id)).toMatchObject({ reason: 'unsubscribe' });
  expect(await removeSuppressions(context, request)).toHaveLength(1);
  expect(await removeSuppressions(context, request)).toEqual([]);
  const { evidence } = await context.db
    .selectFrom('consent_log')
    .selectAll()
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow();
  expect(evidence).toEqual({ lifted: ['unsubscribe'], because: 'The mailbox works again' });
  const [{ state } = { state: '' }] = await context.db.selectFrom('subscriptions').select('state').execute();
  expect(state).toBe('unsubscribed');
});

test('what is neither an address nor a hash, and what is no reason, is refused with a word of what is right', () => {
  expect(() => parseSuppressed('abcdef')).toThrow('is not an email address');
  expect(() => parseReason('anger')).toThrow('"anger" is no reason');
  expect(parseReason(' Bounce ')).toBe('bounce');
  expect(parseSuppressed(hashOf('anna@example.com'))).toEqual({
    hash: parseAddress('anna@example.com').hash,
    email: null,
  });
});
