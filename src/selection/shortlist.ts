import type { Candidate } from './candidate.ts';
import { mostOfOnePublisher } from './diversify.ts';
import { appealOf, type Engagement } from './engagement.ts';
import { fairShare } from './fair-share.ts';
import type { Policy } from './policy.ts';
import { leastFullCoverage } from './rank.ts';
import { applies, hasTopic, usualFactor } from './rules.ts';

const hour = 3_600_000;
// The most reported storylines say what full coverage is.
const measures = 10;
// Of a storyline of thousands so many are read: the newest, which say best what it is about now.
const mostRead = 40;
const leastOfTopic = 20;

/**
 * The storylines that may be chosen, of however many: by the score that each would have if all its publishers had texts of
 * their own and readers had not been told of it. Reading texts, finding copies and leads costs; this looks at nothing but
 * who reported when. Twice as many are kept as variety is chosen from.
 * @param groups stories by storyline, those that the policy wants
 * @returns groups with at most 40 stories each
 */
export function shortlist(
  groups: Candidate[][],
  policy: Policy,
  engagement: Engagement,
  at: number,
): Candidate[][] {
  const wanted = 2 * Math.max(policy.candidates * 4, 60);
  if (groups.length <= wanted) return groups.map(newest);
  const publishers = groups.map((stories) => new Set(stories.map(({ publisher }) => publisher)).size);
  const most = publishers.reduce((a, b) => Math.max(a, b), leastFullCoverage);
  const bounds = groups.map((stories, index) => bound(stories, publishers[index] as number, most));
  const order = [...groups.keys()].sort((a, b) => (bounds[b] as number) - (bounds[a] as number));
  const aloneOf = (index: number) => (publishers[index] === 1 ? groups[index]?.[0]?.publisher : undefined);
  const kept = new Set(fairShare(order, aloneOf, Math.ceil(policy.candidates * mostOfOnePublisher), wanted));
  for (const index of [...groups.keys()]
    .sort((a, b) => (publishers[b] as number) - (publishers[a] as number))
    .slice(0, measures))
    kept.add(index);
  for (const { topic } of policy.slots) {
    if (topic === undefined) continue;
    let left = leastOfTopic;
    for (const index of order) {
      if (left === 0) break;
      if (!groups[index]?.some(({ topics }) => hasTopic(topics, topic))) continue;
      kept.add(index);
      left--;
    }
  }
  return [...kept].map((index) => newest(groups[index] as Candidate[]));

  function bound(stories: Candidate[], count: number, full: number): number {
    const { coverage: wc, freshness: wf, prominence: wp, engagement: we } = policy.weights;
    let newestAt = 0;
    let prominence = 0;
    let weight = 0;
    for (const { publishedAt, sourcePosition, sourceWeight } of stories) {
      if (publishedAt > newestAt) newestAt = publishedAt;
      prominence = Math.max(prominence, 1 / (1 + (sourcePosition ?? 20) / 4));
      weight = Math.max(weight, sourceWeight);
    }
    const freshness = 0.5 ** (Math.max(0, at - newestAt) / hour / policy.halfLifeHours);
    const appeal =
      we === 0 ? 0 : Math.max(...stories.slice(0, 20).map((story) => appealOf(story, engagement).value));
    const boost = policy.rules
      .filter(({ action }) => action === 'boost')
      .reduce(
        (product, rule) =>
          stories.some((story) => applies(rule, story))
            ? product * (rule.factor ?? usualFactor.boost)
            : product,
        1,
      );
    const covered = Math.log(count) / Math.log(full);
    return (wc * covered + wf * freshness + wp * prominence + we * appeal) * weight * boost;
  }
}

/** The newest of each publisher first, as coverage is counted by publishers. */
function newest(stories: Candidate[]): Candidate[] {
  if (stories.length <= mostRead) return stories;
  const sorted = [...stories].sort((a, b) => b.publishedAt - a.publishedAt || a.id - b.id);
  const seen = new Set<string>();
  const [first, further]: [Candidate[], Candidate[]] = [[], []];
  for (const story of sorted) {
    (seen.has(story.publisher) ? further : first).push(story);
    seen.add(story.publisher);
  }
  return [...first, ...further].slice(0, mostRead);
}
