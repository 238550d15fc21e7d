import type { CleanStory } from './clean.ts';
import type { StorySource } from './story.ts';
import { summaryOf } from './summary.ts';

/** A stored story, as far as an update may change it. */
export interface StoredStory {
  id: number;
  url: string | null;
  title: string;
  dek: string;
  body_text: string;
  image_url: string | null;
  image_alt: string | null;
  author: string | null;
  publisher: string;
  language: string | null;
  topics: string[];
  published_at: Date;
  first_seen_at: Date;
  content_hash: string;
  source_id: number | null;
  source_position: number | null;
}

/** What to write over a stored story. `revised`: what readers see changed, so its former text goes into history. */
export interface StoryChange extends Omit<StoredStory, 'first_seen_at'> {
  revised: boolean;
}

/**
 * Decides what a story that came again changes. The source that brought a story first owns it (as does who adds it by
 * hand, until a source brings it); another source fills in what is missing, and changes nothing.
 * @returns undefined if nothing changes
 */
export function mergeStory(
  stored: StoredStory,
  incoming: CleanStory,
  source: StorySource | undefined,
): StoryChange | undefined {
  const owns = !source || stored.source_id === null || stored.source_id === source.id;
  const change = owns ? byOwner(stored, incoming, source) : byOther(stored, incoming);
  const fields = Object.keys(change) as (keyof typeof change)[];
  if (fields.every((field) => same(change[field], stored[field]))) return undefined;
  const revised = (['title', 'dek', 'body_text'] as const).some((field) => change[field] !== stored[field]);
  return { ...change, revised: revised || withoutQuery(change.image_url) !== withoutQuery(stored.image_url) };
}

/** A dek taken from the text gives way to one that a source once gave, and is taken anew when the text changes. */
function ownersDek(stored: StoredStory, incoming: CleanStory): string {
  if (!incoming.dekIsDerived) return incoming.dek || stored.dek;
  const wasDerived =
    stored.dek === (summaryOf(stored.body_text, { language: stored.language, title: stored.title }) ?? '');
  return wasDerived ? incoming.dek || stored.dek : stored.dek || incoming.dek;
}

type Fields = Omit<StoryChange, 'revised'>;

function byOwner(stored: StoredStory, incoming: CleanStory, source: StorySource | undefined): Fields {
  const sourceId = stored.source_id ?? source?.id ?? null;
  return {
    id: stored.id,
    url: incoming.url ?? stored.url,
    title: incoming.title,
    dek: ownersDek(stored, incoming),
    body_text: betterBody(stored.body_text, incoming.bodyText),
    image_url: incoming.imageUrl ?? stored.image_url,
    image_alt: incoming.imageUrl ? incoming.imageAlt : stored.image_alt,
    author: incoming.author ?? stored.author,
    publisher: incoming.publisherIsGuessed ? stored.publisher : incoming.publisher,
    language: incoming.language ?? stored.language,
    topics: incoming.topics.length > 0 ? incoming.topics : stored.topics,
    published_at: publishedAt(stored, incoming),
    content_hash: incoming.contentHash,
    source_id: sourceId,
    // The best place that the source gave it: in a feed by time every story sinks.
    source_position:
      source && incoming.position !== null
        ? Math.min(incoming.position, stored.source_position ?? incoming.position)
        : stored.source_position,
  };
}

function byOther(stored: StoredStory, incoming: CleanStory): Fields {
  const { first_seen_at: _, ...fields } = stored;
  return {
    ...fields,
    dek: stored.dek || incoming.dek,
    body_text: stored.body_text || incoming.bodyText,
    image_url: stored.image_url ?? incoming.imageUrl,
    image_alt: stored.image_url ? stored.image_alt : incoming.imageAlt,
    author: stored.author ?? incoming.author,
    language: stored.language ?? incoming.language,
  };
}

// No body, or the beginning of the one that we have, is a teaser and not a correction.
function betterBody(stored: string, incoming: string): string {
  const beginning = incoming.replace(/\s*(?:\[?(?:…|\.\.\.)\]?)\s*$/, '');
  return stored.startsWith(beginning) ? stored : incoming;
}

// An article that is changed is not published again. A date that stood in for a missing one gives way to a real one.
function publishedAt(stored: StoredStory, incoming: CleanStory): Date {
  if (!incoming.publishedAt) return stored.published_at;
  const guessed = stored.published_at.getTime() === stored.first_seen_at.getTime();
  return guessed || incoming.publishedAt < stored.published_at ? incoming.publishedAt : stored.published_at;
}

function same(one: unknown, other: unknown): boolean {
  if (one instanceof Date && other instanceof Date) return one.getTime() === other.getTime();
  if (Array.isArray(one) && Array.isArray(other)) return one.join('\n') === other.join('\n');
  return one === other;
}

const withoutQuery = (url: string | null) => url?.replace(/[?#].*/, '');

/**
 * Whether two stories with one GUID are the same article. Broken feeds give every item the same GUID, or number anew
 * each day; the same article under a new address keeps its date, or most words of its title.
 */
export function isSameArticle(
  one: { title: string; publishedAt: Date | null },
  other: { title: string; publishedAt: Date | null },
): boolean {
  if (one.publishedAt && one.publishedAt.getTime() === other.publishedAt?.getTime()) return true;
  const [words, others] = [wordsOf(one.title), wordsOf(other.title)];
  const shared = [...words].filter((word) => others.has(word)).length;
  return shared > 0 && shared * 2 >= Math.min(words.size, others.size);
}

const wordsOf = (title: string) => new Set(title.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []);
