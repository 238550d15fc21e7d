/** A part of the labelled stories: what it is, and their places in the whole. */
export interface Resample {
  name: string;
  places: number[];
}

/**
 * Parts of labelled stories on which a method must hold too, so that it is not fitted to the whole: random halves of
 * the events, of the publishers and of the stories, a fifth of the stories, and at most 25 stories of each event. The
 * same input gives the same parts.
 */
export function resamples(events: string[], publishers: string[]): Resample[] {
  const all = [...events.keys()];
  const parts: Resample[] = [];
  for (let seed = 1; seed <= 8; seed++) {
    const half = halfOf(events, seed);
    parts.push({
      name: `half of the events, ${seed}`,
      places: all.filter((at) => half.has(events[at] ?? '')),
    });
  }
  for (let seed = 11; seed <= 12; seed++) {
    const half = halfOf(publishers, seed);
    parts.push({
      name: `half of the publishers, ${seed - 10}`,
      places: all.filter((at) => half.has(publishers[at] ?? '')),
    });
  }
  for (let seed = 21; seed <= 23; seed++) {
    const random = randomFrom(seed);
    parts.push({ name: `half of the stories, ${seed - 20}`, places: all.filter(() => random() < 0.5) });
  }
  const random = randomFrom(31);
  parts.push({ name: 'a fifth of the stories', places: all.filter(() => random() < 0.2) });
  const counts = new Map<string, number>();
  parts.push({
    name: 'at most 25 of an event',
    places: shuffled(all, randomFrom(41)).filter((at) => {
      const count = (counts.get(events[at] ?? '') ?? 0) + 1;
      counts.set(events[at] ?? '', count);
      return count <= 25;
    }),
  });
  return parts;
}

function halfOf(values: string[], seed: number): Set<string> {
  const distinct = shuffled([...new Set(values)], randomFrom(seed));
  return new Set(distinct.slice(0, Math.ceil(distinct.length / 2)));
}

function shuffled<Item>(items: Item[], random: () => number): Item[] {
  return items
    .map((item) => ({ item, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

/** Park and Miller's generator: the same numbers on every machine. */
function randomFrom(seed: number): () => number {
  let state = seed * 7_919;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}
