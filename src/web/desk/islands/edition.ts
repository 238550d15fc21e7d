// The edition's page: saving by itself, moving stories by hand and by key, the sheet, and who else is here.
import type Htmx from 'htmx.org';
import Sortable from 'sortablejs';
import { startCropping } from './crop.ts';
import { askBeforeLeaving } from './leaving.ts';
import { keepNotes } from './notes.ts';
import { startOnce } from './once.ts';
import { type Sending, showSaved, startSaving, toast } from './saving.ts';

// The one of the page's frame: a second would do everything twice.
const { htmx } = window as unknown as { htmx: typeof Htmx };
// What is unfolded stays so.
htmx.config.morphIgnore.push('open');

const page = document.querySelector<HTMLElement>('#edition-page');
const sheet = document.querySelector<HTMLDialogElement>('#sheet');
const sheetBody = document.querySelector<HTMLElement>('#sheet-body');
const edition = () => document.querySelector<HTMLElement>('#edition');
const version = () => edition()?.dataset.version ?? '';
const at = page?.dataset.at ?? '';
const canEdit = page?.dataset.canEdit === 'yes';
const detailOf = <Detail>(event: Event) => (event as CustomEvent<Detail>).detail;

// ---- Changes and their answers

const reload = () =>
  htmx.ajax('GET', at, { source: '#said', target: '#edition', swap: 'outerMorph' } as never);

let focused: string | undefined;
document.addEventListener('htmx:before:swap', (event) => {
  const { target } = detailOf<{ ctx: Sending }>(event).ctx;
  focused = document.activeElement?.id || undefined;
  // What is in the hand stays there: the page is brought up to date when it is put down.
  if (inHand() && (target === '#edition' || target === edition())) event.preventDefault();
});

// Where browsers lose the focus of what is moved, it is given back.
document.addEventListener('htmx:after:swap', () => {
  if (!focused || document.activeElement?.id === focused) return;
  const again = document.getElementById(focused);
  if (again && !sheet?.contains(again) && !sheet?.open) again.focus({ preventScroll: true });
});

document.addEventListener('edition-changed', (event) => {
  const {
    version: now,
    sheet: becomes,
    by,
    done,
  } = detailOf<{ version: number; sheet?: string; by?: string; done?: string }>(event);
  if (done) toast(decodeURIComponent(done));
  const shown = edition();
  if (shown && Number(shown.dataset.version) < now) shown.dataset.version = String(now);
  if (!by) showSaved('saved');
  if (becomes === 'goes' && (event.target as Element).closest?.('#sheet')) sheet?.close();
  if (by && sheet?.open) void renewSheet();
  startSorting();
});

document.addEventListener('htmx:finally:request', (event) => {
  const { request, response } = detailOf<{ ctx: Sending }>(event).ctx;
  if (request.method !== 'POST' || !request.body?.has('base') || !response) return;
  // What was moved by hand goes back to where it is.
  if (response.status >= 400 && response.status !== 401 && response.status !== 409) void reload();
});

startSaving({ version, reload, sheet });
startOnce();
if (sheet) keepNotes(sheet);

// ---- Who else is here, and what they changed

const windowId = Math.random().toString(36).slice(2);
const hereMs = 5000;
const csrf = () => document.querySelector<HTMLMetaElement>('meta[name="csrf"]')?.content ?? '';
const here = (more: Record<string, string>) =>
  new URLSearchParams({ csrf: csrf(), window: windowId, version: version(), ...more });
const fieldAt = () =>
  document.activeElement instanceof HTMLElement ? (document.activeElement.dataset.field ?? '') : '';
let loggedOut = false;

async function sayHere(): Promise<void> {
  if (!page || loggedOut || document.visibilityState === 'hidden') return;
  const answer = await fetch(`${at}/here`, {
    method: 'POST',
    headers: { 'HX-Request': 'true' },
    body: here({ field: fieldAt(), state: edition()?.dataset.state ?? '' }),
  }).catch(() => undefined);
  if (answer?.status === 401) {
    loggedOut = true;
    document.querySelector<HTMLDialogElement>('#logged-out')?.showModal();
    document.querySelector('#logged-out')?.addEventListener('close', () => {
      loggedOut = false;
    });
  }
  if (!answer?.ok) return;
  const text = await answer.text();
  const now = Number(answer.headers.get('Edition-Version'));
  // What is being moved stays in the hand, and what was changed from here meanwhile is newer.
  if (inHand() || now < Number(version())) return;
  const was = version();
  await htmx.swap({
    text,
    sourceElement: page,
    target: '#edition',
    swap: 'outerMorph',
  } as never);
  if (String(now) !== was)
    page.dispatchEvent(
      new CustomEvent('edition-changed', {
        bubbles: true,
        detail: {
          version: now,
          sheet: 'stays',
          by: 'others',
          done: answer.headers.get('Edition-Undone') ?? undefined,
        },
      }),
    );
}

