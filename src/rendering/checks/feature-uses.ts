import { parseCss, rawData } from 'caniemail';
import type { JSDOM } from 'jsdom';

/** A use of something that the caniemail data knows, under its slug there. */
export interface FeatureUse {
  slug: string;
  /** Characters from the beginning of the page. */
  at: number;
  /** As it is written. */
  written: string;
  /** Features that a client must have to come to this one: a style sheet, a media query, a selector. */
  within: string[];
}

const slugs = new Set(rawData.data.map(({ slug }) => slug));

/** All that a page uses, in order. */
export function featureUses(dom: JSDOM): FeatureUse[] {
  const found: FeatureUse[] = [];
  const use = (slug: string, at: number, written: string, within: string[] = []) => {
    if (slugs.has(slug)) found.push({ slug, at, written, within });
  };
  const { document } = dom.window;
  if (document.doctype) use('html-doctype', 0, `<!DOCTYPE ${document.doctype.name}>`);
  for (const element of document.querySelectorAll('*')) {
    const location = dom.nodeLocation(element);
    // Elements that the parser made up, such as a missing tbody, are nobody's.
    if (!location) continue;
    const at = location.startOffset;
    if (element.localName === 'style') {
      for (const each of sheetUses(element.textContent ?? '')) use(each.slug, at, each.written, each.within);
      use('html-style', at, '<style>');
      continue;
    }
    for (const [slug, written] of elementUses(element)) use(slug, at, written);
    const style = element.getAttribute('style');
    if (style)
      for (const { property, value } of declarationsOf(`x{${style}}`))
        for (const slug of declarationUses(property, value)) use(slug, at, `${property}: ${value}`);
  }
  return found;
}

const semantic = new Set(
  'article aside details figcaption figure footer header main mark nav section summary time'.split(' '),
);
const sameName = new Set(
  'abbr acronym address audio base bdi blockquote code del dfn dialog dir div form hr img link marquee meter object p picture popover pre progress rp rt ruby select small span strike strong svg table textarea video wbr'.split(
    ' ',
  ),
);
const attributes =
  'align aria-describedby aria-hidden aria-label aria-labelledby aria-live background cellpadding cellspacing height hidden lang required role srcset target valign width'.split(
    ' ',
  );

