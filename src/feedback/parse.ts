import { addressesIn } from './addresses.ts';
import { readAutoReply } from './auto-reply.ts';
import { classify, type Evidence } from './classify.ts';
import { readComplaint } from './complaint.ts';
import { findDeliveryStatus, readDeliveryStatus, type StatusFields } from './delivery-status.ts';
import { soundsLikeFailure, statesReason } from './failure-words.ts';
import type { Feedback, RecipientReport } from './feedback.ts';
import { decodeWords, type Headers, header, headerValues, type MimeMessage, readMime } from './mime.ts';
import { isHard } from './reasons.ts';
import { isOriginal, messageIdsOf, originalHeaders, returnPathsOf, textOf, textParts } from './returned.ts';
import { readSesNotification } from './ses-notification.ts';
import { stageIn } from './stage.ts';
import { type Codes, codesIn, moreTelling } from './status.ts';
import { readWritten, telling, type Written } from './written.ts';

/**
 * Understands a message that came back: a bounce in the standard form (RFC 3464) or in any server's own, a complaint
 * (ARF, RFC 5965), an automatic answer (RFC 3834), or none of these. Never throws, whatever the bytes.
 * @param bytes the message as it was received, with its headers
 */
export function parseFeedback(bytes: Uint8Array): Feedback {
  const message = readMime(bytes);
  const original = originalHeaders(message.parts);
  const found: Found = readComplaint(message, original) ??
    readSesNotification(textOf(message.parts)) ??
    readReported(message, original) ??
    // Exim's and other servers' notices say that they are automatic answers too.
    (isDaemon(message.headers) ? readUnreported(message, original) : undefined) ??
    readAutoReply(message) ??
    (isMachine(message) ? readUnreported(message, original) : undefined) ?? {
      kind: 'other',
      recipients: [],
    };
  const [first] = found.recipients;
  return {
    kind: found.kind,
    recipients: found.recipients,
    reason: first?.reason ?? found.reason ?? null,
    hard: first?.hard ?? false,
    status: first?.status ?? null,
    feedbackType: found.feedbackType ?? null,
    returnPaths: returnPathsOf(message.headers, original),
    messageIds: messageIdsOf(message.headers, original),
  };
}

type Found = Pick<Feedback, 'kind' | 'recipients'> & Partial<Pick<Feedback, 'reason' | 'feedbackType'>>;

/** Bounces that say themselves what they are: with a delivery status, or with Exim's and Google's header. */
function readReported(message: MimeMessage, original: Headers): Found | undefined {
  const statusPart = message.parts.filter((part) => /^message\/(?:global-)?delivery-status/.test(part.type));
  const fields = statusPart.flatMap((part) => readDeliveryStatus(part.text));
  const flattened =
    fields.length > 0 ? [] : textParts(message.parts).flatMap((part) => findDeliveryStatus(part.text));
  const all =
    fields.length > 0 ? fields : isDaemon(message.headers) || statusPart.length > 0 ? flattened : [];
  if (all.length > 0) return fromFields(all, message, original);
  const expected = addressesIn(headerValues(message.headers, 'x-failed-recipients').join(' '));
  if (expected.length === 0) return undefined;
  const written = writtenOf(message, original, expected);
  return { kind: 'bounce', recipients: written.recipients.map((one) => reportWritten(one, written)) };
}

function fromFields(all: StatusFields[], message: MimeMessage, original: Headers): Found {
  const written = writtenOf(message, original, []);
  const byRule = message.parts.some(
    ({ type, text }) => type.endsWith('delivery-status') && ruleService.test(text.slice(0, 4_000)),
  );
  const recipients = all.map((fields) => reportFields(fields, written, all.length === 1, original, byRule));
  const failed = recipients.filter(({ reason }) => reason !== 'delivered');
  return failed.length > 0 ? { kind: 'bounce', recipients: failed } : { kind: 'other', recipients };
}

// Amazon SES takes any mail for a domain; what it returns, and in which words, is a rule's template.
const ruleService = /^reporting-mta:\s{0,5}dns;\s{0,5}inbound-smtp\.[a-z0-9.-]{1,60}\.amazonaws\.com/im;

