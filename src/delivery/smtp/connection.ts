import type { Socket } from 'node:net';
import { type PeerCertificate, TLSSocket } from 'node:tls';
import { messageOf } from '../../errors.ts';
import type { Outcome } from '../verdict.ts';
import { exchangeFor, type TokenSource } from './authenticate.ts';
import { connected, SmtpError, secured } from './connect.ts';
import { type Extensions, extensionsOf, none } from './extensions.ts';
import { type Envelope, Outgoing } from './outgoing.ts';
import { type Reply, ReplyReader } from './reply.ts';
import type { SmtpServer } from './server.ts';

/** How long a server may be silent, in milliseconds. */
export interface Patience {
  /** Until it is connected, and again until it greets. */
  connectMs: number;
  /** For each answer after that. */
  answerMs: number;
  /** For the answer to a whole message: who gives up sooner may send it twice (RFC 5321 section 4.5.3.2.6). */
  messageMs: number;
}

/** A message as it is handed over. */
export interface Message extends Envelope {
  raw: readonly Buffer[];
  /** Of the whole, in bytes. */
  size: number;
}

/** What was said of a transaction before its message. */
interface Opening {
  from: string;
  to: string;
  mail?: Reply;
  rcpt?: Reply;
  data?: Reply;
}

/**
 * One connection to an SMTP server, for one message at a time. Commands are pipelined where the server allows it
 * (RFC 2920): MAIL, RCPT and DATA go out together, and with a message goes the opening of the one after it.
 */
export class SmtpConnection {
  readonly #patience: Patience;
  readonly #outgoing = new Outgoing();
  #reader = new ReplyReader();
  #socket: Socket;
  #timer: NodeJS.Timeout;
  #extensions: Extensions = none;
  #waiting: { resolve(reply: Reply): void; reject(error: SmtpError): void }[] = [];
  #failed: SmtpError | undefined;
  #opened: { opening: Opening; settled: Promise<void> } | undefined;
  #mustReset = false;
  /** Messages handed over on this connection, whatever became of them. */
  messages = 0;

  private constructor(socket: Socket, patience: Patience) {
    this.#patience = patience;
    this.#timer = setTimeout(() => this.#fail(new SmtpError('it did not answer in time')), 2 ** 31 - 1);
    this.#timer.unref();
    this.#socket = socket;
    this.#listen(socket);
  }

  /**
   * Connects, greets, secures the connection and logs in, as the server's URL says.
   * @param token for XOAUTH2
   * @throws SmtpError in the server's words
   */
  static async open(server: SmtpServer, patience: Patience, token: TokenSource): Promise<SmtpConnection> {
    const socket = await connected(server, patience.connectMs);
    const connection = new SmtpConnection(socket, patience);
    try {
      await connection.#greet(server, token);
      return connection;
    } catch (error) {
      connection.destroy();
      throw error instanceof SmtpError ? error : new SmtpError(messageOf(error));
    }
  }

  /** Whether another message may be tried on it. */
  get isUsable(): boolean {
    return this.#failed === undefined;
  }

  /** Whether what goes over it is encrypted. */
  get isSecure(): boolean {
    return this.#socket instanceof TLSSocket;
  }

  /** What the server showed of itself for TLS; undefined in the clear. */
  get certificate(): PeerCertificate | undefined {
    return this.#socket instanceof TLSSocket ? this.#socket.getPeerCertificate() : undefined;
  }

  /** What the server can do. */
  get extensions(): Extensions {
    return this.#extensions;
  }

