import { type Finding, failed, ok, unknown, warning } from '../finding.ts';
import type { Dns } from './lookup.ts';
import type { Senders } from './senders.ts';
import type { Answer } from './verdict.ts';

/** Whether answers and what comes back find a mail server. @param domain of a From address or the return path */
export async function checkMx(dns: Dns, domain: string): Promise<Answer> {
  const servers = await dns.mx(domain);
  const mend = `Put an MX record at ${domain}, or write from a domain that takes mail: answers and bounces are lost.`;
  if (servers.length === 1 && servers[0] === '')
    return { met: false, findings: [failed('MX', `${domain} says that it takes no mail`, mend)] };
  if (servers.length === 0) {
    const addresses = await dns.addresses(domain);
    if (addresses.length === 0)
      return { met: false, findings: [failed('MX', `${domain} has no mail server`, mend)] };
    return {
      met: true,
      findings: [warning('MX', `${domain} has no MX record: mail goes to its own address`, mend)],
    };
  }
  const reached = await Promise.all(
    servers.slice(0, 5).map(async (name) => ({ name, found: (await dns.addresses(name)).length > 0 })),
  );
  const lost = reached.filter(({ found }) => !found).map(({ name }) => name);
  if (lost.length === reached.length)
    return {
      met: false,
      findings: [
        failed('MX', `${lost.join(', ')} for ${domain} ${lost.length > 1 ? 'have' : 'has'} no address`, mend),
      ],
    };
  return {
    met: true,
    findings: [
      lost.length > 0
        ? warning(
            'MX',
            `${lost.join(', ')} for ${domain} has no address`,
            `Take it out of the MX records of ${domain}.`,
          )
        : ok('MX', `${servers[0]} takes the mail of ${domain}`),
    ],
  };
}

/** Whether the addresses that mail leaves from have names which lead back to them, as Gmail and Yahoo ask. */
export async function checkPtr(dns: Dns, senders: Senders): Promise<Answer> {
  const found = await Promise.all(senders.addresses.map((address) => ptrOf(dns, address, senders.given)));
  const findings = found.map(({ finding }) => finding);
  for (const { name } of senders.relays) findings.push(ok('PTR', `${name} sends from addresses of its own`));
  for (const host of senders.hidden)
    findings.push(
      unknown(
        'PTR',
        `${host} is no public address: which one mail leaves from cannot be seen from here`,
        'Say which: broadsheet doctor --ip ADDRESS',
      ),
    );
  const met = found.some(({ met: each }) => each === false)
    ? false
    : senders.hidden.length > 0 || found.some(({ met: each }) => each === undefined) || findings.length === 0
      ? undefined
      : true;
  return { met, findings };
}

async function ptrOf(
  dns: Dns,
  address: string,
  isGiven: boolean,
): Promise<{ met: Answer['met']; finding: Finding }> {
  const names = await dns.names(address);
  const bad = (says: string) => ({
    // A server that takes mail may pass it on from another address.
    met: isGiven ? false : undefined,
    finding: (isGiven ? failed : warning)(
      'PTR',
      says,
      `Whoever rents you the address sets its name: one that leads back to ${address}.${isGiven ? '' : ' If mail leaves from another address, say from which: broadsheet doctor --ip ADDRESS'}`,
    ),
  });
  if (names.length === 0) return bad(`${address} has no name`);
  for (const name of names)
    if ((await dns.addresses(name)).includes(address))
      return { met: true, finding: ok('PTR', `${address} is ${name}, and ${name} is ${address}`) };
  return bad(`${address} is called ${names.join(', ')}, which does not lead back to it`);
}
