/** Numbers of words to places in a row, from 0: an open-addressed table, several times faster than a Map at millions. */
export class TermTable {
  // A term and its place lie side by side: looking one up reads memory in one place only.
  #slots = new Int32Array(1 << 13);
  #size = 0;

  /** How many terms have a place. */
  get size(): number {
    return this.#size;
  }

  /** The place of a term; -1 if it has none. @param term not 0 */
  find(term: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = (term << 1) & mask; ; slot = (slot + 2) & mask) {
      const key = slots[slot];
      if (key === term) return slots[slot + 1] as number;
      if (key === 0) return -1;
    }
  }

  /** The place of a term, which gets the next one if it has none. @param term not 0 */
  add(term: number): number {
    const known = this.find(term);
    if (known >= 0) return known;
    if (this.#size * 4 >= this.#slots.length) this.#grow();
    this.#put(term, this.#size);
    return this.#size++;
  }

  #put(term: number, place: number): void {
    const mask = this.#slots.length - 1;
    let slot = (term << 1) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 2) & mask;
    this.#slots[slot] = term;
    this.#slots[slot + 1] = place;
  }

  #grow(): void {
    const slots = this.#slots;
    this.#slots = new Int32Array(slots.length * 2);
    for (let slot = 0; slot < slots.length; slot += 2)
      if (slots[slot] !== 0) this.#put(slots[slot] as number, slots[slot + 1] as number);
  }
}
