import { runInNewContext } from 'node:vm';
import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { verdictFor } from '../../src/delivery/verdict.ts';
import { classify } from '../../src/feedback/classify.ts';
import { parseFeedback } from '../../src/feedback/parse.ts';
import { createLog } from '../../src/log.ts';
import { scrub } from '../../src/observe/scrub.ts';
import { renderNote } from '../../src/rendering/note.ts';
import { cleanStory } from '../../src/stories/clean.ts';
import { readStories } from '../../src/stories/read-stories.ts';
import { checkAddress } from '../../src/subscribers/address.ts';
import { readHeader } from '../../src/subscribers/csv/columns.ts';
import { RecordReader } from '../../src/subscribers/csv/records.ts';
import { fieldName, parseFieldValue } from '../../src/subscribers/import/fields.ts';
import { slugOf } from '../../src/subscribers/lists.ts';
import { parseFilter } from '../../src/subscribers/segments/parse.ts';
import { answerError } from '../../src/web/api/failure.ts';
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
  'A',
  '_',
  '0-00000000000',
  '0:00',
  '%40a',
  'client host i',
  'mx record m',
  'mailbox at its ',
  '?p=unsolicitedmessageerrord',
  'too many smtp ',
  'The post a appeared first on ',
];
/** Processor time. What takes time by the cube of a short text's length, or by the square of a long one's, takes far more. */
const atMostMs = 500;
/** Where expressions are stopped, so that one that takes hours fails the test instead. */
const stoppedMs = 30_000;
const [short, long] = [3_000, 30_000];

/** Each reads what somebody outside wrote. */
const doors: Record<string, { length: number; mostMs?: number; read: ((text: string) => unknown)[] }> = {
  feed: {
    length: short,
    read: [
      (text) =>
        cleaned(
          `<rss version="2.0"><channel><title>${xml(text)}</title><item><title>a ${xml(text)} b</title><link>https://a.example.com/${encodeURIComponent(text.slice(0, 2_000))}</link><pubDate>${xml(text)}</pubDate><category>${xml(text)}</category><description>${xml(`<p>${text} b</p>`)}</description></item></channel></rss>`,
        ),
    ],
  },
  page: {
    length: short,
    read: [
      (text) =>
        cleaned(
          `<!doctype html><html><head><title>a ${xml(text)} b</title><meta name="keywords" content="a${xml(text)}b"><meta name="author" content="By ${xml(text)} b"><meta property="article:published_time" content="${xml(text)}"></head><body><article><h1>a ${xml(text)}b</h1><p>a ${xml(text)} b</p><p>${text}</p></article></body></html>`,
        ),
    ],
  },
  stories: {
    length: short,
    read: [
      (text) =>
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
      (text) =>
        cleaned(JSON.stringify({ title: `a${text}b`, topics: `a${text}b`, body: text, publishedAt: text })),
      cleaned,
    ],
  },
  'topics and articles': {
    length: long,
    read: [
      (text) => cleaned(JSON.stringify({ title: 'A', topics: `a${text}b` })),
      (text) =>
        cleaned(
          `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>https://a.example.com/1</loc><news:news><news:title>A</news:title><news:keywords>a${xml(text)}b</news:keywords></news:news></url></urlset>`,
        ),
      (text) => cleaned(`Title: A\nBy: ${text}\nDate: ${text}\nTopics: a${line(text)}b\n\nBody ${text} b\n`),
      (text) => cleaned(`Title\n\nBy ${text}1\n\n${text} b\n`),
    ],
  },
  bounce: {
    length: long,
    read: [
      (text) => parseFeedback(bounced('text/plain', `Your message could not be delivered ${text} b`)),
      (text) => parseFeedback(bounced('text/html', `<p>Your message could not be delivered ${text} b</p>`)),
      (text) =>
        parseFeedback(
          bounced(
            'message/delivery-status',
            `Final-Recipient: rfc822;${line(text)}\r\nAction: failed\r\nStatus: 5.1.1${line(text)}\r\nDiagnostic-Code: smtp;${line(text)}`,
          ),
        ),
    ],
  },
  "a server's or provider's words": {
    length: long,
    read: [
      (text) =>
        classify({
          texts: [text, `550 a ${text}`],
          notice: text,
          status: null,
          reply: 550,
          isStated: true,
          action: null,
        }),
      (text) =>
        verdictFor(
          { kind: 'answered', code: 550, words: text.slice(0, 1_000) },
          { subscriberId: 1, attempts: 1, stories: [], plannedAt: at },
          { onUncertain: 'skip', retryMinutes: 60, now: at, random: 0 },
        ),
      scrub,
    ],
  },
  'a file of subscribers': {
    length: long,
    read: [
      (text) => readHeader(`email,${line(text)},field ${line(text)}x`),
      (text) =>
        new RecordReader({ delimiter: ',', columns: 2, emailColumn: 0 }).read(
          [`"ada@example.com,a`, `${line(text)}@${line(text)},"a`, line(text)].map((each, number) => ({
            number,
            text: each,
          })),
          true,
        ),
      (text) => checkAddress(text),
      (text) => checkAddress(`a@${text}.example.com`),
      (text) => fieldName(text),
      (text) => slugOf(text),
      (text) => parseFieldValue(`${text}x`, 'number'),
      (text) => parseFieldValue(text, 'date'),
    ],
  },
  'a filter': {
    length: 3_900,
    read: [(text) => parseFilter(text), (text) => parseFilter(`name = "${text}`)],
  },
  'the path of a call that failed': {
    length: 15_000,
    mostMs: 200,
    read: [(text) => failing.request(`/${encodeURI(text)}`)],
  },
  'a note': {
    // So long may a note of the editors be.
    length: 1_990,
    read: [(text) => renderNote({ title: 'a', text: `a${text}b` })],
  },
  browser: {
    length: short,
    read: [
      (text) =>
        forBrowser(
          `<html><head><title>${xml(text)}</title></head><body><p title="${xml(text)}">a${xml(text)}b</p></body></html>`,
        ),
    ],
  },
};

