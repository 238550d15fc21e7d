/** Newsletters: their list, settings, and look. */
export const newslettersCss = `
.newsletters { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 440px), 1fr)); gap: var(--s4); }
.newsletters > li { display: flex; flex-direction: column; gap: var(--s4); }
.newsletter-name h2 { font: 600 1.375rem/1.2 var(--serif); }
.newsletter-name h2 a { text-decoration: none; }
.newsletter-name h2 a:hover { text-decoration: underline; }
.newsletter-facts { display: flex; flex-direction: column; gap: var(--s2); flex: 1; }
.newsletter-facts > div { display: grid; grid-template-columns: 96px minmax(0, 1fr); gap: var(--s3); }
.newsletter-facts dt { color: var(--quiet); font-size: var(--size-small); padding-top: 2px; }
.newsletter-facts dd { color: var(--ink); overflow-wrap: anywhere; }
.newsletter-facts dd > .small { display: block; }
.settings { max-width: 820px; display: flex; flex-direction: column; gap: var(--s3); }
.settings-card { padding: 0; }
.settings-card summary { position: relative; display: grid; grid-template-columns: 230px minmax(0, 1fr); gap: 2px var(--s4); align-items: baseline; padding: var(--s4) 48px var(--s4) var(--s5); border-radius: 12px; cursor: pointer; list-style: none; }
.settings-card summary::-webkit-details-marker { display: none; }
.settings-card summary:hover { background: var(--raised); }
.settings-card summary::after { content: ''; position: absolute; inset-inline-end: var(--s5); top: calc(50% - 6px); width: 8px; height: 8px; border: solid var(--quiet); border-width: 0 1.5px 1.5px 0; transform: rotate(45deg); }
.settings-card [open] > summary::after { transform: rotate(225deg); top: calc(50% - 2px); }
.settings-card summary h2 { font-size: 1rem; }
.settings-card .gist { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; color: var(--quiet); }
.settings-card [open] > summary .gist { visibility: hidden; }
.settings-card details > :not(summary) { margin: 0 var(--s5) var(--s5); }
.settings-card details > p { margin-bottom: var(--s4); }
#look-radius, .settings-card input[type='number'] { max-width: 160px; }
.settings-card { scroll-margin-top: var(--s5); }
.settings-card form { gap: var(--s5); }
.settings-card .grid, .create .grid { grid-template-columns: repeat(auto-fit, minmax(min(100%, 220px), 1fr)); align-items: start; }
.field-error { color: var(--bad); font-size: var(--size-small); font-weight: 500; }
.many { display: flex; flex-wrap: wrap; gap: var(--s1) var(--s5); max-height: 320px; overflow: auto; }
.choice { align-items: flex-start; }
.choice .hint { display: block; }
.schedule { display: grid; grid-template-columns: minmax(0, 1fr) 248px; gap: var(--s5); align-items: start; }
.schedule select { width: 100%; }
.times { padding: var(--s3) var(--s4); background: var(--raised); border: 1px solid var(--line); border-radius: var(--radius); font-size: var(--size-small); }
.times ol { margin-top: var(--s2); display: flex; flex-direction: column; gap: 6px; color: var(--ink); font-variant-numeric: tabular-nums; }
.pairs + .times { margin-top: var(--s4); display: inline-block; }
html:not(.no-script) [data-only='no'] { display: none; }
.no-script .with-script { display: none; }
html:not(.no-script) .without-script { display: none; }
.inbox-line { margin: 0; display: flex; flex-direction: column; gap: 6px; }
.inbox-line > div { display: grid; grid-template-columns: 150px minmax(0, 1fr); gap: var(--s3); padding: 12px var(--s4); border: 1px solid var(--line); border-radius: var(--radius); background: var(--raised); color: var(--ink); }
.inbox-line > div > * { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.inbox-line b { font-weight: 600; }
.create { max-width: 820px; }
.look { display: grid; grid-template-columns: minmax(360px, 460px) minmax(0, 1fr); gap: var(--s5); align-items: start; }
.look.alone { grid-template-columns: minmax(0, 1fr); }
.look-form .grid { grid-template-columns: repeat(auto-fit, minmax(min(100%, 170px), 1fr)); align-items: start; }
.look-save { position: sticky; bottom: 0; z-index: 5; padding: var(--s3) 0; display: flex; gap: var(--s2); background: linear-gradient(to top, var(--ground) 75%, transparent); }
.look-preview { position: sticky; top: var(--s4); display: flex; flex-direction: column; gap: var(--s3); }
.look-preview .pv-stage { height: calc(100svh - 110px); }
.no-script .look-ways { display: none; }
.look-ways .button[aria-pressed='true'] { background: var(--button); border-color: var(--button); color: var(--on-button); }
.themes { display: grid; grid-template-columns: 1fr 1fr; gap: var(--s2); margin-bottom: var(--s3); }
.theme-choice { position: relative; display: flex; flex-direction: column; gap: var(--s2); padding: var(--s3); border: 1px solid var(--line); border-radius: var(--radius); cursor: pointer; }
.theme-choice:hover { border-color: var(--edge); }
.theme-choice:has(input:checked) { border-color: var(--ink); box-shadow: inset 0 0 0 1px var(--ink); }
.theme-choice:has(input:focus-visible) { outline: 2px solid var(--focus); outline-offset: 2px; }
.theme-choice input { position: absolute; inset-inline-end: var(--s3); inset-block-start: var(--s3); }
.theme-choice strong { display: block; color: var(--ink); }
.theme-sketch { border-radius: 4px; border: 1px solid var(--line); }
.theme-sketch rect { fill: var(--edge); opacity: 0.55; }
.theme-sketch .sheet { fill: var(--paper); opacity: 1; }
.theme-sketch .accent { fill: var(--accent); opacity: 1; }
.theme-sketch .picture { fill: var(--mark-2); opacity: 0.35; }
.colour-field { position: relative; }
.colour-field input[type='color'] { position: absolute; inset-inline-end: 4px; inset-block-start: 29px; width: 40px; height: 32px; border: 0; background: none; cursor: pointer; }
.readings ul { display: flex; flex-direction: column; gap: var(--s2); margin-top: var(--s2); }
.readings li { display: flex; gap: var(--s3); align-items: center; }
.readings svg { flex: none; border: 1px solid var(--line); border-radius: 6px; }
.readings li > span { display: flex; flex-direction: column; }
.reading-poor { color: var(--wait); font-weight: 500; }
@media (max-width: 1099px) { .look { grid-template-columns: minmax(0, 1fr); } .look-preview { position: static; order: -1; } .look-preview .pv-stage { height: 520px; } }
@media (max-width: 899px) {
  .settings-card summary { grid-template-columns: minmax(0, 1fr); padding-inline: var(--s4) 44px; }
  .settings-card summary::after { inset-inline-end: var(--s4); }
  .settings-card [open] > summary .gist { display: none; }
  .settings-card details > :not(summary) { margin-inline: var(--s4); }
  .schedule { grid-template-columns: minmax(0, 1fr); gap: var(--s4); }
  .inbox-line > div { grid-template-columns: minmax(0, 1fr); gap: 2px; }
  .settings-card form .button.main, .create .button.main, .look-save .button { min-height: 44px; }
}
`;
