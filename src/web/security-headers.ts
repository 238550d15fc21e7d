import type { MiddlewareHandler } from 'hono';

/** What a page of ours may load: our stylesheet, and images for the archive. No script runs, nothing frames it. */
const pagePolicy = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self' data:",
  "form-action 'self'",
  "frame-src 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * Headers that keep a page from being framed, sniffed, indexed, or told of in a Referer: addresses here hold tokens.
 * What a route has set itself stays.
 */
export const securityHeaders: MiddlewareHandler = async (c, next) => {
  await next();
  const defaults = {
    'Content-Security-Policy': pagePolicy,
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'X-Robots-Tag': 'noindex, nofollow',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
    // A page behind a token is one person's.
    'Cache-Control': 'private, no-store',
  };
  for (const [name, value] of Object.entries(defaults)) if (!c.res.headers.has(name)) c.header(name, value);
};
