import {
  type AnyFeed,
  type AtomFeed,
  type JsonFeed,
  type MediaNs,
  parseFeed as parse,
  type RdfFeed,
  type RssFeed,
} from 'feedsmith';
import { messageOf, UserError } from '../errors.ts';
import { parseDate } from './date.ts';
import { firstImage, htmlToLine, htmlToText } from './html.ts';
import { type Parsed, webAddress } from './parsed.ts';
import { feedLinks, sniff } from './sniff.ts';
import type { IncomingStory } from './story.ts';

const maxItems = 5_000;

/**
 * Reads a feed: RSS 0.9x, 1.0 (RDF) and 2.0, Atom, JSON Feed. Entities that a DOCTYPE declares are not expanded and
 * nothing outside is loaded: the parser knows HTML's entities only.
 * @param url where it came from; relative links are resolved against it (or against xml:base)
 * @throws UserError (code `no-feed`) that shows how the text begins; for an HTML page it names the feed to use instead
 */
export function parseFeed(text: string, url: string): Parsed {
  const format = sniff(text);
  if (format === 'html') throw htmlInsteadOfFeed(text, url);
  let parsed: AnyFeed;
  try {
    parsed = parse(text, { maxItems });
  } catch (error) {
    const broken = format === 'feed';
    throw new UserError(
      broken
        ? `The feed at ${url} is broken: it cannot be read as XML or JSON (${rootCause(error)}). It begins with: ${beginning(text)}`
        : `What ${url} sent is no feed. It begins with: ${beginning(text)}`,
      { code: 'no-feed', cause: error, details: { url } },
    );
  }
  if (parsed.format === 'rss') return fromRss(parsed.feed, url);
  if (parsed.format === 'atom') return fromAtom(parsed.feed, url);
  if (parsed.format === 'rdf') return fromRdf(parsed.feed, url);
  return fromJson(parsed.feed, url);
}

function htmlInsteadOfFeed(text: string, url: string): UserError {
  const [feed] = feedLinks(text, url);
  return new UserError(
    `What ${url} sent looks like an HTML page, not a feed. It begins with: ${beginning(text)}`,
    {
      code: 'no-feed',
      hint: feed ? `Add it as a page, or use its feed at ${feed}` : 'Add it as a page instead (--kind page).',
      details: { url, ...(feed && { feed }) },
    },
  );
}

function rootCause(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  return cause ? rootCause(cause) : messageOf(error);
}

function beginning(text: string): string {
  const start = text
    .slice(0, 200)
    .replace(/[\s\p{C}]+/gu, ' ')
    .trim();
  return start ? `"${start.length > 80 ? `${start.slice(0, 80)}…` : start}"` : 'nothing (it is empty)';
}

function fromRss(feed: RssFeed.Feed<string>, url: string): Parsed {
  const feedBase = baseOf(url, feed.xml);
  const language = feed.language ?? feed.dc?.languages?.[0] ?? feed.xml?.lang;
  return assemble(feed.title, language, feed.items, (item) => {
    const base = baseOf(feedBase, item.xml);
    const guid = item.guid?.value;
    const permalink = item.guid?.isPermaLink !== false && /^https?:/i.test(guid ?? '') ? guid : undefined;
    const links = item.atom?.links;
    const html = item.content?.encoded;
    return {
      url:
        webAddress(item.link, base) ??
        webAddress(permalink) ??
        webAddress(alternate(links), base) ??
        webAddress(item.enclosures?.[0]?.url, base),
      guid,
      title: line(item.title ?? item.itunes?.title ?? item.media?.title?.value ?? item.dc?.titles?.[0]) ?? '',
      ...texts(item.description ?? item.itunes?.subtitle ?? item.dc?.descriptions?.[0], html),
      ...image(
        base,
        item.media,
        [...(item.enclosures ?? []).filter(isImage).map(({ url }) => url), item.itunes?.image],
        [html, item.description],
      ),
      author: line(item.dc?.creators?.join(', ') ?? item.authors?.[0]?.name ?? item.itunes?.author),
      publisher: line(item.source?.title ?? item.dc?.publishers?.[0]),
      language: item.dc?.languages?.[0] ?? item.xml?.lang,
      topics: topics(
        item.categories?.map(({ name }) => name),
        item.dc?.subjects,
        item.media?.keywords,
      ),
      publishedAt: firstDate(
        item.pubDate,
        item.dc?.dates?.[0],
        item.dcterms?.issued?.[0],
        item.atom?.published,
      ),
    };
  });
}

