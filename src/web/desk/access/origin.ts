import type { Context as HonoContext } from 'hono';
import type { Config } from '../../../config.ts';
import { visitorAddress } from '../../visitor.ts';

/** From where a request comes, for sessions and the log. */
export const originOf = (
  c: HonoContext,
  config: Pick<Config, 'trustedProxies'>,
): { ip: string | null; userAgent: string | null } => ({
  ip: visitorAddress(c, config) ?? null,
  userAgent: c.req.header('user-agent')?.slice(0, 300) ?? null,
});
