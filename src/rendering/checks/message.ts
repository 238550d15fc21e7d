import { assembleMessage, type Choice, type ReaderValues } from '../assemble.ts';
import type { CompiledEdition } from '../compile.ts';

/** A message taken apart as it is sent. */
export interface ExaminedMessage {
  /** By name in lower case, unfolded; the values of repeated ones in a row. */
  headers: Map<string, string[]>;
  /** The encoded bodies by content type; undefined where there is no such part. */
  parts: { text?: Buffer; html?: Buffer };
}

/** Puts one message together and takes it apart again, so that what is looked at is what would be sent. */
export function examinedMessage(
  compiled: CompiledEdition,
  choice: Choice,
  values: ReaderValues,
  date: Date,
): ExaminedMessage {
  const raw = Buffer.concat(
    assembleMessage(compiled, choice, values, {
      to: 'reader@example.com',
      toName: null,
      messageId: '<check@example.com>',
      date,
    }),
  );
  return takenApart(raw);
}

/** Takes a message apart that is a multipart of leaves. */
export function takenApart(raw: Buffer): ExaminedMessage {
  const message = raw.toString('latin1');
  const [head = '', body = ''] = split(message);
  const headers = parseHeaders(head);
  const boundary = /boundary="?([^";\r\n]+)/i.exec(headers.get('content-type')?.[0] ?? '')?.[1];
  const parts: ExaminedMessage['parts'] = {};
  const leaves = boundary === undefined ? [message] : body.split(`--${boundary}`).slice(1, -1);
  for (const leaf of leaves) {
    const [leafHead = '', leafBody = ''] = split(leaf.replace(/^\r\n/, ''));
    const type = parseHeaders(leafHead).get('content-type')?.[0] ?? 'text/plain';
    const bytes = Buffer.from(leafBody.replace(/\r\n$/, ''), 'latin1');
    if (/^text\/html\b/i.test(type)) parts.html = bytes;
    else if (/^text\/plain\b/i.test(type)) parts.text = bytes;
  }
  return { headers, parts };
}

function split(text: string): [string, string] {
  const end = text.indexOf('\r\n\r\n');
  return end < 0 ? [text, ''] : [text.slice(0, end), text.slice(end + 4)];
}

function parseHeaders(head: string): Map<string, string[]> {
  const headers = new Map<string, string[]>();
  for (const line of head.replace(/\r\n[ \t]+/g, ' ').split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const name = line.slice(0, colon).toLowerCase();
    headers.set(name, [...(headers.get(name) ?? []), line.slice(colon + 1).trim()]);
  }
  return headers;
}
