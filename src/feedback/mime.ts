import { isUtf8 } from 'node:buffer';

/** A header section: names in lower case, values unfolded, in their order. */
export type Headers = [name: string, value: string][];

/** A part of a message that is not cut further. Its text is decoded, with \n line ends. */
export interface Part {
  /** Media type in lower case; `text/plain` if the part names none. */
  type: string;
  headers: Headers;
  text: string;
  /** Whether it is the whole message, which then has no parts. */
  whole: boolean;
}

/** A message as its headers and its parts in order, however deep they were nested. */
export interface MimeMessage {
  headers: Headers;
  parts: Part[];
}

// Bounces come from strangers. What says why is at the front, so what lies beyond these bounds can be dropped.
const maxDepth = 20;
const maxParts = 200;
const maxBytes = 8_000_000;
const maxHeaderLines = 2_000;
const maxTextLength = 1_000_000;

/**
 * Reads a message's structure as far as there is one. Bounces are often not well-formed (missing or wrong boundaries,
 * cut ends, headers that a gateway dropped, a report pasted into a text), so nothing is an error: what has no structure is
 * text. A returned message (message/rfc822) stays one part. Never throws.
 */
export function readMime(bytes: Uint8Array): MimeMessage {
  // As Latin-1 every byte is one character, so that the structure can be cut before any charset is known.
  const raw = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, maxBytes))
    .toString('latin1')
    .replace(/\r\n?/g, '\n')
    .replace(/^\n+/, '')
    .replace(/^>?From [^\n]*\n/, '');
  const { headers, body } = splitHeaders(raw);
  const parts: Part[] = [];
  collect(headers, body, 0, parts);
  return { headers, parts };
}

/** Reads a header section that stands at the beginning of a text, such as the text of a returned message. */
export function readHeaders(text: string): Headers {
  return splitHeaders(text.replace(/^\n+/, '').replace(/^>?From [^\n]*\n/, '')).headers;
}

/** The first value of a header, or undefined. */
export function header(headers: Headers, name: string): string | undefined {
  return headers.find(([key]) => key === name)?.[1];
}

/** All values of a header. */
export function headerValues(headers: Headers, name: string): string[] {
  return headers.filter(([key]) => key === name).map(([, value]) => value);
}

const headerLine = /^([!-9;-~]{1,80})[ \t]*:(.*)$/;

function splitHeaders(text: string): { headers: Headers; body: string } {
  const headers: Headers = [];
  let position = 0;
  for (let count = 0; position < text.length && count < maxHeaderLines; count += 1) {
    let end = text.indexOf('\n', position);
    if (end === -1) end = text.length;
    const line = text.slice(position, end);
    if (line === '' || line === '\r') return { headers, body: text.slice(end + 1) };
    const last = headers.at(-1);
    const match = line.length < 20_000 ? headerLine.exec(line) : null;
    if (/^[ \t]/.test(line)) {
      if (line.trim() === '' && headers.length > 0) return { headers, body: text.slice(end + 1) };
      if (!last) return { headers, body: text.slice(position) };
      if (last[1].length < 50_000) last[1] += ` ${line.trim()}`;
    } else if (match) headers.push([match[1]!.toLowerCase(), match[2]!.trim()]);
    // A line that is no header: a message without headers begins with its body; in between it is damage, and skipped.
    else if (headers.length === 0) return { headers, body: text };
    position = end + 1;
  }
  return { headers, body: text.slice(position) };
}

function collect(headers: Headers, body: string, depth: number, parts: Part[]): void {
  if (parts.length >= maxParts) return;
  const { type, boundary } = contentType(header(headers, 'content-type'));
  const isOriginal = /^(?:message\/(?:rfc822|global)|text\/rfc822)/.test(type);
  if (!isOriginal && depth < maxDepth) {
    const pieces = (boundary && cutAt(body, boundary)) || (type !== 'text/html' && cutAtAny(body));
    if (pieces) {
      // What stands before the first boundary is for readers without MIME, unless a server put the report there.
      const [preamble, ...rest] = pieces;
      if (preamble && /@/.test(preamble))
        parts.push({ type: 'text/plain', headers: [], text: decodeUnknown(preamble), whole: false });
      for (const piece of rest) {
        const inner = splitHeaders(piece.startsWith('\n') ? piece : piece.replace(/^[ \t]*\n/, '\n'));
        if (inner.headers.length === 0 && /^(?:\n|$)/.test(piece))
          collect([], piece.slice(1), depth + 1, parts);
        else collect(inner.headers, inner.body, depth + 1, parts);
      }
      return;
    }
  }
  // A multipart whose boundary never comes is the text it is.
  const leaf = type.startsWith('multipart/') ? 'text/plain' : type;
  parts.push({ type: leaf, headers, text: decodeBody(headers, body), whole: depth === 0 });
}

