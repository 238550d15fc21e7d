import { expect, test } from 'vitest';
import type { DkimKeyInfo } from '../../src/delivery/dkim-keys.ts';
import { checkDkim } from '../../src/doctor/dns/dkim.ts';
import { lookAtDomain } from '../../src/doctor/dns/domain.ts';
import { checkMx, checkPtr } from '../../src/doctor/dns/hosts.ts';
import { Dns } from '../../src/doctor/dns/lookup.ts';
import { relayOf } from '../../src/doctor/dns/relays.ts';
import { findSenders, type Senders } from '../../src/doctor/dns/senders.ts';
import { checkSpf } from '../../src/doctor/dns/spf.ts';
import type { Finding } from '../../src/doctor/finding.ts';
import { startDns, type Zone } from '../support/dns-server.ts';

const ours = '93.184.215.14';
const from: Senders = { addresses: [ours], given: true, relays: [], hidden: [] };
const asks = async (zone: Zone) => new Dns((await startDns(zone)).address);
const words = (findings: Finding[]) => findings.map(({ status, says }) => `${status}: ${says}`).join('\n');
/** Public part of an Ed25519 key: the shortest record that is one. */
const ed25519 = '11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=';

const key = (changes: Partial<DkimKeyInfo> = {}): DkimKeyInfo => ({
  domain: 'news.example.com',
  selector: 's1',
  algorithm: 'ed25519-sha256',
  createdAt: new Date(0),
  activeSince: new Date(0),
  recordName: 's1._domainkey.news.example.com',
  record: `v=DKIM1; k=ed25519; p=${ed25519}`,
  ...changes,
});

/** A domain of which everything is as it should be. */
const good = (): Zone => ({
  'news.example.com TXT': ['v=spf1 include:_spf.example.com -all', 'a-site-verification=1'],
  '_spf.example.com TXT': [`v=spf1 ip4:${ours} -all`],
  's1._domainkey.news.example.com TXT': [`v=DKIM1; k=ed25519; p=${ed25519}`],
  '_dmarc.example.com TXT': ['v=DMARC1; p=reject; rua=mailto:dmarc@example.com'],
  'news.example.com MX': ['20 mx2.example.com', '10 mx.example.com'],
  'mx.example.com A': [ours],
  'mx2.example.com AAAA': ['2001:db8::7'],
  '14.215.184.93.in-addr.arpa PTR': ['mx.example.com'],
});

const lookAt = async (zone: Zone, options: Partial<Parameters<typeof lookAtDomain>[2]> = {}) =>
  lookAtDomain(await asks(zone), 'news.example.com', {
    keys: [key()],
    senders: from,
    returnPath: undefined,
    ...options,
  });

test('a domain that is set up well is found to be so, in each way', async () => {
  const look = await lookAt(good());
  expect(words(look.findings).replaceAll('ok: ', '')).toMatchInlineSnapshot(`
    "news.example.com has a record; it needs 1 of 10 lookups
    news.example.com lets 93.184.215.14 write in its name
    s1._domainkey.news.example.com holds the key that we sign with
    news.example.com asks for p=reject, by the record of example.com
    DKIM of news.example.com stands for news.example.com (relaxed), and so does SPF of news.example.com
    mx.example.com takes the mail of news.example.com
    news.example.com names no logo; none is needed
    93.184.215.14 is mx.example.com, and mx.example.com is 93.184.215.14"
  `);
  expect(look).toMatchObject({ spf: true, dkim: true, dmarc: true, alignment: true, mx: true, ptr: true });
});

const lookups = (count: number) => Array.from({ length: count }, (_, at) => `a:h${at}.example.com`).join(' ');

test.each<[string, string[], RegExp, boolean | undefined]>([
  ['none', ['something else'], /^failed: d\.example\.com has no record$/, false],
  ['two', ['v=spf1 -all', 'v=spf1 ~all'], /^failed: .*2 records, so none of them counts/, false],
  ['everybody', ['v=spf1 +all'], /^failed: .*lets every machine on earth/, false],
  ['a slip', ['v=spf1 ipv4:93.184.215.14 -all'], /^failed: .*cannot be read: Unknown mechanism ipv4/, false],
  [
    'others only',
    ['v=spf1 ip4:198.51.100.1 -all'],
    /failed: .*does not let 93\.184\.215\.14.*\(fail\)/,
    false,
  ],
  ['ten lookups', [`v=spf1 ${lookups(10)} ip4:${ours} -all`], /^ok: .*needs 10 of 10 lookups/, true],
  [
    'eleven',
    [`v=spf1 ip4:${ours} ${lookups(11)} -all`],
    /^failed: .*needs 11 lookups, and 10 are allowed/,
    false,
  ],
  [
    'empty names',
    [`v=spf1 ip4:${ours} a:n1.example.com a:n2.example.com a:n3.example.com -all`],
    /^failed: 3 names .* lead to nothing/,
    false,
  ],
  ['redirected', ['v=spf1 redirect=_spf.example.com'], /^ok: .*needs 1 of 10/, true],
  ['a loop', ['v=spf1 include:d.example.com -all'], /^failed: /, false],
])('SPF: %s', async (_, records, expected, met) => {
  const zone: Zone = { 'd.example.com TXT': records, '_spf.example.com TXT': [`v=spf1 ip4:${ours} -all`] };
  for (let at = 0; at < 12; at++) zone[`h${at}.example.com A`] = ['198.51.100.9'];
  const answer = await checkSpf(await asks(zone), 'd.example.com', from);
  expect(words(answer.findings)).toMatch(expected);
  expect(answer.met).toBe(met);
  for (const { status, mend } of answer.findings) if (status !== 'ok') expect(mend).toBeTruthy();
});

