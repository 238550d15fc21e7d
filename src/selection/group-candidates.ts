import type { Candidate } from './candidate.ts';
import type { Corpus, NeighbourOptions } from './corpus.ts';
import { expanded } from './expand.ts';
import { defaultGroupOptions, type GroupMember, type GroupOptions, groupStories } from './group.ts';
import { baseLanguage } from './terms.ts';
import { cosine, type Neighbour, type Vector } from './vector.ts';

// The first pass counts words by story, and the event that most stories report makes its own name common; the next
// ones count them by what the pass before took for events.
const passes = 3;
const mostNeighbours = 40;
const mostLookedUp = 60;
// Of a storyline of thousands, so many tell what one of its stories is about.
const mostMates = 12;
// Neighbours nearly as alike as stories of one event help to tell what a story is about.
const leastForExpansion = 0.8;

/** Among more candidates than this, each new story is compared with those most like it only. */
export const mostCompared = 2_500;
const mostQuickNeighbours = 12;
const mostQuickMates = 6;
// So many of a storyline's stories say what it reports.
const mostQuickMembers = 8;
// Storylines whose stories are less like a new one than this share of what reports of one event are will not be its own.
const leastQuick = 0.6;

/**
 * Groups candidates into storylines, each language by itself; those that share one already stay together. Only those
 * without a storyline, and the storylines that are like them, are looked at: the rest has been before.
 * @param corpus holds all of them; words are counted by the groups afterwards
 * @returns all groups; among many candidates only those that were looked at
 */
export function groupCandidates(
  candidates: Candidate[],
  corpus: Corpus,
  options: Partial<GroupOptions> = {},
): Candidate[][] {
  const byId = new Map(candidates.map((candidate) => [candidate.id, candidate]));
  const storylines = Map.groupBy(candidates, ({ storylineId }) => storylineId);
  const arrived = storylines.get(null) ?? [];
  storylines.delete(null);
  const known = candidates.length - arrived.length;
  if (candidates.length > mostCompared) {
    return groupArrivals(
      arrived,
      { get: (id) => byId.get(id), membersOf: (id) => storylines.get(id) ?? [], ...spanOf(candidates) },
      corpus,
      options,
    );
  }
  const settings = { ...defaultGroupOptions, ...options };
  const byLanguage = Map.groupBy(candidates, languageOf);
  let groups: number[][] = [];
  // Who may be near whom is looked up once; how near they are is computed anew in each pass.
  const found = new Map<number, number[]>();
  for (let pass = 0; pass < (known > candidates.length / 2 ? 1 : passes); pass++) {
    groups = [...byLanguage.values()].flatMap((stories) =>
      groupOneLanguage(stories, found, corpus, settings),
    );
    corpus.countByGroup(groups);
  }
  return groups.map((ids) => ids.flatMap((id) => byId.get(id) ?? []));
}

/** The stories that new ones may belong to, however many. */
export interface KnownStories {
  /** A story by its id, one of those that are new too. */
  get(id: number): Candidate | undefined;
  membersOf(storyline: number): Candidate[];
  /** Only stories of this time count, in milliseconds since 1970. */
  from: number;
  until: number;
}

/**
 * The same for new stories among many: a storyline is known by a few of its stories, so that the cost of a new story
 * does not grow with what there is.
 * @param arrived stories without a storyline
 * @returns the groups that were looked at
 */
export function groupArrivals(
  arrived: Candidate[],
  known: KnownStories,
  corpus: Corpus,
  options: Partial<GroupOptions> = {},
): Candidate[][] {
  const settings = { ...defaultGroupOptions, ...options };
  const { from, until } = known;
  const groups = [...Map.groupBy(arrived, languageOf)].flatMap(([language, unknown]) => {
    const isOurs = (story: Candidate) =>
      story.publishedAt >= from && story.publishedAt <= until && languageOf(story) === language;
    const turn = new Set(unknown.map(({ id }) => id));
    const where = { from, until, waiting: (id: number) => turn.has(id) };
    const near = new Map<number, Neighbour[]>();
    const touched = new Set<number>();
    const hit = new Set<number>();
    for (const { id } of unknown) {
      const neighbours = quickNeighbours(corpus, id, settings, where).filter((neighbour) => {
        const story = known.get(neighbour.id);
        return story && isOurs(story);
      });
      near.set(id, neighbours);
      for (const neighbour of neighbours) {
        const storyline = known.get(neighbour.id)?.storylineId;
        if (storyline !== null && storyline !== undefined) touched.add(storyline);
        hit.add(neighbour.id);
      }
    }
    const looked = [...unknown];
    for (const storyline of touched)
      looked.push(
        ...addMates(near, telling(known.membersOf(storyline).filter(isOurs), hit), corpus, mostQuickMates),
      );
    return groupStories(membersOf(looked, near, corpus, settings), settings);
  });
  corpus.countByGroup(groups);
  return groups.map((ids) => ids.flatMap((id) => known.get(id) ?? []));
}

const languageOf = ({ language }: Candidate) => baseLanguage(language) ?? 'en';

