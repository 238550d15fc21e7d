// Today and the page for sending: what is on its way moves as it goes, and what a clock changes is shown when it does.

interface Piece {
  id: number;
  state: string;
  html: string;
}

const shown = () => [...document.querySelectorAll<HTMLElement>('[data-running]')];

const stands = () => document.querySelector<HTMLElement>('[data-stands]');
let standing: string | undefined;

/** Follows while the page is looked at: a browser has few connections to one host, and many tabs. */
function follow(): void {
  if (document.hidden || (!stands() && shown().length === 0)) return;
  const stream = new EventSource('/desk/today/progress');
  const stop = () => {
    stream.close();
    document.removeEventListener('visibilitychange', stop);
    window.removeEventListener('pagehide', stop);
  };
  document.addEventListener('visibilitychange', stop);
  window.addEventListener('pagehide', stop);
  stream.addEventListener('standing', (event) => {
    standing = (event as MessageEvent<string>).data;
    if (isBehind()) void renew();
  });
  stream.addEventListener('running', (event) => {
    const pieces = JSON.parse((event as MessageEvent<string>).data) as Piece[];
    const now = pieces.map(({ id, state }) => `${id} ${state}`).join();
    const then = shown()
      .map(({ dataset }) => `${dataset.running} ${dataset.state}`)
      .join();
    if (now !== then) return void renew();
    for (const { id, html } of pieces) {
      const live = document.querySelector(`[data-running="${id}"] [data-live]`);
      if (live) put(live, html);
    }
  });
}

/** Whether editions stand otherwise than the page says. */
const isBehind = () => standing !== undefined && stands() !== null && stands()?.dataset.stands !== standing;
document.addEventListener('visibilitychange', follow);
// While a dialog was open nothing was put in place of what it stands in.
document.addEventListener('close', () => void (isBehind() && renew()), true);

/** Puts new figures in place; a bar that is there already goes on, so that it moves instead of jumping. */
function put(live: Element, html: string): void {
  const fresh = new DOMParser().parseFromString(html, 'text/html').body;
  const bar = live.querySelector('progress');
  const next = fresh.querySelector('progress');
  if (bar && next) {
    bar.max = next.max;
    bar.value = next.value;
    next.replaceWith(bar);
  }
  live.replaceChildren(...fresh.childNodes);
}

type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;
const controls = () =>
  [...document.querySelectorAll<Control>('.page input, .page textarea, .page select')].filter(
    ({ type }) => type !== 'hidden',
  );
const isChecked = (each: Control): each is HTMLInputElement =>
  each.type === 'radio' || each.type === 'checkbox';
const nameOf = (each: Control) =>
  [each.form?.getAttribute('action'), each.name, isChecked(each) ? each.value : ''].join(' ');

/** What somebody has chosen or typed so far. @returns puts it into the forms that came in place of these */
function keepChoices(): () => void {
  const kept = new Map(controls().map((each) => [nameOf(each), isChecked(each) ? each.checked : each.value]));
  return () => {
    for (const each of controls()) {
      const before = kept.get(nameOf(each));
      if (before === undefined || each.disabled) continue;
      if (isChecked(each)) each.checked = before === true;
      else each.value = String(before);
    }
  };
}
document.addEventListener('htmx:before:swap', () => {
  const restore = keepChoices();
  document.addEventListener('htmx:after:swap', restore, { once: true });
});

/** What a link or button does, in a text by which it is found in a page that is read anew. */
const pressed = (each: Element | null) =>
  [each?.getAttribute('href'), each?.closest('form')?.getAttribute('action'), each?.textContent?.trim()].join(
    ' ',
  );

let renewing = false;
/** An edition has begun, ended, or was held: the page is read anew where it shows that. */
async function renew(): Promise<void> {
  if (renewing) return;
  renewing = true;
  try {
    const answer = await fetch(location.href);
    const page = new DOMParser()
      .parseFromString(await answer.text(), 'text/html')
      .querySelector('.page > .inner');
    const place = document.querySelector('.page > .inner');
    if (!answer.ok || !page || !place || document.querySelector('dialog[open]')) return;
    const restore = keepChoices();
    const focused = place.contains(document.activeElement) ? pressed(document.activeElement) : undefined;
    place.replaceWith(page);
    restore();
    if (focused)
      [...page.querySelectorAll<HTMLElement>('a, button, summary')]
        .find((each) => pressed(each) === focused)
        ?.focus({ preventScroll: true });
  } finally {
    renewing = false;
  }
}

document.addEventListener('reached', (event) => {
  const at = event.target as HTMLElement;
  if (at.dataset.passes !== undefined) {
    // The time stands in a form that somebody is reading: it is said, and they choose again.
    const passed = document.querySelector<HTMLElement>('#passed');
    if (passed) passed.hidden = false;
    const choice = document.querySelector<HTMLInputElement>('input[name="when"][value="scheduled"]');
    if (choice) choice.disabled = true;
    return;
  }
  // What was to leave is leaving: a moment later the page can say so.
  if (at.closest('.countdown')) setTimeout(() => location.reload(), 3000);
});

follow();
