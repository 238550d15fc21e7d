import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context as HonoContext, MiddlewareHandler } from 'hono';
import type { StatusCode } from 'hono/utils/http-status';
import { begin, type Call, find, forget, keep, leaseSeconds, renew } from '../../access/calls.ts';
import type { Context } from '../../context.ts';
import type { ApiEnv } from './caller.ts';
import { failure } from './failure.ts';

const pollMs = 50;
/** So long a second call waits for the answer of the first. */
const patienceMs = 30_000;

/**
 * Makes calls that change something safe to repeat: with the same `Idempotency-Key` within a day the first answer comes
 * again (marked `Idempotency-Replayed: true`) and nothing is done; the same key for another call is refused with 422. Of
 * two that come at once one is carried out, and the other waits for its answer. Only what failed on our side (5xx) or was
 * refused for coming too often may be tried anew. Keys of different callers have nothing to do with each other.
 */
export function rememberCalls(context: Context): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const key = c.req.header('idempotency-key');
    if (key === undefined || ['GET', 'HEAD', 'OPTIONS'].includes(c.req.method)) return next();
    if (!/^[\x20-\x7e]{1,255}$/.test(key))
      return c.json(failure('usage', '"Idempotency-Key" has 1 to 255 visible ASCII characters.'), 400);
    const url = new URL(c.req.url);
    const request = [c.req.method, url.pathname + url.search, ''].join('\n');
    // As bytes, which may be of any encoding, and are there for who reads the body next.
    const body = new Uint8Array(await c.req.arrayBuffer());
    const requestHash = createHash('sha256').update(request).update(body).digest();
    const call = { caller: c.var.caller.id, keyHash: sha256(key), requestHash };

    const until = Date.now() + patienceMs;
    while (!(await begin(context, call))) {
      const before = await find(context, call);
      // It failed, and was forgotten, between the two looks.
      if (!before) continue;
      if (!before.request_hash.equals(call.requestHash))
        return c.json(
          failure(
            'idempotency-key',
            'This Idempotency-Key was used for another call.',
            'Take a new key for each call, and the same one for repeating it.',
          ),
          422,
        );
      if (before.status !== null) {
        c.header('Idempotency-Replayed', 'true');
        if (before.content_type) c.header('Content-Type', before.content_type);
        return c.newResponse(before.status === 204 ? null : before.body, before.status as StatusCode);
      }
      if (Date.now() > until) {
        c.header('Retry-After', '5');
        return c.json(failure('in-progress', 'The first call with this key is still going on.'), 409);
      }
      await sleep(pollMs);
    }
    return carryOut(context, c, call, next);
  };
}

async function carryOut(
  context: Context,
  c: HonoContext<ApiEnv>,
  call: Call,
  next: () => Promise<void>,
): Promise<void> {
  const renewing = setInterval(() => void renew(context, call).catch(() => {}), (leaseSeconds * 1_000) / 3);
  try {
    await next();
    const { status, headers } = c.res;
    if (status >= 500 || status === 429) await forget(context, call);
    else await keep(context, call, status, headers.get('content-type'), await c.res.clone().text());
  } finally {
    clearInterval(renewing);
  }
}

const sha256 = (text: string) => createHash('sha256').update(text).digest();
