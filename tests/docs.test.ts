import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../src/package-root.ts';

const pages = globSync(['*.md', 'docs/*.md'], { cwd: packageRoot });
const textOf = (page: string) => readFileSync(join(packageRoot, page), 'utf8');
/** Without what stands in fences, which may hold anything. */
const proseOf = (page: string) => textOf(page).replace(/^```.*?^```$/gms, '');

/** The names of a page's headings in links, as GitHub makes them. */
const anchorsOf = (page: string) =>
  [...proseOf(page).matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );

test('each link of a document leads to a file, and to a heading of it', () => {
  const broken: string[] = [];
  for (const page of pages)
    for (const [, target = ''] of proseOf(page).matchAll(/\]\(((?!https?:|mailto:)[^)\s]+)\)/g)) {
      const [file = '', anchor] = target.split('#');
      const to = file ? relative(packageRoot, join(packageRoot, dirname(page), file)) : page;
      const isThere = existsSync(join(packageRoot, to));
      if (!isThere || (anchor !== undefined && to.endsWith('.md') && !anchorsOf(to).includes(anchor)))
        broken.push(`${page}: ${target}`);
    }
  expect(broken).toEqual([]);
});

test('the README leads to every guide', () => {
  const readme = textOf('README.md');
  const missing = pages.filter((page) => page.startsWith('docs/') && !readme.includes(`](${page})`));
  expect(missing).toEqual([]);
});

test('each command that a document names exists', () => {
  const known = [...textOf('docs/cli.md').matchAll(/^##+ broadsheet (.+)$/gm)].map(([, name]) => name);
  expect(known.length).toBeGreaterThan(100);
  const unknown: string[] = [];
  for (const page of pages.filter((each) => each !== 'CHANGELOG.md'))
    for (const [, group = '', name] of proseOf(page).matchAll(
      /`broadsheet ([a-z]+)(?: ([a-z]+(?:-[a-z]+)*)(?=[ `]))?/g,
    )) {
      const isGroup = known.some((each) => each?.startsWith(`${group} `));
      if (!known.includes(group) || (isGroup && name && !known.includes(`${group} ${name}`)))
        unknown.push(`${page}: ${group} ${name ?? ''}`);
    }
  expect(unknown).toEqual([]);
});
