import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from '../log.ts';
import { httpRequests, httpSeconds } from './metrics.ts';
import { within } from './scope.ts';
import { span } from './tracing.ts';

const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
/** What is asked for all the time, by mail programs and machines. */
const frequent = /^\/(c|o|i|assets|health|metrics)(\/|$)/;

/**
 * Answers a request within a scope of its own: it has an id (`X-Request-Id` if that is one, else a new one), which stands in the
 * answer and in each line of the log; it is counted, timed and logged by the pattern of its route, as paths hold tokens.
 */
export function observeRequest(
  log: Log,
  request: IncomingMessage,
  response: ServerResponse,
  answer: () => void,
): void {
  const given = request.headers['x-request-id'];
  const requestId = typeof given === 'string' && /^[\w.-]{8,64}$/.test(given) ? given : randomUUID();
  response.setHeader('X-Request-Id', requestId);
  const method = methods.has(request.method ?? '') ? (request.method as string) : 'other';
  const began = performance.now();
  const answeredBy: { route: string | undefined } = { route: undefined };
  within(
    { requestId, answeredBy },
    () =>
      void span(
        'http request',
        { 'http.request.method': method, 'broadsheet.request_id': requestId },
        async (its) => {
          const closed = new Promise<void>((resolve) => response.once('close', resolve));
          answer();
          await closed;
          const ms = performance.now() - began;
          const route = answeredBy.route ?? routeAhead(request.url ?? '');
          const status = response.writableFinished ? String(response.statusCode) : 'aborted';
          httpRequests.inc({ method, route, status });
          if (request.headers.accept !== 'text/event-stream')
            httpSeconds.observe({ method, route }, ms / 1000);
          its?.updateName(`${method} ${route}`);
          its?.setAttributes({ 'http.route': route, 'http.response.status_code': response.statusCode });
          const level = response.statusCode >= 500 ? 'warn' : frequent.test(route) ? 'debug' : 'info';
          log[level]({ method, route, status, ms: Math.round(ms) }, 'request');
        },
      ),
  );
}

/** Of what is answered ahead of the pages. */
function routeAhead(url: string): string {
  if (url.startsWith('/c/')) return '/c/:token/:number';
  return url.startsWith('/o/') ? '/o/:token' : 'none';
}
