import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { assembleHtml } from '../../src/rendering/assemble.ts';
import { compileEdition } from '../../src/rendering/compile.ts';
import { renderTemplate } from '../../src/rendering/template.ts';
import { findTheme, listThemes, themePreview } from '../../src/rendering/theme.ts';
import { forBrowser } from '../../src/web/for-browser.ts';
import { launchBrowser } from '../support/browser.ts';
import { editionContent, editionStory, sampleValues } from '../support/edition.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

const mail = async (theme: string, language = 'en') => {
  const { file } = findTheme(theme);
  const { html } = await renderTemplate(file, themePreview(findTheme(theme), language));
  // A mail has none of React's comments, at which a browser would shape Arabic anew.
  return html.replace(/<!-- -->/g, '');
};

test.each([
  { name: 'briefing', language: 'en', width: 360, dark: true },
  { name: 'broadsheet', language: 'ar', width: 700, dark: false },
  { name: 'list', language: 'en', width: 700, dark: false },
  { name: 'magazine', language: 'ar', width: 360, dark: true },
])('$name in $language: a browser shows the same with a quarter fewer bytes', async (each) => {
  const mailed = await mail(each.name, each.language);
  const lean = forBrowser(mailed);
  expect(lean.length).toBeLessThan(mailed.length * 0.75);
  expect(lean).not.toMatch(/mso|\[if|data-ogs|<!--/);
  const page = await browser.newPage({
    viewport: { width: each.width, height: 900 },
    colorScheme: each.dark ? 'dark' : 'light',
  });
  await page.route('**/*', (route) => route.abort());
  const seen = async (html: string) => {
    await page.setContent(html);
    return page.evaluate(() =>
      [...document.body.querySelectorAll('*')].flatMap((element) => {
        const { x, y, width, height } = element.getBoundingClientRect();
        if (width === 0 && height === 0) return [];
        const { color, background, font, padding, border, borderRadius, letterSpacing, textDecoration } =
          getComputedStyle(element);
        return [
          [element.tagName, x, y, width, height, color, background, font].join(' ') +
            [padding, border, borderRadius, letterSpacing, textDecoration].join(' '),
        ];
      }),
    );
  };
  const whole = await seen(mailed);
  expect(whole.length).toBeGreaterThan(100);
  expect(await seen(lean)).toEqual(whole);
  await page.close();
});

test('an edition of thirty stories takes less than 10 KB, compressed', async () => {
  const words = (seed: number, count: number) =>
    Array.from({ length: count }, (_, at) => (((seed * 31 + at) * 2_654_435_761) % 46_656).toString(36)).join(
      ' ',
    );
  const stories = Array.from({ length: 30 }, (_, position) =>
    editionStory(position, {
      slot: position === 0 ? 'lead' : 'top',
      title: words(position, 9),
      dek: words(position + 100, 25),
      url: `https://news.example.com/${words(position + 200, 5).replaceAll(' ', '-')}`,
    }),
  );
  const slots = [
    { name: 'lead', count: 1 },
    { name: 'top', count: 29 },
  ];
  const compiled = await compileEdition(editionContent({ stories, slots }));
  const html = assembleHtml(compiled, [[0], stories.slice(1).map(({ position }) => position)], sampleValues);
  const page = forBrowser(html);
  expect(page.length).toBeLessThan(html.length * 0.6);
  expect(gzipSync(page).length).toBeLessThan(10_000);
});

test('texts, links and pictures are left as they are', async () => {
  const words = (html: string) =>
    html
      .replace(/<!--[\s\S]*?-->|<(style|head)[\s\S]*?<\/\1>|<div style="display:none[\s\S]*?<\/div>/g, '')
      .replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ');
  const targets = (html: string) =>
    [
      ...html.replace(/<!--\[if mso[\s\S]*?-->/g, '').matchAll(/ (?:href|src|alt|lang|dir|role)="[^"]*"/g),
    ].map(([text]) => text);
  for (const { name } of listThemes()) {
    const whole = await mail(name);
    expect(words(forBrowser(whole))).toBe(words(whole));
    expect(targets(forBrowser(whole))).toEqual(targets(whole));
  }
});

test('a page that looks like no mail comes through', () => {
  for (const page of ['', 'no tags', '<p style="color:red">One</p><p style="color:red">Two</p>'])
    expect(forBrowser(page)).toBe(page);
  // What looks like a tag in a text or in a style sheet is none.
  const odd = `<html><head><style>a::before{content:'<b style="x:y">'}</style></head><body><p title="<i style=" style="color:red;font-family:&quot;A&quot;">1 &lt; 2 style="color:red"</p><p style="color:red;font-family:&quot;A&quot;">3</p><p style="background:url(}{)">4</p><p style="background:url(}{)">5</p></body></html>`;
  const lean = forBrowser(odd);
  expect(lean).toContain(`content:'<b style="x:y">'`);
  expect(lean).toContain(':is(#_,._0){color:red;font-family:"A"}');
  expect(lean).toContain('<p class="_0" title="<i style=">1 &lt; 2 style="color:red"</p><p class="_0">3</p>');
  expect(lean.match(/url\(\}\{\)/g)).toHaveLength(2);
});
