import { spf } from 'mailauth/lib/spf/index.js';
import { type Finding, failed, ok, unknown, warning } from '../finding.ts';
import { type Dns, DnsTrouble } from './lookup.ts';
import type { Senders } from './senders.ts';
import type { Answer } from './verdict.ts';

/** RFC 7208 section 4.6.4. */
const mostLookups = 10;
const mostVoid = 2;
/** An address of nobody (RFC 5737): whoever lets it pass lets everybody pass, and a record is read to its end for it. */
const nobody = '192.0.2.1';

/**
 * Whether a domain says that our mail may come from where it comes from (RFC 7208).
 * @param domain that of the envelope's sender, which is what mailboxes look at
 */
export async function checkSpf(dns: Dns, domain: string, senders: Senders): Promise<Answer> {
  const records = (await dns.txt(domain)).filter((text) => /^v=spf1(?:\s|$)/i.test(text.trim()));
  if (records.length === 0)
    return no(
      failed('SPF', `${domain} has no record`, `Put a TXT record at ${domain}: ${suggestion(senders)}`),
    );
  if (records.length > 1)
    return no(
      failed(
        'SPF',
        `${domain} has ${records.length} records, so none of them counts`,
        'Make one record of them: all that they allow, and one "all" at the end.',
      ),
    );
  const asked = new Set<string>();
  const whole = await evaluate(dns, domain, nobody, (name) => asked.add(name.toLowerCase()));
  const { count, empty, result, comment } = whole;
  if (result === 'temperror') throw new DnsTrouble(`the SPF record of ${domain}: ${comment}`);
  if (result === 'permerror')
    return no(
      failed('SPF', `the record of ${domain} cannot be read: ${comment}`, `Correct it: ${records[0]}`),
    );
  if (result === 'pass')
    return no(
      failed(
        'SPF',
        `the record of ${domain} lets every machine on earth write in its name`,
        'Let it end with ~all or -all.',
      ),
    );
  const findings: Finding[] = [];
  const tooMany = count > mostLookups || empty > mostVoid;
  if (tooMany)
    findings.push(
      failed(
        'SPF',
        count > mostLookups
          ? `the record of ${domain} needs ${count} lookups, and ${mostLookups} are allowed: mailboxes take it for a mistake`
          : `${empty} names in the record of ${domain} lead to nothing, and ${mostVoid} are allowed: mailboxes take it for a mistake`,
        'Take out what no mail comes from any more; write ip4: and ip6: instead of a, mx and include where addresses stay.',
      ),
    );
  else findings.push(ok('SPF', `${domain} has a record; it needs ${count} of ${mostLookups} lookups`));
  const verdicts: Answer['met'][] = [tooMany ? false : undefined];
  for (const address of senders.addresses) {
    const { result: verdict } = await evaluate(dns, domain, address);
    verdicts.push(verdict === 'pass');
    if (verdict === 'pass') findings.push(ok('SPF', `${domain} lets ${address} write in its name`));
    else if (senders.given)
      findings.push(
        failed('SPF', `${domain} does not let ${address} write in its name (${verdict})`, add(address)),
      );
    else {
      verdicts[verdicts.length - 1] = undefined;
      findings.push(
        warning(
          'SPF',
          `${domain} does not let ${address}, the route's host, write in its name (${verdict})`,
          `${add(address)} If mail leaves from another address, say from which: broadsheet doctor --ip ADDRESS`,
        ),
      );
    }
  }
  for (const { name, includes } of senders.relays) {
    const included = includes.some((each) => asked.has(each));
    if (included) findings.push(ok('SPF', `${domain} lets ${name} write in its name`));
    else
      findings.push(
        warning(
          'SPF',
          `the record of ${domain} does not include ${name} (${includes[0]})`,
          `Put include:${includes[0]} into it, unless ${name} uses a return path of its own: then set up a domain of yours for that with them.`,
        ),
      );
    verdicts.push(included ? true : undefined);
  }
  for (const host of senders.hidden)
    findings.push(
      unknown(
        'SPF',
        `whether ${domain} lets ${host} write in its name depends on the address that it sends from`,
        'Say which: broadsheet doctor --ip ADDRESS',
      ),
    );
  const certain = verdicts.slice(1);
  const met = verdicts.includes(false)
    ? false
    : certain.length > 0 && senders.hidden.length === 0 && certain.every((each) => each === true)
      ? true
      : undefined;
  return { met, findings };
}

const no = (finding: Finding): Answer => ({ met: false, findings: [finding] });

const add = (address: string) => `Put ip${address.includes(':') ? 6 : 4}:${address} into its SPF record.`;

function suggestion({ addresses, relays }: Senders): string {
  const terms = [
    ...addresses.map((address) => `ip${address.includes(':') ? 6 : 4}:${address}`),
    ...relays.map(({ includes }) => `include:${includes[0]}`),
  ];
  return `"v=spf1 ${terms.length > 0 ? terms.join(' ') : 'ip4:ADDRESS'} ~all"`;
}

async function evaluate(dns: Dns, domain: string, ip: string, onText?: (name: string) => void) {
  const generous = onText ? { maxResolveCount: 60, maxVoidCount: 60 } : {};
  const sender = `postmaster@${domain}`;
  const { status, lookups } = await spf({
    ip,
    helo: domain,
    sender,
    ...generous,
    resolver: (name, type) => {
      if (type === 'TXT') onText?.(name);
      return dns.resolve(name, type);
    },
  });
  return {
    result: status.result,
    comment: String(status.comment ?? '')
      .split(`${sender}: `)
      .at(-1),
    count: lookups?.count ?? 0,
    empty: lookups?.void ?? 0,
  };
}
