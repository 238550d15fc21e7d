/** Contrast that WCAG 2.2 asks of text at level AA. */
export const leastContrast = 4.5;

/** The paper on which themes print, at its darkest in light mode and at its lightest in dark mode. */
export const paper = { light: '#f3f0ea', dark: '#24282e' };

/** How strongly two colours (`#rrggbb`) differ, from 1 to 21, as WCAG counts it. */
export function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

/** Black or white, whichever is read better on a colour. */
export function readableOn(surface: string): string {
  return contrast('#ffffff', surface) >= contrast('#111111', surface) ? '#ffffff' : '#111111';
}

/** The colour itself, or as much lighter or darker as it takes to be read on a surface. */
export function readable(colour: string, surface: string): string {
  const goal = luminance(surface) > 0.18 ? '#000000' : '#ffffff';
  for (let share = 0; share <= 1; share += 0.04) {
    const mixed = mix(colour, goal, share);
    if (contrast(mixed, surface) >= leastContrast) return mixed;
  }
  return goal;
}

function mix(one: string, other: string, share: number): string {
  const target = channels(other);
  return `#${channels(one)
    .map((value, index) => Math.round(value + ((target[index] ?? 0) - value) * share))
    .map((value) => value.toString(16).padStart(2, '0'))
    .join('')}`;
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = channels(colour)
    .map((value) => value / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function channels(colour: string): number[] {
  return [1, 3, 5].map((start) => Number.parseInt(colour.slice(start, start + 2), 16));
}
