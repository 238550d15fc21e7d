/** A URL as people may see it: without a password. */
export function shown(url: URL | string): string {
  if (!URL.canParse(String(url))) return String(url);
  const copy = new URL(url);
  if (copy.password) copy.password = '***';
  return copy.href;
}
