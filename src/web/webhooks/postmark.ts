import { z } from 'zod';
import { bounceEvent, plainEvent } from '../../feedback/provider-event.ts';
import { jsonOf, type Provider, Refused, readEach } from './provider.ts';
import { demandSecret } from './shared-secret.ts';

const text = z.string().max(200_000);
const record = z.object({
  RecordType: z.string(),
  ID: z.union([z.number(), z.string()]).optional(),
  MessageID: text.nullish(),
  Type: text.optional(),
  Email: text.nullish(),
  Recipient: text.nullish(),
  From: text.nullish(),
  Description: text.nullish(),
  Details: text.nullish(),
  BouncedAt: text.optional(),
  ChangedAt: text.optional(),
  SuppressSending: z.boolean().optional(),
  SuppressionReason: text.nullish(),
  Origin: text.nullish(),
  Metadata: z.record(z.string(), z.unknown()).nullish(),
});

// https://postmarkapp.com/developer/api/bounce-api#bounce-types
const verdicts: Record<string, 'hard' | 'soft' | 'block'> = {
  HardBounce: 'hard',
  BadEmailAddress: 'hard',
  Transient: 'soft',
  SoftBounce: 'soft',
  DnsError: 'soft',
  AddressChange: 'soft',
  Unknown: 'soft',
  Blocked: 'block',
  SpamNotification: 'block',
  VirusNotification: 'block',
  DMARCPolicy: 'block',
};
const answers = ['AutoResponder', 'ChallengeVerification', 'OpenRelayTest'];

/**
 * Postmark signs nothing, so a secret in its address or headers is asked for. It returns the metadata that a message was
 * sent with (`X-PM-Metadata-delivery`).
 */
export const postmark: Provider = {
  source: 'postmark',
  isConfigured: ({ webhooks }) => webhooks.postmark !== undefined,
  async read(request, { context, signer }) {
    const { postmark: secret } = context.config.webhooks;
    if (!secret) throw new Refused('No secret is set.');
    demandSecret(request, secret);
    return readEach([jsonOf(request.body)], (json) => {
      const one = record.parse(json);
      const at = one.BouncedAt ?? one.ChangedAt;
      const event = {
        source: 'postmark' as const,
        id: `${one.RecordType}:${one.ID ?? `${one.MessageID}:${one.Recipient}:${one.ChangedAt}`}`,
        names: [metadataOf(one.Metadata)],
        address: one.Email ?? one.Recipient,
        at: at ? new Date(at) : undefined,
      };
      const { Type: type = '', Description, Details } = one;
      if (one.RecordType === 'SpamComplaint' || (one.RecordType === 'Bounce' && type === 'SpamComplaint'))
        return plainEvent(signer, event, 'complaint');
      if (one.RecordType === 'SubscriptionChange' && one.SuppressSending) {
        if (one.SuppressionReason === 'SpamComplaint') return plainEvent(signer, event, 'complaint');
        if (one.SuppressionReason === 'ManualSuppression' && one.Origin === 'Recipient')
          return plainEvent(signer, event, 'unsubscribe');
        return undefined;
      }
      if (one.RecordType !== 'Bounce') return undefined;
      if (type === 'Unsubscribe') return plainEvent(signer, event, 'unsubscribe');
      if (answers.includes(type)) return plainEvent(signer, event, 'auto-reply');
      const verdict = verdicts[type];
      return (
        verdict &&
        bounceEvent(signer, event, { verdict, words: [Details, verdict === 'hard' ? '' : Description] })
      );
    });
  },
};

/** Providers change the case of names that came as headers. */
function metadataOf(metadata: Record<string, unknown> | null | undefined): string | undefined {
  const found = Object.entries(metadata ?? {}).find(([name]) => name.toLowerCase() === 'delivery')?.[1];
  return typeof found === 'string' ? found : undefined;
}
