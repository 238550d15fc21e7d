/**
 * The first so many of a list in which nobody fills more than a share of the places alone; those left over come after,
 * where there are not enough others.
 * @param aloneOf who fills a place alone; undefined: it is shared
 */
export function fairShare<T>(
  list: readonly T[],
  aloneOf: (each: T) => string | undefined,
  most: number,
  count: number,
): T[] {
  const taken: T[] = [];
  const over: T[] = [];
  const counts = new Map<string, number>();
  for (const each of list) {
    if (taken.length >= count) break;
    const who = aloneOf(each);
    const own = who === undefined ? 0 : (counts.get(who) ?? 0) + 1;
    if (own > most) {
      over.push(each);
      continue;
    }
    if (who !== undefined) counts.set(who, own);
    taken.push(each);
  }
  return [...taken, ...over.slice(0, count - taken.length)];
}
