import type { Candidate, Told } from './candidate.ts';
import type { Reason } from './chosen.ts';
import { copiesOf } from './copies.ts';
import type { Corpus } from './corpus.ts';
import { appealOf, type Engagement } from './engagement.ts';
import { likeness, middleOf } from './middle.ts';
import { newsSince } from './news.ts';
import type { Policy } from './policy.ts';
import type { Vector } from './vector.ts';

/** A storyline with its score and its lead story. */
export interface RankedStoryline {
  lead: Candidate;
  /** All its stories in the window, the lead included. */
  stories: Candidate[];
  /** Distinct publishers with a text of their own: copies of another's do not count. */
  coverage: number;
  score: number;
  developing: string | null;
  reason: Reason;
}

// Coverage is measured against the most reported storyline, but at least against this many publishers: where nobody
// reports what others do, one common story is no sensation.
export const leastFullCoverage = 6;
// A storyline that readers have had and that has not moved on.
const toldFactor = 0.15;
// One that moved on: there is something new to tell.
const developingFactor = 0.75;
// Among a storyline's stories the newest knows most: one that is so much older leads only if it is twice as central.
const leadHalfLifeHours = 16;
const hour = 3_600_000;

/**
 * Scores storylines. The score is the weighted mean of coverage (logarithm of distinct publishers), freshness (halved
 * every `halfLifeHours` since the storyline's newest story), prominence (how high its stories stand in their sources)
 * and engagement (what readers clicked before, see engagement.ts), times the lead source's weight, times a factor below 1
 * if the newsletter has told the storyline before.
 * @param groups stories by storyline
 * @param at milliseconds since 1970 for which the edition is made
 * @param allPublishers of storylines of which not all stories are given, how many publishers report them, by storyline
 */
export function rankStorylines(
  groups: Candidate[][],
  corpus: Corpus,
  told: Told[],
  policy: Policy,
  at: number,
  engagement: Engagement,
  allPublishers: Map<number, number> = new Map(),
): RankedStoryline[] {
  const toldOf = new Map(told.map((each) => [each.storylineId, each]));
  const { coverage: wc, freshness: wf, prominence: wp, engagement: we } = policy.weights;
  const total = wc + wf + wp + we || 1;
  const carried = new Map(groups.map((stories) => [stories, reportsOf(stories, allPublishers)]));
  const fullCoverage = [...carried.values()].reduce(
    (most, { publishers }) => Math.max(most, publishers),
    leastFullCoverage,
  );

  // Where one publisher is all there is, its own next report is news.
  const everybody = new Set(groups.flatMap((stories) => stories.map(({ publisher }) => publisher)));
  const leastReporting = Math.min(2, everybody.size);

  return groups
    .filter((stories) => stories.length > 0)
    .map((stories) => {
      const lead = chooseLead(stories, corpus);
      const { publishers, copiedBy } = carried.get(stories) as Reports;
      const coverage = Math.min(1, Math.log(publishers) / Math.log(fullCoverage));
      const newest = Math.max(...stories.map((story) => story.publishedAt));
      const ageHours = Math.max(0, at - newest) / hour;
      const freshness = 0.5 ** (ageHours / policy.halfLifeHours);
      const prominence = Math.max(...stories.map((story) => 1 / (1 + (story.sourcePosition ?? 20) / 4)));
      const novelty = noveltyOf(lead, stories, toldOf, leastReporting);
      const appeal = appealOf(lead, engagement);
      const score =
        ((wc * coverage + wf * freshness + wp * prominence + we * appeal.value) / total) *
        lead.sourceWeight *
        novelty.factor;
      const parts = {
        coverage,
        publishers,
        copies: copiedBy,
        freshness,
        ageHours: round(ageHours),
        prominence,
        engagement: appeal.value,
        sourceWeight: lead.sourceWeight,
        novelty: novelty.factor,
      };
      return {
        lead,
        stories,
        coverage: publishers,
        score,
        developing: novelty.developing,
        reason: {
          text: sentence(publishers, copiedBy, ageHours, lead, novelty, appeal.because),
          parts: Object.fromEntries(Object.entries(parts).map(([name, value]) => [name, round(value)])),
        },
      };
    })
    .sort((a, b) => b.score - a.score || b.lead.publishedAt - a.lead.publishedAt || a.lead.id - b.lead.id);
}

interface Reports {
  /** Distinct publishers with a text of their own. */
  publishers: number;
  /** Distinct publishers with none but copies. */
  copiedBy: number;
}

