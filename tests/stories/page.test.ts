import { expect, test } from 'vitest';
import { parsePage } from '../../src/stories/page.ts';

const url = 'https://www.herald.example.com/news/gate?utm_source=x';
const paragraphs = [
  'The port town of Marwick opened its tidal gate on Saturday, nine years after the first stone was laid and three winters after the old sea wall gave way.',
  'Some four thousand people stood along the quay to watch the two steel leaves close against the spring tide for the first time, and many stayed on until dusk.',
  'The final bill of 212 million crowns is about a third above the estimate. The state pays sixty percent, the county a quarter, and Marwick the rest.',
  'Engineers will run the gate by hand until January, when its own sensors take over, and the harbour master has asked skippers to expect closures.',
];
const article = paragraphs.map((text) => `<p>${text}</p>`).join('\n');
const page = (
  head: string,
  body = `<article><h1>Marwick opens its gate</h1>${article}</article>`,
  lang = 'en',
) =>
  `<!doctype html><html lang="${lang}"><head><title>Marwick opens its gate | Harbour Herald</title>${head}</head><body><nav><a href="/">Home</a></nav>${body}<footer>© Herald</footer></body></html>`;

test('an article comes with what the page says of itself', () => {
  const story = parsePage(
    page(`<link rel="canonical" href="/news/gate">
<meta property="og:title" content="Marwick opens its tidal gate &amp; sings">
<meta property="og:description" content="Nine years after the first stone.">
<meta property="og:image" content="/gate.jpg"><meta property="og:image:alt" content="The gate">
<meta property="og:site_name" content="Harbour Herald"><meta name="author" content="Ines Talbot">
<meta property="article:published_time" content="2026-11-24T08:00:00Z">
<meta property="article:tag" content="Harbour"><meta property="article:tag" content="Floods">`),
    url,
  );
  expect(story).toEqual({
    url: 'https://www.herald.example.com/news/gate',
    title: 'Marwick opens its tidal gate & sings',
    dek: 'Nine years after the first stone.',
    bodyText: paragraphs.join('\n\n'),
    imageUrl: 'https://www.herald.example.com/gate.jpg',
    imageAlt: 'The gate',
    author: 'Ines Talbot',
    publisher: 'Harbour Herald',
    language: 'en',
    topics: ['Harbour', 'Floods'],
    publishedAt: new Date('2026-11-24T08:00:00Z'),
  });
});

test('JSON-LD counts before other tags', () => {
  const data = {
    '@context': 'https://schema.org',
    '@graph': [
      { '@type': 'WebSite', name: 'x' },
      {
        '@type': ['NewsArticle'],
        headline: 'Gate opens',
        author: [{ name: 'Ann' }, { name: 'Bo' }],
        publisher: { name: 'The Herald' },
        image: [{ url: 'https://img.example.com/a.jpg' }],
        datePublished: '2026-11-24T09:00:00+01:00',
        keywords: ['a', 'b'],
        inLanguage: 'en-GB',
      },
    ],
  };
  expect(
    parsePage(
      page(
        `<script type="application/ld+json">{broken</script><script type="application/ld+json">${JSON.stringify(data)}</script>`,
      ),
      url,
    ),
  ).toMatchObject({
    title: 'Gate opens',
    author: 'Ann, Bo',
    publisher: 'The Herald',
    imageUrl: 'https://img.example.com/a.jpg',
    publishedAt: new Date('2026-11-24T08:00:00Z'),
    topics: ['a', 'b'],
    language: 'en-GB',
  });
});

test('comments, newsletter boxes, share bars and related links are no part of the article', () => {
  const body = `<article class="with-comments"><h1>Marwick opens its gate</h1><div class="share-bar">Share on everything</div>${article}
<div class="newsletter-signup"><p>Get the morning letter, with all the news of the harbour and of the town, every day at six o’clock, free.</p></div>
<section id="related-articles"><h2>Related articles</h2><p>Quennell wins the lantern race for the third time in a row, and says that he will be back for a fourth.</p></section>
<div class="commentList" id="comments"><h3>Comments</h3><p>I was there and I saw it, and I have to say that it was the finest evening we have had in this town for many years.</p></div></article>`;
  expect(parsePage(page('', body), url).bodyText).toBe(paragraphs.join('\n\n'));
});

