import { expect, test } from 'vitest';
import { german as germanMails } from '../../src/rendering/languages/de.ts';
import { spanish as spanishMails } from '../../src/rendering/languages/es.ts';
import { french as frenchMails } from '../../src/rendering/languages/fr.ts';
import { italian as italianMails } from '../../src/rendering/languages/it.ts';
import { portuguese as portugueseMails } from '../../src/rendering/languages/pt.ts';
import { languages } from '../../src/rendering/words.ts';
import { arabic } from '../../src/web/words/ar.ts';
import { german } from '../../src/web/words/de.ts';
import { english } from '../../src/web/words/en.ts';
import { spanish } from '../../src/web/words/es.ts';
import { french } from '../../src/web/words/fr.ts';
import { italian } from '../../src/web/words/it.ts';
import { japanese } from '../../src/web/words/ja.ts';
import { portuguese } from '../../src/web/words/pt.ts';
import type { PageTexts } from '../../src/web/words/texts.ts';
import { acceptedLanguage, languageNames, pageWords, untilInWords } from '../../src/web/words/words.ts';
import { startBrandedSite } from './branded-site.ts';
import { read } from './site.ts';

const catalogues: Record<string, PageTexts> = {
  ar: arabic,
  de: german,
  es: spanish,
  fr: french,
  it: italian,
  ja: japanese,
  pt: portuguese,
};
const values = (text: string) => (text.match(/\{\w+\}/g) ?? []).toSorted();

// How each language speaks to a person, on pages and in mails alike: what would be the other way.
const otherWay: Record<string, [texts: object[], pattern: RegExp]> = {
  de: [[german, germanMails], /(?<!\p{L})(du|dir|dich|dein\p{L}*|Knopf)(?!\p{L})/u],
  es: [
    [spanish, spanishMails],
    /(?<!\p{L})(tú|tu|tus|te|ti|contigo|puedes|quieres|tienes|has|haz)(?!\p{L})/iu,
  ],
  fr: [[french, frenchMails], /(?<!\p{L})(tu|te|ton|ta|tes|courriel)(?!\p{L})| [?!:;»]|« /u],
  it: [[italian, italianMails], /(?<!\p{L})(Lei|Suo|Sua|Suoi|vostr[oaie]|disiscriv\p{L}+)(?!\p{L})/u],
  pt: [
    [portuguese, portugueseMails],
    /(?<!\p{L})(si|lhes|subscri\p{L}+|subscrev\p{L}+|partilh\p{L}+|boletim|carregue)(?!\p{L})/iu,
  ],
};

test.each(Object.entries(otherWay))('%s speaks to people in one way', (_, [catalogues, pattern]) => {
  const said = (texts: object): string[] =>
    Object.values(texts).flatMap((text) => (typeof text === 'string' ? [text] : said(text)));
  expect(catalogues.flatMap(said).filter((text) => pattern.test(text))).toEqual([]);
});

test.each(Object.entries(catalogues))('%s says all that English says, with the same put in', (_, texts) => {
  expect(Object.keys(texts)).toEqual(Object.keys(english));
  for (const [key, text] of Object.entries(english)) {
    const own = texts[key as keyof PageTexts];
    expect(own.trim()).not.toBe('');
    expect([key, values(own)]).toEqual([key, values(text)]);
    // A sentence that was left in English; a few short words are the same.
    if (text.length > 12) expect(own).not.toBe(text);
  }
});

test('the pages speak the languages that the mails speak', () => {
  expect(Object.keys(catalogues).concat('en').toSorted()).toEqual([...languages].toSorted());
  expect(languageNames.map(([tag]) => tag)).toEqual([...languages].toSorted());
  expect(pageWords('ar')('stopOne', { list: 'The Post' })).toContain('\u2068The Post\u2069');
  expect(pageWords('is')('save')).toBe('Save');
  expect(pageWords('en')('stopOne', { list: '$& {list}' })).toBe('Stop getting $& {list}?');
  expect(untilInWords(61, 'de')).toBe('in 2 Minuten');
});

