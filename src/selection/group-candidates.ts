import type { Candidate } from './candidate.ts';
import { type Corpus, cosine, type Neighbour, type Vector } from './corpus.ts';
import { expanded } from './expand.ts';
import { defaultGroupOptions, type GroupMember, type GroupOptions, groupStories } from './group.ts';
import { baseLanguage } from './terms.ts';

// The first pass counts words by story, and the event that most stories report makes its own name common; the next
// ones count them by what the pass before took for events.
const passes = 3;
const mostNeighbours = 40;
const mostLookedUp = 60;
// Of a storyline of thousands, so many tell what one of its stories is about.
const mostMates = 12;
// Neighbours nearly as alike as stories of one event help to tell what a story is about.
const leastForExpansion = 0.8;

/**
 * Groups candidates into storylines, each language by itself; those that share one already stay together. Only those
 * without a storyline, and the storylines that are like them, are looked at: the rest has been before.
 * @param corpus holds all of them; words are counted by the groups afterwards
 * @returns the groups
 */
export function groupCandidates(
  candidates: Candidate[],
  corpus: Corpus,
  options: Partial<GroupOptions> = {},
): Candidate[][] {
  const settings = { ...defaultGroupOptions, ...options };
  const byId = new Map(candidates.map((candidate) => [candidate.id, candidate]));
  const byLanguage = Map.groupBy(candidates, ({ language }) => baseLanguage(language) ?? 'en');
  const known = candidates.filter(({ storylineId }) => storylineId !== null).length;
  const needed = known > candidates.length / 2 ? 1 : passes;
  let groups: number[][] = [];
  // Who may be near whom is looked up once; how near they are is computed anew in each pass.
  const found = new Map<number, number[]>();
  for (let pass = 0; pass < needed; pass++) {
    groups = [...byLanguage.values()].flatMap((stories) =>
      groupOneLanguage(stories, found, corpus, settings),
    );
    corpus.countByGroup(groups);
  }
  return groups.map((ids) => ids.flatMap((id) => byId.get(id) ?? []));
}

function groupOneLanguage(
  stories: Candidate[],
  found: Map<number, number[]>,
  corpus: Corpus,
  settings: GroupOptions,
): number[][] {
  const byId = new Map(stories.map((story) => [story.id, story]));
  const storylines = Map.groupBy(
    stories.filter(({ storylineId }) => storylineId !== null),
    ({ storylineId }) => storylineId as number,
  );
  const near = new Map<number, Neighbour[]>();
  const touched = new Set<number>();
  const unknown = stories.filter(({ storylineId }) => storylineId === null);
  for (const { id } of unknown) {
    let ids = found.get(id);
    if (!ids) {
      ids = corpus
        .neighbours(corpus.vector(id), { minimum: 0.001, limit: mostLookedUp, except: id })
        .map((neighbour) => neighbour.id)
        .filter((other) => byId.has(other));
      found.set(id, ids);
    }
    near.set(id, nearest(corpus, id, ids).slice(0, mostNeighbours));
    for (const other of ids) {
      const storyline = byId.get(other)?.storylineId;
      if (storyline !== null && storyline !== undefined) touched.add(storyline);
    }
  }
  // What a known story is about, the others of its storyline tell.
  for (const storyline of touched) {
    const members = storylines.get(storyline) ?? [];
    for (const [at, { id }] of members.entries())
      near.set(id, nearest(corpus, id, sampleAround(members, at)));
  }
  const looked = [...unknown, ...[...touched].flatMap((storyline) => storylines.get(storyline) ?? [])];
  const groups = groupStories(membersOf(looked, near, corpus, settings), settings);
  const untouched = [...storylines].filter(([storyline]) => !touched.has(storyline));
  return [...groups, ...untouched.map(([, members]) => members.map(({ id }) => id))];
}

/** Up to so many that stand before and after one of several. */
function sampleAround(stories: Candidate[], at: number): number[] {
  const first = Math.max(0, Math.min(at - mostMates / 2, stories.length - mostMates - 1));
  return stories.slice(first, first + mostMates + 1).map(({ id }) => id);
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
    const alike = (near.get(id) ?? []).map((neighbour) => ({
      id: neighbour.id,
      similarity: cosine(vector, vectors.get(neighbour.id) as Vector),
    }));
    return {
      id,
      publishedAt,
      vector,
      near: alike.sort((a, b) => b.similarity - a.similarity || a.id - b.id),
      group: storylineId ?? undefined,
    };
  });
}
