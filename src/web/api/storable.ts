import type { MiddlewareHandler } from 'hono';
import { failure } from './failure.ts';

/**
 * Refuses calls whose path, query or JSON holds what Postgres cannot keep: a NUL, or half of a character. Stories sent in are left to
 * their reader, which takes the others where one is wrong.
 */
export function refuseUnstorable(): MiddlewareHandler {
  return async (c, next) => {
    const { pathname, search } = new URL(c.req.url);
    if (/%00/.test(pathname + search)) return c.json(unstorable('the address of the call'), 400);
    const type = c.req.header('content-type') ?? '';
    if (c.req.method === 'POST' && /\/stories$/.test(pathname)) return next();
    if (/\bjson\b/i.test(type)) {
      const text = await c.req.text();
      // Few bodies hold an escape of either kind, and only these are looked at closely.
      if (text.includes('\0') || /\\u(?:0000|d[89a-f])/i.test(text)) {
        const where = unstorableIn(parsed(text), '');
        if (where !== undefined) return c.json(unstorable(where || 'the body'), 400);
      }
    }
    return next();
  };
}

const unstorable = (where: string) =>
  failure('usage', `"${where}" holds a NUL or half of a character.`, 'Send text in Unicode, without NUL.');

/** The JSON of a body; what is none is told by whoever reads it. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The path to a text, or to a name, that cannot be kept; undefined if there is none. */
function unstorableIn(value: unknown, path: string): string | undefined {
  if (typeof value === 'string') return isStorable(value) ? undefined : path;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, inner] of Object.entries(value)) {
    const found = isStorable(name) ? unstorableIn(inner, path ? `${path}.${name}` : name) : path;
    if (found !== undefined) return found;
  }
  return undefined;
}

const isStorable = (text: string) => !text.includes('\0') && text.isWellFormed();
