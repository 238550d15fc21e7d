/** @jsxImportSource hono/jsx */
import { Notice } from '../design/components.tsx';
import type { Mistakes, Say } from './form-values.ts';

/** Above the fields of a form that could not be saved; nothing if none is wrong. */
export function MistakesNotice({ mistakes, say }: { mistakes: Mistakes; say: Say }) {
  if (Object.keys(mistakes).length === 0) return null;
  return (
    <Notice mood="bad">
      {say('mistakes')} {mistakes['']}
    </Notice>
  );
}
