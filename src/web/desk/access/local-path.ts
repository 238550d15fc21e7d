/**
 * A path of the desk that a login leads to, from what a stranger's link may say.
 * @returns undefined if it leads anywhere else, or is the login itself
 */
export function deskPath(text: string | undefined): string | undefined {
  // Browsers take a backslash for a slash, and leave control characters out.
  if (!text || text.length > 2_000 || /[\\\p{Cc}]/u.test(text) || !text.startsWith('/')) return undefined;
  const base = 'http://desk.invalid';
  if (!URL.canParse(text, base)) return undefined;
  const { origin, pathname, search } = new URL(text, base);
  if (origin !== base || !(pathname === '/desk' || pathname.startsWith('/desk/'))) return undefined;
  return /^\/desk\/(?:login|logout)(?:\/|$)/.test(pathname) ? undefined : pathname + search;
}
