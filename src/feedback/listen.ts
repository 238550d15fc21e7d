import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { domainToASCII } from 'node:url';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import type { Context } from '../context.ts';
import { messageOf, UserError } from '../errors.ts';
import type { LinkSigner } from '../links.ts';
import { applyMessage } from './apply.ts';
import { readReturnPath } from './return-path.ts';

type Deps = Pick<Context, 'db' | 'clock' | 'config' | 'log'>;

/** An SMTP server that takes what comes back. */
export interface BounceListener {
  port: number;
  /** Takes no new connections, and waits a few seconds for those that are open. */
  close(): Promise<void>;
}

/** The largest message that is taken, in bytes. Notices have a few kilobytes. */
export const largestMessage = 1024 * 1024;

/** How much a client may ask for. */
export interface ListenLimits {
  connections: number;
  recipients: number;
  /** For a client that says nothing. */
  idleMs: number;
  /** For a whole connection, however busy. */
  connectionMs: number;
}

const usual: ListenLimits = { connections: 100, recipients: 20, idleMs: 60_000, connectionMs: 300_000 };

/**
 * Listens for bounces, complaints, and letters to unsubscribe addresses. It takes mail for signed return paths of ours,
 * and for the addresses that complaints go to; it answers 250 when what the message led to is committed, and relays or
 * sends nothing. A person's letter is refused, so that its writer is told.
 * @throws UserError if it cannot listen there
 */
export async function listenForBounces(
  context: Deps,
  signer: LinkSigner,
  where: { host: string; port: number },
  limits: ListenLimits = usual,
): Promise<BounceListener> {
  const server = new SMTPServer({
    name: context.config.returnPath?.split('@')[1] ?? 'broadsheet',
    banner: 'takes bounces, relays nothing',
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    size: largestMessage,
    maxClients: limits.connections,
    maxRecipients: limits.recipients,
    socketTimeout: limits.idleMs,
    closeTimeout: 5_000,
    onRcptTo({ address }, _session, answer) {
      isOurs(context, signer, address).then(
        (ours) => answer(ours ? null : reply(550, '5.1.1 There is no such mailbox here')),
        (error: unknown) => answer(later(context, error)),
      );
    },
    onData(stream, session, answer) {
      take(context, signer, stream, session).then(
        () => answer(null, 'taken'),
        (error: unknown) => answer(isReply(error) ? error : later(context, error)),
      );
    },
  });
  // An idle timeout alone would let a client hold a connection for ever by sending a byte now and then.
  server.server.on('connection', (socket) => {
    const timer = setTimeout(() => socket.destroy(), limits.connectionMs);
    socket.once('close', () => clearTimeout(timer));
  });
  server.on('error', (error) =>
    context.log.debug({ error: messageOf(error) }, 'a client that brought bounces was lost'),
  );
  const listener = server.listen(where.port, where.host);
  try {
    await once(listener, 'listening');
  } catch (error) {
    throw new UserError(
      `Bounces cannot be listened for on ${where.host}:${where.port}: ${messageOf(error)}.`,
      { code: 'listen', hint: 'Choose another with BOUNCE_SMTP_HOST and BOUNCE_SMTP_PORT.', cause: error },
    );
  }
  return {
    port: (listener.address() as AddressInfo).port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** Whether mail for an address is ours to take: signed by us, or where complaints go. */
async function isOurs(context: Deps, signer: LinkSigner, address: string): Promise<boolean> {
  const [local, domain] = splitAddress(address);
  const { returnPath } = context.config;
  const rows = await context.db.selectFrom('newsletters').select('from_address').distinct().execute();
  const own = [...(returnPath ? [returnPath] : []), ...rows.map((row) => row.from_address)].map(splitAddress);
  if (!own.some(([, ownDomain]) => ownDomain === domain)) return false;
  if (readReturnPath(signer, `${local}@${domain}`)) return true;
  // RFC 2142 sections 4 and 5; RFC 5321 section 4.5.1 asks for postmaster.
  return (
    ['abuse', 'postmaster'].includes(local) ||
    own.some(([ownLocal, ownDomain]) => ownLocal === local && ownDomain === domain)
  );
}

/** Local part and domain, as they are compared. */
function splitAddress(address: string): [local: string, domain: string] {
  const at = address.lastIndexOf('@');
  const domain = address.slice(at + 1);
  return [address.slice(0, Math.max(at, 0)).toLowerCase(), domainToASCII(domain) || domain.toLowerCase()];
}

async function take(
  context: Deps,
  signer: LinkSigner,
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    // The rest has to be read all the same, for the connection to go on (RFC 5321 section 4.1.1.4).
    if (!stream.sizeExceeded) chunks.push(chunk);
  }
  if (stream.sizeExceeded) throw reply(552, '5.3.4 The message is larger than 1 MB');
  const bytes = Buffer.concat(chunks);
  const { mailFrom, rcptTo } = session.envelope;
  const signed = rcptTo.map(({ address }) => address).filter((address) => readReturnPath(signer, address));
  let understood = false;
  for (const envelopeTo of signed.length > 0 ? signed.map((address) => [address]) : [[]]) {
    const applied = await applyMessage(context, signer, bytes, { source: 'smtp', envelopeTo });
    understood ||= applied !== undefined;
  }
  // A notice that is not understood comes from nobody, and nobody could be told.
  const sender = mailFrom ? mailFrom.address : '';
  if (!understood && sender)
    throw reply(550, '5.7.1 Nobody reads this mailbox: it takes bounces and complaints only');
}

function reply(responseCode: number, words: string): Error {
  return Object.assign(new Error(words), { responseCode });
}

const isReply = (error: unknown): error is Error => error instanceof Error && 'responseCode' in error;

function later(context: Deps, error: unknown): Error {
  context.log.warn({ error: messageOf(error) }, 'a bounce could not be recorded; its sender will try again');
  return reply(451, '4.3.0 This cannot be recorded at the moment');
}
