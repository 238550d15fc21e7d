/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx';

const shown = 20;

/** A list, the latest first, of which only so much is seen at once: what came before is folded. */
export function FoldedList({
  items,
  earlier,
  class: named,
}: {
  /** Each an `li`. */
  items: Child[];
  /** What to call so many of those before. */
  earlier: (count: number) => string;
  class: string;
}) {
  return (
    <>
      <ol class={named}>{items.slice(0, shown)}</ol>
      {items.length > shown ? (
        <details class="fold">
          <summary>{earlier(items.length - shown)}</summary>
          <ol class={named}>{items.slice(shown)}</ol>
        </details>
      ) : null}
    </>
  );
}
