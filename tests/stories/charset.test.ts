import iconv from 'iconv-lite';
import { expect, test } from 'vitest';
import { decodeText } from '../../src/stories/charset.ts';

const text = 'Über die Brücke – “naïve” façades in Łódź';

test.each([
  ['a UTF-8 byte order mark', Buffer.from(`\ufeff${text}`), undefined],
  ['a UTF-16 byte order mark', iconv.encode(text, 'utf-16le', { addBOM: true }), 'text/plain; charset=utf-8'],
  ['the header', iconv.encode(text, 'utf-16be'), 'text/plain; charset="UTF-16BE"'],
  ['nothing but being valid UTF-8', Buffer.from(text), undefined],
  [
    'validity, where the header says ISO-8859-1 by default',
    Buffer.from(text),
    'text/html; charset=ISO-8859-1',
  ],
])('the charset is taken from %s', (_, bytes, contentType) => {
  expect(decodeText(bytes, contentType).text).toBe(text);
});

test('the charset is taken from an XML declaration', () => {
  const xml = '<?xml version="1.0" encoding="windows-1252"?><t>“naïve” – €5</t>';
  expect(decodeText(iconv.encode(xml, 'windows-1252')).text).toBe(xml);
});

test('ISO-8859-1 is read as Windows-1252, as browsers do', () => {
  const html = '<meta charset="iso-8859-1"><p>“naïve” – €5</p>';
  expect(decodeText(iconv.encode(html, 'windows-1252')).text).toBe(html);
});

test('UTF-16 without a mark is seen by its zero bytes', () => {
  const xml = '<?xml version="1.0" encoding="utf-16"?><t>façade</t>';
  expect(decodeText(iconv.encode(xml, 'utf-16le', { addBOM: false })).text).toBe(xml);
  expect(decodeText(iconv.encode(xml, 'utf-16be', { addBOM: false })).text).toBe(xml);
});

test('a charset that nobody declares is guessed', () => {
  const russian = 'Мэр города открыл новый мост через реку в субботу утром. Жители пришли на набережную.';
  expect(decodeText(iconv.encode(russian, 'windows-1251')).text).toBe(russian);
});

test('one broken byte does not spoil the accents of a text in UTF-8', () => {
  const bytes = Buffer.concat([
    Buffer.from('Brücke über den Fluß '),
    Buffer.from([0xff]),
    Buffer.from(' ende'),
  ]);
  expect(decodeText(bytes).text).toBe('Brücke über den Fluß \ufffd ende');
});

test('an unknown charset is passed over', () => {
  expect(decodeText(Buffer.from('plain'), 'text/html; charset=klingon').text).toBe('plain');
});
