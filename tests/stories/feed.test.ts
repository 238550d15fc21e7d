import { expect, test } from 'vitest';
import { parseFeed } from '../../src/stories/feed.ts';
import { rss } from './serve.ts';

const url = 'https://herald.example.com/feeds/news.xml';
const only = (text: string) => {
  const { stories } = parseFeed(text, url);
  expect(stories).toHaveLength(1);
  return stories[0]!;
};

test('RSS 2.0 with everything', () => {
  const story = only(`<?xml version="1.0"?>
<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>Harbour &amp; Herald</title><link>https://herald.example.com/</link><language>en-gb</language>
<item><title>Bridge &amp;amp; tunnel <![CDATA[<b>open</b>]]></title><link>/bridge?a=1&amp;b=2</link>
<guid isPermaLink="false">b-1</guid><pubDate>Tue, 24 Nov 2026 08:00:00</pubDate>
<description><![CDATA[<p>The bridge &amp; the tunnel opened.</p>]]></description>
<content:encoded><![CDATA[<p>The bridge opened.</p><p>So did the tunnel.</p>]]></content:encoded>
<dc:creator>Ines Talbot</dc:creator><category>Local</category><category>Transport</category>
<media:group><media:content url="/small.jpg" medium="image" width="100"/><media:content url="/large.jpg" medium="image" width="900"><media:description>The bridge</media:description></media:content><media:content url="/film.mp4" type="video/mp4" width="2000"/></media:group>
</item></channel></rss>`);
  expect(story).toMatchObject({
    url: 'https://herald.example.com/bridge?a=1&b=2',
    guid: 'b-1',
    title: 'Bridge & tunnel open',
    dek: 'The bridge & the tunnel opened.',
    bodyText: 'The bridge opened.\n\nSo did the tunnel.',
    imageUrl: 'https://herald.example.com/large.jpg',
    imageAlt: 'The bridge',
    author: 'Ines Talbot',
    language: 'en-gb',
    topics: ['Local', 'Transport'],
    publishedAt: new Date('2026-11-24T08:00:00Z'),
    position: 0,
  });
  expect(parseFeed(rss(), url)).toMatchObject({ title: 'Harbour Herald', stories: [] });
});

test.each([
  ['a thumbnail', '<media:thumbnail xmlns:media="http://search.yahoo.com/mrss/" url="/p.jpg"/>'],
  ['an enclosure', '<enclosure url="/p.jpg" type="image/jpeg" length="1"/>'],
  ['iTunes', '<itunes:image xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" href="/p.jpg"/>'],
  ['the first picture of the text', '<description>&lt;img src="/p.jpg"&gt; text</description>'],
])('the picture is taken from %s', (_, xml) => {
  const feed = rss(`<item><title>t</title><link>https://e.test/1</link>${xml}</item>`);
  expect(only(feed).imageUrl).toBe('https://herald.example.com/p.jpg');
});

test('a sound is no picture', () => {
  const feed = rss(
    '<item><title>t</title><link>/1</link><enclosure url="/p.mp3" type="audio/mpeg" length="1"/></item>',
  );
  expect(only(feed).imageUrl).toBeUndefined();
});

test('a permalink GUID serves where there is no link', () => {
  expect(only(rss('<item><title>t</title><guid>https://e.test/1</guid></item>')).url).toBe(
    'https://e.test/1',
  );
  expect(
    only(rss('<item><title>t</title><guid isPermaLink="false">https://e.test/1</guid></item>')).url,
  ).toBeUndefined();
});

test('a long description is the article', () => {
  const paragraphs = Array.from(
    { length: 20 },
    (_, index) => `<p>Paragraph ${index} of a long description, all about the harbour bridge.</p>`,
  );
  const story = only(
    rss(
      `<item><title>t</title><link>/1</link><description><![CDATA[${paragraphs.join('')}]]></description></item>`,
    ),
  );
  expect(story.bodyText?.split('\n\n')).toHaveLength(20);
  expect(story.dek).toBe('Paragraph 0 of a long description, all about the harbour bridge.');
});

test('RSS 0.91', () => {
  const story = only(
    '<rss version="0.91"><channel><title>x</title><item><title>Old</title><link>https://e.test/1</link></item></channel></rss>',
  );
  expect(story).toMatchObject({ title: 'Old', url: 'https://e.test/1' });
});

test('RDF (RSS 1.0)', () => {
  const story = only(
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://e.test/"><title>R</title><link>https://e.test/</link></channel><item rdf:about="https://e.test/1"><title>One</title><link>https://e.test/1</link><dc:date>2026-11-24</dc:date><dc:creator>Ann</dc:creator></item></rdf:RDF>',
  );
  expect(story).toMatchObject({
    title: 'One',
    url: 'https://e.test/1',
    author: 'Ann',
    publishedAt: new Date('2026-11-24'),
  });
});

