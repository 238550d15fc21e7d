/** @jsxImportSource hono/jsx */
import type { Difference } from './differences.ts';

/** What differs between two policies: each setting as it was and as it is. */
export function ChangedList({ changed }: { changed: readonly Difference[] }) {
  return (
    <dl class="pairs policy-changed">
      {changed.map(({ name, from, to }) => (
        <div>
          <dt>{name}</dt>
          <dd>
            <del>{from}</del> → <ins>{to}</ins>
          </dd>
        </div>
      ))}
    </dl>
  );
}
