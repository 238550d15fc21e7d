/** What the checks found, beside an edition and on a page of its own. */
export const checksCss = `
.ck { display: flex; flex-direction: column; gap: var(--s3); min-width: 0; scroll-margin-top: 80px; }
.ck-head { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: var(--s2) var(--s3); }
.ck-head h2 { font: 650 var(--size)/1.3 var(--sans); color: var(--ink); }
.ck-group > summary { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 var(--s2); min-height: 32px; padding: 6px 0; cursor: pointer; font-size: var(--size-small); list-style: none; }
.ck-group > summary::-webkit-details-marker { display: none; }
.ck-group > summary::after { content: ''; flex: none; width: 6px; height: 6px; margin-inline: auto 4px; align-self: center; border: solid var(--quiet); border-width: 0 1.5px 1.5px 0; transform: rotate(45deg) translate(-2px, -2px); }
.ck-group[open] > summary::after { transform: rotate(225deg); }
.ck-count { font-weight: 650; }
.ck-group.error .ck-count { color: var(--bad); } .ck-group.warning .ck-count { color: var(--wait); } .ck-group.hint .ck-count { color: var(--text); }
.ck-group > ul { list-style: none; margin: 0; padding: 0; }
.ck-one { position: relative; padding: var(--s3) 0 var(--s3) var(--s4); border-top: 1px solid var(--line); }
.ck-one::before { content: ''; position: absolute; inset-block: var(--s3); inset-inline-start: 0; width: 3px; border-radius: 2px; background: var(--edge); }
.ck-group.error .ck-one::before { background: var(--bad); } .ck-group.warning .ck-one::before { background: var(--wait); }
.ck-says { color: var(--ink); font-weight: 550; overflow-wrap: anywhere; }
.ck-blocks { display: inline-block; padding: 0 8px; border-radius: 99px; background: var(--bad-ground); color: var(--bad); font-size: 0.75rem; font-weight: 600; white-space: nowrap; }
.ck-mend { margin-top: 3px; font-size: var(--size-small); color: var(--quiet); overflow-wrap: anywhere; }
.ck-mend a { font-weight: 600; }
.ck-mend a::after { content: ' ·'; color: var(--quiet); font-weight: 400; }
.ck-element { display: block; margin-top: 6px; padding: 4px 8px; border-radius: var(--radius-small); background: var(--sunken); font: 0.75rem/1.5 var(--mono); color: var(--text); overflow-wrap: anywhere; }
@media (max-width: 640px) { .ck-group > summary { min-height: 44px; align-items: center; } }
`;
