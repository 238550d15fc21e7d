import type { JSDOM } from 'jsdom';
import { directionOf } from '../words.ts';
import { type Finding, shortened } from './finding.ts';
import { type ExaminedPage, placeAt } from './page.ts';

/** How an element is written, shortened. */
export function written(element: Element): string {
  return shortened(element.outerHTML.replace(/^(<[^>]*>).*$/s, '$1'), 120);
}

/** Adds findings about elements of a page. */
export class Finder {
  readonly findings: Finding[] = [];
  readonly #dom: JSDOM;
  readonly #page: ExaminedPage;

  constructor(dom: JSDOM, page: ExaminedPage) {
    this.#dom = dom;
    this.#page = page;
  }

  /** Notes a finding. @param mend what to do about it @param element where it is; its line and a piece of it are noted */
  add(
    check: Finding['check'],
    severity: Finding['severity'],
    message: string,
    mend: string,
    element?: Element,
    part: Finding['where']['part'] = 'html',
  ): void {
    this.findings.push({
      check,
      severity,
      message,
      where: {
        part,
        ...(element && {
          ...placeAt(this.#page, this.#dom.nodeLocation(element)?.startOffset ?? 0),
          element: written(element),
        }),
      },
      mend,
    });
  }
}

/** What screen readers go by: language, direction, title, headings, and tables that are none. */
export function checkStructure(dom: JSDOM, page: ExaminedPage): Finding[] {
  const { document } = dom.window;
  const finder = new Finder(dom, page);
  const { documentElement, body } = document;
  const direction = directionOf(page.language);

  const lang = documentElement.getAttribute('lang') ?? '';
  if (primary(lang) !== primary(page.language))
    finder.add(
      'structure',
      'error',
      lang
        ? `The page says that it is in "${lang}", and is in "${page.language}".`
        : 'The page does not say in which language it is, so screen readers may read it in the wrong voice.',
      'Print lang={language} on <html>, and again on the element around everything.',
      documentElement,
    );
  const dir = [documentElement, body, ...body.querySelectorAll(':scope > [dir], :scope > * > [dir]')]
    .map((element) => element.getAttribute('dir'))
    .find((each) => each !== null);
  if (direction === 'rtl' ? dir !== 'rtl' : dir === 'rtl')
    finder.add(
      'structure',
      'error',
      `The page is written from ${direction === 'rtl' ? 'right to left' : 'left to right'}, and its dir says ${dir ? `"${dir}"` : 'nothing'}.`,
      'Print dir={direction} on <html>, and again on the element around everything.',
      documentElement,
    );
  else if (dir === undefined)
    finder.add(
      'structure',
      'warning',
      'The page does not say in which direction it is written.',
      'Print dir={direction} on <html>, and again on the element around everything.',
      documentElement,
    );
  if (!document.title.trim())
    finder.add(
      'structure',
      'error',
      'The page has no title, which screen readers and browsers show.',
      'Print <title> with the subject in the head.',
    );
  checkHeadings(document, finder);
  for (const table of document.querySelectorAll('table')) {
    const isData = table.querySelector(':scope > thead th, :scope > tbody > tr > th, :scope > caption');
    if (isData || /^(presentation|none)$/.test(table.getAttribute('role') ?? '')) continue;
    finder.add(
      'structure',
      'error',
      'A table that is there for the layout is read out as a table.',
      'Give it role="presentation".',
      table,
    );
    break;
  }
  return finder.findings;
}

function checkHeadings(document: Document, finder: Finder): void {
  const headings = [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')];
  const first = headings.filter(({ localName }) => localName === 'h1');
  if (first.length !== 1)
    finder.add(
      'structure',
      'error',
      first.length === 0
        ? 'There is no <h1>, by which people who do not see the mail find its beginning.'
        : `There are ${first.length} <h1>; a mail has one.`,
      'Make the newsletter’s name the only <h1>, sections <h2>, and stories <h3>.',
      first[1],
    );
  let level = 0;
  for (const heading of headings) {
    const next = Number(heading.localName.slice(1));
    if (level > 0 && next > level + 1)
      finder.add(
        'structure',
        'error',
        `An <h${next}> follows an <h${level}>: a level is left out.`,
        'Let headings go one level deeper at a time; how large they are is for styles to say.',
        heading,
      );
    if (!heading.textContent?.trim() && !heading.querySelector('img[alt]:not([alt=""])'))
      finder.add('structure', 'error', 'A heading is empty.', 'Leave it out where it has no words.', heading);
    level = next;
  }
}

const primary = (tag: string) => tag.toLowerCase().split('-')[0];
