/** What only the pages of stories and storylines need. */
export const storiesCss = `
mark { background: color-mix(in srgb, var(--mark-4) 26%, transparent); color: inherit; border-radius: 3px; padding: 0 1px; }
.story-search { display: flex; flex-direction: column; gap: var(--s3); }
.story-search .words { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: var(--s3); align-items: start; }
.story-search .words .button { margin-top: 26px; }
.story-search .narrowed { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: var(--s3); }
.story-search select { width: 100%; }
.story-list, .line-list { background: var(--paper); border: 1px solid var(--line); border-radius: 12px; box-shadow: var(--shadow); }
.story-list > li { display: grid; grid-template-columns: 120px minmax(0, 1fr); gap: var(--s4); padding: var(--s4) var(--s5) var(--s4) var(--s4); }
.story-list > li + li, .line-list > li + li { border-top: 1px solid var(--line); }
.thumb { width: 120px; height: 80px; object-fit: cover; border-radius: var(--radius-small); background: var(--sunken); display: block; }
.story-list h2, .line-list h2 { font: 600 1.0625rem/1.3 var(--serif); text-wrap: pretty; display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 4; overflow: hidden; padding: 2px; margin: -2px 0 -2px -2px; }
.story-list h2 a, .line-list h2 a, .lines > li > a:not(.tag) { text-decoration: none; }
.story-list h2 a:hover, .line-list h2 a:hover, .lines > li > a:hover { text-decoration: underline; }
.story-list .passage { color: var(--text); font-size: var(--size-small); margin-top: 3px; overflow-wrap: anywhere; display: -webkit-box; -webkit-line-clamp: 3; -webkit-box-orient: vertical; overflow: hidden; }
.story-list .of + .of, .story-list .passage + .of { margin-top: 6px; }
.of a.tag, .lines a.tag { text-decoration: none; padding-block: 4px; }
.of a.tag:hover, .lines a.tag:hover { text-decoration: underline; }
@media (max-width: 599px) {
  .story-list > li { grid-template-columns: minmax(0, 1fr) 76px; padding: var(--s4); gap: var(--s3); }
  .story-list .thumb { order: 2; width: 76px; height: 76px; }
  .story-list span.thumb { display: none; }
  .story-list > li:has(span.thumb) { grid-template-columns: minmax(0, 1fr); }
  .story-search .narrowed { grid-template-columns: 1fr 1fr; }
}
.story-columns { display: grid; grid-template-columns: minmax(0, 1fr) minmax(280px, 360px); gap: var(--s5); align-items: start; }
@media (max-width: 999px) { .story-columns { grid-template-columns: minmax(0, 1fr); } }
.story-picture { display: block; width: 100%; max-height: 380px; object-fit: cover; border-radius: var(--radius); background: var(--sunken); margin-bottom: var(--s4); }
.story-text { display: flex; flex-direction: column; gap: var(--s3); font-family: var(--serif); font-size: 1.0625rem; line-height: 1.6; overflow-wrap: anywhere; }
.story-text .dek { color: var(--ink); font-size: 1.1875rem; line-height: 1.45; }
.story-text summary { font: 600 var(--size)/1.5 var(--sans); margin-bottom: var(--s3); }
.lines { display: flex; flex-direction: column; }
.lines > li { padding: 10px 0; overflow-wrap: anywhere; }
.lines > li + li { border-top: 1px solid var(--line); }
.lines:not(.card) > li:first-child { padding-top: 0; } .lines:not(.card) > li:last-child { padding-bottom: 0; }
.lines > li > a:not(.tag) { font-weight: 600; }
.lines .of { margin-top: 2px; }
.story-before { display: flex; flex-direction: column; gap: var(--s4); }

.line-list > li { display: grid; grid-template-columns: 56px minmax(0, 1fr) auto; gap: var(--s4); padding: var(--s3) var(--s5) var(--s3) var(--s4); align-items: center; }
.line-list .count { font: 600 1.625rem/1 var(--serif); color: var(--accent); text-align: end; }
.line-list .course { display: flex; flex-direction: column; align-items: flex-end; gap: 2px; }
.spark rect, .spark .bars { fill: var(--mark-2); } .spark .ground { stroke: var(--line); }
@media (max-width: 719px) {
  .line-list > li { grid-template-columns: 40px minmax(0, 1fr); gap: var(--s2) var(--s3); padding: var(--s4); align-items: start; }
  .line-list .course { grid-column: 2; align-items: flex-start; flex-direction: row; align-items: center; gap: var(--s3); }
}
.timeline svg { width: 100%; height: auto; display: block; }
.timeline text { font: 500 12px var(--sans); fill: var(--quiet); } .timeline .name { fill: var(--text); font-size: 13px; }
.timeline.narrow { display: none; }
@media (max-width: 719px) { .timeline.wide { display: none; } .timeline.narrow { display: block; } }
.timeline .tick { stroke: var(--line); } .timeline .span { stroke: var(--line); stroke-dasharray: 2 4; }
.timeline .report { fill: var(--mark-2); } .timeline .first { fill: var(--accent); }
.report-list .day { margin: var(--s4) 0 var(--s2); color: var(--quiet); font-size: var(--size-small); }
.report-list > li:first-child .day { margin-top: 0; }
.report { display: grid; grid-template-columns: 52px minmax(0, 1fr); gap: var(--s3); padding: 6px 0; }
.choosing .report { grid-template-columns: 32px 52px minmax(0, 1fr); }
.report time { color: var(--quiet); font-variant-numeric: tabular-nums; }
.report a { font-weight: 600; text-decoration: none; overflow-wrap: anywhere; } .report a:hover { text-decoration: underline; }
.pick { align-self: start; display: grid; place-items: center; min-height: 32px; margin-top: -4px; cursor: pointer; }
`;
