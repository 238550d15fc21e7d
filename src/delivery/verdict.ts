import type { Verdict } from './ledger.ts';

/** What happened when one message was handed to the transport. */
export type Outcome =
  | { kind: 'answered'; code: number; words: string }
  /** The connection failed before the final dot: nothing was sent. */
  | { kind: 'route-failed'; words: string; code?: number }
  /** The final dot was out, and no answer came. */
  | { kind: 'unanswered'; words: string };

const minute = 60_000;
const backoffMinutes = [1, 5, 15, 30, 60, 120, 240];

/**
 * The ledger's verdict on an outcome. 2xx is accepted, 4xx deferred with growing waits (and given up when the newsletter's time for it is over), 5xx
 * failed (RFC 5321 section 4.2.1), unless it is about who sends: then the reader is not to blame, and it is tried again.
 * @param attempts how often it was tried before
 * @param random from 0 to 1: spreads the tries of a batch
 */
export function verdictFor(
  outcome: Outcome,
  delivery: { subscriberId: number; attempts: number; stories: number[]; plannedAt: Date },
  policy: { onUncertain: 'resend' | 'skip'; retryMinutes: number; now: Date; random: number },
): Verdict {
  const base = {
    subscriberId: delivery.subscriberId,
    smtpCode: null,
    detail: outcome.words,
    nextAttemptAt: null,
    stories: null,
    counts: true,
    isUnknown: false,
  };
  if (outcome.kind === 'route-failed') return { ...base, state: 'planned', counts: false };
  const backoff = (backoffMinutes[Math.min(delivery.attempts, backoffMinutes.length - 1)] ?? 240) * minute;
  const asked = outcome.kind === 'answered' ? waitAsked(outcome.words) : 0;
  const nextAttemptAt = new Date(
    policy.now.getTime() + Math.max(backoff * (0.8 + 0.4 * policy.random), asked * (1 + 0.2 * policy.random)),
  );
  const givingUp = nextAttemptAt.getTime() - delivery.plannedAt.getTime() > policy.retryMinutes * minute;

  if (outcome.kind === 'unanswered')
    return policy.onUncertain === 'resend' && !givingUp
      ? { ...base, state: 'deferred', nextAttemptAt, detail: `sent again: ${outcome.words}` }
      : { ...base, state: 'uncertain', stories: delivery.stories };
  const answered = { ...base, smtpCode: outcome.code };
  if (outcome.code >= 200 && outcome.code < 300)
    return { ...answered, state: 'accepted', stories: delivery.stories };
  if (outcome.code >= 500 && !isAboutSender(outcome.words))
    return { ...answered, state: 'failed', isUnknown: isUnknownMailbox(outcome.code, outcome.words) };
  if (givingUp)
    return {
      ...answered,
      state: 'failed',
      detail: `given up after ${inWords(policy.retryMinutes)}: ${outcome.words}`,
    };
  return { ...answered, state: 'deferred', nextAttemptAt };
}

const inWords = (minutes: number) =>
  minutes % 1440 === 0
    ? minutes === 1440
      ? 'a day'
      : `${minutes / 1440} days`
    : minutes % 60 === 0
      ? `${minutes / 60} h`
      : `${minutes} min`;

const usualGreylistingMs = 5 * minute;
const longestWaitAsked = 4 * 60 * minute;

/** How long a server asks to wait, in milliseconds: greylisting refuses everybody at first, and takes them later. */
function waitAsked(words: string): number {
  const told =
    /\b(?:in|after|within|for|another|wait)\s+(?:about\s+)?(\d{1,5})\s*(s|secs?|seconds?|m|mins?|minutes?|h|hours?)\b/i.exec(
      words,
    );
  if (told?.[1] && told[2]) {
    const unit = { s: 1000, m: minute, h: 60 * minute }[told[2].charAt(0).toLowerCase()] ?? 0;
    return Math.min(Number(told[1]) * unit, longestWaitAsked);
  }
  return /gr[ea]y-?list|postgrey/i.test(words) ? usualGreylistingMs : 0;
}

/** Whether a refusal says that the mailbox does not exist (RFC 3463: 5.1.x is about the address; 5.1.0 about either). */
function isUnknownMailbox(code: number, words: string): boolean {
  if (code < 550 || code > 553) return false;
  return (
    /\b5\.1\.(?:[1-36]|10)\b/.test(words) ||
    (/\b5\.1\.0\b/.test(words) && !/\bsender\b|\bfrom\b/i.test(words))
  );
}

/**
 * Whether a refusal is about us, whoever the recipient is: a quota that is used up, a relay that does not know us, a sender
 * that it does not take.
 */
function isAboutSender(words: string): boolean {
  return (
    /\b(?:sending|send|daily|hourly|message|mail|rate|account) (?:limit|quota)s? (?:is |has been |was )?(?:exceeded|reached|used)|\b(?:exceeded|reached)\b.{0,40}\b(?:sending|send|daily|hourly) (?:limit|quota)/i.test(
      words,
    ) ||
    /\brelay(?:ing)?\b.{0,20}\b(?:denied|not (?:permitted|allowed)|prohibited)|\b(?:unable|not (?:permitted|allowed)) to relay\b/i.test(
      words,
    ) ||
    /\bauthentication (?:is )?required\b|\bsender(?: address)? (?:rejected|not (?:owned|allowed|verified))|\bnot (?:owned by|authori[sz]ed to send)/i.test(
      words,
    )
  );
}
