/** The edition's page: slots and stories on the left, the preview on the right; on small screens one behind the other. */
export const editionCss = `
html:not(.no-script) .without-script { display: none; }
.ed-head { display: grid; grid-template-columns: minmax(300px, 1fr) auto; gap: var(--s3) var(--s5); align-items: end; }
.ed-head .crumbs { font-size: var(--size-small); color: var(--quiet); margin-bottom: var(--s1); }
.ed-head .crumbs a { color: inherit; }
.ed-state { display: flex; flex-wrap: wrap; align-items: center; gap: var(--s2) var(--s3); margin-top: var(--s2); }
.ed-state time { font-variant-numeric: tabular-nums; color: var(--ink); font-weight: 600; }
.ed-saved { font-size: var(--size-small); color: var(--quiet); }
.ed-saved[data-state='saved']::before { content: '✓ '; color: var(--good); }
.ed-saved[data-state='not'] { color: var(--wait); }
.ed-tools { display: flex; flex-wrap: wrap; align-items: center; gap: var(--s2); justify-content: flex-end; }
.ed-steps { display: inline-flex; }
.ed-notices { grid-column: 1 / -1; display: flex; flex-direction: column; gap: var(--s2); }
.ed-notices:empty { display: none; }
.ed-others-here { display: flex; flex-wrap: wrap; gap: var(--s2) var(--s3); margin-top: var(--s2); color: var(--quiet); }
.ed-others-here:empty { display: none; }
.ed-others-here li { display: inline-flex; align-items: center; gap: var(--s2); }
.ed-avatar { display: inline-grid; place-items: center; width: 36px; height: 36px; border-radius: 50%; background: var(--accent); color: var(--paper); font: 600 1rem/1 var(--serif); flex: none; }
.ed-avatar.little { width: 28px; height: 28px; font: 650 var(--size-small)/1 var(--sans); background: var(--busy); }

.ed { display: grid; grid-template-columns: minmax(420px, 11fr) minmax(400px, 13fr); gap: var(--s6); align-items: start; }
.ed-tabs { display: none; }
.ed-side { min-width: 0; display: flex; flex-direction: column; gap: var(--s4); }
.ed-parts-of { display: flex; flex-direction: column; gap: var(--s5); }
.ed-preview { position: sticky; top: var(--s4); min-width: 0; }

/* Lines and inbox */
.ed-lines { display: flex; flex-direction: column; gap: var(--s3); padding-bottom: var(--s2); }
.ed-one-line { min-height: var(--control); resize: none; overflow: hidden; }
.ed-one-line.serif { font-family: var(--serif); font-size: 1.125rem; font-weight: 600; }
.ed-label { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 var(--s3); }
.ed-count { font-size: var(--size-small); }
.ed-folds-row { display: flex; flex-wrap: wrap; gap: 0 var(--s5); }
.ed-folds-row .ed-fold { min-width: 0; }
.ed-folds-row .ed-fold[open] { flex-basis: 100%; }
.ed-count[data-verdict='not'] { color: var(--wait); }
.ed-count[data-verdict='good'] { color: var(--quiet); }
.ed-inbox { border: 1px solid var(--line); border-radius: var(--radius); background: var(--raised); min-width: 0; font-size: var(--size); }
.ed-inbox.phone { display: grid; grid-template-columns: 36px minmax(0, 1fr) auto; gap: 0 var(--s3); padding: 10px var(--s3); width: min(100%, 375px); align-items: baseline; }
.ed-inbox.phone .ed-avatar { grid-row: 1 / 4; align-self: start; }
.ed-inbox-from { font-weight: 650; color: var(--ink); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.ed-inbox-time { color: var(--quiet); font-size: var(--size-small); white-space: nowrap; }
.ed-inbox.phone .ed-inbox-subject { grid-column: 2 / 4; color: var(--ink); font-weight: 550; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.ed-inbox.phone .ed-inbox-preheader { grid-column: 2 / 4; color: var(--quiet); overflow: hidden; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; }
.ed-inbox.wide { display: grid; grid-template-columns: 168px minmax(0, 1fr) auto; gap: var(--s3); padding: 8px var(--s3); align-items: baseline; width: 820px; margin-bottom: var(--s3); }
.ed-inbox-line { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; color: var(--quiet); }
.ed-inbox-line .ed-inbox-subject { color: var(--ink); font-weight: 550; }

/* Slots */
.ed-slot { display: flex; flex-direction: column; gap: var(--s2); min-width: 0; }
.ed-slot-head { display: flex; align-items: center; gap: var(--s3); min-height: 32px; border-bottom: 1px solid var(--edge); }
.ed-slot-name { font: 650 var(--size)/1.3 var(--sans); color: var(--ink); letter-spacing: 0.01em; }
.ed-places { display: inline-flex; margin-inline-start: auto; }
.ed-places .button { font-size: 1.125rem; width: 32px; padding: 0; color: var(--quiet); }
.ed-stories { display: flex; flex-direction: column; min-height: 12px; }
.ed-nothing { padding: var(--s2) 0; }

/* A story */
.ed-story { position: relative; padding: var(--s3) 0; border-bottom: 1px solid var(--line); background: var(--ground); scroll-margin-top: 80px; }
.ed-story:target { background: var(--accent-soft); }
.ed-line { display: flex; align-items: flex-start; gap: var(--s3); min-width: 0; }
.ed-grip { flex: none; display: inline-grid; place-items: center; width: 32px; min-height: 44px; margin-inline: -8px -8px; padding: 0; border: 0; background: none; color: var(--quiet); cursor: grab; border-radius: var(--radius-small); touch-action: none; }
.ed-grip:hover { color: var(--ink); }
.ed-grip[aria-pressed='true'] { color: var(--on-button); background: var(--button); }
.ed-thumb { flex: none; width: 72px; aspect-ratio: 4 / 3; border-radius: var(--radius-small); overflow: hidden; background: var(--sunken); color: var(--edge); display: grid; place-items: center; }
.ed-thumb img { width: 100%; height: 100%; object-fit: cover; display: block; }
.ed-story.big .ed-thumb { width: 112px; }
.ed-said { flex: 1; min-width: 0; display: flex; flex-direction: column; gap: 3px; }
.ed-said h3 { font: 600 1.0625rem/1.3 var(--serif); color: var(--ink); text-wrap: pretty; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 4; overflow: hidden; padding: 2px; margin: -2px 0 -2px -2px; }
.ed-story.big h3 { font-size: 1.3125rem; line-height: 1.25; }
.ed-said h3 a { text-decoration-color: transparent; }
.ed-said h3 a:hover { text-decoration-color: currentColor; }
.ed-dek { color: var(--text); display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; }
.ed-meta { font-size: var(--size-small); color: var(--quiet); }
.ed-meta > :not(:last-child)::after { content: ' · '; color: var(--quiet); font-weight: 400; }
.ed-publisher { font-weight: 600; color: var(--text); }
.ed-marks { display: flex; flex-wrap: wrap; gap: 4px 6px; margin-top: 2px; }
.ed-marks .state { padding: 1px 8px; font-size: 0.75rem; }
.ed-acts { display: flex; flex: none; align-items: flex-start; gap: 2px; }
.ed-acts summary.bare { border-color: transparent; background: transparent; color: var(--quiet); }
.ed-acts summary.bare:hover { background: var(--sunken); color: var(--ink); }
.ed-quick { position: absolute; inset-block-start: 0; inset-inline-end: 0; display: inline-flex; gap: 2px; color: var(--quiet); }
.ed-quick .button { color: var(--quiet); }
.ed-quick .button:hover, .ed-quick .button:focus-visible { color: var(--ink); }
.ed-quick [aria-pressed='true'] { border-color: transparent; background: var(--wait-ground); color: var(--wait); }
@media (hover: hover) {
  .ed-quick .button { opacity: 0; }
  .ed-story:hover .ed-quick .button, .ed-story:focus-within .ed-quick .button, .ed-quick .button[aria-pressed='true'] { opacity: 1; }
}
.ed-story:has(details.menu[open]) { z-index: 6; }
.ed-whole { white-space: nowrap; }
.ed-story.candidate { padding: var(--s2) 0; }
.ed-story.candidate .ed-thumb { width: 48px; }
.ed-story.candidate h3 { font-size: 1rem; }
.ed-ghost { opacity: 0.35; }
.ed-held { background: var(--busy-ground); outline: 2px solid var(--focus); border-radius: var(--radius); z-index: 5; }
.ed-dragging .ed-stories { min-height: 56px; outline: 1px dashed var(--edge); outline-offset: 2px; border-radius: var(--radius-small); }
.ed-clicks { flex: none; display: grid; justify-items: end; font-size: var(--size-small); min-width: 96px; }
.ed-clicks strong { color: var(--ink); }
meter { width: 72px; height: 6px; border: 0; border-radius: 99px; background: var(--sunken); overflow: hidden; }
meter::-webkit-meter-bar { height: 6px; border: 0; border-radius: 99px; background: var(--sunken); }
meter::-webkit-meter-optimum-value { background: var(--mark-2); border-radius: 99px; }
meter::-moz-meter-bar { background: var(--mark-2); }

/* Why, and what is beneath */
.ed-folds { position: relative; display: flex; flex-wrap: wrap; gap: 0 var(--s4); padding-inline-start: 112px; min-height: 32px; }
.ed-story.big .ed-folds { padding-inline-start: 152px; }
.ed-story.big .ed-reason, .ed-story.big .ed-related { margin-inline-start: -128px; }
.ed-story.candidate .ed-reason, .ed-story.candidate .ed-related { margin-inline-start: -64px; }
.ed-story.candidate .ed-folds { padding-inline-start: 88px; }
.ed-fold > summary { display: inline-flex; align-items: center; min-height: 32px; font-size: var(--size-small); font-weight: 550; color: var(--quiet); cursor: pointer; list-style: none; }
.ed-fold > summary::-webkit-details-marker { display: none; }
.ed-fold > summary::after { content: ''; width: 6px; height: 6px; margin: -3px 2px 0 7px; border: solid currentColor; border-width: 0 1.5px 1.5px 0; transform: rotate(45deg); }
.ed-fold[open] > summary::after { transform: rotate(225deg); margin-top: 3px; }
.ed-fold > summary:hover { color: var(--ink); }
.ed-folds .ed-fold[open] { flex-basis: 100%; }
.ed-folds .ed-reason, .ed-folds .ed-related { margin-inline-start: -88px; }
.ed-reason { display: flex; flex-direction: column; gap: var(--s3); padding: var(--s2) 0 var(--s3); font-size: var(--size-small); }
.ed-parts { display: grid; grid-template-columns: repeat(auto-fill, minmax(200px, 1fr)); gap: 4px var(--s5); }
.ed-parts > div { display: flex; justify-content: space-between; gap: var(--s3); border-bottom: 1px dotted var(--line); }
.ed-parts dt { color: var(--quiet); }
.ed-parts dd { color: var(--ink); display: inline-flex; align-items: center; gap: var(--s2); font-variant-numeric: tabular-nums; }
.ed-parts meter { width: 44px; }
.ed-related { display: flex; flex-direction: column; gap: var(--s3); padding: var(--s2) 0 var(--s3); }
.ed-related li { display: flex; flex-direction: column; gap: 4px; }
.ed-related a { font-family: var(--serif); }
.ed-beneath-note { display: flex; align-items: flex-start; gap: var(--s2); margin: var(--s2) 0 0 112px; padding: var(--s2) var(--s3); border-radius: var(--radius); background: var(--sunken); font-size: var(--size-small); }
.ed-beneath-note p { flex: 1; white-space: pre-line; }
.ed-note .ed-line { padding: var(--s2) var(--s3); border-radius: var(--radius); background: var(--sunken); }
.ed-note { border: 0; }
.ed-note .icon { margin-top: 3px; }
.ed-note-text { white-space: pre-line; overflow-wrap: anywhere; }
.ed-dropped li { display: flex; justify-content: space-between; gap: var(--s3); align-items: center; padding: var(--s2) 0; border-bottom: 1px solid var(--line); color: var(--quiet); }
.ed-find { display: flex; flex-direction: column; gap: var(--s3); margin-top: var(--s3); }
.ed-find-line { position: relative; display: flex; gap: var(--s2); margin-top: 6px; }
.ed-find-line > .icon { position: absolute; inset-inline-start: 12px; top: 11px; color: var(--quiet); }
.ed-find-line input { padding-inline-start: 38px; }
mark { background: var(--accent-soft); color: inherit; border-radius: 2px; }
.ed-choices { display: flex; flex-direction: column; }
.ed-choices li { display: flex; align-items: flex-start; justify-content: space-between; gap: var(--s4); padding: var(--s3) 0; border-bottom: 1px solid var(--line); }

/* Sheets */
.ed-sheet-columns { display: grid; gap: var(--s4) var(--s5); grid-template-columns: repeat(auto-fit, minmax(min(100%, 340px), 1fr)); align-items: start; }
.ed-restored { display: flex; flex-direction: column; gap: 4px; }
.ed-was { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 4px var(--s3); }
.ed-was .quiet { flex: 1; min-width: 200px; }
.ed-crop { position: relative; display: inline-block; max-width: 100%; overflow: hidden; border-radius: var(--radius-small); touch-action: none; user-select: none; background: var(--sunken); }
.ed-crop img { display: block; max-width: 100%; max-height: 260px; }
.ed-crop-frame { position: absolute; inset: 0; cursor: move; outline: 2px solid #fff; box-shadow: 0 0 0 9999px rgb(10 11 12 / 55%); }
.ed-crop-corner { position: absolute; inset-inline-end: -2px; inset-block-end: -2px; width: 28px; height: 28px; cursor: nwse-resize; border: solid #fff; border-width: 0 5px 5px 0; }
.ed-picture:not(:has(#cropper[open])) .ed-crop-frame { outline: 0; pointer-events: none; }
.ed-picture:not(:has(#cropper[open])) .ed-crop-corner { display: none; }
.ed-crop-numbers { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: var(--s3); margin-bottom: var(--s3); }
.ed-history li { padding: var(--s3) 0; border-bottom: 1px solid var(--line); }
.ed-conflicts { display: flex; flex-direction: column; gap: var(--s3); }
#conflict { position: sticky; top: var(--s2); z-index: 12; }
#conflict:not(:empty) { margin-bottom: var(--s4); }
#sheet-conflict:not(:empty) { padding: var(--s5) var(--s5) 0; }
.ed-conflicting { display: flex; flex-direction: column; gap: var(--s3); padding: var(--s4); border: 1px solid var(--wait); border-radius: var(--radius); background: var(--paper); box-shadow: var(--shadow-high); max-height: 60svh; overflow: auto; }
.ed-conflicting .ends { display: flex; flex-wrap: wrap; justify-content: flex-end; align-items: end; gap: var(--s2); }
.ed-conflicting .ends form { display: flex; flex-wrap: wrap; align-items: end; gap: var(--s2); }
.ed-conflict { display: grid; gap: var(--s3); grid-template-columns: repeat(auto-fit, minmax(min(100%, 240px), 1fr)); }
.ed-conflict h3 { font-size: var(--size-small); color: var(--quiet); margin-bottom: var(--s2); }

@media (max-width: 1179px) {
  .ed { display: block; }
  html:not(.no-script) .ed-tabs { display: flex; position: sticky; top: 0; z-index: 20; margin-bottom: var(--s4); background: var(--ground); }
  .ed-tabs button { flex: 1; justify-content: center; min-height: 44px; }
  html:not(.no-script) .ed[data-tab='stories'] .ed-preview, html:not(.no-script) .ed[data-tab='preview'] .ed-side { display: none; }
  .ed-preview { position: static; }
}
@media (max-width: 899px) { html:not(.no-script) .ed-tabs { top: 56px; } }
@media (max-width: 640px) {
  .ed-head { grid-template-columns: minmax(0, 1fr); }
  .ed-tools { justify-content: flex-start; }
  .ed-steps { margin-inline-start: -10px; }
  .ed-quick { display: none; }
  .ed-story, .ed-story.candidate { padding: var(--s3) 0 4px; }
  .ed-line { gap: var(--s2); padding-inline-end: 0; }
  .ed-acts { position: absolute; inset-inline-end: 0; inset-block-end: 4px; z-index: 3; }
  .ed-note .ed-acts { position: static; }
  .ed-acts .button.little { min-height: 44px; min-width: 44px; }
  .ed-acts .sheet .button { width: 100%; }
  .ed-thumb, .ed-story.big .ed-thumb, .ed-story.candidate .ed-thumb { width: 72px; order: 3; }
  .ed-story.candidate .ed-thumb { display: none; }
  .ed-folds, .ed-story.big .ed-folds, .ed-story.candidate .ed-folds { padding-inline-start: 24px; min-height: 44px; padding-inline-end: 100px; }
  .ed-story .ed-folds .ed-reason, .ed-story .ed-folds .ed-related { margin-inline: -24px -100px; }
  .ed-story .ed-fold[open]:last-child > :last-child { padding-bottom: 52px; }
  .ed-fold > summary { min-height: 44px; }
  .ed-beneath-note { margin-inline-start: 24px; }
  .ed-places .button { width: 44px; min-height: 44px; }
}
`;
