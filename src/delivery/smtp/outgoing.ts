/** Where a message goes, as SMTP is told (RFC 5321 section 2.3.1). */
export interface Envelope {
  from: string;
  to: string;
}

const dot = 0x2e;

/**
 * The bytes that one connection writes at a time: a message with its dots doubled (RFC 5321 section 4.5.2) and its end,
 * and commands. One piece of memory serves all messages of a connection, as the next is written after the last was
 * answered.
 */
export class Outgoing {
  #bytes = Buffer.allocUnsafe(64 * 1024);
  #length = 0;

  /** Begins anew; what was given out before may be overwritten. */
  clear(): void {
    this.#length = 0;
  }

  /** Adds a whole message and the dot that ends it. */
  message(parts: readonly Buffer[]): void {
    let size = 0;
    for (const part of parts) size += part.length;
    const start = this.#length;
    this.#room(size + 5);
    for (const part of parts) {
      part.copy(this.#bytes, this.#length);
      this.#length += part.length;
    }
    this.#doubleDots(start);
    const end = this.bytes.toString('latin1', Math.max(start, this.#length - 2));
    if (end !== '' && end !== '\r\n') this.text('\r\n');
    this.text('.\r\n');
  }

  /** Adds commands, each with its line end. */
  text(commands: string): void {
    this.#room(commands.length * 3);
    this.#length += this.#bytes.write(commands, this.#length);
  }

  /** What has been added. Valid until `clear`. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  #room(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe((this.#length + more) * 2);
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }

  #doubleDots(start: number): void {
    const isFirst = this.#length > start && this.#bytes[start] === dot;
    if (!isFirst && this.bytes.indexOf('\n.', start) < 0) return;
    // Seldom: messages of ours are encoded so that hardly a line begins with a dot.
    const message = this.bytes.toString('latin1', start).replace(/(^|\n)\./g, '$1..');
    this.#length = start;
    this.#room(message.length);
    this.#length += this.#bytes.write(message, this.#length, 'latin1');
  }
}
