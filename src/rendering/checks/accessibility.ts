import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults, ImpactValue, RunOptions } from 'axe-core';
import type { JSDOM } from 'jsdom';
import { counted, type Finding, type Severity } from './finding.ts';
import { type ExaminedPage, placeAt } from './page.ts';
import { written } from './structure.ts';

/**
 * Rules of axe that are off, and why. They fall into three kinds: those that need a layout, which jsdom has not; those
 * for pages, of which a mail is only a part, as clients show it within their own; and those that Broadsheet's own
 * checks look at with more to say.
 */
export const rulesOff: Record<string, string> = {
  'color-contrast': 'needs a layout; the check "contrast" works it out from the styles',
  'color-contrast-enhanced': 'needs a layout, and asks for more than AA',
  'target-size': 'needs a layout; the themes’ screenshots are measured instead',
  'scrollable-region-focusable': 'needs a layout',
  'css-orientation-lock': 'needs a layout',
  'link-in-text-block': 'needs a layout',
  'landmark-one-main': 'is for pages: the client’s own page has the landmarks',
  region: 'is for pages: the client’s own page has the landmarks',
  bypass: 'is for pages: a mail has no blocks that are repeated from page to page',
  'html-has-lang': 'the check "structure" looks at it',
  'document-title': 'the check "structure" looks at it',
  'heading-order': 'the check "structure" looks at it',
  'empty-heading': 'the check "structure" looks at it',
  'page-has-heading-one': 'the check "structure" looks at it',
  'image-alt': 'the check "images" looks at it',
  'link-name': 'the check "links" looks at it',
};

const severities: Record<NonNullable<ImpactValue>, Severity> = {
  critical: 'error',
  serious: 'error',
  moderate: 'warning',
  minor: 'hint',
};

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe-core says of a page. @param dom made with `runScripts: 'outside-only'` */
export async function checkAccessibility(dom: JSDOM, page: ExaminedPage): Promise<Finding[]> {
  const { window } = dom;
  if (!('axe' in window)) window.eval(source);
  const options: RunOptions = {
    resultTypes: ['violations'],
    rules: Object.fromEntries(Object.keys(rulesOff).map((rule) => [rule, { enabled: false }])),
  };
  const axe = window.axe as { run(context: unknown, options: RunOptions): Promise<AxeResults> };
  const { violations } = await axe.run(window.document, options);
  return violations.map(({ id, impact, help, helpUrl, nodes }) => {
    const selector = nodes[0]?.target[0];
    const element =
      typeof selector === 'string' ? (window.document.querySelector(selector) ?? undefined) : undefined;
    return {
      check: 'accessibility' as const,
      severity: severities[impact ?? 'minor'],
      message: `${help} (${id}${nodes.length > 1 ? `, ${counted(nodes.length, 'element')}` : ''}).`,
      where: {
        part: 'html' as const,
        ...(element && {
          ...placeAt(page, dom.nodeLocation(element)?.startOffset ?? 0),
          element: written(element),
        }),
      },
      mend: `Mend the template as ${helpUrl.replace(/\?.*$/, '')} says.`,
    };
  });
}
