import type { CompiledBody, CompiledEdition, CompiledPiece, CompiledSection } from './compile.ts';
import { isUnspaced } from './flowed.ts';
import { addressHeader, mailbox, mailDate } from './headers.ts';
import { type CountedValue, type ReaderValue, readerValues } from './marks.ts';
import { decodeQuotedPrintable, encodeQuotedPrintable, isPlain } from './quoted-printable.ts';
import { catalogueFor } from './words.ts';

/** What is put in for one reader. Texts are plain: they are escaped for where they go. */
export type ReaderValues = Record<Exclude<ReaderValue, CountedValue | 'why'>, string>;

/** Which stories a reader gets: for each slot of the edition, in the same order, positions of candidates. */
export type Choice = number[][];

/** What the headers of one message need. */
export interface Envelope {
  to: string;
  toName: string | null;
  /** With its angle brackets. The same for a delivery however often it is tried. */
  messageId: string;
  date: Date;
  /** A mailto address that unsubscribes, beside the https one; none if undefined. */
  unsubscribeMail?: string;
  /** Further header lines in ASCII, each with its CRLF. */
  furtherHeaders?: string;
  /** Which of the edition's subjects; the first if undefined. */
  subject?: number;
}

/** One reader's message (RFC 5322) as a list of buffers; what is common to all readers is not copied. */
export function assembleMessage(
  compiled: CompiledEdition,
  choice: Choice,
  values: ReaderValues,
  envelope: Envelope,
): Buffer[] {
  const common = commonOf(compiled);
  // All that is this reader's own is made in one piece: making many small buffers is what would cost.
  let own =
    `${recipientHeader(envelope)}Message-ID: ${envelope.messageId}\r\nDate: ${dateOf(envelope.date)}\r\n` +
    unsubscribeHeaders(values.unsubscribeUrl, envelope.unsubscribeMail) +
    (envelope.furtherHeaders ?? '');
  let first: Buffer | undefined;
  if (notAscii.test(own)) {
    first = Buffer.from(own);
    own = '';
  }
  const headersEnd = own.length;
  const ends: number[] = [];
  const escapedEnds: number[] = [];
  for (const value of common.used) {
    const text = valueAt(compiled, values, value);
    own += encoded(text);
    ends.push(own.length);
    if (needsEscape.test(text)) own += encoded(escapeHtml(text));
    escapedEnds.push(own.length);
  }
  const bytes = Buffer.from(own, 'latin1');
  first ??= bytes.subarray(0, headersEnd);
  const plain: Buffer[] = [];
  const escaped: Buffer[] = [];
  let start = headersEnd;
  for (const [at, value] of common.used.entries()) {
    const [end, escapedEnd] = [ends[at] as number, escapedEnds[at] as number];
    plain[value] = bytes.subarray(start, end);
    escaped[value] = escapedEnd > end ? bytes.subarray(end, escapedEnd) : (plain[value] as Buffer);
    start = escapedEnd;
  }

  const numbers = new Numbers();
  const out = [first, common.heads[envelope.subject ?? 0] as Buffer];
  appendBody(out, compiled.text, choice, (value) => plain[value] ?? (numbers.next(value) as Buffer));
  out.push(common.middle);
  appendBody(out, compiled.html, choice, (value) => escaped[value] as Buffer);
  out.push(common.end);
  return out;
}

const notAscii = /[^\x00-\x7F]/;

const textHeaders = ({ language }: CompiledEdition) =>
  `Content-Type: text/plain; charset=utf-8; format=flowed${isUnspaced(language) ? '; delsp=yes' : ''}\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n`;

const htmlHeaders =
  'Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n';

function valueAt(compiled: CompiledEdition, values: ReaderValues, value: number): string {
  const name = readerValues[value] as keyof ReaderValues | 'why';
  return name === 'why'
    ? catalogueFor(compiled.language).why(compiled.newsletter.name, values.email)
    : values[name];
}

/** Counts the links of one message's text. */
class Numbers {
  readonly #counts = new Map<number, number>();

