import type { Context } from '../../context.ts';
import { messageOf, UserError } from '../../errors.ts';
import type { LinkSigner } from '../../links.ts';
import { applyMessage } from '../apply.ts';
import { readImap } from './imap.ts';
import { readMaildir } from './maildir.ts';
import { readPop3 } from './pop3.ts';

type Deps = Pick<Context, 'db' | 'clock' | 'config' | 'log'>;

/** How far one poll may go. What is left is read by the next. */
export interface PollLimits {
  messages: number;
  /** A larger message is left for a person. */
  bytes: number;
  milliseconds: number;
}

/** What a poll did with the messages it looked at. */
export interface PollResult {
  /** Recorded now or before; marked as seen, moved or deleted. */
  recorded: number;
  /** None of ours to act on, or too large: left for a person, flagged where the mailbox has flags. */
  left: number;
  /** Not recorded; the next poll tries again. */
  failed: number;
}

/** What a mailbox does with a message after it was looked at. `failed`: nothing, so that it is found again. */
export type Verdict = 'recorded' | 'left' | 'failed';

/** One poll, as the readers of mailboxes see it. */
export interface Poll {
  /** Where a mailbox without flags keeps what was left for a person. Undefined: nothing is kept, as nothing is read. */
  memory: Pick<Context, 'db' | 'clock'> | undefined;
  limits: PollLimits;
  /** Told once how many messages wait. */
  waiting?(count: number): void;
  /** Whether another message may be read now. */
  more(): boolean;
  /** Understands a message and acts on it. Throws only when nothing can be recorded any more. */
  take(bytes: Buffer): Promise<Verdict>;
  /** A message that is too large to be looked at. */
  tooLarge(): Verdict;
}

const usual: PollLimits = { messages: 500, bytes: 1024 * 1024, milliseconds: 50_000 };
const failuresInARow = 5;

/**
 * Reads what is new in the mailbox that the settings name, and acts on it. A message is marked as seen (IMAP), deleted
 * (POP3) or moved to `cur` (Maildir) only after what it led to is committed; one that was half done is found again, and
 * acts once.
 * @throws UserError if the mailbox cannot be read
 */
export async function pollMailbox(
  context: Deps,
  signer: LinkSigner,
  options: { limits?: Partial<PollLimits>; stopping?: AbortSignal } = {},
): Promise<PollResult> {
  const { bounceMailbox } = context.config;
  if (!bounceMailbox)
    throw new UserError('BOUNCE_MAILBOX is not set.', {
      code: 'config',
      hint: 'Set it to an address such as imaps://user:password@mail.example.com/INBOX.',
    });
  const url = new URL(bounceMailbox);
  const [source, read] = readers[url.protocol] ?? readers['imaps:'];
  const limits = { ...usual, ...options.limits };
  const until = Date.now() + limits.milliseconds;
  const result: PollResult = { recorded: 0, left: 0, failed: 0 };
  let inARow = 0;
  const poll: Poll = {
    memory: context,
    limits,
    more: () =>
      result.recorded + result.left + result.failed < limits.messages &&
      Date.now() < until &&
      !options.stopping?.aborted,
    async take(bytes) {
      try {
        const applied = await applyMessage(context, signer, bytes, { source });
        inARow = 0;
        const verdict = applied ? 'recorded' : 'left';
        result[verdict] += 1;
        return verdict;
      } catch (error) {
        result.failed += 1;
        inARow += 1;
        // One bad message stops no other, but without a database there is no going on.
        if (inARow >= failuresInARow) throw error;
        context.log.warn({ error: messageOf(error) }, 'a message that came back could not be recorded yet');
        return 'failed';
      }
    },
    tooLarge() {
      result.left += 1;
      context.log.warn('a message in the mailbox for bounces is too large to be looked at');
      return 'left';
    },
  };
  try {
    await read(url, poll);
  } catch (error) {
    throw unreadable(url, error);
  }
  return result;
}

/**
 * Logs in to a mailbox and counts what waits in it: unseen messages, or all where there are no flags. Nothing is read or changed.
 * @throws UserError if the mailbox cannot be opened
 */
export async function countMailbox(bounceMailbox: string): Promise<number> {
  const url = new URL(bounceMailbox);
  const [, read] = readers[url.protocol] ?? readers['imaps:'];
  let count = 0;
  try {
    await read(url, {
      memory: undefined,
      limits: usual,
      waiting: (waiting) => {
        count = waiting;
      },
      more: () => false,
      take: async () => 'failed',
      tooLarge: () => 'failed',
    });
  } catch (error) {
    throw unreadable(url, error);
  }
  return count;
}

const unreadable = (url: URL, error: unknown) =>
  new UserError(`The mailbox ${shown(url)} cannot be read: ${messageOf(error)}.`, {
    code: 'mailbox',
    hint: 'Check BOUNCE_MAILBOX; docs/feedback.md shows how it is written.',
    cause: error,
  });

type Reader = (url: URL, poll: Poll) => Promise<void>;
const readers = {
  'imaps:': ['imap', readImap],
  'imap:': ['imap', readImap],
  'pop3s:': ['pop3', readPop3],
  'pop3:': ['pop3', readPop3],
  'maildir:': ['maildir', readMaildir],
} as Record<string, ['imap' | 'pop3' | 'maildir', Reader]> & {
  'imaps:': ['imap', Reader];
};

/** The address without its password. */
function shown(url: URL): string {
  return `${url.protocol}//${url.username ? `${url.username}@` : ''}${url.host}${url.pathname}`;
}
