import { expect, test } from 'vitest';
import { decodeWords, header, readMime } from '../../src/feedback/mime.ts';

const read = (...lines: string[]) => readMime(Buffer.from(lines.join('\r\n')));

test('parts come in order, decoded, however deep they are', () => {
  const { parts } = read(
    'Content-Type: multipart/mixed; boundary=outer',
    '',
    'for old readers',
    '--outer',
    'Content-Type: multipart/alternative; boundary="inner"',
    '',
    '--inner',
    'Content-Type: text/plain; charset=iso-8859-1',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    'caf=E9 and a soft=',
    ' break',
    '--inner--',
    '--outer',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: base64',
    '',
    Buffer.from('çà et là').toString('base64'),
    '--outer--',
  );
  expect(parts.map((part) => part.text.trim())).toEqual(['café and a soft break', 'çà et là']);
});

test('a returned message stays one part', () => {
  const { parts } = read(
    'Content-Type: multipart/report; boundary=a',
    '',
    '--a',
    'Content-Type: message/rfc822',
    '',
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    '',
    'hello',
    '--b--',
    '--a--',
  );
  expect(parts).toHaveLength(1);
  expect(parts[0]?.type).toBe('message/rfc822');
});

test('parts are found by their headers where the boundary is not declared or is another', () => {
  const { parts } = read(
    'Subject: x',
    '',
    'notice',
    '--other',
    'Content-Type: message/delivery-status',
    '',
    'Status: 5.1.1',
  );
  expect(parts.map((part) => part.type)).toEqual(['message/delivery-status']);
});

test('folded headers are one value, and damage between headers is skipped', () => {
  const { headers } = read('Subject: one', '\ttwo', 'this is no header', 'From: a@b.test', '', 'body');
  expect(header(headers, 'subject')).toBe('one two');
  expect(header(headers, 'from')).toBe('a@b.test');
});

test('encoded words are read, also when a line break splits them', () => {
  expect(decodeWords('=?utf-8?Q?F=C3=BCnf_?= =?utf-8?B?TWVsZHVuZ2Vu?=')).toBe('Fünf Meldungen');
  expect(decodeWords('=?no-such-charset?Q?plain?=')).toBe('plain');
});
