import { expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { parseAddress } from '../../src/subscribers/address.ts';

test.each([
  ['anna@example.com', 'anna@example.com', 'anna@example.com'],
  ['  Anna.Lee+news@Example.COM ', 'Anna.Lee+news@example.com', 'anna.lee+news@example.com'],
  ['jörg@münchen.example', 'jörg@xn--mnchen-3ya.example', 'jörg@xn--mnchen-3ya.example'],
  // The same ö, written as o and a combining mark.
  ['jo\u0308rg@example.com', 'jo\u0308rg@example.com', 'jörg@example.com'],
  ['"Anna.Lee"@example.com', 'Anna.Lee@example.com', 'anna.lee@example.com'],
  ['"ann\\a"@example.com', 'anna@example.com', 'anna@example.com'],
  ['STRASSE@example.com', 'STRASSE@example.com', 'strasse@example.com'],
  ['Straße@example.com', 'Straße@example.com', 'straße@example.com'],
  ["o'hara@example.com", "o'hara@example.com", "o'hara@example.com"],
])('%s is an address, known as itself however it is written', (text, email, key) => {
  expect(parseAddress(text)).toMatchObject({ email, key });
});

test('two spellings of one address have one hash', () => {
  expect(parseAddress('Anna@EXAMPLE.com').hash).toEqual(parseAddress('anna@example.com').hash);
  expect(parseAddress('anna@example.com').hash).toHaveLength(32);
});

test.each([
  ['', 'empty'],
  ['anna', 'no @'],
  ['@example.com', 'nothing stands before'],
  ['anna@', 'nothing stands after'],
  ['anna@@example.com', 'more than one @'],
  ['anna lee@example.com', 'a space'],
  ['"anna lee"@example.com', 'needs quotation marks'],
  ['"anna@work"@example.com', 'needs quotation marks'],
  ['"an..na"@example.com', 'needs quotation marks'],
  ['"anna@example.com', 'needs quotation marks'],
  ['.anna@example.com', 'a dot at its start'],
  ['an..na@example.com', 'two in a row'],
  ['anna(work)@example.com', 'contains "("'],
  ['Anna <anna@example.com>', 'angle brackets'],
  ['anna@localhost', 'no dot'],
  ['anna@127.0.0.1', 'by number'],
  ['anna@0x7f.1', 'by number'],
  ['anna@[127.0.0.1]', 'by number'],
  ['anna@-example.com', 'not a domain name'],
  ['anna@exam_ple.com', 'not a domain name'],
  ['anna@example..com', 'not a domain name'],
  ['anna@exa%6dple.com', 'no domain has'],
  ['anna@example.com/x', 'no domain has'],
  [`${'a'.repeat(65)}@example.com`, 'longer than 64'],
  // 33 letters, 66 bytes.
  [`${'ö'.repeat(33)}@example.com`, 'longer than 64'],
  [`a@${'b'.repeat(64)}.com`, 'not a domain name'],
  [`a@${'b.'.repeat(130)}com`, 'longer than 254'],
  ['anna@example.com\r\nBcc: all@example.com', 'a line break'],
  ['an\u0000na@example.com', 'invisible'],
  ['anna@example.com\u202e', 'invisible'],
  ['an\u200bna@example.com', 'invisible'],
])('%j is refused with the reason', (text, reason) => {
  expect(() => parseAddress(text)).toThrow(UserError);
  expect(() => parseAddress(text)).toThrow(reason);
});

test('a reason never carries control characters or a page of text', () => {
  const refuse = (text: string) => {
    try {
      parseAddress(text);
    } catch (error) {
      return (error as Error).message;
    }
    throw new Error('was taken');
  };
  expect(refuse(`x\u001b[31m${'y'.repeat(5_000)}`)).toMatch(/^[^\u001b]{1,200}$/);
});