const at = new Date('2026-11-24T08:00:00Z');
const line = (text: string) => text.replaceAll(/[\r\n]/g, ' ');
const bounced = (type: string, body: string) =>
  Buffer.from(
    `From: MAILER-DAEMON@example.com\r\nTo: a@example.com\r\nSubject: failure ${line(body)}\r\nContent-Type: ${type}\r\n\r\n${body}\r\n`,
  );
const failing = new Hono()
  .get('*', () => {
    throw new Error('broken');
  })
  .onError((error, c) => answerError(createLog('silent'), error, c));

const xml = (text: string) =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\0', '');

function cleaned(text: string): void {
  for (const story of readStories(text, { name: 'hostile', url: 'https://a.example.com/' }).stories)
    cleanStory(story, undefined, at);
}

/** The processor time that reading a text takes; `stoppedMs` if it was stopped. */
function millisecondsOf(through: (text: string) => unknown, text: string): number {
  const began = process.cpuUsage();
  try {
    runInNewContext('through(text)', { through, text }, { timeout: stoppedMs });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return stoppedMs;
    // Refusing is an answer as well.
  }
  return process.cpuUsage(began).user / 1000;
}

describe.each(Object.entries(doors))('%s', (_, { length, mostMs = atMostMs, read }) => {
  test('no long text from outside takes long', () => {
    const slow: string[] = [];
    for (const [door, through] of read.entries())
      for (const atom of atoms) {
        const text = atom.repeat(Math.ceil(length / atom.length)).slice(0, length);
        // What was slow once may have met a tidying of memory; an expression is slow each time.
        let ms = millisecondsOf(through, text);
        if (ms > mostMs && ms < stoppedMs) ms = millisecondsOf(through, text);
        if (ms > mostMs) slow.push(`${door}, ${JSON.stringify(atom)}: ${Math.round(ms)} ms`);
      }
    expect(slow).toEqual([]);
  });
});
