/** What only the pages of a newsletter's selection need. */
export const policyCss = `
.part-head { display: flex; flex-wrap: wrap; align-items: flex-end; justify-content: space-between; gap: var(--s3) var(--s5); }
.part-head > div { flex: 1 1 320px; min-width: 0; }
@media (max-width: 719px) { .part-head .segments .button { padding-inline: 10px; font-size: var(--size-small); } }
.slot-rows { display: flex; flex-direction: column; gap: var(--s3); margin-top: var(--s3); }
.slot-row { display: grid; grid-template-columns: minmax(0, 1.2fr) 90px minmax(0, 1.2fr) minmax(0, 2fr); gap: var(--s3); align-items: start; }
.slot-row + .slot-row .field > label { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
@media (max-width: 719px) { .slot-row { grid-template-columns: minmax(0, 1fr) 80px; padding-bottom: var(--s3); border-bottom: 1px solid var(--line); } .slot-row + .slot-row .field > label { position: static; width: auto; height: auto; clip-path: none; } }
.save-bar { position: sticky; bottom: 0; z-index: 10; display: grid; grid-template-columns: minmax(0, 1fr) auto auto; gap: var(--s3) var(--s4); align-items: start; padding: var(--s4) var(--s5); background: var(--raised); border: 1px solid var(--line); border-radius: 12px; box-shadow: var(--shadow-high); }
.save-bar > .row { padding-top: 26px; }
@media (max-width: 899px) { .save-bar { position: static; grid-template-columns: minmax(0, 1fr); } .save-bar > .row { padding-top: 0; } .save-bar .button { min-height: 44px; } }
#json { font-family: var(--mono); font-size: 0.8125rem; }
details.card > summary + form { margin-top: var(--s4); }
.compared { display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); gap: var(--s5); }
.compared h3 { margin-bottom: var(--s2); font-size: var(--size-small); color: var(--quiet); }
.compared li { display: grid; grid-template-columns: 28px minmax(0, 1fr) auto; gap: var(--s2); padding: 7px 8px; border-radius: var(--radius-small); overflow-wrap: anywhere; }
.compared li + li { margin-top: 1px; }
.compared li a { text-decoration: none; } .compared li a:hover { text-decoration: underline; }
.compared .of { display: block; }
.compared .place { color: var(--quiet); text-align: end; }
.compared .change { font-size: var(--size-small); color: var(--quiet); white-space: nowrap; }
.compared .in { background: var(--good-ground); } .compared .in .change, .compared .in .place { color: var(--good); }
.compared .moved { background: var(--busy-ground); } .compared .moved .change, .compared .moved .of { color: var(--busy); }
.compared .in .of { color: var(--good); }
.compared .out { background: var(--bad-ground); } .compared .out .of, .compared .out .place { color: var(--bad); }
@media (max-width: 719px) { .compared { grid-template-columns: minmax(0, 1fr); } }
.rule-list > li { display: grid; grid-template-columns: 130px minmax(0, 1fr) auto; gap: var(--s3); align-items: start; padding: var(--s3) 0; }
.rule-list > li + li { border-top: 1px solid var(--line); }
.rule-list .state { justify-self: start; }
@media (max-width: 519px) { .rule-list > li { grid-template-columns: minmax(0, 1fr) auto; } .rule-list .state { grid-column: 1 / -1; } }
.rule-fields { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 240px), 1fr)); gap: var(--s4); align-items: start; }
.policy-changed { margin-top: var(--s3); } .policy-changed del { color: var(--bad); } .policy-changed ins { color: var(--good); text-decoration: none; font-weight: 600; }
.edition-fold { border-top: 1px solid var(--line); padding: var(--s2) 0; } .edition-fold summary > span { font-weight: 400; margin-inline-start: var(--s3); }
.to-edition a { display: inline-block; padding: 6px 0; }
.edition-fold .compared { margin: var(--s3) 0; }
`;
