import nodemailer from 'nodemailer';
import type { Context } from '../context.ts';
import { letterRoutes } from './letter-routes.ts';
import { type OtherTransport, otherTransport } from './other-transport.ts';
import { listRoutes } from './routes.ts';

/** The way out for mails to single people, and for editions while there are no routes. */
export interface Transport {
  transporter: OtherTransport;
  /** Where editions go while there are no routes: the server's URL, for connections of one's own. */
  url: string;
  /** Where it leads, for people and without a password: `mail.example.com:587`, `the routes` or `the embedded inbox`. */
  describe: string;
  /** Closes the connections. Wait for your messages first: what is still in the queue fails. */
  close(): Promise<void>;
}

/** How long a server may be silent. */
export interface Patience {
  /** Until it is connected, and again until it greets. */
  connectMs: number;
  /** For each answer after that. */
  answerMs: number;
}

const usualPatience: Patience = { connectMs: 10_000, answerMs: 60_000 };

/**
 * Opens a pool of connections to the server that SMTP_URL names. Without SMTP_URL mails go by the routes that are set up when they are
 * sent, and while there are none into an embedded inbox of this process, so nothing can leave the machine by accident. Connections are
 * made when the first message is sent.
 */
export async function openTransport(
  context: Pick<Context, 'config' | 'db' | 'clock' | 'log'>,
  patience: Patience = usualPatience,
): Promise<Transport> {
  const { smtpUrl, smtpConnections } = context.config;
  const inbox = smtpUrl ? undefined : await (await import('./inbox.ts')).startInbox(context);
  const url = smtpUrl ?? inbox?.url ?? '';
  const other = await otherTransport(url);
  if (other) return { transporter: other, url, describe: url, close: async () => other.close() };
  const transporter = nodemailer.createTransport({
    url,
    pool: true,
    // A message whose connection broke may have arrived: whether it is sent again is for the ledger to say.
    maxRequeues: 0,
    maxConnections: smtpConnections,
    maxMessages: Number.POSITIVE_INFINITY,
    connectionTimeout: patience.connectMs,
    greetingTimeout: patience.connectMs,
    socketTimeout: patience.answerMs,
    // The loopback inbox speaks no TLS; a real server is asked to as soon as it offers it.
    ignoreTLS: inbox !== undefined,
    // A message is made of values: it must never name a file or URL to be read in.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    transporter: smtpUrl ? transporter : letterRoutes(context, transporter),
    url,
    describe: smtpUrl
      ? new URL(smtpUrl).host
      : (await isMailCaught(context))
        ? 'the embedded inbox'
        : 'the routes',
    async close() {
      transporter.close();
      await inbox?.close();
    },
  };
}

/** Whether mail stays in the embedded inbox: there is neither SMTP_URL nor any route. */
export async function isMailCaught(context: Pick<Context, 'config' | 'db'>): Promise<boolean> {
  return context.config.smtpUrl === undefined && (await listRoutes(context)).length === 0;
}
