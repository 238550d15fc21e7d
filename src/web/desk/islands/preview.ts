// The preview of an edition: two frames, of which the new one takes the other's place once it has loaded.
import type Htmx from 'htmx.org';

const { htmx } = window as unknown as { htmx: typeof Htmx };
const pane = document.querySelector<HTMLElement>('#preview-pane');
const stage = pane?.querySelector<HTMLElement>('.pv-stage');
const tools = pane?.querySelector<HTMLFormElement>('form[data-preview-tools]');
const why = pane?.querySelector<HTMLDetailsElement>('#preview-why');
const at = pane?.dataset.at ?? '';
// Pictures that do not come must not keep a change from being seen.
const patienceMs = 700;
const detailOf = <Detail>(event: Event) => (event as CustomEvent<Detail>).detail;

let version = pane?.dataset.version ?? '';
/** The story that was shown last, to which the frame comes back: where else it was scrolled to, it tells nobody. */
let story = '';
let shownHash = '';

const field = (name: string) => tools?.elements.namedItem(name) as HTMLInputElement | null | RadioNodeList;
const hidden = (name: string) =>
  tools?.querySelector<HTMLInputElement>(`input[type="hidden"][name="${name}"]`);

function query(): string {
  const asked = new URLSearchParams();
  for (const name of ['width', 'scheme', 'images', 'show']) asked.set(name, hidden(name)?.value ?? '');
  for (const name of ['language', 'reader']) {
    const chosen = field(name);
    if (chosen && 'value' in chosen && chosen.value) asked.set(name, chosen.value);
  }
  return asked.toString();
}
// The version is there for whoever reads the server's log; it shows what is now.
const address = () => `${at}/preview.html?${query()}&v=${version}`;
const current = () => stage?.querySelector<HTMLIFrameElement>('.pv-frame:not(.coming)');

/** Shows the preview as it is now, beside the one that is seen, until it has loaded. */
function load(): void {
  const seen = current();
  if (!stage || !seen) return;
  for (const late of stage.querySelectorAll('.pv-frame.coming')) late.remove();
  const began = performance.now();
  const next = seen.cloneNode() as HTMLIFrameElement;
  next.classList.add('coming');
  next.src = `${address()}${story ? `#${story}` : ''}`;
  stage.dataset.loading = 'yes';
  const show = () => {
    clearTimeout(patience);
    if (!next.isConnected || !next.classList.contains('coming')) return;
    next.classList.remove('coming');
    for (const each of stage.querySelectorAll('.pv-frame')) if (each !== next) each.remove();
    delete stage.dataset.loading;
    stage.dataset.version = version;
    stage.dataset.took = String(Math.round(performance.now() - began));
    pane?.dispatchEvent(new CustomEvent('preview-shown', { bubbles: true, detail: { version } }));
  };
  const patience = setTimeout(show, patienceMs);
  next.addEventListener('load', show);
  stage.append(next);
  const alone = document.querySelector<HTMLAnchorElement>('#preview-alone');
  if (alone) alone.href = `${at}/preview?${query()}`;
  tellWhy();
}

/** Shows a story in the frame. */
function showStory(key: string): void {
  const frame = current();
  if (!frame || hidden('show')?.value === 'text' || hidden('show')?.value === 'source') return;
  story = `story-${key}`;
  // The same page at another place: browsers go there without loading it again.
  frame.src = `${frame.src.replace(/#.*$/s, '')}#${story}`;
}

let toldOf = '';
function tellWhy(): void {
  const title = why?.querySelector('summary');
  if (title) title.textContent = title.dataset[hidden('show')?.value === 'clicks' ? 'clicks' : 'why'] ?? '';
  const place = document.querySelector<HTMLElement>('#preview-reasons');
  const asked = new URLSearchParams(query());
  // However it is looked at, the reasons are the same; clicks are another matter.
  if (asked.get('show') !== 'clicks') asked.delete('show');
  for (const name of ['width', 'scheme', 'images']) asked.delete(name);
  const wanted = `${place?.dataset.src}?${asked}&v=${version}`;
  if (!why?.open || !place || toldOf === wanted) return;
  toldOf = wanted;
  void htmx.ajax('GET', wanted, { source: place, target: place, swap: 'innerHTML' } as never);
}
why?.addEventListener('toggle', tellWhy);

// ---- The tools

function press(button: HTMLButtonElement): void {
  const kept = hidden(button.name);
  if (!kept) return;
  kept.value = button.value;
  const { on, off } = button.dataset;
  if (on !== undefined && off !== undefined) {
    button.setAttribute('aria-pressed', String(button.value === on));
    button.value = button.value === on ? off : on;
  } else
    for (const each of tools?.querySelectorAll<HTMLButtonElement>(`button[name="${button.name}"]`) ?? [])
      each.setAttribute('aria-pressed', String(each === button));
  if (button.name === 'width' && stage) {
    stage.dataset.width = kept.value;
    remember();
    return;
  }
  if (stage) stage.dataset.show = hidden('show')?.value;
  remember();
  load();
}