/** The text before the first boundary and the pieces after each, or undefined if the boundary never comes. */
function cutAt(body: string, boundary: string): string[] | undefined {
  const marker = `--${boundary}`;
  return cutWhere(body, (line) => {
    const trimmed = line.trim();
    if (!trimmed.startsWith(marker)) return undefined;
    const rest = trimmed.slice(marker.length);
    return rest === '' ? 'part' : rest === '--' ? 'end' : undefined;
  });
}

/** Cuts at lines that look like a boundary because a part's headers follow: for undeclared or wrong boundaries. */
function cutAtAny(body: string): string[] | undefined {
  if (!/\n[ \t]*--[^\n]{1,200}\nContent-[a-z-]{2,40}:/i.test(`\n${body.slice(0, maxTextLength)}`))
    return undefined;
  return cutWhere(body, (line, next) =>
    /^[ \t]*--\S/.test(line) && /^content-[a-z-]{2,40}[ \t]*:/i.test(next) ? 'part' : undefined,
  );
}

function cutWhere(
  body: string,
  role: (line: string, next: string) => 'part' | 'end' | undefined,
): string[] | undefined {
  const pieces: string[] = [];
  let from = 0;
  let position = 0;
  while (position < body.length && pieces.length < maxParts) {
    let end = body.indexOf('\n', position);
    if (end === -1) end = body.length;
    // Only a line that begins with dashes can be a boundary (RFC 2046 section 5.1.1); a gateway may have indented it.
    if (end - position < 300 && /^[ \t]*--/.test(body.slice(position, position + 12))) {
      const found = role(body.slice(position, end), body.slice(end + 1, end + 60));
      if (found) {
        pieces.push(body.slice(from, Math.max(from, position - 1)));
        from = end + 1;
        if (found === 'end') return pieces;
      }
    }
    position = end + 1;
  }
  if (pieces.length === 0) return undefined;
  pieces.push(body.slice(from));
  return pieces;
}

function contentType(value = ''): { type: string; boundary?: string; charset?: string } {
  const type = /^\s*([a-z0-9.+-]+\/[a-z0-9.+-]+)/i.exec(value)?.[1]?.toLowerCase() ?? 'text/plain';
  return { type, boundary: parameter(value, 'boundary'), charset: parameter(value, 'charset') };
}

function parameter(value: string, name: string): string | undefined {
  const match = new RegExp(`;\\s*${name}\\*?\\s*=\\s*(?:"([^"]*)"|([^\\s;]+))`, 'i').exec(
    value.slice(0, 4_000),
  );
  return (match?.[1] ?? match?.[2])?.trim() || undefined;
}

function decodeBody(headers: Headers, body: string): string {
  const encoding = header(headers, 'content-transfer-encoding')?.toLowerCase() ?? '';
  const { charset } = contentType(header(headers, 'content-type'));
  const cut = body.slice(0, encoding.includes('base64') ? maxTextLength * 1.4 : maxTextLength);
  if (encoding.includes('base64') && /^[A-Za-z0-9+/=\s]*$/.test(cut.slice(0, 2_000)))
    return decodeCharset(Buffer.from(cut, 'base64'), charset);
  if (encoding.includes('quoted-printable')) return decodeCharset(unquote(cut), charset);
  return decodeCharset(Buffer.from(cut, 'latin1'), charset);
}

// RFC 2045 section 6.7. An equals sign that encodes nothing stands for itself.
function unquote(text: string): Buffer {
  return Buffer.from(
    text
      .replace(/=[ \t]{0,20}\n/g, '')
      .replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
}

function decodeUnknown(latin1: string): string {
  return decodeCharset(Buffer.from(latin1.slice(0, maxTextLength), 'latin1'));
}

/** Bytes as text; what a charset cannot say becomes U+FFFD, and an unknown charset is guessed. */
export function decodeCharset(bytes: Buffer, charset?: string): string {
  const label = charset?.toLowerCase() ?? '';
  let decoder = 'windows-1252';
  // Many a report says us-ascii and quotes what is not.
  if (/^(?:|us-ascii|utf-?8)$/.test(label) ? isUtf8(bytes) : false) decoder = 'utf-8';
  else if (label && !/^(?:us-ascii|utf-?8)$/.test(label)) decoder = label;
  let text: string;
  try {
    text = new TextDecoder(decoder).decode(bytes);
  } catch {
    text = isUtf8(bytes) ? bytes.toString('utf8') : bytes.toString('latin1');
  }
  return text.replaceAll('\r\n', '\n').replaceAll('\0', '');
}

/** A header's value with its encoded words read (RFC 2047). */
export function decodeWords(value: string): string {
  return value
    .slice(0, 10_000)
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(
      /=\?([\w.:-]{1,40})(?:\*[\w-]{1,20})?\?([bq])\?([^?\s]*)\?=/gi,
      (_, charset: string, kind: string, text: string) =>
        decodeCharset(
          kind.toLowerCase() === 'b' ? Buffer.from(text, 'base64') : unquote(text.replaceAll('_', ' ')),
          charset,
        ),
    );
}
