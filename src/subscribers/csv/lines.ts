import { isUtf8 } from 'node:buffer';
import iconv from 'iconv-lite';

/** A line of a text file, as it stands between two line ends. */
export interface Line {
  /** From 1. */
  number: number;
  text: string;
  /** Set where the line could not be taken whole. */
  problem?: string;
}

/** How much of one line is kept; a longer one is reported and passed over. */
export const longestLine = 1024 * 1024;

const LF = 10;
const CR = 13;

/**
 * Cuts bytes into lines, a chunk's worth at a time, in constant memory. Line ends may be LF, CRLF or CR.
 * The text is UTF-8; a line that is not is read as Windows-1252, as Excel writes it. A byte-order mark is obeyed,
 * and UTF-16 is known without one.
 */
export async function* linesOf(input: AsyncIterable<Uint8Array>): AsyncGenerator<Line[]> {
  let number = 0;
  let rest: Buffer = Buffer.alloc(0);
  let overlong = false;

  for await (const chunk of toAsciiCompatible(input)) {
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    const end = lastLineEnd(bytes);
    const lines = end > 0 ? texts(bytes.subarray(0, end)).map((text) => ({ number: ++number, text })) : [];
    if (overlong && lines[0]) {
      lines[0] = { ...lines[0], text: '', ...tooLong };
      overlong = false;
    }
    rest = bytes.subarray(end);
    if (rest.length > longestLine) {
      overlong = true;
      // What cannot be used need not be kept; a CR at the very end may be half of a line end.
      rest = rest.subarray(rest.at(-1) === CR ? rest.length - 1 : rest.length);
    }
    if (lines.length > 0) yield lines.map(limited);
  }
  if (rest.length > 0 || overlong)
    yield texts(rest.length > 0 ? rest : Buffer.from('\n')).map((text) =>
      limited({ number: ++number, text, ...(overlong && tooLong) }),
    );
}

const tooLong = { problem: 'the line is longer than 1 MB' };

const limited = (line: Line): Line =>
  line.text.length > longestLine
    ? { number: line.number, text: line.text.slice(0, 1_000), ...tooLong }
    : line;

/** Where the last complete line of the bytes ends, its line end included; 0 if none does. */
function lastLineEnd(bytes: Buffer): number {
  const lf = bytes.lastIndexOf(LF);
  let cr = bytes.lastIndexOf(CR);
  // A CR at the very end may be followed by its LF in the next chunk.
  if (cr === bytes.length - 1) cr = cr > 0 ? bytes.lastIndexOf(CR, cr - 1) : -1;
  return Math.max(lf, cr) + 1;
}

function texts(bytes: Buffer): string[] {
  if (isUtf8(bytes)) return split(bytes.toString('utf8'));
  // Somewhere in here is a line of another encoding; the other lines need not suffer.
  return split(bytes.toString('latin1')).map((line) => {
    const own = Buffer.from(line, 'latin1');
    return isUtf8(own) ? own.toString('utf8') : iconv.decode(own, 'windows-1252');
  });
}

function split(text: string): string[] {
  const lines = text.includes('\r') ? text.split(/\r\n|\n|\r/) : text.split('\n');
  // The text ends with a line end, except at the end of the file.
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** The same bytes without a byte-order mark, and UTF-16 made UTF-8. */
async function* toAsciiCompatible(input: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let start: Buffer | undefined = Buffer.alloc(0);
  let decoder: ReturnType<typeof iconv.getDecoder> | undefined;
  const decoded = (bytes: Buffer) => (decoder ? Buffer.from(decoder.write(bytes) ?? '') : bytes);

  for await (const piece of input) {
    const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    if (!start) {
      yield decoded(bytes);
      continue;
    }
    start = Buffer.concat([start, bytes]);
    if (start.length < 4) continue;
    const { encoding, markLength } = sniff(start);
    if (encoding) decoder = iconv.getDecoder(encoding, { stripBOM: false });
    yield decoded(start.subarray(markLength));
    start = undefined;
  }
  if (start && start.length > 0) {
    const { encoding, markLength } = sniff(start);
    if (encoding) decoder = iconv.getDecoder(encoding, { stripBOM: false });
    yield decoded(start.subarray(markLength));
  }
  const end = decoder?.end();
  if (end) yield Buffer.from(end);
}

function sniff(start: Buffer): { encoding?: 'utf-16le' | 'utf-16be'; markLength: number } {
  if (start[0] === 0xef && start[1] === 0xbb && start[2] === 0xbf) return { markLength: 3 };
  if (start[0] === 0xff && start[1] === 0xfe) return { encoding: 'utf-16le', markLength: 2 };
  if (start[0] === 0xfe && start[1] === 0xff) return { encoding: 'utf-16be', markLength: 2 };
  // A header is ASCII, which in UTF-16 has a zero in every other byte.
  if (start.length >= 4 && start[0] && !start[1] && start[2] && !start[3])
    return { encoding: 'utf-16le', markLength: 0 };
  if (start.length >= 4 && !start[0] && start[1] && !start[2] && start[3])
    return { encoding: 'utf-16be', markLength: 0 };
  return { markLength: 0 };
}
