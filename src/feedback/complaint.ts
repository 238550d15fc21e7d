import { addressesIn } from './addresses.ts';
import type { Feedback } from './feedback.ts';
import { decodeWords, type Headers, header, headerValues, type MimeMessage, readHeaders } from './mime.ts';

type Complaint = Pick<Feedback, 'kind' | 'recipients' | 'feedbackType'> & { reason: 'feedback' };

/**
 * A report in the Abuse Reporting Format (RFC 5965), or Microsoft's, which has its form without the report. Only a report by
 * a person is a complaint: `auth-failure` (RFC 6591) is about the DNS, and `not-spam` is praise.
 */
export function readComplaint(message: MimeMessage, original: Headers): Complaint | undefined {
  const part = message.parts.find(({ type }) => type === 'message/feedback-report');
  if (!part) return readMicrosoft(message, original);
  const fields = readHeaders(part.text);
  const feedbackType =
    /^[\w-]{1,40}/.exec(header(fields, 'feedback-type') ?? '')?.[0]?.toLowerCase() ?? 'other';
  const named = [
    ...headerValues(fields, 'original-rcpt-to'),
    ...headerValues(fields, 'removal-recipient'),
  ].flatMap((value) => addressesIn(value));
  return {
    kind: /^(?:auth-failure|not-spam|dmarc)$/.test(feedbackType) ? 'other' : 'complaint',
    feedbackType,
    reason: 'feedback',
    recipients: recipientsOf(named, original),
  };
}

// Outlook.com's Junk Mail Reporting Programme sends the reported message as the only part.
function readMicrosoft(message: MimeMessage, original: Headers): Complaint | undefined {
  const from = header(message.headers, 'from') ?? '';
  const subject = decodeWords(header(message.headers, 'subject') ?? '');
  if (!/@(?:[\w-]{1,60}\.)*(?:hotmail|outlook|live|msn)\.com\b/i.test(from)) return undefined;
  if (!/^\s*complaint about message from\b/i.test(subject)) return undefined;
  return {
    kind: 'complaint',
    feedbackType: 'abuse',
    reason: 'feedback',
    recipients: recipientsOf([], original),
  };
}

function recipientsOf(named: string[], original: Headers): Feedback['recipients'] {
  const addresses =
    named.length > 0
      ? named
      : [...headerValues(original, 'x-hmxmroriginalrecipient'), ...headerValues(original, 'to')].flatMap(
          (value) => addressesIn(value),
        );
  return [...new Set(addresses)].slice(0, 100).map((address) => ({
    address,
    status: null,
    reply: null,
    reason: 'feedback',
    hard: false,
    detail: '',
  }));
}
