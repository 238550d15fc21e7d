import { nearnessTo, type Subject } from './about.ts';
import type { Candidate, Told } from './candidate.ts';
import { type ChosenStory, isNoteSlot, type Slot } from './chosen.ts';
import type { Corpus } from './corpus.ts';
import { diversify } from './diversify.ts';
import type { Engagement } from './engagement.ts';
import type { Policy } from './policy.ts';
import { type RankedStoryline, rankStorylines } from './rank.ts';
import { applyRules, hasTopic, isBlocked } from './rules.ts';
import { baseLanguage } from './terms.ts';

/** All that choosing an edition looks at. */
export interface SelectionInput {
  /** Stories of the window, by storyline. */
  groups: Candidate[][];
  /** How many publishers report a storyline, by its number, where not all of its stories are among the groups. */
  allPublishers?: Map<number, number>;
  /** Holds every story of the groups. */
  corpus: Corpus;
  /** What the newsletter told before. */
  told: Told[];
  /** What readers made of it. */
  engagement: Engagement;
  /** What the newsletter is about, if it is built around a story. */
  subject?: Subject;
  policy: Policy;
  /** Milliseconds since 1970 for which the edition is made. */
  at: number;
}

/**
 * Chooses an edition's candidates, best first, each with slot and reason; `addRelated` finds what stands beneath them.
 * One story a storyline; the first ones fill the policy's slots in order, the rest is in reserve for readers with wishes of their own.
 */
export function selectStories(input: SelectionInput): ChosenStory[] {
  const { corpus, policy, at } = input;
  const groups = input.groups.map((stories) => stories.filter((story) => isWanted(story, policy)));
  const scored = rankStorylines(
    groups,
    corpus,
    input.told,
    policy,
    at,
    input.engagement,
    input.allPublishers,
  );
  const onSubject = input.subject ? keepNear(scored, input.subject, corpus) : scored;
  const ranked = applyRules(onSubject, policy.rules);
  const varied = diversify(ranked, corpus, policy.diversity, policy.candidates);
  const chosen = [...varied, ...missingFromTopics(varied, ranked, policy.slots)];
  const slots = fillSlots(chosen, policy.slots);

  return chosen.map(({ lead, coverage, score, developing, reason }, position) => ({
    position,
    slot: slots[position] as string,
    storyId: lead.id,
    storylineId: lead.storylineId,
    title: lead.title,
    dek: lead.dek,
    url: lead.url ?? '',
    imageUrl: lead.imageUrl,
    imageAlt: lead.imageAlt,
    publisher: lead.publisher,
    author: lead.author,
    topics: lead.topics,
    publishedAt: new Date(lead.publishedAt).toISOString(),
    coverage,
    developing,
    pinned: false,
    score: Math.round(score * 10_000) / 10_000,
    reason,
    related: [],
  }));
}

/** The storylines that are about a subject, those that are nearer first, and why. */
function keepNear(ranked: RankedStoryline[], subject: Subject, corpus: Corpus): RankedStoryline[] {
  return ranked
    .flatMap((storyline) => {
      const near = nearnessTo(subject, storyline.stories, corpus);
      if (!near) return [];
      const words = near.shared.length > 0 ? `: ${near.shared.join(', ')}` : '';
      const how = near.nearness >= 1 ? 'On the same event as' : 'Like';
      return {
        ...storyline,
        // What is as near as one event is near enough: among these the score decides.
        score: storyline.score * Math.min(1, near.nearness) ** 2,
        reason: {
          text: `${how} "${subject.title}"${words}. ${storyline.reason.text}`,
          parts: { ...storyline.reason.parts, nearness: Math.round(near.nearness * 1000) / 1000 },
        },
      };
    })
    .sort((a, b) => b.score - a.score || b.lead.publishedAt - a.lead.publishedAt || a.lead.id - b.lead.id);
}

/** Storylines that slots with a topic lack in a choice and the ranking has, however far down. */
function missingFromTopics(
  chosen: RankedStoryline[],
  ranked: RankedStoryline[],
  slots: Slot[],
): RankedStoryline[] {
  const missing = new Set<RankedStoryline>();
  const taken = new Set(chosen);
  for (const { name, topic } of slots) {
    if (topic === undefined) continue;
    const filled = fillSlots([...chosen, ...missing], slots).filter((slot) => slot === name).length;
    const wanted = slots.find((slot) => slot.name === name)?.count ?? 0;
    ranked
      .filter((storyline) => hasTopic(storyline.lead.topics, topic) && !taken.has(storyline))
      .slice(0, Math.max(0, wanted - filled))
      .forEach((storyline) => {
        missing.add(storyline);
        taken.add(storyline);
      });
  }
  return [...missing];
}

/** The slot of each storyline: slots are filled in turn, each with the best that are left and may stand in it. */
function fillSlots(chosen: RankedStoryline[], slots: Slot[]): string[] {
  const filled: string[] = chosen.map(() => 'reserve');
  for (const { name, count, topic } of slots) {
    if (isNoteSlot(name)) continue;
    let left = count;
    for (const [at, { lead }] of chosen.entries()) {
      if (left === 0) break;
      if (filled[at] !== 'reserve' || (topic !== undefined && !hasTopic(lead.topics, topic))) continue;
      filled[at] = name;
      left--;
    }
  }
  return filled;
}

/** Whether a policy takes a story at all. */
export function isWanted(story: Candidate, policy: Policy): boolean {
  return (
    (policy.topics.length === 0 || policy.topics.some((topic) => hasTopic(story.topics, topic))) &&
    !isUnwanted(story, policy)
  );
}

/** Whether a policy keeps a story out, beneath others too: blocked, on an excluded topic, or in another language. */
export function isUnwanted(story: Candidate, policy: Policy): boolean {
  const language = baseLanguage(story.language);
  return (
    policy.withoutTopics.some((topic) => hasTopic(story.topics, topic)) ||
    isBlocked(story, policy.rules) ||
    (policy.languages.length > 0 &&
      !policy.languages.some((wanted) => language !== null && baseLanguage(wanted) === language))
  );
}
