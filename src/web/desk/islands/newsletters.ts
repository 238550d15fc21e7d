// Settings and looks of newsletters: fields that others ask for, the zone of this device, and a preview that follows.

import { askBeforeLeaving } from './leaving.ts';

const pauseMs = 200;

/** Fields that only matter with a choice are hidden without it. */
function showWhatMatters(within: ParentNode): void {
  for (const schedule of within.querySelectorAll<HTMLElement>('[data-schedule]')) {
    const often = schedule.querySelector<HTMLSelectElement>('select[name="often"]')?.value ?? '';
    for (const part of schedule.querySelectorAll<HTMLElement>('[data-often]'))
      part.dataset.only = part.dataset.often?.split(' ').includes(often) ? 'yes' : 'no';
  }
  for (const control of within.querySelectorAll<HTMLInputElement | HTMLSelectElement>('[data-shows]')) {
    const part = document.getElementById(control.dataset.shows ?? '');
    const isOn =
      control instanceof HTMLInputElement ? control.checked : control.value === control.dataset.showsFor;
    if (part) part.dataset.only = isOn ? 'yes' : 'no';
  }
}

document.addEventListener('input', () => showWhatMatters(document));
document.addEventListener('htmx:after:swap', () => showWhatMatters(document));
showWhatMatters(document);
askBeforeLeaving('main form[method="post"]');

/** A section that an address names is open. */
function openNamed(): void {
  const folded = document.getElementById(location.hash.slice(1))?.querySelector('details');
  if (folded) folded.open = true;
}
addEventListener('hashchange', openNamed);
openNamed();

// A first newsletter is most likely for where its maker is.
for (const field of document.querySelectorAll<HTMLInputElement>('form.create [data-zone]'))
  if (field.value === 'UTC') field.value = Intl.DateTimeFormat().resolvedOptions().timeZone || field.value;

for (const picker of document.querySelectorAll<HTMLInputElement>('[data-colour-of]')) {
  const field = document.getElementById(picker.dataset.colourOf ?? '');
  if (!(field instanceof HTMLInputElement)) continue;
  picker.addEventListener('input', (event) => {
    event.stopPropagation();
    field.value = picker.value;
    field.dispatchEvent(new Event('input', { bubbles: true }));
  });
  field.addEventListener('input', () => {
    if (/^#[0-9a-f]{6}$/i.test(field.value)) picker.value = field.value;
  });
}

const stage = document.querySelector<HTMLElement>('[data-look-stage]');
if (stage) startPreview(stage);

function startPreview(within: HTMLElement): void {
  const form = document.querySelector<HTMLFormElement>('[data-look]');
  const ways = document.querySelector<HTMLElement>('[data-look-ways]');
  const first = new URL(within.querySelector('iframe')?.src ?? '', location.href);
  let dark = false;
  let waiting = 0;

  const address = () => {
    const query = form
      ? new URLSearchParams(
          [...new FormData(form)].flatMap(([name, value]) =>
            name !== 'csrf' && typeof value === 'string' && value !== '' ? [[name, value]] : [],
          ),
        )
      : new URLSearchParams(first.search);
    if (dark) query.set('scheme', 'dark');
    else query.delete('scheme');
    return `${first.pathname}?${query}`;
  };
  // The next one is loaded behind the one that is shown, which so never goes blank.
  const show = () => {
    const shown = within.querySelector<HTMLIFrameElement>('iframe:not(.coming)');
    within.querySelector('iframe.coming')?.remove();
    if (!shown) return;
    const coming = shown.cloneNode() as HTMLIFrameElement;
    coming.classList.add('coming');
    coming.src = address();
    coming.addEventListener(
      'load',
      () => {
        coming.classList.remove('coming');
        shown.remove();
        within.dataset.loading = 'no';
      },
      { once: true },
    );
    within.dataset.loading = 'yes';
    within.append(coming);
  };
  form?.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = window.setTimeout(() => {
      show();
      void readings(form);
    }, pauseMs);
  });
  ways?.addEventListener('click', (event) => {
    const button = (event.target as Element).closest<HTMLButtonElement>('button');
    if (!button) return;
    if (button.dataset.width) {
      within.dataset.width = button.dataset.width;
      for (const each of ways.querySelectorAll<HTMLElement>('[data-width]'))
        each.setAttribute('aria-pressed', String(each === button));
      return;
    }
    dark = !dark;
    button.setAttribute('aria-pressed', String(dark));
    show();
  });
}

/** How the colours read that are in the form. */
async function readings(form: HTMLFormElement): Promise<void> {
  const place = document.getElementById('readings');
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === 'string') body.append(name, value);
  const answer = await fetch(`${form.getAttribute('action')}/readings`, { method: 'POST', body });
  if (answer.ok && place) place.innerHTML = await answer.text();
}
