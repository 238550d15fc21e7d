import nodemailer from 'nodemailer';
import type { Context } from '../context.ts';
import { dkimSignatures, keysFor } from './dkim.ts';
import { activeDkimKeys } from './dkim-keys.ts';
import type { Transport } from './transport.ts';

/** A mail to one person about something they did. */
export interface TransactionalMail {
  to: string;
  name?: string;
  fromName: string;
  fromAddress: string;
  subject: string;
  html: string;
  text: string;
  headers?: Record<string, string>;
  /** Where bounces go; by default to the installation's return path, else to the sender. */
  returnPath?: string;
  /** With angle brackets; one is made up if there is none. */
  messageId?: string;
}

/** Composes and sends nothing. A mail is made of values: none may name a file or an address to be read. */
const composer = nodemailer.createTransport(
  { streamTransport: true, buffer: true, newline: 'windows' },
  { disableFileAccess: true, disableUrlAccess: true },
);

/** Control characters, line breaks among them: none may reach a header. */
const oneLine = (text: string) => text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();

/**
 * Sends a mail to one person, marked as automatic so that no holiday notice answers it (RFC 3834).
 * @throws what the transport throws if the server does not take it
 */
export async function sendTransactional(
  context: Pick<Context, 'config' | 'db' | 'clock'>,
  transport: Pick<Transport, 'transporter'>,
  mail: TransactionalMail,
): Promise<void> {
  const headers = Object.fromEntries(
    Object.entries(mail.headers ?? {}).map(([name, value]) => [name, oneLine(value)]),
  );
  const { message } = await composer.sendMail({
    from: { name: oneLine(mail.fromName), address: mail.fromAddress },
    to: { name: oneLine(mail.name ?? ''), address: mail.to },
    subject: oneLine(mail.subject),
    html: mail.html,
    text: mail.text,
    date: context.clock.now(),
    messageId: mail.messageId,
    headers: { ...headers, 'Auto-Submitted': 'auto-generated' },
  });
  const raw = Buffer.isBuffer(message) ? message : Buffer.alloc(0);
  const keys = keysFor(await activeDkimKeys(context), mail.fromAddress);
  const signatures = await dkimSignatures([raw], keys, context.clock.now());
  await transport.transporter.sendMail({
    envelope: { from: mail.returnPath ?? context.config.returnPath ?? mail.fromAddress, to: [mail.to] },
    raw: Buffer.concat([signatures, raw]),
  });
}
