import type { Candidate } from './candidate.ts';
import type { RelatedStory } from './chosen.ts';
import type { Corpus, Vector } from './corpus.ts';

/** What related stories are looked for by. */
export interface RelatedSubject {
  id: number | null;
  title: string;
  url: string | null;
  publisher: string;
  contentHash: string | null;
  storylineId: number | null;
  /** Ids of the stories of its storyline. */
  storyline: Set<number>;
  publishedAt: number;
  vector: Vector;
}

// Below this two stories share a common word or two, and nothing else.
const minimumSimilarity = 0.06;
// Above this it is the same text again.
const sameText = 0.93;
const hour = 3_600_000;

/**
 * The stories that a reader of one story may want next: more coverage of the same event from other publishers first,
 * then its background (earlier stories of the same event, or much like it), then stories like it. Each with its
 * reason; never the same text, never two from one publisher on the same event.
 * @param stories by id: everything that may be shown
 * @param limit how many at the most; half of them (rounded up) coverage, if there is background or the like
 */
export function relatedStories(
  subject: RelatedSubject,
  stories: Map<number, Candidate>,
  corpus: Corpus,
  limit: number,
): RelatedStory[] {
  const publishers = new Set([subject.publisher]);
  const found: Record<RelatedStory['kind'], RelatedStory[]> = { coverage: [], background: [], similar: [] };
  const neighbours = corpus.neighbours(subject.vector, { minimum: minimumSimilarity, limit: 200 });
  const inOrder = [
    ...neighbours.filter(({ id }) => subject.storyline.has(id)),
    ...[...subject.storyline]
      .filter((id) => !neighbours.some((near) => near.id === id))
      .map((id) => ({ id, similarity: 0 })),
    ...neighbours.filter(({ id }) => !subject.storyline.has(id)),
  ];

  for (const { id, similarity } of inOrder) {
    const story = stories.get(id);
    if (!story?.url || id === subject.id || story.url === subject.url) continue;
    if (
      similarity >= sameText ||
      story.contentHash === subject.contentHash ||
      sameTitle(story.title, subject.title)
    )
      continue;
    const sameEvent = subject.storyline.has(id);
    const hours = Math.round((subject.publishedAt - story.publishedAt) / hour);
    const kind = sameEvent
      ? hours >= 24
        ? 'background'
        : 'coverage'
      : hours >= 24
        ? 'background'
        : 'similar';
    if (sameEvent && kind === 'coverage') {
      if (publishers.has(story.publisher)) continue;
      publishers.add(story.publisher);
    }
    if (
      Object.values(found)
        .flat()
        .some((other) => sameTitle(other.title, story.title))
    )
      continue;
    const shared = corpus.sharedTerms(subject.vector, corpus.vector(id), 4);
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

  const others = [...found.background, ...found.similar];
  const coverage = found.coverage.slice(
    0,
    others.length > 0 ? Math.max(Math.ceil(limit / 2), limit - others.length) : limit,
  );
  return [...coverage, ...others.slice(0, limit - coverage.length)];
}

function sameTitle(a: string, b: string): boolean {
  const plain = (title: string) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, ' ')
      .trim();
  return plain(a) === plain(b);
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
