import { expect, test } from 'vitest';
import type { DomainLook } from '../../src/doctor/dns/domain.ts';
import { recentComplaints } from '../../src/doctor/facts.ts';
import { bulkSenderRules, type RuleFacts } from '../../src/doctor/rules.ts';
import { createNewsletter } from '../../src/editions/newsletters.ts';
import { createTestContext } from '../support/context.ts';

const domain = (changes: Partial<DomainLook> = {}): DomainLook => ({
  ...{ domain: 'example.com', envelope: 'example.com', findings: [] },
  ...{ spf: true, dkim: true, dmarc: true, alignment: true, mx: true, ptr: true },
  ...changes,
});
const way = (secure: boolean | undefined, host = 'mail.example.com') => ({
  way: { name: 'route main', url: `smtp://${host}`, host, fromDomain: null },
  secure,
  findings: [],
});
const facts = (changes: Partial<RuleFacts> = {}): RuleFacts => ({
  domains: [domain()],
  ways: [way(true)],
  publicUrl: 'https://news.example.com',
  senders: [{ name: 'Example News', address: 'news@example.com' }],
  heard: true,
  complaints: { days: 30, accepted: 100_000, complaints: 12 },
  ...changes,
});
/** Of each rule that is not met or not known: its status, and what it says. */
const open = (changes: Partial<RuleFacts>) =>
  bulkSenderRules(facts(changes))
    .filter(({ status }) => status !== 'ok')
    .map(({ status, says }) => `${status}: ${says}`)
    .filter((each) => !each.includes('the same at Gmail'));

test('each rule says whose it is, and a sender who keeps them all is told so', () => {
  const rules = bulkSenderRules(facts());
  expect(open({})).toEqual([]);
  expect(rules.length).toBeGreaterThanOrEqual(15);
  expect(rules.every(({ from }) => /^(?:Gmail|Yahoo|Microsoft), /.test(from ?? ''))).toBe(true);
  expect(rules.find(({ says }) => says.includes('at Gmail'))).toMatchObject({
    status: 'unknown',
    mend: expect.stringContaining('Postmaster Tools'),
  });
});

test.each<[string, Partial<RuleFacts>, RegExp]>([
  [
    'SPF of a return path',
    { domains: [domain({ spf: false, envelope: 'b.example.net' })] },
    /^failed: SPF .*b\.example\.net/,
  ],
  [
    'DKIM of one of two',
    { domains: [domain(), domain({ dkim: false, domain: 'two.example' })] },
    /^failed: DKIM .*for two\.example$/,
  ],
  ['a policy', { domains: [domain({ dmarc: false })] }, /^failed: a DMARC policy/],
  [
    'alignment not known',
    { domains: [domain({ alignment: undefined })] },
    /^unknown: the From domain agrees/,
  ],
  ['PTR', { domains: [domain({ ptr: false })] }, /^failed: sending addresses/],
  ['MX', { domains: [domain({ mx: false })] }, /^failed: the From address takes answers/],
  ['mail in the clear', { ways: [way(false)] }, /^failed: mail is handed over by TLS/],
  ['a mail server here', { ways: [way(false, '127.0.0.1')] }, /^unknown: mail is handed over by TLS/],
  [
    'too many complaints',
    { complaints: { days: 30, accepted: 10_000, complaints: 31 } },
    /^failed: the rate .*0\.31 %/,
  ],
  [
    'few messages',
    { complaints: { days: 30, accepted: 300, complaints: 0 } },
    /^unknown: the rate .*too few/,
  ],
  ['no https', { publicUrl: 'http://news.example.com' }, /^failed: one-click/],
  ['a free mailbox', { senders: [{ name: 'N', address: 'n@gmail.com' }] }, /^failed: From .*n@gmail\.com/],
  [
    'a false name',
    { senders: [{ name: 'ceo@bank.example', address: 'n@example.com' }] },
    /^failed: From .*ceo@bank/,
  ],
])('%s is told, and nothing else', (_, changes, expected) => {
  expect(open(changes)).toEqual([expect.stringMatching(expected)]);
});

test('nobody is said to keep complaints low who does not hear of them', () => {
  expect(open({ heard: false })).toEqual([
    expect.stringMatching(/^unknown: the rate of complaints .*do not come back/),
    expect.stringMatching(/^failed: addresses that bounce/),
  ]);
});

test('complaints are those about editions of the last thirty days', async () => {
  const context = await createTestContext();
  const { db, clock } = context;
  const { id } = await createNewsletter(context, {
    ...{ slug: 'n', name: 'N', fromAddress: 'n@example.com', cron: '0 7 * * *' },
  });
  for (const [days, accepted, complaints] of [
    [1, 500, 2],
    [29, 1_000, 1],
    [31, 9_000, 90],
  ] as const) {
    const at = new Date(clock.now().getTime() - days * 86_400_000);
    const edition = await db
      .insertInto('editions')
      .values({
        newsletter_id: id,
        scheduled_for: at,
        sent_at: at,
        language: 'en',
        theme: 'plain',
        state: 'sent',
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await db
      .insertInto('edition_figures')
      .values({ edition_id: edition.id, accepted, complaints, bounced: 0, unsubscribed: 0, counted_at: at })
      .execute();
  }
  expect(await recentComplaints(db, clock.now())).toEqual({ days: 30, accepted: 1_500, complaints: 3 });
});
