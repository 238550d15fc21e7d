import { expect, test } from 'vitest';
import { firstImage, htmlToLine, htmlToText, parseHtml } from '../../src/stories/html.ts';

test.each([
  ['Tom &amp; Jerry', 'Tom & Jerry'],
  ['Tom &amp;amp; Jerry', 'Tom & Jerry'],
  ['It&amp;#8217;s <b>here</b>', 'It’s here'],
  ['&lt;em&gt;Late&lt;/em&gt; train', 'Late train'],
  ['&amp;lt;em&amp;gt;Late&amp;lt;/em&amp;gt; train', 'Late train'],
  ['How to use the &lt;video&gt; tag', 'How to use the <video> tag'],
  ['5 < 6 and 7 > 3', '5 < 6 and 7 > 3'],
  ['AT&T', 'AT&T'],
  ['a<script>alert(1)</script>b', 'ab'],
  ['  two\n lines&nbsp;here ', 'two lines here'],
  ['&c;', '&c;'],
])('%s is read as %s', (html, line) => {
  expect(htmlToLine(html)).toBe(line);
});

test('paragraphs, headings, lists and double line breaks part a text', () => {
  expect(
    htmlToText('<h2>Head</h2><p>One<br>line</p><ul><li>a</li><li>b</li></ul>x<br><br>y<style>p{}</style>'),
  ).toBe('Head\n\nOne line\n\na\n\nb\n\nx\n\ny');
});

test('plain text keeps its paragraphs', () => {
  expect(htmlToText('One &amp; two\nthree\n\nfour')).toBe('One & two three\n\nfour');
});

test('the first real picture counts, not a tracking pixel', () => {
  expect(
    firstImage(
      '<img src="https://t.test/p.gif" width="1" height="1"><img src="data:image/png;base64,x"><img src="/a.jpg" alt=" A quay ">',
    ),
  ).toEqual({ src: '/a.jpg', alt: 'A quay' });
  expect(firstImage('<p>none</p>')).toBeUndefined();
});

test.each([
  ['deep', '<div>'.repeat(5_000), /nests tags/],
  ['large', '<a>'.repeat(200_000), /more than 30000 tags/],
])(
  'HTML that is too %s to work on is refused by the parser, and its text is taken all the same',
  (_, tags, message) => {
    expect(() => parseHtml(`${tags}text`)).toThrow(message);
    expect(htmlToText(`${tags}text`)).toBe('text');
  },
);

test('a page without html, head and body tags has a body', () => {
  expect(parseHtml('<title>T</title><p>x').body.textContent).toContain('x');
  expect(parseHtml('<html><head><title>T</title></head><p>x</html>').body.textContent).toContain('x');
});
