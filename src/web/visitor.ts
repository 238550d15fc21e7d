import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context as HonoContext } from 'hono';
import ipaddr from 'ipaddr.js';
import type { Config } from '../config.ts';

/** The address of the machine at the other end of the connection, as far as it is known. */
export function remoteAddress(c: HonoContext): string | undefined {
  try {
    return getConnInfo(c).remote.address;
  } catch {
    // Not called through a server.
    return undefined;
  }
}

/** Where proxies are if nothing is said of them: on this machine, or in a network of its own. */
const nearby = new Set(['loopback', 'private', 'uniqueLocal', 'linkLocal', 'carrierGradeNat']);

/**
 * The address of the machine that a request comes from. What `X-Forwarded-For` says is believed as far as it was written
 * by proxies that are trusted (TRUSTED_PROXIES; else by those in private networks), so that a visitor cannot choose
 * who they are.
 * @returns undefined if the request did not come through a server
 */
export function visitorAddress(
  c: HonoContext,
  { trustedProxies }: Pick<Config, 'trustedProxies'>,
): string | undefined {
  const remote = remoteAddress(c);
  if (!remote || !ipaddr.isValid(remote)) return remote;
  let visitor = ipaddr.process(remote);
  const chain = (c.req.header('x-forwarded-for') ?? '').split(',').reverse();
  for (const each of chain) {
    const written = withoutPort(each.trim());
    if (!isTrusted(visitor, trustedProxies) || !ipaddr.isValid(written)) break;
    visitor = ipaddr.process(written);
  }
  return visitor.toString();
}

// Some proxies write the port too: 203.0.113.7:1234, [2001:db8::1]:1234.
function withoutPort(text: string): string {
  return /^\[(.*)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
}

type Machine = ReturnType<typeof ipaddr.process>;

function isTrusted(machine: Machine, proxies: string[] | undefined): boolean {
  if (!proxies) return nearby.has(machine.range());
  return proxies.some((proxy) => {
    const [network, bits] = proxy.includes('/')
      ? ipaddr.parseCIDR(proxy)
      : [ipaddr.process(proxy), undefined];
    return (
      network.kind() === machine.kind() &&
      machine.match(network, bits ?? (machine.kind() === 'ipv4' ? 32 : 128))
    );
  });
}

/**
 * What a limit counts as one visitor: an IPv4 address, or the network of an IPv6 address (its first 64 bits), in which
 * one person has as many addresses as they like.
 */
export function visitorOf(c: HonoContext, config: Pick<Config, 'trustedProxies'>): string {
  const address = visitorAddress(c, config);
  if (!address || !ipaddr.isValid(address)) return 'unknown';
  const machine = ipaddr.process(address);
  return machine.kind() === 'ipv6' ? machine.toNormalizedString().split(':').slice(0, 4).join(':') : address;
}
