import { expect, test } from 'vitest';
import {
  ageInWords,
  catalogueFor,
  dayInWords,
  languages,
  letterTexts,
  missingTexts,
} from '../../src/rendering/words.ts';

test.each([...languages])('%s has every text, and every plural that its rules ask for', (language) => {
  expect(missingTexts(language)).toEqual([]);
});

test('there are catalogues for the languages we promise', () => {
  expect([...languages].sort()).toEqual(['ar', 'de', 'en', 'es', 'fr', 'it', 'ja', 'pt']);
});

test('a language without a catalogue gets English, and says what is missing', () => {
  expect(catalogueFor('is').words.view).toBe('View in browser');
  expect(missingTexts('is')).toContain('words.view');
  expect(missingTexts('is')).toContain('coverage.one');
});

test('every text fills what the English one fills', () => {
  for (const language of languages) {
    const frame = catalogueFor(language);
    const why = frame.why('The Post', 'ada@example.com');
    expect(why).toContain('The Post');
    expect(why).toContain('ada@example.com');
    expect(frame.greeting('Ada')).toContain('Ada');
    for (const days of [0, 1, 2, 3, 7, 11, 100]) {
      for (const name of ['confirm', 'welcome', 'preferences', 'goodbye', 'stay'] as const) {
        const texts = Object.values(letterTexts(name, language, { list: 'The Post', days }));
        expect(texts.filter((text) => /[{}]/.test(text))).toEqual([]);
      }
    }
  }
});

test('plurals follow the rules of the language', () => {
  const ar = catalogueFor('ar');
  expect(ar.coverage(2)).toBe('أوردته جهتا نشر');
  expect(ar.coverage(6)).toContain('جهات');
  expect(ar.coverage(11)).not.toContain('جهات');
  expect(catalogueFor('de').coverage(1)).toBe('1 Medium berichtet');
  expect(catalogueFor('ja').coverage(3)).toBe('3社が報道');
});

test('what looks like a pattern in a name stays as it is', () => {
  expect(catalogueFor('en').greeting('$& {email}')).toBe('Hello $& {email},');
});

test('addresses in right-to-left sentences keep their own direction', () => {
  expect(catalogueFor('ar-EG').why('Post', 'ada@example.com')).toContain('\u2068ada@example.com\u2069');
});

test('days and ages are written in the language, whatever the tag', () => {
  const at = new Date('2026-11-24T07:00:00Z');
  expect(dayInWords(at, 'de', 'Europe/Berlin')).toBe('Dienstag, 24. November 2026');
  expect(dayInWords(at, 'ja', 'Asia/Tokyo')).toContain('2026年11月24日');
  expect(ageInWords(new Date('2026-11-24T02:00:00Z'), at, 'pt')).toBe('há 5 horas');
  expect(ageInWords(new Date('2026-11-24T02:00:00Z'), at, '???')).toBe('5 hours ago');
});
