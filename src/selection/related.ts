import type { Candidate, HeldStories } from './candidate.ts';
import type { ChosenStory, RelatedStory } from './chosen.ts';
import { copiesOf } from './copies.ts';
import type { Corpus } from './corpus.ts';
import { expanded } from './expand.ts';
import type { Neighbour, Vector } from './vector.ts';

/** What related stories are looked for by. */
export interface RelatedSubject {
  id: number | null;
  title: string;
  /** Needed only of a story that is not among those given. */
  dek?: string;
  bodyText?: string;
  url: string | null;
  publisher: string;
  contentHash: string | null;
  storylineId: number | null;
  /** Ids of the stories of its storyline. */
  storyline: Set<number>;
  publishedAt: number;
  vector: Vector;
}

// Below this share of what stories of one event have, two stories share a common word or two, and nothing else.
const leastRelated = 0.6;
const hour = 3_600_000;
const mostNeighbours = 100;
const mostRanked = 150;

/**
 * The stories that a reader of one story may want next: more coverage of the same event from other publishers first,
 * then its background (earlier stories of the same event, or much like it), then stories like it. Each with its
 * reason; never the same text, never two from one publisher on the same event.
 *
 * The order is by likeness to the story and its five nearest neighbours together (pseudo-relevance feedback: Rocchio
 * 1971), as a headline alone says too little.
 * @param ranked what may be related, best first (`rankRelated`)
 * @param stories by id: everything that may be shown, with texts
 * @param limit how many at the most; a third of them (rounded up) background, if there is any
 */
export function relatedStories(
  subject: RelatedSubject,
  ranked: Neighbour[],
  stories: Map<number, Candidate>,
  corpus: Corpus,
  limit: number,
): RelatedStory[] {
  const originals = textsOf(subject, ranked, stories);
  const publishers = new Set([subject.publisher]);
  const found: Record<RelatedStory['kind'], RelatedStory[]> = { coverage: [], background: [], similar: [] };
  for (const { id, similarity } of ranked) {
    const story = stories.get(id);
    if (!story?.url || story.url === subject.url || story.contentHash === subject.contentHash) continue;
    if (!originals.has(id)) continue;
    const sameEvent = subject.storyline.has(id);
    const hours = Math.round((subject.publishedAt - story.publishedAt) / hour);
    const kind = hours >= 24 ? 'background' : sameEvent ? 'coverage' : 'similar';
    if (found[kind].length >= limit) continue;
    if (kind === 'coverage') {
      if (publishers.has(story.publisher)) continue;
      publishers.add(story.publisher);
    }
    const shared = corpus.sharedTerms(subject.vector, corpus.vector(id), 4, [story]);
    found[kind].push({
      storyId: id,
      kind,
      title: story.title,
      url: story.url,
      publisher: story.publisher,
      publishedAt: new Date(story.publishedAt).toISOString(),
      reason: {
        text: reasonText(kind, sameEvent, story, hours, shared),
        parts: { similarity: Math.round(similarity * 1000) / 1000, hoursEarlier: hours },
      },
    });
  }
  const background = found.background.slice(
    0,
    Math.max(Math.ceil(limit / 3), limit - found.coverage.length - found.similar.length),
  );
  const coverage = found.coverage.slice(0, limit - background.length);
  const similar = found.similar.slice(0, limit - background.length - coverage.length);
  return [...coverage, ...background, ...similar];
}

/**
 * What may be related, best first: stories of the same event, then others that are alike enough. Texts are not looked at.
 * @returns at most 150
 */
export function rankRelated(subject: RelatedSubject, corpus: Corpus): Neighbour[] {
  const vectorOf = (id: number) => corpus.vector(id);
  const except = subject.id ?? undefined;
  const near = corpus.neighbours(subject.vector, { minimum: 0.001, limit: mostNeighbours, except });
  const own = near.filter(({ id }) => subject.storyline.has(id));
  const alike = near.filter(
    ({ id, similarity }) => similarity >= corpus.sameEventLikeness(subject.vector, id),
  );
  const vector = expanded(subject.vector, own.length > 0 ? own : alike, vectorOf);
  const wider = corpus.neighbours(vector, { minimum: 0.001, limit: mostNeighbours, except });
  const ids = new Set([...near, ...wider].map(({ id }) => id));
  for (const id of subject.storyline) if (ids.size < 500 && id !== subject.id && corpus.has(id)) ids.add(id);
  const ranked = corpus.likeness(vector, [...ids]);
  ranked.sort((a, b) => b.similarity - a.similarity || a.id - b.id);
  const related = [
    ...ranked.filter(({ id }) => subject.storyline.has(id)),
    ...ranked.filter(
      ({ id, similarity }) =>
        !subject.storyline.has(id) && similarity >= leastRelated * corpus.sameEventLikeness(vector, id),
    ),
  ];
  return related.slice(0, mostRanked);
}

