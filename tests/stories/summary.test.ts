import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sentencesOf, summaryOf, withoutSiteName, withoutTail } from '../../src/stories/summary.ts';

const body = (...paragraphs: string[]) => paragraphs.join('\n\n');

test('a summary is the first sentences that fit, whole', () => {
  expect(
    summaryOf(
      body(
        'The ferry Ebba crossed Kelder Strait on Monday. Forty people were on board. '.trim(),
        'More follows.',
      ),
    ),
  ).toBe('The ferry Ebba crossed Kelder Strait on Monday. Forty people were on board.');
});

test.each([
  ['a byline', 'By Ines Talbot'],
  ['a byline with a place', 'Von Hedda Lund in Aldermoor'],
  ['a caption', 'Photo: Rufus Aldane / Harbour Post'],
  ['a caption in brackets', '(Photo by Rufus Aldane)'],
  ['a call to subscribe', 'Subscribe now to our morning newsletter and never miss a story.'],
  ['a sign-up box', 'Sign up for the briefing.'],
  ['a date', 'November 24, 2026'],
  ['a copyright line', '© 2026 Harbour Post. All rights reserved.'],
  ['a subhead', 'What it cost'],
  ['the title again', 'Ferry rides the tide'],
])('%s above the text is passed over', (_what, line) => {
  const text = 'The ferry Ebba crossed Kelder Strait on Monday with forty people on board.';
  expect(summaryOf(body(line, text), { title: 'Ferry rides the tide' })).toBe(text);
});

test('a dateline is taken off', () => {
  expect(
    summaryOf('DUNHAVEN, Nov 24 (Newswire) - Train drivers accepted a raise of four percent on Monday.'),
  ).toBe('Train drivers accepted a raise of four percent on Monday.');
});

test('a sentence does not end at an abbreviation', () => {
  expect(sentencesOf('The U.S. President met Dr. Lund. They spoke.').map((each) => each.trim())).toEqual([
    'The U.S. President met Dr. Lund.',
    'They spoke.',
  ]);
});

test('a sentence that is too long ends at a word', () => {
  const summary = summaryOf(`${'unverhältnismäßig lange Wörter '.repeat(30)}.`) ?? '';
  expect(summary.length).toBeLessThanOrEqual(300);
  expect(summary).toMatch(/(?:unverhältnismäßig|lange|Wörter)…$/);
});

test('Chinese and Arabic texts have sentences too', () => {
  expect(summaryOf('渡轮周一首次横渡海峡。船上有四十人。', { language: 'zh' })).toContain(
    '渡轮周一首次横渡海峡。',
  );
  expect(
    summaryOf('عبرت العبارة المضيق يوم الاثنين للمرة الأولى. كان على متنها أربعون شخصا.', { language: 'ar' }),
  ).toMatch(/^عبرت/);
});

test('a text without a sentence has no summary', () => {
  for (const text of ['', 'Comments', 'By Ines Talbot', '\n\n\n']) expect(summaryOf(text)).toBeUndefined();
});

test('what feeds append is taken off', () => {
  expect(
    withoutTail('The ferry crossed. The post Ferry rides the tide appeared first on Harbour Post.'),
  ).toBe('The ferry crossed.');
  expect(withoutTail('The ferry crossed. […]')).toBe('The ferry crossed.');
  expect(withoutTail('The ferry crossed. Continue reading…')).toBe('The ferry crossed.');
  expect(withoutTail('Subscribe now')).toBe('');
  expect(withoutTail('They never read more than they must.')).toBe('They never read more than they must.');
});

test.each([
  ['Ferry rides the tide | Harbour Post', 'Ferry rides the tide'],
  ['Ferry rides the tide - The Harbour Post', 'Ferry rides the tide'],
  ['Harbour Post: Ferry rides the tide', 'Ferry rides the tide'],
  ['Ferry – what now? – harbour-post.example.com', 'Ferry – what now?'],
  ['Harbour Post', 'Harbour Post'],
  ['Why the Harbour Post matters', 'Why the Harbour Post matters'],
  ['Storm Odile: harbour closes', 'Storm Odile: harbour closes'],
])('%s becomes %s', (title, clean) => {
  expect(withoutSiteName(title, ['Harbour Post', 'harbour-post.example.com'])).toBe(clean);
});

test('whatever the text, a summary is short, and nothing throws', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 2000 }),
      fc.string({ maxLength: 40 }),
      (text, title) => {
        expect((summaryOf(text, { title }) ?? '').length).toBeLessThanOrEqual(300);
        withoutTail(text);
        expect(withoutSiteName(text || 'x', [title]).length).toBeGreaterThan(0);
      },
    ),
  );
});

test('a hostile text of a megabyte costs little', () => {
  for (const text of [
    'a'.repeat(1e6),
    '. '.repeat(5e5),
    'By A'.repeat(2e5),
    '[…]'.repeat(3e5),
    'A, '.repeat(3e5),
    `the post ${'x '.repeat(4e5)}`,
  ]) {
    expect((summaryOf(text) ?? '').length).toBeLessThanOrEqual(300);
    withoutTail(text.slice(0, 1000));
    withoutSiteName(text.slice(0, 500), ['Harbour Post']);
  }
});
