import type { Context as HonoContext } from 'hono';
import ipaddr from 'ipaddr.js';
import type { Config } from '../config.ts';
import type { Origin } from '../subscribers/consent.ts';
import { remoteAddress, visitorAddress } from './visitor.ts';

/** Who acted, for the consent log. What proxies say of the way is kept as their claim. */
export function originOf(c: HonoContext, via: string, config: Pick<Config, 'trustedProxies'>): Origin {
  const userAgent = c.req.header('user-agent')?.slice(0, 300);
  const forwardedFor = c.req.header('x-forwarded-for')?.slice(0, 300);
  return {
    via,
    ip: visitorAddress(c, config) ?? null,
    // A token in the path would let whoever reads the log act for a subscriber.
    page: c.req.path.replace(/(?<![\w-])[\w-]*-[0-9a-f]{30}/gi, 'TOKEN'),
    evidence: { ...(userAgent && { userAgent }), ...(forwardedFor && { forwardedFor }) },
  };
}

/**
 * Whether a request was made on this machine, by someone who sits at it. A proxy on this machine connects from
 * loopback too, but says for whom; and a page elsewhere whose name was pointed at 127.0.0.1 has its own name as host.
 */
export function isFromThisMachine(c: HonoContext): boolean {
  const remote = remoteAddress(c);
  if (!remote || !ipaddr.isValid(remote) || ipaddr.process(remote).range() !== 'loopback') return false;
  if (['x-forwarded-for', 'forwarded', 'x-real-ip', 'via'].some((name) => c.req.header(name))) return false;
  const host = new URL(c.req.url).hostname.replace(/^\[|\]$/g, '');
  return host === 'localhost' || (ipaddr.isValid(host) && ipaddr.process(host).range() === 'loopback');
}

/** A form's fields as texts, each with all its values; files and broken bodies count for nothing. */
export async function formOf(c: HonoContext): Promise<Record<string, string[]>> {
  // A record without a prototype: fields are named by whoever sends them.
  const fields: Record<string, string[]> = Object.create(null);
  try {
    const form = await c.req.formData();
    for (const name of new Set(form.keys()))
      fields[name] = form.getAll(name).filter((value) => typeof value === 'string');
  } catch {
    return Object.create(null);
  }
  return fields;
}
