import { DOMParser } from 'linkedom';
import { UserError } from '../errors.ts';
import { parseDate } from './date.ts';
import { htmlToLine } from './html.ts';
import { listIn, type Parsed, webAddress } from './parsed.ts';
import { sniff } from './sniff.ts';

/** A sitemap's stories, or, for an index, the sitemaps that it lists, the newest first. */
export interface ParsedSitemap extends Parsed {
  children: string[];
}

interface XmlElement {
  localName: string;
  textContent: string;
  children: Iterable<XmlElement>;
}

/**
 * Reads a news sitemap or a sitemap index. Entries without news:title are pages of which nothing is known but the
 * address; they are passed over. Entities that a DOCTYPE declares are not expanded: the parser knows none but XML's own.
 * @param url where it came from
 * @throws UserError (code `no-sitemap`) if it is none, or if it has entries but no news among them
 */
export function parseSitemap(text: string, url: string): ParsedSitemap {
  if (sniff(text) !== 'sitemap')
    throw new UserError(`What ${url} sent is no sitemap.`, { code: 'no-sitemap', details: { url } });
  const { documentElement: root } = new DOMParser().parseFromString(text, 'text/xml') as unknown as {
    documentElement: XmlElement;
  };
  const entries = [...root.children];
  const parsed: ParsedSitemap = { stories: [], problems: [], children: [] };
  if (root.localName.toLowerCase().endsWith('sitemapindex')) {
    parsed.children = entries
      .flatMap((entry) => {
        const address = webAddress(textOf(entry, 'loc'), url);
        return address ? { address, changed: parseDate(textOf(entry, 'lastmod'))?.getTime() ?? 0 } : [];
      })
      .sort((one, other) => other.changed - one.changed)
      .map(({ address }) => address);
    return parsed;
  }
  for (const [position, entry] of entries.entries()) {
    const news = child(entry, 'news');
    const title = textOf(news, 'title');
    const address = webAddress(textOf(entry, 'loc'), url);
    if (!news || !title) continue;
    if (!address) {
      parsed.problems.push({ where: `entry ${position + 1} of ${url}`, reason: 'it has no web address' });
      continue;
    }
    const publication = child(news, 'publication');
    const image = child(entry, 'image');
    const keywords = listIn(textOf(news, 'keywords') ?? '');
    parsed.stories.push({
      url: address,
      title: htmlToLine(title),
      publisher: textOf(publication, 'name'),
      language: textOf(publication, 'language'),
      publishedAt: parseDate(textOf(news, 'publication_date')) ?? parseDate(textOf(entry, 'lastmod')),
      topics: keywords.length > 0 ? keywords : undefined,
      imageUrl: webAddress(textOf(image, 'loc'), url),
      imageAlt: textOf(image, 'caption') ?? textOf(image, 'title'),
      position,
    });
  }
  if (entries.length > 0 && parsed.stories.length === 0 && parsed.problems.length === 0)
    throw new UserError(`The sitemap at ${url} lists ${entries.length} pages, but no news.`, {
      code: 'no-sitemap',
      hint: 'Use the site’s news sitemap (its robots.txt may name it), or its feed.',
      details: { url },
    });
  return parsed;
}

// A prefix may be any; what counts is the name behind it.
function child(element: XmlElement | undefined, name: string): XmlElement | undefined {
  for (const candidate of element?.children ?? [])
    if (candidate.localName.toLowerCase().replace(/^.*:/, '') === name) return candidate;
  return undefined;
}

function textOf(element: XmlElement | undefined, name: string): string | undefined {
  return child(element, name)?.textContent.trim() || undefined;
}
