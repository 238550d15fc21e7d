// What is written into a note and not saved yet is there again when its sheet is opened again.
import { type Sending, toast } from './saving.ts';

const names = ['place', 'title', 'text'] as const;
type Words = Partial<Record<(typeof names)[number] | 'wasPlace', string>>;

const fieldOf = (form: Element, name: string) =>
  form.querySelector<HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement>(`[name="${name}"]`);
/** By the edition and the note; a new one has no key yet. */
const placeOf = (form: Element) =>
  `note ${location.pathname} ${form.querySelector<HTMLInputElement>('input[name="story"]')?.value ?? 'new'}`;

function keptOf(form: Element): Words | undefined {
  const text = sessionStorage.getItem(placeOf(form));
  return text === null ? undefined : (JSON.parse(text) as Words);
}

/** Begins to keep what is written into notes in the sheet, for as long as the tab is there. */
export function keepNotes(sheet: HTMLDialogElement): void {
  const noteIn = () => sheet.querySelector<HTMLFormElement>('#note-form');
  const shown = new WeakSet<Element>();
  const say = (form: Element, isKept: boolean) => {
    const line = form.querySelector<HTMLElement>('[data-kept]');
    if (line) line.hidden = !isKept;
  };

  sheet.addEventListener('input', () => {
    const form = noteIn();
    if (!form) return;
    const words: Words = Object.fromEntries(
      [...names, 'wasPlace'].map((name) => [name, fieldOf(form, name)?.value]),
    );
    sessionStorage.setItem(placeOf(form), JSON.stringify(words));
  });
  document.addEventListener('htmx:after:swap', () => {
    const form = noteIn();
    if (!form || shown.has(form)) return;
    shown.add(form);
    const words = keptOf(form);
    if (!words) return;
    const isSamePlace = words.wasPlace === fieldOf(form, 'wasPlace')?.value;
    for (const name of names) {
      const field = fieldOf(form, name);
      if (field && (name !== 'place' || isSamePlace)) field.value = words[name] ?? field.value;
    }
    say(form, true);
  });
  // Saved, or given up.
  document.addEventListener('htmx:before:swap', (event) => {
    const { sourceElement, request, response } = (event as CustomEvent<{ ctx: Sending }>).detail.ctx;
    if (request?.method !== 'POST' || (response?.status ?? 500) >= 400) return;
    if (
      sourceElement.matches('#note-form') ||
      sourceElement.matches('[data-keep-mine]:has(input[name="story"])')
    )
      sessionStorage.removeItem(placeOf(sourceElement));
  });
  sheet.addEventListener('reset', () => {
    const form = noteIn();
    if (!form) return;
    sessionStorage.removeItem(placeOf(form));
    say(form, false);
  });
  sheet.addEventListener('close', () => {
    const form = noteIn();
    if (!form || !keptOf(form)) return;
    toast(form.dataset.closed ?? '');
  });
  window.addEventListener('beforeunload', (event) => {
    const form = sheet.open ? noteIn() : null;
    if (form && keptOf(form)) event.preventDefault();
  });
}
