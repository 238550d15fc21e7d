import { UserError } from '../errors.ts';
import { parseFeed } from './feed.ts';
import { parseJsonStories, parseNdjson } from './json-stories.ts';
import { parsePage } from './page.ts';
import type { Parsed } from './parsed.ts';
import { parseSitemap } from './sitemap.ts';
import { sniff } from './sniff.ts';
import { parseTextArticle } from './text-article.ts';

/**
 * Reads stories from a text of any kind that Broadsheet knows, by what it looks like.
 * @param from.name what to call it in errors: a file name, a URL, "standard input"
 * @param from.url where it came from, if from the web
 * @throws UserError if there is no story in it
 */
export function readStories(text: string, from: { name: string; url?: string }): Parsed {
  // Whoever names a file .txt wrote prose, even if it begins with a bracket or a brace.
  const format = /\.(txt|text|md)$/i.test(from.name) && !from.url ? 'text' : sniff(text);
  switch (format) {
    case 'html':
      return single(parsePage(text, from.url, from.name));
    case 'feed':
    case 'xml':
      return parseFeed(text, from.url ?? from.name);
    case 'sitemap':
      return parseSitemap(text, from.url ?? from.name);
    case 'json':
      return parseJsonStories(parsedJson(text, from.name));
    case 'ndjson':
      return parseNdjson(text);
    case 'opml':
      throw new UserError(`${from.name} is a list of feeds (OPML), not a story.`, {
        code: 'no-article',
        hint: 'Use: broadsheet sources import FILE',
      });
    case 'text':
      return single({ ...parseTextArticle(text, from.name), ...(from.url && { url: from.url }) });
  }
}

function single(story: Parsed['stories'][number]): Parsed {
  return { stories: [story], problems: [] };
}

function parsedJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    throw new UserError(`${name} looks like JSON, but cannot be read: ${(error as Error).message}`, {
      code: 'no-stories',
      hint: 'For one story a line, each line must be a whole JSON object.',
      cause: error,
    });
  }
}
