import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pixelmatch from 'pixelmatch';
import type { Browser } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { renderTemplate } from '../../src/rendering/template.ts';
import { listThemes, themePreview } from '../../src/rendering/theme.ts';
import { launchBrowser } from '../support/browser.ts';
import { openPage, withoutPictures } from './pages.ts';

// How a reader sees each theme. UPDATE_SCREENSHOTS=1 writes the references anew: look at them before committing.
const references = join(import.meta.dirname, 'reference');
const isUpdate = process.env.UPDATE_SCREENSHOTS === '1';
/** Of the pixels: letters are smoothed a little differently from one machine to the next. */
const tolerance = 0.005;
/** The hashes of the screenshots that the references were made of: where a machine draws the same, there is nothing to compare. */
const seenFile = join(references, 'seen.json');
const seenBefore: Record<string, string> = JSON.parse(readFileSync(seenFile, 'utf8'));

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
  mkdirSync(references, { recursive: true });
});
afterAll(() => browser.close());

const pages = ['en', 'ar'].flatMap((language) =>
  ['pictures', 'no-pictures'].map((shown) => ({ language, shown })),
);
const looks = [360, 640].flatMap((width) => (['light', 'dark'] as const).map((mode) => ({ width, mode })));

test.each(listThemes())(
  '$name looks as it did',
  async (theme) => {
    const changed: string[] = [];
    for (const { language, shown } of pages) {
      const { html } = await renderTemplate(theme.file, themePreview(theme, language));
      const page = await openPage(browser, shown === 'pictures' ? html : withoutPictures(html), {
        width: 360,
      });
      for (const { width, mode } of looks) {
        await page.setViewportSize({ width, height: 900 });
        await page.emulateMedia({ colorScheme: mode });
        const seen = await page.screenshot({ fullPage: true });
        const name = `${theme.name}-${width}-${mode}-${language}-${shown}.png`;
        const problem = isUpdate ? await keep(name, seen) : await compared(name, seen);
        if (problem) changed.push(problem);
      }
      await page.context().close();
    }
    expect(changed).toEqual([]);
  },
  120_000,
);

async function keep(name: string, seen: Buffer): Promise<undefined> {
  writeFileSync(join(references, name), await smaller(seen));
  seenBefore[name] = hashOf(seen);
  const names = Object.keys(seenBefore).sort();
  writeFileSync(seenFile, `${JSON.stringify(seenBefore, names, 2)}\n`);
}

const hashOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex').slice(0, 32);

/** What is wrong with a picture, with the place where what was seen is kept; undefined if it is as before. */
async function compared(name: string, seen: Buffer): Promise<string | undefined> {
  const file = join(references, name);
  if (!existsSync(file)) return `${name} has no reference`;
  if (seenBefore[name] === hashOf(seen)) return undefined;
  const same = await smaller(seen);
  const share = await difference(readFileSync(file), same);
  if (share <= tolerance) return undefined;
  const kept = join(tmpdir(), `seen-${name}`);
  writeFileSync(kept, same);
  return `${name} differs in ${(share * 100).toFixed(2)}% of its pixels (see ${kept})`;
}

/** 16 colours are enough to compare by, and a quarter of the bytes. */
function smaller(png: Buffer): Promise<Buffer> {
  return sharp(png).png({ palette: true, colours: 16, effort: 7, dither: 0 }).toBuffer();
}

/** The share of pixels in which two pictures differ; 1 if they have different sizes. */
async function difference(one: Buffer, other: Buffer): Promise<number> {
  const [a, b] = await Promise.all([pixels(one), pixels(other)]);
  if (a.width !== b.width || a.height !== b.height) return 1;
  return pixelmatch(a.data, b.data, undefined, a.width, a.height, { threshold: 0.15 }) / (a.width * a.height);
}

async function pixels(png: Buffer): Promise<{ data: Buffer; width: number; height: number }> {
  const { data, info } = await sharp(png).ensureAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}
