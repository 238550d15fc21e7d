import { Readable } from 'node:stream';
import type { Transporter } from 'nodemailer';
import { messageOf } from '../errors.ts';
import type { Outcome } from './verdict.ts';

/**
 * Hands one finished message to a nodemailer transport and says what happened. Never throws.
 *
 * The message goes in as a stream, which tells how far it got: until its end was read, no final dot is out.
 */
export async function handOver(
  transporter: Transporter,
  message: { from: string; to: string; raw: Buffer[] },
): Promise<Outcome> {
  let wholeMessageRead = false;
  const stream = new Readable({
    read() {
      // In one piece: each piece would become a write to the socket of its own.
      this.push(Buffer.concat(message.raw));
      this.push(null);
    },
  });
  stream.once('end', () => {
    wholeMessageRead = true;
  });
  try {
    const info = (await transporter.sendMail({
      envelope: { from: message.from, to: [message.to] },
      raw: stream,
    })) as { response?: string };
    const words = info.response ?? '250 accepted';
    return { kind: 'answered', code: Number(words.slice(0, 3)) || 250, words };
  } catch (error) {
    const { responseCode, response, command } = error as {
      responseCode?: number;
      response?: string;
      command?: string;
    };
    // Only answers to RCPT and to the message itself are about this recipient. A refused log-in or sender, or a 421
    // (RFC 5321 section 3.8), would meet every other message too: the route's trouble, not the recipient's.
    const aboutRecipient = command === 'RCPT TO' || command === 'DATA' || wholeMessageRead;
    if (responseCode && responseCode >= 400 && aboutRecipient && !(responseCode === 421 && !wholeMessageRead))
      return { kind: 'answered', code: responseCode, words: response ?? messageOf(error) };
    if (responseCode) return { kind: 'route-failed', words: response ?? messageOf(error) };
    const words = messageOf(error).replace(/^Timeout$/, 'it did not answer in time');
    // Nodemailer itself finds no way to write this address in SMTP.
    if (command === 'API') return { kind: 'answered', code: 553, words: `553 5.1.3 ${words}` };
    return wholeMessageRead ? { kind: 'unanswered', words } : { kind: 'route-failed', words };
  }
}
