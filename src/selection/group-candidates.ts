import type { Candidate } from './candidate.ts';
import { type Corpus, cosine, type Neighbour, type Vector } from './corpus.ts';
import { expanded } from './expand.ts';
import { defaultGroupOptions, type GroupMember, type GroupOptions, groupStories } from './group.ts';
import { baseLanguage } from './terms.ts';

// The first pass counts words by story, and the event that most stories report makes its own name common; the next
// ones count them by what the pass before took for events.
const passes = 3;
const mostNeighbours = 40;
// Neighbours nearly as alike as stories of one event help to tell what a story is about.
const leastForExpansion = 0.8;

/**
 * Groups candidates into storylines, each language by itself; those that share one already stay together. Only those
 * without a storyline, and what they are like, are looked at closely: the rest has been before.
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
  for (let pass = 0; pass < needed; pass++) {
    groups = [...byLanguage.values()].flatMap((stories) =>
      groupStories(membersOf(stories, corpus, settings), settings),
    );
    corpus.countByGroup(groups);
  }
  return groups.map((ids) => ids.flatMap((id) => byId.get(id) ?? []));
}

function membersOf(stories: Candidate[], corpus: Corpus, settings: GroupOptions): GroupMember[] {
  const here = new Set(stories.map(({ id }) => id));
  const vectorOf = (id: number) => corpus.vector(id);
  const near = new Map<number, Neighbour[]>();
  const lookAround = (id: number) => {
    const found = corpus.neighbours(vectorOf(id), { minimum: 0.001, limit: mostNeighbours, except: id });
    near.set(
      id,
      found.filter((neighbour) => here.has(neighbour.id)),
    );
  };
  const unknown = stories.filter(({ storylineId }) => storylineId === null);
  for (const { id } of unknown) lookAround(id);
  // Neighbours are seen with their own neighbours' words too.
  for (const { id } of unknown)
    for (const neighbour of near.get(id) ?? []) if (!near.has(neighbour.id)) lookAround(neighbour.id);

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