/** Of what may be related, what is worth reading: of each kind four times as many as can be shown. */
export function worthReading(
  subject: RelatedSubject,
  ranked: Neighbour[],
  stories: Map<number, Candidate>,
  limit: number,
): Neighbour[] {
  const left = { coverage: 4 * limit, background: 4 * limit, similar: 4 * limit };
  return ranked.filter(({ id }) => {
    const story = stories.get(id);
    if (!story) return false;
    const isOld = subject.publishedAt - story.publishedAt >= 24 * hour;
    return left[isOld ? 'background' : subject.storyline.has(id) ? 'coverage' : 'similar']-- > 0;
  });
}

/** The best of each text, and none that is the subject's own. */
function textsOf(subject: RelatedSubject, ranked: Neighbour[], stories: Map<number, Candidate>): Set<number> {
  const own = (subject.id === null ? undefined : stories.get(subject.id)) ?? {
    id: -1,
    title: subject.title,
    dek: subject.dek ?? '',
    bodyText: subject.bodyText ?? '',
    publishedAt: subject.publishedAt,
  };
  const candidates = ranked.flatMap(({ id }) => stories.get(id) ?? []);
  const copies = copiesOf([own, ...candidates]);
  const textOf = (id: number) => copies.get(id) ?? id;
  const seen = new Set([textOf(own.id)]);
  const titles = new Set([foldedTitle(subject.title)]);
  const best = new Set<number>();
  for (const { id, title } of candidates) {
    const folded = foldedTitle(title);
    if (seen.has(textOf(id)) || titles.has(folded)) continue;
    seen.add(textOf(id));
    titles.add(folded);
    best.add(id);
  }
  return best;
}

function foldedTitle(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

function reasonText(
  kind: RelatedStory['kind'],
  sameEvent: boolean,
  story: Candidate,
  hours: number,
  shared: string[],
): string {
  const words = shared.length > 0 ? `: ${shared.join(', ')}` : '';
  if (kind === 'coverage') return `${story.publisher} reports the same event${words}.`;
  const days = Math.max(1, Math.round(hours / 24));
  const earlier = `${days} ${days === 1 ? 'day' : 'days'} earlier`;
  if (kind === 'background')
    return sameEvent ? `The same event, ${earlier}${words}.` : `On the same subject, ${earlier}${words}.`;
  return `Shares its subject${words}.`;
}

/** Where stories' texts come from. */
export type Texts = (ids: Iterable<number>) => Promise<Map<number, Candidate>>;

/** What related stories are found among. */
export interface Relatable extends HeldStories {
  /** Whether a story may stand beneath another. */
  mayRelate(story: Candidate): boolean;
  texts: Texts;
}

/** Finds what stands beneath each story of an edition. */
export async function addRelated(
  chosen: ChosenStory[],
  { stories, corpus, membersOf, mayRelate, texts }: Relatable,
  limit: number,
): Promise<void> {
  if (limit === 0) return;
  const isAllowed = ({ id }: Neighbour) => {
    const story = stories.get(id);
    return story !== undefined && mayRelate(story);
  };
  const asked = chosen.flatMap((place) => {
    const story = place.storyId === null ? undefined : stories.get(place.storyId);
    if (!story) return [];
    const storyline = new Set(place.storylineId === null ? [story.id] : membersOf(place.storylineId));
    const subject: RelatedSubject = { ...story, url: place.url, storyline, vector: corpus.vector(story.id) };
    return [
      {
        place,
        subject,
        ranked: worthReading(subject, rankRelated(subject, corpus).filter(isAllowed), stories, limit),
      },
    ];
  });
  const full = await texts(
    asked.flatMap(({ subject, ranked }) => [subject.id as number, ...ranked.map(({ id }) => id)]),
  );
  for (const { place, subject, ranked } of asked)
    place.related = relatedStories(subject, ranked, full, corpus, limit);
}
