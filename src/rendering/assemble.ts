import type { CompiledBody, CompiledEdition, CompiledPiece } from './compile.ts';
import { header, mailbox, mailDate } from './headers.ts';
import type { ReaderValue } from './marks.ts';
import { decodeQuotedPrintable, encodeQuotedPrintable } from './quoted-printable.ts';

/** What is put in for one reader. Texts are plain: they are escaped for where they go. */
export type ReaderValues = Record<ReaderValue, string>;

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
}

/** One reader's message (RFC 5322) as a list of buffers; what is common to all readers is not copied. */
export function assembleMessage(
  compiled: CompiledEdition,
  choice: Choice,
  values: ReaderValues,
  envelope: Envelope,
): Buffer[] {
  const unsubscribe = [
    envelope.unsubscribeMail ? `<mailto:${envelope.unsubscribeMail}>` : '',
    `<${values.unsubscribeUrl}>`,
  ].filter(Boolean);
  const out: Buffer[] = [
    Buffer.from(
      header('To', mailbox(envelope.toName, envelope.to)) +
        `Message-ID: ${envelope.messageId}\r\n` +
        `Date: ${mailDate(envelope.date)}\r\n` +
        `List-Unsubscribe: ${unsubscribe.join(',\r\n ')}\r\n` +
        // RFC 8058: the mailbox provider may unsubscribe with one POST.
        'List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n' +
        compiled.headers +
        `\r\n--${compiled.boundary}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n`,
    ),
  ];
  appendBody(out, compiled.text, choice, values, false);
  out.push(
    Buffer.from(
      `\r\n--${compiled.boundary}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n`,
    ),
  );
  appendBody(out, compiled.html, choice, values, true);
  out.push(Buffer.from(`\r\n--${compiled.boundary}--\r\n`));
  return out;
}

/** One reader's page: the HTML of their message, decoded, for the browser. */
export function assembleHtml(compiled: CompiledEdition, choice: Choice, values: ReaderValues): string {
  return decoded(compiled.html, choice, values, true);
}

/** One reader's plain text, decoded. */
export function assembleText(compiled: CompiledEdition, choice: Choice, values: ReaderValues): string {
  return decoded(compiled.text, choice, values, false).replace(/\r\n/g, '\n');
}

function decoded(body: CompiledBody, choice: Choice, values: ReaderValues, html: boolean): string {
  const out: Buffer[] = [];
  appendBody(out, body, choice, values, html);
  return decodeQuotedPrintable(Buffer.concat(out).toString('latin1'));
}

function appendBody(
  out: Buffer[],
  body: CompiledBody,
  choice: Choice,
  values: ReaderValues,
  html: boolean,
): void {
  const encoded = new Map<ReaderValue, Buffer>();
  const append = (piece: CompiledPiece) => {
    if (Buffer.isBuffer(piece)) {
      out.push(piece);
      return;
    }
    let bytes = encoded.get(piece.value);
    if (!bytes) {
      const value = values[piece.value];
      bytes = Buffer.from(encodeQuotedPrintable(html ? escapeHtml(value) : oneLine(value)), 'latin1');
      encoded.set(piece.value, bytes);
    }
    out.push(bytes);
  };
  for (const part of body) {
    if (Buffer.isBuffer(part) || 'value' in part) {
      append(part);
      continue;
    }
    const positions = (choice[part.slot] ?? []).filter((position) => part.blocks.has(position));
    if (positions.length === 0) continue;
    for (const piece of part.before) append(piece);
    for (const position of positions) for (const piece of part.blocks.get(position) ?? []) append(piece);
    for (const piece of part.after) append(piece);
  }
}

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
