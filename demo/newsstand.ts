import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type DemoEvent, events, type Report } from './events.ts';
import { paint } from './picture.ts';

/** The demo's publishers on the loopback interface: their feeds, articles and pictures. */
export interface Newsstand {
  /** For each publisher, where its feed is. */
  feeds: { publisher: string; url: string }[];
  close(): Promise<void>;
}

interface Article extends Report {
  event: DemoEvent;
  number: number;
  path: string;
  publishedAt: Date;
}

const usualPort = 8925;

/** @param now what "3 hours ago" is counted from */
export async function openNewsstand(now: Date): Promise<Newsstand> {
  const articles: Article[] = events.flatMap((event, number) =>
    event.reports.map((report) => ({
      ...report,
      event,
      number,
      path: `/${slug(report.publisher)}/${slug(report.title)}`,
      publishedAt: new Date(now.getTime() - report.hoursAgo * 3_600_000),
    })),
  );
  const publishers = [...new Set(articles.map((article) => article.publisher))];
  const pictures = new Map<number, Buffer>();

  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    const base = `http://localhost:${(server.address() as AddressInfo).port}`;
    const publisher = publishers.find((each) => path === `/${slug(each)}/feed`);
    const picture = /^\/pictures\/(\d+)\.png$/.exec(path)?.[1];
    const article = articles.find((each) => each.path === path);
    if (publisher) {
      const own = articles
        .filter((each) => each.publisher === publisher)
        .sort((a, b) => a.hoursAgo - b.hoursAgo);
      const write = formats[publishers.indexOf(publisher) % formats.length] ?? rss;
      const { type, text } = write(publisher, base, own);
      response.setHeader('Content-Type', type);
      response.end(text);
    } else if (picture && events[Number(picture)]) {
      const number = Number(picture);
      const png = pictures.get(number) ?? paint(events[number] as DemoEvent, number);
      pictures.set(number, png);
      response.setHeader('Content-Type', 'image/png');
      response.setHeader('Cache-Control', 'max-age=86400');
      response.end(png);
    } else if (article) {
      response.setHeader('Content-Type', 'text/html; charset=utf-8');
      response.end(page(article, base));
    } else {
      response.statusCode = 404;
      response.end('There is nothing here.');
    }
  });
  await listen(server, usualPort).catch(() => listen(server, 0));
  const base = `http://localhost:${(server.address() as AddressInfo).port}`;
  return {
    feeds: publishers.map((publisher) => ({ publisher, url: `${base}/${slug(publisher)}/feed` })),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject);
      resolve();
    });
  });
}

type Format = (publisher: string, base: string, articles: Article[]) => { type: string; text: string };

const rss: Format = (publisher, base, articles) => ({
  type: 'application/rss+xml; charset=utf-8',
  text: `<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>${xml(publisher)}</title><link>${base}</link><description>${xml(publisher)} of Wendmark</description><language>en</language>
${articles
  .map(
    (
      article,
    ) => `<item><title>${xml(article.title)}</title><link>${base}${article.path}</link><guid isPermaLink="false">${article.path}</guid>
<pubDate>${article.publishedAt.toUTCString()}</pubDate><category>${article.event.topic}</category><description>${xml(article.dek)}</description>
<media:content url="${base}/pictures/${article.number}.png" medium="image" type="image/png"/>
<content:encoded>${xml(article.body.map((paragraph) => `<p>${xml(paragraph)}</p>`).join(''))}</content:encoded></item>`,
  )
  .join('\n')}
</channel></rss>`,
});

const atom: Format = (publisher, base, articles) => ({
  type: 'application/atom+xml; charset=utf-8',
  text: `<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>${xml(publisher)}</title><id>urn:wendmark:${slug(publisher)}</id><updated>${(articles[0]?.publishedAt ?? new Date()).toISOString()}</updated>
${articles
  .map(
    (
      article,
    ) => `<entry><title>${xml(article.title)}</title><id>urn:wendmark:${article.path}</id><link rel="alternate" href="${base}${article.path}"/>
<published>${article.publishedAt.toISOString()}</published><updated>${article.publishedAt.toISOString()}</updated><category term="${article.event.topic}"/>
<summary>${xml(article.dek)}</summary><content type="html">${xml(`<img src="/pictures/${article.number}.png" alt="">${article.body.map((paragraph) => `<p>${xml(paragraph)}</p>`).join('')}`)}</content></entry>`,
  )
  .join('\n')}
</feed>`,
});

const jsonFeed: Format = (publisher, base, articles) => ({
  type: 'application/feed+json',
  text: JSON.stringify({
    version: 'https://jsonfeed.org/version/1.1',
    title: publisher,
    home_page_url: base,
    language: 'en',
    items: articles.map((article) => ({
      id: article.path,
      url: `${base}${article.path}`,
      title: article.title,
      summary: article.dek,
      content_text: article.body.join('\n\n'),
      image: `${base}/pictures/${article.number}.png`,
      date_published: article.publishedAt.toISOString(),
      tags: [article.event.topic],
    })),
  }),
});

const rdf: Format = (publisher, base, articles) => ({
  type: 'application/rdf+xml; charset=utf-8',
  text: `<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="${base}/${slug(publisher)}"><title>${xml(publisher)}</title><link>${base}</link><description>${xml(publisher)} of Wendmark</description><dc:language>en</dc:language></channel>
${articles
  .map(
    (
      article,
    ) => `<item rdf:about="${base}${article.path}"><title>${xml(article.title)}</title><link>${base}${article.path}</link>
<description>${xml(article.body.join(' '))}</description><dc:date>${article.publishedAt.toISOString()}</dc:date><dc:subject>${article.event.topic}</dc:subject></item>`,
  )
  .join('\n')}
</rdf:RDF>`,
});

const formats = [rss, atom, jsonFeed, rss, atom, rss, jsonFeed, rdf, rss, atom];

function page(article: Article, base: string): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${xml(article.title)}</title><meta property="og:site_name" content="${xml(article.publisher)}"><meta property="og:image" content="${base}/pictures/${article.number}.png">
<meta property="article:published_time" content="${article.publishedAt.toISOString()}">
<style>body{max-width:40rem;margin:3rem auto;padding:0 1.25rem;font:1.125rem/1.6 Georgia,serif;color:#222}img{width:100%;height:auto}h1{line-height:1.15}small{font:0.875rem system-ui;color:#666}</style></head>
<body><article><small>${xml(article.publisher)}</small><h1>${xml(article.title)}</h1><img src="/pictures/${article.number}.png" alt="">${article.body.map((paragraph) => `<p>${xml(paragraph)}</p>`).join('')}</article></body></html>`;
}

function slug(text: string): string {
  return text
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}

function xml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