function spanOf(candidates: Candidate[]): { from: number; until: number } {
  let [from, until] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { publishedAt } of candidates) {
    from = Math.min(from, publishedAt);
    until = Math.max(until, publishedAt);
  }
  return { from, until };
}

function groupOneLanguage(
  stories: Candidate[],
  found: Map<number, number[]>,
  corpus: Corpus,
  settings: GroupOptions,
): number[][] {
  const unknown = stories.filter(({ storylineId }) => storylineId === null);
  const byId = new Map(stories.map((story) => [story.id, story]));
  const near = new Map<number, Neighbour[]>();
  const touched = new Set<number>();
  const turn = new Set(unknown.map(({ id }) => id));
  const where = { ...spanOf(stories), waiting: (other: number) => turn.has(other) };
  for (const { id } of unknown) {
    let ids = found.get(id);
    if (!ids) {
      ids = lookUp(corpus, id, where).filter((other) => byId.has(other));
      found.set(id, ids);
    }
    near.set(id, nearest(corpus, id, ids).slice(0, mostNeighbours));
    for (const other of ids) {
      const storyline = byId.get(other)?.storylineId;
      if (storyline !== null && storyline !== undefined) touched.add(storyline);
    }
  }
  const looked = [...unknown];
  const untouched: number[][] = [];
  const storylines = Map.groupBy(stories, ({ storylineId }) => storylineId);
  storylines.delete(null);
  for (const [storyline, members] of storylines) {
    if (touched.has(storyline as number)) looked.push(...addMates(near, members, corpus, mostMates));
    else untouched.push(members.map(({ id }) => id));
  }
  return [...groupStories(membersOf(looked, near, corpus, settings), settings), ...untouched];
}

/** What a known story is about, the others of its storyline tell. @returns the stories */
function addMates(
  near: Map<number, Neighbour[]>,
  members: Candidate[],
  corpus: Corpus,
  mates: number,
): Candidate[] {
  for (const [at, story] of members.entries())
    near.set(story.id, nearest(corpus, story.id, sampleAround(members, at, mates)));
  return members;
}

type Where = Pick<NeighbourOptions, 'from' | 'until' | 'waiting'>;

function lookUp(corpus: Corpus, id: number, where: Where): number[] {
  return corpus
    .neighbours(corpus.vector(id), { ...where, minimum: 0.001, limit: mostLookedUp, except: id })
    .map((neighbour) => neighbour.id);
}

function quickNeighbours(corpus: Corpus, id: number, settings: GroupOptions, where: Where): Neighbour[] {
  const vector = corpus.vector(id);
  const least = vector.embedding
    ? Math.min(settings.threshold, settings.wordsThreshold)
    : settings.wordsThreshold;
  return corpus.neighbours(vector, {
    ...where,
    minimum: leastQuick * least,
    limit: mostQuickNeighbours,
    quick: true,
    except: id,
  });
}

/** Of a storyline's stories some that say what it reports: those that are like new ones, then the newest. */
function telling(stories: Candidate[], hit: Set<number>): Candidate[] {
  if (stories.length <= mostQuickMembers) return stories;
  return [...stories]
    .sort(
      (a, b) => Number(hit.has(b.id)) - Number(hit.has(a.id)) || b.publishedAt - a.publishedAt || a.id - b.id,
    )
    .slice(0, mostQuickMembers);
}

/** Up to so many that stand before and after one of several. */
function sampleAround(stories: Candidate[], at: number, mates: number): number[] {
  const first = Math.max(0, Math.min(at - mates / 2, stories.length - mates - 1));
  return stories.slice(first, first + mates + 1).map(({ id }) => id);
}

function nearest(corpus: Corpus, id: number, others: number[]): Neighbour[] {
  const vector = corpus.vector(id);
  return others
    .filter((other) => other !== id)
    .map((other) => ({ id: other, similarity: cosine(vector, corpus.vector(other)) }))
    .sort((a, b) => b.similarity - a.similarity || a.id - b.id);
}

function membersOf(
  stories: Candidate[],
  near: Map<number, Neighbour[]>,
  corpus: Corpus,
  settings: GroupOptions,
): GroupMember[] {
  const vectorOf = (id: number) => corpus.vector(id);
  const least = (vector: Vector) =>
    leastForExpansion * (vector.embedding ? settings.threshold : settings.wordsThreshold);
  const vectors = new Map(
    stories.map(({ id }) => {
      const vector = vectorOf(id);
      const close = (near.get(id) ?? []).filter(({ similarity }) => similarity >= least(vector));
      return [id, expanded(vector, close, vectorOf)];
    }),
  );
  return stories.map(({ id, publishedAt, storylineId }) => {
    const vector = vectors.get(id) as Vector;
    // A known story's neighbours here are of its own storyline: nothing is joined through them.
    const others = storylineId === null ? (near.get(id) ?? []) : [];
    const alike = others.flatMap((neighbour) => {
      const other = vectors.get(neighbour.id);
      return other ? [{ id: neighbour.id, similarity: cosine(vector, other) }] : [];
    });
    return {
      id,
      publishedAt,
      vector,
      near: alike.sort((a, b) => b.similarity - a.similarity || a.id - b.id),
      group: storylineId ?? undefined,
    };
  });
}
