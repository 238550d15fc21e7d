/** The preview of an edition: its tools, the frame, and what stands beneath. */
export const previewCss = `
.pv { display: flex; flex-direction: column; gap: var(--s3); min-width: 0; }
.pv-tools { display: flex; flex-direction: column; gap: var(--s2); min-width: 0; }
.pv-row { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: var(--s2) var(--s3); }
.pv-looks { display: inline-flex; align-items: center; gap: var(--s2); }
.pv .segments { min-width: 0; }
.pv .segments .button { min-height: 34px; }
.pv .segments .button.bare { width: 38px; }
.pv-looks > .button { min-height: 36px; width: 38px; }
.pv-looks > .button[aria-pressed='true'] { background: var(--button); border-color: var(--button); color: var(--on-button); }
.pv-whose { justify-content: flex-start; }
.pv-whose .field { flex-direction: row; align-items: center; gap: var(--s2); }
.pv-whose .field > label { font-weight: 500; color: var(--quiet); }
.pv-whose select { min-height: 34px; padding-block: 2px; font-size: var(--size-small); max-width: 260px; text-overflow: ellipsis; }
/* As wide with the typical readers as before they are there. */
.pv-whose #preview-reader { width: 176px; }
.pv-whole .pv-whose #preview-reader { width: 260px; }
details.menu.pv-find > .sheet { width: min(320px, 80vw); gap: var(--s3); padding: var(--s4); }
.pv-whose .pv-find .sheet .field { flex-direction: column; align-items: stretch; gap: 6px; }
.pv-whose .pv-find .sheet .field > label { font-weight: 600; color: var(--ink); }
details.menu.pv-find .sheet .button { justify-content: center; border-color: var(--edge); font-weight: 600; min-height: var(--control); }
.pv-stage { position: relative; display: grid; justify-items: center; height: calc(100svh - 168px); min-height: 420px; border: 1px solid var(--line); border-radius: 12px; background: var(--sunken); overflow: hidden; }
.pv-whole .pv-stage { height: calc(100svh - 232px); }
.pv-frame { grid-area: 1 / 1; display: block; width: 100%; height: 100%; border: 0; background: var(--raised); }
.pv-frame.coming { visibility: hidden; }
.pv-stage[data-width='phone'], .pv-stage[data-width='tablet'] { padding: var(--s4) 0; }
.pv-stage[data-width='phone'] .pv-frame { width: min(100%, 360px); border-radius: 18px; box-shadow: 0 0 0 1px var(--edge), var(--shadow-high); }
.pv-stage[data-width='tablet'] .pv-frame { width: min(100%, 640px); border-radius: 10px; box-shadow: 0 0 0 1px var(--edge), var(--shadow-high); }
.pv-stage[data-loading='yes']::after { content: ''; position: absolute; inset: 0 0 auto; height: 2px; background: var(--busy); transform-origin: left; animation: pv-loading 1.2s 150ms ease-out both; }
@keyframes pv-loading { from { transform: scaleX(0); } to { transform: scaleX(0.9); } }
.pv-foot { display: flex; flex-direction: column; gap: var(--s1); }
.pv-dark-hint { display: none; }
.pv:has(button[name='scheme'][aria-pressed='true']) .pv-dark-hint { display: block; }
.pv-why > summary { display: inline-flex; align-items: center; font-size: var(--size-small); }
.pv-reasons { display: flex; flex-direction: column; gap: var(--s3); padding: var(--s2) 0 var(--s3) 22px; }
.pv-reasons a { color: var(--ink); font-weight: 600; }
.pv-reasons .tag { font-size: 0.75rem; }
.pv-heat meter { width: 88px; vertical-align: middle; margin-inline-end: var(--s2); }
@media (max-width: 640px) {
  .pv .segments .button, .pv-looks > .button, .pv-whose select, .pv .pv-find > summary { min-height: 44px; }
  .pv .segments .button.bare, .pv-looks > .button { width: 44px; }
  .pv-stage { height: calc(100svh - 260px); }
  .pv-stage[data-width='phone'] { padding: 0; }
  .pv-stage[data-width='phone'] .pv-frame { border-radius: 0; box-shadow: none; }
  .pv-row.pv-whose > .field > label, .pv-readers .field > label { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  .pv-whose { display: grid; grid-template-columns: minmax(0, 1fr) auto; }
  .pv-readers { grid-column: 1 / -1; }
  .pv-readers .field { width: 100%; }
  .pv-whose select, .pv .pv-whose #preview-reader { width: 100%; max-width: none; flex: 1; min-width: 0; }
  .pv-find > .sheet { inset-inline: auto 0; }
}
`;
