import { createHash } from 'node:crypto';

/**
 * The look of every page: one sheet, a serif for what is said and the system's face for what is used, and one colour, which
 * a newsletter's brand may replace (look.ts). Colours are variables, so that light and dark are one list each; every text
 * colour has a contrast of 4.5 to 1 or more on its ground. Sides are logical (start and end), for right-to-left pages.
 */
export const siteCss = `
:root {
  color-scheme: light dark;
  --ground: #f1f1ee;
  --paper: #ffffff;
  --raised: #f4f4f1;
  --ink: #17181a;
  --text: #37393c;
  --quiet: #5e6165;
  --line: #deded9;
  --edge: #85878b;
  --accent: #8a2b1d;
  --accent-strong: #6f2015;
  --button: #8a2b1d;
  --on-button: #ffffff;
  --good: #245437;
  --good-ground: #eaf3ec;
  --bad: #9b1c1c;
  --on-bad: #ffffff;
  --bad-ground: #fbecea;
  --radius: 6px;
  --serif: 'Iowan Old Style', 'Palatino Linotype', Palatino, 'URW Palladio L', Charter, Georgia, serif;
  --sans: system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Noto Sans', Arial, sans-serif;
  --mono: ui-monospace, 'SF Mono', 'Cascadia Mono', Menlo, Consolas, 'Liberation Mono', monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #121314;
    --paper: #1b1d1f;
    --raised: #26282b;
    --ink: #f3f3f1;
    --text: #d2d4d6;
    --quiet: #a2a5aa;
    --line: #36393d;
    --edge: #85888d;
    --accent: #f0a08f;
    --accent-strong: #f7bdb0;
    --button: #f0a08f;
    --on-button: #2a0d07;
    --good: #a5d3b1;
    --good-ground: #1d2b22;
    --bad: #f5a8a0;
    --on-bad: #2a0d07;
    --bad-ground: #35201d;
  }
}
*, *::before, *::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0;
  min-height: 100vh;
  min-height: 100svh;
  display: flex;
  flex-direction: column;
  background: var(--ground);
  color: var(--text);
  font: 400 1.0625rem/1.6 var(--sans);
  overflow-wrap: break-word;
}
h1, h2, h3, p, ul, ol, fieldset, figure { margin: 0; padding: 0; }
h1, h2 { font-family: var(--serif); color: var(--ink); text-wrap: balance; }
h1 { font-size: clamp(1.8125rem, 1.5rem + 1.5vw, 2.375rem); line-height: 1.16; font-weight: 700; letter-spacing: -0.018em; }
h2 { font-size: 1.375rem; line-height: 1.3; font-weight: 700; letter-spacing: -0.01em; }
a { color: var(--accent); text-underline-offset: 0.18em; text-decoration-thickness: 1px; }
a:hover { color: var(--accent-strong); text-decoration-thickness: 2px; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
b, strong { color: var(--ink); font-weight: 600; }
:lang(ar) { letter-spacing: normal !important; }
:lang(ar) h1, :lang(ar) h2 { line-height: 1.4; }
:lang(ja) { line-break: strict; }

/* The sheet */
.sheet {
  width: 100%;
  max-width: 38rem;
  margin: auto;
  padding: 2rem 1.375rem 2.75rem;
  background: var(--paper);
  border-top: 4px solid var(--accent);
}
.masthead { padding-bottom: 1.25rem; border-bottom: 1px solid var(--line); margin-bottom: 2rem; }
.masthead p { font-family: var(--serif); }
.masthead .logo { display: block; max-width: 100%; height: auto; }
.masthead .name { font-size: 1.25rem; line-height: 1.3; font-weight: 700; letter-spacing: -0.01em; color: var(--ink); }
.masthead .motto { color: var(--quiet); line-height: 1.45; text-wrap: pretty; margin-top: 0.25rem; }
.flow > * + * { margin-top: 1.125rem; }
.flow > h1 + * { margin-top: 0.875rem; }
.flow > * + h2 { margin-top: 2.5rem; }
.flow > h2 + * { margin-top: 0.5rem; }
.flow > * + form, .flow > form + * { margin-top: 1.75rem; }
.flow > form + h2 { margin-top: 3rem; }
.flow > h1 + .subscription, .flow > h1 + .editions { margin-top: 1.75rem; }
.quiet { color: var(--quiet); font-size: 0.9375rem; line-height: 1.55; }
.quiet a { display: inline-block; padding: 0.125rem 0; }
.foot { margin-top: 2.25rem; padding-top: 1.25rem; border-top: 1px solid var(--line); }
.foot + .quiet { margin-top: 0.5rem; }
.sender { width: 100%; max-width: 38rem; margin: 0 auto; padding: 1.25rem 1.375rem 2rem; color: var(--quiet); font-size: 0.875rem; line-height: 1.5; white-space: pre-line; text-align: center; }
@media (min-width: 44rem) {
  body { padding: 4rem 1.5rem; }
  .sheet { padding: 3rem 4rem 3.5rem; border-radius: 0 0 var(--radius) var(--radius); box-shadow: 0 1px 2px rgb(0 0 0 / 6%), 0 12px 40px -16px rgb(0 0 0 / 12%); }
  .sender { margin-bottom: -2rem; }
}
@media (max-width: 43.99rem) {
  body { background: var(--paper); }
  .sheet { margin-top: 0; margin-bottom: auto; }
}
/* On another site's page, in a frame of its size: only what is needed. */
body.framed { background: none; padding: 0; min-height: 0; }
.framed .sheet { max-width: none; margin: 0; padding: 1.25rem; border: 1px solid var(--line); border-radius: var(--radius); box-shadow: none; }
.framed h1 { font-size: 1.375rem; line-height: 1.3; }

/* Notices */
.notice { padding: 0.875rem 1.125rem; border-inline-start: 4px solid; border-radius: var(--radius); line-height: 1.5; }
.notice.good { color: var(--good); background: var(--good-ground); border-color: var(--good); }
.notice.bad { color: var(--bad); background: var(--bad-ground); border-color: var(--bad); }

/* Forms */
form.fields > * + * { margin-top: 1.375rem; }
.field > label, .field > .label { display: block; font-weight: 600; color: var(--ink); margin-bottom: 0.375rem; line-height: 1.4; }
.field > label.choice { display: flex; font-weight: 400; margin-bottom: 0; }
.field .hint { color: var(--quiet); font-size: 0.9375rem; line-height: 1.5; margin-top: 0.375rem; }
.field .error { color: var(--bad); font-size: 0.9375rem; line-height: 1.5; margin-top: 0.375rem; font-weight: 600; }
.optional { font-weight: 400; color: var(--quiet); }
input[type='email'], input[type='text'], input[type='search'], input[type='date'], select, textarea {
  display: block;
  width: 100%;
  min-height: 3rem;
  padding: 0.625rem 0.875rem;
  font: inherit;
  line-height: 1.5;
  color: var(--ink);
  background-color: var(--paper);
  border: 1px solid var(--edge);
  border-radius: var(--radius);
}
textarea { resize: vertical; }
[dir='rtl'] input[dir='ltr'] { text-align: right; }
/* The browser's own arrow, with its own idea of a margin, is drawn over. */
select {
  appearance: none;
  padding-inline-end: 2.5rem;
  background-image:
    linear-gradient(45deg, transparent 50%, var(--quiet) 50%),
    linear-gradient(-45deg, transparent 50%, var(--quiet) 50%);
  background-position: right 1.3rem center, right 0.95rem center;
  background-size: 0.36rem 0.36rem;
  background-repeat: no-repeat;
}
[dir='rtl'] select { background-position: left 0.95rem center, left 1.3rem center; }
::placeholder { color: var(--quiet); opacity: 1; }
input[aria-invalid='true'] { border-color: var(--bad); border-width: 2px; }
input[type='checkbox'], input[type='radio'] { width: 1.25rem; height: 1.25rem; margin: 0; accent-color: var(--accent); flex: none; }
.topic-name { display: inline-block; }
.topic-name::first-letter { text-transform: uppercase; }
.choice { display: flex; align-items: center; gap: 0.75rem; min-height: 2.75rem; cursor: pointer; color: var(--ink); }
fieldset { border: 0; min-width: 0; }
legend { padding: 0; }
.choices { display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); column-gap: 1rem; }
.trap { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; white-space: nowrap; }
.why { border-top: 1px solid var(--line); padding-top: 1.75rem; }
.why h2 { margin-bottom: 0.5rem; }

.button {
  display: inline-flex;
  align-items: center;
  justify-content: center;
  min-height: 3rem;
  padding: 0.6875rem 1.625rem;
  font: 600 1.0625rem/1.4 var(--sans);
  color: var(--on-button);
  background: var(--button);
  border: 1px solid var(--button);
  border-radius: var(--radius);
  text-decoration: none;
  text-align: center;
  text-wrap: balance;
  cursor: pointer;
}
.button:hover { color: var(--on-button); box-shadow: 0 0 0 3px color-mix(in srgb, var(--button) 28%, transparent); }
.button.second { color: var(--ink); background: transparent; border-color: var(--edge); }
.button.second:hover { color: var(--ink); background: var(--raised); border-color: var(--ink); box-shadow: none; }
.button.danger { color: var(--on-bad); background: var(--bad); border-color: var(--bad); }
.button.danger:hover { color: var(--on-bad); box-shadow: 0 0 0 3px color-mix(in srgb, var(--bad) 28%, transparent); }
.actions { display: flex; flex-wrap: wrap; gap: 0.75rem; }
@media (max-width: 30rem) { .button { width: 100%; } }

/* A list of things: subscriptions, topics, editions */
.items { list-style: none; border-top: 1px solid var(--line); }
.items > li { padding: 0.875rem 0; border-bottom: 1px solid var(--line); }
.items .name { font-family: var(--serif); font-size: 1.1875rem; line-height: 1.35; font-weight: 700; color: var(--ink); }
.editions { list-style: none; }
.editions > li { padding: 1.25rem 0; border-top: 1px solid var(--line); }
.editions h2 { margin: 0.125rem 0 0.25rem; }
.editions h2 a { color: var(--ink); text-decoration: none; display: inline-block; padding: 0.125rem 0; }
.editions h2 a:hover { color: var(--accent); text-decoration: underline; }
.subscription { border-top: 1px solid var(--line); padding-top: 1.5rem; }
.subscription > * + * { margin-top: 1.125rem; }
.subscription > .pair + .field, .subscription > .field + .field { margin-top: 1.625rem; }
.flow > .subscription { margin-top: 1.75rem; }
.topics + .hint, .sources + .hint { margin-top: 0.75rem; }
.subscription > .title, .subscription > legend + .pair, .subscription > legend.trap + * { margin-top: 0; }
.subscription > legend:not(.trap) { float: inline-start; width: 100%; }
.subscription > legend:not(.trap) + * { clear: both; padding-top: 1.125rem; }
form.fields > .subscription { margin-top: 2rem; }
form.fields > .subscription + .button { margin-top: 2rem; }
.subscription > .title { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: center; column-gap: 1.5rem; }
@media (max-width: 30rem) { .subscription > .title { display: block; } }
.pair { display: grid; gap: 1.125rem 1.25rem; }
@media (min-width: 34rem) { .pair { grid-template-columns: 1fr 1fr; align-items: end; } }
.sources { display: grid; grid-template-columns: repeat(auto-fill, minmax(12rem, 1fr)); gap: 0 1rem; }
summary.label { cursor: pointer; min-height: 2.75rem; align-content: center; list-style: none; }
summary.label::before { content: "▸ "; }
[dir='rtl'] summary.label::before { content: "◂ "; }
details[open] > summary.label::before, [dir='rtl'] details[open] > summary.label::before { content: "▾ "; }
.topics { border-top: 1px solid var(--line); }
.topic { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; column-gap: 1rem; border-bottom: 1px solid var(--line); padding: 0.25rem 0; }
.topic > .label { color: var(--ink); padding: 0.25rem 0; flex: 1 1 8rem; }
.segments { display: flex; gap: 1.125rem; }
.segments label { display: flex; align-items: center; gap: 0.4375rem; min-height: 2.75rem; cursor: pointer; font-size: 0.9375rem; }

/* The inbox */
.sheet.wide { max-width: 64rem; margin: 0 auto auto; }
.bar { display: flex; flex-wrap: wrap; gap: 0.75rem 1.5rem; align-items: end; justify-content: space-between; }
.bar form { display: flex; gap: 0.625rem; flex: 1 1 18rem; max-width: 28rem; }
.bar .button { width: auto; }
.mails { list-style: none; padding: 0; margin: 1.5rem 0 0; border-top: 1px solid var(--ink); }
.mails a {
  display: grid;
  grid-template-columns: minmax(0, 15rem) minmax(0, 1fr) auto;
  gap: 0.125rem 1.5rem;
  align-items: baseline;
  min-height: 3rem;
  padding: 0.75rem 0.5rem;
  border-bottom: 1px solid var(--line);
  color: var(--text);
  text-decoration: none;
}
.mails a:hover { background: var(--raised); }
.mails .to, .mails .subject { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.mails .subject { color: var(--ink); font-weight: 600; }
.mails time { color: var(--quiet); font-size: 0.875rem; white-space: nowrap; font-variant-numeric: tabular-nums; }
@media (max-width: 43.99rem) {
  .mails a { grid-template-columns: minmax(0, 1fr) auto; }
  .mails .subject { grid-column: 1 / -1; grid-row: 2; }
}
.pager { display: flex; justify-content: space-between; gap: 1rem; margin-top: 1rem; }
.pager a, .crumb a { display: inline-flex; align-items: center; min-height: 2.75rem; }
.facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0.25rem 1.25rem; margin: 1rem 0 0; font-size: 0.9375rem; }
.facts dt { color: var(--quiet); }
.facts dd { margin: 0; color: var(--ink); overflow-wrap: anywhere; }
.tabs { display: flex; flex-wrap: wrap; column-gap: clamp(0.875rem, 4vw, 1.5rem); margin-top: 1.5rem; border-bottom: 1px solid var(--ink); }
.tabs a { display: inline-flex; align-items: center; min-height: 2.75rem; padding: 0 0.125rem; color: var(--quiet); text-decoration: none; border-bottom: 3px solid transparent; }
.tabs a:hover { color: var(--ink); }
.tabs a[aria-current] { color: var(--ink); font-weight: 600; border-color: var(--accent); }
.mail-frame { display: block; width: 100%; height: 80vh; min-height: 30rem; margin-top: 1.25rem; border: 1px solid var(--line); background: #fff; color-scheme: light; }
pre { margin: 1.25rem 0 0; padding: 1.125rem; background: var(--raised); color: var(--ink); font: 0.875rem/1.55 var(--mono); white-space: pre-wrap; overflow-wrap: anywhere; }
.empty { padding: 3rem 0; text-align: center; }
`.trim();

/** Where the stylesheet is served. The address changes with the content, so that it may be kept for ever. */
export const siteCssPath = `/assets/site.css?v=${createHash('sha256').update(siteCss).digest('hex').slice(0, 12)}`;