  /**
   * Hands over one message. Never throws.
   * @param ahead the envelope of the message after it, opened together with this one's end. It is no promise that this
   *   message will be sent: `abandon` or another `send` leaves it.
   */
  async send(message: Message, ahead?: Envelope & { size: number }): Promise<Outcome> {
    const { size } = message;
    let opening: Opening;
    try {
      const refusedHere = this.#cannotTake(message, size);
      if (refusedHere) return refusedHere;
      opening = await this.#open(message, size);
    } catch (error) {
      return { kind: 'route-failed', ...wordsOf(error) };
    }
    const refused = await this.#refusalIn(opening);
    if (refused) return refused;
    // Opened ahead, and closed since: not a byte of the message went out.
    if (this.#failed) return { kind: 'route-failed', ...wordsOf(this.#failed) };
    this.messages++;
    this.#outgoing.clear();
    this.#outgoing.message(message.raw);
    let early: Reply | undefined;
    const reply = this.#reply(this.#patience.messageMs);
    const isOver = reply.then(
      (each) => {
        early = each;
      },
      () => {},
    );
    await Promise.race([this.#handBody(), isOver]);
    if (early) return this.#answeredEarly(early);
    if (this.#failed) return { kind: 'route-failed', ...wordsOf(this.#failed) };
    try {
      this.#handEnd(ahead);
      const { code, words } = await reply;
      return { kind: 'answered', code, words };
    } catch (error) {
      return { kind: 'unanswered', words: wordsOf(error).words };
    }
  }

  /**
   * Asks whether an envelope would be taken, and takes it back: nothing is sent.
   * @returns the answer to MAIL, and to RCPT if that was taken
   * @throws SmtpError if the connection breaks
   */
  async tryEnvelope({ from, to }: Envelope): Promise<{ mail: Reply; rcpt?: Reply }> {
    for (const address of [from, to])
      if (!isPath(address) || !isAscii(address))
        throw new SmtpError(`the address ${address} cannot be tried: it is not plain ASCII`);
    const mail = await this.#ask(`MAIL FROM:<${from}>`);
    const rcpt = isDone(mail) ? await this.#ask(`RCPT TO:<${to}>`) : undefined;
    await this.#ask('RSET');
    return { mail, ...(rcpt && { rcpt }) };
  }

  /** Says goodbye and closes. */
  async quit(): Promise<void> {
    // With a message opened ahead the server waits for data: there is nothing to say but to hang up.
    if (this.#failed || this.#opened) return this.destroy();
    try {
      await this.#ask('QUIT', this.#patience.connectMs);
    } catch {
      // It has gone already.
    }
    this.destroy();
  }

  /** Hangs up. What is not answered by then fails. */
  destroy(): void {
    this.#fail(new SmtpError('the connection was closed'));
  }

  async #greet(server: SmtpServer, token: TokenSource): Promise<void> {
    const greeting = await this.#reply(this.#patience.connectMs);
    if (greeting.code !== 220) throw refusedBy(greeting);
    await this.#hello(server.name);
    if (server.tls === 'required' || (server.tls === 'offered' && this.#extensions.startTls))
      await this.#secure(server);
    const { login } = server;
    if (!login) return;
    const exchange = await exchangeFor(login, this.#extensions.auth, token);
    let reply = await this.#ask(`AUTH ${exchange.first}`);
    for (const answer of exchange.answers) if (reply.code === 334) reply = await this.#ask(answer);
    if (reply.code !== 235) {
      token.refused();
      throw refusedBy(reply);
    }
  }

  async #hello(name: string): Promise<void> {
    const reply = await this.#ask(`EHLO ${name}`);
    if (reply.code === 250) {
      this.#extensions = extensionsOf(reply.lines);
      return;
    }
    // A server of the time before extensions (RFC 5321 section 3.2).
    if (reply.code < 500 || reply.code === 550 || reply.code === 554) throw refusedBy(reply);
    const old = await this.#ask(`HELO ${name}`);
    if (old.code !== 250) throw refusedBy(old);
    this.#extensions = none;
  }

  async #secure(server: SmtpServer): Promise<void> {
    if (!this.#extensions.startTls) throw new SmtpError('the server offers no STARTTLS, and it is required');
    const reply = await this.#ask('STARTTLS');
    if (reply.code !== 220) throw refusedBy(reply);
    // What came behind the answer was put there by somebody in between (CVE-2011-0411).
    if (this.#failed || !this.#reader.isBetweenReplies)
      throw new SmtpError('more came before TLS than the server may send: somebody may be in between');
    this.#reader = new ReplyReader();
    const plain = this.#socket;
    plain.removeAllListeners('data');
    this.#socket = await secured(server, plain, this.#patience.connectMs);
    this.#listen(this.#socket);
    await this.#hello(server.name);
  }

  #listen(socket: Socket): void {
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      try {
        for (const reply of this.#reader.read(chunk)) this.#take(reply);
      } catch (error) {
        this.#fail(new SmtpError(messageOf(error)));
      }
    });
    socket.on('error', (error) => this.#fail(new SmtpError(messageOf(error))));
    socket.on('close', () => this.#fail(new SmtpError('the server closed the connection')));
  }

  #take(reply: Reply): void {
    const next = this.#waiting.shift();
    if (next) next.resolve(reply);
    else
      this.#fail(
        reply.code === 421 ? refusedBy(reply) : new SmtpError(`the server said "${reply.words}" unasked`),
      );
    // RFC 5321 section 3.8: it closes the connection.
    if (reply.code === 421) this.#fail(refusedBy(reply));
    if (this.#waiting.length > 0) this.#timer.refresh();
    else clearTimeout(this.#timer);
  }

  #fail(error: SmtpError): void {
    if (this.#failed) return;
    this.#failed = error;
    clearTimeout(this.#timer);
    this.#socket.destroy();
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  #reply(ms = this.#patience.answerMs): Promise<Reply> {
    if (this.#failed) return Promise.reject(this.#failed);
    this.#watch(ms);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  #ask(command: string, ms?: number): Promise<Reply> {
    const reply = this.#reply(ms);
    if (!this.#failed) this.#socket.write(`${command}\r\n`);
    return reply;
  }

  #watch(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#fail(new SmtpError('it did not answer in time')), ms);
  }

  /** What this server, or SMTP as a whole, has no way to take; told without asking. */
  #cannotTake({ from, to }: Envelope, size: number): Outcome | undefined {
    const answered = (code: number, words: string): Outcome => ({
      kind: 'answered',
      code,
      words: `${code} ${words}`,
    });
    if (!isPath(to)) return answered(553, '5.1.3 this address cannot be written in SMTP');
    if (!isPath(from))
      return { kind: 'route-failed', words: `the return path ${from} cannot be written in SMTP` };
    if (!isAscii(to) && !this.#extensions.smtpUtf8)
      return answered(553, '5.6.7 the server takes no addresses beyond ASCII (it has no SMTPUTF8)');
    const { size: largest } = this.#extensions;
    if (largest && size > largest)
      return answered(552, `5.3.4 the message has ${size} bytes, and the server takes ${largest}`);
    return undefined;
  }

  /** MAIL, RCPT and DATA, unless they went out with the message before. */
  async #open(envelope: Envelope, size: number): Promise<Opening> {
    const ahead = this.#opened;
    this.#opened = undefined;
    if (ahead?.opening.to === envelope.to && ahead.opening.from === envelope.from) {
      if (!ahead.opening.data) this.#watch(this.#patience.answerMs);
      await ahead.settled;
      return ahead.opening;
    }
    if (ahead) {
      // The server waits for that message, and would take commands for its text.
      const error = new SmtpError('another message was opened on this connection');
      this.#fail(error);
      throw error;
    }
    if (this.#failed) throw this.#failed;
    const opening: Opening = { from: envelope.from, to: envelope.to };
    if (this.#extensions.pipelining) {
      this.#outgoing.clear();
      this.#outgoing.text(this.#openingOf(envelope, size));
      const settled = this.#openingReplies(opening);
      this.#socket.write(this.#outgoing.bytes);
      await settled;
      return opening;
    }
    const [reset, mail, rcpt, data] = this.#commandsOf(envelope, size) as [string, string, string, string];
    if (reset) await this.#ask(reset);
    opening.mail = await this.#ask(mail);
    if (isDone(opening.mail)) opening.rcpt = await this.#ask(rcpt);
    if (opening.rcpt && isDone(opening.rcpt)) opening.data = await this.#ask(data);
    return opening;
  }

  #commandsOf({ from, to }: Envelope, size: number): string[] {
    const { size: hasSize, eightBit, smtpUtf8 } = this.#extensions;
    const parameters = `${hasSize === undefined ? '' : ` SIZE=${size}`}${eightBit ? ' BODY=8BITMIME' : ''}${
      smtpUtf8 && !(isAscii(from) && isAscii(to)) ? ' SMTPUTF8' : ''
    }`;
    const reset = this.#mustReset ? 'RSET' : '';
    this.#mustReset = false;
    return [reset, `MAIL FROM:<${from}>${parameters}`, `RCPT TO:<${to}>`, 'DATA'];
  }

  #openingOf(envelope: Envelope, size: number): string {
    const [reset, ...commands] = this.#commandsOf(envelope, size);
    // Its answer is looked at by nobody, but it has one.
    if (reset) this.#waiting.push({ resolve: () => {}, reject: () => {} });
    return `${reset ? `${reset}\r\n` : ''}${commands.join('\r\n')}\r\n`;
  }

  /** Waits for the answers to MAIL, RCPT and DATA. */
  #openingReplies(opening: Opening): Promise<void> {
    if (this.#failed) return Promise.reject(this.#failed);
    this.#watch(this.#patience.answerMs);
    return new Promise((resolve, reject) => {
      const fail = (error: SmtpError) => {
        // A 421 to any of them is the last word of the connection, and says why.
        reject(error);
      };
      this.#waiting.push(
        {
          resolve: (reply) => {
            opening.mail = reply;
          },
          reject: fail,
        },
        {
          resolve: (reply) => {
            opening.rcpt = reply;
          },
          reject: fail,
        },
        {
          resolve: (reply) => {
            opening.data = reply;
            resolve();
          },
          reject: fail,
        },
      );
    });
  }

  /** What stands in the way of the message, if anything: only the answer to RCPT is about the recipient. */
  async #refusalIn({ mail, rcpt, data }: Opening): Promise<Outcome | undefined> {
    const failed = (reply: Reply | undefined): Outcome => ({
      kind: 'route-failed',
      words: reply?.words ?? this.#failed?.message ?? 'the server did not answer',
      ...(reply && { code: reply.code }),
    });
    if (mail && isDone(mail) && rcpt && isDone(rcpt) && data?.code === 354) return undefined;
    this.#mustReset = true;
    if (data?.code === 354) {
      // It waits for a message although it has no recipient (RFC 2920 section 3.1): it gets an empty one.
      try {
        await this.#ask('.');
      } catch {
        // The connection is of no use any more, which changes nothing here.
      }
    }
    if (!mail || !isDone(mail)) return failed(mail);
    if (!rcpt || (!isDone(rcpt) && rcpt.code === 421)) return failed(rcpt);
    if (!isDone(rcpt)) return { kind: 'answered', code: rcpt.code, words: rcpt.words };
    // DATA refused for a recipient that was taken: it is said of the message.
    if (data && data.code >= 400 && data.code !== 421)
      return { kind: 'answered', code: data.code, words: data.words };
    return failed(data);
  }

  /**
   * A message that is larger than what the kernel keeps goes out without its end at first: until all of it is on its
   * way, a connection that breaks has delivered nothing.
   */
  async #handBody(): Promise<void> {
    const { bytes } = this.#outgoing;
    if (bytes.length < heldBack) return;
    const body = bytes.subarray(0, bytes.length - endOfMessage.length);
    await new Promise<unknown>((resolve) => this.#socket.write(body, resolve));
    this.#outgoing.clear();
    this.#outgoing.text(endOfMessage);
  }

  /** The server did not want to hear the message to its end, which it never gets. */
  #answeredEarly({ code, words }: Reply): Outcome {
    this.destroy();
    return code >= 400 && code !== 421
      ? { kind: 'answered', code, words }
      : { kind: 'route-failed', words, code };
  }

  /** The rest of the message, and the opening of the one after it. */
  #handEnd(ahead: (Envelope & { size: number }) | undefined): void {
    if (
      ahead &&
      this.#extensions.pipelining &&
      !this.#cannotTake(ahead, ahead.size) &&
      this.#opened === undefined
    ) {
      this.#outgoing.text(this.#openingOf(ahead, ahead.size));
      const opening: Opening = { from: ahead.from, to: ahead.to };
      const settled = this.#openingReplies(opening);
      // Whoever sends the next message looks at it.
      settled.catch(() => {});
      this.#watch(this.#patience.messageMs);
      this.#opened = { opening, settled };
    }
    if (!this.#failed) this.#socket.write(this.#outgoing.bytes);
  }
}

const endOfMessage = '.\r\n';
const heldBack = 256 * 1024;

const isDone = ({ code }: Reply) => code >= 200 && code < 300;

const refusedBy = (reply: Reply) => new SmtpError(reply.words, reply.code);

function wordsOf(error: unknown): { words: string; code?: number } {
  const code = error instanceof SmtpError ? error.code : undefined;
  return { words: messageOf(error), ...(code !== undefined && { code }) };
}

// Anything that could end the command or the path (RFC 5321 section 4.1.2) is refused rather than quoted.
const isPath = (address: string) => address.length <= 320 && /^[^\s<>\u0000-\u001F\u007F]+$/u.test(address);

const isAscii = (text: string) => /^[\x00-\x7F]*$/.test(text);
