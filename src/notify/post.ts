import type { Context } from '../context.ts';
import { messageOf } from '../errors.ts';
import { version } from '../package-root.ts';
import { type FetchOptions, guardedFetch } from '../stories/fetch.ts';
import type { DuePost, Outcome } from './deliveries.ts';
import { messageOfEvent } from './events.ts';
import { signatureHeaders } from './signature.ts';

const timeoutMs = 10_000;

/** Where a post goes. */
export interface Receiver {
  url: string;
  secret: Buffer;
}

/**
 * Posts an event to a webhook. Any answer of 2xx is taken for done; a redirect is not followed, and a body is not read.
 * Never to a private network, unless the settings allow it.
 * @param options.isPublic which addresses count as public; for tests
 * @returns what came of it; never throws for what the receiver does
 */
export async function post(
  context: Pick<Context, 'db' | 'clock' | 'config'>,
  receiver: Receiver,
  { event }: DuePost,
  options: Pick<FetchOptions, 'isPublic' | 'timeoutMs'> = {},
): Promise<Outcome> {
  const body = JSON.stringify(await messageOfEvent(context, event));
  try {
    const { status, headers } = await guardedFetch(
      {
        allowPrivateNetwork: context.config.allowPrivateNetwork,
        timeoutMs,
        ...options,
        maxRedirects: 0,
      },
      receiver.url,
      {
        method: 'POST',
        body,
        headersOnly: true,
        headers: {
          'content-type': 'application/json',
          'user-agent': `Broadsheet/${version} (webhooks)`,
          ...signatureHeaders(receiver.secret, `msg_${event.message_id}`, context.clock.now(), body),
        },
      },
    );
    const delivered = status >= 200 && status < 300;
    return {
      delivered,
      status,
      detail: delivered ? null : `it answered ${status}`,
      waitSeconds: delivered ? undefined : waitAsked(headers['retry-after'], context.clock.now()),
    };
  } catch (error) {
    return { delivered: false, status: null, detail: messageOf(error) };
  }
}

/** Retry-After in seconds: a number, or a date (RFC 9110 section 10.2.3). */
function waitAsked(header: string | undefined, now: Date): number | undefined {
  if (!header) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header);
  const until = Date.parse(header);
  return Number.isNaN(until) ? undefined : Math.max(0, (until - now.getTime()) / 1000);
}
