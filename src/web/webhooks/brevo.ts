import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { FeedbackEvent } from '../../feedback/event.ts';
import { bounceEvent, plainEvent } from '../../feedback/provider-event.ts';
import type { LinkSigner } from '../../links.ts';
import { jsonOf, type Provider, Refused, readEach } from './provider.ts';
import { demandSecret } from './shared-secret.ts';

/** Brevo posts one event, or a list of them, with the header `X-Mailin-custom` of the message. */
export const brevo: Provider = {
  source: 'brevo',
  isConfigured: ({ webhooks }) => webhooks.brevo !== undefined,
  async read(request, { context, signer }) {
    const { brevo: secret } = context.config.webhooks;
    if (!secret) throw new Refused('No secret is set.');
    demandSecret(request, secret);
    const json = jsonOf(request.body);
    return readEach(Array.isArray(json) ? json : [json], (item) => eventOf(item, signer));
  },
};

const text = z.string().max(20_000);
const event = z.object({
  event: z.string().min(1).max(100),
  email: text.optional(),
  'message-id': text.optional(),
  'X-Mailin-custom': text.nullish(),
  ts_event: z.number().optional(),
  ts: z.number().optional(),
  reason: text.nullish(),
});

const verdicts: Record<string, 'hard' | 'soft'> = {
  hard_bounce: 'hard',
  invalid_email: 'hard',
  soft_bounce: 'soft',
};

function eventOf(item: unknown, signer: LinkSigner): FeedbackEvent | undefined {
  const one = event.parse(item);
  const seconds = one.ts_event ?? one.ts;
  const base = {
    source: 'brevo' as const,
    // Brevo gives its events no id: `id` is the webhook's.
    id: createHash('sha256')
      .update([one.event, one.email, one['message-id'], one['X-Mailin-custom'], seconds].join('\0'))
      .digest('hex'),
    names: [one['X-Mailin-custom'], one['message-id']],
    address: one.email,
    at: seconds ? new Date(seconds * 1_000) : undefined,
  };
  if (one.event === 'spam' || one.event === 'complaint') return plainEvent(signer, base, 'complaint');
  if (one.event === 'unsubscribed' || one.event === 'unsubscribe')
    return plainEvent(signer, base, 'unsubscribe');
  const verdict = verdicts[one.event];
  return verdict && bounceEvent(signer, base, { verdict, words: [one.reason] });
}
