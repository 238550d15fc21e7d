import { createHash } from 'node:crypto';
import { urlKey } from './canonical.ts';
import type { IncomingStory, StorySource } from './story.ts';
import { summaryOf, withoutSiteName, withoutTail } from './summary.ts';

/** A story as it is stored: every text clean and of bounded length, every field filled or null. */
export interface CleanStory {
  urlKey: string;
  url: string | null;
  /** The source's identifier, scoped so that two sources may use the same; null if it has none. */
  guidKey: string | null;
  title: string;
  dek: string;
  /** The source gave no dek, so it was taken from the text. */
  dekIsDerived: boolean;
  bodyText: string;
  imageUrl: string | null;
  imageAlt: string | null;
  author: string | null;
  publisher: string;
  /** The publisher was named by nobody, so it is the host or `ownPublisher`. */
  publisherIsGuessed: boolean;
  language: string | null;
  topics: string[];
  /** Null if the source gave none that can be true. */
  publishedAt: Date | null;
  position: number | null;
  contentHash: string;
}

/** The publisher of a story that names none, has no address and comes from no source: someone here added it. */
export const ownPublisher = 'Newsroom';

const day = 86_400_000;
const earliest = Date.UTC(1990, 0, 1);

/**
 * Makes a story fit to store.
 * @param now what "in the future" is measured against; a date more than a day ahead, or before 1990, is dropped
 * @returns the story and, in `notes`, what had to be left out; or why it cannot be taken
 */
export function cleanStory(
  incoming: IncomingStory,
  source: StorySource | undefined,
  now: Date,
): { story: CleanStory; notes: string[] } | { reason: string } {
  const full = shortened(cleanLine(incoming.title), 500);
  if (!full) return { reason: 'it has no title' };
  const notes: string[] = [];
  const url = cleanUrl(incoming.url);
  if (incoming.url?.trim() && !url)
    notes.push(
      `its address is no web address, so it was taken without one: ${cleanLine(incoming.url).slice(0, 100)}`,
    );
  const bodyText = shortened(cleanText(incoming.bodyText), 200_000);
  const imageUrl = cleanUrl(incoming.imageUrl);
  const named = shortened(cleanLine(incoming.publisher), 200) || source?.publisher;
  const publisher = named || (url ? new URL(url).hostname.replace(/^www\./, '') : ownPublisher);
  const host = url ? new URL(url).hostname.replace(/^www\./, '') : undefined;
  const title = withoutSiteName(full, [named, source?.publisher, host, host?.split('.')[0]]);
  const language = cleanLanguage(incoming.language) ?? source?.language ?? null;
  const given = withoutTail(shortened(cleanLine(incoming.dek), 1_000));
  // A dek that says the title again says nothing.
  const says = given !== '' && given !== title && given !== full;
  const dek = says ? given : (summaryOf(bodyText, { language, title }) ?? '');
  const guid = cleanLine(incoming.guid);
  const published = incoming.publishedAt?.getTime() ?? Number.NaN;
  const story: CleanStory = {
    urlKey: url ? urlKey(url) : `text:${hash([title, bodyText])}`,
    url,
    guidKey: guid ? guidKey(guid, source, publisher) : null,
    title,
    dek,
    dekIsDerived: !says,
    bodyText,
    imageUrl,
    imageAlt: shortened(cleanLine(incoming.imageAlt), 500) || null,
    author: shortened(cleanLine(incoming.author), 200) || null,
    publisher,
    publisherIsGuessed: !named,
    language,
    topics: cleanTopics([...(incoming.topics ?? []), ...(source?.topics ?? [])]),
    publishedAt:
      published >= earliest && published <= now.getTime() + day ? (incoming.publishedAt ?? null) : null,
    position: incoming.position ?? null,
    contentHash: '',
  };
  story.contentHash = contentHash(story);
  return { story, notes };
}

/** What an update is recognised by. An image's query is left out: signed addresses change with every fetch. */
export function contentHash(story: Pick<CleanStory, 'title' | 'dek' | 'bodyText' | 'imageUrl'>): string {
  return hash([story.title, story.dek, story.bodyText, story.imageUrl?.replace(/[?#].*/, '') ?? '']);
}

// The space keeps it apart from every urlKey.
function guidKey(guid: string, source: StorySource | undefined, publisher: string): string {
  const scope = source ? `source ${source.id}` : `publisher ${publisher.toLowerCase()}`;
  return guid.length <= 500 ? `guid ${scope} ${guid}` : `guid ${scope} ${hash([guid])}`;
}

const hash = (parts: string[]) => createHash('sha256').update(JSON.stringify(parts)).digest('hex');

// Control characters; bidi embeddings, overrides and isolates; soft hyphens, zero-width spaces and byte order marks;
// private-use characters, which mean something in one font only (and mark places while a digest is compiled). Joiners stay: Persian, Hindi and emoji need them.
const unwanted =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\u00ad\u200b\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ue000-\uf8ff\u{f0000}-\u{10ffff}]/gu;

/** Text as one line: composed (NFC), without characters that deceive or break, whitespace folded. */
export function cleanLine(text: string | undefined): string {
  return (text ?? '').toWellFormed().normalize('NFC').replace(unwanted, '').replace(/\s+/g, ' ').trim();
}

/** As `cleanLine`, but paragraphs stay, separated by one empty line. */
export function cleanText(text: string | undefined): string {
  return (text ?? '')
    .toWellFormed()
    .normalize('NFC')
    .replace(unwanted, '')
    .replace(/\r\n?|[\u0085\u2028]/g, '\n')
    .split(/\n\s*\n|\u2029/)
    .map((paragraph) => paragraph.replace(/\s+/g, ' ').trim())
    .filter(Boolean)
    .join('\n\n');
}

/** At most so many characters (code points); cut between words, with an ellipsis. */
function shortened(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const characters = [...text];
  if (characters.length <= limit) return text;
  const cut = characters.slice(0, limit - 1).join('');
  const atWord = cut.replace(/\s+\S*$/u, '');
  return `${atWord.length > cut.length / 2 ? atWord : cut}…`;
}

function cleanUrl(address: string | undefined): string | null {
  const text = address?.trim();
  if (!text || !URL.canParse(text)) return null;
  const url = new URL(text);
  if ((url.protocol !== 'http:' && url.protocol !== 'https:') || !url.hostname) return null;
  // Nobody's password belongs into a newsletter.
  url.username = '';
  url.password = '';
  return url.href.length <= 2_000 ? url.href : null;
}

function cleanLanguage(tag: string | undefined): string | null {
  const [canonical] = canonicalLocales(cleanLine(tag).replaceAll('_', '-'));
  return canonical ?? null;
}

function canonicalLocales(tag: string): string[] {
  try {
    return tag && tag.length <= 35 ? Intl.getCanonicalLocales(tag) : [];
  } catch {
    return [];
  }
}

function cleanTopics(topics: string[]): string[] {
  const byFolded = new Map<string, string>();
  for (const topic of topics) {
    const clean = shortened(cleanLine(topic), 100);
    if (clean && !byFolded.has(clean.toLowerCase())) byFolded.set(clean.toLowerCase(), clean);
    if (byFolded.size === 50) break;
  }
  return [...byFolded.values()];
}
