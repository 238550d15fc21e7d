import { hostname } from 'node:os';
import type { ConnectionOptions } from 'node:tls';
import ipaddr from 'ipaddr.js';
import { UserError } from '../../errors.ts';

/** How to reach an SMTP server and how to prove who we are. */
export interface SmtpServer {
  host: string;
  port: number;
  /**
   * `implicit`: TLS from the first byte (RFC 8314). `required`: STARTTLS or nothing. `offered`: STARTTLS if the server
   * has it. `none`: in the clear.
   */
  tls: 'implicit' | 'required' | 'offered' | 'none';
  /** Certificates are checked against the host's name unless this says otherwise. */
  tlsOptions: ConnectionOptions;
  /** What we call ourselves in EHLO. */
  name: string;
  login: Login | undefined;
  /** For people and without a password: `mail.example.com:587`. */
  describe: string;
}

/** What a server is told about who we are. */
export interface Login {
  user: string;
  password: string;
  /** The strongest that the server has, if not given. */
  method: 'PLAIN' | 'LOGIN' | 'XOAUTH2' | undefined;
  /** XOAUTH2 with tokens that are renewed: where, and with what. The password is the first token then, if any. */
  renewal: { url: string; clientId: string; clientSecret: string; refreshToken: string } | undefined;
}

const isLoopback = (host: string) =>
  host === 'localhost' || (ipaddr.isValid(host) && ipaddr.process(host).range() === 'loopback');

/**
 * Reads an SMTP URL: `smtp://user:password@host:port`, or `smtps://` for TLS from the start. What may follow the `?` is
 * named as Nodemailer names it: `requireTLS`, `ignoreTLS`, `tls.rejectUnauthorized`, `tls.servername`, `name`,
 * `authMethod` (PLAIN, LOGIN, XOAUTH2), and for XOAUTH2 `accessUrl`, `clientId`, `clientSecret`, `refreshToken`.
 *
 * A password goes over TLS only, unless the server is this machine or the URL says `ignoreTLS=true`.
 * @throws UserError naming what is wrong with it
 */
export function parseSmtpUrl(text: string): SmtpServer {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw wrong('is no URL');
  }
  if (url.protocol !== 'smtp:' && url.protocol !== 'smtps:')
    throw wrong(`begins with ${url.protocol}//, not with smtp:// or smtps://`);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (!host) throw wrong('names no host');
  const given = url.searchParams;
  const is = (name: string) => ['true', '1', 'yes'].includes(given.get(name)?.toLowerCase() ?? '');
  const implicit = url.protocol === 'smtps:' || is('secure');
  const port = url.port ? Number(url.port) : implicit ? 465 : 25;
  const login = loginOf(url);
  const tls = implicit
    ? 'implicit'
    : is('ignoreTLS')
      ? 'none'
      : is('requireTLS') || (login && !isLoopback(host))
        ? 'required'
        : 'offered';
  const servername = given.get('tls.servername') ?? (ipaddr.isValid(host) ? undefined : host);
  const unchecked = ['false', '0', 'no'].includes(given.get('tls.rejectUnauthorized')?.toLowerCase() ?? '');
  return {
    host,
    port,
    tls,
    tlsOptions: { ...(servername && { servername }), rejectUnauthorized: !unchecked, minVersion: 'TLSv1.2' },
    name: given.get('name') ?? ownName(),
    login,
    describe: url.host || `${host}:${port}`,
  };
}

function loginOf(url: URL): Login | undefined {
  if (!url.username) return undefined;
  const given = url.searchParams;
  const method = given.get('authMethod')?.toUpperCase();
  if (method !== undefined && method !== 'PLAIN' && method !== 'LOGIN' && method !== 'XOAUTH2')
    throw wrong(`asks for authMethod=${method}; there is PLAIN, LOGIN and XOAUTH2`);
  const refreshToken = given.get('refreshToken');
  const renewal = refreshToken
    ? {
        url: given.get('accessUrl') ?? 'https://oauth2.googleapis.com/token',
        clientId: given.get('clientId') ?? '',
        clientSecret: given.get('clientSecret') ?? '',
        refreshToken,
      }
    : undefined;
  return {
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    method: renewal ? 'XOAUTH2' : method,
    renewal,
  };
}

// A name that is none would have us refused (RFC 5321 section 4.1.4 asks for one that resolves, or an address).
function ownName(): string {
  const name = hostname();
  return /^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/i.test(name) ? name : '[127.0.0.1]';
}

const wrong = (what: string) =>
  new UserError(`The mail server's URL ${what}.`, {
    code: 'config',
    hint: 'Write it as smtp://user:password@mail.example.com:587, with %40 for an @ in user or password.',
  });
