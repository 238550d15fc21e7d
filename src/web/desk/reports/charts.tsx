/** @jsxImportSource hono/jsx */
import type { Markish, PlotOptions } from '@observablehq/plot';
import { raw } from 'hono/html';
import { type DeskLanguage, moment, number, percent } from '../words/words.ts';

/** What a chart says of itself to those who do not see it. */
interface Said {
  /** On the page once. */
  id: string;
  title: string;
  /** What is to be seen in it, in a sentence. */
  text: string;
}

/** The widths in which charts are drawn, in CSS pixels, each for the room that there is. */
const widths = { full: 1040, wide: 500, narrow: 310 } as const;
type Width = keyof typeof widths;

const main = 'var(--mark-1)';
const second = 'var(--mark-2)';
const quiet = 'var(--edge)';

type Plotting = typeof import('@observablehq/plot');
let loading: Promise<{ Plot: Plotting; parseHTML: (html: string) => { document: Document } }> | undefined;

// With what it stands on it is large, and most pages have no chart.
function library() {
  loading ??= (async () => {
    const [Plot, { parseHTML }] = await Promise.all([import('@observablehq/plot'), import('linkedom')]);
    return { Plot, parseHTML: parseHTML as unknown as (html: string) => { document: Document } };
  })();
  return loading;
}

/** Charts that were drawn, by what they show: figures change now and then, and pages are looked at often. */
const held = new Map<string, string[]>();
const mostHeld = 300;

/**
 * A chart as SVG in several widths, of which a style sheet shows one: text keeps its size on every screen.
 * @param half it never has more than half a page
 * @param data all that it depends on
 * @param options what is drawn in one of the widths
 */
async function drawn(
  { half, ...said }: Said & { half?: boolean },
  data: unknown,
  options: (Plot: Plotting, width: Width) => PlotOptions,
) {
  const key = JSON.stringify([half, said, data]);
  const svgs =
    held.get(key) ?? (await allWidths(said, half ? ['wide', 'narrow'] : ['full', 'wide', 'narrow'], options));
  held.set(key, svgs);
  if (held.size > mostHeld) held.delete(held.keys().next().value as string);
  return <div class={half ? 'chart half' : 'chart'}>{svgs.map((svg) => raw(svg))}</div>;
}

async function allWidths(
  said: Said,
  wanted: Width[],
  options: (Plot: Plotting, width: Width) => PlotOptions,
): Promise<string[]> {
  const { Plot, parseHTML } = await library();
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  return wanted.map((width) => {
    const svg = Plot.plot({ document, width: widths[width], ...options(Plot, width) }) as SVGSVGElement;
    return plainSvg(document, svg, width, said);
  });
}

/** What the desk's policy allows: no styles of its own, in elements or attributes; with a name and a description. */
function plainSvg(document: Document, svg: SVGSVGElement, width: Width, said: Said): string {
  const id = `${said.id}-${width}`;
  for (const style of svg.querySelectorAll('style')) style.remove();
  for (const element of [svg, ...svg.querySelectorAll('*')]) {
    const style = element.getAttribute('style');
    for (const [, name = '', value = ''] of style?.matchAll(/([\w-]+)\s*:\s*([^;]+)/g) ?? [])
      element.setAttribute(name, value.trim());
    for (const name of ['style', 'aria-label', 'aria-hidden', 'aria-description'])
      element.removeAttribute(name);
    for (const name of ['transform', 'd', 'x', 'y', 'x1', 'x2', 'y1', 'y2', 'width', 'height', 'cx', 'cy']) {
      const value = element.getAttribute(name);
      if (value?.includes('.'))
        element.setAttribute(
          name,
          value.replace(/\d+\.\d{2,}/g, (digits) => String(Math.round(Number(digits) * 10) / 10)),
        );
    }
  }
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  svg.setAttribute('class', `plot ${width}`);
  svg.setAttribute('font-size', '12');
  svg.removeAttribute('font-family');
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-labelledby', `${id}-title ${id}-text`);
  for (const [name, text] of [
    ['desc', said.text],
    ['title', said.title],
  ] as const) {
    const element = document.createElementNS('http://www.w3.org/2000/svg', name);
    element.setAttribute('id', `${id}-${name === 'title' ? 'title' : 'text'}`);
    element.textContent = text;
    svg.insertBefore(element, svg.firstChild);
  }
  return svg.outerHTML;
}

