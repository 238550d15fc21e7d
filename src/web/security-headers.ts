import type { MiddlewareHandler } from 'hono';

/** What a page needs beyond our stylesheets. */
export interface PageNeeds {
  /** The address of a picture that lies elsewhere: the brand's logo. */
  picture?: string;
  /** Our script, which solves the task of a form. */
  task?: boolean;
  /** Any site may show it in a frame. */
  framed?: boolean;
}

/** What a page of ours may load. No script runs and nothing frames it, unless the page is made for that. */
export function pagePolicy({ picture, task, framed }: PageNeeds = {}): string {
  return [
    "default-src 'none'",
    ...(task ? ["script-src 'self'", "connect-src 'self'"] : []),
    "style-src 'self'",
    `img-src 'self' data:${picture ? ` ${new URL(picture).origin}` : ''}`,
    "form-action 'self'",
    "frame-src 'self'",
    "base-uri 'none'",
    `frame-ancestors ${framed ? '*' : "'none'"}`,
  ].join('; ');
}

/**
 * Headers that keep a page from being framed, sniffed, indexed, or told of in a Referer: addresses here hold tokens.
 * What a route has set itself stays.
 */
export const securityHeaders: MiddlewareHandler = async (c, next) => {
  await next();
  const defaults = {
    'Content-Security-Policy': pagePolicy(),
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
