// What is typed is saved by itself; where somebody else changed the same, both sides stand above it until it is decided which
// stays. Nothing that was typed is lost meanwhile: one goes on typing, and what is typed is one's own side.
import type Htmx from 'htmx.org';

/** What htmx tells of a request. */
export interface Sending {
  sourceElement: Element;
  target?: Element | string;
  request: { method: string; action?: string; body: URLSearchParams | FormData | null };
  response?: { status: number };
  hx?: { retarget?: string };
  text?: string;
}

/** What saving needs of the page. */
interface Page {
  /** The version of the edition that is shown. */
  version(): string;
  /** Brings the edition up to date. */
  reload(): Promise<unknown>;
  sheet: HTMLDialogElement | null;
}

/** A form with something written that is not saved yet. */
interface Unsaved {
  /** The version that it was written on. */
  base: string;
  timer?: ReturnType<typeof setTimeout>;
  sending: boolean;
  /** Somebody else changed the same: it is not sent until it is decided which stands. */
  held: boolean;
}

const pauseMs = 600;
const { htmx } = window as unknown as { htmx: typeof Htmx };
const sendingOf = (event: Event) => (event as CustomEvent<{ ctx: Sending }>).detail.ctx;
const unsaved = new Map<HTMLFormElement, Unsaved>();
/** The forms in which one's own sides of conflicts are written, by what shows the conflict. */
const writtenIn = new WeakMap<Element, HTMLFormElement>();

const formOf = (target: EventTarget | null) =>
  target instanceof Element ? target.closest<HTMLFormElement>('form[data-autosave]') : null;
/** The version on which a form stands that holds what is typed. */
const baseOf = (form: HTMLFormElement) =>
  form.querySelector<HTMLInputElement>('input[type="hidden"][name="base"]');
const isTyped = (element: Element): element is HTMLFormElement =>
  element.matches('form[data-autosave], form#note-form');
const fieldsOf = (form: Element) => [
  ...form.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>('textarea, input:not([type="hidden"])'),
];
const conflictsOf = (form: Element) =>
  [...document.querySelectorAll<HTMLElement>('[data-conflict]')].filter(
    (each) => writtenIn.get(each) === form,
  );

/** Says in the head of the page how what was typed stands; what is not saved yet goes before all else. */
export function showSaved(state: 'saving' | 'saved' | 'not' | ''): void {
  const line = document.querySelector<HTMLElement>('#saved');
  if (!line) return;
  const all = [...unsaved.values()];
  const isOpen = all.some(({ sending }) => !sending) || anyConflict() !== null;
  const isLeft = isOpen ? 'not' : all.length > 0 ? 'saving' : state;
  const shown = state === 'saving' || state === 'not' ? state : isLeft;
  line.textContent = shown === '' ? '' : (line.dataset[shown] ?? '');
  line.dataset.state = shown;
}

const anyConflict = () => document.querySelector('[data-conflict] [data-keep-mine]');

function save(form: HTMLFormElement): void {
  const known = unsaved.get(form);
  if (!known || known.held || !form.isConnected) return;
  clearTimeout(known.timer);
  if (!form.checkValidity()) {
    if (!form.contains(document.activeElement)) showWrong(form);
    return;
  }
  unsaved.set(form, { ...known, timer: undefined, sending: true });
  showSaved('saving');
  form.requestSubmit();
}

/** Lets go of what is unsaved in a form: it stands elsewhere, or is given up. */
function forget(form: HTMLFormElement): void {
  clearTimeout(unsaved.get(form)?.timer);
  unsaved.delete(form);
  form.removeAttribute('hx-morph-skip');
}

/** Says beneath its fields why a form cannot be saved. */
function showWrong(form: HTMLFormElement): void {
  for (const field of fieldsOf(form)) {
    const shown = document.getElementById(`${field.id}-wrong`);
    if (field.validity.valid) {
      shown?.remove();
      field.removeAttribute('aria-invalid');
    } else if (!shown) {
      const line = document.createElement('p');
      line.className = 'error';
      line.id = `${field.id}-wrong`;
      line.role = 'alert';
      line.textContent = wrongOf(field);
      field.after(line);
      field.setAttribute('aria-invalid', 'true');
    }
  }
}
const wrongOf = (field: HTMLInputElement | HTMLTextAreaElement) =>
  field.dataset.wrong ?? field.validationMessage;

