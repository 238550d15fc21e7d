import { createPublicKey } from 'node:crypto';
import type { DkimKeyInfo } from '../../delivery/dkim-keys.ts';
import { type Finding, failed, ok, unknown, warning } from '../finding.ts';
import type { Dns } from './lookup.ts';
import type { Answer } from './verdict.ts';

/** Whether a signature will hold, and for which domain it is. */
export interface DkimAnswer extends Answer {
  /** The `d=` of the signatures that will hold. */
  domains: string[];
}

/** Below this, Gmail takes a signature for none; RFC 8301 asks for as much. */
const fewestBits = 1024;
const usualBits = 2048;

/**
 * Whether what stands in the DNS is what we sign with (RFC 6376).
 * @param domain of the From address
 * @param keys all that there are
 */
export async function checkDkim(dns: Dns, domain: string, keys: DkimKeyInfo[]): Promise<DkimAnswer> {
  const fitting = keys.filter((key) => domain === key.domain || domain.endsWith(`.${key.domain}`));
  const active = nearest(fitting.filter(({ activeSince }) => activeSince !== null));
  if (active.length === 0) return notSigning(dns, domain, fitting);
  const found = await Promise.all(active.map(async (key) => ({ key, finding: await compare(dns, key) })));
  const holding = found.filter(({ finding }) => finding.status !== 'failed');
  return {
    met: holding.length > 0,
    domains: holding.map(({ key }) => key.domain),
    findings: found.map(({ finding }) => finding),
  };
}

async function notSigning(dns: Dns, domain: string, keys: DkimKeyInfo[]): Promise<DkimAnswer> {
  const [key] = nearest(keys);
  if (!key)
    return {
      met: undefined,
      domains: [],
      findings: [
        unknown(
          'DKIM',
          `there is no key for ${domain}: whether its mail is signed is up to the mail server`,
          `If it does not sign: broadsheet dkim create ${domain}`,
        ),
      ],
    };
  const isThere = (await compare(dns, key)).status !== 'failed';
  return {
    met: undefined,
    domains: [],
    findings: [
      warning(
        'DKIM',
        `nothing is signed with the key ${key.selector} of ${key.domain}${isThere ? ', though its record is in the DNS' : ''}`,
        isThere
          ? `broadsheet dkim activate ${key.domain} ${key.selector}`
          : `Put its record into the DNS (broadsheet dkim show ${key.domain}), and activate it.`,
      ),
    ],
  };
}

/** As signing chooses them: of the nearest domain. */
function nearest(keys: DkimKeyInfo[]): DkimKeyInfo[] {
  const longest = Math.max(...keys.map((key) => key.domain.length));
  return keys.filter((key) => key.domain.length === longest);
}

async function compare(dns: Dns, key: DkimKeyInfo): Promise<Finding> {
  const { recordName: name, selector, domain } = key;
  const put = `Put this TXT record at ${name}: ${key.record}`;
  const stop = `${put} – or sign with another key: broadsheet dkim deactivate ${domain} ${selector}`;
  const records = (await dns.txt(name)).filter((text) => /(?:^|;)\s*p\s*=/i.test(text));
  if (records.length === 0)
    return failed('DKIM', `${name} has no record: signatures of ${domain} do not hold`, stop);
  if (records.length > 1)
    return failed('DKIM', `${name} has ${records.length} records, of which mailboxes may take any`, put);
  const there = tagsOf(records[0] as string);
  const ours = tagsOf(key.record);
  if (there.p === '') return failed('DKIM', `the key at ${name} is revoked (p= is empty)`, stop);
  if ((there.k ?? 'rsa') !== ours.k || there.p !== ours.p)
    return failed('DKIM', `the key at ${name} is not the one that we sign with`, stop);
  if (there.h !== undefined && !there.h.split(':').includes('sha256'))
    return failed('DKIM', `the record at ${name} forbids SHA-256, which we sign with (h=${there.h})`, put);
  const bits = bitsOf(ours);
  if (bits < fewestBits) return failed('DKIM', `the key at ${name} has ${bits} bits`, renew(domain));
  if (there.t?.split(':').includes('y'))
    return warning(
      'DKIM',
      `the record at ${name} says that it is a test (t=y): mailboxes may ignore it`,
      put,
    );
  if (bits < usualBits)
    return warning(
      'DKIM',
      `the key at ${name} has ${bits} bits, and mailboxes want ${usualBits}`,
      renew(domain),
    );
  return ok('DKIM', `${name} holds the key that we sign with`);
}

const renew = (domain: string) => `Make another: broadsheet dkim create ${domain}`;

/** RFC 6376 section 3.2; white space counts for nothing in what is looked at here. */
function tagsOf(record: string): Record<string, string | undefined> {
  return Object.fromEntries(
    record.split(';').map((tag) => {
      const [name = '', ...value] = tag.split('=');
      return [name.trim().toLowerCase(), value.join('=').replace(/\s+/g, '')];
    }),
  );
}

function bitsOf({ k, p }: Record<string, string | undefined>): number {
  // Ed25519 has but one strength.
  if (k !== 'rsa') return usualBits;
  const key = createPublicKey({ key: Buffer.from(p ?? '', 'base64'), format: 'der', type: 'spki' });
  return key.asymmetricKeyDetails?.modulusLength ?? 0;
}