if (page) {
  void sayHere();
  setInterval(() => void sayHere(), hereMs);
  document.addEventListener('focusin', (event) => {
    if ((event.target as HTMLElement).dataset?.field) void sayHere();
  });
  document.addEventListener('visibilitychange', () => void sayHere());
  window.addEventListener('pagehide', () => navigator.sendBeacon(`${at}/here`, here({ leaves: 'yes' })));
}

// ---- What inboxes make of the lines

function mirror(field: HTMLTextAreaElement): void {
  const name = field.dataset.mirror ?? '';
  const text = field.value.replace(/\s+/g, ' ').trim();
  for (const shown of document.querySelectorAll(`[data-shows="${name}"]`)) shown.textContent = text;
  const count = document.querySelector<HTMLElement>(`[data-counts="${name}"]`);
  if (!count) return;
  const {
    least = '0',
    most = '0',
    one = '',
    many = '',
    none = '',
    short = '',
    long = '',
    good = '',
  } = count.dataset;
  const length = [...text].length;
  const verdict = length === 0 ? none : length < Number(least) ? short : length > Number(most) ? long : good;
  const counted = (length === 1 ? one : many).replace('#', String(length));
  count.textContent = length === 0 ? verdict : `${counted} · ${verdict}`;
  count.dataset.verdict = verdict === good ? 'good' : 'not';
}
document.addEventListener('input', (event) => {
  if (event.target instanceof HTMLTextAreaElement && event.target.dataset.mirror) mirror(event.target);
});
document.addEventListener('mirror', ({ target }) => mirror(target as HTMLTextAreaElement));

// ---- The sheet

/** Where what the sheet shows is from. */
let sheetAt = '';

/** A story's sheet says what stands, when others have changed it. */
async function renewSheet(): Promise<void> {
  const key = /\/stories\/([^/?]+)$/.exec(sheetAt)?.[1];
  if (!key || !document.getElementById(`story-${decodeURIComponent(key)}`)) return;
  await htmx.ajax('GET', sheetAt, { source: '#said', target: '#sheet-body', swap: 'innerMorph' } as never);
}

document.addEventListener('htmx:after:swap', (event) => {
  const { target, sourceElement, request } = detailOf<{ ctx: Sending }>(event).ctx;
  if (!sheet || !sheetBody) return;
  // What only brings it up to date opens none that was closed meanwhile.
  const opens = (target === sheetBody || target === '#sheet-body') && sourceElement.id !== 'said';
  if (opens) sheetAt = request?.action ?? '';
  if (opens && sheetBody.childElementCount > 0 && !sheet.open) {
    for (const menu of document.querySelectorAll<HTMLDetailsElement>('details.menu[open]')) menu.open = false;
    sheet.showModal();
  }
  startCropping(sheetBody);
});
document.addEventListener('click', (event) => {
  const link = (event.target as Element).closest<HTMLElement>('a[data-close]');
  if (link && sheet?.contains(link)) event.preventDefault();
});

// ---- Moving stories by hand

const sorting = new WeakSet<Element>();

function startSorting(): void {
  if (!canEdit) return;
  for (const list of document.querySelectorAll<HTMLElement>('.ed-stories[data-slot]')) {
    if (sorting.has(list)) continue;
    sorting.add(list);
    Sortable.create(list, {
      group: 'stories',
      draggable: '[data-story]',
      handle: '.ed-grip, .ed-thumb',
      animation: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 140,
      ghostClass: 'ed-ghost',
      chosenClass: 'ed-chosen',
      delay: 120,
      delayOnTouchOnly: true,
      touchStartThreshold: 4,
      scrollSensitivity: 90,
      onStart: () => document.documentElement.classList.add('ed-dragging'),
      onEnd: ({ item, from, to, oldIndex, newIndex }) => {
        document.documentElement.classList.remove('ed-dragging');
        if (from !== to || oldIndex !== newIndex) place(item);
      },
    });
  }
}

/** Tells the server where a story stands on the page. */
function place(item: HTMLElement): void {
  const list = item.closest<HTMLElement>('[data-slot]');
  if (!list) return;
  const stories = [...list.querySelectorAll<HTMLElement>(':scope > [data-story]')];
  void htmx.ajax('POST', `${at}/change`, {
    source: '#said',
    target: '#edition',
    swap: 'outerMorph',
    values: {
      base: version(),
      act: 'place',
      story: item.dataset.story,
      slot: list.dataset.slot,
      at: Number(list.dataset.from ?? 0) + stories.indexOf(item),
    },
  } as never);
}

