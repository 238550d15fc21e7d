/** How many bytes a text takes on a page. */
export const bytesOf = (text: string): number => Buffer.byteLength(text);

/**
 * Deals things out to pages, in their order, so that none is larger than there is room for; one that is larger by itself has a
 * page to itself. There is always a first page.
 * @param sizeOf in the unit of `room`
 */
export function fitting<Thing>(things: Thing[], room: number, sizeOf: (thing: Thing) => number): Thing[][] {
  const pages: Thing[][] = [[]];
  let taken = 0;
  for (const thing of things) {
    const size = sizeOf(thing);
    const last = pages.at(-1) as Thing[];
    if (last.length > 0 && taken + size > room) {
      pages.push([thing]);
      taken = size;
    } else {
      last.push(thing);
      taken += size;
    }
  }
  return pages;
}

/** The page that is asked for, or the nearest that there is. @param wanted from 1 */
export const pageOf = (wanted: number | undefined, pages: number): number =>
  Math.min(Math.max(1, Math.trunc(wanted || 1)), pages);
