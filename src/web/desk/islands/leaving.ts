// Before a page is left, it is asked about what was written in a form and not sent.

type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

const differs = (control: Control): boolean => {
  if (control instanceof HTMLSelectElement)
    return [...control.options].some((each) => each.selected !== each.defaultSelected);
  if (control.type === 'checkbox' || control.type === 'radio')
    return (control as HTMLInputElement).checked !== (control as HTMLInputElement).defaultChecked;
  return control.value !== control.defaultValue;
};

/** Begins to ask; about the forms that `selector` finds. What a script has put into fields is nobody's to lose. */
export function askBeforeLeaving(selector: string): void {
  const written = new Set<Control>();
  let sent: HTMLFormElement | undefined;
  for (const kind of ['input', 'change'])
    document.addEventListener(kind, ({ target }) => {
      if (target instanceof HTMLElement && target.matches('input, textarea, select'))
        written.add(target as Control);
    });
  document.addEventListener('submit', ({ target }) => {
    const form = target as HTMLFormElement;
    sent = form;
    setTimeout(() => {
      if (sent === form) sent = undefined;
    }, 1000);
  });
  window.addEventListener('beforeunload', (event) => {
    const isLost = [...written].some(
      (each) => each.isConnected && each.form?.matches(selector) && each.form !== sent && differs(each),
    );
    // Values of a form that was shown with them, and not saved.
    const isUnsaved = [...document.querySelectorAll<HTMLFormElement>(selector)].some(
      (form) => form.dataset.unsaved !== undefined && form !== sent,
    );
    if (isLost || isUnsaved) event.preventDefault();
  });
}