function fromAtom(feed: AtomFeed.Feed<string>, url: string): Parsed {
  const feedBase = baseOf(url, feed.xml);
  return assemble(atomText(feed.title), feed.xml?.lang, feed.entries, (entry) => {
    const base = baseOf(feedBase, entry.xml);
    const content = entry.content?.value;
    const html = content && entry.content?.type !== 'text' ? content : content && escaped(content);
    const summary = entry.summary && asHtml(entry.summary);
    return {
      url:
        webAddress(alternate(entry.links), base) ??
        webAddress(entry.content?.src, base) ??
        webAddress(entry.id),
      guid: entry.id,
      title: atomText(entry.title) ?? '',
      ...texts(
        summary ?? entry.media?.description?.value ?? entry.media?.groups?.[0]?.description?.value,
        html,
      ),
      ...image(
        base,
        entry.media,
        (entry.links ?? [])
          .filter((link) => link.rel === 'enclosure' && isImage(link))
          .map(({ href }) => href),
        [html, summary],
      ),
      author: line(
        (entry.authors ?? entry.source?.authors ?? feed.authors)
          ?.map(({ name }) => name)
          .filter(Boolean)
          .join(', '),
      ),
      publisher: atomText(entry.source?.title),
      language: entry.xml?.lang ?? entry.content?.xml?.lang,
      topics: topics(
        entry.categories?.map(({ label, term }) => label ?? term),
        entry.dc?.subjects,
      ),
      publishedAt: firstDate(entry.published, entry.dc?.dates?.[0], entry.updated),
    };
  });
}

function fromRdf(feed: RdfFeed.Feed<string>, url: string): Parsed {
  return assemble(feed.title, feed.dc?.languages?.[0], feed.items, (item) => {
    const base = baseOf(baseOf(url, feed.xml), item.xml);
    const html = item.content?.encoded;
    return {
      url: webAddress(item.link, base) ?? webAddress(item.rdf?.about, base),
      guid: item.rdf?.about,
      title: line(item.title ?? item.dc?.titles?.[0]) ?? '',
      ...texts(item.description ?? item.dc?.descriptions?.[0], html),
      ...image(base, item.media, [], [html, item.description]),
      author: line(item.dc?.creators?.join(', ')),
      publisher: line(item.dc?.publishers?.[0]),
      language: item.dc?.languages?.[0],
      topics: topics(item.dc?.subjects),
      publishedAt: firstDate(item.dc?.dates?.[0], item.dcterms?.issued?.[0]),
    };
  });
}

function fromJson(feed: JsonFeed.Feed<string>, url: string): Parsed {
  return assemble(feed.title, feed.language, feed.items, (item) => {
    const html = item.content_html ?? (item.content_text && escaped(item.content_text));
    const attachment = item.attachments?.find(({ mime_type }) => mime_type?.startsWith('image/'));
    return {
      url: webAddress(item.url, url) ?? webAddress(item.external_url, url) ?? webAddress(item.id),
      guid: item.id === undefined ? undefined : String(item.id),
      // A micro-post has no title; its first sentence serves.
      title: line(item.title) ?? line(item.summary) ?? '',
      ...texts(item.summary && escaped(item.summary), html),
      ...image(url, undefined, [item.image, item.banner_image, attachment?.url], [html]),
      author: line(
        (item.authors ?? feed.authors)
          ?.map(({ name }) => name)
          .filter(Boolean)
          .join(', '),
      ),
      language: item.language,
      topics: topics(item.tags),
      publishedAt: firstDate(item.date_published, item.date_modified),
    };
  });
}

