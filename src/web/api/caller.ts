import type { Context as HonoContext, MiddlewareHandler } from 'hono';
import { allows, allScopes, findToken, type Scope } from '../../access/tokens.ts';
import type { Context } from '../../context.ts';
import { isFromThisMachine } from '../request.ts';
import { sameSecret } from '../same-secret.ts';
import { failure } from './failure.ts';

/** Who makes a call. */
export interface Caller {
  /** Names them in limits and among remembered calls. */
  id: string;
  /** For the consent log. */
  name: string;
  scopes: readonly Scope[];
  /** Whether the limit on calls holds for them. */
  limited: boolean;
}

export interface ApiEnv {
  Variables: { caller: Caller };
}

const thisMachine: Caller = { id: 'local', name: 'this machine', scopes: allScopes, limited: false };
const bySetting: Caller = { id: 'setting', name: 'API_TOKEN', scopes: allScopes, limited: true };

/**
 * Finds out who calls, by `Authorization: Bearer TOKEN`. A token that is wrong, revoked or out of date is refused with
 * 401, from wherever it comes. Without one, and while no API_TOKEN is set, this machine alone is answered.
 */
export function identifyCaller(context: Context): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const { apiToken } = context.config;
    const given = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
    if (given !== undefined) {
      const token = await findToken(context, given);
      if (token)
        c.set('caller', { id: `token:${token.id}`, name: token.name, scopes: token.scopes, limited: true });
      else if (apiToken && sameSecret(given, apiToken)) c.set('caller', bySetting);
    } else if (!c.req.header('authorization') && !apiToken) {
      if (!isFromThisMachine(c) || isFromAnotherSite(c))
        return c.json(
          failure(
            'unauthorised',
            'Without a token the API answers to this machine only.',
            'Make one with "broadsheet tokens create", and send "Authorization: Bearer TOKEN".',
          ),
          403,
        );
      c.set('caller', thisMachine);
    }
    if (!c.var.caller) {
      c.header('WWW-Authenticate', 'Bearer');
      return c.json(
        failure(
          'unauthorised',
          'The API token is missing, wrong, revoked or out of date.',
          'Send "Authorization: Bearer TOKEN" with a token of "broadsheet tokens create" or the value of API_TOKEN.',
        ),
        401,
      );
    }
    return next();
  };
}

/**
 * Whether a browser says that a page of another site makes the call. Such a page needs no token either, where the browser
 * runs on this machine, and it may post without being asked whether it may.
 */
function isFromAnotherSite(c: HonoContext): boolean {
  const site = c.req.header('sec-fetch-site');
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  const origin = c.req.header('origin');
  return origin !== undefined && origin !== new URL(c.req.url).origin;
}

/** Refuses callers whose token is not for this. */
export function requireScope(scope: Scope): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    if (allows(c.var.caller.scopes, scope)) return next();
    return c.json(
      failure(
        'scope',
        `This token is not for that: it lacks "${scope}".`,
        'Make another with "broadsheet tokens create NAME --scopes …".',
        { scope },
      ),
      403,
    );
  };
}
