import type { Corpus } from './corpus.ts';
import { fairShare } from './fair-share.ts';
import { eventLikeness, type Middle, middleOf } from './middle.ts';
import type { RankedStoryline } from './rank.ts';

// Two storylines that share a topic or a publisher are a little alike, whatever their words.
const sameTopic = 0.12;
const samePublisher = 0.08;
// Of the storylines chosen, those that one publisher alone reports are at most this share, while there are others.
export const mostOfOnePublisher = 1 / 3;
// So many of a storyline's stories say what it is about.
const mostCompared = 12;

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
  // The third best says what is good: one story that a rule lifts high above does not make the others equal.
  const good = ranked[Math.min(2, ranked.length - 1)]?.score || 1;
  const aloneOf = ({ coverage, lead }: RankedStoryline) => (coverage === 1 ? lead.publisher : undefined);
  const pool = fairShare(ranked, aloneOf, Math.ceil(limit * mostOfOnePublisher), Math.max(limit * 4, 60));
  const closest = new Map<RankedStoryline, number>(pool.map((storyline) => [storyline, 0]));
  const chosen: RankedStoryline[] = [];
  const middles = new Map<RankedStoryline, Middle>();
  const placed = (storyline: RankedStoryline): Placed => {
    let middle = middles.get(storyline);
    if (!middle) {
      middle = middleOf(storyline.stories.slice(0, mostCompared).map(({ id }) => corpus.vector(id)));
      middles.set(storyline, middle);
    }
    return { storyline, middle };
  };
  while (chosen.length < limit && pool.length > 0) {
    let top = 0;
    let topValue = Number.NEGATIVE_INFINITY;
    const full = fullPublishers(chosen);
    const isFull = ({ coverage, lead }: RankedStoryline) => coverage === 1 && full.has(lead.publisher);
    const all = pool.every(isFull);
    for (const [index, storyline] of pool.entries()) {
      if (!all && isFull(storyline)) continue;
      const value = (1 - diversity) * (storyline.score / good) - diversity * (closest.get(storyline) ?? 0);
      if (value > topValue) {
        top = index;
        topValue = value;
      }
    }
    const [taken] = pool.splice(top, 1) as [RankedStoryline];
    chosen.push(taken);
    for (const storyline of pool) {
      const similarity = alike(placed(taken), placed(storyline));
      if (similarity > (closest.get(storyline) ?? 0)) closest.set(storyline, similarity);
    }
  }
  return chosen;
}

interface Placed {
  storyline: RankedStoryline;
  middle: Middle;
}

/** Publishers that have had their share of what nobody else reports. The first two places are anyone's. */
function fullPublishers(chosen: RankedStoryline[]): Set<string> {
  const counts = new Map<string, number>();
  for (const { lead, coverage } of chosen)
    if (coverage === 1) counts.set(lead.publisher, (counts.get(lead.publisher) ?? 0) + 1);
  const most = Math.max(2, Math.ceil((chosen.length + 1) * mostOfOnePublisher));
  return new Set([...counts].filter(([, count]) => count >= most).map(([publisher]) => publisher));
}

/**
 * How alike two storylines are, from 0 to 1: the average likeness of their stories (1: as alike as one event), their
 * topics, their publishers.
 */
function alike(a: Placed, b: Placed): number {
  const content = eventLikeness(a.middle, b.middle);
  const [one, other] = [a.storyline.lead, b.storyline.lead];
  const topic = one.topics.some((each) => other.topics.includes(each)) ? sameTopic : 0;
  const publisher = one.publisher === other.publisher ? samePublisher : 0;
  return Math.min(1, content + topic + publisher);
}
