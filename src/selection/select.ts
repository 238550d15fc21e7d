import type { Candidate, Told } from './candidate.ts';
import type { ChosenStory } from './chosen.ts';
import type { Corpus } from './corpus.ts';
import { diversify } from './diversify.ts';
import type { Policy } from './policy.ts';
import { rankStorylines } from './rank.ts';
import { relatedStories } from './related.ts';
import { applyRules, isBlocked } from './rules.ts';

/** All that choosing an edition looks at. */
export interface SelectionInput {
  /** Stories of the window, by storyline. */
  groups: Candidate[][];
  /** Everything that related links may point to: the window and what came before it. */
  library: Map<number, Candidate>;
  /** Holds every story of the groups and the library. */
  corpus: Corpus;
  /** What the newsletter told before. */
  told: Told[];
  policy: Policy;
  /** Milliseconds since 1970 for which the edition is made. */
  at: number;
}

/**
 * Chooses an edition's candidates, best first, each with slot, reason and related stories. One story a storyline;
 * the first ones fill the policy's slots in order, the rest is in reserve for readers with wishes of their own.
 */
export function selectStories(input: SelectionInput): ChosenStory[] {
  const { corpus, policy, at } = input;
  const groups = input.groups.map((stories) => stories.filter((story) => wanted(story, policy)));
  const ranked = applyRules(rankStorylines(groups, corpus, input.told, policy, at), policy.rules);
  const chosen = diversify(ranked, corpus, policy.diversity, policy.candidates);
  const slots = policy.slots.flatMap(({ name, count }) => Array.from({ length: count }, () => name));

  const members = new Map<number, Set<number>>();
  for (const story of input.library.values()) {
    if (story.storylineId === null) continue;
    const set = members.get(story.storylineId) ?? new Set<number>();
    members.set(story.storylineId, set.add(story.id));
  }

  return chosen.map(({ lead, stories, coverage, score, developing, reason }, position) => ({
    position,
    slot: slots[position] ?? 'reserve',
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
    related: relatedStories(
      {
        id: lead.id,
        title: lead.title,
        url: lead.url,
        publisher: lead.publisher,
        contentHash: lead.contentHash,
        storylineId: lead.storylineId,
        storyline: new Set([...stories.map(({ id }) => id), ...(members.get(lead.storylineId ?? -1) ?? [])]),
        publishedAt: lead.publishedAt,
        vector: corpus.vector(lead.id),
      },
      input.library,
      corpus,
      policy.related,
    ),
  }));
}

function wanted(story: Candidate, policy: Policy): boolean {
  const language = story.language?.split('-')[0];
  return (
    (policy.topics.length === 0 || story.topics.some((topic) => policy.topics.includes(topic))) &&
    !story.topics.some((topic) => policy.withoutTopics.includes(topic)) &&
    !isBlocked(story, policy.rules) &&
    (policy.languages.length === 0 || (language !== undefined && policy.languages.includes(language)))
  );
}