  /** The next number, if the value is one that is counted. */
  next(value: number): Buffer | undefined {
    if (value !== linkNumber && value !== listNumber) return undefined;
    const count = (this.#counts.get(value) ?? 0) + 1;
    this.#counts.set(value, count);
    numberBytes[count] ??= Buffer.from(`${count}=\r\n`);
    return numberBytes[count];
  }
}

const linkNumber = readerValues.indexOf('linkNumber');
const listNumber = readerValues.indexOf('listNumber');
const numberBytes: Buffer[] = [];

/** What all messages of a compiled edition share beside their bodies. */
interface Common {
  /** What follows a message's own headers, up to its text: for each subject. */
  heads: Buffer[];
  middle: Buffer;
  end: Buffer;
  /** The values that the bodies hold, those that are counted aside. */
  used: number[];
}

const commons = new WeakMap<CompiledEdition, Common>();

function commonOf(compiled: CompiledEdition): Common {
  let known = commons.get(compiled);
  if (!known) {
    const { boundary, headers } = compiled;
    known = {
      heads: compiled.subjects.map((subject) =>
        Buffer.from(`${subject}${headers}\r\n--${boundary}\r\n${textHeaders(compiled)}`),
      ),
      middle: Buffer.from(`\r\n--${boundary}\r\n${htmlHeaders}`),
      end: Buffer.from(`\r\n--${boundary}--\r\n`),
      used: usedIn([...compiled.text, ...compiled.html]).filter(
        (value) => value !== linkNumber && value !== listNumber,
      ),
    };
    commons.set(compiled, known);
  }
  return known;
}

function usedIn(body: CompiledBody): number[] {
  const pieces = body.flatMap((part) =>
    typeof part === 'number' || Buffer.isBuffer(part)
      ? [part]
      : [...part.before, ...[...part.blocks.values()].flat(), ...part.after],
  );
  return [...new Set(pieces.filter((piece) => typeof piece === 'number'))];
}

// Names and addresses as most people have them need no folding and no encoding.
const simpleName = /^[A-Za-z0-9][A-Za-z0-9 ]{0,38}$/;
const simpleAddress = /^[A-Za-z0-9.@_+-]{3,28}$/;

function recipientHeader({ to, toName }: Envelope): string {
  return simpleAddress.test(to) && (!toName || (simpleName.test(toName) && !toName.endsWith(' ')))
    ? toName
      ? `To: ${toName} <${to}>\r\n`
      : `To: ${to}\r\n`
    : addressHeader('To', mailbox(toName, to));
}

// RFC 8058: the mailbox provider may unsubscribe with one POST.
function unsubscribeHeaders(url: string, mail: string | undefined): string {
  return `List-Unsubscribe: ${mail ? `<mailto:${mail}>,\r\n ` : ''}<${url}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n`;
}

// Many messages are made within one second.
let dated = { second: Number.NaN, text: '' };

function dateOf(at: Date): string {
  const second = Math.floor(at.getTime() / 1000);
  if (second !== dated.second) dated = { second, text: mailDate(at) };
  return dated.text;
}

/** One reader's page: the HTML of their message, decoded, for the browser. */
export function assembleHtml(compiled: CompiledEdition, choice: Choice, values: ReaderValues): string {
  return decoded(compiled.html, choice, (value) =>
    encodedValue(escapeHtml(valueAt(compiled, values, value))),
  );
}

/** One reader's plain text, decoded. */
export function assembleText(compiled: CompiledEdition, choice: Choice, values: ReaderValues): string {
  const numbers = new Numbers();
  const text = decoded(
    compiled.text,
    choice,
    (value) => numbers.next(value) ?? encodedValue(valueAt(compiled, values, value)),
  );
  return text.replace(/\r\n/g, '\n');
}

function decoded(body: CompiledBody, choice: Choice, encode: (value: number) => Buffer): string {
  const out: Buffer[] = [];
  appendBody(out, body, choice, encode);
  return decodeQuotedPrintable(Buffer.concat(out).toString('latin1'));
}

function appendBody(
  out: Buffer[],
  body: CompiledBody,
  choice: Choice,
  encode: (value: number) => Buffer,
): void {
  for (let at = 0; at < body.length; at++) {
    const part = body[at] as CompiledBody[number];
    if (typeof part === 'number') out.push(encode(part));
    else if (Buffer.isBuffer(part)) out.push(part);
    else appendSection(out, part, choice[part.slot] ?? [], encode);
  }
}

function appendSection(
  out: Buffer[],
  section: CompiledSection,
  positions: readonly number[],
  encode: (value: number) => Buffer,
): void {
  let isOpen = false;
  for (let at = 0; at < positions.length; at++) {
    const block = section.blocks.get(positions[at] as number);
    if (!block) continue;
    if (!isOpen) appendPieces(out, section.before, encode);
    isOpen = true;
    appendPieces(out, block, encode);
  }
  if (isOpen) appendPieces(out, section.after, encode);
}

function appendPieces(out: Buffer[], pieces: CompiledPiece[], encode: (value: number) => Buffer): void {
  for (let at = 0; at < pieces.length; at++) {
    const piece = pieces[at] as CompiledPiece;
    out.push(typeof piece === 'number' ? encode(piece) : piece);
  }
}

const encoded = (value: string) => encodeQuotedPrintable(isPlain(value) ? value : oneLine(value));
const encodedValue = (value: string) => Buffer.from(encoded(value), 'latin1');

const needsEscape = /[&<>"']/;

const escapes: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Escapes text for HTML, safe in an element and in a quoted attribute. */
export function escapeHtml(text: string): string {
  return oneLine(text).replace(/[&<>"']/g, (character) => escapes[character] ?? character);
}

// A name with line breaks would draw lines of its own into the plain text.
function oneLine(text: string): string {
  return text.replace(/[\u0000-\u001F\u007F]+/g, ' ');
}
