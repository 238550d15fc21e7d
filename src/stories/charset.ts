import { isUtf8 } from 'node:buffer';
import chardet from 'chardet';
import iconv from 'iconv-lite';

/**
 * Bytes as text. The charset is taken from a byte order mark, else the HTTP header, else the XML declaration or HTML
 * meta tag, else it is guessed. Never throws: what a charset cannot say becomes U+FFFD.
 * @param contentType the HTTP header, if there was one
 * @returns the text without byte order mark, and the charset it was read in
 */
export function decodeText(bytes: Buffer, contentType?: string): { text: string; charset: string } {
  const marked = markedCharset(bytes);
  if (marked) return decode(bytes, marked);
  const declared = known(httpCharset(contentType)) ?? known(declaredCharset(bytes));
  if (isUtf8(bytes)) {
    // Servers name ISO-8859-1 by default; text that is valid UTF-8 beyond ASCII is not that by chance.
    if (!declared || /^(windows-1252|utf-8)$/.test(declared)) return decode(bytes, 'utf-8');
    return decode(bytes, declared);
  }
  if (declared && declared !== 'utf-8') return decode(bytes, declared);
  if (isMostlyUtf8(bytes)) return decode(bytes, 'utf-8');
  const guessed = known(chardet.detect(bytes.subarray(0, 64_000)) ?? undefined);
  // Without a mark, zero bytes are a sign of a picture rather than of UTF-16 or UTF-32.
  return decode(bytes, guessed && !/^utf-?(16|32)/.test(guessed) ? guessed : 'windows-1252');
}

function decode(bytes: Buffer, charset: string): { text: string; charset: string } {
  return { text: iconv.decode(bytes, charset, { stripBOM: true }), charset };
}

function markedCharset(bytes: Buffer): string | undefined {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) return 'utf-8';
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  // "<?" or "<h" in UTF-16 without a mark (XML 1.0, appendix F).
  if (bytes[0] === 0x3c && bytes[1] === 0 && bytes[3] === 0) return 'utf-16le';
  if (bytes[0] === 0 && bytes[1] === 0x3c && bytes[2] === 0) return 'utf-16be';
  return undefined;
}

function httpCharset(contentType: string | undefined): string | undefined {
  return /;\s*charset\s*=\s*["']?([^\s"';]+)/i.exec(contentType ?? '')?.[1];
}

function declaredCharset(bytes: Buffer): string | undefined {
  const head = bytes.subarray(0, 4096).toString('latin1');
  const name =
    /^\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([^"']{1,40})["']/i.exec(head)?.[1] ??
    /<meta\s[^>]{0,300}?charset\s*=\s*["']?([\w.:-]{1,40})/i.exec(head)?.[1];
  // The declaration could be read byte by byte, so the text cannot be UTF-16.
  return name && /^utf-?16/i.test(name) ? 'utf-8' : name;
}

function known(name: string | undefined): string | undefined {
  if (!name || !iconv.encodingExists(name)) return undefined;
  const plain = name.toLowerCase();
  if (/^utf-?8$/.test(plain)) return 'utf-8';
  // As browsers do (WHATWG Encoding Standard): who says Latin-1 or ASCII writes Windows-1252.
  if (/^(iso-?8859-?1|latin-?1|us-ascii|ascii|windows-1252|cp-?1252)$/.test(plain)) return 'windows-1252';
  return plain;
}

// One broken byte in an article of UTF-8 must not turn all its accents into gibberish.
function isMostlyUtf8(bytes: Buffer): boolean {
  let good = 0;
  let bad = 0;
  for (const character of bytes.subarray(0, 256_000).toString('utf8')) {
    if (character === '\ufffd') bad++;
    else if (character > '\x7f') good++;
  }
  return good > bad;
}
