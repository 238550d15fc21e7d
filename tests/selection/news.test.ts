import { expect, test } from 'vitest';
import type { Candidate } from '../../src/selection/candidate.ts';
import { newsSince } from '../../src/selection/news.ts';

let id = 0;
const report = (publisher: string, title: string, bodyText = ''): Candidate => ({
  id: ++id,
  storylineId: 1,
  title,
  dek: '',
  bodyText,
  url: 'https://news.example/',
  imageUrl: null,
  imageAlt: null,
  publisher,
  author: null,
  language: 'en',
  topics: [],
  publishedAt: 0,
  firstSeenAt: 0,
  sourcePosition: null,
  sourceWeight: 1,
  contentHash: String(id),
});
const before = [
  report('A', 'Ferry runs aground off Dunhaven', 'A ferry with 300 people aboard ran aground off Dunhaven.'),
];

test('the sentence that several new reports bear out is what is new', () => {
  const { sentence, words } = newsSince(
    before,
    [
      report(
        'A',
        'Ferry off Dunhaven',
        'The ferry ran aground. Tug Resolute pulled the ferry free at high water on Tuesday.',
      ),
      report(
        'B',
        'Ferry afloat',
        'Tug Resolute pulled it free. The company Brightline offered tea to everyone on board.',
      ),
    ],
    'Dunhaven ferry afloat again',
  );
  expect(sentence).toBe('Tug Resolute pulled the ferry free at high water on Tuesday.');
  expect(words).toContain('Resolute');
  expect(words).not.toContain('Brightline');
});

test('nothing is new in what repeats the known, or the title above it', () => {
  expect(
    newsSince(before, [report('B', 'Ferry ran aground off Dunhaven')], 'Ferry aground').sentence,
  ).toBeNull();
  const title = 'Captain charged over grounded ferry';
  expect(newsSince(before, [report('B', title)], title).sentence).toBeNull();
});

test('a language that is none, and a text of half a sentence, do no harm', () => {
  const odd = { ...report('B', 'Neues von der Fähre', 'Der Schlepper zog die Fähre'), language: 'x-klingon' };
  expect(newsSince(before, [odd], 'Fähre').sentence).toBe('Neues von der Fähre');
});
