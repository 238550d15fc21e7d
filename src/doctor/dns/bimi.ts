import type { DMARCResult } from 'mailauth';
import { bimi } from 'mailauth/lib/bimi/index.js';
import { type Finding, ok, unknown, warning } from '../finding.ts';
import type { Dns } from './lookup.ts';

/** Whether mailboxes may show a domain's logo (BIMI). It is nobody's duty. @param result what DMARC came to */
export async function checkBimi(dns: Dns, domain: string, result: DMARCResult | undefined): Promise<Finding> {
  const records = (await dns.txt(`default._bimi.${domain}`)).filter((text) => /^v\s*=\s*BIMI1/i.test(text));
  if (records.length === 0) return ok('BIMI', `${domain} names no logo; none is needed`);
  const mend = `Correct the record at default._bimi.${domain}, or take it away.`;
  if (!result)
    return warning(
      'BIMI',
      `${domain} names a logo, and has no DMARC policy, without which none is shown`,
      mend,
    );
  // What is asked here is the record, not a message: that DMARC passes is another check.
  const assumed = { ...result, status: { ...result.status, result: 'pass' as const } };
  const found = await bimi({ dmarc: assumed, resolver: dns.resolve });
  if (!found) return unknown('BIMI', `the logo of ${domain} could not be looked at`, mend);
  const { result: verdict, comment } = found.status;
  if (verdict === 'pass')
    return ok(
      'BIMI',
      `${domain} names a logo${found.authority ? ' with a certificate' : '; Gmail and Apple show it with a certificate only (a=)'}`,
    );
  if (verdict === 'skipped')
    return warning(
      'BIMI',
      `${domain} names a logo that is not shown: ${comment}`,
      'Mailboxes want p=quarantine or p=reject, for all mail of the domain.',
    );
  return verdict === 'declined'
    ? ok('BIMI', `${domain} says that it wants no logo`)
    : warning('BIMI', `the record of ${domain} cannot be used: ${comment ?? verdict}`, mend);
}