test('Atom, with xml:base and escaped HTML', () => {
  const story =
    only(`<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://atom.example.com/x/" xml:lang="de">
<title>A</title><author><name>Feed Author</name></author><entry><title type="html">&lt;i&gt;Brücke&lt;/i&gt; &amp;amp; Tunnel</title>
<link rel="self" href="self"/><link rel="alternate" href="bruecke"/><link rel="enclosure" type="image/png" href="b.png"/><id>tag:1</id>
<published>2026-11-24T08:00:00+01:00</published><updated>2026-11-25T08:00:00Z</updated>
<summary>Weniger als 5 &lt; 6</summary><content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Eins</p><p>Zwei</p></div></content></entry></feed>`);
  expect(story).toMatchObject({
    url: 'https://atom.example.com/x/bruecke',
    guid: 'tag:1',
    title: 'Brücke & Tunnel',
    dek: 'Weniger als 5 < 6',
    bodyText: 'Eins\n\nZwei',
    imageUrl: 'https://atom.example.com/x/b.png',
    author: 'Feed Author',
    language: 'de',
    publishedAt: new Date('2026-11-24T07:00:00Z'),
  });
});

test('JSON Feed', () => {
  const story = only(
    JSON.stringify({
      version: 'https://jsonfeed.org/version/1.1',
      title: 'J',
      language: 'fr',
      items: [
        {
          id: '1',
          url: '/pont',
          title: 'Le pont',
          content_html: '<p>Un</p><p>Deux</p>',
          summary: 'Un pont',
          image: '/i.png',
          date_published: '2026-11-24T08:00:00Z',
          tags: ['a'],
          authors: [{ name: 'N' }],
        },
      ],
    }),
  );
  expect(story).toMatchObject({
    url: 'https://herald.example.com/pont',
    title: 'Le pont',
    dek: 'Un pont',
    bodyText: 'Un\n\nDeux',
    imageUrl: 'https://herald.example.com/i.png',
    author: 'N',
    language: 'fr',
    topics: ['a'],
  });
});

test('an HTML page is told from a feed, and its feed is named', () => {
  const page =
    '<!doctype html><html><head><link rel="alternate" type="application/rss+xml" href="/rss"></head><body>Hi</body></html>';
  expect(() => parseFeed(page, url)).toThrow(
    expect.objectContaining({
      message: expect.stringContaining(
        `What ${url} sent looks like an HTML page, not a feed. It begins with: "<!doctype html>`,
      ),
      hint: expect.stringContaining('https://herald.example.com/rss'),
    }),
  );
  expect(() => parseFeed('<html><body>Hi</body></html>', url)).toThrow(
    expect.objectContaining({ hint: expect.stringContaining('Add it as a page') }),
  );
});

test.each([
  ['Service unavailable', 'is no feed. It begins with: "Service unavailable"'],
  ['', 'is no feed. It begins with: nothing (it is empty)'],
  ['{"error":1}', 'is no feed. It begins with: "{"error":1}"'],
  ['<?xml version="1.0"?><note>x</note>', 'is no feed'],
  ['<rss version="2.0"><channel><item><title>cut', 'is broken'],
])('%s is refused with its beginning', (text, message) => {
  expect(() => parseFeed(text, url)).toThrow(message);
});

test('entities that expand a billion times stay as they are', () => {
  const levels = Array.from(
    { length: 9 },
    (_, level) => `<!ENTITY l${level + 1} "${`&l${level};`.repeat(10)}">`,
  );
  const bomb = `<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY l0 "lol">${levels.join('')}]><rss version="2.0"><channel><title>x</title><item><title>&l9;</title><link>https://e.test/1</link></item></channel></rss>`;
  expect(only(bomb).title).toBe('&l9;');
});

test('a feed that wants to load an external entity is refused', () => {
  const feed =
    '<!DOCTYPE rss [<!ENTITY xxe SYSTEM "file:///etc/passwd">]><rss version="2.0"><channel><title>x</title><item><title>&xxe;</title></item></channel></rss>';
  expect(() => parseFeed(feed, url)).toThrow('(External entities are not supported)');
});

test('what is no web address gives no link', () => {
  expect(only(rss('<item><title>t</title><link>javascript:alert(1)</link></item>')).url).toBeUndefined();
});

test('a broken date leaves the story without one', () => {
  expect(
    only(rss('<item><title>t</title><link>/1</link><pubDate>soon</pubDate></item>')).publishedAt,
  ).toBeUndefined();
});
