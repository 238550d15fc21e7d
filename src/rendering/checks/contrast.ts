import type { JSDOM } from 'jsdom';
import { contrast } from '../colour.ts';
import { Cascade, type Viewing } from './cascade.ts';
import { counted, type Finding, shortened } from './finding.ts';
import { type ExaminedPage, placeAt } from './page.ts';

interface Colour {
  red: number;
  green: number;
  blue: number;
  /** From 0 to 1. */
  alpha: number;
}

const white: Colour = { red: 255, green: 255, blue: 255, alpha: 1 };
const properties = [
  'color',
  'background-color',
  'background-image',
  'display',
  'visibility',
  'opacity',
  'font-size',
  'font-weight',
];

/** The windows that are looked at, in CSS pixels: a mail on a desk, and on a phone. */
const widths = { wide: 640, narrow: 360 };

/**
 * Contrast of all text with what is behind it (WCAG 2.2, 1.4.3, level AA), in light and in dark mode, in a wide and,
 * where style sheets make a difference, in a narrow window.
 */
export function checkContrast(dom: JSDOM, page: ExaminedPage): Finding[] {
  const modes = /prefers-color-scheme\s*:\s*dark/i.test(page.content) ? [false, true] : [false];
  const isNarrowDifferent = /@media[^{]*(?:max|min)-width/i.test(page.content);
  return modes.flatMap((dark) => {
    const wide = poorContrasts(dom, page, { dark, width: widths.wide }, new Set());
    if (!isNarrowDifferent) return wide.findings;
    const narrow = poorContrasts(dom, page, { dark, width: widths.narrow }, wide.pairs);
    return [...wide.findings, ...narrow.findings];
  });
}

/** @param known pairs of colours that were told already */
function poorContrasts(
  dom: JSDOM,
  page: ExaminedPage,
  viewing: Viewing,
  known: Set<string>,
): { findings: Finding[]; pairs: Set<string> } {
  const { dark, width } = viewing;
  const cascade = new Cascade(dom, viewing, properties);
  const looks = new Map<Element, Look>();
  const found = new Map<
    string,
    { element: Element; text: string; look: Look; ratio: number; count: number }
  >();
  let invisible: { element: Element; text: string; look: Look } | undefined;
  const { document, NodeFilter } = dom.window;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.textContent ?? '';
    const element = node.parentElement;
    if (!element || !/[\p{L}\p{N}]/u.test(text) || /^(style|script|title)$/.test(element.localName)) continue;
    const look = lookOf(element, cascade, looks);
    if (look.onImage) continue;
    const ratio = contrast(hex(over(look.colour, look.background)), hex(look.background));
    if (look.isHidden) {
      if (!dark && width === widths.wide && ratio < likePaper) invisible ??= { element, text, look };
      continue;
    }
    if (ratio >= least(look)) continue;
    const key = `${hex(look.colour)} ${hex(look.background)}`;
    if (known.has(key)) continue;
    const alike = found.get(key);
    if (alike) alike.count++;
    else found.set(key, { element, text, look, ratio, count: 1 });
  }
  const poor: Finding[] = [...found.values()].map(({ element, text, look, ratio, count }) => ({
    check: 'contrast' as const,
    severity: 'error' as const,
    message: `In ${dark ? 'dark' : 'light'} mode${width === widths.narrow ? `, in a window of ${width} px` : ''}, text in ${hex(over(look.colour, look.background))} on ${hex(look.background)} has a contrast of ${ratio.toFixed(2)}; ${least(look)} is the least that people can be asked to read${count > 1 ? ` (${counted(count, 'text')})` : ''}.`,
    where: {
      part: 'html' as const,
      ...placeAt(page, dom.nodeLocation(element)?.startOffset ?? 0),
      element: `<${element.localName}> “${shortened(text, 50)}”`,
    },
    mend: dark
      ? 'Give the text or what is behind it another colour under "@media (prefers-color-scheme: dark)".'
      : 'Make the text darker or what is behind it lighter, or the other way round.',
  }));
  if (invisible)
    poor.push({
      check: 'spam',
      severity: 'hint',
      message: `Hidden text has the colour of the paper (${hex(invisible.look.colour)} on ${hex(invisible.look.background)}): spam filters count that against a mail.`,
      where: {
        part: 'html',
        ...placeAt(page, dom.nodeLocation(invisible.element)?.startOffset ?? 0),
        element: `<${invisible.element.localName}> “${shortened(invisible.text, 50)}”`,
      },
      mend: 'Hide the preheader by display:none alone, without a colour of its own (MJML’s <mj-preview> gives it one).',
    });
  return { findings: poor, pairs: new Set(found.keys()) };
}

// Below this contrast SpamAssassin takes text for invisible.
const likePaper = 1.3;

interface Look {
  colour: Colour;
  background: Colour;
  /** A picture is behind it, whose colours are not known. */
  onImage: boolean;
  isHidden: boolean;
  /** In CSS pixels. */
  fontSize: number;
  isBold: boolean;
}

const outer: Look = {
  colour: { red: 0, green: 0, blue: 0, alpha: 1 },
  background: white,
  onImage: false,
  isHidden: false,
  fontSize: 16,
  isBold: false,
};