test('shareholders are not taken for a share bar', () => {
  const told = `${article}<div class="shareholders"><p>${'The shareholders of the harbour company met on Monday and agreed, after a long debate, on the plan. '.repeat(2)}</p></div>`;
  expect(
    parsePage(page('', `<article><h1>Marwick opens its gate</h1>${told}</article>`), url).bodyText,
  ).toContain('shareholders of the harbour');
});

test('an AMP page is known by its canonical address', () => {
  const amp = page('<link rel="canonical" href="https://herald.example.com/news/gate">');
  expect(parsePage(amp, 'https://amp.herald.example.com/news/gate').url).toBe(
    'https://herald.example.com/news/gate',
  );
});

test.each([
  ['another site', 'https://rival.example.org/scoop'],
  ['the front page', 'https://www.herald.example.com/'],
  ['no web address', 'javascript:alert(1)'],
])('a canonical link to %s is passed over', (_, canonical) => {
  expect(parsePage(page(`<link rel="canonical" href="${canonical}">`), url).url).toBe(url);
});

test.each([
  ['a login form', '<form><input name="user"><input name="password"></form>'],
  [
    'a front page',
    `<main>${'<div><h2><a href="/a">A headline of some length about the harbour bridge that is a link to an article</a></h2></div>'.repeat(40)}</main>`,
  ],
  ['nothing', ''],
])('a page with %s has no article, and says so', (_, body) => {
  expect(() => parsePage(page('', body), url)).toThrow(
    expect.objectContaining({ message: `There is no article on the page ${url}.`, code: 'no-article' }),
  );
});

test('a page that calls itself an article counts, even if its text is behind a wall', () => {
  const story = parsePage(
    page(
      '<meta property="og:type" content="article"><meta property="og:description" content="Nine years after the first stone.">',
      '<h1>Gate</h1><p>Subscribe to read.</p>',
    ),
    url,
  );
  expect(story).toMatchObject({ dek: 'Nine years after the first stone.', bodyText: undefined });
});

test('without a description, the lead is the dek', () => {
  expect(parsePage(page(''), url).dek).toBe(paragraphs[0]);
});

test('a page that nests tags without end is refused quickly', () => {
  expect(() => parsePage(page('', '<div>'.repeat(20_000)), url)).toThrow('cannot be read: it nests tags');
});

test('an article within a form that the server sets around the whole page is read', () => {
  const says = '<meta property="og:type" content="article">';
  const story = parsePage(
    page(says, `<form id="aspnetForm"><h1>Marwick opens its gate</h1>${article}</form>`),
    url,
  );
  expect(story.bodyText).toContain(paragraphs[3]);
  const asking = parsePage(
    page(
      says,
      `<h1>Marwick opens its gate</h1>${article}<form><p>Write to us about it: we read all that comes, and answer some.</p></form>`,
    ),
    url,
  );
  expect(asking.bodyText).not.toContain('Write to us');
});

test('dates, bylines, rights and links to other pages between the paragraphs are left out', () => {
  const noise = [
    'By Ines Talbot and Jo van der Meer | Harbour Herald',
    'Published Nov 18, 2026 at 4:07 PM',
    'Continue reading below',
    'SEE MORE: The old wall, ten years on',
    '© 2026 Harbour Herald. All rights reserved',
  ];
  const kept = 'By Saturday night the quay was empty again, and the gate stood open to the tide.';
  const [first, ...others] = paragraphs as [string, ...string[]];
  const body = [noise[0], noise[1], first, kept, noise[2], ...others, noise[3], noise[4]]
    .map((text) => `<p>${text}</p>`)
    .join('');
  const story = parsePage(page('', `<article><h1>Marwick opens its gate</h1>${body}</article>`), url);
  for (const line of noise) expect(story.bodyText).not.toContain(line);
  for (const line of [...paragraphs, kept]) expect(story.bodyText).toContain(line);
});

test('what follows "More news from" is no part of the article', () => {
  const more = '<h3>More news from the coast</h3><p>Storm Odile nears</p><p>Ferry aground off Dunhaven</p>';
  const story = parsePage(
    page('', `<article><h1>Marwick opens its gate</h1>${article}${more}</article>`),
    url,
  );
  expect(story.bodyText).not.toMatch(/Odile|More news/);
});
