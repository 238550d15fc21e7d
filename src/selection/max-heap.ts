/** A binary heap of items with a number each, the largest number on top. */
export class MaxHeap<Item> {
  readonly #items: { value: number; item: Item }[] = [];

  /** Adds an item with its number. */
  push(value: number, item: Item): void {
    const items = this.#items;
    const pushed = { value, item };
    let at = items.push(pushed) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = items[parent] as { value: number; item: Item };
      if (above.value >= value) break;
      items[at] = above;
      at = parent;
    }
    items[at] = pushed;
  }

  /** Takes the item with the largest number; undefined if there is none. */
  pop(): Item | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (!top || !last || items.length === 0) return top?.item;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (
        (items[child + 1]?.value ?? Number.NEGATIVE_INFINITY) >
        (items[child]?.value ?? Number.NEGATIVE_INFINITY)
      )
        child++;
      const below = items[child];
      if (!below || below.value <= last.value) break;
      items[at] = below;
      at = child;
    }
    items[at] = last;
    return top.item;
  }
}
