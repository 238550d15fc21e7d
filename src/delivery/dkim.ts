import { createHash, type KeyObject, sign } from 'node:crypto';

/** A key that messages are signed with. */
export interface DkimKey {
  /** The `d=` of the signature: the domain of the From address, or one above it. */
  domain: string;
  selector: string;
  algorithm: 'rsa-sha256' | 'ed25519-sha256';
  key: KeyObject;
}

/** What is signed of the headers, where it is there. From, To and Subject twice, so that nobody adds another. */
const signedHeaders = [
  ...['from', 'from', 'to', 'to', 'subject', 'subject', 'date', 'message-id', 'reply-to'],
  ...['mime-version', 'content-type', 'content-language'],
  // RFC 8058 section 4 asks for both.
  ...['list-id', 'list-unsubscribe', 'list-unsubscribe-post', 'feedback-id', 'precedence', 'auto-submitted'],
];

/**
 * Signs a message (RFC 6376; RFC 8463 for Ed25519), with relaxed canonicalization of the headers and simple of the body.
 * The private key's work is done by the thread pool of the process.
 * @param raw the message in pieces, with CRLF line ends; none ends within a header
 * @returns a DKIM-Signature header for each key, to stand in front of it
 * @throws Error if a key cannot sign
 */
export async function dkimSignatures(
  raw: readonly Buffer[],
  keys: readonly DkimKey[],
  at: Date,
): Promise<Buffer> {
  const { headers, bodyHash } = readMessage(raw);
  const chosen = choose(headers);
  const names = foldedNames(chosen.names);
  const time = Math.floor(at.getTime() / 1000);
  const signed = await Promise.all(
    keys.map(async (key) => {
      const { algorithm, domain, selector } = key;
      const tags = `DKIM-Signature: v=1; a=${algorithm}; c=relaxed/simple; d=${domain}; s=${selector};\r\n t=${time};\r\n h=${names};\r\n bh=${bodyHash};\r\n b=`;
      const data = Buffer.from(`${chosen.text}${relaxed(tags)}`, 'latin1');
      return `${tags}${folded((await signature(data, key)).toString('base64'))}\r\n`;
    }),
  );
  return Buffer.from(signed.join(''), 'latin1');
}

/** How many bytes the signatures of these keys have, about: for telling a message's size before it is signed. */
export function sizeOfSignatures(keys: readonly DkimKey[]): number {
  return keys.reduce((sum, { algorithm }) => sum + (algorithm === 'rsa-sha256' ? 900 : 620), 0);
}

/** The keys for a From address: those of its domain, else those of the nearest domain above it. */
export function keysFor(keys: readonly DkimKey[], fromAddress: string): DkimKey[] {
  const domain = fromAddress.slice(fromAddress.lastIndexOf('@') + 1).toLowerCase();
  const fitting = keys.filter((key) => domain === key.domain || domain.endsWith(`.${key.domain}`));
  const nearest = Math.max(...fitting.map((key) => key.domain.length));
  return fitting.filter((key) => key.domain.length === nearest);
}

function signature(data: Buffer, { algorithm, key }: DkimKey): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, made: Buffer) => (error ? reject(error) : resolve(made));
    if (algorithm === 'rsa-sha256') sign('sha256', data, key, done);
    // RFC 8463 section 3: the hash is what is signed.
    else sign(null, createHash('sha256').update(data).digest(), key, done);
  });
}

const headersEnd = '\r\n\r\n';

/** The headers as text, and the base64 SHA-256 of the body (RFC 6376 section 3.4.3). */
function readMessage(raw: readonly Buffer[]): { headers: string[]; bodyHash: string } {
  const headers: string[] = [];
  const hash = createHash('sha256');
  let at = 0;
  for (; at < raw.length; at++) {
    // The first piece is this message's own; those behind it are shared.
    const part = at === 0 ? takenApart(raw[at] as Buffer) : partOf(raw[at] as Buffer);
    headers.push(...part.headers);
    if (part.body) {
      hash.update(withoutLastLines(part.body, raw.slice(at + 1)));
      break;
    }
  }
  for (at++; at < raw.length; at++) hash.update(withoutLastLines(raw[at] as Buffer, raw.slice(at + 1)));
  return { headers, bodyHash: hash.digest('base64') };
}

/** Of what ends the body, one line end counts. Messages of ours end with one; others might not. */
function withoutLastLines(part: Buffer, after: readonly Buffer[]): Buffer {
  if (after.length > 0) return part;
  let end = part.length;
  while (end >= 4 && part.toString('latin1', end - 4, end) === headersEnd) end -= 2;
  const ended = part.subarray(0, end);
  return end >= 2 && part[end - 2] === 13 && part[end - 1] === 10
    ? ended
    : Buffer.concat([ended, Buffer.from('\r\n')]);
}

interface Part {
  headers: string[];
  /** What comes behind the empty line; undefined if that is not in this part. */
  body: Buffer | undefined;
}

// What all messages of an edition share is taken apart once.
const parts = new WeakMap<Buffer, Part>();

function partOf(piece: Buffer): Part {
  let known = parts.get(piece);
  if (!known) {
    known = takenApart(piece);
    parts.set(piece, known);
  }
  return known;
}

function takenApart(piece: Buffer): Part {
  // The empty line may begin where the piece does.
  const end = piece.indexOf(headersEnd);
  const text = (end < 0 ? piece : piece.subarray(0, end + 2)).toString('latin1');
  return {
    headers: text.split(/\r\n(?![ \t])/).filter(Boolean),
    body: end < 0 ? undefined : piece.subarray(end + headersEnd.length),
  };
}

function choose(headers: string[]): { names: string[]; text: string } {
  const left = new Map<string, string[]>();
  for (const header of headers) {
    const name = header.slice(0, header.indexOf(':')).trim().toLowerCase();
    left.set(name, [...(left.get(name) ?? []), header]);
  }
  const names: string[] = [];
  let text = '';
  for (const name of signedHeaders) {
    const all = left.get(name);
    if (!all && !names.includes(name)) continue;
    names.push(name);
    // The last one first (RFC 6376 section 5.4.2); none left: that there is none is signed.
    const header = all?.pop();
    if (header) text += `${relaxed(header)}\r\n`;
  }
  return { names, text };
}

/** RFC 6376 section 3.4.2. */
function relaxed(header: string): string {
  const colon = header.indexOf(':');
  const value = header
    .slice(colon + 1)
    .replace(/\r\n/g, '')
    .replace(/[ \t]+/g, ' ')
    .trim();
  return `${header.slice(0, colon).trim().toLowerCase()}:${value}`;
}

/** A list of names, with line ends only between them. */
function foldedNames(names: string[]): string {
  let column = 3;
  return names
    .map((name, index) => {
      const text = index < names.length - 1 ? `${name}:` : name;
      const breaks = column + text.length > 74;
      column = (breaks ? 1 : column) + text.length;
      return breaks ? `\r\n ${text}` : text;
    })
    .join('');
}

/** Lines of at most 76 characters, for values in which white space counts for nothing. */
const folded = (text: string) => text.match(/.{1,72}/g)?.join('\r\n ') ?? '';