function reportFields(
  fields: StatusFields,
  written: Written,
  alone: boolean,
  original: Headers,
  byRule: boolean,
): RecipientReport {
  const address =
    fields.originalRecipient ??
    fields.finalRecipient ??
    (alone ? (written.recipients[0]?.address ?? addressesIn(header(original, 'to') ?? '')[0]) : undefined) ??
    null;
  const names = [fields.finalRecipient, fields.originalRecipient].map((name) => name?.toLowerCase());
  const block =
    written.recipients.find((one) => names.includes(one.address.toLowerCase())) ??
    (alone && written.recipients.length === 1 ? written.recipients[0] : undefined);
  const spoken = telling(block?.text ?? '');
  const isExitCode = fields.diagnosticType === 'x-unix' && /^\d{1,3}$/.test(fields.diagnostic);
  const diagnostic = isExitCode ? '' : fields.diagnostic;
  const answer = wholeAnswer(diagnostic, written.notice);
  const own = codesIn(diagnostic);
  const shown = codesIn(spoken);
  const evidence: Evidence = {
    texts: [answer, spoken, fields.comment],
    notice: alone ? telling(written.notice) : undefined,
    exitCode: isExitCode ? Number(fields.diagnostic) : undefined,
    // The remote server's own code is nearer to the truth than what the reporting one made of it.
    status:
      diagnostic && own.status
        ? moreTelling(own.status, fields.status)
        : moreTelling(fields.status, shown.status),
    reply: own.reply ?? shown.reply,
    stage:
      stageIn(block?.text ?? '') ??
      stageIn(diagnostic) ??
      (alone ? stageIn(written.notice) : undefined) ??
      addressed(diagnostic, names),
    isStated: diagnostic !== '' || fields.comment !== '' || statesReason(spoken),
    byRule,
    action: fields.action,
  };
  return report(address, evidence);
}

function reportWritten(one: Written['recipients'][number], written: Written): RecipientReport {
  const spoken = telling(one.text);
  const alone = written.recipients.length === 1;
  const notice = telling(written.notice);
  const source = /[\p{L}\p{N}]/u.test(spoken) ? spoken : notice;
  return report(one.address || null, {
    texts: [source],
    notice: alone ? notice : undefined,
    ...stated(source, alone ? notice : ''),
    stage:
      stageIn(one.text || (alone ? written.notice : '')) ?? addressed(spoken, [one.address.toLowerCase()]),
    isStated: statesReason(spoken) || statesReason(notice),
    action: null,
  });
}

/** Sendmail's report has an answer's first line only; the transcript in the notice has them all. */
function wholeAnswer(diagnostic: string, notice: string): string {
  const first = diagnostic.replace(/\s+/g, ' ').trim();
  if (!first || !notice.includes('<<<')) return telling(diagnostic);
  const answers = telling(notice).replace(/\s+/g, ' ');
  const at = answers.indexOf(`<<< ${first}`);
  return at === -1 ? telling(diagnostic) : answers.slice(at + 4);
}

/** The codes of a recipient's own words, else those of the notice as a whole. */
function stated(own: string, notice: string): Codes {
  const codes = codesIn(own);
  return codes.status === null && codes.reply === null ? codesIn(notice) : codes;
}

/** An answer that begins with the recipient's address was one to RCPT TO. */
function addressed(answer: string, names: (string | undefined)[]): 'rcpt' | undefined {
  const said =
    /^\D{0,20}[45]\d\d[ -:]{1,3}(?:[45]\.\d{1,3}\.\d{1,3} )?\s?<?([^\s<>]{3,320}?)>?(?:\.\.\.|:)\s/.exec(
      answer,
    )?.[1];
  return said && names.includes(said.toLowerCase()) ? 'rcpt' : undefined;
}

function report(address: string | null, evidence: Evidence): RecipientReport {
  const reason = classify(evidence);
  return {
    address,
    status: evidence.status,
    reply: evidence.reply,
    reason,
    hard: isHard(reason) && evidence.action !== 'delayed',
    detail: (evidence.texts.find((text) => /\S/.test(text)) ?? evidence.notice ?? '')
      .replace(/\s+/g, ' ')
      .trim()
      .slice(0, 500),
    ...(evidence.action === 'delayed' && { delayed: true as const }),
  };
}

