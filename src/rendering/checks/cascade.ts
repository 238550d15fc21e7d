import type { JSDOM } from 'jsdom';

/** How a page is shown. */
export interface Viewing {
  dark: boolean;
  /** Of the window, in CSS pixels. */
  width: number;
}

interface Declared {
  value: string;
  important: boolean;
}

interface Rule {
  selector: string;
  specificity: number;
  style: CSSStyleDeclaration;
}

/** What style sheets and style attributes say of a page's elements, for some properties. */
export class Cascade {
  readonly #rules: Rule[];
  readonly #known = new WeakMap<Element, Map<string, string>>();
  readonly #properties: string[];
  readonly #ruleMatches = new Map<string, Set<Element>>();
  readonly #document: Document;

  constructor(dom: JSDOM, viewing: Viewing, properties: string[]) {
    this.#document = dom.window.document;
    this.#properties = properties;
    this.#rules = [...dom.window.document.styleSheets]
      .flatMap((sheet) => rulesFor(sheet.cssRules, viewing))
      .filter(({ style }) => properties.some((property) => style.getPropertyValue(property) !== ''));
  }

  /** What is declared for an element itself, by the cascade; undefined: nothing. */
  declared(element: Element, property: string): string | undefined {
    let known = this.#known.get(element);
    if (!known) {
      known = this.#resolve(element);
      this.#known.set(element, known);
    }
    return known.get(property);
  }

  #resolve(element: Element): Map<string, string> {
    const matching = this.#rules
      .map((rule, order) => ({ ...rule, order }))
      .filter(({ selector }) => this.#matches(selector).has(element))
      .sort((a, b) => a.specificity - b.specificity || a.order - b.order);
    const out = new Map<string, string>();
    for (const property of this.#properties) {
      let winner: Declared | undefined;
      const offer = (value: string, important: boolean) => {
        if (value !== '' && (important || !winner?.important)) winner = { value, important };
      };
      const hint = presentational(element, property);
      if (hint) offer(hint, false);
      for (const { style } of matching)
        offer(style.getPropertyValue(property), style.getPropertyPriority(property) === 'important');
      const inline = (element as HTMLElement).style;
      offer(inline?.getPropertyValue(property) ?? '', inline?.getPropertyPriority(property) === 'important');
      if (winner) out.set(property, winner.value);
    }
    return out;
  }

  // Asking once for a selector is far cheaper than asking each element about each.
  #matches(selector: string): Set<Element> {
    let known = this.#ruleMatches.get(selector);
    if (!known) {
      try {
        known = new Set(this.#document.querySelectorAll(selector));
      } catch {
        // Some client's own syntax.
        known = new Set();
      }
      this.#ruleMatches.set(selector, known);
    }
    return known;
  }
}

function presentational(element: Element, property: string): string | undefined {
  if (property === 'background-color') return element.getAttribute('bgcolor') ?? undefined;
  if (property === 'color' && element.localName === 'font') return element.getAttribute('color') ?? undefined;
  return undefined;
}

function rulesFor(rules: CSSRuleList, viewing: Viewing): Rule[] {
  return [...rules].flatMap((rule): Rule[] => {
    if ('selectorText' in rule) {
      const { selectorText, style } = rule as CSSStyleRule;
      return splitSelectors(selectorText).map((selector) => ({
        selector,
        specificity: specificityOf(selector),
        style,
      }));
    }
    if ('media' in rule && 'cssRules' in rule) {
      const media = rule as CSSMediaRule;
      return mediaApplies(media.media.mediaText, viewing) ? rulesFor(media.cssRules, viewing) : [];
    }
    return [];
  });
}

/** Whether a media query holds on a screen; false for what it does not know. */
export function mediaApplies(query: string, { dark, width }: Viewing): boolean {
  return query
    .toLowerCase()
    .split(',')
    .some((alternative) => {
      const parts = alternative.trim().split(/\s+and\s+/);
      return parts.every((part) => {
        if (/^(only\s+)?(screen|all)$/.test(part)) return true;
        const [, feature, value] = /^\(\s*([a-z-]+)\s*:([^)]+)\)$/.exec(part) ?? [];
        if (feature === 'prefers-color-scheme') return (value?.trim() === 'dark') === dark;
        if (feature === 'max-width') return width <= Number.parseFloat(value ?? '');
        if (feature === 'min-width') return width >= Number.parseFloat(value ?? '');
        return false;
      });
    });
}

function splitSelectors(list: string): string[] {
  const out: string[] = [];
  let depth = 0;
  let current = '';
  for (const character of list) {
    if (character === '(' || character === '[') depth++;
    if (character === ')' || character === ']') depth--;
    if (character === ',' && depth === 0) {
      out.push(current.trim());
      current = '';
    } else current += character;
  }
  return [...out, current.trim()].filter(Boolean);
}

/** A selector's specificity as one number: ids, then classes, attributes and pseudo-classes, then elements. */
export function specificityOf(selector: string): number {
  const ids = selector.match(/#[\w-]+/g)?.length ?? 0;
  const classes = selector.match(/\.[\w-]+|\[[^\]]*\]|(?<!:):(?!not|is|where|has)[a-z-]+/gi)?.length ?? 0;
  const elements =
    selector.replace(/\[[^\]]*\]|[#.:][\w-]+/g, ' ').match(/(?<![\w-])[a-z][\w-]*/gi)?.length ?? 0;
  const pseudoElements = selector.match(/::[a-z-]+/gi)?.length ?? 0;
  return ids * 10_000 + classes * 100 + elements + pseudoElements;
}