function elementUses(element: Element): [slug: string, written: string][] {
  const name = element.localName;
  const written = `<${name}>`;
  const found: [string, string][] = [];
  if (sameName.has(name)) found.push([`html-${name}`, written]);
  if (semantic.has(name)) found.push(['html-semantics', written]);
  if (/^h[1-6]$/.test(name)) found.push(['html-h1-h6', written]);
  if (/^[uod]l$/.test(name)) found.push(['html-lists', written]);
  if (name === 'map') found.push(['html-image-maps', written]);
  if (name === 'input') found.push([`html-input-${element.getAttribute('type') ?? 'text'}`, written]);
  if (name === 'button') found.push([`html-button-${element.getAttribute('type') ?? 'submit'}`, written]);
  if (name === 'meta' && element.getAttribute('name') === 'color-scheme')
    found.push(['html-meta-color-scheme', '<meta name="color-scheme">']);
  // What stands for all the mail is the client's own business.
  if (name !== 'html' && name !== 'body')
    for (const attribute of attributes)
      if (element.hasAttribute(attribute)) found.push([`html-${attribute}`, `<${name} ${attribute}>`]);
  if (element.hasAttribute('loading')) found.push(['html-loading-attribute', `<${name} loading>`]);
  const href = name === 'a' ? (element.getAttribute('href') ?? '') : '';
  if (/^#./.test(href)) found.push(['html-anchor-links', `<a href="${href}">`]);
  if (/^mailto:/i.test(href)) found.push(['html-mailto-links', `<a href="${href}">`]);
  if (name === 'img') found.push(...imageUses(element.getAttribute('src') ?? ''));
  return found;
}

function imageUses(url: string): [slug: string, written: string][] {
  const written = url.length > 60 ? `${url.slice(0, 57)}…` : url;
  const data = /^data:image\/([a-z]+)/i.exec(url)?.[1];
  const format = (data ?? /\.([a-z0-9]{3,4})(?:[?#]|$)/i.exec(url)?.[1] ?? '')
    .toLowerCase()
    .replace('jpeg', 'jpg')
    .replace('heic', 'heif');
  return [
    ...(data ? [['image-base64', written] as [string, string]] : []),
    ...(format ? [[`image-${format}`, written] as [string, string]] : []),
  ];
}

interface SheetUse {
  slug: string;
  written: string;
  within: string[];
}

// What @adobe/css-tools parses; its types are not ours to import.
interface CssRule {
  type: string;
  selectors?: string[];
  declarations?: { type: string; property?: string; value?: string }[];
  media?: string;
  supports?: string;
  rules?: CssRule[];
}

function sheetUses(css: string): SheetUse[] {
  return rulesUses(rulesOf(css), ['html-style']);
}

function rulesOf(css: string): CssRule[] {
  return (parseCss(css).stylesheet?.rules ?? []) as CssRule[];
}

function declarationsOf(css: string): { property: string; value: string }[] {
  return rulesOf(css).flatMap(({ declarations = [] }) =>
    declarations.flatMap(({ type, property, value }) =>
      type === 'declaration' && property ? [{ property: property.toLowerCase(), value: value ?? '' }] : [],
    ),
  );
}

function rulesUses(rules: CssRule[], within: string[]): SheetUse[] {
  const found: SheetUse[] = [];
  for (const rule of rules) {
    if (rule.type === 'rule') {
      const selectors = (rule.selectors ?? []).filter((selector) => !targeted.test(selector));
      if (selectors.length === 0) continue;
      const needed = [...new Set(selectors.flatMap(selectorUses))];
      for (const slug of needed) found.push({ slug, written: selectors.join(', '), within });
      for (const { property = '', value = '' } of rule.declarations ?? [])
        for (const slug of declarationUses(property.toLowerCase(), value))
          found.push({
            slug,
            written: `${selectors.join(', ')} { ${property}: ${value} }`,
            within: [...within, ...needed],
          });
    } else if (rule.type === 'media') {
      const query = rule.media ?? '';
      const needed = ['css-at-media', ...mediaUses(query)];
      for (const slug of needed) found.push({ slug, written: `@media ${query}`, within });
      found.push(...rulesUses(rule.rules ?? [], [...within, ...needed]));
    } else if (rule.type === 'supports') {
      found.push({ slug: 'css-at-supports', written: `@supports ${rule.supports ?? ''}`, within });
      found.push(...rulesUses(rule.rules ?? [], [...within, 'css-at-supports']));
    } else if (rule.type === 'comment') found.push({ slug: 'css-comments', written: '/* … */', within });
    else if (['font-face', 'import', 'keyframes'].includes(rule.type))
      found.push({ slug: `css-at-${rule.type}`, written: `@${rule.type}`, within });
  }
  return found;
}

// Selectors that are there for one client, and that others are meant to pass over.
const targeted =
  /\[data-ogs[cb]\]|x-apple-data-detectors|\bu\s*\+|#MessageViewBody|\.moz-text-html|#outlook\b|\.ExternalClass|\.ReadMsgBody|\[owa\]|\[class~=/i;

function mediaUses(query: string): string[] {
  const known: [RegExp, string][] = [
    [/prefers-color-scheme/i, 'css-at-media-prefers-color-scheme'],
    [/prefers-reduced-motion/i, 'css-at-media-prefers-reduced-motion'],
    [/\(\s*(?:any-)?hover/i, 'css-at-media-hover'],
    [/orientation/i, 'css-at-media-orientation'],
    [/device-pixel-ratio/i, 'css-at-media-device-pixel-ratio'],
  ];
  return known.filter(([pattern]) => pattern.test(query)).map(([, slug]) => slug);
}

function selectorUses(selector: string): string[] {
  const found = new Set<string>();
  const bare = selector.replace(/\[[^\]]*\]/g, () => {
    found.add('css-selector-attribute');
    return '';
  });
  for (const [, colons, name] of bare.matchAll(/(::?)([a-z-]+)/gi))
    found.add(
      `css-pseudo-${colons === '::' || /^(before|after|first-l)/i.test(name ?? '') ? 'element' : 'class'}-${name?.toLowerCase()}`,
    );
  const simple = bare.replace(/::?[a-z-]+(\([^)]*\))?/gi, '').trim();
  if (simple.includes('&')) found.add('css-nesting');
  if (/\.[\w-]/.test(simple)) found.add('css-selector-class');
  if (/#[\w-]/.test(simple)) found.add('css-selector-id');
  if (simple.includes('>')) found.add('css-selector-child');
  if (simple.includes('+')) found.add('css-selector-adjacent-sibling');
  if (simple.includes('~')) found.add('css-selector-general-sibling');
  if (/[\w\])*]\s+[\w.#[*]/.test(simple)) found.add('css-selector-descendant');
  if (/[\w-]\.[\w-]|\.[\w-]+#/.test(simple)) found.add('css-selector-chaining');
  return [...found].filter((slug) => slugs.has(slug));
}

// Longhands and relatives that the data keeps under another name.
const groups: [RegExp, string][] = [
  [/^(left|right|top|bottom)$/, 'css-left-right-top-bottom'],
  [/^(row-|column-)?gap$/, 'css-gap'],
  [/^(columns|column-(fill|rule.*|span|width))$/, 'css-column-layout-properties'],
  [/^grid-template/, 'css-grid-template'],
  [/^(block|inline)-size$/, 'css-block-inline-size'],
  [/^margin-(block|inline)$/, 'css-margin-inline-block'],
  [/^margin-block-(start|end)$/, 'css-margin-block-start-end'],
  [/^margin-inline-(start|end)$/, 'css-margin-inline-start-end'],
  [/^padding-(block|inline)$/, 'css-padding-inline-block'],
  [/^padding-block-(start|end)$/, 'css-padding-block-start-end'],
  [/^padding-inline-(start|end)$/, 'css-padding-inline-start-end'],
  [/^border-(block|inline)$/, 'css-border-inline-block'],
  [/^border-(block|inline)-(start|end)$/, 'css-border-inline-block-individual'],
  [/^border-(block|inline)-(color|style|width)$/, 'css-border-inline-block-longhand'],
  [/^border-(start|end)-(start|end)-radius$/, 'css-border-radius-logical'],
  [/^border-.*radius$/, 'css-border-radius'],
  [/^border-(top|right|bottom|left)/, 'css-border'],
  [/^border-(color|style|width)$/, 'css-border'],
  [/^padding-(top|right|bottom|left)$/, 'css-padding'],
  [/^margin-(top|right|bottom|left)$/, 'css-margin'],
  [/^overflow-[xy]$/, 'css-overflow'],
  [/^scroll-snap/, 'css-scroll-snap'],
  [/^animation-/, 'css-animation'],
  [/^transition-/, 'css-transition'],
  [/^--/, 'css-variables'],
];

function declarationUses(property: string, value: string): string[] {
  // Vendors' own properties are there for that vendor.
  if (/^(-(webkit|moz|ms|o)-|mso-|\*|_)/.test(property)) return [];
  const found = new Set<string>();
  const grouped = groups.find(([pattern]) => pattern.test(property))?.[1];
  if (grouped) found.add(grouped);
  else if (property === 'display') found.add(displaySlug(value));
  else found.add(`css-${property}`);
  if (/!\s*important/i.test(value)) found.add('css-important');
  // Units and functions within names and addresses are none.
  const text = value.replace(/url\([^)]*\)|"[^"]*"|'[^']*'|!\s*important/gi, ' ').toLowerCase();
  for (const [, unit] of text.matchAll(
    /(?<![\w#.-])-?(?:\d+\.?\d*|\.\d+)(px|em|rem|ex|ch|cm|mm|in|pc|pt|vh|vw|vmin|vmax|%)/g,
  ))
    found.add(`css-unit-${unit === '%' ? 'percent' : unit}`);
  for (const [pattern, slug] of valuePatterns) if (pattern.test(text)) found.add(slug);
  if (/url\(/i.test(value) && property.startsWith('background')) found.add('css-background-image');
  return [...found].filter((slug) => slugs.has(slug));
}

function displaySlug(value: string): string {
  if (/\bnone\b/i.test(value)) return 'css-display-none';
  if (/\bflex\b/i.test(value)) return 'css-display-flex';
  if (/\bgrid\b/i.test(value)) return 'css-display-grid';
  return 'css-display';
}

const valuePatterns: [RegExp, string][] = [
  [/\bcalc\(/, 'css-unit-calc'],
  [/\bclamp\(/, 'css-function-clamp'],
  [/\bmax\(/, 'css-function-max'],
  [/\bmin\(/, 'css-function-min'],
  [/\blight-dark\(/, 'css-function-light-dark'],
  [/\bvar\(/, 'css-variables'],
  [/\blinear-gradient\(/, 'css-linear-gradient'],
  [/\bradial-gradient\(/, 'css-radial-gradient'],
  [/\bconic-gradient\(/, 'css-conic-gradient'],
  [/\brgb\(\s*[\d.%]+\s*,/, 'css-rgb'],
  [/\brgba\(/, 'css-rgba'],
  [/\b(oklch|oklab|lab|lch|hwb|color|color-mix)\(|\brgb\(\s*[\d.%]+\s+[\d.%]/, 'css-modern-color'],
  [/\b(fit-content|min-content|max-content)\b/, 'css-intrinsic-size'],
  [/\binitial\b/, 'css-unit-initial'],
  [/\b(system-ui|ui-(serif|sans-serif|monospace|rounded))\b/, 'css-sytem-ui'],
];