// WCAG calls text large from 18 points on, and from 14 points when it is bold.
const least = ({ fontSize, isBold }: Look) => (fontSize >= 24 || (isBold && fontSize >= 18.66) ? 3 : 4.5);

function lookOf(element: Element, cascade: Cascade, looks: Map<Element, Look>): Look {
  const known = looks.get(element);
  if (known) return known;
  const parent = element.parentElement ? lookOf(element.parentElement, cascade, looks) : outer;
  const declared = (property: string) => cascade.declared(element, property);
  const own = parseColour(declared('background-color'));
  const image = declared('background-image') ?? 'none';
  const look: Look = {
    colour: colourOf(element, declared('color'), parent.colour),
    background: own ? over(own, parent.background) : parent.background,
    onImage: image !== 'none' && image !== '' ? true : parent.onImage && !(own && own.alpha === 1),
    isHidden:
      parent.isHidden ||
      declared('display') === 'none' ||
      declared('visibility') === 'hidden' ||
      declared('opacity') === '0' ||
      element.hasAttribute('hidden'),
    fontSize: sizeOf(declared('font-size'), parent.fontSize, element),
    isBold: weightOf(declared('font-weight'), parent.isBold, element),
  };
  if (look.fontSize <= 1) look.isHidden = true;
  looks.set(element, look);
  return look;
}

function colourOf(element: Element, declared: string | undefined, inherited: Colour): Colour {
  if (declared && declared !== 'inherit') return parseColour(declared) ?? inherited;
  if (!declared && element.localName === 'a' && element.hasAttribute('href'))
    return { red: 0, green: 0, blue: 238, alpha: 1 };
  return inherited;
}

const headings: Record<string, number> = { h1: 2, h2: 1.5, h3: 1.17, h4: 1, h5: 0.83, h6: 0.67 };

function sizeOf(declared: string | undefined, inherited: number, { localName }: Element): number {
  if (!declared) return inherited * (headings[localName] ?? (localName === 'small' ? 0.83 : 1));
  const [, number, unit] = /^([\d.]+)(px|pt|em|rem|%)?$/.exec(declared.trim()) ?? [];
  if (number === undefined) return inherited;
  const value = Number(number);
  if (unit === 'pt') return (value * 4) / 3;
  if (unit === 'em') return value * inherited;
  if (unit === 'rem') return value * 16;
  return unit === '%' ? (value / 100) * inherited : value;
}

function weightOf(declared: string | undefined, inherited: boolean, { localName }: Element): boolean {
  if (declared === 'inherit') return inherited;
  if (declared) return declared === 'bold' || declared === 'bolder' || Number(declared) >= 700;
  return inherited || /^(h[1-6]|b|strong|th)$/.test(localName);
}

/** One colour over another that is opaque. */
function over(top: Colour, bottom: Colour): Colour {
  const mixed = (one: number, other: number) => one * top.alpha + other * (1 - top.alpha);
  return {
    red: mixed(top.red, bottom.red),
    green: mixed(top.green, bottom.green),
    blue: mixed(top.blue, bottom.blue),
    alpha: 1,
  };
}

function hex({ red, green, blue }: Colour): string {
  return `#${[red, green, blue].map((each) => Math.round(each).toString(16).padStart(2, '0')).join('')}`;
}

const names: Record<string, string> = {
  black: '#000000',
  white: '#ffffff',
  gray: '#808080',
  grey: '#808080',
  silver: '#c0c0c0',
  red: '#ff0000',
  maroon: '#800000',
  yellow: '#ffff00',
  olive: '#808000',
  lime: '#00ff00',
  green: '#008000',
  aqua: '#00ffff',
  teal: '#008080',
  blue: '#0000ff',
  navy: '#000080',
  fuchsia: '#ff00ff',
  purple: '#800080',
  orange: '#ffa500',
  lightgray: '#d3d3d3',
  lightgrey: '#d3d3d3',
  darkgray: '#a9a9a9',
  darkgrey: '#a9a9a9',
  whitesmoke: '#f5f5f5',
};

/** A colour as CSS writes it; undefined for what is none, or no plain one. */
export function parseColour(text: string | undefined): Colour | undefined {
  const value = text?.trim().toLowerCase() ?? '';
  if (value === 'transparent') return { ...white, alpha: 0 };
  const plain = names[value] ?? value;
  const digits = /^#([0-9a-f]{3,8})$/.exec(plain)?.[1];
  if (digits) {
    const pairs =
      digits.length <= 4 ? [...digits].map((digit) => digit + digit) : (digits.match(/../g) ?? []);
    const [red = 0, green = 0, blue = 0, alpha = 255] = pairs.map((pair) => Number.parseInt(pair, 16));
    return { red, green, blue, alpha: alpha / 255 };
  }
  const list = /^rgba?\(([^)]*)\)$/.exec(plain)?.[1];
  if (list === undefined) return undefined;
  const numbers = list
    .split(/[\s,/]+/)
    .filter(Boolean)
    .map((each, index) =>
      each.endsWith('%') ? (Number.parseFloat(each) / 100) * (index < 3 ? 255 : 1) : Number.parseFloat(each),
    );
  const [red = Number.NaN, green = Number.NaN, blue = Number.NaN, alpha = 1] = numbers;
  return [red, green, blue, alpha].some(Number.isNaN) ? undefined : { red, green, blue, alpha };
}
