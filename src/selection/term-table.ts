/** Numbers of words to places in a row, from 0: an open-addressed table, several times faster than a Map at millions. */
export class TermTable {
  #keys = new Int32Array(1 << 12);
  #values = new Int32Array(1 << 12);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The place of a term; -1 if it has none. @param term not 0 */
  find(term: number): number {
    const keys = this.#keys;
    const mask = keys.length - 1;
    for (let slot = term & mask; ; slot = (slot + 1) & mask) {
      const key = keys[slot];
      if (key === term) return this.#values[slot] as number;
      if (key === 0) return -1;
    }
  }

  /** The place of a term, which gets the next one if it has none. @param term not 0 */
  add(term: number): number {
    const known = this.find(term);
    if (known >= 0) return known;
    if (this.#size * 2 >= this.#keys.length) this.#grow();
    this.#put(term, this.#size);
    return this.#size++;
  }

  #put(term: number, value: number): void {
    const mask = this.#keys.length - 1;
    let slot = term & mask;
    while (this.#keys[slot] !== 0) slot = (slot + 1) & mask;
    this.#keys[slot] = term;
    this.#values[slot] = value;
  }

  #grow(): void {
    const [keys, values] = [this.#keys, this.#values];
    this.#keys = new Int32Array(keys.length * 2);
    this.#values = new Int32Array(keys.length * 2);
    for (let slot = 0; slot < keys.length; slot++)
      if (keys[slot] !== 0) this.#put(keys[slot] as number, values[slot] as number);
  }
}
