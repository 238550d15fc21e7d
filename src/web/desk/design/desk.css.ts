/** The ground of the desk: the frame, type, and what every element looks like without a class. */
export const deskCss = `
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-padding-top: 72px; }
body {
  margin: 0; min-height: 100vh; min-height: 100svh;
  background: var(--ground); color: var(--text);
  font: 400 var(--size)/1.5 var(--sans); font-variant-numeric: tabular-nums; overflow-wrap: break-word;
}
h1, h2, h3, h4 { margin: 0; color: var(--ink); line-height: 1.25; text-wrap: balance; }
h1, h2, h3, h4, dd, li { overflow-wrap: anywhere; }
h1 { font: 600 var(--size-title)/1.2 var(--serif); letter-spacing: -0.01em; }
h2 { font-size: var(--size-large); font-weight: 650; }
h3 { font-size: 1rem; font-weight: 650; }
p { margin: 0; max-width: 72ch; }
ul, ol, dl { margin: 0; padding: 0; list-style: none; }
dd { margin: 0; }
a { color: var(--ink); text-underline-offset: 3px; text-decoration-color: var(--edge); }
a:hover { text-decoration-color: currentColor; }
img, svg { max-width: 100%; }
hr { border: 0; border-top: 1px solid var(--line); margin: var(--s5) 0; }
code, pre, kbd { font-family: var(--mono); font-size: 0.9em; }
pre { overflow: auto; margin: 0; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; border-radius: var(--radius-small); }
[hidden] { display: none !important; }
.icon { fill: none; stroke: currentColor; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; flex: none; vertical-align: -0.2em; }
.vh { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; inset-inline-start: var(--s4); top: -60px; z-index: 60; background: var(--button); color: var(--on-button); padding: 10px 16px; border-radius: var(--radius); }
.skip:focus { top: 10px; }

/* The frame: a rail at the side, a bar on small screens. */
.desk { display: grid; grid-template-columns: 216px minmax(0, 1fr); min-height: 100svh; }
.rail { position: sticky; top: 0; height: 100svh; overflow: auto; padding: var(--s5) var(--s3) var(--s4); display: flex; flex-direction: column; gap: var(--s4); border-inline-end: 1px solid var(--line); background: var(--raised); }
.wordmark { font: 700 1.25rem/1 var(--serif); letter-spacing: -0.01em; color: var(--ink); text-decoration: none; padding: 0 var(--s3); display: block; }
.rail nav { display: flex; flex-direction: column; gap: 2px; }
.rail nav + nav { border-top: 1px solid var(--line); padding-top: var(--s3); }
.rail a.item, .rail .item { display: flex; align-items: center; gap: 10px; min-height: 40px; padding: 0 var(--s3); border-radius: var(--radius); color: var(--text); text-decoration: none; font-weight: 500; background: none; border: 0; font-size: var(--size); font-family: inherit; width: 100%; text-align: start; cursor: pointer; }
.rail .item:hover { background: var(--sunken); color: var(--ink); }
.rail .item[aria-current='page'] { background: var(--sunken); color: var(--ink); font-weight: 650; }
.rail .item .icon { color: var(--quiet); }
.rail .item[aria-current='page'] .icon { color: var(--accent); }
.rail .foot { margin-top: auto; }
.rail .who { display: block; padding: var(--s3) var(--s3) 0; font-size: var(--size-small); color: var(--quiet); overflow-wrap: anywhere; }
.page { min-width: 0; padding: var(--s6) clamp(16px, 3vw, 40px) 80px; }
.page > .inner { max-width: 1160px; margin: 0 auto; display: flex; flex-direction: column; gap: var(--s5); }
.page > .inner.wide { max-width: none; }
.page > .inner.narrow { max-width: 640px; }
.head { display: flex; flex-wrap: wrap; align-items: flex-end; justify-content: space-between; gap: var(--s3) var(--s5); }
.head > div { min-width: 0; }
.head .crumbs { font-size: var(--size-small); color: var(--quiet); margin-bottom: var(--s1); }
.head .crumbs a { color: inherit; }
.head .sub { color: var(--quiet); margin-top: var(--s1); }
.topbar { display: none; }
@media (max-width: 899px) {
  .desk { display: block; }
  .topbar { display: flex; align-items: center; justify-content: space-between; position: sticky; top: 0; z-index: 30; height: 56px; padding: 0 var(--s4); background: var(--raised); border-bottom: 1px solid var(--line); }
  .topbar .wordmark { padding: 0; }
  .rail { position: static; height: auto; border: 0; border-bottom: 1px solid var(--line); padding: var(--s3) var(--s4) var(--s4); }
  .rail > .wordmark { display: none; }
  .rail nav { display: grid; grid-template-columns: 1fr 1fr; }
  .rail:not(.open) { display: none; }
  .no-script .rail { display: flex; }
  .page { padding: var(--s5) var(--s4) 80px; }
  h1 { font-size: 1.5rem; }
}
/* A page for who is not (or no longer) at the desk. */
.alone { min-height: 100svh; display: grid; place-items: center; padding: var(--s5) var(--s4); }
.alone > main { width: min(100%, 420px); display: flex; flex-direction: column; gap: var(--s5); }
.alone .wordmark { text-align: center; font-size: 1.75rem; padding: 0; }
@media (prefers-reduced-motion: reduce) { *, *::before, *::after { animation: none !important; transition: none !important; } }
@media print { .rail, .topbar, .toasts { display: none; } .desk { display: block; } body { background: #fff; } }
`;
