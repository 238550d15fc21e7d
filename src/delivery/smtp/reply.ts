import { StringDecoder } from 'node:string_decoder';

/** A server's answer to one command (RFC 5321 section 4.2). */
export interface Reply {
  /** Three digits, such as 250. */
  code: number;
  /** All its lines without their line ends, joined by spaces: `250 2.0.0 taken`. */
  words: string;
  /** The text of each line, behind code and hyphen. */
  lines: string[];
}

const longestLine = 4_096;
const mostLines = 200;
// The words of a longer answer are cut; nobody reads them.
const longestWords = 1_000;

/**
 * Takes a server's bytes apart into answers. Servers that send garbage, endless lines or endless answers are refused.
 */
export class ReplyReader {
  // A character may come in two packets.
  #decoder = new StringDecoder('utf8');
  #rest = '';
  #lines: string[] = [];
  #code = 0;

  /**
   * Yields the answers that are complete by now, also those in front of something that is no answer.
   * @throws Error saying what is wrong if this is no SMTP
   */
  *read(chunk: Buffer): Generator<Reply> {
    const text = this.#rest + this.#decoder.write(chunk);
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      const reply = this.#line(text.slice(start, end).replace(/\r$/, ''));
      if (reply) yield reply;
      start = end + 1;
    }
    this.#rest = text.slice(start);
    if (this.#rest.length > longestLine) throw new Error('the server sends a line without end');
  }

  /** False while bytes are left over that are no whole answer. */
  get isBetweenReplies(): boolean {
    return this.#rest === '' && this.#lines.length === 0;
  }

  #line(line: string): Reply | undefined {
    const match = /^([2-5]\d\d)(?:([ -])(.*))?$/s.exec(line);
    if (!match || line.length > longestLine)
      throw new Error(`the server does not speak SMTP: "${line.slice(0, 100)}"`);
    const code = Number(match[1]);
    if (this.#lines.length > 0 && code !== this.#code)
      throw new Error(`the server mixes answers: ${this.#code} and ${code}`);
    if (this.#lines.length >= mostLines) throw new Error('the server sends an answer without end');
    this.#code = code;
    this.#lines.push(match[3] ?? '');
    if (match[2] === '-') return undefined;
    const lines = this.#lines;
    this.#lines = [];
    return { code, words: wordsOf(code, lines), lines };
  }
}

/** One line: the enhanced status code (RFC 2034) stands in each line of an answer, and is kept once. */
function wordsOf(code: number, lines: string[]): string {
  if (lines.length === 1) return `${code} ${lines[0]}`.trim().slice(0, longestWords);
  const status = /^[245]\.\d{1,3}\.\d{1,3}(?= |$)/.exec(lines[0] ?? '')?.[0];
  const texts = lines.map((line) => (status && line.startsWith(status) ? line.slice(status.length) : line));
  return [code, status, ...texts.map((text) => text.trim())].filter(Boolean).join(' ').slice(0, longestWords);
}
