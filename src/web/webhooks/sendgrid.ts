import { createPublicKey, createVerify, type KeyObject } from 'node:crypto';
import { z } from 'zod';
import type { FeedbackEvent } from '../../feedback/event.ts';
import { bounceEvent, plainEvent } from '../../feedback/provider-event.ts';
import type { LinkSigner } from '../../links.ts';
import { type HookRequest, jsonOf, type Provider, Refused, readEach, refuseOld } from './provider.ts';

/** SendGrid's signed event webhook: ECDSA over the timestamp and the body. It returns our Message-ID as `smtp-id`. */
export const sendgrid: Provider = {
  source: 'sendgrid',
  isConfigured: ({ webhooks }) => webhooks.sendgrid !== undefined,
  async read(request, { context, signer }) {
    checkSignature(request, context.config.webhooks.sendgrid ?? '', context.clock.now());
    const list = jsonOf(request.body);
    if (!Array.isArray(list)) throw new Refused('The body is not a list of events.', 400);
    return readEach(list, (item) => eventOf(item, signer));
  },
};

function checkSignature(request: HookRequest, key: string, now: Date): void {
  const signature = request.header('x-twilio-email-event-webhook-signature') ?? '';
  const timestamp = request.header('x-twilio-email-event-webhook-timestamp') ?? '';
  if (!/^\d{1,12}$/.test(timestamp) || !signature) throw new Refused('The signature is missing.');
  let publicKey: KeyObject;
  try {
    publicKey = createPublicKey({ key: Buffer.from(key, 'base64'), format: 'der', type: 'spki' });
  } catch {
    throw new Refused('WEBHOOK_SENDGRID_KEY is not a public key.');
  }
  const verify = createVerify('SHA256').update(timestamp).update(request.body);
  if (!verify.verify(publicKey, Buffer.from(signature, 'base64')))
    throw new Refused('The signature is wrong.');
  refuseOld(new Date(Number(timestamp) * 1_000), now);
}

const text = z.string().max(20_000);
const event = z.object({
  event: text,
  sg_event_id: z.string().min(1).max(300),
  email: text.optional(),
  timestamp: z.number().optional(),
  'smtp-id': text.optional(),
  // Among the event's own properties, as unique arguments come.
  delivery: z.unknown().optional(),
  type: text.optional(),
  status: text.optional(),
  reason: text.optional(),
  bounce_classification: text.optional(),
});

// https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event#bounce-classifications
const classifications: Record<string, 'hard' | 'soft' | 'block'> = {
  'invalid address': 'hard',
  'mailbox unavailable': 'soft',
  technical: 'soft',
  content: 'block',
  reputation: 'block',
  'frequency/volume': 'block',
  'frequency or volume too high': 'block',
};

// SendGrid does not try again an address that it has a bad memory of.
const dropped: [RegExp, 'hard' | 'complaint' | 'unsubscribe'][] = [
  [/^(?:bounced address|invalid)/i, 'hard'],
  [/^spam reporting address/i, 'complaint'],
  [/^(?:group )?unsubscribed address/i, 'unsubscribe'],
];

function eventOf(item: unknown, signer: LinkSigner): FeedbackEvent | undefined {
  const one = event.parse(item);
  const base = {
    source: 'sendgrid' as const,
    id: one.sg_event_id,
    names: [typeof one.delivery === 'string' ? one.delivery : undefined, one['smtp-id']],
    address: one.email,
    at: one.timestamp ? new Date(one.timestamp * 1_000) : undefined,
  };
  if (one.event === 'spamreport') return plainEvent(signer, base, 'complaint');
  if (one.event === 'unsubscribe' || one.event === 'group_unsubscribe')
    return plainEvent(signer, base, 'unsubscribe');
  if (one.event === 'dropped') {
    const memory = dropped.find(([words]) => words.test(one.reason ?? ''))?.[1];
    if (memory === 'hard') return bounceEvent(signer, base, { verdict: 'hard', words: [] });
    return memory && plainEvent(signer, base, memory);
  }
  if (one.event !== 'bounce') return undefined;
  // "blocked" is a refusal that SendGrid itself forgets.
  const usual = one.type === 'blocked' ? 'soft' : one.status?.startsWith('4') ? 'soft' : 'hard';
  return bounceEvent(signer, base, {
    verdict: classifications[one.bounce_classification?.toLowerCase() ?? ''] ?? usual,
    words: [one.reason],
    status: one.status,
  });
}
