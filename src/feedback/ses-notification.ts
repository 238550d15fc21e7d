import { z } from 'zod';
import { classify } from './classify.ts';
import type { Feedback, RecipientReport } from './feedback.ts';
import { isHard } from './reasons.ts';
import { codesIn, moreTelling } from './status.ts';

const recipient = z.object({
  emailAddress: z.string().max(1_000),
  action: z.string().nullish(),
  status: z.string().nullish(),
  diagnosticCode: z.string().nullish(),
});

const notification = z.object({
  notificationType: z.string().optional(),
  eventType: z.string().optional(),
  bounce: z
    .object({
      bounceType: z.string(),
      bounceSubType: z.string().optional(),
      bouncedRecipients: z.array(recipient).max(1_000),
    })
    .optional(),
  complaint: z
    .object({
      complainedRecipients: z.array(z.object({ emailAddress: z.string().max(1_000) })).max(1_000),
      complaintFeedbackType: z.string().nullish(),
    })
    .optional(),
  delivery: z
    .object({ recipients: z.array(z.string().max(1_000)).max(1_000), smtpResponse: z.string().optional() })
    .optional(),
});

/**
 * Amazon SES's notification, which SNS can send by email: JSON in the text. Undefined if the text is none.
 * @param text the body, which may have SNS's footer behind the JSON
 */
export function readSesNotification(
  text: string,
): (Pick<Feedback, 'kind' | 'recipients'> & { feedbackType?: string | null }) | undefined {
  const json = firstObject(text);
  if (!json) return undefined;
  const { data } = notification.safeParse(json);
  if (data?.bounce)
    return {
      kind: 'bounce',
      recipients: data.bounce.bouncedRecipients.map((one) =>
        bounced(one, data.bounce?.bounceType, data.bounce?.bounceSubType),
      ),
    };
  if (data?.complaint)
    return {
      kind: 'complaint',
      feedbackType: data.complaint.complaintFeedbackType ?? 'abuse',
      recipients: data.complaint.complainedRecipients.map(({ emailAddress }) =>
        plain(emailAddress, 'feedback'),
      ),
    };
  if (data?.delivery) {
    const codes = codesIn(data.delivery.smtpResponse ?? '');
    return {
      kind: 'other',
      recipients: data.delivery.recipients.map((address) => ({ ...plain(address, 'delivered'), ...codes })),
    };
  }
  return undefined;
}

function bounced(one: z.infer<typeof recipient>, type = '', subType = ''): RecipientReport {
  const diagnostic = one.diagnosticCode ?? '';
  const codes = codesIn(diagnostic);
  const status = moreTelling(codes.status, /^[245]\.\d+\.\d+$/.test(one.status ?? '') ? one.status! : null);
  const said = classify({
    texts: [diagnostic, subTypes[subType] ?? ''].filter(Boolean),
    status,
    reply: codes.reply,
    isStated: diagnostic !== '',
    action: one.action ?? null,
  });
  const reason = said === 'undefined' && type === 'Permanent' ? 'userunknown' : said;
  return {
    ...plain(one.emailAddress, reason),
    ...codes,
    status,
    hard: isHard(reason) && type !== 'Transient',
    detail: diagnostic.replace(/\s+/g, ' ').slice(0, 500),
  };
}

const subTypes: Record<string, string> = {
  NoEmail: 'user unknown',
  // SES does not send to an address that bounced before.
  Suppressed: 'user unknown',
  OnAccountSuppressionList: 'user unknown',
  MailboxFull: 'mailbox full',
  MessageTooLarge: 'message too large',
  ContentRejected: 'content rejected',
  AttachmentRejected: 'attachment not allowed',
};

function plain(address: string, reason: RecipientReport['reason']): RecipientReport {
  return { address, status: null, reply: null, reason, hard: isHard(reason), detail: '' };
}

// A mail server may have broken the one long line: RFC 5322 allows 998 characters, and some put "!\n " at the break.
function firstObject(text: string): unknown {
  const start = text.indexOf('{');
  if (
    start === -1 ||
    text.slice(0, start).trim() ||
    !/"(?:notification|event)Type"/.test(text.slice(0, 300_000))
  )
    return undefined;
  const end = text.indexOf('\n--', start);
  const json = text
    .slice(start, end === -1 ? undefined : end)
    .replace(/!\n /g, '')
    .replace(/\n/g, '')
    .trim();
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
