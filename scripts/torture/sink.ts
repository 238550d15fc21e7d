import { createServer, type Server, type Socket } from 'node:net';
import type { Random } from './random.ts';

/** What a mail server may do wrong. */
export const moods = [
  'refuses connections',
  'cuts before MAIL',
  'cuts after RCPT',
  'cuts in the data',
  'keeps and cuts without an answer',
  'loses and cuts without an answer',
  'cuts after the answer',
  'answers half a line',
  'answers garbage',
  'says nothing, then cuts',
  '421 as a greeting',
  '421 to MAIL',
  '421 to the message',
  '450 to RCPT',
  '450 to the message',
  '550 to RCPT',
  '550 to the message',
  'garbage to MAIL',
] as const;

export type Mood = (typeof moods)[number];

/** A message as it was kept. */
export interface Copy {
  messageId: string;
  /** Whether the answer that it was taken was written. */
  isAnswered: boolean;
}

/** A message as it came. */
export interface Mail {
  /** Of the envelope: where it comes back to. */
  from: string;
  to: string;
  text: Buffer;
}

const silenceMs = 700;

/**
 * A mail server that keeps each message before it answers, in the memory of a process that outlives every fault, and
 * that does wrong on demand.
 */
export class Sink {
  /** By recipient. */
  readonly copies = new Map<string, Copy[]>();
  /** Messages whose text was begun and that got no clean answer: of these nobody can know. */
  unanswered = 0;
  /** Which wrong is done now, and to what share of those it can meet. */
  mood: { name: Mood; share: number } | undefined;
  /** How long it thinks about each message. */
  answerMs: number;
  /** Called with each message that was kept, before it is answered. */
  onMail: ((mail: Mail) => void) | undefined;
  readonly #random: Random;
  readonly #pipelining: boolean;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  constructor(random: Random, { pipelining, answerMs }: { pipelining: boolean; answerMs: number }) {
    this.#random = random;
    this.#pipelining = pipelining;
    this.answerMs = answerMs;
    this.#server = createServer({ noDelay: true }, (socket) => this.#welcome(socket));
  }

  get messages(): number {
    let sum = 0;
    for (const each of this.copies.values()) sum += each.length;
    return sum;
  }

  /** @returns its port on 127.0.0.1 */
  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const address = this.#server.address();
    return typeof address === 'object' && address ? address.port : 0;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #is(name: Mood): boolean {
    return this.mood?.name === name && this.#random.chance(this.mood.share);
  }

  #welcome(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
    if (this.#is('refuses connections')) return void socket.destroy();
    if (this.#is('421 as a greeting')) return void socket.end('421 4.3.2 sink is going down\r\n');
    socket.write('220 sink ESMTP\r\n');
    this.#converse(socket);
  }

  #converse(socket: Socket): void {
    let bytes: Buffer = Buffer.alloc(0);
    let sender = '';
    let recipient = '';
    let inMessage = false;
    let isBusy = false;
    const look = async () => {
      if (isBusy) return;
      isBusy = true;
      while (!socket.destroyed) {
        if (inMessage) {
          const end = bytes.indexOf('\r\n.\r\n');
          if (bytes.length > 2 && this.#is('cuts in the data')) {
            this.unanswered++;
            socket.destroy();
            break;
          }
          if (end < 0) break;
          const text = bytes.subarray(2, end + 2);
          bytes = bytes.subarray(end + 5);
          inMessage = false;
          if (recipient === '') {
            // RCPT was refused, DATA was not: what comes is empty, and goes nowhere.
            socket.write('554 5.5.1 no valid recipients\r\n');
            continue;
          }
          await this.#message(socket, { from: sender, to: recipient, text });
          recipient = '';
          continue;
        }
        const end = bytes.indexOf('\r\n');
        if (end < 0) break;
        const command = bytes.toString('latin1', 0, end);
        bytes = bytes.subarray(end + 2);
        const answer = this.#answerTo(command, recipient);
        if (answer === undefined) {
          socket.destroy();
          break;
        }
        if (/^RCPT/i.test(command))
          recipient = answer.startsWith('250') ? (/<(.*?)>/.exec(command)?.[1] ?? '') : '';
        if (/^MAIL|^RSET/i.test(command)) recipient = '';
        if (/^MAIL/i.test(command)) sender = /<(.*?)>/.exec(command)?.[1] ?? '';
        if (answer.startsWith('354')) {
          inMessage = true;
          bytes = Buffer.concat([Buffer.from('\r\n'), bytes]);
        }
        socket.write(answer);
        if (/^(421|221)/.test(answer)) socket.end();
      }
      isBusy = false;
    };
    socket.on('data', (chunk) => {
      bytes = bytes.length > 0 ? Buffer.concat([bytes, chunk]) : chunk;
      void look();
    });
  }

  /** @returns undefined: the connection is cut */
  #answerTo(command: string, recipient: string): string | undefined {
    const verb = command.slice(0, 4).toUpperCase();
    if (verb === 'EHLO') return `250-sink\r\n${this.#pipelining ? '250-PIPELINING\r\n' : ''}250 SIZE\r\n`;
    if (verb === 'MAIL') {
      if (this.#is('cuts before MAIL')) return undefined;
      if (this.#is('421 to MAIL')) return '421 4.3.2 sink is going down\r\n';
      if (this.#is('garbage to MAIL')) return 'HTTP/1.1 400 Bad Request\r\n\r\n';
    }
    if (verb === 'RCPT') {
      if (this.#is('450 to RCPT')) return '450 4.2.0 mailbox busy\r\n';
      if (this.#is('550 to RCPT')) return '550 5.2.1 mailbox disabled\r\n';
    }
    if (verb === 'DATA') {
      if (this.#is('cuts after RCPT')) return undefined;
      return recipient === '' ? '503 5.5.1 no valid recipients\r\n' : '354 go on\r\n';
    }
    return verb === 'QUIT' ? '221 2.0.0 bye\r\n' : '250 2.0.0 ok\r\n';
  }

  async #message(socket: Socket, mail: Mail): Promise<void> {
    const { to: recipient, text } = mail;
    if (this.answerMs > 0) await wait(this.answerMs);
    if (this.#is('450 to the message')) return void socket.write('450 4.2.0 not now\r\n');
    if (this.#is('550 to the message')) return void socket.write('554 5.7.1 not this\r\n');
    if (this.#is('421 to the message')) return void socket.end('421 4.3.2 sink is going down\r\n');
    if (this.#is('loses and cuts without an answer')) {
      this.unanswered++;
      return void socket.destroy();
    }
    const copy: Copy = {
      messageId: /^message-id:\s*(\S+)/im.exec(text.toString('latin1', 0, 8192))?.[1] ?? '',
      isAnswered: false,
    };
    const earlier = this.copies.get(recipient);
    if (earlier) earlier.push(copy);
    else this.copies.set(recipient, [copy]);
    this.onMail?.(mail);
    const leaves = (await this.#leavesOpen(socket)) === true;
    if (leaves) this.unanswered++;
    else if (!socket.destroyed) {
      copy.isAnswered = true;
      socket.write('250 2.0.0 kept\r\n');
      if (this.#is('cuts after the answer')) {
        // What the other side has sent meanwhile may make the kernel throw the answer away.
        this.unanswered++;
        socket.destroySoon();
      }
    }
  }

  /** @returns true if the message gets no answer */
  async #leavesOpen(socket: Socket): Promise<boolean> {
    if (this.#is('keeps and cuts without an answer')) socket.destroy();
    else if (this.#is('answers half a line')) socket.end('250 2.0');
    else if (this.#is('answers garbage')) socket.write('\u0000\u0007 <html>\r\n');
    else if (this.#is('says nothing, then cuts')) {
      await wait(silenceMs);
      socket.destroy();
    } else return false;
    return true;
  }
}

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