test.each([
  ['de-CH, de;q=0.9, en;q=0.5', undefined, 'de'],
  ['is, fr;q=0.3, ja;q=0.8', undefined, 'ja'],
  ['de, en;q=0.5', ['en', 'fr'], 'en'],
  ['de;q=0, *', undefined, undefined],
  ['', undefined, undefined],
  [';;q=,,q=9', undefined, undefined],
])('Accept-Language: %s', (header, among, language) => {
  expect(acceptedLanguage(header, among)).toBe(language);
});

test('a page comes in the language that is asked for, else the reader’s, else the newsletter’s', async () => {
  const site = await startBrandedSite();
  const { paths, context } = site;
  const htmlOf = async (path: string, headers = {}) => (await read(site.get(path, headers))).html;
  expect(await htmlOf(paths.subscribe)).toContain('<html lang="en">');
  // The newsletter is not made in German, and is not offered as if it were.
  expect(await htmlOf(paths.subscribe, { 'Accept-Language': 'de' })).toContain('<html lang="en">');
  await context.db
    .updateTable('newsletters')
    .set({ languages: ['de'] })
    .execute();
  expect(await htmlOf(paths.subscribe, { 'Accept-Language': 'de' })).toContain('<html lang="de">');
  expect(await htmlOf(`${paths.subscribe}?lang=ar`)).toContain('<html lang="ar" dir="rtl">');
  expect(await htmlOf(`${paths.subscribe}?lang=<b>`)).toContain('<html lang="en">');
  expect(await htmlOf('/data', { 'Accept-Language': 'ja' })).toContain('<html lang="ja">');
  await context.db.updateTable('subscribers').set({ language: 'fr' }).execute();
  expect(await htmlOf(paths.unsubscribe, { 'Accept-Language': 'de' })).toContain(
    'Ne plus recevoir Harbour Letter\u00a0?',
  );
});

test('who signs up in another language than the newsletter’s gets mail in it', async () => {
  const site = await startBrandedSite();
  const { html } = await read(site.get(`${site.paths.subscribe}?lang=de`));
  expect(html).toContain('action="/subscribe/harbour?lang=de"');
  const stamp = /name="stamp" value="([^"]+)"/.exec(html)?.[1] ?? '';
  site.context.clock.advance(5_000);
  const answer = await read(site.post(`${site.paths.subscribe}?lang=de`, { email: 'bo@example.com', stamp }));
  expect(answer.text).toContain('Wir haben eine Mail an bo@example.com');
  const [mail] = await site.mails();
  expect(mail?.subject).toBe('Bitte bestätigen Sie Ihr Abonnement: Harbour Letter');
});

test('every page is smaller than 20 KB, in every language', async () => {
  const site = await startBrandedSite();
  const large: string[] = [];
  const measure = async (path: string) => {
    const size = (await (await site.get(path)).arrayBuffer()).byteLength;
    if (size >= 20_000) large.push(`${path}: ${size}`);
    return size;
  };
  for (const language of languages) {
    await site.context.db.updateTable('subscribers').set({ language }).execute();
    // These two show the edition itself, a mail.
    for (const [name, path] of Object.entries({ ...site.paths, home: '/' }))
      if (name !== 'view' && name !== 'share') await measure(`${path}?lang=${language}`);
  }
  const { html } = await read(site.get('/data'));
  await measure(/href="(\/assets\/site\.css[^"]+)"/.exec(html)?.[1] ?? '');
  expect(large).toEqual([]);
});

test('a link of no edition has the look of what the person gets', async () => {
  const site = await startBrandedSite({ brand: { colour: '#1f5fbf', footer: '1 Quay Street' } });
  for (const purpose of ['preferences', 'unsubscribe'] as const) {
    const token = site.signer.sign(purpose, [site.ada, 0]);
    expect((await read(site.get(`/${purpose}/${token}`))).text).toContain('1 Quay Street');
  }
  expect((await read(site.get(site.paths.data))).text).toContain('1 Quay Street');
});