/** A bar of a chart. */
export interface Bar {
  label: string;
  value: number;
  /** The value as people read it, at the bar's end. */
  shown: string;
}

/** Bars beneath each other, with their labels at the side, or above them where there is little room. */
export function BarChart({ bars, ...said }: Said & { bars: Bar[]; half?: boolean }) {
  const most = Math.max(...bars.map(({ value }) => value), 0) || 1;
  const longest = Math.max(...bars.map(({ label }) => label.length));
  return drawn(said, bars, (Plot, width) => {
    const rows = bars.map((bar, at) => ({ ...bar, at }));
    const room = { full: 62, wide: 26, narrow: 0 }[width];
    // Where some label is too long for the side, all stand above their bars.
    const isBeside = width === 'full' || longest <= room;
    const marks: Markish[] = [
      Plot.barX(rows, {
        y: 'at',
        x: 'value',
        fill: main,
        insetTop: isBeside ? 5 : 21,
        insetBottom: isBeside ? 5 : 3,
        rx: 2,
      }),
      Plot.text(rows, {
        y: 'at',
        x: 'value',
        text: 'shown',
        textAnchor: 'start',
        dx: 6,
        dy: isBeside ? 0 : 9,
        fill: 'var(--ink)',
      }),
      Plot.text(rows, {
        y: 'at',
        x: 0,
        text: ({ label }: Bar) => cut(label, isBeside ? room : width === 'wide' ? 70 : 42),
        textAnchor: isBeside ? 'end' : 'start',
        dx: isBeside ? -10 : 0,
        dy: isBeside ? 0 : -10,
        fill: 'var(--text)',
      }),
    ];
    return {
      height: bars.length * (isBeside ? 30 : 46) + 4,
      marginLeft: isBeside ? 14 + Math.min(longest, room) * 7.2 : 0,
      marginRight: 92,
      marginTop: 2,
      marginBottom: 2,
      x: { axis: null, domain: [0, most] },
      y: { axis: null, type: 'band', padding: 0 },
      marks,
    };
  });
}

const cut = (text: string, most: number) =>
  text.length > most ? `${text.slice(0, most - 1).trimEnd()}…` : text;

/** A point of a line. */
export interface Point {
  at: Date;
  value: number;
  /** What is shown when somebody points at it. */
  label: string;
}

/** A line over time, with a dot for each point, and what is usual as a dashed one. */
export function LineChart({
  points,
  usual,
  language,
  isShare,
  ...said
}: Said & {
  points: Point[];
  usual?: number | null;
  language: DeskLanguage;
  isShare?: boolean;
  half?: boolean;
}) {
  const most = Math.max(...points.map(({ value }) => value), usual ?? 0) || (isShare ? 0.01 : 1);
  const written = (value: number) =>
    isShare ? percent(value, language) : number(value, language, { notation: 'compact' });
  return drawn(said, { points, usual, language, isShare }, (Plot, width) => ({
    height: width === 'narrow' ? 170 : 200,
    marginLeft: 48,
    marginRight: 28,
    marginTop: 12,
    marginBottom: 26,
    x: { type: 'utc' },
    y: { domain: [0, most * 1.1] },
    marks: [
      Plot.gridY({ ticks: 4, stroke: 'var(--line)', strokeOpacity: 1 }),
      Plot.axisY({ ticks: 4, tickSize: 0, label: null, fill: 'var(--quiet)', tickFormat: written }),
      Plot.axisX({
        ticks: { full: 10, wide: 6, narrow: 3 }[width],
        tickSize: 0,
        tickPadding: 8,
        label: null,
        fill: 'var(--quiet)',
        tickFormat: (day: Date) => dayOf(day, language),
      }),
      ...(usual ? [Plot.ruleY([usual], { stroke: quiet, strokeDasharray: '4 4' })] : []),
      Plot.lineY(points, { x: 'at', y: 'value', stroke: main, strokeWidth: 2 }),
      ...(points.length <= 60
        ? [
            Plot.dot(points, {
              x: 'at',
              y: 'value',
              fill: main,
              r: width === 'narrow' ? 2.5 : 3,
              title: 'label',
            }),
          ]
        : []),
    ],
  }));
}

