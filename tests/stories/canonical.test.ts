import fc from 'fast-check';
import { expect, test } from 'vitest';
import { urlKey } from '../../src/stories/canonical.ts';

test.each([
  'https://example.com/news/bridge',
  'http://example.com/news/bridge',
  'https://www.example.com/news/bridge/',
  'https://m.example.com/news/bridge',
  'https://mobile.example.com/news/bridge',
  'https://amp.example.com/news/bridge',
  'https://EXAMPLE.com:443/news/bridge',
  'http://example.com:80/news/bridge#comments',
  'https://example.com/news/bridge/amp',
  'https://example.com/news/bridge/amp/',
  'https://example.com/amp/news/bridge',
  'https://example.com/news/bridge?amp=1',
  'https://example.com/news/bridge?outputType=amp',
  'https://example.com/news/bridge/index.html',
  'https://example.com/news//bridge',
  'https://example.com/ne%77s/bridge',
  'https://example.com/news/bridge?utm_source=x&utm_medium=y',
  'https://example.com/news/bridge?fbclid=1&gclid=2&mc_cid=3&ref=home&cmpid=4&ito=5&UTM_Campaign=z',
  'https://user:pass@example.com./news/bridge?',
  'https://example-com.cdn.ampproject.org/c/s/example.com/news/bridge',
  'https://www.google.com/amp/s/example.com/news/bridge',
])('%s is the same article', (url) => {
  expect(urlKey(url)).toBe('example.com/news/bridge');
});

test.each([
  ['https://example.com/?p=12', 'https://example.com/?p=13'],
  ['https://example.com/Story', 'https://example.com/story'],
  ['https://example.com:8080/a', 'https://example.com/a'],
  ['https://blog.example.com/a', 'https://example.com/a'],
  ['https://example.com/a%2Fb', 'https://example.com/a/b'],
  ['https://example.com/stamp', 'https://example.com/st'],
])('%s is another article than %s', (one, other) => {
  expect(urlKey(one)).not.toBe(urlKey(other));
});

test('what parameters mean does not depend on their order', () => {
  expect(urlKey('https://example.com/a?b=2&a=1&utm_id=9')).toBe('example.com/a?a=1&b=2');
  expect(urlKey('https://example.com/a?a=1&b=2')).toBe('example.com/a?a=1&b=2');
});

test('accents count the same, encoded or not', () => {
  expect(urlKey('https://example.com/caf%C3%A9')).toBe(urlKey('https://example.com/café'));
});

test('a short domain is not taken for a prefix', () => {
  expect(urlKey('https://m.test/a')).toBe('m.test/a');
});

test('a key fits into an index, however long the address', () => {
  const long = `https://example.com/${'a'.repeat(10_000)}`;
  expect(urlKey(long).length).toBeLessThan(2_001);
  expect(urlKey(long)).not.toBe(urlKey(`${long}b`));
});

const piece = fc.oneof(
  fc.constantFrom(
    'www.',
    'm.',
    'amp',
    '/amp',
    '.amp.html',
    'index.html',
    '%',
    '%2F',
    '%7e',
    '?',
    '&',
    '=',
    '#',
    '//',
    ':80',
    ':443',
    '@',
    'utm_x=1',
    'google.com/amp/s/',
    'x.cdn.ampproject.org/c/s/',
    '.',
    '..',
    '[::1]',
    'https://',
    'http:',
    ' ',
    '+',
    "'",
  ),
  fc.string({ unit: 'binary', maxLength: 6 }),
);
const anything = fc.oneof(
  fc.webUrl({ withFragments: true, withQueryParameters: true }),
  fc.string({ unit: 'binary' }),
  fc.array(piece, { maxLength: 12 }).map((parts) => parts.join('')),
  fc.array(piece, { maxLength: 12 }).map((parts) => `https://example.com/${parts.join('')}`),
);

test('a key never changes when it is made again, and making one never throws', () => {
  fc.assert(
    fc.property(anything, (text) => {
      const key = urlKey(text);
      expect(urlKey(key)).toBe(key);
    }),
    { numRuns: 5_000 },
  );
});
