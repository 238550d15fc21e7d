/** Reports: charts, and the tables behind them. */
export const reportsCss = `
.chart { container-type: inline-size; }
.chart .plot { display: none; width: 100%; height: auto; overflow: visible; font-family: var(--sans); font-variant-numeric: tabular-nums; color: var(--text); }
.chart .plot text, .chart .plot tspan { white-space: pre; }
@container (min-width: 821px) { .chart .full { display: block; } }
@container (min-width: 441px) and (max-width: 820px) { .chart .wide { display: block; } }
@container (min-width: 821px) { .half > .wide { display: block; } }
@container (max-width: 440px) { .chart .narrow { display: block; } }
.halves { grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); align-items: start; }
.may-be-empty:empty { display: none; }
.behind { display: flex; justify-content: space-between; align-items: center; gap: var(--s3); margin-top: var(--s3); }
.behind details { flex: 1; min-width: 0; }
.behind details > summary { font-weight: 500; color: var(--quiet); font-size: var(--size-small); display: inline-flex; align-items: center; min-height: 32px; }
.behind:has(details[open]) { align-items: flex-start; }
.behind details[open] { margin-inline-end: calc(-1 * var(--s3)); }
.behind .button, .behind-file .button { margin-inline-end: -10px; }
#delivery .pairs { max-width: 360px; }
#delivery .pairs dd { text-align: end; }
.behind-file { margin-top: var(--s2); text-align: end; max-width: none; }
.spark { display: inline-block; vertical-align: middle; }
.spark polyline { fill: none; stroke: var(--mark-1); stroke-width: 1.5; stroke-linejoin: round; }
tbody th[scope='row'] { padding: 10px var(--s3) 10px 0; border-top: 1px solid var(--line); color: var(--text); vertical-align: top; }
h3.within { margin: var(--s4) 0 var(--s2); }
.counted-list { display: flex; flex-direction: column; gap: 6px; }
.counted-list strong { display: inline-block; min-width: 3ch; text-align: end; margin-inline-end: 6px; color: var(--ink); font-variant-numeric: tabular-nums; }
.best { counter-reset: best; display: flex; flex-direction: column; }
.best li { display: grid; grid-template-columns: 2.2ch minmax(0, 1fr) auto; gap: 0 var(--s3); padding: 10px 0; border-top: 1px solid var(--line); align-items: baseline; }
.best li:first-child { border: 0; padding-top: 0; }
.best li::before { counter-increment: best; content: counter(best); color: var(--quiet); font-variant-numeric: tabular-nums; }
.best li a { font: 600 1rem/1.35 var(--serif); text-decoration: none; overflow-wrap: anywhere; }
.best li a:hover { text-decoration: underline; }
.best li > span { grid-column: 2; grid-row: 2; }
.best li > strong { grid-column: 3; grid-row: 1; color: var(--ink); text-align: end; }
.chart + p, .behind + p { margin-top: var(--s2); max-width: none; }
@media (max-width: 719px) { .behind:has(details[open]) { flex-wrap: wrap-reverse; } .behind details[open] { flex-basis: 100%; margin: 0; } .behind summary, .behind .button { min-height: 44px; } }
`;