const dayOf = (day: Date, language: DeskLanguage) =>
  moment(day, language, 'UTC', { weekday: undefined, hour: undefined, minute: undefined });

/** What came and went in a week. */
export interface Change {
  at: Date;
  joined: number;
  left: number;
  label: string;
}

/** Bars upwards for those who came, and downwards for those who went. */
export function ChangeChart({
  weeks,
  language,
  ...said
}: Said & { weeks: Change[]; language: DeskLanguage; half?: boolean }) {
  // A number of ticks is only a wish: for some weeks each would have one, and run into the next.
  const few = weeks.filter((_, at) => at % Math.ceil(weeks.length / 3) === 0).map(({ at }) => at);
  return drawn(said, { weeks, language }, (Plot, width) => ({
    height: width === 'narrow' ? 170 : 200,
    marginLeft: 48,
    marginRight: 28,
    marginTop: 12,
    marginBottom: 26,
    x: { type: 'utc' },
    marks: [
      Plot.gridY({ ticks: 4, stroke: 'var(--line)', strokeOpacity: 1 }),
      Plot.axisY({
        ticks: 4,
        tickSize: 0,
        label: null,
        fill: 'var(--quiet)',
        tickFormat: (value: number) => number(Math.abs(value), language, { notation: 'compact' }),
      }),
      Plot.axisX({
        ticks: { full: 10, wide: 6, narrow: few }[width],
        tickSize: 0,
        tickPadding: 8,
        label: null,
        fill: 'var(--quiet)',
        tickFormat: (day: Date) => dayOf(day, language),
      }),
      Plot.rectY(weeks, { x: 'at', interval: 'week', y: 'joined', fill: second, inset: 0.5, title: 'label' }),
      Plot.rectY(weeks, {
        x: 'at',
        interval: 'week',
        y: ({ left }: Change) => -left,
        fill: main,
        inset: 0.5,
        title: 'label',
      }),
      Plot.ruleY([0], { stroke: quiet }),
    ],
  }));
}

/** When readers came: a bar for each hour, with another one before it. */
export function HoursChart({
  hours,
  language,
  ...said
}: Said & { hours: { hour: number; opened: number; clicked: number }[]; language: DeskLanguage }) {
  const last = Math.max(12, ...hours.map(({ hour }) => hour + 1));
  const rows = hours.map((each) => ({ ...each, from: each.hour, to: each.hour + 1 }));
  return drawn(said, { hours, language }, (Plot, width) => ({
    height: width === 'narrow' ? 160 : 190,
    marginLeft: 48,
    marginRight: 8,
    marginTop: 12,
    marginBottom: 26,
    x: { domain: [0, last] },
    marks: [
      Plot.gridY({ ticks: 4, stroke: 'var(--line)', strokeOpacity: 1 }),
      Plot.axisY({
        ticks: 4,
        tickSize: 0,
        label: null,
        fill: 'var(--quiet)',
        tickFormat: (value: number) => number(value, language, { notation: 'compact' }),
      }),
      Plot.axisX({
        ticks: { full: 18, wide: 12, narrow: 6 }[width],
        tickSize: 0,
        tickPadding: 8,
        label: null,
        fill: 'var(--quiet)',
        tickFormat: (hour: number) => `${hour} h`,
      }),
      Plot.rectY(rows, { x1: 'from', x2: 'to', y: 'opened', fill: second, fillOpacity: 0.55, insetRight: 1 }),
      Plot.rectY(rows, { x1: 'from', x2: 'to', y: 'clicked', fill: main, insetLeft: 1, insetRight: 2 }),
      Plot.ruleY([0], { stroke: quiet }),
    ],
  }));
}

/** A line as small as a word, to go with figures that are written beside it. */
export function Sparkline({ values }: { values: number[] }) {
  if (values.length < 3) return null;
  const most = Math.max(...values) || 1;
  const step = 96 / (values.length - 1);
  const points = values
    .map((value, at) => `${(2 + at * step).toFixed(1)},${(24 - (value / most) * 20).toFixed(1)}`)
    .join(' ');
  return (
    <svg class="spark" viewBox="0 0 100 28" width="100" height="28" aria-hidden="true" focusable="false">
      <polyline points={points} />
    </svg>
  );
}
