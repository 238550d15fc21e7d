import { z } from 'zod';
import { bounceKind, type FeedbackEvent } from '../../feedback/event.ts';
import { plainEvent } from '../../feedback/provider-event.ts';
import { deliveryNamedBy } from '../../feedback/return-path.ts';
import { readSesNotification } from '../../feedback/ses-notification.ts';
import { type HookContent, type HookTools, jsonOf, type Provider, readEach } from './provider.ts';
import { confirmSubscription, readSns, type SnsMessage } from './sns.ts';

const nothing: HookContent = { events: [], broken: 0 };

/** Amazon SES by way of SNS. */
export const ses: Provider = {
  source: 'ses',
  isConfigured: ({ webhooks }) => webhooks.sesTopics.length > 0,
  async read(request, tools) {
    const message = await readSns(jsonOf(request.body), tools);
    if (message.Type === 'SubscriptionConfirmation') await confirmSubscription(message, tools);
    if (message.Type !== 'Notification') return nothing;
    return eventsOf(message, tools);
  },
};

const text = z.string().max(2_000);
const notification = z.object({
  bounce: z.object({ feedbackId: text.optional(), timestamp: text.optional() }).optional(),
  complaint: z.object({ feedbackId: text.optional(), timestamp: text.optional() }).optional(),
  subscription: z
    .object({
      newTopicPreferences: z.object({ unsubscribeAll: z.boolean() }).optional(),
      timestamp: text.optional(),
    })
    .optional(),
  mail: z.object({
    source: text.optional(),
    headers: z.array(z.object({ name: text, value: z.string().max(100_000) })).optional(),
    commonHeaders: z.object({ messageId: text.nullish(), returnPath: text.nullish() }).optional(),
    tags: z.record(z.string(), z.array(text)).optional(),
    destination: z.array(text).max(1_000).optional(),
  }),
});

/** SES keeps our return path as `source`, and our Message-ID among the headers; its own id is another. */
function eventsOf(message: SnsMessage, { signer }: HookTools): HookContent {
  return readEach([message.Message], (json) => {
    const { mail, bounce, complaint, subscription } = notification.parse(JSON.parse(String(json)));
    const found = readSesNotification(String(json));
    const report = found?.recipients.find(({ hard }) => !hard) ?? found?.recipients[0];
    const happened = bounce ?? complaint ?? subscription;
    const event = {
      source: 'ses' as const,
      id: bounce?.feedbackId ?? complaint?.feedbackId ?? message.MessageId,
      names: [
        mail.source,
        mail.commonHeaders?.returnPath,
        ...(mail.headers ?? [])
          .filter(({ name }) => /^(?:message-id|return-path)$/i.test(name))
          .map(({ value }) => value),
        mail.commonHeaders?.messageId,
        ...(mail.tags?.delivery ?? []),
      ],
      address: report?.address ?? mail.destination?.[0],
      at: happened?.timestamp ? new Date(happened.timestamp) : undefined,
    };
    if (subscription?.newTopicPreferences?.unsubscribeAll) return plainEvent(signer, event, 'unsubscribe');
    if (!found || !report || found.kind === 'other' || found.feedbackType === 'not-spam') return undefined;
    if (found.kind === 'complaint') return plainEvent(signer, event, 'complaint');
    return {
      ...event,
      externalId: `ses:${event.id}`,
      about: deliveryNamedBy(signer, event.names),
      address: event.address ?? null,
      kind: bounceKind(report),
      reason: report.reason,
      status: report.status,
      reply: report.reply,
      detail: report.detail,
    } satisfies FeedbackEvent;
  });
}
