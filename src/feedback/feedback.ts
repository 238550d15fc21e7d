import type { Reason } from './reasons.ts';

/** What kind of message came back. `other` is none of ours to act on, such as a person's reply or a report of success. */
export type FeedbackKind = 'bounce' | 'complaint' | 'auto-reply' | 'other';

/** What a message says about one recipient. */
export interface RecipientReport {
  /** The address that was mailed, as far as the message names it. */
  address: string | null;
  /** Enhanced status code (RFC 3463), such as `5.1.1`, or null if none is stated. */
  status: string | null;
  /** SMTP reply code (RFC 5321 section 4.2), such as 550, or null if none is stated. */
  reply: number | null;
  reason: Reason;
  /** Whether the address itself is dead. */
  hard: boolean;
  /** The words the reason was taken from, in one line of at most 500 characters; empty if there are none. */
  detail: string;
  /** Set if the server goes on trying (RFC 3464 section 2.3.3: `delayed`). */
  delayed?: true;
}

/** A message that came back, understood. */
export interface Feedback {
  kind: FeedbackKind;
  recipients: RecipientReport[];
  /** The reason of the first recipient, or of the message as a whole if it names none; null if it is none of ours. */
  reason: Reason | null;
  hard: boolean;
  status: string | null;
  /** What an ARF report calls itself (RFC 5965 section 3.1), such as `abuse` or `not-spam`, in lower case. */
  feedbackType: string | null;
  /** Addresses it was sent to and that our message came from: one of them may be a return path of ours. */
  returnPaths: string[];
  /** Message-IDs it refers to, without angle brackets: of the returned message and of what it answers. */
  messageIds: string[];
}