function assemble<Item>(
  title: string | undefined,
  language: string | undefined,
  items: Item[] | undefined,
  read: (item: Item) => IncomingStory,
): Parsed {
  const parsed: Parsed = { stories: [], problems: [], title: line(title), language };
  for (const [position, item] of (items ?? []).entries()) {
    const story = read(item);
    parsed.stories.push({ ...story, language: story.language ?? language, position });
  }
  return parsed;
}

const line = (text: string | undefined) => (text && htmlToLine(text)) || undefined;
const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const asHtml = ({ value, type }: AtomFeed.Text) =>
  !type || type === 'text' || type === 'text/plain' ? escaped(value) : value;
const atomText = (text: AtomFeed.Text | undefined) => text && line(asHtml(text));

/** A description is a dek if it is short; a long one is the article itself, and the dek its beginning. */
function texts(
  description: string | undefined,
  content: string | undefined,
): Pick<IncomingStory, 'dek' | 'bodyText'> {
  const body = content ? htmlToText(content) : '';
  const summary = description ? htmlToText(description) : '';
  const full = body || (summary.length > 1_000 ? summary : '');
  const dek = description && summary.length <= 1_000 ? htmlToLine(description) : full.split('\n\n', 1)[0];
  return { dek: dek || full.split('\n\n', 1)[0] || undefined, bodyText: full || undefined };
}

function image(
  base: string,
  media: MediaNs.ItemOrFeed | undefined,
  others: (string | undefined)[],
  htmls: (string | undefined)[],
): Pick<IncomingStory, 'imageUrl' | 'imageAlt'> {
  const groups = [media, ...(media?.groups ?? []), ...(media?.contents ?? [])];
  const contents = [
    ...(media?.contents ?? []),
    ...(media?.groups ?? []).flatMap((group) => group.contents ?? []),
  ]
    .filter(isImage)
    .sort((one, other) => (other.width ?? 0) - (one.width ?? 0));
  const thumbnails = groups
    .flatMap((group) => group?.thumbnails ?? [])
    .sort((one, other) => (other.width ?? 0) - (one.width ?? 0));
  for (const content of contents) {
    const found = webAddress(content.url, base);
    if (found) return { imageUrl: found, imageAlt: line(content.description?.value ?? content.title?.value) };
  }
  for (const candidate of [...others, ...thumbnails.map(({ url }) => url)]) {
    const found = webAddress(candidate, base);
    if (found) return { imageUrl: found };
  }
  for (const html of htmls) {
    const first = html ? firstImage(html) : undefined;
    const found = webAddress(first?.src, base);
    if (found) return { imageUrl: found, imageAlt: first?.alt };
  }
  return {};
}

function isImage(file: { type?: string; medium?: string; url?: string; href?: string }): boolean {
  if (file.type) return file.type.startsWith('image/');
  if (file.medium) return file.medium === 'image';
  return /\.(jpe?g|png|gif|webp|avif)([?#]|$)/i.test(file.url ?? file.href ?? '');
}

function alternate(links: { href?: string; rel?: string; type?: string }[] | undefined): string | undefined {
  const candidates = (links ?? []).filter(({ rel }) => !rel || rel === 'alternate');
  return (candidates.find(({ type }) => !type || /html/.test(type)) ?? candidates[0])?.href;
}

function topics(...lists: ((string | undefined)[] | undefined)[]): string[] | undefined {
  const all = lists.flatMap((list) => (list ?? []).flatMap((topic) => line(topic) ?? []));
  return all.length > 0 ? all : undefined;
}

function firstDate(...dates: (string | undefined)[]): Date | undefined {
  for (const date of dates) {
    const parsed = parseDate(date);
    if (parsed) return parsed;
  }
  return undefined;
}

function baseOf(parent: string, xml: { base?: string } | undefined): string {
  return webAddress(xml?.base, parent) ?? parent;
}
