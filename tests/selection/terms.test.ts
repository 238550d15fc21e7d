import { expect, test } from 'vitest';
import { addressWords } from '../../src/selection/address-words.ts';
import { baseLanguage, termsOf } from '../../src/selection/terms.ts';

const texts = (text: string, language: string | null) => termsOf(text, language).map((term) => term.text);

test.each([
  ['en', 'The Harbours’ bridges, and Marlow’s bridge', ['harbour', 'bridge', 'marlow', 'bridge']],
  ['de', 'Die Bürgermeisterin und der Bürgermeister', ['burger', 'burger']],
  ['fr', 'L’accord des ministres, d’accord avec le ministre', ['accord', 'minist', 'accord', 'minist']],
  ['es', 'Los panaderos de la panadería', ['panade', 'panade']],
  ['pt', 'Os padeiros compraram a padaria', ['padeir', 'compra', 'padari']],
  ['it', 'Dell’accordo tra i fornai', ['accord', 'fornai']],
  [
    'ru',
    'Забастовка поездов и забастовки на железной дороге',
    ['забаст', 'поездо', 'забаст', 'железн', 'дороге'],
  ],
  ['ar', 'العاصفة والميناء', ['عاصفة', 'ميناء']],
  ['zh', '中国央行宣布降息', ['中国', '央行', '宣布', '降', '息']],
])('words of %s are split, folded and made alike', (language, text, expected) => {
  expect(texts(text, language)).toEqual(expected);
});

test('the pattern for scripts with spaces splits as Unicode’s segmenter does', () => {
  const samples: [string, string][] = [
    ['en', "Fed's Plosser: 1,204.5 points, says U.S. weather isn't to blame (again) – user@site 24/7"],
    ['de', 'Das 3,5-Milliarden-Paket: „Wir können’s“, sagt er.'],
    ['fr', 'Aujourd’hui, l’été s’achève : 12,5 % d’eau en moins'],
    ['ru', 'Центробанк сохранил ставку на уровне 16,0% — впервые с 2020-го'],
    ['ar', 'أعلن البنك، اليوم، عن خطة قيمتها 2.5 مليار'],
  ];
  for (const [language, text] of samples) {
    const segments = [...new Intl.Segmenter(language, { granularity: 'word' }).segment(text)];
    const words = segments.filter(({ isWordLike }) => isWordLike).map(({ segment }) => segment);
    const found = termsOf(text, 'xx').map(({ surface }) => surface);
    // Single Latin letters tell nothing, and are left out.
    expect(found).toEqual(words.filter((word) => !/^[a-z]$/i.test(word)));
  }
});

test('names and numbers are told from other words, unless the whole headline has capitals', () => {
  const entities = (text: string, language = 'en') =>
    termsOf(text, language).flatMap(({ surface, entity }) => (entity ? [surface] : []));
  expect(entities('Bakers in Aldermoor hire 11 people, says NATO')).toEqual(['Aldermoor', '11', 'NATO']);
  expect(entities('Eleven Bakers Hire Eleven Bakers')).toEqual([]);
  expect(entities('Der Bäcker aus Aldermoor', 'de')).toEqual([]);
});

test('odd languages and texts give what words they have', () => {
  expect(texts('harbour bridge', 'not a language')).toEqual(['harbour', 'bridge']);
  expect(texts('', 'en')).toEqual([]);
  expect(texts('\u202e\u0000 — … 😀', 'en')).toEqual([]);
  expect(baseLanguage('pt-BR')).toBe('pt');
  expect(baseLanguage('und')).toBeNull();
  expect(baseLanguage(null)).toBeNull();
});

test('an address gives the words of its sentence, and nothing else', () => {
  expect(
    addressWords('https://a.example.com/news/2026/11/24/harbour-bridge-reopens-1204.html?utm=x-y-z'),
  ).toBe('harbour bridge reopens 1204');
  expect(addressWords('https://a.example.com/id/8f3a-99b2-77c1-00aa')).toBe('');
  expect(addressWords('https://a.example.com/about-us')).toBe('');
  expect(addressWords('https://a.example.com/%E0%A4%A')).toBe('');
  expect(addressWords('no address')).toBe('');
  expect(addressWords(null)).toBe('');
});
