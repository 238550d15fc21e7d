import { expect, test } from 'vitest';
import { type OpmlSource, parseOpml, writeOpml } from '../../src/stories/opml.ts';

test('nested outlines are read, and folders become topics', () => {
  const { sources, problems } =
    parseOpml(`<?xml version="1.0"?><opml version="2.0"><head><title>x</title></head><body>
<outline text="News"><outline text="Local"><outline text="Herald &amp; Sons" type="rss" xmlUrl="https://herald.example.com/feed?a=1&amp;b=2" language="en" category="/places/Harbour,Floods"/></outline></outline>
<outline title="Plain" xmlUrl="https://plain.example.com/rss"/>
<outline text="Again" xmlUrl="https://plain.example.com/rss"/>
<outline text="Odd" type="rss" xmlUrl="javascript:alert(1)"/>
<outline text="A note"/></body></opml>`);
  expect(sources).toEqual([
    expect.objectContaining({
      kind: 'feed',
      url: 'https://herald.example.com/feed?a=1&b=2',
      name: 'Herald & Sons',
      language: 'en',
      topics: ['Harbour', 'Floods', 'News', 'Local'],
    }),
    expect.objectContaining({ name: 'Plain', url: 'https://plain.example.com/rss', topics: [] }),
  ]);
  expect(problems).toEqual([{ where: 'Odd', reason: 'javascript:alert(1) is no web address' }]);
});

test('what is written is read again', () => {
  const sources: OpmlSource[] = [
    {
      kind: 'feed',
      url: 'https://a.test/?x=1&y=2',
      name: 'A & "B"',
      publisher: 'Other',
      weight: 2.5,
      intervalSeconds: 600,
      language: 'de',
      topics: ['One', 'Two'],
    },
    {
      kind: 'sitemap',
      url: 'https://b.test/sitemap.xml',
      name: 'B',
      publisher: undefined,
      weight: undefined,
      intervalSeconds: 900,
      language: undefined,
      topics: [],
    },
    {
      kind: 'page',
      url: 'https://c.test/',
      name: 'C',
      publisher: undefined,
      weight: undefined,
      intervalSeconds: 900,
      language: undefined,
      topics: ['x'],
    },
  ];
  expect(parseOpml(writeOpml(sources, new Date('2026-11-24'))).sources).toEqual(sources);
});

test('what is no OPML says so', () => {
  expect(() => parseOpml('<html>no</html>')).toThrow(
    'This is no OPML file. It begins with: "<html>no</html>"',
  );
  expect(() => parseOpml('')).toThrow('This is no OPML file.');
});

test('without a source a list is written that is empty', () => {
  const opml = writeOpml([], new Date('2026-11-24T08:00:00Z'));
  expect(opml).toContain('<dateCreated>Tue, 24 Nov 2026 08:00:00 GMT</dateCreated>');
  expect(opml).toMatch(/<body\/>\s*<\/opml>\s*$/);
});
