import type { MiddlewareHandler } from 'hono';
import { countCall } from '../../access/rates.ts';
import type { Context } from '../../context.ts';
import type { ApiEnv } from './caller.ts';
import { failure } from './failure.ts';

const minute = 60_000;

/**
 * Counts each token's calls by the minute, those of all processes together, and refuses with 429 what is beyond
 * API_PER_MINUTE. Each answer says what is left, as draft-ietf-httpapi-ratelimit-headers has it.
 */
export function limitRate(context: Context): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const { caller } = c.var;
    if (!caller.limited) return next();
    const limit = context.config.apiPerMinute;
    const now = context.clock.now().getTime();
    const start = Math.floor(now / minute) * minute;
    const calls = await countCall(context, caller.id, new Date(start));
    const seconds = Math.ceil((start + minute - now) / 1000);
    c.header('RateLimit-Policy', `"minute";q=${limit};w=60`);
    c.header('RateLimit', `"minute";r=${Math.max(0, limit - calls)};t=${seconds}`);
    if (calls <= limit) return next();
    c.header('Retry-After', String(seconds));
    return c.json(
      failure(
        'too-many',
        `This token has made more than ${limit} calls within a minute.`,
        `Go on in ${seconds} seconds; API_PER_MINUTE sets the limit.`,
      ),
      429,
    );
  };
}
