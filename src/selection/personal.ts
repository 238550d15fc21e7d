import type { ChosenStory, Slot } from './chosen.ts';

/** A subscriber's wishes. */
export interface Wishes {
  topics: string[];
  mutedTopics: string[];
}

/** What choosing needs of a candidate. */
export type PersonalCandidate = Pick<ChosenStory, 'position' | 'topics' | 'score' | 'pinned' | 'slot'>;

// A chosen topic moves a story up past those of half again its score; it does not make a minor story the lead.
const topicBoost = 1.6;

/**
 * Chooses one subscriber's stories from an edition's candidates: without muted topics, chosen topics moved up, pinned
 * stories in their place for everyone. The same edition and wishes give the same choice.
 * @returns positions for each slot, in the slots' order
 */
export function chooseFor(candidates: PersonalCandidate[], slots: Slot[], wishes: Wishes): number[][] {
  const wanted = (candidate: PersonalCandidate) =>
    candidate.topics.some((topic) => wishes.topics.includes(topic));
  const open =
    wishes.topics.length === 0 && wishes.mutedTopics.length === 0
      ? candidates.filter((candidate) => !candidate.pinned)
      : candidates
          .filter(
            (candidate) =>
              !candidate.pinned && !candidate.topics.some((topic) => wishes.mutedTopics.includes(topic)),
          )
          .map((candidate, order) => ({
            candidate,
            order,
            value: rankValue(order, candidates.length) * (wanted(candidate) ? topicBoost : 1),
          }))
          .sort((a, b) => b.value - a.value || a.order - b.order)
          .map(({ candidate }) => candidate);
  let next = 0;
  return slots.map(({ name, count }) => {
    const pinned = candidates
      .filter((candidate) => candidate.pinned && candidate.slot === name)
      .slice(0, count);
    const rest = open.slice(next, next + count - pinned.length);
    next += rest.length;
    return [...pinned, ...rest].map(({ position }) => position);
  });
}

// The editor's order counts, not the raw score: diversity has had its say in it.
function rankValue(order: number, total: number): number {
  return 1 - (0.75 * order) / Math.max(1, total);
}
