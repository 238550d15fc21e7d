import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { expect, onTestFinished, test } from 'vitest';
import { prepareComposer } from '../../src/delivery/compose.ts';
import { dkimSignatures, keysFor } from '../../src/delivery/dkim.ts';
import {
  activateDkimKey,
  activeDkimKeys,
  createDkimKey,
  type DkimKeyInfo,
  listDkimKeys,
  removeDkimKey,
} from '../../src/delivery/dkim-keys.ts';
import { planDeliveries } from '../../src/delivery/plan.ts';
import { sendTransactional } from '../../src/delivery/transactional.ts';
import { openTransport } from '../../src/delivery/transport.ts';
import { getEdition } from '../../src/editions/editions.ts';
import { linkSigner } from '../../src/links.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { seedEdition, seedList, seedNewsletter } from '../support/seed.ts';
import { sendBatch, sendingTo } from '../support/sending.ts';
import { startSmtp } from '../support/smtp.ts';

interface Checked {
  results: { signingDomain: string; selector: string; status: { result: string; comment?: string } }[];
}

/** Verifies as another implementation does, with a DNS that has the keys' records alone. */
async function verify(raw: Buffer, keys: DkimKeyInfo[]): Promise<[string, string][]> {
  const resolver = async (name: string, type: string) => {
    const key = keys.find(({ recordName }) => recordName === name);
    if (type === 'TXT' && key) return [[key.record]];
    throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
  };
  const { results } = (await dkimVerify(raw, { resolver })) as Checked;
  return results.map(({ selector, status }): [string, string] => [selector, status.result]);
}

async function withKeys(context: TestContext, domain = 'harbour.example.com') {
  const keys = [
    await createDkimKey(context, { domain, selector: 'r1' }),
    await createDkimKey(context, { domain, selector: 'e1', algorithm: 'ed25519-sha256' }),
  ];
  for (const { selector } of keys) await activateDkimKey(context, domain, selector, true);
  return keys;
}

const both = [
  ['e1', 'pass'],
  ['r1', 'pass'],
];

test('every message of an edition carries both signatures, and another implementation accepts them', async () => {
  const context = await createTestContext();
  const smtp = await startSmtp();
  const keys = await withKeys(context);
  const { listId } = await seedList(context, 5);
  await context.db.updateTable('subscribers').set({ name: 'Zoë Łuna  van der Berg' }).execute();
  const newsletter = await seedNewsletter(context, [listId]);
  const editionId = await seedEdition(context, newsletter.id);
  await planDeliveries(context, editionId);
  const composer = await prepareComposer(
    context,
    await getEdition(context, editionId),
    await linkSigner(context),
  );
  await sendBatch(context, composer, 0, sendingTo(context, smtp.url));
  expect(smtp.received).toHaveLength(5);
  for (const { raw } of smtp.received)
    expect((await verify(Buffer.from(raw, 'latin1'), keys)).toSorted()).toEqual(both);
  const [first] = smtp.received;
  expect(first?.raw).toMatch(/h=[^;]*list-unsubscribe:[^;]*list-unsubscribe-post/s);
});

test('a mail to one person is signed as well', async () => {
  const context = await createTestContext();
  const keys = await withKeys(context, 'example.com');
  const transport = await openTransport(context);
  onTestFinished(() => transport.close());
  await sendTransactional(context, transport, {
    to: 'anna@example.net',
    fromName: 'The Desk',
    fromAddress: 'desk@news.example.com',
    subject: 'Grüße',
    html: '<p>.\r\n.hidden\r\n',
    text: '.\n.\n\n\n',
  });
  const [mail] = await context.db.selectFrom('inbox_messages').select('raw').execute();
  expect((await verify(mail?.raw as Buffer, keys)).toSorted()).toEqual(both);
});

test.each([
  ['a body without an end', 'From: a@example.com\r\nTo: b@example.com\r\n\r\nno line end'],
  ['an empty body', 'From: a@example.com\r\nSubject: x\r\n\r\n'],
  ['empty lines at the end', 'From: a@example.com\r\n\r\nx\r\n\r\n\r\n\r\n'],
  ['folded and doubled headers', 'From:  a\r\n\t<a@example.com>\r\nTo: x\r\nto: y\r\n\r\nx\r\n'],
])('%s is signed as others read it', async (_name, text) => {
  const context = await createTestContext();
  const infos = await withKeys(context, 'example.com');
  const keys = await activeDkimKeys(context);
  const raw = Buffer.from(text);
  const signed = Buffer.concat([await dkimSignatures([raw], keys, context.clock.now()), raw]);
  expect((await verify(signed, infos)).toSorted()).toEqual(both);
  // The same in pieces, between headers and within the body.
  const [header, end] = [text.search(/\r\n[A-Z]/i) + 2, text.indexOf('\r\n\r\n') + 5];
  const pieces = [raw.subarray(0, header), raw.subarray(header, end), raw.subarray(end)];
  const again = Buffer.concat([await dkimSignatures(pieces, keys, context.clock.now()), raw]);
  expect((await verify(again, infos)).toSorted()).toEqual(both);
  const changed = Buffer.from(signed.toString().replace('\r\n\r\n', '\r\n\r\nmore'));
  for (const [, result] of await verify(changed, infos)) expect(result).not.toBe('pass');
});

test('keys sign for their domain and those below it, the nearest first, and only when they are in use', async () => {
  const context = await createTestContext();
  await withKeys(context, 'example.com');
  await createDkimKey(context, { domain: 'news.example.com', selector: 'n1' });
  expect(keysFor(await activeDkimKeys(context), 'a@news.example.com').map((key) => key.selector)).toEqual([
    'e1',
    'r1',
  ]);
  await activateDkimKey(context, 'news.example.com', 'n1', true);
  const keys = await activeDkimKeys(context);
  expect(keysFor(keys, 'A@News.Example.com').map((key) => key.selector)).toEqual(['n1']);
  expect(keysFor(keys, 'a@other-example.com')).toEqual([]);
  await removeDkimKey(context, 'news.example.com', 'n1');
  await expect(removeDkimKey(context, 'news.example.com', 'n1')).rejects.toThrow('There is no key');
  expect((await listDkimKeys(context)).map(({ selector }) => selector)).toEqual(['e1', 'r1']);
});

test.each([
  [{ domain: 'bad domain', selector: 'a' }, /cannot be a domain/],
  [{ domain: 'example.com', selector: 'a_b;' }, /cannot be a selector/],
  [{ domain: 'example.com', selector: 'a', privateKey: 'nonsense' }, /private key cannot be used/],
])('%o is refused with a reason', async (request, why) => {
  const context = await createTestContext();
  await expect(createDkimKey(context, request)).rejects.toThrow(why);
});