/** Says something at the foot of the page. */
export function toast(text: string, bad = false): void {
  const line = document.createElement('p');
  line.className = bad ? 'toast bad' : 'toast';
  line.textContent = text;
  document.querySelector('#toasts')?.append(line);
}

const plain = (text: string | undefined) => text?.replace(/\s+/g, ' ').trim();

/** What was saved and has the focus stays as it was typed, unless an answer has other words by now. */
function letGoOfWhatIsOld(answer: string): void {
  const saved = [...document.querySelectorAll<HTMLFormElement>('form[data-just-saved]')].filter(
    (form) => !unsaved.has(form),
  );
  if (saved.length === 0) return;
  const there = new DOMParser().parseFromString(answer, 'text/html');
  for (const form of saved) {
    const now = there.getElementById(form.id);
    if (!now) continue;
    const words = new Map(fieldsOf(now).map(({ name, value }) => [name, plain(value)]));
    if (fieldsOf(form).every(({ name, value }) => (words.get(name) ?? plain(value)) === plain(value)))
      continue;
    form.removeAttribute('data-just-saved');
    form.removeAttribute('hx-morph-skip');
  }
}

/** Where nothing was typed that is not saved, a field says what stands, though it has the focus. */
function showWhatStands(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>('form[data-autosave]:not([hx-morph-skip])'))
    for (const field of unsaved.has(form) ? [] : fieldsOf(form)) {
      if (field.value === field.defaultValue) continue;
      field.value = field.defaultValue;
      if (field.dataset.mirror) field.dispatchEvent(new CustomEvent('mirror', { bubbles: true }));
    }
}

