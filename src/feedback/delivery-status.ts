import { firstAddress } from './addresses.ts';

/** One recipient's fields of a delivery status notification (RFC 3464 section 2.3). */
export interface StatusFields {
  finalRecipient: string | null;
  originalRecipient: string | null;
  /** `failed`, `delayed`, `delivered`, `relayed` or `expanded`, or null if it names none of these. */
  action: string | null;
  /** The `Status` field's code, and what stands behind it in brackets. */
  status: string | null;
  comment: string;
  /** `smtp`, `x-unix`, … in lower case, empty if not named. */
  diagnosticType: string;
  diagnostic: string;
}

// A message goes to one recipient here, and to a few hundred at most elsewhere (RFC 5321 section 4.5.3.1.8 asks for 100).
const maxRecipients = 500;

/** The recipients of a message/delivery-status part. Damaged fields are left out; it never throws. */
export function readDeliveryStatus(text: string): StatusFields[] {
  const distinct = new Map<string, StatusFields>();
  for (const group of groupsOf(text)) {
    const fields = fieldsOf(group);
    if (!fields) continue;
    distinct.set(JSON.stringify(fields), fields);
    if (distinct.size >= maxRecipients) break;
  }
  return [...distinct.values()];
}

/** The same for a text that has such fields somewhere in it: a gateway has flattened the message, or a sender knew no MIME. */
export function findDeliveryStatus(text: string): StatusFields[] {
  if (!/^\s{0,8}Final-Reci/im.test(text) && !/^Original-Recipient:/im.test(text)) return [];
  return readDeliveryStatus(text).filter(
    (fields) => fields.finalRecipient && (fields.status || fields.action),
  );
}

const fieldLine = /^\s{0,8}(final-recipient|original-recipient|action|status|diagnostic-code)\s{0,8}:(.*)$/i;
const anyField = /^[a-z][a-z0-9-]{2,40}\s{0,8}:/i;

function groupsOf(text: string): Map<string, string>[] {
  const groups: Map<string, string>[] = [];
  let group = new Map<string, string>();
  let current: string | undefined;
  let afterBlank = false;
  for (const line of text.slice(0, 1_000_000).split('\n')) {
    if (line.trim() === '') {
      current = undefined;
      afterBlank = true;
      continue;
    }
    const match = line.length < 10_000 ? fieldLine.exec(line) : null;
    if (match) {
      current = match[1]!.toLowerCase();
      // A blank line should end a recipient's fields, but some servers put one between every two fields.
      const begins = afterBlank && current.endsWith('-recipient') && isComplete(group);
      if (begins || group.has(current)) {
        groups.push(group);
        group = new Map();
      }
      group.set(current, match[2]!.trim());
    } else if (current && (/^[ \t]/.test(line) || !anyField.test(line))) {
      const value = group.get(current) ?? '';
      if (value.length < 8_000) group.set(current, `${value} ${line.trim()}`.trim());
    } else current = undefined;
    afterBlank = false;
  }
  groups.push(group);
  return groups;
}

function isComplete(group: Map<string, string>): boolean {
  return group.has('final-recipient') && (group.has('action') || group.has('status'));
}

function fieldsOf(group: Map<string, string>): StatusFields | undefined {
  if (!group.has('final-recipient') && !group.has('original-recipient') && !group.has('diagnostic-code'))
    return undefined;
  const [, status = null, comment = ''] =
    /^\D{0,3}([245]\.\d{1,3}\.\d{1,3})(.*)$/s.exec(group.get('status') ?? '') ?? [];
  const [, type = '', diagnostic = ''] =
    /^(?:([a-z0-9-]{2,20})\s{0,20};)?(.*)$/is.exec((group.get('diagnostic-code') ?? '').slice(0, 8_000)) ??
    [];
  return {
    finalRecipient: recipient(group.get('final-recipient')),
    originalRecipient: recipient(group.get('original-recipient')),
    action:
      /failed|delayed|delivered|relayed|expanded/.exec((group.get('action') ?? '').toLowerCase())?.[0] ??
      null,
    status,
    comment: comment.trim(),
    diagnosticType: type.toLowerCase(),
    diagnostic: diagnostic.trim(),
  };
}

// `rfc822;name@example.com`; some servers write the type in capitals, in brackets or not at all.
function recipient(value = ''): string | null {
  return firstAddress(value.replace(/^\s*[a-z0-9-]{1,20}\s*;/i, '')) ?? null;
}
