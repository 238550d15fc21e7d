import type { Feedback } from './feedback.ts';
import { decodeWords, type Headers, header, type MimeMessage } from './mime.ts';

const inSubject =
  /^\s*(?:\[?(?:auto(?:matic)?[-_ ]?(?:reply|response|responder|answer)|autoreply|automatic reply|auto:|autoresponder|out[ -]of[ -](?:the )?office|ooo\b|vacation(?: (?:message|reply|notice))?:?|away from|i am (?:away|on vacation)|on vacation|absence|abwesend|abwesenheits?\w{0,20}|automatische antwort|r\u00e9ponse automatique|absence du bureau|respuesta autom\u00e1tica|fuera de (?:la )?oficina|risposta automatica|resposta autom\u00e1tica|automatisch antwoord|afwezig\w{0,10}|autosvar|automaattinen|\u0430\u0432\u0442\u043e\u043e\u0442\u0432\u0435\u0442|\u81ea\u52d5(?:\u5fdc\u7b54|\u8fd4\u4fe1)|\u81ea\u52a8(?:\u56de\u590d|\u7b54\u590d)|\u4e0d\u5728))/i;

const messageHeaders: [string, RegExp][] = [
  // RFC 3834 section 5. Bounces of some servers say so too; they are recognised before.
  ['auto-submitted', /^auto-replied/i],
  ['x-auto-response', /./],
  ['x-autorespond', /./],
  ['x-autoreply', /./],
  ['x-autoreply-from', /./],
  ['x-mail-autoreply', /./],
  ['precedence', /^auto[-_]?reply/i],
  ['x-precedence', /^auto[-_]?reply/i],
  ['x-apple-action', /^vacation/i],
  ['x-vacation', /./],
  ['delivered-to', /^autoresponder/i],
];

/** An automatic answer, such as of somebody on holiday: known by RFC 3834's header, its forerunners, or its subject. */
export function readAutoReply(
  message: MimeMessage,
): (Pick<Feedback, 'kind' | 'recipients'> & { reason: 'vacation' }) | undefined {
  if (
    !saysSo(message.headers) &&
    !inSubject.test(decodeWords(header(message.headers, 'subject') ?? '').slice(0, 500))
  )
    return undefined;
  return { kind: 'auto-reply', recipients: [], reason: 'vacation' };
}

function saysSo(headers: Headers): boolean {
  return headers.some(([name, value]) =>
    messageHeaders.some(([key, pattern]) => key === name && pattern.test(value)),
  );
}
