/** Control characters, line ends among them, would let a value add headers of its own (RFC 5322 section 2.2). */
const controls = /[\u0000-\u001F\u007F-\u009F\u2028\u2029]+/g;

/**
 * Writes one header, folded below 78 characters where it can be, with encoded words (RFC 2047) for what is not ASCII.
 * @returns the header with its CRLF
 */
export function header(name: string, value: string): string {
  const clean = value.replace(controls, ' ').trim();
  // No line may be longer than 998 characters (RFC 5322 section 2.1.1), and only spaces allow folding.
  const isPlain = /^[\x20-\x7E]*$/.test(clean) && !/\S{900}/.test(clean);
  const text = isPlain ? clean : encodeWords(clean, name.length + 2);
  return `${fold(`${name}: ${text}`)}\r\n`;
}

/**
 * Writes a header that holds addresses, made by `mailbox`. Their names are encoded already, and an address beyond ASCII
 * stands in it as it is (RFC 6532), as no encoded word may stand in an address (RFC 2047 section 5).
 */
export function addressHeader(name: string, value: string): string {
  return `${fold(`${name}: ${value.replace(controls, ' ').trim()}`)}\r\n`;
}

/** An address with its display name (RFC 5322 section 3.4), for From, To and Reply-To. */
export function mailbox(name: string | null | undefined, address: string): string {
  const clean = (name ?? '').replace(controls, ' ').trim();
  const safe = address.replace(/[\s<>\u0000-\u001F\u007F-\u009F]/g, '');
  if (!clean) return safe;
  if (!/^[\x20-\x7E]*$/.test(clean)) return `${encodeWords(clean, 8)} <${safe}>`;
  if (/^[A-Za-z0-9 !#$%&'*+\-/=?^_`{|}~]+$/.test(clean)) return `${clean} <${safe}>`;
  return `"${clean.replace(/["\\]/g, '\\$&')}" <${safe}>`;
}

// An encoded word is at most 75 characters, and holds whole characters only (RFC 2047 section 2 and 5).
function encodeWords(text: string, firstColumn: number): string {
  const words: string[] = [];
  let bytes = 0;
  let word = '';
  let room = Math.floor(((75 - 12 - firstColumn) / 4) * 3);
  for (const character of text.toWellFormed()) {
    const size = Buffer.byteLength(character);
    if (bytes + size > room && word) {
      words.push(word);
      word = '';
      bytes = 0;
      room = 45;
    }
    word += character;
    bytes += size;
  }
  if (word) words.push(word);
  return words.map((each) => `=?UTF-8?B?${Buffer.from(each).toString('base64')}?=`).join(' ');
}

function fold(line: string): string {
  if (line.length <= 78) return line;
  const lines: string[] = [];
  let current = '';
  for (const word of line.split(' ')) {
    if (current && current.length + 1 + word.length > 78 && !/^[\w-]+:$/.test(current)) {
      lines.push(current);
      current = ` ${word}`;
    } else current = current ? `${current} ${word}` : word;
  }
  lines.push(current);
  return lines.join('\r\n');
}

/** An instant as RFC 5322 section 3.3 writes it, in UTC. */
export function mailDate(at: Date): string {
  return at.toUTCString().replace('GMT', '+0000');
}
