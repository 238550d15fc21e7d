import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { assembleHtml } from '../../src/rendering/assemble.ts';
import { parseBrand, themeBrand } from '../../src/rendering/brand.ts';
import { contrast, leastContrast, paper } from '../../src/rendering/colour.ts';
import { compileEdition } from '../../src/rendering/compile.ts';
import { renderTemplate } from '../../src/rendering/template.ts';
import { findTheme, listThemes, themePreview } from '../../src/rendering/theme.ts';
import type { ThemeProps } from '../../src/rendering/theme-props.ts';
import { launchBrowser } from '../support/browser.ts';
import { editionContent, editionStory } from '../support/edition.ts';
import { temporaryFolder } from '../support/folder.ts';
import { openPage, withoutPictures } from './pages.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const themes = listThemes();

async function opened(file: string, props: ThemeProps, width = 360, pictures = true): Promise<Page> {
  const { html } = await renderTemplate(file, props);
  return openPage(browser, pictures ? html : withoutPictures(html), { width });
}

const isTooWide = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);

test('Broadsheet comes with four themes, two of each kind', () => {
  expect(themes.map(({ name }) => name)).toEqual(['briefing', 'broadsheet', 'list', 'magazine']);
  expect(themes.filter(({ file }) => file.endsWith('.mjml'))).toHaveLength(2);
});

