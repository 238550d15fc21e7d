import { randomFrom } from './random.ts';
/** How often one story of one edition was shown and clicked, by place, from the first. */
export interface PlacedClicks {
  shown: number[];
  clicks: number[];
}

/** An edition's observations, and two orders of its stories to compare. */
export interface ComparedOrders {
  /** Readers who got the edition. */
  readers: number;
  /** By the story's position among the edition's candidates. */
  stories: Map<number, PlacedClicks>;
  /** Positions in the order of places; null: a story that the edition did not have. */
  asSent: (number | null)[];
  replayed: (number | null)[];
}

/** Clicks that two orders are expected to get, from readers who take the edition as it is. */
export interface ExpectedClicks {
  asSent: number;
  /** Of stories that somebody was shown; the others count nothing. */
  replayed: number;
  /** The same, were stories that nobody was shown as attractive as the edition's others are. */
  replayedIfAverage: number;
  /** How much of what readers look at in the replayed order are stories that nobody was shown; from 0 to 1. */
  unknownShare: number;
}

/** An estimate with the interval that holds nine of ten resamples; no interval where there are too few editions. */
export interface Estimate {
  value: number;
  low: number | null;
  high: number | null;
}

/** What all editions together say. */
export interface ComparedClicks {
  expected: ExpectedClicks;
  /** Clicks under the other policy by clicks as sent. */
  kept: Estimate;
  keptIfAverage: Estimate;
  /** How likely each place is looked at, by the first one. */
  examination: number[];
  /**
   * The share of all showings that were not in their story's commonest place, from 0 to 1. Without them places cannot be told
   * apart from stories: `examination` is then the usual decline, and the interval does not know how wrong that is.
   */
  varied: number;
}

// Until there is evidence, each place is looked at somewhat less than the one before. How much it takes to believe
// otherwise, in clicks; and to believe that a story is unlike the average, in readers who looked at it.
const usualDecay = 0.9;
const placeEvidence = 10;
const storyEvidence = 20;
const fewestEditions = 5;
const resamples = 500;

/**
 * How likely each place is looked at, by the first place (which has 1), told apart from how attractive the stories are
 * that editors put there: a click takes both (the examination hypothesis: Craswell, Zoeter, Taylor and Ramsey, "An
 * experimental comparison of click position-bias models", WSDM 2008). What tells them apart is that readers get the same
 * story in different places. Fitted in turns, places by stories and stories by places.
 * @param weights how often each story counts; once if not given
 * @param start where to begin: an earlier fit
 */
export function examinationOf(
  stories: PlacedClicks[],
  weights?: ArrayLike<number>,
  start?: number[],
  rounds = 100,
): number[] {
  const places = Math.max(1, ...stories.map(({ shown }) => shown.length));
  const usual = Array.from({ length: places }, (_, place) => usualDecay ** place);
  let examination = start ?? usual;
  for (let round = 0; round < rounds; round++) {
    const looks = stories.map((story) => looksAt(story, examination));
    const average = averageOf(stories, looks, weights);
    const clicks = new Float64Array(places);
    const expected = new Float64Array(places);
    for (const [at, story] of stories.entries()) {
      const weight = weights?.[at] ?? 1;
      if (weight === 0) continue;
      const attraction = attractionOf(story, looks[at] as number, average);
      for (const [place, shown] of story.shown.entries()) {
        clicks[place] = (clicks[place] as number) + weight * (story.clicks[place] ?? 0);
        expected[place] = (expected[place] as number) + weight * shown * attraction;
      }
    }
    const next = usual.map(
      (value, place) =>
        ((clicks[place] as number) + placeEvidence * value) / ((expected[place] as number) + placeEvidence),
    );
    const first = next[0] as number;
    const scaled = next.map((value) => value / first);
    const moved = Math.max(...scaled.map((value, place) => Math.abs(value - (examination[place] ?? 0))));
    examination = scaled;
    if (moved < 1e-5) break;
  }
  return examination;
}

/** Readers who looked at a story, given how likely each place is looked at. */
function looksAt({ shown }: PlacedClicks, examination: number[]): number {
  let looks = 0;
  for (let place = 0; place < shown.length; place++)
    looks += (shown[place] as number) * (examination[place] ?? 0);
  return looks;
}

function averageOf(stories: PlacedClicks[], looks: number[], weights?: ArrayLike<number>): number {
  let clicks = 0;
  let looked = 0;
  for (const [at, story] of stories.entries()) {
    const weight = weights?.[at] ?? 1;
    clicks += weight * sum(story.clicks);
    looked += weight * (looks[at] as number);
  }
  return looked === 0 ? 0 : clicks / looked;
}

/** Clicks by looks, drawn towards an average where there are few looks. */
function attractionOf(story: PlacedClicks, looks: number, average: number): number {
  return (sum(story.clicks) + storyEvidence * average) / (looks + storyEvidence);
}

/**
 * The clicks that an edition's two orders are expected to get: each story's clicks by how likely they were looked at where
 * they stood (an inverse-propensity estimate, as in Joachims, Swaminathan and Schnabel, "Unbiased learning-to-rank with
 * biased feedback", WSDM 2017), times how likely its new place is looked at.
 * @param average clicks by looks over all editions
 */
