import type { RecipientReport } from './feedback.ts';
import { isHard, type Reason, saysNothingOfMailbox } from './reasons.ts';
import type { AboutDelivery } from './return-path.ts';

/** By which way an event came; `web` is our own page, `hand` the command line, `sending` a refusal while an edition was sent. */
export const sources = [
  'smtp',
  'imap',
  'pop3',
  'maildir',
  'hand',
  'web',
  'sending',
  'ses',
  'postmark',
  'sendgrid',
  'mailgun',
  'sparkpost',
  'brevo',
] as const;

/** One of `sources`. */
export type Source = (typeof sources)[number];

/**
 * What came back. `hard`: the address is dead. `soft`: it may work again. `block`: the sender or the message is refused,
 * which says nothing of the mailbox. `delay`: it is still being tried.
 */
export type EventKind = 'hard' | 'soft' | 'block' | 'delay' | 'complaint' | 'auto-reply' | 'unsubscribe';

/** One thing that came back about one delivery, whichever way it came. */
export interface FeedbackEvent {
  source: Source;
  /** The same whenever the same event comes again. */
  externalId: string;
  /** The delivery, known by a signature of ours; undefined: nothing will be done. */
  about: AboutDelivery | undefined;
  kind: EventKind;
  reason: Reason | null;
  status: string | null;
  reply: number | null;
  /** The server's words. */
  detail: string;
  /** The address that the event names. */
  address: string | null;
  /** When it happened, as its source says; undefined: now. */
  at?: Date;
}

/** How much a failed delivery says about the address. */
export function bounceKind(
  report: Pick<RecipientReport, 'reason' | 'hard' | 'delayed'>,
): 'hard' | 'soft' | 'block' | 'delay' {
  if (report.delayed) return 'delay';
  if (report.hard && isHard(report.reason)) return 'hard';
  return saysNothingOfMailbox(report.reason) ? 'block' : 'soft';
}

/** All kinds, as an option takes them. */
export const eventKinds: readonly EventKind[] = [
  'hard',
  'soft',
  'block',
  'delay',
  'complaint',
  'auto-reply',
  'unsubscribe',
];
