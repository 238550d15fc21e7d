import fc from 'fast-check';
import { simpleParser } from 'mailparser';
import { expect, test } from 'vitest';
import { assembleMessage, assembleText } from '../../src/rendering/assemble.ts';
import { compileEdition } from '../../src/rendering/compile.ts';
import { columns, fixed, flowed } from '../../src/rendering/flowed.ts';
import { catalogueFor } from '../../src/rendering/words.ts';
import {
  editionContent,
  editionStory,
  sampleEnvelope as envelope,
  sampleValues,
} from '../support/edition.ts';

const values = { ...sampleValues, email: 'ada.lovelace@analytical-engines.example.com' };

/** Puts flowed lines together as a reader's program does (RFC 3676 section 4.2). */
function unflowed(text: string, delSp = false): string {
  return text
    .split('\n')
    .map((line) => line.replace(/^ /, ''))
    .join('\n')
    .replace(/ \n/g, delSp ? '' : ' ');
}

test('a paragraph is broken at 76 columns, and comes together again', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.string({
          unit: fc.constantFrom('a', 'B', '>', 'é', '港', '🦊', '.'),
          minLength: 1,
          maxLength: 30,
        }),
        {
          minLength: 1,
          maxLength: 60,
        },
      ),
      (words) => {
        const text = words.join(' ');
        const lines = flowed(text);
        expect(unflowed(lines)).toBe(text);
        for (const line of lines.split('\n')) {
          if (line.trim().includes(' ')) expect(columns(line.trimEnd())).toBeLessThanOrEqual(77);
          expect(line).not.toMatch(/^>|^From /);
        }
      },
    ),
    { numRuns: 500 },
  );
});

test('text that writes no spaces is broken between words, and comes together without any', () => {
  const text = '嵐オディールがマーロウ湾の港に洪水をもたらし、数百人が避難した。'.repeat(6);
  const lines = flowed(text, true);
  expect(lines.split('\n').length).toBeGreaterThan(4);
  for (const line of lines.split('\n')) {
    expect(columns(line)).toBeLessThanOrEqual(78);
    expect(line).not.toMatch(/^[、。]/);
  }
  expect(unflowed(lines, true)).toBe(text);
});

test('a line that could be taken for something else is stuffed', () => {
  expect(fixed('From here on')).toBe(' From here on');
  expect(fixed('> not a quotation')).toBe(' > not a quotation');
  expect(fixed('Plain  ')).toBe('Plain');
});

test('links are numbered for each reader in the order of their stories', async () => {
  const stories = [0, 1, 2, 3, 4].map((position) => editionStory(position));
  const compiled = await compileEdition(editionContent({ stories }), { textLinks: 'numbered' });
  const text = assembleText(compiled, [[3], [0, 4], []], values);
  expect([...text.matchAll(/Story number (\d) \[(\d)\]/g)].map(([, story, link]) => [story, link])).toEqual([
    ['3', '1'],
    ['0', '2'],
    ['4', '4'],
  ]);
  expect(text).toContain('How it looked from the quay (Quay Courier) [3]');
  expect([...text.matchAll(/^\[(\d)\] (\S+)$/gm)].map(([, link, url]) => [link, url])).toEqual([
    ['1', 'https://news.example.com/stories/3?a=1&b=2'],
    ['2', 'https://news.example.com/stories/0?a=1&b=2'],
    ['3', 'https://quay.example.com/1'],
    ['4', 'https://news.example.com/stories/4?a=1&b=2'],
  ]);
  // Each message is counted from one.
  expect(assembleText(compiled, [[3], [0, 4], []], values)).toBe(text);
  expect(text).not.toMatch(/[\uE000-\uF8FF]/);
});

test.each(['en', 'ja'])('the part says how it is wrapped: %s', async (language) => {
  const compiled = await compileEdition(editionContent({ language }));
  const raw = Buffer.concat(assembleMessage(compiled, [[0], [1], [2]], values, envelope));
  expect(raw.toString('latin1')).toMatch(
    language === 'ja'
      ? /text\/plain; charset=utf-8; format=flowed; delsp=yes\r\n/
      : /text\/plain; charset=utf-8; format=flowed\r\n/,
  );
  for (const line of assembleText(compiled, [[0], [1], [2]], values).split('\n'))
    if (!line.includes('://')) expect(columns(line)).toBeLessThanOrEqual(78);
  // The parser puts the lines together again.
  expect((await simpleParser(raw)).text).toContain(
    catalogueFor(language).why('The Harbour Post', values.email),
  );
});

test('an item of “in brief” is its headline, and nothing stands between stories but room', async () => {
  const compiled = await compileEdition(editionContent());
  const text = assembleText(compiled, [[0], [1], [5]], values);
  expect(text).toContain('What story 1 is about');
  expect(text).not.toContain('What story 5 is about');
  expect(text).not.toMatch(/\n{4}/);
});
