import type { Context as HonoContext } from 'hono';
import type { Config } from '../../../config.ts';

/**
 * Whether a request was made by a page of ours, as far as the browser tells: by Sec-Fetch-Site, else by Origin, which has to
 * be PUBLIC_URL or the host that was asked. Browsers that tell neither are let through to the check of the token.
 */
export function isFromOurPage(c: HonoContext, { publicUrl }: Pick<Config, 'publicUrl'>): boolean {
  const site = c.req.header('sec-fetch-site');
  if (site) return site === 'same-origin' || site === 'none';
  const origin = c.req.header('origin');
  if (origin === undefined) return true;
  if (!URL.canParse(origin)) return false;
  return (
    new URL(origin).origin === new URL(publicUrl).origin || new URL(origin).host === new URL(c.req.url).host
  );
}
