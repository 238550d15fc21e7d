import ipaddr from 'ipaddr.js';

const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3');

/**
 * Whether an IP address (not a name) is one of the public Internet. False for private, loopback, link-local,
 * multicast, carrier-grade NAT and reserved addresses, for IPv6 addresses that stand for an IPv4 address (mapped,
 * NAT64, 6to4, Teredo), as they may lead back inside, and for what is no address.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== 'unicast') return false;
  // Outside 2000::/3 nothing is assigned to the Internet, but ipaddr.js calls it unicast as well.
  return parsed instanceof ipaddr.IPv6 ? parsed.match(globalUnicast) : true;
}
