import type { IncomingStory } from './story.ts';

/** What was read of a feed, sitemap, page or file. */
export interface Parsed {
  stories: IncomingStory[];
  /** Parts that could not be read: where (line, entry) and why. The rest is in `stories`. */
  problems: { where: string; reason: string }[];
  /** What the source calls itself. */
  title?: string;
  /** A BCP 47 tag for the whole. */
  language?: string;
}

/**
 * A link as an absolute http(s) address, or undefined if it is none.
 * @param base what a relative link is relative to
 */
export function webAddress(link: string | null | undefined, base?: string): string | undefined {
  const text = link?.trim();
  // What came from a file has no address that links could be relative to.
  const from = base && URL.canParse(base) ? base : undefined;
  if (!text || !URL.canParse(text, from)) return undefined;
  const url = new URL(text, from);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url.href : undefined;
}

/** The parts of a list in one text, such as "Harbour, Ferries", without blanks around them; a text of blanks has none. */
export function listIn(text: string, separator: ',' | RegExp = ','): string[] {
  return text
    .split(separator)
    .map((part) => part.trim())
    .filter(Boolean);
}
