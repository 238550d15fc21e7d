import iconv from 'iconv-lite';
import { expect, test } from 'vitest';
import { parseAddress } from '../../src/subscribers/address.ts';
import { listSubscribers, showSubscriber } from '../../src/subscribers/find.ts';
import { type ImportOptions, importSubscribers } from '../../src/subscribers/import.ts';
import { createList } from '../../src/subscribers/lists.ts';
import { removeSubscriber, subscribe, unsubscribe } from '../../src/subscribers/subscribe.ts';
import { suppress } from '../../src/subscribers/suppression.ts';
import { createTestContext, type TestContext } from '../support/context.ts';

async function withList() {
  const context = await createTestContext();
  const list = await createList(context, { name: 'Weekly' });
  return { context, list };
}

async function* inPieces(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function load(
  context: TestContext,
  file: string | Buffer,
  options: Partial<ImportOptions> = {},
  size = 65_536,
) {
  const consent = 'Signed up at the fair';
  return importSubscribers(context, inPieces(Buffer.from(file), size), {
    list: 'weekly',
    consent,
    ...options,
  });
}

const emails = async (context: TestContext) =>
  (await listSubscribers(context, { limit: 1_000 })).map(({ email }) => email).sort();

test('a file goes in with names, topics, language, time zone and frequency', async () => {
  const { context } = await withList();
  const result = await load(
    context,
    [
      'E-Mail Address,First Name,Last name,Interests,Lang,Timezone,Frequency,Shoe size',
      'anna@example.com,Anna,Lee,"Science, Sport",en_us,europe/berlin,Weekly,39',
      'bo@example.com,Bo,,,,,,',
      '',
    ].join('\r\n'),
  );
  expect(result).toMatchObject({ rows: 2, added: 2, updated: 0, badRows: 0, ignoredColumns: ['Shoe size'] });
  const anna = await showSubscriber(context, 'anna@example.com');
  expect(anna).toMatchObject({
    name: 'Anna Lee',
    language: 'en-US',
    timeZone: 'Europe/Berlin',
    subscriptions: [{ state: 'confirmed', topics: ['science', 'sport'], frequency: 'weekly' }],
    consent: [{ act: 'imported', via: 'import', evidence: { consent: 'Signed up at the fair', line: 2 } }],
  });
  expect(await showSubscriber(context, 'bo@example.com')).toMatchObject({
    name: 'Bo',
    subscriptions: [{ topics: [], frequency: 'every' }],
  });
});

test.each([
  [',', 'email,name\n'],
  [';', 'email;name\n'],
  ['\t', 'email\tname\n'],
  ['|', 'email|name\n'],
  [';', 'sep=;\nemail;name\n'],
  ['\t', 'sep=\t\nemail\tname\n'],
])('columns may be separated by %j', async (separator, header) => {
  const { context } = await withList();
  const result = await load(
    context,
    `${header}anna@example.com${separator}Anna\nbo@example.com${separator}\n`,
  );
  expect(result).toMatchObject({ added: 2, badRows: 0 });
  expect(await showSubscriber(context, 'anna@example.com')).toMatchObject({ name: 'Anna' });
});

test('empty columns between tabs stay where they are', async () => {
  const { context } = await withList();
  await load(context, 'name\tlanguage\temail\n\t\tanna@example.com\n');
  expect(await emails(context)).toEqual(['anna@example.com']);
});

test.each([1, 2, 3, 7, 65_536])(
  'a file that comes in pieces of %i bytes is read the same, whatever its line ends',
  async (size) => {
    const { context } = await withList();
    for (const end of ['\n', '\r\n', '\r']) {
      const bad: number[] = [];
      const file = ['email,name', 'wrong', `jörg${end.length}@example.com,Jörg`, 'wrong', 'wrong'].join(end);
      const onProblem = ({ line }: { line: number }) => bad.push(line);
      expect(await load(context, file, { onProblem }, size)).toMatchObject({ rows: 4 });
      expect(bad).toEqual([2, 4, 5]);
    }
    expect(await showSubscriber(context, 'jörg2@example.com')).toMatchObject({ name: 'Jörg' });
  },
);

test.each([
  ['UTF-8 with a mark', Buffer.from('\ufeffemail,name\njo@example.com,Jörg Čapek')],
  ['UTF-16 with a mark', Buffer.from('\ufeffemail,name\njo@example.com,Jörg Čapek', 'utf16le')],
  ['UTF-16 without a mark', Buffer.from('email,name\njo@example.com,Jörg Čapek', 'utf16le')],
  ['big-endian UTF-16', Buffer.from('\ufeffemail,name\njo@example.com,Jörg Čapek', 'utf16le').swap16()],
])('%s is read', async (_name, file) => {
  const { context } = await withList();
  for (const size of [5, 65_536]) await load(context, file, {}, size);
  expect(await showSubscriber(context, 'jo@example.com')).toMatchObject({ name: 'Jörg Čapek' });
});

test('lines that are no UTF-8 are read as Windows-1252, next to lines that are', async () => {
  const { context } = await withList();
  const file = Buffer.concat([
    Buffer.from('email,name\na@example.com,Čapek\n'),
    iconv.encode('b@example.com,Jörg – “Jö”\n', 'windows-1252'),
  ]);
  expect(await load(context, file)).toMatchObject({ added: 2, badRows: 0 });
  expect(await showSubscriber(context, 'a@example.com')).toMatchObject({ name: 'Čapek' });
  expect(await showSubscriber(context, 'b@example.com')).toMatchObject({ name: 'Jörg – “Jö”' });
});

test('bad rows are reported with line, column, reason and the row; the good ones go in', async () => {
  const { context } = await withList();
  const result = await load(
    context,
    [
      'Mail,Time zone,Language,Frequency,Name',
      'anna@example.com,,,,Anna',
      'not an address,,,,X',
      ',,,,Nobody',
      'c@example.com,Mars/Olympus,,,C',
      'd@example.com,,gibberish language,,D',
      'e@example.com,,,hourly,E',
      'f@example.com,,,,F,surplus',
      'g@example.com,,,,G,,',
      'h@example.com',
      'i@exam\0ple.com,,,,I',
    ].join('\n'),
  );
  expect(result.bad.map(({ line, column }) => [line, column])).toEqual([
    [3, 'Mail'],
    [4, 'Mail'],
    [5, 'Time zone'],
    [6, 'Language'],
    [7, 'Frequency'],
    [8, null],
    [11, null],
  ]);
  expect(result.bad[0]).toMatchObject({
    row: 'not an address,,,,X',
    reason: expect.stringContaining('no @'),
  });
  expect(result.bad[5]?.reason).toBe('the row has 6 columns, the first line names 5');
  expect(result).toMatchObject({ rows: 10, added: 3, badRows: 7 });
  expect(await emails(context)).toEqual(['anna@example.com', 'g@example.com', 'h@example.com']);
});

test('a broken quotation mark costs its own row and no other', async () => {
  const { context } = await withList();
  const result = await load(
    context,
    [
      'email,name,topics',
      'a@example.com,"Anna',
      'b@example.com,Bo,',
      'c@example.com,"Cleo ""the cat"" Smith",',
      'd@example.com,"Dora" Smith,',
      'e@example.com,Ed "the Ed" Smith,',
      '"f@example.com,Fay,',
      'g@example.com,Gus"',
      'h@example.com,"Hal',
      'of Hill Street","science,sport"',
      'i@example.com,Ida,"',
    ].join('\n'),
    {},
    16,
  );
  expect(result.bad.map(({ line }) => line)).toEqual([2, 5, 6, 7, 8, 11]);
  expect(result.bad[0]).toMatchObject({
    column: 'name',
    reason: 'a quotation mark is opened and never closed',
    row: 'a@example.com,"Anna',
  });
  expect(await emails(context)).toEqual(['b@example.com', 'c@example.com', 'h@example.com']);
  expect(await showSubscriber(context, 'c@example.com')).toMatchObject({ name: 'Cleo "the cat" Smith' });
  expect(await showSubscriber(context, 'h@example.com')).toMatchObject({
    name: 'Hal of Hill Street',
    subscriptions: [{ topics: ['science', 'sport'] }],
  });
});

test('an address within somebody’s note is no row, whether the note is closed or not', async () => {
  const { context } = await withList();
  const note = Array.from({ length: 40 }, (_, index) => `line ${index}`).join('\n');
  const result = await load(
    context,
    [
      'email,name,field.note',
      'a@example.com,Anna,"Please also tell:\nboss@corp.example\nThanks"',
      `b@example.com,Bo,"${note}"`,
      'c@example.com,Cleo,"Never closed:',
      'chief@corp.example',
      'chef@corp.example,Too',
      'd@example.com,Dora,',
      'e@example.com,Ed',
    ].join('\n'),
    {},
    16,
  );
  expect(await emails(context)).toEqual([
    ...['a@example.com', 'b@example.com', 'd@example.com', 'e@example.com'],
  ]);
  expect(result.bad.map(({ line }) => line)).toEqual([45, 46, 47]);
  expect(result.bad[1]).toMatchObject({ reason: expect.stringContaining('left open in line 45') });
  expect(result.warned).toMatchObject([{ line: 2, reason: expect.stringContaining('line 3') }]);
  expect(
    await context.db
      .selectFrom('subscribers')
      .select('fields')
      .where('email', '=', 'b@example.com')
      .executeTakeFirst(),
  ).toEqual({ fields: { note } });
});

test('a quotation mark left open in the last of many rows loses one row', async () => {
  const { context } = await withList();
  const rows = Array.from({ length: 500 }, (_, index) => `p${index}@example.com,"Name ${index}"`);
  rows[1] = 'p1@example.com,"Name 1';
  const result = await load(context, ['email,name', ...rows].join('\n'));
  expect(result).toMatchObject({ rows: 500, added: 499, badRows: 1, bad: [{ line: 3 }] });
});

test('the first of two rows with one address wins, near and far apart', async () => {
  const { context } = await withList();
  const rows = Array.from({ length: 4_500 }, (_, index) => `p${index}@example.com,P`);
  rows.push('P0@example.com,Other', 'p4499@EXAMPLE.com,Other');
  const result = await load(context, ['email,name', ...rows].join('\n'));
  expect(result).toMatchObject({ rows: 4_502, added: 4_500, duplicates: 2, badRows: 0 });
  expect(result.notTaken).toMatchObject([
    { kind: 'duplicate', line: 4_502, reason: 'the address stands in line 2 already' },
    { kind: 'duplicate', line: 4_503, reason: 'the address stands in line 4501 already' },
  ]);
  expect(await showSubscriber(context, 'p0@example.com')).toMatchObject({ name: 'P' });
});

test('importing again changes nothing, and a changed file updates what it says', async () => {
  const { context } = await withList();
  await load(context, 'email,name,topics\na@example.com,Anna,sport\nb@example.com,Bo,');
  const again = await load(context, 'email,name,topics\na@example.com,Anna,sport\nb@example.com,Bo,');
  expect(again).toMatchObject({ added: 0, updated: 0, unchanged: 2 });
  const changed = await load(context, 'email,name,topics\na@example.com,,science\nb@example.com,Bob,');
  expect(changed).toMatchObject({ added: 0, updated: 2, unchanged: 0 });
  // An empty cell takes nothing away.
  expect(await showSubscriber(context, 'a@example.com')).toMatchObject({
    name: 'Anna',
    subscriptions: [{ topics: ['science'] }],
  });
});

test('someone who waited for confirmation is confirmed by the consent that the admin has', async () => {
  const { context } = await withList();
  await subscribe(context, { via: 'form', email: 'a@example.com', list: 'weekly' });
  expect(await load(context, 'email\na@example.com')).toMatchObject({ added: 0, updated: 1 });
  const person = await showSubscriber(context, 'a@example.com');
  expect(person).toMatchObject({
    subscriptions: [{ state: 'confirmed' }],
    consent: [{ act: 'imported' }, {}],
  });
});

test('an import of unconfirmed people leaves them pending', async () => {
  const { context } = await withList();
  await load(context, 'email\na@example.com', { confirmed: false });
  const person = await showSubscriber(context, 'a@example.com');
  expect(person).toMatchObject({ subscriptions: [{ state: 'pending', confirmedAt: null }] });
});

test('who is suppressed, has left or was erased is reported and not subscribed', async () => {
  const { context, list } = await withList();
  const add = async (email: string) =>
    (await subscribe(context, { via: 'admin', email, list: 'weekly', confirmed: true })).subscriberId ?? 0;
  await removeSubscriber(context, await add('erased@example.com'), { via: 'admin' });
  await unsubscribe(context, await add('left@example.com'), [list.id], { via: 'page' });
  await suppress(context, { address: parseAddress('bounced@example.com'), reason: 'bounce' });
  const past = new Date('2026-11-01T00:00:00Z');
  await suppress(context, { address: parseAddress('again@example.com'), reason: 'bounce', expiresAt: past });

  const names = ['erased', 'left', 'bounced', 'again', 'new'];
  const result = await load(context, ['email', ...names.map((name) => `${name}@example.com`)].join('\n'));
  expect(result).toMatchObject({ rows: 5, added: 2, suppressed: 3, badRows: 0 });
  expect(result.notTaken.map(({ line, reason }) => [line, reason])).toEqual([
    [2, 'the person asked to be erased'],
    [3, 'the person unsubscribed'],
    [4, 'mail to the address came back before'],
  ]);
  expect(await emails(context)).toEqual(['again@example.com', 'left@example.com', 'new@example.com']);
  expect((await showSubscriber(context, 'left@example.com')).subscriptions[0]?.state).toBe('unsubscribed');
});

test('a header without an address says which columns there are and how to name the right one', async () => {
  const { context } = await withList();
  await expect(load(context, 'Kontakt,Ort\na@example.com,Ulm')).rejects.toMatchObject({
    message: 'No column of the file holds an email address. Its first line has: Kontakt, Ort.',
    hint: expect.stringContaining('--map "Kontakt=email"'),
    details: { found: ['Kontakt', 'Ort'], needed: ['email'] },
  });
  const mapped = await load(context, 'Kontakt,Ort\na@example.com,Ulm', { map: { kontakt: 'email' } });
  expect(mapped).toMatchObject({ added: 1, ignoredColumns: ['Ort'] });
});

test.each([
  ['', 'The file is empty'],
  ['\n\n', 'The file is empty'],
  ['anna@example.com\nbo@example.com', 'an address, where the names of the columns should be'],
  ['"email,name\na@example.com,A', 'is not closed'],
  [`email${',x'.repeat(9_999)}\na@example.com`, 'The first line has 10,000 columns'],
])('a file that starts with %.20j is refused with a sentence', async (file, message) => {
  const { context } = await withList();
  await expect(load(context, file)).rejects.toThrow(message);
});

test('a row of 10,000 columns is reported, cut short, and the next one goes in', async () => {
  const { context } = await withList();
  const result = await load(context, `email,name\na@example.com${',x'.repeat(9_999)}\nb@example.com,Bo`);
  expect(result).toMatchObject({ added: 1, badRows: 1 });
  expect(result.bad[0]?.reason).toBe('the row has 10,000 columns, the first line names 2');
  expect(result.bad[0]?.row.length).toBeLessThan(510);
});

test('a line of many megabytes is reported, and the next one goes in', async () => {
  const { context } = await withList();
  const result = await load(context, `email,name\na@example.com,${'x'.repeat(3_000_000)}\nb@example.com,Bo`);
  expect(result).toMatchObject({ added: 1, bad: [{ line: 2, reason: 'the line is longer than 1 MB' }] });
});

test.each([
  [{ consent: '  ' }, 'Say how these people agreed'],
  [{ list: 'nope' }, 'There is no list "nope"'],
  [{ map: { mail: 'email' } }, 'a column "mail" that the file does not have'],
  [{ map: { email: 'shoe size' } }, 'nothing a subscriber has'],
])('%j is refused before anything is stored', async (options, message) => {
  const { context } = await withList();
  await expect(load(context, 'email\na@example.com', options)).rejects.toThrow(message);
  expect(await emails(context)).toEqual([]);
});

test('two imports of the same people at once make each once', async () => {
  const { context } = await withList();
  const people = Array.from({ length: 3_000 }, (_, index) => `p${index}@example.com`);
  const results = await Promise.all([
    load(context, ['email', ...people].join('\n')),
    load(context, ['email', ...people.toReversed()].join('\n')),
  ]);
  expect(results[0].added + results[1].added).toBe(3_000);
  const { count } = await context.db
    .selectFrom('subscriptions')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  expect(count).toBe(3_000);
});
