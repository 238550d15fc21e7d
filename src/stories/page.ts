import { isProbablyReaderable, Readability } from '@mozilla/readability';
import { UserError } from '../errors.ts';
import { parseDate } from './date.ts';
import { type HtmlDocument, type HtmlElement, htmlToLine, paragraphsOf, parseHtml } from './html.ts';
import { cutLeftovers } from './leftovers.ts';
import { listIn, webAddress } from './parsed.ts';
import type { IncomingStory } from './story.ts';
import { summaryOf } from './summary.ts';

/**
 * Reads the article of an HTML page: its text without what the site sets around it, and what the page says of itself
 * (JSON-LD, Open Graph, meta tags) for title, author, date, image, publisher and language.
 * @param html the page
 * @param url where it came from; undefined for a file
 * @param name what to call it in an error, if it has no URL
 * @throws UserError (code `no-article`) if there is no article on it, or the page is too large to read
 */
export function parsePage(html: string, url?: string, name = url ?? 'The page'): IncomingStory {
  const document = parsed(html, name);
  const data = articleData(document);
  const meta = metaReader(document);
  const base = webAddress(document.querySelector('base')?.getAttribute('href'), url) ?? url;
  const address = articleAddress(document, meta('og:url'), data.url, url, base);
  const says = Boolean(data.isArticle) || /^article$/i.test(meta('og:type') ?? '');
  const dek = text(meta('og:description', 'description', 'twitter:description') ?? data.description);
  const heading = document.querySelector('h1')?.textContent;
  const publisher = data.publisher ?? meta('og:site_name', 'application-name');

  // Readability may leave a document without its root.
  const pageLanguage = language(document, meta('og:locale', 'content-language'));
  removeSurroundings(document);
  const readerable = isProbablyReaderable(asDom(document));
  const article = new Readability(asDom(document), { serializer: (node) => node }).parse();
  const content = article?.content as unknown as HtmlElement | undefined;
  const title =
    text(data.title ?? meta('og:title', 'twitter:title')) ?? text(heading) ?? text(article?.title);
  const body = content ? cutLeftovers(withoutTitle(paragraphsOf(content), title)) : [];
  const length = body.reduce((sum, paragraph) => sum + paragraph.length, 0);
  const enough = length >= 250 && (readerable || says) && linkShare(content) < 0.5;
  // A page that calls itself an article and tells what it is about is one, even if its text is behind a wall.
  if (!title || !(enough || (says && dek)))
    throw new UserError(`There is no article on the page${url ? ` ${url}` : ` ${name}`}.`, {
      code: 'no-article',
      hint: 'Give the address of one article. For a front page or a section, add its feed as a source.',
      details: { url },
    });

  const image = data.image ?? meta('og:image:secure_url', 'og:image', 'twitter:image', 'twitter:image:src');
  return {
    url: address,
    title,
    dek: dek ?? summaryOf(body.join('\n\n'), { title }),
    bodyText: enough ? body.join('\n\n') : undefined,
    imageUrl: webAddress(image, base),
    imageAlt: text(meta('og:image:alt', 'twitter:image:alt')),
    author: text(data.author ?? authorOf(meta('author', 'article:author', 'byl')) ?? article?.byline),
    publisher: text(publisher),
    language: data.language ?? pageLanguage,
    topics: data.topics ?? list(meta('article:tag', 'news_keywords')),
    publishedAt: firstDate(
      data.published,
      meta('article:published_time', 'og:published_time', 'date', 'dc.date', 'parsely-pub-date', 'pubdate'),
      document.querySelector('time[datetime]')?.getAttribute('datetime'),
    ),
  };
}

function parsed(html: string, name: string): HtmlDocument {
  try {
    return parseHtml(html);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new UserError(`The page ${name} cannot be read: it ${error.message}.`, {
      code: 'no-article',
      cause: error,
    });
  }
}

// Readability is typed for the browser's DOM, which this project does not have.
const asDom = (document: HtmlDocument) => document as unknown as Parameters<typeof isProbablyReaderable>[0];

function metaReader(document: HtmlDocument): (...names: string[]) => string | undefined {
  const values = new Map<string, string>();
  for (const element of document.querySelectorAll('meta')) {
    const name = (
      element.getAttribute('property') ??
      element.getAttribute('name') ??
      element.getAttribute('itemprop') ??
      element.getAttribute('http-equiv')
    )?.toLowerCase();
    const content = element.getAttribute('content')?.trim();
    if (!name || !content) continue;
    // Tags come one an element.
    if (name === 'article:tag' && values.has(name)) values.set(name, `${values.get(name)}, ${content}`);
    else if (!values.has(name)) values.set(name, content);
  }
  return (...names) => names.map((name) => values.get(name)).find(Boolean);
}

interface ArticleData {
  isArticle?: boolean;
  url?: string;
  title?: string;
  description?: string;
  author?: string;
  publisher?: string;
  image?: string;
  published?: string;
  language?: string;
  topics?: string[];
}

type Json = Record<string, unknown>;

/** What the page's JSON-LD (schema.org) says of the article. Broken blocks are passed over. */
function articleData(document: HtmlDocument): ArticleData {
  for (const script of document.querySelectorAll('script[type="application/ld+json"]')) {
    let value: unknown;
    try {
      value = JSON.parse(script.textContent.replace(/^\s*<!\[CDATA\[|\]\]>\s*$/g, ''));
    } catch {
      continue;
    }
    const article = nodes(value).find((node) =>
      [node['@type']].flat().some((type) => /(Article|BlogPosting|NewsStory|Reportage)$/i.test(String(type))),
    );
    if (!article) continue;
    return {
      isArticle: true,
      url:
        string(article.url) ??
        string(article.mainEntityOfPage) ??
        string((article.mainEntityOfPage as Json)?.['@id']),
      title: string(article.headline) ?? string(article.name),
      description: string(article.description),
      author: names(article.author),
      publisher: names(article.publisher),
      image: imageOf(article.image),
      published: string(article.datePublished) ?? string(article.dateCreated),
      language: string(article.inLanguage),
      topics: list(Array.isArray(article.keywords) ? article.keywords.join(',') : string(article.keywords)),
    };
  }
  return {};
}

