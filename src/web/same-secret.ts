import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether two secrets are the same; how long it takes tells nothing about either. */
export function sameSecret(given: string, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(wanted));
}