tools?.addEventListener('submit', (event) => {
  const button = event.submitter as HTMLButtonElement | null;
  event.preventDefault();
  // Enter in a line presses the form's first button.
  const isTyped = document.activeElement?.id === 'preview-address';
  if (button?.name === 'find' || !button?.name || isTyped) return void find();
  press(button);
});
tools?.addEventListener('change', (event) => {
  if ((event.target as HTMLElement).matches('select')) load();
});

/** Looks a subscriber up by address; they are then among the readers to choose from. */
async function find(): Promise<void> {
  const typed = tools?.querySelector<HTMLInputElement>('#preview-address');
  if (!typed?.value.trim()) return;
  const asked = new URLSearchParams({ address: typed.value.trim() });
  const answer = await fetch(`${at}/preview/readers?${asked}`, { headers: { 'HX-Request': 'true' } });
  const text = await answer.text();
  if (!answer.ok) {
    document.querySelector('#toasts')?.insertAdjacentHTML('beforeend', text);
    typed.setAttribute('aria-invalid', 'true');
    return;
  }
  typed.removeAttribute('aria-invalid');
  const place = document.querySelector('#preview-readers');
  if (place) place.innerHTML = text;
  const menu = typed.closest('details');
  if (menu) menu.open = false;
  document.querySelector<HTMLElement>('#preview-reader')?.focus();
  load();
}

// How somebody likes to look at previews stays with them.
const kept = 'preview-looks';
function remember(): void {
  const looks = { width: hidden('width')?.value, scheme: hidden('scheme')?.value };
  localStorage.setItem(kept, JSON.stringify(looks));
}
function recall(): void {
  if (pane?.classList.contains('pv-whole')) return;
  let looks: Record<string, string> = {};
  try {
    // Whatever is kept there: only an object has looks.
    looks = Object(JSON.parse(localStorage.getItem(kept) ?? '{}'));
  } catch {}
  for (const name of ['width', 'scheme']) {
    const wanted = looks[name];
    const button = [...(tools?.querySelectorAll<HTMLButtonElement>(`button[name="${name}"]`) ?? [])].find(
      ({ value }) => value === wanted,
    );
    if (button && hidden(name)?.value !== wanted) press(button);
  }
}
recall();

// ---- Changes and stories

let lastAct = '';
document.addEventListener('htmx:before:request', (event) => {
  const { request, sourceElement } = detailOf<{
    ctx: { request: { method: string; body: FormData | URLSearchParams | null }; sourceElement: Element };
  }>(event).ctx;
  if (request.method !== 'POST' || !request.body) return;
  lastAct = String(request.body.get('act') ?? '');
  const key = request.body.get('story') ?? sourceElement.closest<HTMLElement>('[data-story]')?.dataset.story;
  if (key) story = `story-${key}`;
});

/** What a change has become is shown; once, whoever tells of it first. */
function changed(becomes: string): void {
  if (becomes === version) return;
  version = becomes;
  // Lines stand in the mail's head: what is seen of the mail may be the same, and then stays as it is.
  if (lastAct === 'lines' && hidden('show')?.value === 'html') void loadIfOther();
  else {
    shownHash = '';
    load();
  }
}
document.addEventListener('edition-changed', (event) =>
  changed(String(detailOf<{ version: number }>(event).version)),
);
// The answer to a change says so ahead of the page's new pieces, which take a while to be put in their places.
document.addEventListener('htmx:before:response', (event) => {
  const { response } = detailOf<{ ctx: { response?: { headers: Headers } } }>(event).ctx;
  const said = response?.headers.get('HX-Trigger');
  if (!said?.includes('edition-changed')) return;
  const { version: becomes } = JSON.parse(said)['edition-changed'] ?? {};
  if (becomes) changed(String(becomes));
});

async function loadIfOther(): Promise<void> {
  const answer = await fetch(address(), { method: 'HEAD' }).catch(() => undefined);
  const hash = answer?.headers.get('Preview-Hash') ?? '';
  if (hash && hash === shownHash) {
    if (stage) stage.dataset.version = version;
    return;
  }
  shownHash = hash;
  load();
}

// Who is about to write a line: what is seen now is what it is compared with.
document.addEventListener('focusin', (event) => {
  const { field: name } = (event.target as HTMLElement).dataset ?? {};
  if ((name !== 'subject' && name !== 'preheader') || shownHash) return;
  void fetch(address(), { method: 'HEAD' }).then(
    (answer) => {
      shownHash = answer.headers.get('Preview-Hash') ?? '';
    },
    () => {},
  );
});

document.addEventListener('edition-show', (event) => {
  const key = (event.target as HTMLElement).dataset?.story;
  if (key) showStory(key);
});
document.addEventListener('click', (event) => {
  const link = (event.target as Element).closest<HTMLElement>('[data-shows-story]');
  if (!link?.dataset.showsStory) return;
  if (pane?.classList.contains('pv-whole')) event.preventDefault();
  showStory(link.dataset.showsStory);
});
