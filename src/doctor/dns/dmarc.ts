import type { DMARCResult } from 'mailauth';
import { dmarc } from 'mailauth/lib/dmarc/index.js';
import { type Finding, failed, ok, unknown, warning } from '../finding.ts';
import { type Dns, DnsTrouble } from './lookup.ts';
import type { Answer } from './verdict.ts';

/** What a domain asks mailboxes to do, and whether our mail is in line with it. */
export interface DmarcAnswer {
  policy: Answer;
  alignment: Answer;
  /** As mailauth tells it, for BIMI; undefined where there is no policy. */
  result: DMARCResult | undefined;
}

/**
 * DMARC (RFC 7489, RFC 9989): the policy that holds for a domain, and alignment of the From domain with what SPF and DKIM
 * stand for.
 * @param domain of the From address
 * @param envelope the domain of the envelope's sender
 * @param spf whether SPF holds for the envelope
 * @param signing the `d=` of signatures that hold
 */
export async function checkDmarc(
  dns: Dns,
  domain: string,
  { envelope, spf, signing, signed }: Identities,
): Promise<DmarcAnswer> {
  const result = await dmarc({
    headerFrom: domain,
    spfDomains: [envelope],
    dkimDomains: signing.map((each) => ({ domain: each })),
    resolver: dns.resolve,
  });
  if (!result || result.status.result === 'temperror')
    throw new DnsTrouble(
      `the DMARC policy of ${domain} could not be looked up${result && 'error' in result ? `: ${result.error}` : ''}`,
    );
  if (result.status.result === 'none')
    return {
      policy: {
        met: false,
        findings: [
          failed(
            'DMARC',
            `${domain} has no policy`,
            `Put a TXT record at _dmarc.${domain}: "v=DMARC1; p=none; rua=mailto:dmarc@${domain}", with an address of yours that takes the reports.`,
          ),
        ],
      },
      alignment: { met: undefined, findings: [] },
      result: undefined,
    };
  return {
    policy: { met: true, findings: [policyFinding(domain, result)] },
    alignment: alignmentOf(result, domain, { envelope, spf, signing, signed }),
    result,
  };
}

/** What a message will stand for. */
export interface Identities {
  envelope: string;
  spf: boolean | undefined;
  signing: string[];
  /** Whether it is signed so that it holds; undefined: a mail server may do so. */
  signed: boolean | undefined;
}

function policyFinding(domain: string, result: DMARCResult): Finding {
  const from = result.policyDomain ?? domain;
  const says = `${domain} asks for p=${result.policy}${from === domain ? '' : `, by the record of ${from}`}`;
  const reports = /(?:^|;)\s*rua\s*=\s*mailto:/i.test(result.rr ?? '');
  if (result.policy === 'none')
    return warning(
      'DMARC',
      `${says}: mail that others send in its name is delivered all the same`,
      reports
        ? 'When the reports show that all your mail passes, ask for p=quarantine, and then p=reject.'
        : `Add rua=mailto:ADDRESS to the record at _dmarc.${from}; when the reports show that all your mail passes, ask for p=quarantine.`,
    );
  return ok('DMARC', `${says}${reports ? '' : ', and for no reports'}`);
}

function alignmentOf(result: DMARCResult, domain: string, identities: Identities): Answer {
  const { envelope, spf, signing, signed } = identities;
  const dkimFits = Boolean(result.alignment?.dkim?.result);
  const spfFits = Boolean(result.alignment?.spf?.result);
  const mode = (strict: boolean | undefined) => (strict ? 'strict' : 'relaxed');
  if (dkimFits)
    return {
      met: true,
      findings: [
        ok(
          'alignment',
          `DKIM of ${signing[0]} stands for ${domain} (${mode(result.alignment?.dkim?.strict)})${
            spfFits ? `, and so does SPF of ${envelope}` : `; SPF is for ${envelope}, which need not fit`
          }`,
        ),
      ],
    };
  if (spfFits && spf === true)
    return {
      met: true,
      findings: [
        warning(
          'alignment',
          `only SPF of ${envelope} stands for ${domain} (${mode(result.alignment?.spf?.strict)}): it is lost when mail is passed on`,
          `Sign too: broadsheet dkim create ${domain}`,
        ),
      ],
    };
  if (signed === undefined || (spfFits && spf === undefined))
    return {
      met: undefined,
      findings: [
        unknown(
          'alignment',
          `whether anything stands for ${domain} depends on what the mail server signs${spfFits ? ', and where it sends from' : ''}`,
          `Look at Authentication-Results of a test mail (broadsheet editions test), or sign here: broadsheet dkim create ${domain}`,
        ),
      ],
    };
  return {
    met: false,
    findings: [
      failed(
        'alignment',
        `neither SPF (${envelope}) nor DKIM (${signing.join(', ') || 'none'}) stands for ${domain}: its mail fails DMARC`,
        `Sign with a key of ${domain} whose record is in the DNS, or use a RETURN_PATH within ${domain}.`,
      ),
    ],
  };
}
