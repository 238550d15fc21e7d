import type { DkimKeyInfo } from '../../delivery/dkim-keys.ts';
import { messageOf } from '../../errors.ts';
import { type Finding, unknown } from '../finding.ts';
import { checkBimi } from './bimi.ts';
import { checkDkim } from './dkim.ts';
import { checkDmarc, type DmarcAnswer } from './dmarc.ts';
import { checkMx, checkPtr } from './hosts.ts';
import type { Dns } from './lookup.ts';
import type { Senders } from './senders.ts';
import { checkSpf } from './spf.ts';
import type { Answer } from './verdict.ts';

/** What the DNS says of a domain that mail is written from. */
export interface DomainLook {
  domain: string;
  /** The domain of the envelope's sender. */
  envelope: string;
  spf: boolean | undefined;
  dkim: boolean | undefined;
  dmarc: boolean | undefined;
  alignment: boolean | undefined;
  mx: boolean | undefined;
  ptr: boolean | undefined;
  findings: Finding[];
}

/**
 * Looks at all that mailboxes look at in the DNS when they get mail from a domain. Never throws: what could not be looked up is not
 * known.
 * @param returnPath the address that bounces go to; undefined: the sender
 */
export async function lookAtDomain(
  dns: Dns,
  domain: string,
  { keys, senders, returnPath }: { keys: DkimKeyInfo[]; senders: Senders; returnPath: string | undefined },
): Promise<DomainLook> {
  const envelope = (returnPath?.split('@').at(-1) ?? domain).toLowerCase();
  const nothing: Answer = { met: undefined, findings: [] };
  const [spf, dkim, mx, mxBack, ptr] = await Promise.all([
    tried('SPF', () => checkSpf(dns, envelope, senders), nothing),
    tried('DKIM', () => checkDkim(dns, domain, keys), { ...nothing, domains: [] }),
    tried('MX', () => checkMx(dns, domain), nothing),
    envelope === domain ? nothing : tried('MX', () => checkMx(dns, envelope), nothing),
    tried('PTR', () => checkPtr(dns, senders), nothing),
  ]);
  const dmarc = await tried<DmarcAnswer & { findings: Finding[] }>(
    'DMARC',
    async () => {
      const answer = await checkDmarc(dns, domain, {
        envelope,
        spf: spf.met,
        signing: dkim.domains,
        signed: dkim.met,
      });
      return { ...answer, findings: [...answer.policy.findings, ...answer.alignment.findings] };
    },
    { policy: nothing, alignment: nothing, result: undefined, findings: [] },
  );
  const bimi = await tried(
    'BIMI',
    async () => ({ findings: [await checkBimi(dns, domain, dmarc.result)] }),
    nothing,
  );
  return {
    domain,
    envelope,
    spf: spf.met,
    dkim: dkim.met,
    dmarc: dmarc.policy.met,
    alignment: dmarc.alignment.met,
    mx: mx.met,
    ptr: ptr.met,
    findings: [spf, dkim, dmarc, mx, mxBack, bimi, ptr].flatMap(({ findings }) => findings),
  };
}

async function tried<Each extends { findings: Finding[] }>(
  check: string,
  look: () => Promise<Each>,
  nothing: Each,
): Promise<Each> {
  try {
    return await look();
  } catch (error) {
    return {
      ...nothing,
      findings: [
        unknown(
          check,
          messageOf(error),
          'Try again, or ask another name server: broadsheet doctor --dns 9.9.9.9',
        ),
      ],
    };
  }
}
