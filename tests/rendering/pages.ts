import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';

const folder = join(import.meta.dirname, 'fonts');
const face = (family: string, file: string, weight: number, style = 'normal') =>
  `@font-face{font-family:'${family}';font-weight:${weight};font-style:${style};src:url(data:font/woff2;base64,${readFileSync(join(folder, `${file}.woff2`)).toString('base64')})}`;

/** Families by which the themes ask for fonts; each machine has others, so that the tests bring their own. */
const serif = ['Charter', 'Georgia', 'Iowan Old Style'];
const sans = ['-apple-system', 'Segoe UI', 'Helvetica Neue', 'Helvetica', 'Avenir Next'];

const arabic = (family: string) =>
  // What is asked for in 600 must not come from a Latin file of that weight.
  (
    [
      [400, '400'],
      [600, '700'],
      [700, '700'],
    ] as const
  )
    .map(([weight, file]) => face(family, `noto-naskh-arabic-arabic-${file}-normal`, weight))
    .map((rule) => `${rule.slice(0, -1)};unicode-range:U+600-6FF,U+FB50-FDFF,U+FE70-FEFF}`);

// A family of several files: Latin letters from one, Arabic ones from the other.
const fonts = [
  ...serif.flatMap((family) => [
    ...arabic(family),
    face(family, 'source-serif-4-latin-400-normal', 400),
    face(family, 'source-serif-4-latin-700-normal', 700),
    face(family, 'source-serif-4-latin-400-italic', 400, 'italic'),
  ]),
  ...sans.flatMap((family) => [
    face(family, 'inter-latin-400-normal', 400),
    face(family, 'inter-latin-600-normal', 600),
    face(family, 'inter-latin-700-normal', 700),
    ...arabic(family),
  ]),
].join('');

/** A mail in a browser of its own, with the fonts of the tests and no network. */
export async function openPage(
  browser: Browser,
  html: string,
  { width, dark = false }: { width: number; dark?: boolean },
): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    colorScheme: dark ? 'dark' : 'light',
    deviceScaleFactor: 1,
  });
  const page = await context.newPage();
  await page.route('**/*', (route) => route.abort());
  await page.setContent(html.replace('</head>', `<style>${fonts}</style></head>`), { waitUntil: 'load' });
  await page.evaluate(() => document.fonts.ready);
  return page;
}

/** The mail as in a client that shows no pictures. */
export function withoutPictures(html: string): string {
  return html.replace(/src="data:image[^"]*"/g, 'src="https://pictures.example.com/blocked.png"');
}
