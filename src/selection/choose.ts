import type { Context } from '../context.ts';
import { isSeed, type Subject, subjectOf, toldBySeed } from './about.ts';
import type { Candidate, HeldStories, Told } from './candidate.ts';
import type { ChosenStory } from './chosen.ts';
import type { Corpus } from './corpus.ts';
import { type Engagement, noEngagement } from './engagement.ts';
import { libraryHours, openLibrary } from './library.ts';
import type { PastStories } from './past.ts';
import type { Policy } from './policy.ts';
import { push } from './push.ts';
import { addRelated, type Texts } from './related.ts';
import { isUnwanted, isWanted, selectStories } from './select.ts';
import { shortlist } from './shortlist.ts';
import { assignStorylines } from './storylines.ts';

const hour = 3_600_000;

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
  await assignStorylines(context, { embed: false });
  const library = await openLibrary(context);
  const sources = request.sourceIds && new Set(request.sourceIds);
  return choose(context, request, {
    stories: library.stories,
    membersOf: (storyline) => library.membersOf(storyline),
    mayUse: sources ? ({ id }) => sources.has(library.stories.get(id)?.sourceId ?? -1) : () => true,
    corpus: library.corpus,
    texts: (ids) => library.withTexts(context.db, ids),
  });
}

/**
 * Chooses as an edition of the past would have been chosen, from the stories that were known then, as they are now.
 * Nothing is written.
 * @param past moved on to the instant
 */
export async function chooseAsOf(
  context: Context,
  request: ChoiceRequest,
  past: PastStories,
): Promise<Choice> {
  await past.moveTo(context, request.at.getTime(), request.policy.windowHours);
  const { stories, corpus } = past;
  const storylines = new Map<number | null, number[]>();
  for (const { id, storylineId } of stories.values()) push(storylines, storylineId, id);
  return choose(context, request, {
    stories,
    membersOf: (storyline) => storylines.get(storyline) ?? [],
    mayUse: () => true,
    corpus,
    texts: async (ids) =>
      new Map(
        [...ids].flatMap((id) => {
          const story = stories.get(id);
          return story ? [[id, story] as const] : [];
        }),
      ),
  });
}

interface Material extends HeldStories {
  mayUse(story: Candidate): boolean;
  texts: Texts;
}

async function choose(context: Context, request: ChoiceRequest, material: Material): Promise<Choice> {
  const { stories: all, corpus, mayUse, texts } = material;
  const { policy, readUrl } = request;
  const { about } = policy;
  const at = request.at.getTime();
  const subject = about && (await subjectOf(context, about, corpus, request.usedStoryIds));
  const bySeed = about && subject && toldBySeed(about, subject, material);
  // What an edition told later counts before the seed.
  const told = bySeed ? [bySeed, ...request.told] : request.told;

  const inReach = at - Math.max(libraryHours, policy.windowHours) * hour;
  const windowStart = at - policy.windowHours * hour;
  const used = new Set(request.usedStoryIds);
  const groups = new Map<number, Candidate[]>();
  let storiesInWindow = 0;
  for (const story of all.values()) {
    if (story.storylineId === null || story.publishedAt > at || story.publishedAt <= windowStart) continue;
    if (used.has(story.id) || !mayUse(story)) continue;
    if (about && isSeed(about, story)) continue;
    storiesInWindow++;
    if (isWanted(story, policy)) push(groups, story.storylineId, story);
  }

  const engagement = request.engagement ?? noEngagement;
  const near = subject ? nearTo(subject, groups, all, corpus) : [...groups.values()];
  const short = shortlist(near, policy, engagement, at);
  const full = await texts(short.flatMap((stories) => stories.map(({ id }) => id)));
  const stories = selectStories({
    groups: short.map((group) =>
      group.flatMap(({ id }) => {
        const story = full.get(id);
        // The object stays the same where it can: what was found out about its text is kept with it.
        return story ? [story.url === null ? { ...story, url: readUrl(id) } : story] : [];
      }),
    ),
    allPublishers: new Map(
      near.map((group) => [
        group[0]?.storylineId ?? -1,
        new Set(group.map(({ publisher }) => publisher)).size,
      ]),
    ),
    corpus,
    subject,
    told,
    engagement,
    policy,
    at,
  });
  const mayRelate = (story: Candidate) =>
    story.publishedAt <= at && mayUse(story) && !isUnwanted(story, policy);
  const readable: Texts = async (ids) =>
    new Map(
      [...(await texts(ids))]
        .filter(([, story]) => mayRelate(story))
        .map(([id, story]) => [id, story.url === null ? { ...story, url: readUrl(id) } : story]),
    );
  const inTime = (storyline: number) =>
    material.membersOf(storyline).filter((id) => {
      const story = all.get(id);
      return story && story.publishedAt > inReach && mayRelate(story);
    });
  const related = { stories: all, corpus, membersOf: inTime, mayRelate, texts: readable };
  await addRelated(stories, related, policy.related);
  const toldIds = new Set(request.told.map((each) => each.storylineId));
  const newStorylines = stories.filter(
    (story) => !toldIds.has(story.storylineId ?? -1) || story.developing !== null,
  ).length;
  return { stories, newStorylines, storiesInWindow };
}

const mostNear = 500;

/** Of however many storylines those with a story that is near to a subject. */
function nearTo(
  subject: Subject,
  groups: Map<number, Candidate[]>,
  stories: Map<number, Candidate>,
  corpus: Corpus,
): Candidate[][] {
  const near = new Set<number>();
  for (const vector of [subject.seed, subject.now])
    for (const { id } of corpus.neighbours(vector, { minimum: 0.001, limit: mostNear })) {
      const storyline = stories.get(id)?.storylineId;
      if (storyline) near.add(storyline);
    }
  return [...near].flatMap((storyline) => {
    const group = groups.get(storyline);
    return group ? [group] : [];
  });
}
