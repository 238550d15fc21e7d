import type { Context as HonoContext } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { Config } from '../../../config.ts';

/** Holds a session's token, or that of a login which is not finished. */
export type DeskCookie = 'session' | 'login';

type Address = Pick<Config, 'publicUrl'>;

const isSecure = ({ publicUrl }: Address) => publicUrl.startsWith('https:');

// The prefix has browsers refuse it from other hosts of the domain and from connections that anyone can change.
const nameOf = (config: Address, cookie: DeskCookie) =>
  `${isSecure(config) ? '__Host-' : ''}broadsheet-${cookie}`;

const attributes = (config: Address) =>
  ({ httpOnly: true, secure: isSecure(config), sameSite: 'Lax', path: '/' }) as const;

/** The value of a cookie of the desk; undefined if the browser sent none. */
export const readCookie = (c: HonoContext, config: Address, cookie: DeskCookie): string | undefined =>
  getCookie(c, nameOf(config, cookie));

/** @param seconds for how long the browser keeps it */
export const writeCookie = (
  c: HonoContext,
  config: Address,
  cookie: DeskCookie,
  value: string,
  seconds: number,
): void => setCookie(c, nameOf(config, cookie), value, { ...attributes(config), maxAge: seconds });

/** Has the browser forget a cookie. */
export const dropCookie = (c: HonoContext, config: Address, cookie: DeskCookie): void =>
  void deleteCookie(c, nameOf(config, cookie), attributes(config));
