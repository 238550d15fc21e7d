import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';

/** Where a POP3 server is, and how far it may go. */
export interface Pop3Options {
  host: string;
  port: number;
  /** TLS from the beginning; otherwise STLS (RFC 2595) where the server has it. */
  secure: boolean;
  idleMs: number;
  /** The most bytes of one answer. */
  maxBytes: number;
  /** A certificate to trust beside the usual ones. */
  ca?: string;
}

const longestLine = 2_000;

/** As much of a POP3 client (RFC 1939) as reading a mailbox needs, with limits on what the server says. */
export class Pop3Client {
  readonly #options: Pop3Options;
  #socket: Socket | TLSSocket;
  #buffer = Buffer.alloc(0);
  #failed: Error | undefined;
  #wake: (() => void) | undefined;

  private constructor(options: Pop3Options, socket: Socket | TLSSocket) {
    this.#options = options;
    this.#socket = socket;
    this.#listen();
  }

  /** Connects, waits for the greeting, and goes over to TLS where it can. @throws if there is no such server */
  static async connect(options: Pop3Options): Promise<Pop3Client> {
    const { host, port } = options;
    const client = new Pop3Client(
      options,
      options.secure
        ? connectTls({ host, port, servername: serverName(host), ca: options.ca })
        : connectPlain({ host, port }),
    );
    try {
      await client.#status();
      if (!options.secure && (await client.#capabilities()).includes('STLS')) {
        await client.command('STLS');
        client.#startTls();
      }
      return client;
    } catch (error) {
      client.close();
      throw error;
    }
  }

  /** Sends a command. @returns the words behind +OK @throws with the server's words if it refuses */
  async command(line: string): Promise<string> {
    // A line end within a user's name or password would begin another command.
    if (/[\r\n]/.test(line)) throw new Error('a user name or password has a line break');
    this.#socket.write(`${line}\r\n`);
    return this.#status();
  }

  /** Sends a command that is answered with lines. @returns them with CRLF line ends, dots unstuffed */
  async read(line: string): Promise<Buffer> {
    await this.command(line);
    let searched = 0;
    for (;;) {
      if (this.#buffer.subarray(0, 3).equals(end.subarray(2))) return this.#cut(0, 3);
      const at = this.#buffer.indexOf(end, searched);
      if (at >= 0) return this.#cut(at + 2, at + end.length);
      searched = Math.max(0, this.#buffer.length - end.length);
      if (this.#buffer.length > this.#options.maxBytes)
        throw new Error('the server says more than it announced');
      await this.#more();
    }
  }

  /** Numbers of messages and what the server says of each, such as their sizes (`LIST`) or names (`UIDL`). */
  async list(command: 'LIST' | 'UIDL'): Promise<Map<number, string>> {
    const text = (await this.read(command)).toString('latin1');
    const rows = [...text.matchAll(/^(\d{1,9}) +([\x21-\x7e]{1,100})/gm)];
    return new Map(rows.map((row) => [Number(row[1]), row[2] ?? '']));
  }

  /** Ends the connection at once: what was marked for deletion stays, unless QUIT was answered. */
  close(): void {
    this.#socket.destroy();
  }

  #cut(length: number, taken: number): Buffer {
    const text = this.#buffer.subarray(0, length).toString('latin1').replace(/^\./gm, '');
    this.#buffer = this.#buffer.subarray(taken);
    return Buffer.from(text, 'latin1');
  }

  async #status(): Promise<string> {
    for (;;) {
      const at = this.#buffer.indexOf('\r\n');
      if (at >= 0) {
        const line = this.#buffer.subarray(0, at).toString('latin1');
        this.#buffer = this.#buffer.subarray(at + 2);
        if (/^\+OK\b/i.test(line)) return line.slice(4);
        throw new Error(`the server says: ${line.slice(0, 200).replace(/[^\x20-\x7e]/g, '?')}`);
      }
      if (this.#buffer.length > longestLine) throw new Error('this is no POP3 server');
      await this.#more();
    }
  }

  async #capabilities(): Promise<string[]> {
    try {
      return (await this.read('CAPA')).toString('latin1').toUpperCase().split('\r\n');
    } catch (error) {
      // A server without CAPA (RFC 2449) refuses it.
      if (this.#failed) throw error;
      return [];
    }
  }

  #startTls(): void {
    const { host, ca } = this.#options;
    for (const event of ['data', 'error', 'close', 'timeout']) this.#socket.removeAllListeners(event);
    // What came before TLS began was not the server's (CVE-2011-0411).
    this.#buffer = Buffer.alloc(0);
    this.#socket = connectTls({ socket: this.#socket, servername: serverName(host), host, ca });
    this.#listen();
  }

  #listen(): void {
    const fail = (error: Error) => {
      this.#failed ??= error;
      this.#wake?.();
    };
    this.#socket.setTimeout(this.#options.idleMs);
    this.#socket.on('data', (chunk: Buffer) => {
      this.#buffer = Buffer.concat([this.#buffer, chunk]);
      this.#wake?.();
    });
    this.#socket.on('error', fail);
    this.#socket.on('timeout', () => {
      fail(new Error('the server does not answer'));
      this.#socket.destroy();
    });
    this.#socket.on('close', () => fail(new Error('the server closed the connection')));
  }

  async #more(): Promise<void> {
    if (this.#failed) throw this.#failed;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
    if (this.#failed && this.#buffer.length === 0) throw this.#failed;
  }
}

const end = Buffer.from('\r\n.\r\n');

// An IP address is no name for SNI (RFC 6066 section 3).
const serverName = (host: string) => (/^[\d.]+$|:/.test(host) ? '' : host);
