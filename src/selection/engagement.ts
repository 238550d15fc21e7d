/** How often something was clicked, and how often it would have been, were it as attractive as the average. */
export interface Clicks {
  clicks: number;
  /** From where it stood: the first place is clicked more, whatever stands there. */
  expected: number;
}

/** What readers made of a newsletter's earlier editions. */
export interface Engagement {
  topics: Map<string, Clicks>;
  publishers: Map<string, Clicks>;
  storylines: Map<number, Clicks>;
}

/** What was shown and clicked of one story of one edition. */
export interface StoryClicks {
  topics: string[];
  publisher: string;
  storylineId: number | null;
  /** Readers who were shown it in each place, from the first. */
  shown: number[];
  /** Readers who clicked it. */
  clicks: number;
}

export const noEngagement: Engagement = { topics: new Map(), publishers: new Map(), storylines: new Map() };

// How much evidence it takes to believe a place's own rate, in impressions, and a subject's own, in expected clicks.
const placeEvidence = 500;
const subjectEvidence = 20;
// Until there is evidence, each place is clicked somewhat less than the one before.
const usualDecay = 0.9;

/**
 * How often each place is clicked: its own rate, smoothed towards the usual decline (the examination hypothesis: Craswell,
 * Zoeter, Taylor and Ramsey, "An experimental comparison of click position-bias models", WSDM 2008).
 */
export function clickRates(stories: StoryClicks[]): number[] {
  const shown: number[] = [];
  const clicks: number[] = [];
  let totalShown = 0;
  let totalClicks = 0;
  for (const story of stories) {
    const all = story.shown.reduce((sum, count) => sum + count, 0);
    if (all === 0) continue;
    for (const [place, count] of story.shown.entries()) {
      shown[place] = (shown[place] ?? 0) + count;
      // Which of its readers clicked is not asked: they are shared out over the places by how many saw it there.
      clicks[place] = (clicks[place] ?? 0) + (story.clicks * count) / all;
    }
    totalShown += all;
    totalClicks += story.clicks;
  }
  const places = shown.length;
  const base = totalShown === 0 ? 0 : totalClicks / totalShown;
  const decline = Array.from({ length: places }, (_, place) => usualDecay ** place);
  const mean =
    decline.reduce((sum, value, place) => sum + value * (shown[place] ?? 0), 0) / (totalShown || 1) || 1;
  return decline.map(
    (value, place) =>
      ((clicks[place] ?? 0) + placeEvidence * base * (value / mean)) / ((shown[place] ?? 0) + placeEvidence),
  );
}

/** Adds up what was clicked and what was to be expected, by topic, publisher and storyline. */
export function engagementOf(stories: StoryClicks[]): Engagement {
  const rates = clickRates(stories);
  const engagement: Engagement = { topics: new Map(), publishers: new Map(), storylines: new Map() };
  for (const { topics, publisher, storylineId, shown, clicks } of stories) {
    const expected = shown.reduce((sum, count, place) => sum + count * (rates[place] ?? 0), 0);
    if (expected === 0) continue;
    for (const topic of topics) add(engagement.topics, topic, clicks, expected);
    add(engagement.publishers, publisher, clicks, expected);
    if (storylineId !== null) add(engagement.storylines, storylineId, clicks, expected);
  }
  return engagement;
}

function add<K>(map: Map<K, Clicks>, key: K, clicks: number, expected: number): void {
  const known = map.get(key) ?? { clicks: 0, expected: 0 };
  map.set(key, { clicks: known.clicks + clicks, expected: known.expected + expected });
}

/** How much more than the average is to be expected of a story, and by what. */
export interface Appeal {
  /** 1: as much as the average; 2: twice as much. */
  ratio: number;
  /** Between 0 and 1; 0.5 for the average, and where nothing is known. */
  value: number;
  /** What raised or lowered it most; undefined if nothing did noticeably. */
  because?: string;
}

// From here on an editor may want to know.
const noticeable = 1.15;

/**
 * What earlier clicks say of a story: the geometric mean of what they say of its topics, its publisher and its storyline.
 * Each is shrunk towards 1 by how little is known (a gamma-Poisson model, as in DuMouchel, "Bayesian data mining in large
 * frequency tables", The American Statistician 1999), so that three clicks of four readers do not make a favourite.
 */
export function appealOf(
  story: { topics: string[]; publisher: string; storylineId: number | null },
  engagement: Engagement,
): Appeal {
  const logs: { log: number; of: string }[] = [];
  const look = (clicks: Clicks | undefined, of: string) => {
    if (clicks) logs.push({ log: Math.log(shrunk(clicks)), of });
  };
  for (const topic of story.topics) look(engagement.topics.get(topic), `"${topic}"`);
  look(engagement.publishers.get(story.publisher), story.publisher);
  if (story.storylineId !== null) look(engagement.storylines.get(story.storylineId), 'this storyline');
  if (logs.length === 0) return { ratio: 1, value: 0.5 };
  const ratio = Math.exp(logs.reduce((sum, { log }) => sum + log, 0) / logs.length);
  const [most] = logs.sort((a, b) => Math.abs(b.log) - Math.abs(a.log));
  const told = most && Math.abs(most.log) >= Math.log(noticeable);
  return {
    ratio,
    value: ratio / (1 + ratio),
    ...(told ? { because: `readers click ${most.of} ${most.log > 0 ? 'more' : 'less'} than most` } : {}),
  };
}

function shrunk({ clicks, expected }: Clicks): number {
  return (clicks + subjectEvidence) / (expected + subjectEvidence);
}
