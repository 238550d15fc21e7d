import type { Context } from '../context.ts';
import { isSeed, subjectOf, toldBySeed } from './about.ts';
import type { Candidate, Told } from './candidate.ts';
import type { ChosenStory } from './chosen.ts';
import { type Engagement, noEngagement } from './engagement.ts';
import { corpusOf, loadCandidates } from './library.ts';
import type { Policy } from './policy.ts';
import { selectStories } from './select.ts';
import { assignStorylines } from './storylines.ts';

const hour = 3_600_000;
/** How far back related links and earlier editions are looked at. */
export const libraryHours = 24 * 30;
const mostStories = 20_000;

/** What an edition is chosen for. */
export interface ChoiceRequest {
  at: Date;
  policy: Policy;
  /** Only from these sources; undefined: from all. */
  sourceIds?: number[];
  /** What the newsletter told before, and the stories it used for that. */
  told: Told[];
  usedStoryIds: number[];
  /** What readers made of it; nothing if not given. */
  engagement?: Engagement;
  /** Where readers find a story that has no address of its own. */
  readUrl(storyId: number): string;
}

/** What was chosen, and how much there was to choose from. */
export interface Choice {
  stories: ChosenStory[];
  /** Storylines in the window that the newsletter has not told, or that moved on. */
  newStorylines: number;
  storiesInWindow: number;
}

/** Chooses an edition's candidates from the database. Stories without a storyline get one first. */
export async function chooseStories(context: Context, request: ChoiceRequest): Promise<Choice> {
  await assignStorylines(context);
  const at = request.at.getTime();
  const windowStart = at - request.policy.windowHours * hour;
  const loaded = await loadCandidates(context, {
    from: at - Math.max(libraryHours, request.policy.windowHours) * hour,
    until: at,
    limit: mostStories,
    sourceIds: request.sourceIds,
  });
  const all = loaded.map((story) => ({ ...story, url: story.url ?? request.readUrl(story.id) }));
  const { about } = request.policy;
  const library = new Map(all.map((story) => [story.id, story]));
  const corpus = corpusOf(all);
  const subject = about && (await subjectOf(context, about, corpus, request.usedStoryIds));
  const bySeed = about && subject && toldBySeed(about, subject, library, corpus);
  // What an edition told later counts before the seed.
  const told = bySeed ? [bySeed, ...request.told] : request.told;

  const groups = new Map<number, Candidate[]>();
  const used = new Set(request.usedStoryIds);
  let storiesInWindow = 0;
  for (const story of all) {
    if (story.publishedAt <= windowStart || story.storylineId === null || used.has(story.id)) continue;
    if (about && isSeed(about, story)) continue;
    storiesInWindow++;
    const group = groups.get(story.storylineId);
    if (group) group.push(story);
    else groups.set(story.storylineId, [story]);
  }

  const stories = selectStories({
    groups: [...groups.values()],
    library,
    corpus,
    subject,
    told,
    engagement: request.engagement ?? noEngagement,
    policy: request.policy,
    at,
  });
  const toldIds = new Set(told.map((each) => each.storylineId));
  const newStorylines = stories.filter(
    (story) => !toldIds.has(story.storylineId ?? -1) || story.developing !== null,
  ).length;
  return { stories, newStorylines, storiesInWindow };
}
