import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { UserError } from '../errors.ts';
import { parseFeed } from './feed.ts';
import type { FetchOptions } from './fetch.ts';
import { fetchText } from './fetch-stories.ts';
import { htmlToLine, parseHtml } from './html.ts';
import { feedLinks, sniff } from './sniff.ts';

export type SourceKind = 'feed' | 'sitemap' | 'page' | 'folder' | 'file' | 'api';

/** What an address turned out to be. */
export interface DetectedSource {
  kind: SourceKind;
  /** The address to use: a URL (a page's feed, or where it has moved for good), or an absolute path. */
  url: string;
  /** What it calls itself. */
  title?: string;
  /** A BCP 47 tag. */
  language?: string;
}

/**
 * Finds out what kind of source an address is: by fetching it if it is a URL, by looking at the file system if not.
 * A page that names a feed in its head gives the feed.
 * @param known the kind, if somebody said it; nothing is fetched then
 * @throws UserError if there is nothing there, or nothing to be read
 */
export async function detectKind(
  options: FetchOptions,
  address: string,
  known?: SourceKind,
): Promise<DetectedSource> {
  const text = address.trim();
  if (known === 'api') return { kind: 'api', url: text.startsWith('api:') ? text : `api:${text}` };
  if (known === 'folder' || known === 'file' || !/^[a-z][a-z0-9+.-]*:\/\//i.test(text))
    return await onDisk(text, known);
  if (known) return { kind: known, url: checkedUrl(text) };
  return await online(options, checkedUrl(text));
}

function checkedUrl(text: string): string {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text))
    throw new UserError(`"${text}" is no web address that can be fetched.`, {
      code: 'usage',
      hint: 'A web address begins with https:// or http://.',
    });
  const url = new URL(text);
  url.hash = '';
  return url.href;
}

async function onDisk(path: string, known: SourceKind | undefined): Promise<DetectedSource> {
  const url = resolve(path);
  const found = await stat(url).catch(() => undefined);
  const kind = found?.isDirectory() ? 'folder' : found?.isFile() ? 'file' : undefined;
  if (!kind)
    throw new UserError(`"${path}" is neither a web address nor a file or folder.`, {
      code: 'usage',
      hint: 'A web address begins with https:// or http://.',
    });
  if (known && known !== kind) throw new UserError(`${url} is a ${kind}, not a ${known}.`, { code: 'usage' });
  return { kind, url };
}

async function online(options: FetchOptions, address: string): Promise<DetectedSource> {
  const { text, finalUrl, permanentUrl } = await fetchText(options, address);
  const url = permanentUrl ?? address;
  const format = sniff(text);
  if (format === 'sitemap') return { kind: 'sitemap', url };
  if (format === 'html') {
    const [feed] = feedLinks(text, finalUrl);
    if (!feed) return { kind: 'page', url, title: titleOf(text) };
    const answer = await fetchText(options, feed);
    return { kind: 'feed', url: feed, ...named(answer.text, answer.finalUrl) };
  }
  return { kind: 'feed', url, ...named(text, finalUrl) };
}

function named(text: string, url: string): Pick<DetectedSource, 'title' | 'language'> {
  const { title, language } = parseFeed(text, url);
  return { title, language };
}

function titleOf(html: string): string | undefined {
  try {
    return htmlToLine(parseHtml(html).querySelector('title')?.textContent ?? '') || undefined;
  } catch {
    return undefined;
  }
}