function nodes(value: unknown): Json[] {
  return [value].flat().flatMap((node) => {
    if (typeof node !== 'object' || node === null) return [];
    const graph = (node as Json)['@graph'];
    return [
      node as Json,
      ...(Array.isArray(graph) ? graph.filter((one) => typeof one === 'object' && one) : []),
    ];
  });
}

const string = (value: unknown) => (typeof value === 'string' && value.trim() ? value.trim() : undefined);

function names(value: unknown): string | undefined {
  const found = [value].flat().flatMap((one) => string(one) ?? string((one as Json | null)?.name) ?? []);
  return found.join(', ') || undefined;
}

function imageOf(value: unknown): string | undefined {
  const [first] = [value].flat();
  return string(first) ?? string((first as Json | null)?.url);
}

/**
 * The address that the page calls its own (canonical, also for an AMP page), else the one that it came from. A page
 * can speak for its own site only, and a canonical link to the front page is a mistake of the site's template.
 */
function articleAddress(
  document: HtmlDocument,
  ogUrl: string | undefined,
  dataUrl: string | undefined,
  url: string | undefined,
  base: string | undefined,
): string | undefined {
  const canonical = document.querySelector('link[rel~="canonical"]')?.getAttribute('href');
  for (const candidate of [canonical, ogUrl, dataUrl]) {
    const address = webAddress(candidate, base);
    if (!address) continue;
    if (!url) return address;
    const [own, here] = [new URL(address), new URL(url)];
    const isFrontPage = own.pathname === '/' && !own.search && here.pathname !== '/';
    if (!isFrontPage && site(own.hostname) === site(here.hostname)) return address;
  }
  return url;
}

// Enough to see that amp.example.com and www.example.com belong together; names such as example.co.uk keep three parts.
function site(hostname: string): string {
  const parts = hostname.toLowerCase().split('.');
  const short = (parts.at(-2)?.length ?? 0) <= 3 && (parts.at(-1)?.length ?? 0) === 2;
  return /^[\d.:[\]]+$/.test(hostname) ? hostname : parts.slice(short ? -3 : -2).join('.');
}

const surroundings = [
  'comment',
  'disqus',
  'newsletter',
  'signup',
  'sign-up',
  'subscribe',
  'related',
  'recommend',
  'popular-posts',
  'most-read',
  'share',
  'sharing',
  'social',
  'promo',
  'outbrain',
  'taboola',
  'advert',
  'cookie',
];

/** Removes comments, newsletter and share boxes and related links, whatever Readability may think of them. */
function removeSurroundings(document: HtmlDocument): void {
  const whole = document.body.textContent.length;
  for (const name of surroundings)
    for (const element of document.querySelectorAll(`[id*="${name}" i], [class*="${name}" i]`)) {
      if (!isWord(`${element.id} ${element.className}`, name)) continue;
      const holdsArticle =
        /^(HTML|BODY|MAIN|ARTICLE|H1)$/i.test(element.nodeName) ||
        element.querySelector('article, h1') !== null ||
        element.textContent.length > whole * 0.9;
      if (!holdsArticle) element.remove();
      else {
        // A wrapper of everything may be called "with-comments"; Readability would throw it out for that.
        element.removeAttribute('class');
        element.removeAttribute('id');
      }
    }
  for (const element of document.querySelectorAll('nav, aside, form, dialog, body > footer')) {
    // Some servers set a form around the whole page, and Readability reads no form.
    const holdsArticle =
      element.querySelector('article, h1') !== null || element.textContent.length > whole / 2;
    if (element.nodeName === 'FORM' && holdsArticle) {
      const plain = document.createElement('div');
      plain.append(...element.childNodes);
      element.replaceWith(plain);
    } else element.remove();
  }
}

// "share" is in "shareholders" too.
function isWord(names: string, word: string): boolean {
  return new RegExp(`(^|[^a-z]|[a-z](?=[A-Z]))${word}(s|ed|ing|er|ations?)?($|[^a-z])`, 'i').test(
    names.replace(/([a-z])([A-Z])/g, '$1-$2'),
  );
}

function withoutTitle(paragraphs: string[], title: string | undefined): string[] {
  return title && paragraphs[0]?.toLowerCase() === title.toLowerCase() ? paragraphs.slice(1) : paragraphs;
}

function linkShare(content: HtmlElement | undefined): number {
  if (!content) return 1;
  let linked = 0;
  for (const link of content.querySelectorAll('a')) linked += link.textContent.trim().length;
  return linked / Math.max(1, content.textContent.trim().length);
}

function language(document: HtmlDocument, locale: string | undefined): string | undefined {
  return document.documentElement.getAttribute('lang') || locale?.replace('_', '-');
}

// Facebook's article:author is the address of a profile.
const authorOf = (author: string | undefined) => (author && /^https?:/.test(author) ? undefined : author);
const text = (value: string | null | undefined) => (value && htmlToLine(value)) || undefined;

function list(value: string | undefined): string[] | undefined {
  const parts = listIn(value ?? '', /[,;]/);
  return parts.length > 0 ? parts : undefined;
}

function firstDate(...dates: (string | null | undefined)[]): Date | undefined {
  return dates.map((date) => parseDate(date ?? undefined)).find(Boolean);
}
