import type { JSDOM } from 'jsdom';
import type { Finding } from './finding.ts';
import { type ExaminedPage, placeAt } from './page.ts';
import { Finder } from './structure.ts';

/** A link of a page that leads to the web. */
export interface FoundLink {
  url: string;
  place: Finding['where'];
}

/** Images without words or width, and links that say nothing or lead nowhere. */
export function checkImagesAndLinks(dom: JSDOM, page: ExaminedPage): Finding[] {
  const { document } = dom.window;
  const finder = new Finder(dom, page);
  for (const image of document.querySelectorAll('img')) {
    const alt = image.getAttribute('alt');
    if (alt === null)
      finder.add(
        'images',
        'error',
        'An image has no alt text: where images are off, and for people who do not see them, there is nothing.',
        'Give it alt with what it shows, or alt="" if it is an ornament.',
        image,
      );
    if (!/^\d+$/.test(image.getAttribute('width') ?? ''))
      finder.add(
        'images',
        'warning',
        'An image has no width attribute: Outlook for Windows shows it in its full size.',
        'Give it width in pixels as an attribute.',
        image,
      );
    const source = image.getAttribute('src') ?? '';
    if (!/^(https?:|data:image\/|cid:)/i.test(source))
      finder.add(
        'images',
        'error',
        source ? 'An image’s address leads nowhere from a mail.' : 'An image has no address.',
        'Give it the whole address, beginning with https://, or leave it out where there is none.',
        image,
      );
  }
  for (const link of document.querySelectorAll('a')) {
    const href = link.getAttribute('href');
    if (href === null) {
      if (link.id || link.getAttribute('name')) continue; // An anchor that is led to.
      finder.add(
        'links',
        'error',
        'A link leads nowhere: it has no href.',
        'Give it an address, or write plain text.',
        link,
      );
      continue;
    }
    if (!nameOf(link))
      finder.add(
        'links',
        'error',
        'A link has no text: people who hear the mail do not learn where it leads.',
        'Write words into it, or give the image in it an alt text.',
        link,
      );
    const problem = targetProblem(href, document);
    if (problem)
      finder.add(
        'links',
        'error',
        problem,
        'Give it an address that begins with https://, or leave it out.',
        link,
      );
  }
  return finder.findings;
}

function nameOf(link: Element): string {
  const images = [...link.querySelectorAll('img')].map((image) => image.getAttribute('alt') ?? '');
  return [link.getAttribute('aria-label') ?? '', link.textContent ?? '', ...images].join('').trim();
}

function targetProblem(href: string, document: Document): string | undefined {
  const target = href.trim();
  if (target === '' || target === '#') return 'A link leads nowhere.';
  if (target.startsWith('#')) {
    const name = safely(() => decodeURIComponent(target.slice(1))) ?? target.slice(1);
    const exists =
      document.getElementById(name) !== null ||
      [...document.getElementsByName(name)].some(({ localName }) => localName === 'a');
    return exists ? undefined : `A link leads to "${target}", which is not in the mail.`;
  }
  if (/^(mailto|tel):/i.test(target)) return undefined;
  const url = safely(() => new URL(target));
  if (!url) return 'A link’s address is not a whole one.';
  return url.protocol === 'http:' || url.protocol === 'https:'
    ? undefined
    : `A link’s address begins with "${url.protocol}", which mail clients refuse.`;
}

function safely<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}

/** The page's links to the web, each address once, where it stands first. */
export function webLinks(dom: JSDOM, page: ExaminedPage): FoundLink[] {
  const found = new Map<string, FoundLink>();
  for (const link of dom.window.document.querySelectorAll('a[href]')) {
    const url = safely(() => new URL(link.getAttribute('href')?.trim() ?? ''));
    if (!url || !/^https?:$/.test(url.protocol) || found.has(url.href)) continue;
    const { line: _, ...place } = placeAt(page, dom.nodeLocation(link)?.startOffset ?? 0);
    found.set(url.href, { url: url.href, place: { part: 'link', ...place, element: url.href } });
  }
  return [...found.values()];
}
