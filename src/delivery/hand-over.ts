import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../errors.ts';
import type { OtherTransport } from './other-transport.ts';
import type { Outcome } from './verdict.ts';

/** Exit codes of sendmail that say what SMTP says by a reply (sysexits.h). */
const exitCodes: Record<string, string> = {
  '64': '501 5.5.4',
  '65': '554 5.6.0',
  '67': '550 5.1.1',
  '68': '550 5.1.2',
  '77': '550 5.7.1',
};

const usualPatienceMs = 10 * 60_000;

/**
 * Hands one finished message to a Nodemailer transport and says what happened. Never throws.
 *
 * An error with a `responseCode` is a server's answer. One with `notSent: true`, or one before the message was read to its
 * end, says that nothing was sent. After any other nobody knows.
 * @param patienceMs how long it may take; after that nobody knows either
 */
export async function handOver(
  transporter: Pick<OtherTransport, 'sendMail'>,
  message: { from: string; to: string; raw: readonly Buffer[] },
  patienceMs = usualPatienceMs,
): Promise<Outcome> {
  let wholeMessageRead = false;
  const stream = new Readable({
    read() {
      this.push(Buffer.concat(message.raw));
      this.push(null);
    },
  });
  stream.once('end', () => {
    wholeMessageRead = true;
  });
  const waiting = new AbortController();
  try {
    const sent = transporter.sendMail({
      envelope: { from: message.from, to: [message.to] },
      raw: stream,
    });
    // Should it fail after it was given up, nobody asks any more.
    sent.catch(() => {});
    const info = await Promise.race([sent, afterwards(patienceMs, waiting.signal)]);
    // It has taken the message; what it answers need not be a reply of SMTP (SES names the message).
    const words = info.response || '250 accepted';
    const code = /^2\d\d(?=[ -]|$)/.exec(words)?.[0];
    return { kind: 'answered', code: Number(code ?? 250), words: code ? words : `250 ${words}` };
  } catch (error) {
    const { responseCode, response, command, notSent } = error as {
      responseCode?: number;
      response?: string;
      command?: string;
      notSent?: boolean;
    };
    const words = messageOf(error);
    const exit = /^Sendmail exited with code (\d+)$/.exec(words)?.[1];
    if (exit) {
      // It took nothing. 75 and what is not known may be mended: the message is tried again.
      const reply = exitCodes[exit] ?? '451 4.3.0';
      return { kind: 'answered', code: Number(reply.slice(0, 3)), words: `${reply} ${words}` };
    }
    // A refused log-in or sender, or a 421, would meet every other message too: the route's trouble, not the recipient's.
    const isAboutRecipient = command === undefined || command === 'RCPT TO' || command === 'DATA';
    if (responseCode && responseCode >= 400 && isAboutRecipient && responseCode !== 421)
      return { kind: 'answered', code: responseCode, words: response ?? words };
    if (responseCode || notSent || !wholeMessageRead)
      return {
        kind: 'route-failed',
        words: response ?? words,
        ...(responseCode !== undefined && { code: responseCode }),
      };
    return { kind: 'unanswered', words };
  } finally {
    waiting.abort();
  }
}

/** @throws after some time, unless it is called off */
async function afterwards(ms: number, calledOff: AbortSignal): Promise<never> {
  await sleep(ms, undefined, { signal: calledOff, ref: false });
  throw new Error(`the transport did not answer within ${Math.round(ms / 1000)} s`);
}
