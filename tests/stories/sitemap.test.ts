import { expect, test } from 'vitest';
import { parseSitemap } from '../../src/stories/sitemap.ts';

const url = 'https://herald.example.com/sitemap-news.xml';
const urlset = (inner: string) =>
  `<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">${inner}</urlset>`;
const news = (title: string) =>
  `<news:news><news:publication><news:name>Harbour Herald</news:name><news:language>en</news:language></news:publication><news:publication_date>2026-11-24T08:00:00Z</news:publication_date><news:title>${title}</news:title><news:keywords>bridge, harbour</news:keywords></news:news>`;

test('a news sitemap gives its stories', () => {
  const { stories } = parseSitemap(
    urlset(
      `<url><loc>https://herald.example.com/bridge?a=1&amp;b=2</loc>${news('Bridge &amp; tunnel <![CDATA[R&D]]>')}<image:image><image:loc>https://herald.example.com/b.jpg</image:loc><image:caption>The bridge</image:caption></image:image></url><url><loc>https://herald.example.com/imprint</loc></url>`,
    ),
    url,
  );
  expect(stories).toEqual([
    {
      url: 'https://herald.example.com/bridge?a=1&b=2',
      title: 'Bridge & tunnel R&D',
      publisher: 'Harbour Herald',
      language: 'en',
      publishedAt: new Date('2026-11-24T08:00:00Z'),
      topics: ['bridge', 'harbour'],
      imageUrl: 'https://herald.example.com/b.jpg',
      imageAlt: 'The bridge',
      position: 0,
    },
  ]);
});

test('an index lists its sitemaps, the newest first', () => {
  const { children } = parseSitemap(
    '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>/old.xml</loc><lastmod>2020-01-01</lastmod></sitemap><sitemap><loc>/new.xml</loc><lastmod>2026-11-24</lastmod></sitemap><sitemap><loc>ftp://x</loc></sitemap></sitemapindex>',
    url,
  );
  expect(children).toEqual(['https://herald.example.com/new.xml', 'https://herald.example.com/old.xml']);
});

test('an entry without an address is a problem, and the others go in', () => {
  const parsed = parseSitemap(
    urlset(`<url>${news('Lost')}</url><url><loc>/a</loc>${news('Found')}</url>`),
    url,
  );
  expect(parsed.problems).toEqual([{ where: `entry 1 of ${url}`, reason: 'it has no web address' }]);
  expect(parsed.stories.map(({ title }) => title)).toEqual(['Found']);
});

test('a sitemap without news says so', () => {
  expect(() => parseSitemap(urlset('<url><loc>/a</loc></url>'), url)).toThrow('lists 1 pages, but no news');
});

test('what is no sitemap says so', () => {
  expect(() => parseSitemap('<html></html>', url)).toThrow(`What ${url} sent is no sitemap.`);
});

test('entities are not expanded', () => {
  const bomb = `<!DOCTYPE urlset [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>${urlset(`<url><loc>/a</loc>${news('&b;')}</url>`).replace(/<\?.*?\?>/, '')}`;
  expect(parseSitemap(bomb, url).stories[0]?.title).toBe('&b;');
});
