/** @jsxImportSource hono/jsx */
import { html } from 'hono/html';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { messageOf, UserError } from '../../errors.ts';
import type { DeskCall } from './env.ts';
import { showDesk } from './frame.tsx';
import { errorSaid } from './sayings/errors.ts';

/** Whether htmx asks, for a piece of a page. */
export const asksForPiece = (c: Pick<DeskCall, 'req'>) => c.req.header('hx-request') === 'true';

/** Answers htmx with a line at the foot of the page, which leaves the page as it is. */
export function toast(
  c: DeskCall,
  text: string,
  status: ContentfulStatusCode = 200,
  lang?: 'en',
): Response | Promise<Response> {
  c.header('HX-Retarget', '#toasts');
  c.header('HX-Reswap', 'beforeend');
  return c.html(
    <p class={status >= 400 ? 'toast bad' : 'toast'} lang={lang}>
      {text}
    </p>,
    status,
  );
}

const statuses: Record<string, ContentfulStatusCode> = {
  'not-found': 404,
  state: 409,
  conflict: 409,
  usage: 422,
};

/** An error in words for the desk: hints that name commands are for terminals. */
export const wordsOf = (error: UserError): string =>
  [messageOf(error), error.hint?.includes('broadsheet ') ? undefined : error.hint].filter(Boolean).join(' ');

/**
 * Tells of an error that a person can act on: as a line at the foot, or, without script, as what `page` makes of it.
 * @throws the error, if it is not for people
 */
export function tellError(
  c: DeskCall,
  error: unknown,
  page?: (message: string, status: ContentfulStatusCode) => Parameters<typeof showDesk>[1],
): Response | Promise<Response> {
  if (!(error instanceof UserError)) throw error;
  const status = statuses[error.code] ?? 422;
  const { text: message, lang } = errorSaid(error, c.var.language);
  if (asksForPiece(c) || !page)
    return asksForPiece(c) ? toast(c, message, status, lang) : c.html(html`<p>${message}</p>`, status);
  return showDesk(c, page(message, status), status);
}
