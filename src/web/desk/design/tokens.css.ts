/**
 * What the desk is made of: colours, sizes, type. Light and dark are one list each; every text has a contrast of 4.5 to 1 or
 * more on its ground, every edge of a control 3 to 1. `data-appearance` on the root is a user's choice against their device's.
 */
const light = `
  --ground: #f4f3ef; --paper: #ffffff; --raised: #faf9f6; --sunken: #ebe9e3;
  --ink: #191a1c; --text: #34363a; --quiet: #5c5f65; --line: #dfddd6; --edge: #85878b;
  --accent: #8a2b1d; --accent-soft: #f6e9e5; --focus: #1c5fc4;
  --button: #1f2124; --button-over: #393c41; --on-button: #ffffff;
  --good: #1f5b39; --good-ground: #e5f1e8; --wait: #7a4b00; --wait-ground: #fbefd6;
  --bad: #9b1c1c; --bad-ground: #fbe9e7; --busy: #1b4f91; --busy-ground: #e5eefa;
  --mark-1: #8a2b1d; --mark-2: #2f6690; --mark-3: #55723b; --mark-4: #8d6a1e; --mark-5: #6b4c86;
  --shadow: 0 1px 2px rgb(25 26 28 / 6%), 0 4px 16px rgb(25 26 28 / 5%);
  --shadow-high: 0 2px 6px rgb(25 26 28 / 10%), 0 16px 48px rgb(25 26 28 / 18%);`;

const dark = `
  --ground: #131415; --paper: #1c1e20; --raised: #232528; --sunken: #0e0f10;
  --ink: #f4f3f0; --text: #d3d5d8; --quiet: #a3a6ac; --line: #34373b; --edge: #85888d;
  --accent: #f0a08f; --accent-soft: #3a2520; --focus: #8ab4f8;
  --button: #ececea; --button-over: #ffffff; --on-button: #17181a;
  --good: #9fd3b0; --good-ground: #1b2d22; --wait: #f0c878; --wait-ground: #35290f;
  --bad: #f5a8a0; --bad-ground: #3a211e; --busy: #a4c8f5; --busy-ground: #1b2b40;
  --mark-1: #f0a08f; --mark-2: #8fbfe3; --mark-3: #a9c98b; --mark-4: #e0bd6c; --mark-5: #c5a7de;
  --shadow: 0 1px 2px rgb(0 0 0 / 40%); --shadow-high: 0 16px 48px rgb(0 0 0 / 60%);`;

export const tokensCss = `
:root {
  color-scheme: light;${light}
  --s1: 4px; --s2: 8px; --s3: 12px; --s4: 16px; --s5: 24px; --s6: 32px; --s7: 48px;
  --radius: 8px; --radius-small: 5px; --control: 40px;
  --size-small: 0.8125rem; --size: 0.9375rem; --size-large: 1.125rem; --size-title: 1.75rem;
  --sans: system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Noto Sans', Arial, sans-serif;
  --serif: 'Iowan Old Style', 'Palatino Linotype', Palatino, 'URW Palladio L', Charter, Georgia, serif;
  --mono: ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, 'Liberation Mono', monospace;
}
@media (prefers-color-scheme: dark) { :root:not([data-appearance='light']) { color-scheme: dark;${dark} } }
:root[data-appearance='dark'] { color-scheme: dark;${dark} }
`;