/** Begins to save what is typed on the edition's page, and to settle conflicts. */
export function startSaving({ version, reload, sheet }: Page): void {
  document.addEventListener('input', (event) => {
    const form = formOf(event.target);
    if (form) {
      const known = unsaved.get(form);
      clearTimeout(known?.timer);
      const held = known?.held ?? false;
      unsaved.set(form, {
        base: known?.base ?? baseOf(form)?.value ?? version(),
        sending: known?.sending ?? false,
        timer: held ? undefined : setTimeout(() => save(form), pauseMs),
        held,
      });
      // What is being written is left alone by whatever comes from the server.
      form.setAttribute('hx-morph-skip', '');
      if (form.querySelector('[aria-invalid="true"]') && form.checkValidity()) showWrong(form);
      showSaved('not');
    }
    const typed = event.target instanceof Element && event.target.closest('form');
    if (typed) for (const conflict of conflictsOf(typed)) showMine(conflict, typed);
  });

  const saveAll = () => {
    for (const [form, { timer }] of unsaved) if (timer) save(form);
  };
  document.addEventListener('focusout', (event) => {
    const form = formOf(event.target);
    if (form && unsaved.get(form)?.timer) save(form);
  });
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') saveAll();
  });
  window.addEventListener('beforeunload', (event) => {
    if (unsaved.size > 0 || anyConflict()) event.preventDefault();
  });
  // What was typed before a button was pressed is saved before it.
  document.addEventListener(
    'submit',
    ({ target }) => {
      if (!formOf(target)) saveAll();
    },
    { capture: true },
  );
  // A line is a line: Enter saves it.
  document.addEventListener('keydown', (event) => {
    if (!(event.target instanceof HTMLTextAreaElement) || !event.target.matches('.ed-one-line')) return;
    if (event.key !== 'Enter') return;
    event.preventDefault();
    const form = formOf(event.target);
    if (form) save(form);
  });

  // Requests wait for each other: what a change is based on is known when its turn comes.
  document.addEventListener('htmx:before:request', (event) => {
    const { sourceElement, request } = sendingOf(event);
    if (request.method !== 'POST' || !request.body?.has('base')) return;
    // Who keeps theirs has seen the version that the form names, which the page may not show yet.
    if (sourceElement.matches('[data-keep-mine]')) return;
    if (!isTyped(sourceElement)) return request.body.set('base', version());
    const base = unsaved.get(sourceElement)?.base ?? baseOf(sourceElement)?.value;
    if (base) request.body.set('base', base);
  });

  const justSaved = new Set<HTMLFormElement>();
  document.addEventListener('htmx:before:swap', (event) => {
    const { sourceElement, request, response, text } = sendingOf(event);
    if (text) letGoOfWhatIsOld(text);
    const isTaken = request?.method === 'POST' && (response?.status ?? 500) < 400;
    const form = formOf(sourceElement);
    const known = form && unsaved.get(form);
    if (!isTaken || !form || !known) return;
    justSaved.add(form);
    // More was written meanwhile: it stays, and is based on what has just been saved.
    if (known.timer) return void unsaved.set(form, { ...known, sending: false });
    unsaved.delete(form);
    if (document.activeElement && form.contains(document.activeElement))
      form.setAttribute('data-just-saved', '');
    else form.removeAttribute('hx-morph-skip');
  });
  document.addEventListener('htmx:after:swap', showWhatStands);
  // What stays as it is written is based on the version that it was saved as.
  document.addEventListener('edition-changed', (event) => {
    const { own } = (event as CustomEvent<{ own?: number }>).detail;
    if (own === undefined) return;
    for (const form of justSaved) {
      const [field, known] = [baseOf(form), unsaved.get(form)];
      if (field && Number(field.value) < own) field.value = String(own);
      if (known) unsaved.set(form, { ...known, base: String(own) });
      // It is what stands: whatever comes from the server is compared with it.
      else for (const each of fieldsOf(form)) each.defaultValue = each.value;
    }
    justSaved.clear();
  });
  // A form that was saved while it had the focus is brought up to date when it is left.
  document.addEventListener('focusout', (event) => {
    const form = formOf(event.target);
    if (form?.hasAttribute('data-just-saved') && !unsaved.has(form)) {
      form.removeAttribute('data-just-saved');
      form.removeAttribute('hx-morph-skip');
    }
  });

  document.addEventListener('htmx:finally:request', (event) => {
    const { sourceElement, request, response } = sendingOf(event);
    if (request.method !== 'POST' || !request.body?.has('base')) return;
    if (!response || response.status === 401) return showSaved('not');
    if (response.status >= 400) return showSaved('');
    if (sourceElement.matches('[data-keep-mine]')) settled(sourceElement.closest('[data-conflict]'), 'saved');
    // Saved after all, once it was decided that it stands.
    else for (const conflict of conflictsOf(sourceElement)) settled(conflict, 'saved');
  });

  settleConflicts();
  keepWhatTheSheetHolds();

  /** Conflicts stand above the form that was sent: in the sheet, or on the page. */
  function settleConflicts(): void {
    let sent: Element | undefined;
    document.addEventListener('htmx:before:response', (event) => {
      const { sourceElement, response, hx } = sendingOf(event);
      const form = formOf(sourceElement);
      const known = form && unsaved.get(form);
      if (known && response && response.status >= 400 && response.status !== 401) {
        unsaved.set(form, { ...known, sending: false });
        if (!form.isConnected) unsaved.delete(form);
      }
      if (hx?.retarget !== '#conflict') return;
      sent = sourceElement;
      if (sheet?.open && sheet.contains(sourceElement)) hx.retarget = '#sheet-conflict';
    });
    document.addEventListener('htmx:after:swap', () => {
      const source = sent;
      if (!source) return;
      const shown = [...document.querySelectorAll<HTMLElement>('[data-conflict]')];
      const conflict = shown.find((each) => !each.hasAttribute('data-told'));
      if (!conflict) return;
      sent = undefined;
      conflict.setAttribute('data-told', '');
      const before = shown.find(
        (each) => each !== conflict && each.dataset.conflict === conflict.dataset.conflict,
      );
      const form = isTyped(source) ? source : before && writtenIn.get(before);
      before?.remove();
      if (form?.isConnected) {
        writtenIn.set(conflict, form);
        const known = unsaved.get(form);
        clearTimeout(known?.timer);
        if (known) unsaved.set(form, { ...known, timer: undefined, sending: false, held: true });
        showMine(conflict, form);
      }
      showSaved('');
      conflict.scrollIntoView({ block: 'nearest' });
    });

    // Mine is what stands in the form by now.
    document.addEventListener(
      'submit',
      (event) => {
        const keeping = event.target as HTMLFormElement;
        const conflict = keeping.closest<HTMLElement>('[data-conflict]');
        const form = conflict && writtenIn.get(conflict);
        if (keeping.dataset.keepMine !== 'same' || !form?.isConnected) return;
        event.preventDefault();
        event.stopImmediatePropagation();
        const base = baseOf(keeping)?.value ?? version();
        const field = baseOf(form);
        if (field) field.value = base;
        if (!form.reportValidity()) return;
        if (!form.matches('[data-autosave]')) return form.requestSubmit();
        unsaved.set(form, { base, sending: false, held: false });
        save(form);
      },
      { capture: true },
    );

    document.addEventListener('click', (event) => {
      const link = (event.target as Element).closest<HTMLElement>('a[data-take-theirs]');
      const conflict = link?.closest<HTMLElement>('[data-conflict]');
      // Without the page, it leads there.
      if (!conflict || !document.querySelector('#edition-page')) return;
      event.preventDefault();
      void takeTheirs(conflict);
    });
  }

  async function takeTheirs(conflict: HTMLElement): Promise<void> {
    const form = writtenIn.get(conflict);
    if (form) {
      form.reset();
      forget(form);
    }
    settled(conflict, '');
    await reload();
    const { sheetAt } = conflict.dataset;
    if (form?.isConnected && sheet?.contains(form)) {
      if (!sheetAt) sheet.close();
      else
        await htmx.ajax('GET', sheetAt, {
          source: '#said',
          target: '#sheet-body',
          swap: 'innerMorph',
        } as never);
    }
    // What inboxes make of the lines is what they say now.
    for (const field of document.querySelectorAll('textarea[data-mirror]'))
      field.dispatchEvent(new CustomEvent('mirror', { bubbles: true }));
  }

  /** A conflict is over. */
  function settled(conflict: Element | null, becomes: 'saved' | ''): void {
    if (!conflict) return;
    const form = writtenIn.get(conflict);
    conflict.remove();
    if (form && unsaved.get(form)?.held) forget(form);
    showSaved(becomes);
  }

  function keepWhatTheSheetHolds(): void {
    sheet?.addEventListener('close', () => {
      saveAll();
      for (const form of unsaved.keys())
        for (const field of sheet.contains(form) ? fieldsOf(form) : [])
          if (!field.validity.valid)
            toast(
              `${document.querySelector<HTMLElement>('#saved')?.dataset.not ?? ''}: ${wrongOf(field)}`,
              true,
            );
      // What was not decided is decided on the page: one's own side stands there as it was written.
      document
        .querySelector('#conflict')
        ?.append(...(sheet.querySelector('#sheet-conflict')?.children ?? []));
      // What is still on its way is saved from where it was written.
      setTimeout(() => {
        if (sheet.open) return;
        sheet.querySelector('#sheet-body')?.replaceChildren();
        for (const [form, { sending }] of unsaved) if (!form.isConnected && !sending) unsaved.delete(form);
        if (document.querySelector<HTMLElement>('#saved')?.dataset.state === 'not') showSaved('');
      }, 300);
    });
  }
}

/** One's own side of a conflict as it is written by now. */
function showMine(conflict: Element, form: HTMLFormElement): void {
  const written = fieldsOf(form)
    .map(({ value }) => value.trim())
    .filter(Boolean);
  const shown = conflict.querySelector('[data-yours]');
  if (shown) shown.textContent = written.join('\n') || '–';
  const values = new FormData(form);
  for (const field of conflict.querySelectorAll<HTMLInputElement>('[data-keep-mine] input[type="hidden"]'))
    if (!['csrf', 'base', 'act', 'story', 'place'].includes(field.name) && values.has(field.name))
      field.value = String(values.get(field.name));
}
