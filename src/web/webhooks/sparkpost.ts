import { z } from 'zod';
import type { FeedbackEvent } from '../../feedback/event.ts';
import { bounceEvent, plainEvent } from '../../feedback/provider-event.ts';
import type { LinkSigner } from '../../links.ts';
import { jsonOf, type Provider, Refused, readEach } from './provider.ts';
import { demandSecret } from './shared-secret.ts';

/** SparkPost posts lists of events, with the metadata that a message was sent with (`X-MSYS-API`). */
export const sparkpost: Provider = {
  source: 'sparkpost',
  isConfigured: ({ webhooks }) => webhooks.sparkpost !== undefined,
  async read(request, { context, signer }) {
    const { sparkpost: secret } = context.config.webhooks;
    if (!secret) throw new Refused('No secret is set.');
    demandSecret(request, secret);
    const list = jsonOf(request.body);
    if (!Array.isArray(list)) throw new Refused('The body is not a list of events.', 400);
    return readEach(list, (item) => eventOf(item, signer));
  },
};

const text = z.string().max(20_000);
const event = z.object({
  type: text,
  event_id: z.union([z.string().min(1).max(300), z.number()]),
  timestamp: z.union([z.string(), z.number()]).optional(),
  rcpt_to: text.optional(),
  raw_rcpt_to: text.optional(),
  msg_from: text.optional(),
  rcpt_meta: z.record(z.string(), z.unknown()).nullish(),
  bounce_class: z.union([z.string(), z.number()]).optional(),
  error_code: z.union([z.string(), z.number()]).nullish(),
  reason: text.nullish(),
  raw_reason: text.nullish(),
});
const item = z.object({ msys: z.record(z.string(), z.unknown()) });

// https://support.sparkpost.com/docs/deliverability/bounce-classification-codes
const classes: Record<string, 'hard' | 'soft' | 'block' | 'auto-reply' | 'unsubscribe' | undefined> = {
  10: 'hard',
  30: 'hard',
  50: 'block',
  51: 'block',
  52: 'block',
  53: 'block',
  54: 'block',
  23: 'block',
  25: 'block',
  60: 'auto-reply',
  80: 'auto-reply',
  100: 'auto-reply',
  90: 'unsubscribe',
};

function eventOf(value: unknown, signer: LinkSigner): FeedbackEvent | undefined {
  // A test of the address is an empty event.
  const [content] = Object.values(item.parse(value).msys);
  if (content === undefined) return undefined;
  const one = event.parse(content);
  const delivery = one.rcpt_meta?.delivery;
  const base = {
    source: 'sparkpost' as const,
    id: String(one.event_id),
    names: [typeof delivery === 'string' ? delivery : undefined, one.msg_from],
    address: one.raw_rcpt_to ?? one.rcpt_to,
    at: timeOf(one.timestamp),
  };
  switch (one.type) {
    case 'spam_complaint':
      return plainEvent(signer, base, 'complaint');
    case 'list_unsubscribe':
    case 'link_unsubscribe':
      return plainEvent(signer, base, 'unsubscribe');
    case 'bounce':
    case 'out_of_band':
    case 'policy_rejection': {
      const verdict =
        one.type === 'policy_rejection' ? 'block' : (classes[String(one.bounce_class ?? '')] ?? 'soft');
      if (verdict === 'auto-reply' || verdict === 'unsubscribe') return plainEvent(signer, base, verdict);
      return bounceEvent(signer, base, {
        verdict,
        words: [one.raw_reason, one.reason],
        reply: Number(one.error_code) || null,
      });
    }
    default:
      return undefined;
  }
}

/** Seconds since 1970, as a number or a text, or a date. */
function timeOf(value: string | number | undefined): Date | undefined {
  if (value === undefined) return undefined;
  return /^\d{1,12}$/.test(String(value)) ? new Date(Number(value) * 1_000) : new Date(value);
}
