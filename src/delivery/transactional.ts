import type { Context } from '../context.ts';
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
}

/** Control characters, line breaks among them: none may reach a header. */
const oneLine = (text: string) => text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();

/**
 * Sends a mail to one person, marked as automatic so that no holiday notice answers it (RFC 3834).
 * @throws what the transport throws if the server does not take it
 */
export async function sendTransactional(
  context: Pick<Context, 'config' | 'clock'>,
  transport: Pick<Transport, 'transporter'>,
  mail: TransactionalMail,
): Promise<void> {
  const headers = Object.fromEntries(
    Object.entries(mail.headers ?? {}).map(([name, value]) => [name, oneLine(value)]),
  );
  await transport.transporter.sendMail({
    from: { name: oneLine(mail.fromName), address: mail.fromAddress },
    to: { name: oneLine(mail.name ?? ''), address: mail.to },
    envelope: { from: context.config.returnPath ?? mail.fromAddress, to: [mail.to] },
    subject: oneLine(mail.subject),
    html: mail.html,
    text: mail.text,
    date: context.clock.now(),
    headers: { ...headers, 'Auto-Submitted': 'auto-generated' },
  });
}
