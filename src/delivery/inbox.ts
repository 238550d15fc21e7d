import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { domainToASCII } from 'node:url';
import { simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from 'smtp-server';
import type { Context } from '../context.ts';
import { messageOf } from '../errors.ts';

type Deps = Pick<Context, 'db' | 'clock' | 'log'>;

/** An SMTP server that keeps what it gets in the database, and passes nothing on. */
export interface Inbox {
  /** `smtp://127.0.0.1:PORT` */
  url: string;
  /** Waits for connections to finish and for the last messages to be stored. */
  close(): Promise<void>;
}

const largestMessage = 20 * 1024 * 1024;

/**
 * Starts an inbox on a free port of the loopback interface. A message is answered with 250 once it is committed.
 * Any number of processes may each start their own: they share the table, and the web page reads it.
 * @param options.keep how many messages stay; the newest 20,000 if not given
 */
export async function startInbox(context: Deps, options: { keep?: number } = {}): Promise<Inbox> {
  const store = new MessageStore(context, options.keep ?? 20_000);
  const server = new SMTPServer({
    name: 'inbox.broadsheet.test',
    banner: 'Broadsheet inbox, keeps everything, delivers nothing',
    // No credentials are asked for and none can be given away: this never leaves the machine.
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    size: largestMessage,
    socketTimeout: 60_000,
    closeTimeout: 5_000,
    onData(stream, session, answer) {
      receive(stream, session, store, context.clock.now()).then(
        (id) => answer(null, `kept as message ${id}`),
        (error: unknown) => answer(asReply(error)),
      );
    },
  });
  // A client that drops its connection is its own trouble.
  server.on('error', (error) => context.log.debug({ error: messageOf(error) }, 'the inbox lost a client'));
  const listener = server.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    async close() {
      await new Promise<void>((resolve) => server.close(resolve));
      await store.settle();
    },
  };
}

interface Caught {
  received_at: Date;
  mail_from: string;
  rcpt_to: string[];
  subject: string;
  raw: Buffer;
}

async function receive(
  stream: SMTPServerDataStream,
  session: SMTPServerSession,
  store: MessageStore,
  receivedAt: Date,
): Promise<number> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) {
    // The rest has to be read all the same, for the connection to go on (RFC 5321 section 4.1.1.4).
    if (!stream.sizeExceeded) chunks.push(chunk);
  }
  if (stream.sizeExceeded)
    throw Object.assign(new Error('The message is larger than 20 MB'), { responseCode: 552 });
  const raw = Buffer.concat(chunks);
  const { mailFrom, rcptTo } = session.envelope;
  return store.add({
    received_at: receivedAt,
    mail_from: mailFrom ? asSent(mailFrom.address) : '',
    rcpt_to: rcptTo.map(({ address }) => asSent(address)),
    subject: await subjectOf(raw),
    raw,
  });
}

/** smtp-server turns an ASCII domain into letters; subscribers are known by what was sent. */
function asSent(address: string): string {
  const at = address.lastIndexOf('@') + 1;
  return address.slice(0, at) + (domainToASCII(address.slice(at)) || address.slice(at));
}

function asReply(error: unknown): Error {
  if (error instanceof Error && 'responseCode' in error) return error;
  // 451: the sender may try again, as it would with a real server whose disk is full.
  return Object.assign(new Error(`The message could not be stored: ${messageOf(error)}`), {
    responseCode: 451,
  });
}

/** The decoded subject of a message, cut to 1,000 characters; empty if there is none. */
async function subjectOf(raw: Buffer): Promise<string> {
  const end = raw.indexOf('\r\n\r\n');
  const headers = raw.subarray(0, end < 0 ? Math.min(raw.length, 65_536) : Math.min(end + 2, 65_536));
  const [, folded = ''] = /^subject:((?:.*)(?:\r?\n[ \t].*)*)/im.exec(headers.toString('utf8')) ?? [];
  const written = folded.replace(/\r?\n(?=[ \t])/g, '').trim();
  // Only encoded words (RFC 2047) need a parser, and a parser for every message would cost more than storing it.
  const subject = written.includes('=?')
    ? ((await simpleParser(`Subject: ${written}\r\n\r\n`)).subject ?? '')
    : written;
  return subject.replaceAll('\0', '').slice(0, 1_000);
}

const batchCount = 200;
const batchBytes = 32 * 1024 * 1024;

/** Stores messages in groups: what arrives while one group is being committed makes the next. */
class MessageStore {
  readonly #context: Deps;
  readonly #keep: number;
  #queue: { message: Caught; resolve: (id: number) => void; reject: (error: unknown) => void }[] = [];
  #running: Promise<void> | undefined;
  #sinceTrim: number;

  constructor(context: Deps, keep: number) {
    this.#context = context;
    this.#keep = keep;
    // The first group is trimmed: other processes, or a smaller limit, may have left more than is to stay.
    this.#sinceTrim = keep;
  }

  /** @returns the message's id, once it is committed */
  add(message: Caught): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ message, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Waits until everything that was added is stored. */
  async settle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    // Lets the messages that arrived together go together.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      let bytes = 0;
      let count = 0;
      while (count < this.#queue.length && count < batchCount && (count === 0 || bytes < batchBytes)) {
        bytes += this.#queue[count]?.message.raw.length ?? 0;
        count += 1;
      }
      const group = this.#queue.splice(0, count);
      try {
        const rows = await this.#context.db
          .insertInto('inbox_messages')
          .values(group.map(({ message }) => message))
          .returning('id')
          .execute();
        for (const [index, { resolve }] of group.entries()) resolve(rows[index]?.id ?? 0);
        await this.#trim(group.length);
      } catch (error) {
        // Those already answered are not changed by a second verdict.
        for (const { reject } of group) reject(error);
      }
    }
    this.#running = undefined;
  }

  async #trim(added: number): Promise<void> {
    this.#sinceTrim += added;
    if (this.#sinceTrim < this.#keep / 20) return;
    this.#sinceTrim = 0;
    await this.#context.db
      .deleteFrom('inbox_messages')
      .where('id', '<=', (eb) =>
        eb.selectFrom('inbox_messages').select('id').orderBy('id', 'desc').offset(this.#keep).limit(1),
      )
      .execute()
      .catch((error: unknown) =>
        this.#context.log.warn({ error: messageOf(error) }, 'old messages stay in the inbox for now'),
      );
  }
}
