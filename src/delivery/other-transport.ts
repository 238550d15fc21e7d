import { pathToFileURL } from 'node:url';
import nodemailer, { type SendMailOptions } from 'nodemailer';
import { messageOf, UserError } from '../errors.ts';
import { handOver } from './hand-over.ts';
import type { Carrier } from './route.ts';

/** What messages are handed to that go by no SMTP server. */
export interface OtherTransport {
  /** Fails if the message was not taken, and then it may say that it was not sent (`handOver`). */
  sendMail(mail: SendMailOptions): Promise<{ response?: string }>;
  /** Ends what was opened for it here; a transport that a module made lives on. */
  close(): void;
}

/**
 * The transport that a URL names which is no SMTP server: `sendmail:///usr/sbin/sendmail`, or `module:///path/to/file.js`,
 * whose default export is what Nodemailer's `createTransport` takes (SES and others), or a function that returns it.
 * @returns undefined for smtp:// and smtps://
 * @throws UserError if the module cannot be used
 */
export async function otherTransport(url: string): Promise<OtherTransport | undefined> {
  const { protocol, pathname } = new URL(url);
  const path = decodeURIComponent(pathname);
  const safe = { disableFileAccess: true, disableUrlAccess: true };
  if (protocol === 'sendmail:')
    return nodemailer.createTransport({ sendmail: true, newline: 'unix', path: path || undefined, ...safe });
  if (protocol !== 'module:') return undefined;
  try {
    const { default: made } = (await import(pathToFileURL(path).href)) as { default: unknown };
    const options = typeof made === 'function' ? await made() : made;
    if (!options || typeof options !== 'object') throw new Error('it has no default export');
    // A transport that is one already is taken as it is. It may be asked for again, when routes change: it stays open.
    if ('sendMail' in options) {
      const transport = options as Pick<OtherTransport, 'sendMail'>;
      return { sendMail: (mail) => transport.sendMail(mail), close: () => {} };
    }
    return nodemailer.createTransport({ ...options, ...safe } as Parameters<
      typeof nodemailer.createTransport
    >[0]);
  } catch (error) {
    throw new UserError(`The transport ${path} cannot be used: ${messageOf(error)}.`, {
      code: 'config',
      cause: error,
      hint: 'Its default export is what Nodemailer’s createTransport takes, or a function that returns it.',
    });
  }
}

/** Hands messages to a Nodemailer transport, one at a time, as a connection would. */
export class TransportCarrier implements Carrier {
  readonly #transporter: OtherTransport;
  readonly isUsable = true;
  messages = 0;

  constructor(transporter: OtherTransport) {
    this.#transporter = transporter;
  }

  send({ from, to, raw }: Parameters<Carrier['send']>[0]): ReturnType<Carrier['send']> {
    this.messages++;
    return handOver(this.#transporter, { from, to, raw });
  }

  async quit(): Promise<void> {}

  destroy(): void {}
}
