import { escapeHtml } from '../../rendering/assemble.ts';
import type { SentEdition } from './archive-editions.ts';

/** Characters that XML 1.0 has no way to write, beside those that `escapeHtml` makes spaces of. */
const notInXml = /[\uFFFE\uFFFF]/g;
const xml = (text: string) => escapeHtml(text.toWellFormed().replace(notInXml, ''));

/**
 * A newsletter's editions as a feed (RSS 2.0), each with its headlines.
 * @param base the address of the archive, without a slash at the end
 */
export function rss(
  base: string,
  newsletter: { name: string; description: string; language: string },
  editions: SentEdition[],
  headlines: Map<number, { title: string; url: string }[]>,
): string {
  const items = editions.map(({ id, subject, preheader, sentAt }) => {
    const stories = (headlines.get(id) ?? [])
      .map(({ title, url }) => `<li><a href="${escapeHtml(url)}">${escapeHtml(title)}</a></li>`)
      .join('');
    const text = `${preheader ? `<p>${escapeHtml(preheader)}</p>` : ''}${stories ? `<ul>${stories}</ul>` : ''}`;
    return `<item>
<title>${xml(subject || newsletter.name)}</title>
<link>${xml(`${base}/${id}`)}</link>
<guid isPermaLink="true">${xml(`${base}/${id}`)}</guid>
<pubDate>${sentAt.toUTCString()}</pubDate>
<description>${xml(text)}</description>
</item>`;
  });
  return `<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom">
<channel>
<title>${xml(newsletter.name)}</title>
<link>${xml(base)}</link>
<atom:link href="${xml(`${base}/feed.xml`)}" rel="self" type="application/rss+xml"/>
<description>${xml(newsletter.description || newsletter.name)}</description>
<language>${xml(newsletter.language)}</language>
${items.join('\n')}
</channel>
</rss>
`;
}
