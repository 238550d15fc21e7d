import type { Neighbour } from './corpus.ts';

/** A story to be grouped. */
export interface GroupMember {
  id: number;
  /** Milliseconds since 1970. */
  publishedAt: number;
  /** Stories that are in one group already, and stay in one. */
  group?: number;
}

/** What grouping asks of stories: who is near whom. */
export interface Similarities {
  /** Stories more alike than the minimum, the given one left out. */
  near(id: number): Neighbour[];
}

/** How grouping decides. */
export interface GroupOptions {
  /** Least average similarity of two groups that are made one. */
  threshold: number;
  /** Stories this far apart in time count as half as alike. */
  halfLifeHours: number;
}

export const defaultGroupOptions: GroupOptions = { threshold: 0.2, halfLifeHours: 96 };

/**
 * Groups stories that report one event: average-linkage agglomerative clustering (Sokal and Michener 1958) over the
 * pairs that are alike at all, the most alike groups first. Pairs that are not listed count as 0, so that one bridge
 * between two events does not make them one.
 * @returns the groups, each with the ids of its stories
 */
export function groupStories(
  members: GroupMember[],
  similarities: Similarities,
  options: GroupOptions = defaultGroupOptions,
): number[][] {
  const byId = new Map(members.map((member) => [member.id, member]));
  const groupOf = new Map<number, number>();
  const groups = new Map<number, number[]>();
  let next = 0;
  const given = new Map<number, number>();
  for (const { id, group } of members) {
    let number = group === undefined ? undefined : given.get(group);
    if (number === undefined) {
      number = next++;
      groups.set(number, []);
      if (group !== undefined) given.set(group, number);
    }
    groups.get(number)?.push(id);
    groupOf.set(id, number);
  }

  // sums.get(a).get(b): the similarities of all pairs across groups a and b, added up.
  const sums = new Map<number, Map<number, number>>();
  for (const number of groups.keys()) sums.set(number, new Map());
  for (const member of members) {
    for (const { id, similarity } of similarities.near(member.id)) {
      const other = byId.get(id);
      if (!other || id <= member.id) continue;
      const [a, b] = [groupOf.get(member.id) as number, groupOf.get(id) as number];
      if (a === b) continue;
      const hours = Math.abs(member.publishedAt - other.publishedAt) / 3_600_000;
      const value = similarity * 0.5 ** (hours / options.halfLifeHours);
      sums.get(a)?.set(b, (sums.get(a)?.get(b) ?? 0) + value);
      sums.get(b)?.set(a, (sums.get(b)?.get(a) ?? 0) + value);
    }
  }

  const size = (group: number) => groups.get(group)?.length ?? 0;
  const average = (a: number, b: number) => (sums.get(a)?.get(b) ?? 0) / (size(a) * size(b));
  const heap = new Heap();
  for (const [a, row] of sums) for (const b of row.keys()) if (a < b) heap.push(average(a, b), a, b);

  for (let best = heap.pop(); best; best = heap.pop()) {
    const { value, a, b } = best;
    if (value < options.threshold) break;
    // The entry is stale if one of the groups has grown or gone since it was pushed.
    if (!groups.has(a) || !groups.has(b) || Math.abs(average(a, b) - value) > 1e-9) continue;
    const merged = next++;
    groups.set(merged, [...(groups.get(a) ?? []), ...(groups.get(b) ?? [])]);
    const row = new Map<number, number>();
    for (const old of [a, b]) {
      for (const [other, sum] of sums.get(old) ?? []) {
        sums.get(other)?.delete(old);
        if (other !== a && other !== b) row.set(other, (row.get(other) ?? 0) + sum);
      }
      sums.delete(old);
      groups.delete(old);
    }
    sums.set(merged, row);
    for (const [other, sum] of row) {
      sums.get(other)?.set(merged, sum);
      const linked = sum / (size(merged) * size(other));
      if (linked >= options.threshold) heap.push(linked, other, merged);
    }
  }
  return [...groups.values()];
}

/** A binary heap of pairs of groups, the most alike on top. */
class Heap {
  readonly #items: { value: number; a: number; b: number }[] = [];

  push(value: number, a: number, b: number): void {
    const items = this.#items;
    let index = items.push({ value, a, b }) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if ((items[parent]?.value ?? 0) >= value) break;
      [items[index], items[parent]] = [items[parent] as never, items[index] as never];
      index = parent;
    }
  }

  pop(): { value: number; a: number; b: number } | undefined {
    const items = this.#items;
    const top = items[0];
    const last = items.pop();
    if (!top || !last || items.length === 0) return top;
    items[0] = last;
    for (let index = 0; ; ) {
      const [left, right] = [2 * index + 1, 2 * index + 2];
      let largest = index;
      if ((items[left]?.value ?? -1) > (items[largest]?.value ?? -1)) largest = left;
      if ((items[right]?.value ?? -1) > (items[largest]?.value ?? -1)) largest = right;
      if (largest === index) return top;
      [items[index], items[largest]] = [items[largest] as never, items[index] as never];
      index = largest;
    }
  }
}
