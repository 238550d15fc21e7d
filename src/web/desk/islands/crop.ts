// A frame over a picture, dragged with the pointer or moved with the numbers beneath it.

const names = ['x', 'y', 'width', 'height'] as const;
type Part = Record<(typeof names)[number], number>;
const started = new WeakMap<Element, () => void>();
const least = 2;

/** Lets the frame of a picture's crop be dragged, if there is one within; called again, it shows what the numbers say by then. */
export function startCropping(within: ParentNode): void {
  const box = within.querySelector<HTMLElement>('[data-crop]');
  const frame = box?.querySelector<HTMLElement>('[data-crop-frame]');
  if (!box || !frame) return;
  const redraw = started.get(box);
  if (redraw) {
    redraw();
    return;
  }
  let isDragged = false;
  started.set(box, () => isDragged || draw(read()));
  const fields = () =>
    Object.fromEntries(
      names.map((name) => [name, within.querySelector<HTMLInputElement>(`[data-crop-number="${name}"]`)]),
    ) as Record<(typeof names)[number], HTMLInputElement | null>;
  const read = (): Part => {
    const all = fields();
    return Object.fromEntries(names.map((name) => [name, Number(all[name]?.value ?? 0)])) as Part;
  };
  const draw = (part: Part) => {
    frame.style.left = `${part.x}%`;
    frame.style.top = `${part.y}%`;
    frame.style.width = `${part.width}%`;
    frame.style.height = `${part.height}%`;
  };
  const write = (part: Part) => {
    const all = fields();
    for (const name of names) {
      const field = all[name];
      if (field) field.value = String(Math.round(part[name] * 10) / 10);
    }
    draw(part);
  };
  const between = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

  frame.addEventListener('pointerdown', (event) => {
    event.preventDefault();
    const isCorner = (event.target as Element).closest('[data-crop-corner]') !== null;
    const from = { x: event.clientX, y: event.clientY, part: read() };
    const { width, height } = box.getBoundingClientRect();
    frame.setPointerCapture(event.pointerId);
    isDragged = true;
    const move = (now: PointerEvent) => {
      const dx = ((now.clientX - from.x) / width) * 100;
      const dy = ((now.clientY - from.y) / height) * 100;
      const { part } = from;
      write(
        isCorner
          ? {
              ...part,
              width: between(part.width + dx, least, 100 - part.x),
              height: between(part.height + dy, least, 100 - part.y),
            }
          : {
              ...part,
              x: between(part.x + dx, 0, 100 - part.width),
              y: between(part.y + dy, 0, 100 - part.height),
            },
      );
    };
    const end = () => {
      isDragged = false;
      frame.removeEventListener('pointermove', move);
      frame.removeEventListener('pointerup', end);
      frame.removeEventListener('pointercancel', end);
      const part = read();
      // It is as if the numbers had been typed.
      if (names.some((name) => part[name] !== from.part[name]))
        fields().width?.dispatchEvent(new InputEvent('input', { bubbles: true }));
    };
    frame.addEventListener('pointermove', move);
    frame.addEventListener('pointerup', end);
    frame.addEventListener('pointercancel', end);
  });
  within.addEventListener('input', (event) => {
    if ((event.target as Element).matches?.('[data-crop-number]')) draw(read());
  });
  draw(read());
}