/** Who reports a storyline: publishers of copies report nothing of their own. */
function reportsOf(stories: Candidate[], allPublishers: Map<number, number>): Reports {
  const copies = copiesOf(stories);
  const own = new Set(stories.filter(({ id }) => !copies.has(id)).map(({ publisher }) => publisher));
  const all = new Set(stories.map(({ publisher }) => publisher));
  // Of the publishers that were not read the same share has texts of their own, the first one aside.
  const total = Math.max(all.size, allPublishers.get(stories[0]?.storylineId ?? -1) ?? 0);
  const publishers =
    all.size > 1 ? 1 + Math.round(((own.size - 1) * (total - 1)) / (all.size - 1)) : own.size;
  return { publishers, copiedBy: total - publishers };
}

const round = (value: number) => Math.round(value * 1000) / 1000;

/** The story nearest to the middle of its storyline, among those a reader can open; better sources and pictures help. */
function chooseLead(stories: Candidate[], corpus: Corpus): Candidate {
  if (stories.length === 1) return stories[0] as Candidate;
  const sample = stories.slice(0, 40);
  const latest = Math.max(...sample.map((story) => story.publishedAt));
  const storiesOf = new Map<string, number>();
  for (const { publisher } of sample) storiesOf.set(publisher, (storiesOf.get(publisher) ?? 0) + 1);
  // Each publisher has one voice, however many stories it has.
  const voices = sample.map(({ publisher }) => 1 / (storiesOf.get(publisher) as number));
  const vectors = sample.map(({ id }) => corpus.vector(id));
  const middle = middleOf(vectors, voices);
  const total = voices.reduce((sum, voice) => sum + voice, 0);
  let best = stories[0] as Candidate;
  let bestValue = -1;
  for (const [at, story] of sample.entries()) {
    const voice = voices[at] as number;
    const own = middleOf([vectors[at] as Vector]);
    // How like the others it is: how like all, less itself, which is 1.
    const centrality = (total * likeness(own, middle) - voice) / (total - voice || 1);
    const value =
      (centrality + 0.02) *
      (0.5 + 0.5 * Math.min(2, story.sourceWeight)) *
      (story.url ? 1 : 0.3) *
      (story.imageUrl ? 1.15 : 1) *
      (story.dek || story.bodyText ? 1.15 : 1) *
      0.5 ** ((latest - story.publishedAt) / (leadHalfLifeHours * hour));
    if (value > bestValue) {
      best = story;
      bestValue = value;
    }
  }
  return best;
}

interface Novelty {
  factor: number;
  /** For readers. */
  developing: string | null;
  /** For editors; undefined if the storyline was not told before. */
  told?: string;
}

/** Told before: worth telling again only if enough publishers reported on it since. */
function noveltyOf(
  lead: Candidate,
  stories: Candidate[],
  toldOf: Map<number, Told>,
  leastReporting: number,
): Novelty {
  const told = stories
    .map((story) => (story.storylineId === null ? undefined : toldOf.get(story.storylineId)))
    .find(Boolean);
  if (!told) return { factor: 1, developing: null };
  const since = stories.filter((story) => story.publishedAt > told.at && story.title !== told.title);
  const publishers = new Set(since.map((story) => story.publisher)).size;
  if (told.bySeed && since.length === 0) return { factor: 1, developing: null };
  if (publishers < leastReporting || publishers === 0 || lead.publishedAt <= told.at)
    return { factor: toldFactor, developing: null, told: 'told before, with little new' };
  const before = stories.filter((story) => story.publishedAt <= told.at);
  const news = newsSince(
    [...before, { title: told.title, dek: '', bodyText: '', language: lead.language }],
    since,
    lead.title,
  );
  const reports = `${since.length} new ${since.length === 1 ? 'report' : 'reports'} from ${publishers} ${publishers === 1 ? 'publisher' : 'publishers'}`;
  const fresh = news.words.length > 0 ? `, new in them ${news.words.join(', ')}` : '';
  return {
    factor: developingFactor,
    developing: news.sentence ?? `${reports} since "${told.title}"`,
    told: `told before as "${told.title}" and moved on since: ${reports}${fresh}`,
  };
}

function sentence(
  publishers: number,
  copiedBy: number,
  ageHours: number,
  lead: Candidate,
  novelty: Novelty,
  appeal: string | undefined,
): string {
  const parts = [
    publishers === 1 ? `Reported by ${lead.publisher} alone` : `Reported by ${publishers} publishers`,
    ...(copiedBy > 0
      ? [`${copiedBy} more ${copiedBy === 1 ? 'publisher carries' : 'publishers carry'} the same text`]
      : []),
    ageHours < 1
      ? 'newest report under an hour old'
      : `newest report ${Math.round(ageHours)} ${Math.round(ageHours) === 1 ? 'hour' : 'hours'} old`,
  ];
  if (lead.sourceWeight !== 1) parts.push(`source weight ${lead.sourceWeight}`);
  if (novelty.told) parts.push(novelty.told);
  if (appeal) parts.push(appeal);
  return `${parts.join('; ')}.`;
}