export function expectedClicks(
  edition: ComparedOrders,
  examination: number[],
  average: number,
): ExpectedClicks {
  const looks = new Map([...edition.stories].map(([at, story]) => [at, looksAt(story, examination)]));
  const all = [...edition.stories.keys()];
  const ofEdition =
    (all.reduce((total, at) => total + sum((edition.stories.get(at) as PlacedClicks).clicks), 0) +
      storyEvidence * average) /
    (all.reduce((total, at) => total + (looks.get(at) as number), 0) + storyEvidence);
  const clicksOf = (order: (number | null)[]) => {
    let known = 0;
    let unknown = 0;
    let total = 0;
    for (const [place, position] of order.entries()) {
      const looked = examinationAt(examination, place) * edition.readers;
      const story = position === null ? undefined : edition.stories.get(position);
      const before = position === null ? 0 : (looks.get(position) ?? 0);
      total += looked;
      if (story && before > 0) known += looked * attractionOf(story, before, ofEdition);
      else unknown += looked;
    }
    return { known, unknown, total };
  };
  const asSent = clicksOf(edition.asSent);
  const replayed = clicksOf(edition.replayed);
  return {
    asSent: asSent.known + asSent.unknown * ofEdition,
    replayed: replayed.known,
    replayedIfAverage: replayed.known + replayed.unknown * ofEdition,
    unknownShare: replayed.total === 0 ? 0 : replayed.unknown / replayed.total,
  };
}

/** Places that no edition has had go on declining from the last that one had. */
function examinationAt(examination: number[], place: number): number {
  const last = examination.length - 1;
  return place <= last
    ? (examination[place] as number)
    : (examination[last] as number) * usualDecay ** (place - last);
}

/**
 * Compares the clicks of two orders over editions. The interval is a bootstrap's: editions are drawn again and again, and
 * everything is estimated anew from each draw. The same editions give the same interval.
 * @param earlier observations of other editions, which say how likely places are looked at
 * @returns undefined if there are no clicks at all
 */
export function compareClicks(
  editions: ComparedOrders[],
  earlier: PlacedClicks[] = [],
): (ComparedClicks & { editions: ExpectedClicks[] }) | undefined {
  const stories = [...editions.flatMap((edition) => [...edition.stories.values()]), ...earlier];
  if (stories.every((story) => sum(story.clicks) === 0)) return undefined;
  const ofEdition = editions.flatMap((edition, at) => [...edition.stories.values()].map(() => at));
  const estimate = (counts: ArrayLike<number> | undefined, start?: number[], rounds?: number) => {
    const weights =
      counts &&
      stories.map((_, at) => (at < ofEdition.length ? (counts[ofEdition[at] as number] as number) : 1));
    const examination = examinationOf(stories, weights, start, rounds);
    const looks = stories.map((story) => looksAt(story, examination));
    const average = averageOf(stories, looks, weights);
    return {
      examination,
      editions: editions.map((edition) => expectedClicks(edition, examination, average)),
    };
  };
  const whole = estimate(undefined);
  const expected = total(whole.editions);
  const kept: number[] = [];
  const keptIfAverage: number[] = [];
  if (editions.length >= fewestEditions) {
    const random = randomFrom(1);
    for (let draw = 0; draw < resamples; draw++) {
      const counts = new Uint32Array(editions.length);
      for (let at = 0; at < editions.length; at++) {
        const drawn = Math.floor(random() * editions.length);
        counts[drawn] = (counts[drawn] as number) + 1;
      }
      const sums = total(estimate(counts, whole.examination, 10).editions, counts);
      if (sums.asSent === 0) continue;
      kept.push(sums.replayed / sums.asSent);
      keptIfAverage.push(sums.replayedIfAverage / sums.asSent);
    }
  }
  return {
    expected,
    kept: { value: ratio(expected.replayed, expected.asSent), ...middle(kept) },
    keptIfAverage: { value: ratio(expected.replayedIfAverage, expected.asSent), ...middle(keptIfAverage) },
    examination: whole.examination,
    varied: variedShare(stories),
    editions: whole.editions,
  };
}

function variedShare(stories: PlacedClicks[]): number {
  const all = sum(stories.map(({ shown }) => sum(shown)));
  const usual = sum(stories.map(({ shown }) => Math.max(0, ...shown)));
  return ratio(all - usual, all);
}

function total(editions: ExpectedClicks[], counts?: ArrayLike<number>): ExpectedClicks {
  const sums = { asSent: 0, replayed: 0, replayedIfAverage: 0, unknownShare: 0 };
  let all = 0;
  for (const [at, edition] of editions.entries()) {
    const count = counts?.[at] ?? 1;
    sums.asSent += count * edition.asSent;
    sums.replayed += count * edition.replayed;
    sums.replayedIfAverage += count * edition.replayedIfAverage;
    sums.unknownShare += count * edition.unknownShare;
    all += count;
  }
  return { ...sums, unknownShare: all === 0 ? 0 : sums.unknownShare / all };
}

/** The interval that leaves out a twentieth at either end. */
function middle(values: number[]): { low: number | null; high: number | null } {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? null;
  return { low: at(0.05), high: at(0.95) };
}

function ratio(a: number, b: number): number {
  return b === 0 ? 0 : a / b;
}

function sum(values: number[]): number {
  let all = 0;
  for (const value of values) all += value;
  return all;
}
