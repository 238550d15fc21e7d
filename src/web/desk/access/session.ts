import type { MiddlewareHandler } from 'hono';
import { findSession } from '../../../access/sessions.ts';
import type { Context } from '../../../context.ts';
import { formOf } from '../../request.ts';
import { sameSecret } from '../../same-secret.ts';
import type { DeskCall, DeskEnv } from '../env.ts';
import { deskMessage } from '../frame.tsx';
import { readCookie } from './cookies.ts';
import { masked, unmasked } from './csrf.ts';
import { deskLanguage } from './language.ts';
import { isFromOurPage } from './same-origin.ts';
import { type Fields, withOldToken, withoutSession } from './session-pages.tsx';

export type { DeskEnv } from '../env.ts';

/**
 * Lets through who has a session, which the pages then find in `c.var`. Whoever has none is led to the login and back; a script
 * is answered 401. What changes something has to come from a page of this session: by where the browser says that it comes
 * from, and by the token in the field `csrf` or the header X-CSRF-Token.
 */
export function requireSession(
  context: Pick<Context, 'config' | 'db' | 'clock'>,
): MiddlewareHandler<DeskEnv> {
  return async (c, next) => {
    const token = readCookie(c, context.config, 'session');
    const session = token === undefined ? undefined : await findSession(context, token);
    c.set('language', deskLanguage(c, session?.user.locale));
    if (!session) return withoutSession(c);
    c.set('session', { ...session, csrf: masked(session.csrf) });
    if (!['GET', 'HEAD', 'OPTIONS'].includes(c.req.method)) {
      if (!isFromOurPage(c, context.config)) return deskMessage(c, 'noRight', 403);
      const { given, fields } = await csrfOf(c);
      if (!sameSecret(unmasked(given, csrfBytes), session.csrf)) return withOldToken(c, fields);
    }
    await next();
  };
}

// As SHA-256 makes it (sessions.ts).
const csrfBytes = 32;

async function csrfOf(c: DeskCall): Promise<{ given: string; fields?: Fields }> {
  const header = c.req.header('x-csrf-token');
  if (header !== undefined) return { given: header };
  const type = c.req.header('content-type') ?? '';
  if (!/^(application\/x-www-form-urlencoded|multipart\/form-data)\b/i.test(type)) return { given: '' };
  const fields = await formOf(c);
  return { given: fields.csrf?.[0] ?? '', fields: type.startsWith('multipart/') ? undefined : fields };
}