describe.each(themes)('$name', (theme) => {
  test.each(['en', 'de', 'ar'])('in %s, fits every width and every finger', async (language) => {
    const page = await opened(theme.file, themePreview(theme, language));
    for (const width of [320, 360, 480, 521, 600, 700]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await isTooWide(page), `${width} px`).toBe(false);
      const small = await page.evaluate(() =>
        [...document.querySelectorAll('a')]
          .filter((link) => link.getBoundingClientRect().height < 44)
          .map((link) => `${link.textContent} (${link.getBoundingClientRect().height} px)`),
      );
      expect(small, `${width} px`).toEqual([]);
    }
    await page.context().close();
  });

  test.each(['light', 'dark'] as const)('in %s mode, axe finds nothing serious', async (mode) => {
    const page = await opened(theme.file, themePreview(theme, 'en'));
    await page.emulateMedia({ colorScheme: mode });
    await page.evaluate(axe);
    const found = await page.evaluate(async () => {
      // axe puts itself into the window.
      const { axe } = window as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } };
      return (await axe.run()).violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)}`));
    });
    expect(found).toEqual([]);
    await page.context().close();
  });

  test('has its headings in order, a language, and names what it is', async () => {
    const page = await opened(theme.file, themePreview(theme, 'ar'));
    const seen = await page.evaluate(() => ({
      levels: [...document.querySelectorAll('h1,h2,h3,h4')].map((heading) => Number(heading.tagName[1])),
      lang: document.documentElement.lang,
      dir: document.documentElement.dir,
      label: document.querySelector('[role=article]')?.getAttribute('aria-label'),
      tables: document.querySelectorAll('table:not([role=presentation])').length,
      titleSide: getComputedStyle(document.querySelector('h3')!).textAlign,
      alts: [...document.querySelectorAll('img')].every((image) => image.hasAttribute('alt')),
    }));
    expect(seen.levels.filter((level) => level === 1)).toHaveLength(1);
    expect(seen.levels.every((level, at) => level <= (seen.levels[at - 1] ?? 0) + 1)).toBe(true);
    expect(seen).toMatchObject({ lang: 'ar', dir: 'rtl', tables: 0, alts: true });
    expect(['right', 'start']).toContain(seen.titleSide);
    expect(seen.label).toBe(themePreview(theme, 'ar').edition.subject);
    await page.context().close();
  });

  test('bears what is long: a word of a thousand letters, Chinese without spaces, emoji', async () => {
    const props = structuredClone(themePreview(theme, 'en'));
    const long = ['x'.repeat(1000), '港口的灯塔在四十年后重新点亮'.repeat(12), '🦊🌊'.repeat(80)];
    props.newsletter.name = 'Donaudampfschifffahrtsgesellschaftsnachrichtenblatt';
    for (const [index, story] of props.sections.flatMap((section) => section.stories).entries()) {
      story.title = long[index % 3] ?? '';
      story.dek = long[(index + 1) % 3] ?? '';
      story.publisher = long[0]?.slice(0, 120) ?? '';
      for (const related of story.related) related.title = long[0] ?? '';
    }
    for (const pictures of [true, false]) {
      const page = await opened(theme.file, props, 320, pictures);
      expect(await isTooWide(page)).toBe(false);
      await page.setViewportSize({ width: 640, height: 900 });
      expect(await isTooWide(page)).toBe(false);
      await page.context().close();
    }
  });

  test('gives the same block for a story wherever it stands, and balanced markup with any of them', async () => {
    const slots = [
      { name: 'lead', count: 1 },
      { name: 'top', count: 3 },
      { name: 'sea', count: 2, title: 'From the sea' },
      { name: 'brief', count: 3 },
      { name: 'note', count: 1 },
    ];
    const stories = Array.from({ length: 6 }, (_, position) =>
      editionStory(position, {
        slot: 'top',
        imageUrl: position % 2 ? 'https://img.example.com/a.png' : null,
      }),
    );
    const compiled = await compileEdition(editionContent({ theme: theme.name, slots, stories }));
    const values = {
      greeting: 'Hello',
      email: 'ada@example.com',
      unsubscribeUrl: 'u',
      preferencesUrl: 'p',
      viewUrl: 'v',
    };
    for (const choice of [
      [[0], [1, 2, 3], [4, 5], [1, 2, 3], [5]],
      [[3], [5, 0], [], [4], []],
      [[], [4, 1, 0, 5], [2], [], [1]],
    ]) {
      const html = assembleHtml(compiled, choice, values as Parameters<typeof assembleHtml>[2]);
      for (const tag of ['table', 'tr', 'td', 'div', 'a', 'h2', 'h3'])
        expect(html.match(new RegExp(`<${tag}[\\s>]`, 'g'))?.length ?? 0, tag).toBe(
          html.match(new RegExp(`</${tag}>`, 'g'))?.length ?? 0,
        );
      // What Outlook for Windows reads is balanced as well.
      const outlook = (html.match(/<!--\[if mso[^\]]*\]>[\s\S]*?<!\[endif\]-->/g) ?? []).join('');
      expect(outlook.match(/<table/g)?.length ?? 0).toBe(outlook.match(/<\/table>/g)?.length ?? 0);
      expect(html).not.toContain('undefined');
    }
  });

  test('loads nothing from elsewhere but its pictures', async () => {
    const { html } = await renderTemplate(theme.file, themePreview(theme, 'en'));
    const loaded =
      html.match(/<link[^>]+href="[^"]+"|@import[^;]+|url\([^)]+\)|<img[^>]+src="[^"]{0,30}/g) ?? [];
    expect(loaded.filter((each) => !each.includes('src="data:image'))).toEqual([]);
  });

  test('shows a brand: logo, colours, fonts, links', async () => {
    const props = {
      ...themePreview(theme, 'en'),
      brand: themeBrand({
        colour: '#ffd400',
        logo: { url: 'https://img.example.com/logo.png', alt: 'The Harbour Post', width: 180 },
        fonts: {
          heading: { family: 'Literata', url: 'https://fonts.example.com/literata.css', fallback: 'georgia' },
        },
        footer: '1 Quay Street',
        social: [{ name: 'Mastodon', url: 'https://social.example.com/@post' }],
      }),
    };
    const { html } = await renderTemplate(theme.file, props);
    expect(html).toContain('https://img.example.com/logo.png');
    expect(html).toMatch(/Literata(&#x27;|&#39;|'|&quot;|"), Georgia/);
    expect(html).toContain('href="https://fonts.example.com/literata.css"');
    expect(html).toContain('https://social.example.com/@post');
    expect(html).toContain('1 Quay Street');
    expect(html).toContain(props.brand.textColour);
  });
});

interface Violation {
  id: string;
  impact: string;
  nodes: { html: string }[];
}

test('colours are made readable, whatever is given', () => {
  for (const colour of ['#ffd400', '#ffffff', '#000000', '#8a1c1c', '#00ff88', '#7f7f7f']) {
    const brand = themeBrand({ colour });
    expect(contrast(brand.textColour, paper.light)).toBeGreaterThanOrEqual(leastContrast);
    expect(contrast(brand.darkColour, paper.dark)).toBeGreaterThanOrEqual(leastContrast);
    expect(contrast(brand.onColour, brand.colour)).toBeGreaterThanOrEqual(leastContrast);
    expect(contrast(brand.onDarkColour, brand.darkColour)).toBeGreaterThanOrEqual(leastContrast);
  }
});

test('each mistake in a brand is told in a sentence, by its place', () => {
  const wrong = {
    colour: 'red',
    logo: { url: 'javascript:alert(1)', alt: 'x', width: 5000 },
    fonts: { body: 'comic' },
    radius: 99,
    social: [{ name: '', url: 'ftp://example.com' }],
    colr: '#ffffff',
  };
  let message = '';
  try {
    parseBrand(wrong);
  } catch (error) {
    message = (error as Error).message;
  }
  for (const part of [
    'brand.colour is a colour',
    'brand.logo.url is a web address',
    'brand.logo.width is at most',
    'brand.fonts.body is one of georgia',
    'brand.radius is at most 32',
    'brand.social.0.name is not empty',
    'brand.social.0.url is a web address',
    'brand knows no "colr"',
  ])
    expect(message).toContain(part);
});

test('a stored brand that is wrong in one place loses that place only', () => {
  const brand = themeBrand({
    colour: '#0a5',
    footer: 'Here',
    logo: { url: 'file:///etc/passwd' },
    old: true,
  });
  expect(brand).toMatchObject({ colour: '#00aa55', footer: 'Here', logo: null });
});

describe("a reader's own theme", () => {
  const home = () => temporaryFolder('own-theme');
  const manifest = {
    name: 'evening',
    title: 'Evening',
    template: 'evening.mjml',
    text: { links: 'numbered' },
  };
  const own = (changes: object = {}) => {
    const folder = home();
    cpSync(join(import.meta.dirname, '../../emails/list.mjml'), join(folder, 'evening.mjml'));
    writeFileSync(join(folder, 'theme.json'), JSON.stringify({ ...manifest, ...changes }));
    return folder;
  };

  test('works by the path of its folder', async () => {
    const folder = own();
    expect(findTheme(folder)).toMatchObject({ name: 'evening', textLinks: 'numbered', folder });
    const compiled = await compileEdition(editionContent({ theme: folder }));
    expect(compiled.html.length).toBeGreaterThan(3);
  });

  test('works as a bare file', () => {
    expect(findTheme(join(own(), 'evening.mjml'))).toMatchObject({ name: 'evening', folder: undefined });
  });

  test.each([
    [{ template: 'nothing.tsx' }, /template that is not there/],
    [{ template: '../../etc/passwd.mjml' }, /outside its folder/],
    [{ template: 'evening.html' }, /template is a \.tsx or an \.mjml file/],
    [{ name: 'Evening Post' }, /name is made of lower-case letters/],
    [{ text: { links: 'none' } }, /text\.links is "inline" or "numbered"/],
  ])('%j is told', (changes, message) => {
    expect(() => findTheme(own(changes))).toThrow(message);
  });

  test('a theme.json that is no JSON is named', () => {
    const folder = home();
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'theme.json'), '{ "name": ');
    expect(() => findTheme(folder)).toThrow(/theme\.json cannot be read as JSON/);
  });
});
