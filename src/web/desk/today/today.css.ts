/** Today, the list of editions, and the page for sending one. */
export const todayCss = `
.upcoming { background: var(--paper); border: 1px solid var(--line); border-radius: 12px; box-shadow: var(--shadow); }
.upcoming > .one { display: grid; grid-template-columns: 96px minmax(0, 1fr) auto; gap: var(--s2) var(--s4); padding: var(--s4) var(--s5) var(--s4) var(--s4); align-items: center; }
.upcoming > .one + .one { border-top: 1px solid var(--line); }
.upcoming > .needs { box-shadow: inset 3px 0 0 var(--accent); }
.upcoming > .one:first-child { border-radius: 12px 12px 0 0; }
.upcoming > .one:last-child { border-radius: 0 0 12px 12px; }
.upcoming > .one:only-child { border-radius: 12px; }
.picture { width: 96px; height: 68px; border-radius: var(--radius-small); overflow: hidden; background: var(--sunken); color: var(--edge); display: grid; place-items: center; }
.picture img { width: 100%; height: 100%; object-fit: cover; display: block; }
.upcoming .what { min-width: 0; display: flex; flex-direction: column; gap: 3px; }
.of { display: flex; flex-wrap: wrap; align-items: center; gap: var(--s1) var(--s2); font-size: var(--size-small); color: var(--quiet); max-width: none; }
.of strong { color: var(--text); font-weight: 600; }
.upcoming h3, .running h3 { font: 600 1.0625rem/1.3 var(--serif); text-wrap: pretty; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 4; overflow: hidden; padding: 2px; margin: -2px 0 -2px -2px; }
.upcoming h3.quiet { font: 400 var(--size)/1.4 var(--sans); color: var(--text); }
.upcoming h3 a, .running h3 a { text-decoration: none; }
.upcoming h3 a:hover, .running h3 a:hover { text-decoration: underline; }
.upcoming .reason { color: var(--wait); }
.facts { display: flex; flex-wrap: wrap; gap: 2px var(--s4); font-size: var(--size-small); color: var(--quiet); }
.facts li { display: inline-flex; align-items: center; gap: 5px; min-height: 24px; }
.facts a { color: inherit; padding: 4px 0; }
.facts .good { color: var(--good); } .facts .wait { color: var(--wait); } .facts .bad { color: var(--bad); font-weight: 600; }
.upcoming .when { display: flex; align-items: center; justify-content: flex-end; gap: var(--s4); }
.countdown { display: flex; flex-direction: column; align-items: flex-end; line-height: 1.25; white-space: nowrap; }
.countdown time, .countdown > span:last-child { font-size: 1.25rem; font-weight: 600; color: var(--ink); font-variant-numeric: tabular-nums; }
.upcoming .asked .countdown time { font-size: 1rem; color: var(--text); }
@media (max-width: 719px) {
  .upcoming > .one { grid-template-columns: 64px minmax(0, 1fr); padding: var(--s4); align-items: start; gap: var(--s3); }
  .picture { width: 64px; height: 56px; }
  .upcoming .when { grid-column: 1 / -1; justify-content: space-between; }
  .upcoming .when .countdown { align-items: flex-start; }
  .upcoming .when .button { min-height: 44px; }
}
.running { display: flex; flex-direction: column; gap: var(--s4); }
.running > .card { display: flex; flex-direction: column; gap: var(--s4); }
.of .state { white-space: normal; }
.running > .card > header { margin: 0; display: flex; flex-wrap: wrap; justify-content: space-between; align-items: flex-start; gap: var(--s2) var(--s4); }
.bar { display: flex; flex-direction: column; gap: 6px; }
.bar p { max-width: none; }
.troubles { border-top: 1px solid var(--line); padding-top: var(--s2); }
.troubles td { padding: 6px var(--s4) 6px 0; border: 0; }
.troubles td.number { width: 1%; font-weight: 600; color: var(--ink); }
.troubles .tag { margin-inline-start: var(--s2); }
.troubles .words { display: block; font: 0.75rem/1.4 var(--mono); overflow-wrap: anywhere; display: -webkit-box; -webkit-line-clamp: 2; -webkit-box-orient: vertical; overflow: hidden; }
td .than { display: block; font: 400 var(--size-small)/1.4 var(--sans); color: var(--quiet); }
td .than.up { color: var(--good); } td .than.down { color: var(--bad); }
td.named { min-width: 240px; }
td.named > a { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 4; overflow: hidden; padding: 2px; margin: -2px 0 -2px -2px; font-weight: 600; text-decoration: none; overflow-wrap: anywhere; }
td.named > a:hover { text-decoration: underline; }
td.named > span { display: block; }
td.named .state { margin-top: 2px; }
td.nowrap { white-space: nowrap; }
.in-zone { display: block; }
@media (max-width: 719px) {
  #recent thead, .folds thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  #recent tr { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: var(--s2) var(--s4); padding: var(--s3) 0; border-top: 1px solid var(--line); }
  #recent td { border: 0; padding: 0; text-align: start; white-space: normal; }
  #recent td.named { grid-column: 1 / -1; min-width: 0; }
  #recent td[data-label]::before { content: attr(data-label); display: block; font-size: 0.75rem; color: var(--quiet); }
  #recent td .than { font-size: 0.75rem; }
  #recent td[colspan] { grid-column: 2 / -1; }
  .folds tr { display: grid; grid-template-columns: 1fr auto; gap: var(--s1) var(--s3); padding: var(--s3) 0; border-top: 1px solid var(--line); }
  .folds td { border: 0; padding: 0; }
  .folds td.named { grid-column: 1 / -1; min-width: 0; }
  .folds td.nowrap { grid-column: 1; grid-row: 2; }
  .folds td.number { display: none; }
  .folds.labelled tr { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: var(--s2) var(--s4); }
  .folds.labelled tr > * { padding: 0; border: 0; }
  .folds.labelled td.number { display: block; text-align: start; white-space: normal; }
  .folds.labelled td[data-label]::before { content: attr(data-label); display: block; font: 400 0.75rem/1.4 var(--sans); color: var(--quiet); }
  .folds.labelled td.wide { grid-column: 1 / -1; }
  .folds.labelled td:empty { display: none; }
}
#recent .scroll + p { margin-top: var(--s3); max-width: none; }
.filters { display: grid; grid-template-columns: minmax(0, 1fr) auto auto auto; gap: var(--s3); align-items: end; }
.filters select { width: 100%; }
@media (max-width: 719px) { .filters { grid-template-columns: 1fr 1fr; } .filters .field:first-child, .filters .button { grid-column: 1 / -1; } .filters .button { min-height: 44px; } }

.send-panel { display: flex; flex-wrap: wrap; align-items: center; gap: var(--s2) var(--s3); }
.sheet-columns { display: grid; grid-template-columns: minmax(0, 1fr) minmax(300px, 380px); gap: var(--s4) var(--s5); align-items: start; }
.sheet-act { position: sticky; top: var(--s5); display: flex; flex-direction: column; gap: var(--s4); border-top: 3px solid var(--accent); }
.sheet-act .countdown { align-items: flex-start; }
.sheet-act .countdown time, .sheet-act .countdown > span:last-child { font: 600 2.25rem/1.1 var(--serif); }
.sheet-act .button.main { min-height: 48px; }
.sheet-act .button.main:not(.little) { padding-inline: var(--s5); }
.ends-quiet { padding-top: var(--s3); border-top: 1px solid var(--line); }
.big-count { font: 600 1.5rem/1.25 var(--serif); color: var(--ink); }
.big-count .small { font: 400 var(--size-small)/1.4 var(--sans); }
.big-count.quiet { color: var(--quiet); }
.pairs { display: flex; flex-direction: column; gap: var(--s2); margin: 0; }
.pairs > div { display: grid; grid-template-columns: minmax(110px, 30%) minmax(0, 1fr); gap: var(--s1) var(--s3); }
.pairs dt { color: var(--quiet); }
.pairs dd { color: var(--ink); overflow-wrap: anywhere; }
#who + .pairs { margin-top: var(--s4); }
.pairs + p.small { margin-top: var(--s2); }
.unusual, .findings { display: flex; flex-direction: column; gap: var(--s3); }
.unusual li, .findings li { display: flex; gap: var(--s2); color: var(--ink); }
.unusual .icon, .findings .icon { margin-top: 3px; }
.unusual .icon, .findings .warning .icon { color: var(--wait); }
.findings .error .icon { color: var(--bad); }
.fine { display: flex; gap: var(--s2); align-items: center; color: var(--good); }
.error-line { color: var(--bad); font-weight: 500; }
.bullets { list-style: disc; padding-inline-start: 1.2em; }
.undo-time { align-items: flex-end; flex-wrap: nowrap; padding-top: var(--s2); }
.other-time { padding-inline-start: 28px; }
.sheet-act:not(:has([value='at']:checked)) .other-time { display: none; }
.sheet-head { flex-wrap: nowrap; align-items: flex-start; }
.sheet-head > .row { flex: none; }
@media (min-width: 720px) { #recent td.number { min-width: 104px; } }
@media (max-width: 719px) { .sheet-head { flex-wrap: wrap; } }
.undo-time .field { flex: 1; }
@media (max-width: 899px) {
  .sheet-columns { grid-template-columns: minmax(0, 1fr); }
  .sheet-columns > .side { display: contents; }
  .sheet-act { order: -1; }
  .sheet-act { position: static; }
  .sheet-act .button { min-height: 44px; }
}
`;
