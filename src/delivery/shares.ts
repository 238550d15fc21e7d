import type { Turn } from './turn.ts';
import type { Way } from './way.ts';

// Whoever takes nothing of its share for so long is not waited for.
const patienceMs = 2000;
const forgivenMs = 10_000;

/**
 * Whether a route with a weight has to leave messages of a feed to others, which have not had their shares. Those that
 * can take none of it now are not waited for: they count as if they had taken theirs, and have nothing to catch up with.
 */
export function isAheadOfOthers(way: Way, { ways, cannot }: Turn): boolean {
  const { weight } = way.route;
  if (weight === undefined) return false;
  const now = performance.now();
  const ahead = way.taken / weight;
  let isAhead = false;
  for (const other of ways) {
    const theirs = other.route.weight;
    if (other === way || theirs === undefined || ahead <= (other.taken + 1) / theirs) continue;
    const { aheadSince } = way;
    if (aheadSince !== undefined && now - aheadSince > patienceMs && other.tookAt < aheadSince)
      cannot.set(other, now + forgivenMs);
    if (other.isDown || other.wait() > 0 || (cannot.get(other) ?? 0) > now) other.taken = ahead * theirs - 1;
    else isAhead = true;
  }
  way.aheadSince = isAhead ? (way.aheadSince ?? now) : undefined;
  return isAhead;
}
