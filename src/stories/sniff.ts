import { parseHtml } from './html.ts';
import { webAddress } from './parsed.ts';

export type Format = 'html' | 'feed' | 'sitemap' | 'opml' | 'xml' | 'json' | 'ndjson' | 'text';

/** What a text is, by how it begins; names and content types are often wrong. */
export function sniff(text: string): Format {
  const start = text.slice(0, 20_000).replace(/^[\ufeff\s]+/, '');
  if (start.startsWith('[')) return 'json';
  if (start.startsWith('{')) {
    if (/"version"\s*:\s*"https?:\\?\/\\?\/(www\.)?jsonfeed\.org/.test(start)) return 'feed';
    const firstLine = text.trimStart().split('\n', 1)[0] ?? '';
    return isJson(firstLine) ? 'ndjson' : 'json';
  }
  if (!start.startsWith('<')) return 'text';
  const root = (/<(?![?!])([\w:.-]+)/.exec(withoutProlog(start)) ??
    /<!doctype\s+([\w:.-]+)/i.exec(start))?.[1]?.toLowerCase();
  if (root === 'rss' || root === 'feed' || root === 'rdf:rdf' || root?.endsWith(':feed')) return 'feed';
  if (root === 'urlset' || root === 'sitemapindex') return 'sitemap';
  if (root === 'opml') return 'opml';
  return /^<\?xml/.test(start) && root !== 'html' ? 'xml' : 'html';
}

function withoutProlog(text: string): string {
  return text.replace(/<!--[\s\S]*?-->/g, '').replace(/<!doctype[^>[]*(\[[\s\S]*?\]\s*)?>/i, '');
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

/** The feeds that an HTML page names in its head (`<link rel="alternate">`), as absolute addresses. Never throws. */
export function feedLinks(html: string, url: string): string[] {
  let links: string[];
  try {
    links = [...parseHtml(html).querySelectorAll('link[rel~="alternate"]')]
      .filter((link) =>
        /^application\/(rss|atom|rdf|feed)\+(xml|json)$/i.test(link.getAttribute('type')?.trim() ?? ''),
      )
      .flatMap((link) => webAddress(link.getAttribute('href'), url) ?? []);
  } catch {
    links = [];
  }
  return [...new Set(links)];
}
