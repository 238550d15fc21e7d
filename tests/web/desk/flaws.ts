import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const standard = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

const layoutRules = ['color-contrast', 'target-size', 'link-in-text-block', 'scrollable-region-focusable'];

export type Screen = [width: number, colorScheme: 'light' | 'dark'];
export const twoScreens: Screen[] = [
  [390, 'dark'],
  [1440, 'light'],
];
export const allScreens: Screen[] = [...twoScreens, [390, 'light'], [1440, 'dark']];

interface Violation {
  id: string;
  impact: string;
  nodes: { html: string; failureSummary: string }[];
}

/** What counts, beside what is serious or critical to axe. */
export interface Strictness {
  screens?: Screen[];
  /** Screens on which only what depends on colours and sizes is looked at: what else axe minds is the same on each. */
  briefly?: Screen[];
  /** Axe's best practice, too, and all but what is moderate. */
  bestPractice?: boolean;
  /** Without what is in frames: other people's mail. */
  frames?: boolean;
}

/** What axe finds in a page of the desk, and what is wider than the window, on each screen. With SHOTS, pictures lie there. */
export async function flaws(
  page: Page,
  name: string,
  { screens = twoScreens, briefly = [], bestPractice = false, frames = true }: Strictness = {},
): Promise<string[]> {
  const found: string[] = [];
  const usual = bestPractice ? [...standard, 'best-practice'] : standard;
  await page.evaluate(axe);
  for (const [width, colorScheme, runOnly] of [
    ...screens.map((screen) => [...screen, usual] as const),
    ...briefly.map((screen) => [...screen, layoutRules] as const),
  ]) {
    await page.setViewportSize({ width, height: 900 });
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    // Colours that are on their way from light to dark are not what anybody reads; what inherits them follows a frame later.
    await page.evaluate(async () => {
      for (let still = 0; still < 3; ) {
        const moving = document.getAnimations().filter((each) => each instanceof CSSTransition);
        for (const each of moving) each.finish();
        still = moving.length === 0 ? still + 1 : 0;
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
    });
    const { violations } = await page.evaluate<{ violations: Violation[] }>(
      // What stands behind a dialog cannot be pressed.
      `axe.run(document.querySelector('dialog:modal') ?? document, ${JSON.stringify({ iframes: frames, runOnly, resultTypes: ['violations'] })})`,
    );
    for (const { id, impact, nodes } of violations)
      if (bestPractice ? impact !== 'moderate' : impact === 'serious' || impact === 'critical')
        found.push(
          `${name} ${width} ${colorScheme}: ${id} (${impact}): ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 160)} ${failureSummary}`).join('\n')}`,
        );
    const wide = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    if (wide > 0) found.push(`${name} ${width}: ${wide} px too wide`);
    if (process.env.SHOTS)
      await page.screenshot({
        path: `${process.env.SHOTS}/${name}-${width}-${colorScheme}.png`,
        fullPage: true,
      });
  }
  return found;
}
