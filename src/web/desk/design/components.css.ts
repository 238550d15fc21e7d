/** The dozen things that pages are put together from; `/desk/components` shows them all. */
export const componentsCss = `
.stack { display: flex; flex-direction: column; gap: var(--s4); }
.stack.tight { gap: var(--s2); }
.row { display: flex; flex-wrap: wrap; align-items: center; gap: var(--s2) var(--s3); }
.row.apart { justify-content: space-between; }
.grid { display: grid; gap: var(--s4); grid-template-columns: repeat(auto-fit, minmax(min(100%, 300px), 1fr)); }
.quiet { color: var(--quiet); }
.small { font-size: var(--size-small); }
.serif { font-family: var(--serif); }
.cut { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; min-width: 0; }
.number { text-align: end; font-variant-numeric: tabular-nums; white-space: nowrap; }

/* Button */
.button { display: inline-flex; align-items: center; justify-content: center; gap: var(--s2); min-height: var(--control); padding: 0 var(--s4); border: 1px solid var(--edge); border-radius: var(--radius); background: var(--paper); color: var(--ink); font: 600 var(--size)/1.2 var(--sans); text-decoration: none; cursor: pointer; transition: background 120ms, border-color 120ms; overflow-wrap: break-word; }
.button:hover { background: var(--raised); border-color: var(--ink); }
.button.main { background: var(--button); border-color: var(--button); color: var(--on-button); }
.button.main:hover { background: var(--button-over); border-color: var(--button-over); }
.button.danger { color: var(--bad); border-color: var(--bad); }
.button.danger:hover { background: var(--bad-ground); }
.button.plain { border-color: transparent; background: transparent; }
.button.plain:hover { background: var(--sunken); }
.button.little { min-height: 32px; padding: 0 10px; font-size: var(--size-small); }
.button.bare { padding: 0; width: var(--control); }
.button.bare.little { width: 32px; }
.button:disabled, .button[aria-disabled='true'] { opacity: 0.5; cursor: not-allowed; }
.button[aria-pressed='true'] { background: var(--sunken); border-color: var(--ink); }
.button.htmx-request { opacity: 0.7; cursor: progress; }

/* Card */
.card { background: var(--paper); border: 1px solid var(--line); border-radius: 12px; box-shadow: var(--shadow); padding: var(--s5); min-width: 0; }
.card.flat { box-shadow: none; }
.card.close { padding: var(--s4); }
.card > header { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: center; gap: var(--s2) var(--s4); margin-bottom: var(--s4); }
.card > footer { margin-top: var(--s4); padding-top: var(--s4); border-top: 1px solid var(--line); display: flex; flex-wrap: wrap; gap: var(--s2) var(--s3); align-items: center; }

/* State */
.state { display: inline-flex; align-items: center; gap: 6px; padding: 2px 10px; border-radius: 99px; font-size: var(--size-small); font-weight: 600; background: var(--sunken); color: var(--text); }
.state::before { content: ''; flex: none; width: 7px; height: 7px; border-radius: 50%; background: currentColor; }
.state.good { background: var(--good-ground); color: var(--good); }
.state.wait { background: var(--wait-ground); color: var(--wait); }
.state.bad { background: var(--bad-ground); color: var(--bad); }
.state.busy { background: var(--busy-ground); color: var(--busy); }
.state.busy::before { animation: pulse 1.6s infinite; }
@keyframes pulse { 50% { opacity: 0.25; } }
.tag { display: inline-block; padding: 1px 7px; border-radius: var(--radius-small); background: var(--sunken); color: var(--text); font-size: var(--size-small); }

/* Fields */
.field { display: flex; flex-direction: column; gap: 6px; min-width: 0; }
.field > label, .label { font-weight: 600; color: var(--ink); font-size: var(--size-small); }
.field .hint { color: var(--quiet); font-size: var(--size-small); }
.field .error { color: var(--bad); font-size: var(--size-small); font-weight: 500; }
input[type='text'], input[type='email'], input[type='password'], input[type='search'], input[type='url'], input[type='number'], input[type='date'], input[type='time'], input[type='datetime-local'], input[type='tel'], select, textarea { width: 100%; min-height: var(--control); padding: 8px 12px; border: 1px solid var(--edge); border-radius: var(--radius); background: var(--paper); color: var(--ink); font: 400 1rem/1.4 var(--sans); }
select { width: auto; max-width: 100%; padding-inline-end: 32px; }
textarea { min-height: 96px; resize: vertical; field-sizing: content; }
input:focus, select:focus, textarea:focus { outline: 2px solid var(--focus); outline-offset: 0; border-color: var(--focus); }
[aria-invalid='true'] { border-color: var(--bad); }
input[type='checkbox'], input[type='radio'] { width: 18px; height: 18px; margin: 0; accent-color: var(--button); flex: none; }
.choice { display: flex; gap: 10px; align-items: flex-start; min-height: 28px; }
.choice input { margin-top: 3px; }
input[type='color'] { width: 56px; height: var(--control); padding: 3px; border: 1px solid var(--edge); border-radius: var(--radius); background: var(--paper); }
fieldset { border: 0; padding: 0; margin: 0; min-width: 0; }
legend { padding: 0; margin-bottom: var(--s2); font-weight: 600; color: var(--ink); font-size: var(--size-small); }

/* Table. What is only read out is absolute, and must not escape from what scrolls. */
.scroll { position: relative; overflow-x: auto; }
table { width: 100%; border-collapse: collapse; }
th { text-align: start; font-size: var(--size-small); font-weight: 600; color: var(--quiet); padding: 0 var(--s3) var(--s2) 0; white-space: nowrap; }
td { padding: 10px var(--s3) 10px 0; border-top: 1px solid var(--line); vertical-align: top; }
th.number { text-align: end; }
td:last-child, th:last-child { padding-inline-end: 0; }
tr:hover > td { background: color-mix(in srgb, var(--sunken) 35%, transparent); }

/* Tabs: links or buttons, one of them current */
.tabs { display: flex; gap: 2px; overflow-x: auto; border-bottom: 1px solid var(--line); scrollbar-width: none; }
.tabs a, .tabs button { display: inline-flex; align-items: center; gap: 6px; min-height: var(--control); padding: 0 var(--s3); border: 0; border-bottom: 2px solid transparent; background: none; color: var(--quiet); font: 600 var(--size)/1 var(--sans); text-decoration: none; white-space: nowrap; cursor: pointer; }
.tabs a:hover, .tabs button:hover { color: var(--ink); }
.tabs [aria-current], .tabs [aria-selected='true'] { color: var(--ink); border-bottom-color: var(--accent); }
/* Segments: a few ways to look at one thing, of which one is chosen */
.segments { display: inline-flex; max-width: 100%; overflow-x: auto; scrollbar-width: none; border: 1px solid var(--edge); border-radius: var(--radius); background: var(--paper); }
.segments .button { flex: none; border: 0; border-radius: 0; min-height: 36px; }
.segments .button + .button, .segments form + form .button { border-inline-start: 1px solid var(--line); }
.segments .button:focus-visible { outline-offset: -2px; }
.segments .button[aria-pressed='true'], .segments .button[aria-current] { background: var(--button); color: var(--on-button); }
@media (max-width: 719px) { .segments a.button { min-height: 44px; padding-inline: var(--s3); } }

/* Menu: a details element whose content floats */
details.menu { position: relative; display: inline-block; }
details.menu > summary { list-style: none; }
details.menu > summary::-webkit-details-marker { display: none; }
details.menu > .sheet { position: absolute; z-index: 40; inset-inline-end: 0; top: calc(100% + 4px); min-width: 220px; padding: var(--s2); background: var(--paper); border: 1px solid var(--line); border-radius: var(--radius); box-shadow: var(--shadow-high); display: flex; flex-direction: column; }
details.menu > .sheet.start { inset-inline: 0 auto; }
details.menu .sheet .button { justify-content: flex-start; text-align: start; border-color: transparent; width: 100%; font-weight: 500; }
details.fold > summary { display: flex; flex-wrap: wrap; align-items: center; cursor: pointer; font-weight: 600; color: var(--ink); min-height: 32px; list-style: none; }
details.fold > summary::-webkit-details-marker { display: none; }
details.fold > summary::after { content: ''; flex: none; width: 7px; height: 7px; margin: -3px 2px 0 9px; border: solid currentColor; border-width: 0 1.5px 1.5px 0; transform: rotate(45deg); }
details.fold[open] > summary::after { transform: rotate(225deg); margin-top: 3px; }

/* Dialog */
dialog { border: 0; border-radius: 14px; padding: 0; width: min(100vw - 32px, 560px); max-height: min(100svh - 32px, 820px); background: var(--paper); color: var(--text); box-shadow: var(--shadow-high); }
dialog.big { width: min(100vw - 32px, 920px); }
dialog::backdrop { background: rgb(10 11 12 / 50%); }
dialog > .inside { padding: var(--s5); display: flex; flex-direction: column; gap: var(--s4); }
dialog .ends { display: flex; flex-wrap: wrap; justify-content: flex-end; gap: var(--s2); }

/* Notices and toasts */
.notice { display: flex; gap: var(--s3); padding: var(--s3) var(--s4); border-radius: var(--radius); background: var(--sunken); color: var(--ink); border-inline-start: 3px solid var(--edge); }
.notice .icon { margin-top: 2px; }
.notice.good { background: var(--good-ground); border-color: var(--good); }
.notice.wait { background: var(--wait-ground); border-color: var(--wait); }
.notice.bad { background: var(--bad-ground); border-color: var(--bad); }
.notice.busy { background: var(--busy-ground); border-color: var(--busy); }
.notice.good .icon { color: var(--good); } .notice.wait .icon { color: var(--wait); } .notice.bad .icon { color: var(--bad); } .notice.busy .icon { color: var(--busy); }
.toasts { position: fixed; z-index: 70; inset-block-end: var(--s4); inset-inline: var(--s4); display: flex; flex-direction: column; gap: var(--s2); align-items: center; pointer-events: none; }
.toast { pointer-events: auto; max-width: min(100%, 480px); padding: 12px 18px; border-radius: var(--radius); background: var(--button); color: var(--on-button); box-shadow: var(--shadow-high); font-weight: 500; }
.toast.bad { background: var(--bad); color: var(--paper); }

/* Figures */
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(120px, 1fr)); gap: var(--s4); }
.figure { min-width: 0; }
.figure dt { font-size: var(--size-small); color: var(--quiet); }
.figure dd { font: 600 1.5rem/1.2 var(--sans); color: var(--ink); font-variant-numeric: tabular-nums; }
.figure .than { display: block; font: 400 var(--size-small)/1.4 var(--sans); color: var(--quiet); }
.figure .than.up { color: var(--good); } .figure .than.down { color: var(--bad); }
progress { appearance: none; width: 100%; height: 8px; border: 0; border-radius: 99px; overflow: hidden; background: var(--sunken); }
progress::-webkit-progress-bar { background: var(--sunken); }
progress::-webkit-progress-value { background: var(--busy); border-radius: 99px; transition: width 300ms; }
progress::-moz-progress-bar { background: var(--busy); }

/* Nothing here yet */
.empty { text-align: center; padding: var(--s7) var(--s4); color: var(--quiet); display: flex; flex-direction: column; gap: var(--s3); align-items: center; }
.empty h2 { color: var(--ink); }
kbd { display: inline-block; min-width: 22px; padding: 1px 6px; border: 1px solid var(--edge); border-bottom-width: 2px; border-radius: var(--radius-small); background: var(--paper); color: var(--ink); text-align: center; font-size: 0.8125rem; }
.pager { display: flex; justify-content: space-between; gap: var(--s3); }
`;
