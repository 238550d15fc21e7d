import { expect, test } from 'vitest';
import { takeIn } from '../../src/stories/intake.ts';
import { detectLanguages } from '../../src/stories/language.ts';
import { createTestContext } from '../support/context.ts';

const spoken = (title: string, dek = '') => ({ title, dek, bodyText: '' });

test.each([
  [
    'en',
    'Harbour bridge reopens after repairs',
    'Ferries go back to their old timetable on Monday, the council says.',
  ],
  [
    'de',
    'Hafenbrücke nach der Reparatur wieder geöffnet',
    'Die Fähren fahren ab Montag wieder nach dem alten Plan.',
  ],
  ['fr', 'Le pont du port rouvre après les travaux', 'Les bacs reprennent leurs anciens horaires dès lundi.'],
  ['es', 'El puente del puerto reabre tras las obras', 'Los transbordadores vuelven el lunes a su horario.'],
  ['pt', 'Ponte do porto reabre depois das obras', 'As balsas voltam na segunda-feira aos antigos horários.'],
  ['it', 'Il ponte del porto riapre dopo i lavori', 'I traghetti tornano lunedì agli orari di prima.'],
  ['ru', 'Мост в порту открыли после ремонта', 'Паромы с понедельника ходят по прежнему расписанию.'],
  ['ar', 'إعادة فتح جسر الميناء بعد الإصلاح', 'تعود العبارات إلى مواعيدها القديمة يوم الاثنين.'],
  ['zh', '港口大桥维修后重新开放', '渡轮周一恢复原来的时刻表。'],
])('a text in %s is told', async (language, title, dek) => {
  expect(await detectLanguages([spoken(title, dek)], false)).toEqual([language]);
});

test('a short headline is taken to be in the language of its source', async () => {
  const stories = [
    spoken('Harbour bridge reopens after repairs', 'Ferries go back to their old timetable on Monday.'),
    spoken('Council votes for free buses on Sundays'),
    spoken('Storm leaves thousands without power'),
    spoken('Titanfall Review'),
  ];
  expect(await detectLanguages(stories, true)).toEqual(['en', 'en', 'en', 'en']);
});

test('a text without words is in no language', async () => {
  expect(await detectLanguages([spoken('12:30')], false)).toEqual([null]);
  expect(await detectLanguages([], true)).toEqual([]);
});

test('a story that says its language keeps it, and one that does not gets one', async () => {
  const context = await createTestContext();
  const { added } = await takeIn(context, [
    {
      url: 'https://a.example.com/1',
      title: 'El puente del puerto reabre tras las obras',
      bodyText: 'Los transbordadores vuelven el lunes.',
    },
    { url: 'https://a.example.com/2', title: 'Fiesta', language: 'en-GB' },
  ]);
  const rows = await context.db
    .selectFrom('stories')
    .select('language')
    .where('id', 'in', added)
    .orderBy('url')
    .execute();
  expect(rows.map((row) => row.language)).toEqual(['es', 'en-GB']);
});