/** Bounces in a server's own words, known by who sent them and what they say. */
function readUnreported(message: MimeMessage, original: Headers): Found | undefined {
  const subject = decodeWords(header(message.headers, 'subject') ?? '');
  const text = textOf(message.parts);
  if (!soundsLikeFailure(subject, text)) return undefined;
  const inner = innerBounce(message);
  if (inner) return inner;
  const written = writtenOf(message, original, []);
  const named =
    written.recipients.length > 0
      ? written.recipients
      : addressesIn(header(original, 'to') ?? '').map((address) => ({ address, text: '' }));
  // A notice that names nobody and returns nothing is a postmaster's letter, and not about a message.
  if (named.length === 0 && !message.parts.some(isOriginal) && original.length === 0) return undefined;
  const recipients = (named.length > 0 ? named : [{ address: '', text: '' }]).map((one) =>
    reportWritten(one, { ...written, recipients: named }),
  );
  return { kind: 'bounce', recipients };
}

/** A bounce around a bounce: a gateway that notifies of a notice, which it returns whole. */
function innerBounce(message: MimeMessage): Found | undefined {
  const part = message.parts.find(({ type }) => type === 'message/rfc822');
  if (!part || !/^content-type:\s{0,5}multipart\/report/im.test(part.text.slice(0, 20_000))) return undefined;
  const inner = readMime(Buffer.from(part.text));
  return isDaemon(inner.headers) ? readReported(inner, originalHeaders(inner.parts)) : undefined;
}

const daemon =
  /(?:^|[\s<"'(])(?:mailer|mail|mmdf)?[-_.]?(?:mailer[-_.]?daemon|maildaemon|post[-_.]?master|mail[-_. ]?deliver\w{0,3}[-_. ]?(?:sub)?system|mdaemon|double-bounce|mail[-_. ]?system|bounce-notification)(?:[@\s>"')(]|$)/i;

function isDaemon(headers: Headers): boolean {
  const from = decodeWords(header(headers, 'from') ?? '');
  return (
    daemon.test(from) ||
    /<\s*>/.test(from) ||
    (/^</.test(from) === false && daemon.test(header(headers, 'return-path') ?? ''))
  );
}

/**
 * Whether a program wrote it that returns mail: it has an empty return path (RFC 5321 section 4.5.5), or says that it is
 * automatic and returns a message. A shop's notice of a parcel that could not be delivered does neither.
 */
function isMachine({ headers, parts }: MimeMessage): boolean {
  if (/^<?\s*>?$/.test(header(headers, 'return-path') ?? 'none')) return true;
  const text = textOf(parts);
  // A transcript, where nobody has quoted it.
  if (/^(?:Sent )?(?:>>>|<<<|-->) ?RCPT TO:.{1,400}\n(?:Received )?(?:<<<|>>>|<--) ?[45]\d\d/im.test(text))
    return true;
  const automatic =
    /^auto-(?:generated|replied|notified)/i.test(header(headers, 'auto-submitted') ?? '') ||
    /no-?reply/i.test(header(headers, 'from') ?? '') ||
    headers.some(([name]) => name === 'x-mlserver');
  return automatic && (parts.some(isOriginal) || /^[ \t>|-]*original (?:message|mail)\b/im.test(text));
}

function writtenOf(message: MimeMessage, original: Headers, expected: string[]): Written {
  const senders = new Set(
    [
      ...[
        'from',
        'to',
        'reply-to',
        'return-path',
        'sender',
        'delivered-to',
        'x-original-to',
        'envelope-to',
      ].flatMap((name) => headerValues(message.headers, name)),
      ...['from', 'return-path', 'sender', 'reply-to', 'errors-to'].flatMap((name) =>
        headerValues(original, name),
      ),
    ]
      .flatMap((value) => addressesIn(value))
      .map((address) => address.toLowerCase()),
  );
  const text = textOf(message.parts);
  const written = readWritten(text, expected, senders);
  // Somebody who mails themselves is sender and recipient.
  return written.recipients.length > 0 ? written : readWritten(text, expected, new Set());
}
