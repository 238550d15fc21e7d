import { parseHTML } from 'linkedom';

/** The part of the DOM that we use; linkedom's own types want the browser's. */
export interface HtmlNode {
  nodeType: number;
  nodeName: string;
  textContent: string;
  parentNode: HtmlElement | null;
  childNodes: Iterable<HtmlNode> & { length: number };
  remove(): void;
  replaceWith(...nodes: HtmlNode[]): void;
}
export interface HtmlElement extends HtmlNode {
  id: string;
  className: string;
  getAttribute(name: string): string | null;
  removeAttribute(name: string): void;
  querySelector(selector: string): HtmlElement | null;
  querySelectorAll(selector: string): Iterable<HtmlElement> & { length: number };
  append(...nodes: HtmlNode[]): void;
}
export interface HtmlDocument extends HtmlElement {
  documentElement: HtmlElement;
  head: HtmlElement;
  body: HtmlElement;
  createElement(name: string): HtmlElement;
}

// What people write has far less. linkedom and Readability take minutes for pages made to hurt.
const maxTags = 60_000;
const maxDepth = 250;

/**
 * Parses HTML, whole or a fragment, into a document that has a body.
 * @throws RangeError, a sentence without its subject ("has more than … tags"), for HTML that is too much to work on
 */
export function parseHtml(html: string): HtmlDocument {
  if (countTags(html) > maxTags) throw new RangeError(`has more than ${maxTags / 2} tags`);
  const whole = /<html[\s>]/i.test(html);
  const { document } = parseHTML(
    whole ? html : `<!doctype html><html><head></head><body>${html}</body></html>`,
  ) as unknown as { document: HtmlDocument };
  // linkedom adds no body where the author left the tag out.
  if (!document.documentElement?.querySelector('body')) {
    const body = document.createElement('body');
    body.append(...[...document.documentElement.childNodes].filter((node) => node.nodeName !== 'HEAD'));
    document.documentElement.append(body);
  }
  if (isTooDeep(document.documentElement)) throw new RangeError(`nests tags more than ${maxDepth} deep`);
  return document;
}

function countTags(html: string): number {
  let count = 0;
  for (let at = html.indexOf('<'); at >= 0 && count <= maxTags; at = html.indexOf('<', at + 1)) count++;
  return count;
}

function isTooDeep(root: HtmlNode): boolean {
  let level: HtmlNode[] = [root];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maxDepth) return true;
    level = level.flatMap((node) => (node.nodeType === 1 ? [...node.childNodes] : []));
  }
  return false;
}

const blocks = new Set(
  `ADDRESS ARTICLE ASIDE BLOCKQUOTE DD DETAILS DIV DL DT FIGCAPTION FIGURE FOOTER FORM H1 H2 H3 H4 H5 H6 HEADER HR LI
   MAIN NAV OL P PRE SECTION SUMMARY TABLE TR UL`.split(/\s+/),
);
const unread = new Set(
  'SCRIPT STYLE NOSCRIPT TEMPLATE IFRAME OBJECT SVG BUTTON SELECT TEXTAREA FIGCAPTION HEAD'.split(' '),
);

/** What a reader sees of a part of a document: paragraphs, headings and list items, one an entry, whitespace folded. */
export function paragraphsOf(root: HtmlNode): string[] {
  const paragraphs: string[] = [];
  let current = '';
  let afterBreak = false;
  const end = () => {
    const text = fold(current);
    if (text) paragraphs.push(text);
    current = '';
    afterBreak = false;
  };
  const visit = (node: HtmlNode): void => {
    if (node.nodeType === 3) {
      current += node.textContent;
      if (node.textContent.trim()) afterBreak = false;
    }
    if (node.nodeType !== 1) return;
    const name = node.nodeName.toUpperCase();
    if (unread.has(name)) return;
    if (name === 'BR') {
      // One is a line of a paragraph; two in a row are how old pages part paragraphs.
      if (afterBreak) end();
      else {
        current += ' ';
        afterBreak = true;
      }
      return;
    }
    if (name === 'TD' || name === 'TH') current += ' ';
    const block = blocks.has(name);
    if (block) end();
    for (const child of node.childNodes) visit(child);
    if (block) end();
  };
  visit(root);
  end();
  return paragraphs;
}

/** HTML (or plain text) as text, paragraphs separated by an empty line. Never throws. */
export function htmlToText(html: string): string {
  if (!/<[a-z!/]/i.test(html)) {
    const text = html.includes('&') ? decodeEntities(html) : html;
    return text
      .split(/\n[ \t]*\n\s*/)
      .map(fold)
      .filter(Boolean)
      .join('\n\n');
  }
  try {
    return paragraphsOf(parseHtml(html).body).join('\n\n');
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return fold(html.replace(/<[^<>]*>/g, ' '));
  }
}

// Tags whose presence after decoding once means that the markup itself was escaped twice. A title may be about
// the <video> tag, but hardly closes <em>.
const escapedMarkup = /<\/(?:a|b|i|u|em|strong|span|p|div|sup|sub|small|font|h\d)>|<br\s*\/?>/i;
const entity = /&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z]{2,8}\d{0,2});/i;

/**
 * HTML (or plain text) as one line, for titles and deks: tags removed, entities decoded, also where a careless
 * generator has escaped them twice. Never throws.
 */
export function htmlToLine(html: string): string {
  let text = fold(htmlToText(html));
  for (let round = 0; round < 2 && (entity.test(text) || escapedMarkup.test(text)); round++)
    text = fold(escapedMarkup.test(text) ? htmlToText(text) : decodeEntities(text));
  return text;
}

/** The first picture in HTML that is not a tracking pixel, an icon or inline data; its address as written. */
export function firstImage(html: string): { src: string; alt: string | undefined } | undefined {
  if (!/<img\s/i.test(html)) return undefined;
  let body: HtmlElement;
  try {
    body = parseHtml(html).body;
  } catch {
    return undefined;
  }
  for (const image of body.querySelectorAll('img')) {
    const src = image.getAttribute('src') ?? image.getAttribute('data-src') ?? '';
    const sizes = [image.getAttribute('width'), image.getAttribute('height')];
    if (!src || src.startsWith('data:') || sizes.some((size) => size && Number.parseInt(size, 10) < 32))
      continue;
    return { src, alt: image.getAttribute('alt')?.trim() || undefined };
  }
  return undefined;
}

/** Text with its HTML entities decoded; tags stay as they are. */
export function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return parseHtml(text.replaceAll('<', '&lt;')).body.textContent;
}

const fold = (text: string) => text.replace(/\s+/g, ' ').trim();
