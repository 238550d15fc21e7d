import { type Corpus, cosine } from './corpus.ts';
import type { RankedStoryline } from './rank.ts';

// Two storylines that share a topic or a publisher are a little alike, whatever their words.
const sameTopic = 0.12;
const samePublisher = 0.08;
// Cosines between different events are small numbers: this one already means "much the same".
const likeness = 4;

/**
 * Puts storylines in an order that is good and varied: maximal marginal relevance (Carbonell and Goldstein, SIGIR
 * 1998). Each step takes the storyline with the best mixture of its score and its unlikeness to those taken before.
 * @param ranked best first
 * @param diversity 0: the order stays; 1: unlikeness alone decides
 */
export function diversify(
  ranked: RankedStoryline[],
  corpus: Corpus,
  diversity: number,
  limit: number,
): RankedStoryline[] {
  const best = ranked[0]?.score || 1;
  const pool = ranked.slice(0, Math.max(limit * 4, 60));
  const closest = new Map<RankedStoryline, number>(pool.map((storyline) => [storyline, 0]));
  const chosen: RankedStoryline[] = [];
  while (chosen.length < limit && pool.length > 0) {
    let top = 0;
    let topValue = Number.NEGATIVE_INFINITY;
    for (const [index, storyline] of pool.entries()) {
      const value = (1 - diversity) * (storyline.score / best) - diversity * (closest.get(storyline) ?? 0);
      if (value > topValue) {
        top = index;
        topValue = value;
      }
    }
    const [taken] = pool.splice(top, 1) as [RankedStoryline];
    chosen.push(taken);
    for (const storyline of pool) {
      const similarity = alike(taken, storyline, corpus);
      if (similarity > (closest.get(storyline) ?? 0)) closest.set(storyline, similarity);
    }
  }
  return chosen;
}

/** How alike two storylines are, from 0 to 1: the average of their stories' cosines, their topics, their publishers. */
function alike(a: RankedStoryline, b: RankedStoryline, corpus: Corpus): number {
  const [left, right] = [a.stories.slice(0, 12), b.stories.slice(0, 12)];
  let sum = 0;
  for (const x of left) for (const y of right) sum += cosine(corpus.vector(x.id), corpus.vector(y.id));
  const words = (sum / (left.length * right.length)) * likeness;
  const topic = a.lead.topics.some((each) => b.lead.topics.includes(each)) ? sameTopic : 0;
  const publisher = a.lead.publisher === b.lead.publisher ? samePublisher : 0;
  return Math.min(1, words + topic + publisher);
}
