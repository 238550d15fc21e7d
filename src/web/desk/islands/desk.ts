// On every page: fragments by htmx, dialogs, menus, shortcuts, countdowns, and what happens when the session or the server is gone.
import htmx from 'htmx.org';
import { askBeforeLeaving } from './leaving.ts';

interface Sending {
  sourceElement: Element;
  target: Element | string;
  swap: string;
  request: {
    method: string;
    action: string;
    body: FormData | URLSearchParams | null;
    headers: Record<string, string>;
  };
  response?: { status: number };
}

const by = <Found extends Element>(selector: string) => document.querySelector<Found>(selector);
const csrf = () => by<HTMLMetaElement>('meta[name="csrf"]')?.content ?? '';
const ctxOf = (event: Event) => (event as CustomEvent<{ ctx: Sending }>).detail.ctx;

/** What was not taken because the session had ended, or nobody answered; in the order in which it was done. */
const waiting: Sending[] = [];

document.addEventListener('htmx:config:request', (event) => {
  ctxOf(event).request.headers['X-CSRF-Token'] = csrf();
});
document.addEventListener('htmx:before:response', (event) => {
  const ctx = ctxOf(event);
  if (ctx.response?.status !== 401) return;
  event.preventDefault();
  keep(ctx);
  by<HTMLDialogElement>('#logged-out')?.showModal();
});
document.addEventListener('htmx:error', (event) => {
  const ctx = ctxOf(event);
  if (!ctx?.request) return;
  if (ctx.response) return toast(by<HTMLElement>('#toasts')?.dataset.failed ?? '', true);
  if (ctx.request.method === 'GET') {
    // What pages ask for by themselves is asked again by themselves.
    if (ctx.sourceElement.matches('a, button, form, input, select'))
      toast(by<HTMLElement>('#toasts')?.dataset.unreached ?? '', true);
    return;
  }
  keep(ctx);
  toast(by<HTMLElement>('#toasts')?.dataset.offline ?? '', true);
  void untilAnswered();
});

function keep(ctx: Sending): void {
  if (ctx.request.method !== 'GET') waiting.push(ctx);
  document.documentElement.dataset.unsent = String(waiting.length);
}

let asking = false;
async function untilAnswered(): Promise<void> {
  if (asking) return;
  asking = true;
  for (let pause = 1000; waiting.length > 0; pause = Math.min(pause * 1.5, 10_000)) {
    await new Promise((resolve) => setTimeout(resolve, pause));
    const answers = await fetch('/health/live').then(
      ({ ok }) => ok,
      () => false,
    );
    if (answers) await sendAgain();
  }
  asking = false;
}

async function sendAgain(): Promise<void> {
  // A new session has a new token, which stands in any page of ours.
  const page = await fetch('/desk/account', { redirect: 'manual' });
  if (!page.ok) return void by<HTMLDialogElement>('#logged-out')?.showModal();
  const token = new DOMParser()
    .parseFromString(await page.text(), 'text/html')
    .querySelector<HTMLMetaElement>('meta[name="csrf"]')?.content;
  if (token) {
    by<HTMLMetaElement>('meta[name="csrf"]')?.setAttribute('content', token);
    for (const field of document.querySelectorAll<HTMLInputElement>('input[name="csrf"]'))
      field.value = token;
  }
  for (const { sourceElement, target, swap, request } of waiting.splice(0)) {
    const values = Object.fromEntries(request.body ?? []);
    if (token && 'csrf' in values) values.csrf = token;
    await htmx.ajax(request.method, request.action, { source: sourceElement, target, swap, values } as never);
  }
  document.documentElement.dataset.unsent = '0';
}

window.addEventListener('beforeunload', (event) => {
  if (waiting.length > 0) event.preventDefault();
});
askBeforeLeaving('form[data-asks]');

/** Shows a line for some seconds; what is said again stands there once. */
function toast(text: string, bad = false): void {
  for (const said of document.querySelectorAll('#toasts > .toast'))
    if (said.textContent === text) said.remove();
  const line = document.createElement('p');
  line.className = bad ? 'toast bad' : 'toast';
  line.textContent = text;
  by('#toasts')?.append(line);
}
const toasts = by('#toasts');
if (toasts)
  new MutationObserver((changes) => {
    for (const { addedNodes } of changes)
      for (const node of addedNodes)
        if (node instanceof HTMLElement && !node.dataset.stays) setTimeout(() => node.remove(), 7000);
  }).observe(toasts, { childList: true });

// In place of a picture that does not load stands its ground, not the browser's torn one.
document.addEventListener(
  'error',
  ({ target }) => {
    if (!(target instanceof HTMLImageElement)) return;
    if (target.matches('.ed-thumb > img, .picture > img, .story-picture')) target.remove();
    else if (target.matches('.thumb')) {
      const place = document.createElement('span');
      place.className = 'thumb';
      target.replaceWith(place);
    }
  },
  true,
);
// Those that had failed before this began to listen.
for (const each of document.querySelectorAll<HTMLImageElement>(
  '.ed-thumb > img, .picture > img, .story-picture, img.thumb',
))
  if (each.complete && each.src && each.naturalWidth === 0) each.dispatchEvent(new Event('error'));