// ---- Moving stories by key: Space takes one up, arrows move it, Space puts it down

const inHand = () => held !== undefined || document.documentElement.classList.contains('ed-dragging');
let held: { item: HTMLElement; back: () => void } | undefined;
const say = (text: string) => {
  const line = document.querySelector('#said');
  if (line) line.textContent = text;
};

const lists = () => [...document.querySelectorAll<HTMLElement>('.ed-stories[data-slot]')];
const placeInWords = (pattern: string, item: HTMLElement) => {
  const list = item.closest<HTMLElement>('[data-slot]');
  const stories = [...(list?.querySelectorAll(':scope > [data-story]') ?? [])];
  return pattern
    .replace('#', String(Number(list?.dataset.from ?? 0) + stories.indexOf(item) + 1))
    .replace('%', list?.dataset.slotName ?? '');
};

document.addEventListener('keydown', (event) => {
  const grip = (event.target as Element).closest<HTMLElement>('.ed-grip');
  const item = grip?.closest<HTMLElement>('[data-story]');
  if (!grip || !item || !page) return;
  if (event.key === ' ' || event.key === 'Enter') {
    event.preventDefault();
    if (held) putDown();
    else takeUp(item, grip);
    return;
  }
  if (!held || held.item !== item) return;
  if (event.key === 'Escape') letGo();
  else if (event.key === 'ArrowUp') step(item, -1);
  else if (event.key === 'ArrowDown') step(item, 1);
  else return;
  event.preventDefault();
  grip.focus();
});
document.addEventListener('focusout', (event) => {
  const grip = (event.target as Element).closest?.('.ed-grip');
  // Moving it in the document takes the focus away for a moment.
  if (grip && held) setTimeout(() => held && !held.item.contains(document.activeElement) && letGo(), 50);
});

function takeUp(item: HTMLElement, grip: HTMLElement): void {
  const [parent, next] = [item.parentElement, item.nextElementSibling];
  held = { item, back: () => parent?.insertBefore(item, next) };
  item.classList.add('ed-held');
  grip.setAttribute('aria-pressed', 'true');
  say(placeInWords(page?.dataset.taken ?? '', item));
}

function ended(): HTMLElement | undefined {
  const item = held?.item;
  held = undefined;
  item?.classList.remove('ed-held');
  item?.querySelector('.ed-grip')?.setAttribute('aria-pressed', 'false');
  return item;
}

function putDown(): void {
  const item = ended();
  if (!item) return;
  say(page?.dataset.putDown ?? '');
  place(item);
}

function letGo(): void {
  held?.back();
  const item = ended();
  item?.querySelector<HTMLElement>('.ed-grip')?.focus();
  say(page?.dataset.letGo ?? '');
  void reload();
}

function step(item: HTMLElement, way: 1 | -1): void {
  const list = item.closest<HTMLElement>('[data-slot]');
  const sibling = way < 0 ? item.previousElementSibling : item.nextElementSibling;
  if (sibling) {
    if (way < 0) sibling.before(item);
    else sibling.after(item);
  } else {
    const all = lists();
    const other = list && all[all.indexOf(list) + way];
    if (!other) return;
    const fold = other.closest('details');
    if (fold) fold.open = true;
    if (way < 0) other.append(item);
    else other.prepend(item);
  }
  item.scrollIntoView({ block: 'nearest' });
  say(placeInWords(page?.dataset.moved ?? '', item));
}

// ---- Stories and preview: side by side, or one behind the other

const tabs = [...document.querySelectorAll<HTMLElement>('.ed-tabs [role="tab"]')];
function showTab(tab: HTMLElement): void {
  if (!page) return;
  page.dataset.tab = tab.id === 'tab-preview' ? 'preview' : 'stories';
  for (const each of tabs) {
    each.setAttribute('aria-selected', String(each === tab));
    each.tabIndex = each === tab ? 0 : -1;
  }
}
for (const tab of tabs) {
  tab.addEventListener('click', () => showTab(tab));
  tab.addEventListener('keydown', (event) => {
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
    const other = tabs.find((each) => each !== tab);
    if (!other) return;
    showTab(other);
    other.focus();
  });
}

// Which story the preview is to show.
document.addEventListener('click', (event) => {
  const item = (event.target as Element).closest<HTMLElement>('#edition [data-story]');
  if (item && !(event.target as Element).closest('button, a, summary, input'))
    item.dispatchEvent(
      new CustomEvent('edition-show', { bubbles: true, detail: { position: Number(item.dataset.position) } }),
    );
});

startSorting();
// A sheet that is a page of its own.
if (!page) {
  startCropping(document);
  askBeforeLeaving('form[action$="/change"]');
}
