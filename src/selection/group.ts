import { MaxHeap } from './max-heap.ts';
import { sparseSum, type Weights } from './sparse-sum.ts';
import { chanceMeaning, type Neighbour, sameEvent, type Vector } from './vector.ts';

/** A story to be grouped. */
export interface GroupMember {
  id: number;
  /** Milliseconds since 1970. */
  publishedAt: number;
  vector: Vector;
  /** The stories most like it, best first; the only ones it is joined through. */
  near: Neighbour[];
  /** Stories that are in one group already, and stay in one. */
  group?: number;
}

/** How grouping decides. */
export interface GroupOptions {
  /** Least average likeness of two groups that are made one, where all their stories have embeddings. */
  threshold: number;
  /** The same, where words alone are compared. */
  wordsThreshold: number;
  /** Stories this far apart in time count as half as alike. */
  halfLifeHours: number;
  /** Pairs of given groups (`GroupMember.group`) that must not become one. */
  apart: [number, number][];
}

export const defaultGroupOptions: GroupOptions = {
  threshold: sameEvent.mixed,
  wordsThreshold: sameEvent.words,
  halfLifeHours: 72,
  apart: [],
};

// Two groups of so many stories each show how alike the stories of their event are. They must be that alike to each other
// too, or at least this share of it: two court cases of the same people share their names, and little else.
const telling = 3;
const leastCloseness = 0.5;
const leastWordsCloseness = 0.3;

// Pairs a little below the threshold count, for those above it that are not among the neighbours looked up.
const leastNear = 0.9;

// A small group joins a large one if most of those most like its stories are there.
const voters = 10;
const leastShare = 0.8;
const leastLikeness = 1.04;
const leastRatio = 3;

/**
 * Groups stories that report one event, in two steps. First average-linkage agglomerative clustering (Sokal and
 * Michener 1958): the groups most alike become one, as long as the average of all pairs across them is above the
 * threshold, so that one bridge between two events does not make them one, and two groups that each hold together much
 * better than with each other stay two (relative closeness: Karypis, Han and Kumar, "Chameleon", 1999). The averages come from the groups' sums and
 * are exact; only groups with neighbouring stories are looked at, so the cost grows with the stories times their
 * neighbours. Then what was left over beside a large group joins it, if nearly all of its nearest neighbours are there
 * (a vote of the nearest neighbours: Cover and Hart 1967): a large event is told in many ways.
 * @returns the groups, each with the ids of its stories
 */
export function groupStories(members: GroupMember[], options: Partial<GroupOptions> = {}): number[][] {
  const settings = { ...defaultGroupOptions, ...options };
  const groups = startGroups(members, settings);
  link(groups, settings);
  absorb(groups, members, settings);
  return [...groups.byNumber.values()].map(({ ids }) => ids);
}

interface Group {
  ids: number[];
  /** Sums of the words of the stories with embeddings, and of those without. */
  words: Weights;
  plainWords: Weights;
  /** Sum of the embeddings, each of length one. */
  meaning: Float32Array | null;
  embedded: number;
  /** Mean of the times, in hours. */
  hours: number;
  /** Groups with stories that are neighbours of this one's. */
  near: Set<number>;
  /** Given groups that it may not be joined with, and those that it holds. */
  apart: Set<number>;
  given: Set<number>;
  /** How alike its stories are; computed when it is first asked for. */
  cohesion?: number;
}

interface Groups {
  byNumber: Map<number, Group>;
  /** The group's number, by a story's id. */
  of: Map<number, number>;
  next: number;
}

function startGroups(members: GroupMember[], settings: GroupOptions): Groups {
  const { apart } = settings;
  const groups: Groups = { byNumber: new Map(), of: new Map(), next: 0 };
  const together = Map.groupBy(members, ({ id, group }) => (group === undefined ? `story ${id}` : group));
  for (const [given, sharing] of together) {
    const group = groupOf(sharing);
    for (const [one, other] of apart) {
      if (one === given) group.apart.add(other);
      if (other === given) group.apart.add(one);
    }
    const number = groups.next++;
    groups.byNumber.set(number, group);
    for (const { id } of sharing) groups.of.set(id, number);
  }
  const embedded = new Map(members.map(({ id, vector }) => [id, vector.embedding !== null]));
  for (const { id, near } of members) {
    const own = groups.of.get(id) as number;
    for (const neighbour of near) {
      const other = groups.of.get(neighbour.id);
      if (other === undefined || other === own) continue;
      // The average of all pairs reaches the threshold only if some pair does.
      const both = embedded.get(id) && embedded.get(neighbour.id);
      if (neighbour.similarity < leastNear * (both ? settings.threshold : settings.wordsThreshold)) continue;
      groups.byNumber.get(own)?.near.add(other);
      groups.byNumber.get(other)?.near.add(own);
    }
  }
  return groups;
}