test('from where mail leaves is guessed by the hosts of routes, and said to be guessed', async () => {
  const dns = await asks({
    'mail.example.com A': [ours],
    'inside.example.com A': ['10.1.2.3'],
    'd.example.com TXT': ['v=spf1 include:sendgrid.net -all'],
    'e.example.com TXT': ['v=spf1 -all'],
    'sendgrid.net TXT': ['v=spf1 ip4:198.51.100.0/24 -all'],
  });
  const hosts = ['mail.example.com', 'inside.example.com', '127.0.0.1', 'smtp.sendgrid.net'];
  const senders = await findSenders(dns, hosts, []);
  expect(senders).toMatchObject({
    addresses: [ours],
    given: false,
    relays: [{ name: 'SendGrid' }],
    hidden: ['inside.example.com', '127.0.0.1'],
  });
  const some = words((await checkSpf(dns, 'd.example.com', senders)).findings);
  expect(some).toContain('ok: d.example.com lets SendGrid write in its name');
  expect(some).toMatch(/warning: .*does not let 93\.184\.215\.14, the route's host/);
  expect(some).toMatch(/unknown: .*127\.0\.0\.1/);
  const none = await checkSpf(dns, 'e.example.com', { ...senders, addresses: [], hidden: [] });
  expect(none.met).toBeUndefined();
  expect(words(none.findings)).toContain('warning: the record of e.example.com does not include SendGrid');
});

test('machines rented from a provider are not taken for its relays', () => {
  expect(relayOf('email-smtp.eu-west-1.amazonaws.com')?.name).toBe('Amazon SES');
  expect(relayOf('ec2-1-2-3-4.compute.amazonaws.com')).toBeUndefined();
  expect(relayOf('smtp.eu.mailgun.org')?.name).toBe('Mailgun');
  expect(relayOf('notmailgun.org')).toBeUndefined();
});

test.each<[string, string[], RegExp, boolean]>([
  ['missing', [], /^failed: s1\._domainkey\.news\.example\.com has no record/, false],
  ['another key', ['v=DKIM1; k=ed25519; p=AAAA'], /^failed: .*not the one that we sign with/, false],
  ['another kind', [`v=DKIM1; p=${ed25519}`], /^failed: .*not the one/, false],
  ['revoked', ['v=DKIM1; k=ed25519; p='], /^failed: .*revoked/, false],
  ['doubled', [`k=ed25519; p=${ed25519}`, 'v=DKIM1; p=AAAA'], /^failed: .*2 records/, false],
  ['SHA-1 only', [`v=DKIM1; k=ed25519; h=sha1; p=${ed25519}`], /^failed: .*forbids SHA-256/, false],
  ['a test', [`v=DKIM1; k=ed25519; t=y:s; p=${ed25519}`], /^warning: .*\(t=y\)/, true],
  ['spaces in it', [`v=DKIM1; k=ed25519; p= ${ed25519.slice(0, 10)} ${ed25519.slice(10)}`], /^ok: /, true],
])('DKIM record: %s', async (_, records, expected, met) => {
  const dns = await asks({ 's1._domainkey.news.example.com TXT': records });
  const answer = await checkDkim(dns, 'news.example.com', [key()]);
  expect(words(answer.findings)).toMatch(expected);
  expect(answer.met).toBe(met);
});

test('keys are looked for as signing does: of the nearest domain, and active', async () => {
  const dns = await asks({ 's1._domainkey.news.example.com TXT': [`v=DKIM1; k=ed25519; p=${ed25519}`] });
  const above = key({ domain: 'example.com', recordName: 's1._domainkey.example.com' });
  expect((await checkDkim(dns, 'news.example.com', [above, key()])).domains).toEqual(['news.example.com']);
  const asleep = await checkDkim(dns, 'news.example.com', [key({ activeSince: null })]);
  expect(asleep.findings[0]?.mend).toBe('broadsheet dkim activate news.example.com s1');
  const foreign = await checkDkim(dns, 'other.example.net', [key()]);
  expect(foreign).toMatchObject({ met: undefined, findings: [{ status: 'unknown' }] });
});

test('DMARC and alignment: what is lost, and what saves it', async () => {
  const without = good();
  delete without['_dmarc.example.com TXT'];
  expect(await lookAt(without)).toMatchObject({ dmarc: false, alignment: undefined });

  // The return path is another organisation's, and the key is not in the DNS.
  const broken: Zone = { ...good(), 'bounces.example.net TXT': [`v=spf1 ip4:${ours} -all`] };
  delete broken['s1._domainkey.news.example.com TXT'];
  const lost = await lookAt(broken, { returnPath: 'b@bounces.example.net' });
  expect(lost).toMatchObject({ envelope: 'bounces.example.net', spf: true, dkim: false, alignment: false });
  expect(words(lost.findings)).toContain(
    'failed: neither SPF (bounces.example.net) nor DKIM (none) stands for',
  );
  expect(words(lost.findings)).toContain('failed: bounces.example.net has no mail server');

  // SPF of the domain itself still stands for it; strictly, a domain beside it does not.
  delete broken['bounces.example.net TXT'];
  const bySpf = await lookAt(broken);
  expect(bySpf).toMatchObject({ alignment: true });
  expect(words(bySpf.findings)).toContain('warning: only SPF of news.example.com');
  const strict: Zone = {
    ...good(),
    '_dmarc.example.com TXT': ['v=DMARC1; p=none; adkim=s; aspf=s'],
    'b.example.com TXT': [`v=spf1 ip4:${ours} -all`],
    's1._domainkey.example.com TXT': [`v=DKIM1; k=ed25519; p=${ed25519}`],
  };
  const keys = [key({ domain: 'example.com', recordName: 's1._domainkey.example.com' })];
  const look = await lookAt(strict, { keys, returnPath: 'x@b.example.com' });
  expect(look).toMatchObject({ spf: true, dkim: true, dmarc: true, alignment: false });
  expect(words(look.findings)).toMatch(/warning: .*p=none.*delivered all the same/);
});

test('BIMI: a logo is shown only under a policy that is kept', async () => {
  const zone: Zone = {
    ...good(),
    'default._bimi.news.example.com TXT': [
      'v=BIMI1; l=https://example.com/logo.svg; a=https://example.com/vmc.pem',
    ],
  };
  const bimi = async () => (await lookAt(zone)).findings.find(({ check }) => check === 'BIMI');
  expect(await bimi()).toMatchObject({ status: 'ok', says: expect.stringContaining('with a certificate') });
  zone['_dmarc.example.com TXT'] = ['v=DMARC1; p=none'];
  expect(await bimi()).toMatchObject({ status: 'warning', says: expect.stringContaining('too lax') });
  zone['_dmarc.example.com TXT'] = ['v=DMARC1; p=reject'];
  zone['default._bimi.news.example.com TXT'] = ['v=BIMI1; l=http://example.com/logo.svg'];
  expect(await bimi()).toMatchObject({
    status: 'warning',
    says: expect.stringContaining('invalid location'),
  });
});

test('MX and PTR: names that lead nowhere', async () => {
  const dns = await asks({
    'null.example.com MX': ['0 .'],
    'own.example.com A': [ours],
    'gone.example.com MX': ['10 mx.gone.example.com'],
    '14.215.184.93.in-addr.arpa PTR': ['pool-14.example.net'],
    'pool-14.example.net A': ['198.51.100.2'],
  });
  const mx = async (domain: string) => words((await checkMx(dns, domain)).findings);
  expect(await mx('null.example.com')).toMatch(/^failed: .*takes no mail/);
  expect(await mx('own.example.com')).toMatch(/^warning: .*no MX record/);
  expect(await mx('gone.example.com')).toMatch(/^failed: mx\.gone\.example\.com .*has no address/);
  expect(await mx('nothing.example.com')).toMatch(/^failed: .*no mail server/);
  const ptr = await checkPtr(dns, from);
  expect(words(ptr.findings)).toMatch(/^failed: 93\.184\.215\.14 is called pool-14\.example\.net/);
  expect((await checkPtr(dns, { ...from, given: false })).met).toBeUndefined();
});

test('a name server that fails leaves open what it was asked, and nothing else', async () => {
  const look = await lookAt({ ...good(), 'news.example.com TXT': ['FAIL'] });
  expect(look).toMatchObject({ spf: undefined, dkim: true, dmarc: true, alignment: true, mx: true });
  expect(look.findings.filter(({ status }) => status !== 'ok')).toEqual([
    expect.objectContaining({
      check: 'SPF',
      status: 'unknown',
      says: expect.stringContaining('name server failed'),
    }),
  ]);
  expect(() => new Dns('not an address')).toThrow(/no address of a name server/);
});
