/** @jsxImportSource hono/jsx */
import { Button, Csrf } from '../design/components.tsx';
import type { DeskCall } from '../env.ts';
import { AlonePage, DeskPage, deskMessage, showDesk } from '../frame.tsx';
import { accessTexts } from '../words/access.ts';
import { speaking } from '../words/words.ts';
import { deskPath } from './local-path.ts';

const isPageLoad = (c: DeskCall) =>
  c.req.header('hx-request') !== 'true' &&
  !(c.req.header('accept') ?? '').includes('text/event-stream') &&
  (c.req.header('sec-fetch-mode') ?? 'navigate') === 'navigate';

/** Answers whoever has no session. */
export function withoutSession(c: DeskCall): Response | Promise<Response> {
  const { language } = c.var;
  const say = speaking(accessTexts, language);
  const { pathname, search } = new URL(c.req.url);
  if (!isPageLoad(c))
    return c.html(
      <div role="alert">
        {say('ended')}.{' '}
        <a href="/desk/login" target="_blank" rel="noopener">
          {say('logIn')}
        </a>
      </div>,
      401,
    );
  const here = deskPath(pathname + search);
  if (c.req.method === 'GET' || c.req.method === 'HEAD')
    return c.redirect(
      here && here !== '/desk' ? `/desk/login?next=${encodeURIComponent(here)}` : '/desk/login',
    );
  if (pathname === '/desk/logout') return c.redirect('/desk/login', 303);
  return showDesk(
    c,
    <AlonePage title={say('ended')} language={language}>
      <div class="stack">
        <h1>{say('ended')}</h1>
        <p>{say('endedText')}</p>
        <a class="button main" href="/desk/login" target="_blank" rel="noopener">
          {say('logInNewTab')}
        </a>
      </div>
    </AlonePage>,
    401,
  );
}

/** A form's fields, each with its values. */
export type Fields = Record<string, string[]>;

/**
 * A form of a session that was over before it was sent: it is shown to whoever is logged in now, who sends it on with a press.
 * Passwords and codes are not among what is kept.
 */
export function withOldToken(c: DeskCall, fields: Fields | undefined): Response | Promise<Response> {
  const say = speaking(accessTexts, c.var.language);
  // Only a browser that says so is known to come from a page of ours.
  const isOurs = c.req.header('sec-fetch-site') === 'same-origin';
  if (!isOurs || !isPageLoad(c) || !fields?.csrf?.[0]) return deskMessage(c, 'noRight', 403);
  const kept = Object.entries(fields).filter(([name]) => !/^csrf$|password|code/i.test(name));
  return showDesk(
    c,
    <DeskPage c={c} title={say('changed')} width="narrow">
      <p>{say('changedText')}</p>
      <form method="post" action={c.req.path} class="stack">
        <Csrf token={c.var.session.csrf} />
        {kept.flatMap(([name, values]) =>
          values.map((value) => <input type="hidden" name={name} value={value} />),
        )}
        <div>
          <Button kind="main">{say('send')}</Button>
        </div>
      </form>
    </DeskPage>,
    409,
  );
}
