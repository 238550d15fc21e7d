/** @jsxImportSource hono/jsx */
import { Notice } from '../design/components.tsx';
import type { DeskCall } from '../env.ts';
import { accessTexts } from '../words/access.ts';
import { speaking } from '../words/words.ts';

const done = {
  saved: 'saved',
  password: 'passwordSet',
  'no-password': 'passwordRemoved',
  session: 'sessionEnded',
  user: 'userAdded',
  link: 'linkMailed',
  removed: 'userRemoved',
} as const;

/** Says what was done, on the page that a form leads to: by `?done=` and, where it names somebody, `&of=`. */
export function Done({ c }: { c: DeskCall }) {
  const say = speaking(accessTexts, c.var.language);
  const what = c.req.query('done') ?? '';
  if (what === 'sessions')
    return <Notice mood="good">{say('sessionsEnded', { count: Number(c.req.query('of')) || 0 })}</Notice>;
  if (!Object.hasOwn(done, what)) return null;
  return (
    <Notice mood="good">
      {say(done[what as keyof typeof done], { email: (c.req.query('of') ?? '').slice(0, 254) })}
    </Notice>
  );
}

/** Leads to a page that says what was done. */
export const leadTo = (
  c: DeskCall,
  path: string,
  what: keyof typeof done | 'sessions',
  of?: string | number,
) => c.redirect(`${path}?done=${what}${of === undefined ? '' : `&of=${encodeURIComponent(of)}`}`, 303);
