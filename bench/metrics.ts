/** Precision, recall and their harmonic mean, each from 0 to 1. */
export interface Score {
  precision: number;
  recall: number;
  f1: number;
}

/**
 * B-cubed of groups against true events (Bagga and Baldwin, "Algorithms for scoring coreference chains", 1998).
 * @param groups ids of stories, each id in one group
 * @param gold the true event of each story, by id
 */
export function bCubed(groups: number[][], gold: string[]): Score {
  const sizes = new Map<string, number>();
  for (const event of gold) sizes.set(event, (sizes.get(event) ?? 0) + 1);
  let precision = 0;
  let recall = 0;
  for (const group of groups) {
    const inGroup = new Map<string, number>();
    for (const id of group) inGroup.set(gold[id] ?? '', (inGroup.get(gold[id] ?? '') ?? 0) + 1);
    for (const [event, count] of inGroup) {
      precision += (count * count) / group.length;
      recall += (count * count) / (sizes.get(event) ?? 1);
    }
  }
  precision /= gold.length;
  recall /= gold.length;
  return {
    precision,
    recall,
    f1: precision + recall === 0 ? 0 : (2 * precision * recall) / (precision + recall),
  };
}

/** The share of the first k stories shown as related that report the same event, averaged over all stories. */
export function precisionAt(k: number, related: number[][], gold: string[]): number {
  let sum = 0;
  for (const [id, shown] of related.entries())
    sum += shown.slice(0, k).filter((other) => gold[other] === gold[id]).length / k;
  return sum / related.length;
}

/** How the leads of an edition cover the ten events with the most distinct publishers. */
export function topEvents(leads: number[], gold: string[], publishers: string[]) {
  const reportedBy = new Map<string, Set<string>>();
  for (const [id, event] of gold.entries()) {
    const set = reportedBy.get(event) ?? new Set<string>();
    reportedBy.set(event, set.add(publishers[id] ?? ''));
  }
  const topTen = new Set(
    [...reportedBy]
      .sort((a, b) => b[1].size - a[1].size)
      .slice(0, 10)
      .map(([event]) => event),
  );
  const events = leads.map((id) => gold[id] ?? '');
  const distinct = new Set(events);
  return {
    leads: leads.length,
    distinct: distinct.size,
    repeats: events.length - distinct.size,
    amongTopTen: [...distinct].filter((event) => topTen.has(event)).length,
  };
}