function groupOf(members: GroupMember[]): Group {
  const embedded = members.filter(({ vector }) => vector.embedding);
  const hours = members.reduce((sum, { publishedAt }) => sum + publishedAt / 3_600_000, 0);
  return {
    ids: members.map(({ id }) => id),
    words: sparseSum(embedded.map(({ vector }) => vector)),
    plainWords: sparseSum(members.flatMap(({ vector }) => (vector.embedding ? [] : vector))),
    meaning: embedded
      .map(({ vector }) => ofLengthOne(vector.embedding as Int8Array))
      .reduce<Float32Array | null>((sum, each) => (sum ? plus(sum, each) : each), null),
    embedded: embedded.length,
    hours: hours / members.length,
    near: new Set(),
    apart: new Set(),
    given: new Set(members.flatMap(({ group }) => group ?? [])),
  };
}

function plus(a: Float32Array, b: Float32Array): Float32Array {
  const sum = new Float32Array(a.length);
  for (let at = 0; at < sum.length; at++) sum[at] = (a[at] as number) + (b[at] as number);
  return sum;
}

function ofLengthOne(embedding: Int8Array): Float32Array {
  let square = 0;
  for (const value of embedding) square += value * value;
  const length = Math.sqrt(square) || 1;
  return Float32Array.from(embedding, (value) => value / length);
}

function joined(a: Group, b: Group): Group {
  const size = a.ids.length + b.ids.length;
  return {
    ids: [...a.ids, ...b.ids],
    words: added(a.words, b.words),
    plainWords: added(a.plainWords, b.plainWords),
    meaning: a.meaning && b.meaning ? plus(a.meaning, b.meaning) : (a.meaning ?? b.meaning),
    embedded: a.embedded + b.embedded,
    hours: (a.hours * a.ids.length + b.hours * b.ids.length) / size,
    near: new Set([...a.near, ...b.near]),
    apart: new Set([...a.apart, ...b.apart]),
    given: new Set([...a.given, ...b.given]),
  };
}

function added(a: Weights, b: Weights): Weights {
  if (a.terms.length === 0) return b;
  if (b.terms.length === 0) return a;
  const terms = new Int32Array(a.terms.length + b.terms.length);
  const weights = new Float32Array(terms.length);
  let count = 0;
  let i = 0;
  let j = 0;
  while (i < a.terms.length || j < b.terms.length) {
    const left = a.terms[i] ?? Number.POSITIVE_INFINITY;
    const right = b.terms[j] ?? Number.POSITIVE_INFINITY;
    terms[count] = Math.min(left, right);
    weights[count] =
      (left <= right ? (a.weights[i++] as number) : 0) + (right <= left ? (b.weights[j++] as number) : 0);
    count++;
  }
  return { terms: terms.slice(0, count), weights: weights.slice(0, count) };
}

function product(a: Weights, b: Weights): number {
  const [small, large] = a.terms.length <= b.terms.length ? [a, b] : [b, a];
  let sum = 0;
  let from = 0;
  for (let at = 0; at < small.terms.length; at++) {
    const term = small.terms[at] as number;
    // Where one is much longer it is searched, not walked.
    let step = 1;
    while (from + step < large.terms.length && (large.terms[from + step] as number) <= term) step *= 2;
    let low = from;
    let high = Math.min(large.terms.length, from + step + 1);
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((large.terms[middle] as number) < term) low = middle + 1;
      else high = middle;
    }
    from = low;
    if (large.terms[from] === term) sum += (small.weights[at] as number) * (large.weights[from] as number);
  }
  return sum;
}

/** How alike two groups are, in thresholds: the average of all pairs across them, over what it must be at least. */
function likeness(a: Group, b: Group, settings: GroupOptions): number {
  const pairs = a.ids.length * b.ids.length;
  const embeddedPairs = a.embedded * b.embedded;
  let sum = 0;
  if (embeddedPairs > 0) {
    const [x, y] = [a.meaning as Float32Array, b.meaning as Float32Array];
    let meaning = 0;
    for (let at = 0; at < x.length; at++) meaning += (x[at] as number) * (y[at] as number);
    sum +=
      (0.5 * product(a.words, b.words) + 0.5 * meaning - 0.5 * chanceMeaning * embeddedPairs) /
      (1 - 0.5 * chanceMeaning);
  }
  if (embeddedPairs < pairs)
    sum +=
      product(a.words, b.plainWords) + product(a.plainWords, b.words) + product(a.plainWords, b.plainWords);
  const share = embeddedPairs / pairs;
  const threshold = share * settings.threshold + (1 - share) * settings.wordsThreshold;
  return (sum / pairs / threshold) * 0.5 ** (Math.abs(a.hours - b.hours) / settings.halfLifeHours);
}

