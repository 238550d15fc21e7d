import type { EditionContent } from '../../editions/content.ts';
import { escapeHtml, type ReaderValues } from '../assemble.ts';
import { decodeQuotedPrintable } from '../quoted-printable.ts';
import { counted, type Finding, type Place, shortened } from './finding.ts';
import type { ExaminedMessage } from './message.ts';
import { type ExaminedPage, placeAt } from './page.ts';

/** Gmail cuts the HTML part of a message there, and hides the rest behind a link. */
export const gmailClipBytes = 102 * 1024;

/** A form of the largest digest, and what findings say of it. */
export interface DigestForm {
  message: ExaminedMessage;
  place: Pick<Place, 'language' | 'counted'>;
}

/** The size of the largest digest's HTML part, encoded as it is sent, in the largest of its forms. */
export function checkSize(forms: DigestForm[]): Finding[] {
  const sizes = forms.map(({ message, place }) => ({ bytes: message.parts.html?.length ?? 0, place }));
  const [largest] = sizes.sort((a, b) => b.bytes - a.bytes);
  if (!largest || largest.bytes <= gmailClipBytes * 0.9) return [];
  const { bytes, place } = largest;
  const above = bytes > gmailClipBytes;
  return [
    {
      check: 'size',
      severity: above ? 'error' : 'warning',
      message: `The largest digest has ${kilobytes(bytes)} of HTML; Gmail cuts messages at ${kilobytes(gmailClipBytes)}${above ? ', and with them the unsubscribe link' : ''}.`,
      where: { part: 'html', ...place },
      mend: 'Give the slots fewer stories, or fewer related links to each, or choose a lighter theme.',
    },
  ];
}

const kilobytes = (bytes: number) => `${(bytes / 1024).toFixed(1)} KB`;

/** Whether a reader can leave: by a link in both bodies, and by one click of the mailbox (RFC 8058). */
export function checkUnsubscribe(
  message: ExaminedMessage,
  { unsubscribeUrl }: ReaderValues,
  place: DigestForm['place'],
): Finding[] {
  const found: Finding[] = [];
  if (!decoded(message.parts.html).includes(escapeHtml(unsubscribeUrl)))
    found.push({
      check: 'unsubscribe',
      severity: 'error',
      message: 'The HTML has no unsubscribe link.',
      where: { part: 'html', ...place },
      mend: 'Print reader.unsubscribeUrl as a link in the footer of the theme.',
    });
  if (message.parts.text && !decoded(message.parts.text).includes(unsubscribeUrl))
    found.push({
      check: 'unsubscribe',
      severity: 'error',
      message: 'The plain text has no unsubscribe link.',
      where: { part: 'text', ...place },
      mend: 'Print reader.unsubscribeUrl at the end of the plain text.',
    });
  const header = message.headers.get('list-unsubscribe')?.[0] ?? '';
  const post = message.headers.get('list-unsubscribe-post')?.[0] ?? '';
  if (!header.includes(`<${unsubscribeUrl}>`) || !/^List-Unsubscribe=One-Click$/i.test(post))
    found.push({
      check: 'unsubscribe',
      severity: 'error',
      message: 'The headers List-Unsubscribe and List-Unsubscribe-Post do not let a mailbox unsubscribe.',
      where: { part: 'header', element: header ? shortened(header, 80) : 'List-Unsubscribe', ...place },
      mend: 'Build the edition again, so that its messages are put together anew.',
    });
  return found;
}

/** Whether there is a plain text that says about what the HTML says. */
export function checkText(message: ExaminedMessage, visible: string, form: DigestForm['place']): Finding[] {
  const place = { part: 'text', ...form } as const;
  const text = decoded(message.parts.text).trim();
  if (!text)
    return [
      {
        check: 'text',
        severity: 'error',
        message: 'There is no plain text, or it is empty: some readers see nothing, and spam filters mind.',
        where: place,
        mend: 'Build the edition again; if it stays so, choose another theme.',
      },
    ];
  const words = (each: string) => each.match(/[\p{L}\p{N}]+/gu)?.length ?? 0;
  if (words(visible) >= 40 && words(text.replace(/https?:\S+/g, '')) < words(visible) / 4)
    return [
      {
        check: 'text',
        severity: 'warning',
        message: `The plain text has ${counted(words(text), 'word')}, the HTML ${words(visible)}: spam filters compare them.`,
        where: place,
        mend: 'Let both say the same.',
      },
    ];
  return [];
}

/** Marks of the compiler and braces of a template language that stayed in what readers get. */
export function checkLeftovers(
  part: 'html' | 'text',
  page: ExaminedPage,
  { stories, newsletter, subject, preheader }: EditionContent,
  place: DigestForm['place'],
): Finding[] {
  const found: Finding[] = [];
  const mark = /[\uE000-\uF8FF\u{F0000}-\u{10FFFF}]/u.exec(page.content);
  if (mark)
    found.push({
      check: 'leftovers',
      severity: 'error',
      message: 'A mark of the compiler stayed in the output, which readers see as an empty box.',
      where: { part, ...placeAt(page, mark.index), element: around(page.content, mark.index), ...place },
      mend: 'Print the theme’s values whole, without cutting, changing case, or counting their characters.',
    });
  // A story may be about templates: what its own words say is no leftover.
  const own = JSON.stringify([stories, newsletter, subject, preheader]);
  for (const match of page.content.matchAll(/\{\{[^{}]{0,120}\}\}|\{%[^{}]{0,120}%\}|\$\{[\w.]{1,60}\}/g)) {
    if (own.includes(JSON.stringify(unescaped(match[0])).slice(1, -1))) continue;
    found.push({
      check: 'leftovers',
      severity: 'error',
      message: `Template syntax stayed in the output: ${shortened(match[0], 60)}`,
      where: { part, ...placeAt(page, match.index), element: shortened(match[0], 80), ...place },
      mend: 'Mend the template: the theme’s language did not take this as its own.',
    });
    break;
  }
  return found;
}

/** The decoded text of a part. */
export function decoded(part: Buffer | undefined): string {
  return part ? decodeQuotedPrintable(part.toString('latin1')) : '';
}

function around(text: string, at: number): string {
  return shortened(
    text.slice(Math.max(0, at - 30), at + 30).replace(/[\uE000-\uF8FF\u{F0000}-\u{10FFFF}]/gu, '�'),
    80,
  );
}

function unescaped(text: string): string {
  return text
    .replace(/&#(?:x27|39);/g, "'")
    .replace(/&quot;/g, '"')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&');
}
