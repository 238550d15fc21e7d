/** One filter's size: 32 bits for each of the texts that it is for, of which ten are set. */
const words = 1 << 19;
const textsEach = words;
const bitsSet = 10;

/**
 * Tells texts that are certainly new from those that may have come before: a Bloom filter (Bloom, 1970). About one new text in a
 * million is taken for one that may have come; none that came is taken for new. Half a million texts need 2 MB.
 */
export class MaybeSeen {
  #filters: Uint32Array[] = [];
  #inLast = textsEach;

  /** Remembers a text. @returns whether it may have been added before */
  add(text: string): boolean {
    let one = 0x811c9dc5;
    let two = 0x9747b28c;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      one = Math.imul(one ^ code, 0x01000193);
      two = Math.imul(two ^ code, 0x5bd1e995) + (two >>> 15);
    }
    one = mixed(one);
    // Odd, so that the steps reach every bit.
    two = mixed(two) | 1;
    const before = this.#filters.some((filter) => hasAll(filter, one, two));
    if (before) return true;
    if (this.#inLast >= textsEach) {
      this.#filters.push(new Uint32Array(words));
      this.#inLast = 0;
    }
    setAll(this.#filters.at(-1) as Uint32Array, one, two);
    this.#inLast += 1;
    return false;
  }
}

function hasAll(filter: Uint32Array, one: number, two: number): boolean {
  for (let round = 0, at = one; round < bitsSet; round++, at = (at + two) | 0)
    if (((filter[(at >>> 5) & (words - 1)] as number) & (1 << (at & 31))) === 0) return false;
  return true;
}

function setAll(filter: Uint32Array, one: number, two: number): void {
  for (let round = 0, at = one; round < bitsSet; round++, at = (at + two) | 0)
    filter[(at >>> 5) & (words - 1)] = (filter[(at >>> 5) & (words - 1)] as number) | (1 << (at & 31));
}

/** Spreads a hash over all of its bits, as MurmurHash3 ends. */
function mixed(hash: number): number {
  let mixing = hash;
  mixing = Math.imul(mixing ^ (mixing >>> 16), 0x85ebca6b);
  mixing = Math.imul(mixing ^ (mixing >>> 13), 0xc2b2ae35);
  return mixing ^ (mixing >>> 16);
}
