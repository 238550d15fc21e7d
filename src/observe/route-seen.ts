import type { MiddlewareHandler } from 'hono';
import { routePath } from 'hono/route';
import { scopeNow } from './scope.ts';

/** Notes by which route a request is answered, for its metrics and its line in the log. */
export const routeSeen: MiddlewareHandler = async (c, next) => {
  await next();
  const { answeredBy } = scopeNow();
  if (!answeredBy) return;
  // The last one that had it.
  const path = routePath(c);
  answeredBy.route = path === '*' || path === '/*' ? 'none' : path;
};
