/** What only the pages of sources need. */
export const sourcesCss = `
.source-add, .source-find { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: var(--s3); align-items: start; }
.source-add .button, .source-find .button { margin-top: 26px; }
.source-list { background: var(--paper); border: 1px solid var(--line); border-radius: 12px; box-shadow: var(--shadow); }
.source-list > li { display: grid; grid-template-columns: minmax(0, 1fr) 160px 216px; gap: var(--s2) var(--s5); padding: var(--s4) var(--s5); align-items: center; }
.source-list > li + li { border-top: 1px solid var(--line); }
.source-list .what { min-width: 0; display: flex; flex-direction: column; gap: 4px; }
.source-list h2 { font-size: 1rem; overflow-wrap: anywhere; }
.source-list h2 a { text-decoration: none; } .source-list h2 a:hover { text-decoration: underline; }
.source-list .course, .source-days { display: flex; flex-direction: column; gap: 2px; }
.trouble { overflow-wrap: anywhere; font-size: var(--size-small); max-width: 72ch; }
.trouble .quiet { font-family: var(--mono); font-size: 0.75rem; margin-top: 2px; }
.fetch-times { font-size: var(--size-small); display: flex; flex-direction: column; gap: 2px; }
.fetch-times > div { display: flex; white-space: nowrap; justify-content: space-between; gap: var(--s3); } .fetch-times dt { color: var(--quiet); }
.source-days .spark { width: 100%; height: 56px; }
.below { margin-top: var(--s3); }
.found-title { font-weight: 600; color: var(--ink); }
.grid-2 { display: grid; grid-template-columns: 1fr 1fr; gap: var(--s3); align-items: start; }
@media (max-width: 899px) {
  .source-list > li { grid-template-columns: minmax(0, 1fr); padding: var(--s4); gap: var(--s3); }
  .source-list .course { flex-direction: row; align-items: center; gap: var(--s3); }
}
@media (max-width: 519px) { .source-add { grid-template-columns: minmax(0, 1fr); } .source-add .button { margin-top: 0; min-height: 44px; } }
`;
