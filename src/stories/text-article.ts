import { UserError } from '../errors.ts';
import { parseDate } from './date.ts';
import { cutLeftovers } from './leftovers.ts';
import { listIn } from './parsed.ts';
import type { IncomingStory } from './story.ts';
import { summaryOf } from './summary.ts';

const fields: Record<string, keyof IncomingStory> = {
  title: 'title',
  headline: 'title',
  url: 'url',
  link: 'url',
  source: 'publisher',
  publisher: 'publisher',
  author: 'author',
  by: 'author',
  date: 'publishedAt',
  published: 'publishedAt',
  language: 'language',
  lang: 'language',
  topics: 'topics',
  tags: 'topics',
  image: 'imageUrl',
  summary: 'dek',
  dek: 'dek',
};

/**
 * Reads a plain text article: the first line is the title, then come the lead, subheads and body, and perhaps what a
 * web page left below them, which is cut. Lines such as `Author: …`, `URL: …` or `Date: …` may stand above the title
 * (then with a `Title:` line, or between lines of ---) or directly below it.
 * @param name what to call the text in an error, such as its file name
 * @throws UserError if there is no text at all
 */
export function parseTextArticle(text: string, name: string): IncomingStory {
  const lines = text.replace(/^\ufeff/, '').split(/\r\n|\n|\r|\u2028|\u2029/);
  const above = takeHeaderAbove(lines);
  const title = above.fields.title ?? takeLine(above.rest);
  if (!title?.trim())
    throw new UserError(`${name} is empty.`, {
      code: 'no-article',
      hint: 'A text article begins with its title; the text follows below.',
    });
  const below = takeHeaderBelow(above.rest);
  const paragraphs = paragraphsOf(below.rest);
  const byline = /^(?:By|BY|by) (\p{Lu}[\p{L}.’'-]*(?:\s(?:and |& )?\p{Lu}[\p{L}.’'-]*){0,7})$/u.exec(
    paragraphs[0] ?? '',
  )?.[1];
  if (byline) paragraphs.shift();
  const body = cutLeftovers(paragraphs);
  const dek = summaryOf(body.join('\n\n'), { title });
  return {
    ...(byline && { author: byline.trim() }),
    ...(dek && { dek }),
    ...above.fields,
    ...below.fields,
    title: title.trim(),
    bodyText: body.join('\n\n'),
  };
}

type Header = { fields: Partial<IncomingStory>; rest: string[] };

function takeHeaderAbove(lines: string[]): Header {
  const start = lines.findIndex((line) => line.trim());
  const fenced = /^-{3,}$/.test(lines[start]?.trim() ?? '');
  const from = fenced ? start + 1 : start;
  let end = from;
  while (end < lines.length && fieldOf(lines[end] ?? '')) end++;
  const header = readFields(lines.slice(from, end));
  const closed = fenced ? /^-{3,}$/.test(lines[end]?.trim() ?? '') : end > from && !lines[end]?.trim();
  if (!closed || !(fenced || header.title)) return { fields: {}, rest: lines.slice(Math.max(start, 0)) };
  return { fields: header, rest: lines.slice(fenced ? end + 1 : end) };
}

function takeHeaderBelow(lines: string[]): Header {
  const start = lines.findIndex((line) => line.trim());
  let end = Math.max(start, 0);
  while (end < lines.length && fieldOf(lines[end] ?? '')) end++;
  // Running text right below means that it was no header, but a paragraph that begins like one.
  if (end === start || lines[end]?.trim()) return { fields: {}, rest: lines };
  return { fields: readFields(lines.slice(start, end)), rest: lines.slice(end) };
}

function fieldOf(line: string): { name: keyof IncomingStory; value: string } | undefined {
  const match = /^\s*([A-Za-z]{2,10})\s*:\s*(\S.{0,1000})$/.exec(line);
  const name = match?.[1] && fields[match[1].toLowerCase()];
  const value = match?.[2]?.trim();
  if (!name || !value) return undefined;
  if (name === 'publishedAt' && !parseDate(value)) return undefined;
  if ((name === 'url' || name === 'imageUrl') && !/^https?:\/\//i.test(value)) return undefined;
  return { name, value };
}

function readFields(lines: string[]): Partial<IncomingStory> {
  const story: Partial<IncomingStory> = {};
  for (const line of lines) {
    const field = fieldOf(line);
    if (!field) continue;
    const { name, value } = field;
    if (name === 'publishedAt') story.publishedAt = parseDate(value);
    else if (name === 'topics') story.topics = listIn(value.replace(/^\[|\]$/g, ''));
    else Object.assign(story, { [name]: value.replace(/^"(.*)"$/, '$1') });
  }
  return story;
}

function takeLine(lines: string[]): string | undefined {
  while (lines.length > 0) {
    const line = lines.shift()?.trim();
    // A title in Markdown.
    if (line) return line.replace(/^#{1,6}\s+/, '');
  }
  return undefined;
}

function paragraphsOf(lines: string[]): string[] {
  const content = lines.join('\n').trim();
  // Where no line is empty, each line is a paragraph; otherwise lines within one were wrapped.
  const parts = /\n[ \t\u00a0]*\n/.test(content) ? content.split(/\n[ \t\u00a0]*\n\s*/) : content.split('\n');
  return parts
    .map((part) => part.replace(/\s+/g, ' ').trim())
    .map((part) => part.replace(/^#{1,6}\s+/, ''))
    .filter((part) => part && !/^[=_*~-]{3,}$/.test(part));
}
