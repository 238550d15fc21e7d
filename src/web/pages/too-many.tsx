/** @jsxImportSource hono/jsx */
import type { Context as HonoContext } from 'hono';
import type { Look } from '../look.ts';
import { Message, show } from '../page.tsx';
import { untilInWords } from '../words/words.ts';

/** For whoever has asked for too much: until when they have to wait. @param framed the page stands in a frame */
export function showTooMany(c: HonoContext, look: Look, waitSeconds: number, framed = false) {
  c.header('Retry-After', String(waitSeconds));
  return show(
    c,
    <Message title={look.say('tooMany')} look={look} framed={framed}>
      <p>{look.say('tooManyText', { when: untilInWords(waitSeconds, look.language) })}</p>
    </Message>,
    429,
  );
}
