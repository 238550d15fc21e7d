import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { componentsCss } from './design/components.css.ts';
import { deskCss } from './design/desk.css.ts';
import { pagesCss } from './design/pages.css.ts';
import { tokensCss } from './design/tokens.css.ts';

/** A file that pages of the desk load. */
export interface Asset {
  type: string;
  body: string;
}

const css: Asset = {
  type: 'text/css; charset=utf-8',
  body: [tokensCss, deskCss, componentsCss, pagesCss].join(''),
};

/** The scripts of islands/, each with what it imports. */
const scripts = ['appearance', 'desk', 'edition', 'newsletters', 'preview', 'today'] as const;

let bundled: Promise<Map<string, Asset>> | undefined;
const hashes = new Map<string, string>([['desk.css', hashOf(css.body)]]);

/**
 * The desk's style sheet and scripts, by their names. Scripts are put together once a process, which takes a tenth of a second.
 */
export function assets(): Promise<Map<string, Asset>> {
  bundled ??= bundle();
  return bundled;
}

async function bundle(): Promise<Map<string, Asset>> {
  const folder = join(import.meta.dirname, 'islands');
  const entryPoints = scripts.map((name) => join(folder, `${name}.ts`)).filter(existsSync);
  const { outputFiles } = await build({
    entryPoints,
    outdir: folder,
    bundle: true,
    minify: true,
    write: false,
    format: 'iife',
    target: ['es2022', 'safari16'],
    legalComments: 'none',
    logLevel: 'silent',
  });
  const all = new Map<string, Asset>([['desk.css', css]]);
  for (const { path, text } of outputFiles) {
    const name = path.slice(folder.length + 1);
    all.set(name, { type: 'text/javascript; charset=utf-8', body: text });
    hashes.set(name, hashOf(text));
  }
  return all;
}

/** Where a page finds one; the address changes with the content, so that it may be kept for ever. */
export const assetPath = (name: string) => `/desk/assets/${hashes.get(name) ?? 'x'}/${name}`;

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
