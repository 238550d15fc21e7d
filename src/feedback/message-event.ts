import { createHash } from 'node:crypto';
import type { LinkSigner } from '../links.ts';
import { bounceKind, type FeedbackEvent, type Source } from './event.ts';
import type { Feedback, RecipientReport } from './feedback.ts';
import { header, readHeaders } from './mime.ts';
import { parseFeedback } from './parse.ts';
import { type AboutDelivery, deliveryOf, readReturnPath } from './return-path.ts';

/** How a message reached us. */
export interface Arrival {
  source: Source;
  /** The envelope's recipients, if they are known: they are surer than headers. */
  envelopeTo?: string[];
}

/**
 * What a message that came back says about one of our deliveries, or undefined if it is none of ours to act on, such as a
 * person's letter. Never throws, whatever the bytes.
 */
export function eventOfMessage(
  signer: LinkSigner,
  bytes: Uint8Array,
  { source, envelopeTo = [] }: Arrival,
): FeedbackEvent | undefined {
  const feedback = parseFeedback(bytes);
  const returnPaths = [...envelopeTo, ...feedback.returnPaths];
  const leaving = feedback.kind === 'complaint' ? undefined : unsubscribedBy(signer, returnPaths);
  const about = leaving ?? deliveryOf(signer, { ...feedback, returnPaths });
  const base = { source, about, externalId: idOf(bytes, about), at: dateOf(bytes) };
  const nothing = { reason: null, status: null, reply: null, detail: '', address: null };
  if (leaving) return { ...base, ...nothing, kind: 'unsubscribe' };
  if (feedback.kind === 'other') return undefined;
  const report = ownReport(feedback);
  if (feedback.kind === 'auto-reply') return { ...base, ...nothing, kind: 'auto-reply', reason: 'vacation' };
  if (feedback.kind === 'complaint')
    return {
      ...base,
      ...nothing,
      kind: 'complaint',
      reason: 'feedback',
      detail: feedback.feedbackType ?? '',
      address: report?.address ?? null,
    };
  if (!report) return undefined;
  return {
    ...base,
    kind: bounceKind(report),
    reason: report.reason,
    status: report.status,
    reply: report.reply,
    detail: report.detail,
    address: report.address,
  };
}

/** Whoever writes to the address of `List-Unsubscribe` (RFC 2369) wants to leave, whatever the letter says. */
function unsubscribedBy(signer: LinkSigner, addresses: string[]): AboutDelivery | undefined {
  for (const address of addresses) {
    const ours = readReturnPath(signer, address);
    if (ours?.purpose === 'unsubscribe')
      return { editionId: ours.editionId, subscriberId: ours.subscriberId };
  }
  return undefined;
}

/** A message of ours has one recipient; if it names several they are those it was forwarded to, and one that is alive counts. */
function ownReport({ recipients }: Feedback): RecipientReport | undefined {
  return recipients.find(({ hard }) => !hard) ?? recipients[0];
}

// The same message has other trace headers in a mailbox than when it came in, and other line ends.
const identifying = ['message-id', 'date', 'from', 'subject'];

/** An id of the message that does not depend on the way it took. */
function idOf(bytes: Uint8Array, about: AboutDelivery | undefined): string {
  const text = Buffer.from(bytes)
    .toString('latin1')
    .replace(/\r\n?/g, '\n')
    .replace(/^\n+/, '')
    .replace(/^>?From [^\n]*\n/, '');
  const end = text.indexOf('\n\n');
  const headers = readHeaders(end === -1 ? text.slice(0, 200_000) : text.slice(0, end));
  const parts = [
    about ? `${about.editionId ?? 0}-${about.subscriberId}` : '',
    ...identifying.map((name) => header(headers, name) ?? ''),
    end === -1 ? '' : text.slice(end).trimEnd(),
  ];
  return `message:${createHash('sha256').update(parts.join('\0')).digest('hex')}`;
}

function dateOf(bytes: Uint8Array): Date | undefined {
  const head = Buffer.from(bytes.subarray(0, 200_000)).toString('latin1').replace(/\r\n?/g, '\n');
  const date = header(readHeaders(head), 'date');
  const at = date ? new Date(date) : undefined;
  return at && !Number.isNaN(at.getTime()) ? at : undefined;
}