/** How alike the stories of a group of several are to each other, in thresholds. */
function cohesion(group: Group, settings: GroupOptions): number {
  const { length } = group.ids;
  const share = (group.embedded / length) ** 2;
  const threshold = share * settings.threshold + (1 - share) * settings.wordsThreshold;
  // All pairs of the group with itself, less each story with itself, which is 1.
  group.cohesion ??=
    (likeness(group, group, settings) * length * length - length / threshold) / (length * (length - 1));
  return group.cohesion;
}

function closeEnough(a: Group, b: Group, value: number, settings: GroupOptions): boolean {
  if (Math.min(a.ids.length, b.ids.length) < telling) return true;
  const embedded = a.embedded > 0 && b.embedded > 0;
  const within = Math.sqrt(Math.max(0, cohesion(a, settings) * cohesion(b, settings)));
  return value >= (embedded ? leastCloseness : leastWordsCloseness) * within;
}

// Two groups that are kept apart each know of the other.
const mayJoin = (a: Group, b: Group) => ![...b.given].some((given) => a.apart.has(given));

function link(groups: Groups, settings: GroupOptions): void {
  const { byNumber } = groups;
  const heap = new MaxHeap<[number, number]>();
  const consider = (a: number, b: number) => {
    const [one, other] = [byNumber.get(a) as Group, byNumber.get(b) as Group];
    if (!mayJoin(one, other)) return;
    const value = likeness(one, other, settings);
    if (value >= 1 && closeEnough(one, other, value, settings)) heap.push(value, [a, b]);
  };
  for (const [a, { near }] of byNumber) for (const b of near) if (a < b) consider(a, b);
  for (let pair = heap.pop(); pair; pair = heap.pop()) {
    const [a, b] = pair;
    // Groups get a new number when they are joined: one that is gone has become part of another.
    if (!byNumber.has(a) || !byNumber.has(b)) continue;
    const merged = join(groups, a, b);
    for (const other of byNumber.get(merged)?.near ?? []) consider(other, merged);
  }
}

/** Makes two groups one. @returns its number */
function join(groups: Groups, a: number, b: number): number {
  const { byNumber, of } = groups;
  const merged = groups.next++;
  const group = joined(byNumber.get(a) as Group, byNumber.get(b) as Group);
  group.near.delete(a);
  group.near.delete(b);
  byNumber.delete(a);
  byNumber.delete(b);
  byNumber.set(merged, group);
  for (const id of group.ids) of.set(id, merged);
  for (const other of group.near) {
    const near = byNumber.get(other)?.near;
    near?.delete(a);
    near?.delete(b);
    near?.add(merged);
  }
  return merged;
}

function absorb(groups: Groups, members: GroupMember[], settings: GroupOptions): void {
  const { byNumber, of } = groups;
  const nearOf = new Map(
    members.map(({ id, near, vector }) => [id, { near, embedded: vector.embedding !== null }]),
  );
  const bySize = [...byNumber].sort((a, b) => a[1].ids.length - b[1].ids.length);
  for (const [number] of bySize) {
    const group = byNumber.get(number);
    if (!group) continue;
    const votes = new Map<number, { count: number; likeness: number }>();
    let total = 0;
    for (const id of group.ids) {
      let asked = 0;
      for (const neighbour of nearOf.get(id)?.near ?? []) {
        const other = of.get(neighbour.id);
        if (other === undefined || other === number) continue;
        if (asked++ === voters) break;
        const both = nearOf.get(id)?.embedded && nearOf.get(neighbour.id)?.embedded;
        const vote = votes.get(other) ?? { count: 0, likeness: 0 };
        vote.count++;
        vote.likeness += neighbour.similarity / (both ? settings.threshold : settings.wordsThreshold);
        votes.set(other, vote);
        total++;
      }
    }
    const [choice] = [...votes].sort((a, b) => b[1].likeness - a[1].likeness);
    if (!choice) continue;
    const [into, vote] = choice;
    const target = byNumber.get(into) as Group;
    if (
      target.ids.length >= leastRatio * group.ids.length &&
      vote.count >= leastShare * total &&
      vote.likeness / vote.count >= leastLikeness &&
      mayJoin(group, target)
    )
      join(groups, number, into);
  }
}
