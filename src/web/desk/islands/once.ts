// A button that is pressed twice while it is answered does what it says once.

const underWay = new WeakMap<Element, string>();

/** What is meant to be done as often as it is pressed: steps, and what is typed on. */
const repeats = (form: HTMLFormElement, button: HTMLElement) =>
  form.matches('[data-autosave]') ||
  /^(up|down|places:.*)$/.test(button.getAttribute('value') ?? '') ||
  /\/(undo|redo)$/.test(form.getAttribute('action') ?? '');

/** Begins to leave out what is asked for a second time before the first has an answer. */
export function startOnce(): void {
  document.addEventListener(
    'submit',
    (event) => {
      const { target: form, submitter: button } = event;
      if (!(form instanceof HTMLFormElement) || !form.hasAttribute('hx-post')) return;
      if (!button || repeats(form, button)) return;
      const what = button.getAttribute('value') ?? '';
      if (underWay.get(form) === what) {
        event.preventDefault();
        event.stopImmediatePropagation();
      } else underWay.set(form, what);
    },
    { capture: true },
  );
  document.addEventListener('htmx:finally:request', (event) => {
    underWay.delete((event as CustomEvent<{ ctx: { sourceElement: Element } }>).detail.ctx.sourceElement);
  });
}
