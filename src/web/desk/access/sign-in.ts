import { noteAct } from '../../../access/audit.ts';
import { createSession, findSession, longestMs, revokeSession, type Way } from '../../../access/sessions.ts';
import type { Context } from '../../../context.ts';
import type { DeskCall } from '../env.ts';
import { dropCookie, readCookie, writeCookie } from './cookies.ts';
import { deskPath } from './local-path.ts';
import { originOf } from './origin.ts';

type Deps = Pick<Context, 'config' | 'db' | 'clock'>;

/**
 * Lets someone in, of whom all is known that has to be: begins a session in place of the one that their browser had, and leads
 * them on.
 * @param details for the log, without secrets
 */
export async function signIn(
  context: Deps,
  c: DeskCall,
  user: { id: number; email: string },
  { how, next, details = {} }: { how: Way; next?: string; details?: object },
): Promise<Response> {
  const { config } = context;
  const before = readCookie(c, config, 'session');
  const old = before && (await findSession(context, before));
  if (old) await revokeSession(context, old.user.id, old.id);
  const from = originOf(c, config);
  const token = await createSession(context, user.id, { ...from, how });
  await noteAct(context, { user, act: 'login', details: { way: how, ...details }, ip: from.ip });
  writeCookie(c, config, 'session', token, longestMs / 1000);
  dropCookie(c, config, 'login');
  return c.redirect(deskPath(next) ?? '/desk', 303);
}
