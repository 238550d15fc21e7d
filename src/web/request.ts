import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context as HonoContext } from 'hono';
import ipaddr from 'ipaddr.js';
import type { Origin } from '../subscribers/consent.ts';

/** The address of the machine at the other end of the connection, as far as it is known. */
export function remoteAddress(c: HonoContext): string | undefined {
  try {
    return getConnInfo(c).remote.address;
  } catch {
    // Not called through a server.
    return undefined;
  }
}

/** Who acted, for the consent log. Behind a proxy, what it says about the sender is kept as its claim. */
export function originOf(c: HonoContext, via: string): Origin {
  const userAgent = c.req.header('user-agent')?.slice(0, 300);
  const forwardedFor = c.req.header('x-forwarded-for')?.slice(0, 300);
  return {
    via,
    ip: remoteAddress(c) ?? null,
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
