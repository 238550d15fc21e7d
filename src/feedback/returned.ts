import { addressesIn } from './addresses.ts';
import { plainText } from './html-text.ts';
import { type Headers, headerValues, type Part, readHeaders } from './mime.ts';

/** The headers of the returned message, as far as it was returned. */
export function originalHeaders(parts: Part[]): Headers {
  const part = parts.find(isOriginal);
  if (!part) return headersAfterNotice(textOf(parts));
  return /^message\/|^text\/rfc822/.test(part.type) ? readHeaders(part.text) : part.headers;
}

/** Whether a part is the returned message, or its headers. */
export function isOriginal(part: Part): boolean {
  return (
    /^(?:message\/(?:rfc822|global(?!-)|partial)|text\/rfc822)/.test(part.type) ||
    (!part.whole && part.headers.some(([name]) => name === 'return-path' || name === 'message-id'))
  );
}

// In servers that know no MIME the returned message stands below the notice.
function headersAfterNotice(text: string): Headers {
  const at = text.search(/^(?:received|return-path|message-id|date|from|to|subject): ?\S/im);
  return at === -1 ? [] : readHeaders(text.slice(at, at + 50_000));
}

/** The parts that people read, before the returned message. */
export function textParts(parts: Part[]): Part[] {
  const end = parts.findIndex(isOriginal);
  const before = (end === -1 ? parts : parts.slice(0, end)).filter((part) => part.type.startsWith('text/'));
  const plain = before.filter((part) => part.type !== 'text/html');
  return plain.some((part) => part.text.trim()) ? plain : before;
}

/** What a notice says for people, before the returned message; of text and HTML that say the same, the text. */
export function textOf(parts: Part[]): string {
  return textParts(parts)
    .map((part) => (part.type === 'text/html' ? plainText(part.text) : part.text))
    .join('\n')
    .slice(0, 200_000);
}

const arrivedAt = [
  'delivered-to',
  'x-original-to',
  'envelope-to',
  'x-envelope-to',
  'original-recipient',
  'to',
  'cc',
];

/** The addresses that a message came to, and its original came from: one of them may be a return path of ours. */
export function returnPathsOf(headers: Headers, original: Headers): string[] {
  const values = [
    ...arrivedAt.flatMap((name) => headerValues(headers, name)),
    ...headerValues(original, 'return-path'),
  ];
  return addressesIn(values.join('\n').slice(0, 20_000)).slice(0, 50);
}

/** The Message-IDs that a message refers to, without angle brackets: of what it returns, and of what it answers. */
export function messageIdsOf(headers: Headers, original: Headers): string[] {
  const values = [
    ...headerValues(original, 'message-id'),
    ...headerValues(headers, 'in-reply-to'),
    ...headerValues(headers, 'references'),
    ...headerValues(headers, 'x-original-message-id'),
  ];
  return [
    ...new Set(
      [
        ...values
          .join('\n')
          .slice(0, 20_000)
          .matchAll(/<([^<>\s]{3,400})>/g),
      ].map((match) => match[1]!),
    ),
  ].slice(0, 50);
}