document.addEventListener('click', (event) => {
  const at = event.target as Element;
  const opener = at.closest<HTMLElement>('[data-dialog]');
  if (opener) by<HTMLDialogElement>(`#${CSS.escape(opener.dataset.dialog ?? '')}`)?.showModal();
  const closer = at.closest<HTMLElement>('[data-close]');
  if (closer) {
    const dialog = closer.closest('dialog');
    dialog?.close();
    if (dialog?.id === 'logged-out') void sendAgain();
  }
  // A press beside a dialog closes it.
  if (at instanceof HTMLDialogElement) at.close();
  for (const menu of document.querySelectorAll<HTMLDetailsElement>('details.menu[open]'))
    if (!menu.contains(at) || at.closest('.sheet .button')) menu.open = false;
  const rail = at.closest('[data-rail]');
  if (rail) rail.setAttribute('aria-expanded', String(by('.rail')?.classList.toggle('open') ?? false));
});

document.addEventListener('change', (event) => {
  const choice = event.target as HTMLSelectElement;
  if (choice.matches('[data-letters-choice]')) localStorage.setItem('letters', choice.value);
  if (!choice.matches('[data-appearance-choice]')) return;
  if (choice.value) {
    localStorage.setItem('appearance', choice.value);
    document.documentElement.dataset.appearance = choice.value;
  } else {
    localStorage.removeItem('appearance');
    delete document.documentElement.dataset.appearance;
  }
});
const chosen = by<HTMLSelectElement>('[data-appearance-choice]');
if (chosen) chosen.value = localStorage.getItem('appearance') ?? '';
const letters = by<HTMLSelectElement>('[data-letters-choice]');
if (letters) letters.value = localStorage.getItem('letters') ?? '';

// Shortcuts: "g" and a letter goes to a page; a button with data-key is pressed by its key. A key alone only leads elsewhere, and can
// be switched off (it may be spoken, or pressed by mistake); what changes or sends has Control with it.
let going = false;
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape')
    for (const menu of document.querySelectorAll<HTMLDetailsElement>('details.menu[open]')) {
      menu.open = false;
      menu.querySelector('summary')?.focus();
    }
  const at = event.target as HTMLElement;
  if (at.matches('input, textarea, select, [contenteditable]') || document.querySelector('dialog[open]'))
    return;
  const withControl = event.ctrlKey || event.metaKey;
  if (!withControl && localStorage.getItem('letters') === 'off') return;
  const name = `${withControl ? 'mod+' : ''}${event.shiftKey && event.key.length > 1 ? 'shift+' : ''}${event.key}`;
  if (going && !withControl) {
    going = false;
    const place = by<HTMLAnchorElement>(`a[data-go="${CSS.escape(event.key)}"]`);
    if (place) return place.click();
  }
  if (name === 'g') {
    going = true;
    setTimeout(() => {
      going = false;
    }, 1500);
  } else if (name === '?') by<HTMLDialogElement>('#shortcuts')?.showModal();
  else if (name === '/') {
    const search = by<HTMLInputElement>('input[type="search"]');
    if (search) {
      event.preventDefault();
      search.focus();
    }
  } else {
    const pressed = by<HTMLElement>(`[data-key="${CSS.escape(name)}"]:not(:disabled)`);
    if (pressed) {
      event.preventDefault();
      pressed.click();
    }
  }
});
// A page's own shortcuts stand in the list of all.
const list = by('[data-shortcuts]');
for (const each of document.querySelectorAll<HTMLElement>('[data-key]')) {
  const line = document.createElement('div');
  line.className = 'row apart';
  const what = document.createElement('dt');
  what.textContent = (each.getAttribute('aria-label') ?? each.textContent ?? '').trim();
  const keys = document.createElement('dd');
  const key = document.createElement('kbd');
  key.textContent = (each.dataset.key ?? '')
    .replace(/[A-Z]$/, (letter) => `shift+${letter.toLowerCase()}`)
    .replace('mod+', 'Ctrl ')
    .replace('shift+', '⇧ ');
  keys.append(key);
  line.append(what, keys);
  list?.prepend(line);
}

// What is seldom unfolded is fetched when it is, and again when the page was brought up to date around it.
async function load(fold: HTMLDetailsElement): Promise<void> {
  const place = fold.querySelector<HTMLElement>('[data-loaded]');
  if (!fold.open || !place) return;
  await htmx.ajax('GET', fold.dataset.load ?? '', {
    source: fold,
    target: place,
    swap: 'innerHTML',
  } as never);
  place.dataset.loaded = 'yes';
}
document.addEventListener(
  'toggle',
  ({ target }) => {
    if (target instanceof HTMLDetailsElement && target.dataset.load) void load(target);
  },
  true,
);
document.addEventListener('htmx:after:swap', () => {
  for (const fold of document.querySelectorAll<HTMLDetailsElement>('details[open][data-load]'))
    if (fold.querySelector('[data-loaded=""]')) void load(fold);
});

// Countdowns: by the server's clock, which may differ from this one.
const served = Number(document.querySelector<HTMLMetaElement>('meta[name="now"]')?.content);
const ahead = served ? Date.now() - served : 0;
function countDown(): void {
  for (const each of document.querySelectorAll<HTMLElement>('[data-countdown]')) {
    const left = Math.round((Date.parse(each.dataset.countdown ?? '') - (Date.now() - ahead)) / 1000);
    if (left <= 0) {
      if (each.dataset.past !== 'yes') {
        each.dataset.past = 'yes';
        each.dispatchEvent(new CustomEvent('reached', { bubbles: true }));
      }
      continue;
    }
    const [days, hours, minutes] = [
      Math.floor(left / 86_400),
      Math.floor(left / 3600) % 24,
      Math.floor(left / 60) % 60,
    ];
    const two = (value: number) => String(value).padStart(2, '0');
    each.textContent =
      days > 0
        ? `${days} d ${hours} h`
        : `${hours > 0 ? `${hours}:${two(minutes)}` : minutes}:${two(left % 60)}`;
  }
}
countDown();
setInterval(countDown, 1000);
