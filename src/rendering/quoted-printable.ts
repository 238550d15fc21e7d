const hex = Array.from({ length: 256 }, (_, byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`);
const lineLimit = 76;

/**
 * Encodes text as quoted-printable (RFC 2045 section 6.7), assuming that it starts a line.
 * Line breaks of any kind become CRLF. The result ends with a soft line break unless the text ends a line, so that
 * encoded pieces can be put one behind the other in any order.
 */
export function encodeQuotedPrintable(text: string): string {
  if (text !== '' && isPlain(text)) return `${breakLine(text)}=\r\n`;
  const out: string[] = [];
  for (const [index, line] of text.split(/\r\n|\r|\n/).entries()) {
    if (index > 0) out.push('\r\n');
    out.push(encodeLine(line));
  }
  const encoded = out.join('');
  return encoded === '' || encoded.endsWith('\r\n') ? encoded : `${encoded}=\r\n`;
}

// ASCII without "=", not ending in white space.
const plainLine = /^(?:[ -<>-~]*[!-<>-~])?$/;

/** Whether a text is one line that needs nothing but to be broken. */
export const isPlain = (text: string): boolean => plainLine.test(text);

/** Most lines need nothing but to be broken. */
function breakLine(line: string): string {
  if (line.length < lineLimit && line.charCodeAt(0) !== 46) return line;
  let out = '';
  for (let at = 0; at < line.length; ) {
    if (at > 0) out += '=\r\n';
    const dot = line.charCodeAt(at) === 46;
    const end = at + lineLimit - 1 - (dot ? 2 : 0);
    out += dot ? `=2E${line.slice(at + 1, end)}` : line.slice(at, end);
    at = end;
  }
  return out;
}

function encodeLine(line: string): string {
  if (plainLine.test(line)) return breakLine(line);
  const bytes = Buffer.from(line, 'utf8');
  let out = '';
  let column = 0;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] as number;
    const last = index === bytes.length - 1;
    // White space may not end a line, nor does every relay keep a line that begins with a dot or "From ".
    const plain =
      (byte >= 33 && byte <= 126 && byte !== 61 && !(byte === 46 && column === 0)) ||
      ((byte === 32 || byte === 9) && !last);
    const token = plain ? String.fromCharCode(byte) : (hex[byte] as string);
    if (column + token.length > lineLimit - 1) {
      out += '=\r\n';
      column = 0;
      if (byte === 46) {
        out += '=2E';
        column = 3;
        continue;
      }
    }
    out += token;
    column += token.length;
  }
  return out;
}

/** Decodes quoted-printable text that holds UTF-8. */
export function decodeQuotedPrintable(encoded: string): string {
  const bytes = encoded
    .replace(/(?<![ \t])[ \t]+(?=\r?\n)/g, '')
    .replace(/=\r?\n/g, '')
    .replace(/=([0-9A-Fa-f]{2})/g, (_, digits) => String.fromCharCode(Number.parseInt(digits, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
