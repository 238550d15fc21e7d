import { describe, expect, test } from 'vitest';
import { parseFeedback } from '../../src/feedback/parse.ts';
import { renderNote } from '../../src/rendering/note.ts';
import { cleanStory } from '../../src/stories/clean.ts';
import { readStories } from '../../src/stories/read-stories.ts';
import { forBrowser } from '../../src/web/for-browser.ts';

/** What expressions that try many ways are slow at, over and over: found with `recheck` for those of src/. */
const atoms = [
  '\t',
  ' ',
  '\n',
  '<',
  '<!--',
  '<a',
  '[',
  '{%',
  '{{',
  '=',
  '-',
  '0',
  ':',
  '?',
  '..',
  '"\\',
  '/',
  ' - ',
  '>\n',
  '/*',
  '\uE000',
  'posted 0 al',
  '{[data-ogsb]',
  ';-',
  '=?',
  'a@',
  'usager \0 a',
  'from address ',
];
/** What takes time by the square of this is over in a second or two; by the cube, or worse, it would take hours. */
const length = 12_000;
const atMostMs = 8_000;
/** So long may a note of the editors be. */
const longestNote = 2_000;

/** Each reads what somebody outside wrote. */
const doors: Record<string, (text: string) => unknown> = {
  feed: (text) =>
    cleaned(
      `<rss version="2.0"><channel><title>${xml(text)}</title><item><title>a ${xml(text)} b</title><link>https://a.example.com/${encodeURIComponent(text.slice(0, 2_000))}</link><pubDate>${xml(text)}</pubDate><category>${xml(text)}</category><description>${xml(`<p>${text} b</p>`)}</description></item></channel></rss>`,
    ),
  page: (text) =>
    cleaned(
      `<!doctype html><html><head><title>a ${xml(text)} b</title><meta name="keywords" content="a${xml(text)}b"><meta name="author" content="By ${xml(text)} b"><meta property="article:published_time" content="${xml(text)}"></head><body><article><h1>a ${xml(text)}b</h1><p>a ${xml(text)} b</p><p>${text}</p></article></body></html>`,
    ),
  json: (text) =>
    cleaned(
      JSON.stringify({
        version: 'https://jsonfeed.org/version/1.1',
        title: text,
        items: [
          {
            id: '1',
            url: 'https://a.example.com/1',
            title: `a${text}b`,
            content_text: `a${text}b`,
            date_published: text,
            tags: [text],
          },
        ],
      }),
    ),
  stories: (text) =>
    cleaned(JSON.stringify({ title: `a${text}b`, topics: `a${text}b`, body: text, publishedAt: text })),
  text: (text) => cleaned(`Title a ${text} b\nBy: ${text}\nDate: ${text}\n\nBody ${text} b\n`),
  start: (text) => cleaned(text),
  bounce: (text) =>
    parseFeedback(
      Buffer.from(
        `From: MAILER-DAEMON@example.com\r\nTo: a@example.com\r\nSubject: failure ${text.replaceAll(/[\r\n]/g, ' ')}\r\nContent-Type: text/plain\r\n\r\nYour message could not be delivered ${text} b\r\n`,
      ),
    ),
  note: (text) => renderNote({ title: 'a', text: `a${text}b`.slice(0, longestNote) }),
  browser: (text) =>
    forBrowser(
      `<html><head><title>${xml(text)}</title></head><body><p title="${xml(text)}">a${xml(text)}b</p></body></html>`,
    ),
};

const xml = (text: string) =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\0', '');

function cleaned(text: string): void {
  for (const story of readStories(text, { name: 'hostile', url: 'https://a.example.com/' }).stories)
    cleanStory(story, undefined, new Date('2026-11-24T08:00:00Z'));
}

describe.each(Object.keys(doors))('%s', (name) => {
  test('no long text from outside takes long', { timeout: 120_000 }, () => {
    const slow: string[] = [];
    for (const atom of atoms) {
      const text = atom.repeat(Math.ceil(length / atom.length)).slice(0, length);
      const began = process.cpuUsage();
      try {
        doors[name]?.(text);
      } catch {
        // Refusing is an answer as well.
      }
      const { user } = process.cpuUsage(began);
      if (user > atMostMs * 1000) slow.push(`${JSON.stringify(atom)}: ${Math.round(user / 1000)} ms`);
    }
    expect(slow).toEqual([]);
  });
});
