import { createHmac } from 'node:crypto';
import { z } from 'zod';
import type { FeedbackEvent } from '../../feedback/event.ts';
import { bounceEvent, plainEvent } from '../../feedback/provider-event.ts';
import type { LinkSigner } from '../../links.ts';
import { sameSecret } from '../same-secret.ts';
import { jsonOf, type Provider, Refused, readEach, refuseOld } from './provider.ts';

const signed = z.object({
  signature: z.object({
    timestamp: z.union([z.string().regex(/^\d{1,12}$/), z.number()]).transform(String),
    token: z.string().min(1).max(200),
    signature: z.string().max(200),
  }),
  'event-data': z.unknown().optional(),
});

/**
 * Mailgun signs a time and a token but not the body, so that each token counts once. It returns our Message-ID and the
 * envelope's sender.
 */
export const mailgun: Provider = {
  source: 'mailgun',
  isConfigured: ({ webhooks }) => webhooks.mailgun !== undefined,
  async read(request, { context, signer }) {
    const parsed = signed.safeParse(jsonOf(request.body));
    if (!parsed.success) throw new Refused('The signature is missing.');
    const { timestamp, token, signature } = parsed.data.signature;
    const wanted = createHmac('sha256', context.config.webhooks.mailgun ?? '')
      .update(timestamp + token)
      .digest('hex');
    if (!sameSecret(signature.toLowerCase(), wanted)) throw new Refused('The signature is wrong.');
    refuseOld(new Date(Number(timestamp) * 1_000), context.clock.now());
    return { ...readEach([parsed.data['event-data']], (item) => eventOf(item, signer)), once: token };
  },
};

const text = z.string().max(20_000);
const event = z.object({
  event: text,
  id: z.string().min(1).max(300),
  timestamp: z.number().optional(),
  recipient: text.optional(),
  severity: text.optional(),
  reason: text.optional(),
  'delivery-status': z
    .object({
      code: z.union([z.number(), z.string()]).nullish(),
      message: text.nullish(),
      description: text.nullish(),
      'enhanced-code': text.nullish(),
    })
    .optional(),
  message: z.object({ headers: z.record(z.string(), z.unknown()).optional() }).optional(),
  envelope: z.object({ sender: text.optional() }).optional(),
  'user-variables': z.record(z.string(), z.unknown()).nullish(),
});

function eventOf(item: unknown, signer: LinkSigner): FeedbackEvent | undefined {
  const one = event.parse(item);
  const texts = [one['user-variables']?.delivery, one.message?.headers?.['message-id']].filter(
    (name): name is string => typeof name === 'string',
  );
  const base = {
    source: 'mailgun' as const,
    id: one.id,
    names: [...texts, one.envelope?.sender],
    address: one.recipient,
    at: one.timestamp ? new Date(one.timestamp * 1_000) : undefined,
  };
  if (one.event === 'complained' || one.reason === 'suppress-complaint')
    return plainEvent(signer, base, 'complaint');
  if (one.event === 'unsubscribed' || one.reason === 'suppress-unsubscribe')
    return plainEvent(signer, base, 'unsubscribe');
  // A temporary failure is tried again by Mailgun itself.
  if (one.event !== 'failed' || one.severity !== 'permanent') return undefined;
  const status = one['delivery-status'];
  const isRemembered = one.reason === 'suppress-bounce';
  return bounceEvent(signer, base, {
    verdict: one.reason === 'espblock' ? 'block' : one.reason === 'old' ? 'soft' : 'hard',
    words: isRemembered ? [] : [status?.message, status?.description],
    status: status?.['enhanced-code'],
    reply: Number(status?.code) || null,
  });
}
