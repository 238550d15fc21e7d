import { UserError } from '../errors.ts';
import { decodeText } from './charset.ts';
import {
  expectOk,
  type FetchedResource,
  type FetchOptions,
  type FetchRequest,
  guardedFetch,
} from './fetch.ts';
import type { Parsed } from './parsed.ts';
import { parseSitemap } from './sitemap.ts';

/** What may be a story, or hold some. */
export const acceptStories =
  'application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml, text/html, application/xhtml+xml, application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.5';

const maxChildren = 10;

/**
 * Fetches a text.
 * @returns the answer, and its text in whatever charset it came; empty if nothing changed (`notModified`)
 * @throws UserError if it cannot be had, or is a picture, a film or some other thing that is no text
 */
export async function fetchText(
  options: FetchOptions,
  url: string,
  request: FetchRequest = {},
): Promise<FetchedResource & { text: string }> {
  const answer = expectOk(await guardedFetch(options, url, { accept: acceptStories, ...request }));
  const type = answer.headers['content-type'];
  if (/^(image|audio|video|font)\/|^application\/(pdf|zip)/i.test(type ?? ''))
    throw new UserError(`${url} is no text, but ${type?.split(';')[0]}.`, { code: 'no-article' });
  return { ...answer, text: decodeText(answer.body, type).text };
}

/**
 * Fetches what a sitemap index lists, one level deep: the ten newest sitemaps, or those that have "news" in their
 * name. One that fails is a problem; the others are read.
 */
export async function fetchChildSitemaps(options: FetchOptions, children: string[]): Promise<Parsed> {
  const named = children.filter((child) => /news/i.test(new URL(child).pathname));
  const all: Parsed = { stories: [], problems: [] };
  for (const child of (named.length > 0 ? named : children).slice(0, maxChildren)) {
    try {
      const { text, finalUrl } = await fetchText(options, child);
      const parsed = parseSitemap(text, finalUrl);
      all.problems.push(...parsed.problems);
      all.stories.push(
        ...parsed.stories.map((story, index) => ({ ...story, position: all.stories.length + index })),
      );
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      all.problems.push({ where: child, reason: error.message });
    }
  }
  return all;
}
