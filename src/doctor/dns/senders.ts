import ipaddr from 'ipaddr.js';
import type { Dns } from './lookup.ts';
import { type Relay, relayOf } from './relays.ts';

/** From where mail leaves, as far as it can be known. */
export interface Senders {
  /** Addresses that mailboxes see. */
  addresses: string[];
  /** An admin named them; otherwise they are guessed to be those of the routes' hosts. */
  given: boolean;
  /** Providers that pass mail on from addresses of their own. */
  relays: Relay[];
  /** Hosts of which nothing public is known: this machine, or a private network. */
  hidden: string[];
}

/** @param hosts the servers of the routes; @param given what an admin says instead: addresses */
export async function findSenders(dns: Dns, hosts: string[], given: string[]): Promise<Senders> {
  const senders: Senders = { addresses: [...given], given: given.length > 0, relays: [], hidden: [] };
  for (const host of new Set(hosts)) {
    const relay = relayOf(host);
    if (relay) {
      if (!senders.relays.includes(relay)) senders.relays.push(relay);
      continue;
    }
    if (senders.given) continue;
    const addresses = ipaddr.isValid(host) ? [host] : await dns.addresses(host);
    const open = addresses.filter((address) => ipaddr.process(address).range() === 'unicast');
    if (open.length === 0) senders.hidden.push(host);
    for (const address of open) if (!senders.addresses.includes(address)) senders.addresses.push(address);
  }
  return senders;
}
