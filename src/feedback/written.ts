import { addressesIn, firstAddress } from './addresses.ts';

/** What a bounce written for people says. */
export interface Written {
  /** Everything before the returned message. */
  notice: string;
  /** Recipients in order, each with the words that stand with it (which may be none). */
  recipients: { address: string; text: string }[];
}

const maxLength = 60_000;
const maxRecipients = 1_000;

/**
 * Reads a bounce that is written for people: which addresses it is about, and what it says of each. Servers put the address
 * at the beginning of a line and the words behind or below it; the others name it in a sentence.
 * @param expected addresses that the message names elsewhere (`X-Failed-Recipients`)
 * @param senders addresses on the sender's side, which are no recipients even if they are named
 */
export function readWritten(text: string, expected: string[], senders: ReadonlySet<string>): Written {
  const lines = beforeOriginal(text.slice(0, maxLength).split('\n'));
  const notice = lines.join('\n');
  const transcript = readTranscript(lines);
  const listed = listedRecipients(lines, (address) => !senders.has(address.toLowerCase()));
  if (transcript.length > 0 && listed.length === 0) return { notice, recipients: transcript };
  const wanted = new Set(expected.map((address) => address.toLowerCase()));
  const meant = listed.filter(({ address }) => wanted.has(address.toLowerCase()));
  if (meant.length > 0) return { notice, recipients: meant };
  if (listed.length > 0) return { notice, recipients: listed };
  if (expected.length > 0) return { notice, recipients: expected.map((address) => ({ address, text: '' })) };
  return { notice, recipients: mentioned(lines, senders) };
}

const decorated = /^[\s>]*(?:[-=_*#|+~]{2,}|-\s)/;
const marker =
  /(?:original|returned|unsent|undelivered|bounced|failed|returned mail|your) (?:e-?mail |mail )?(?:message|mail|headers?)|cop(?:y|ies) of (?:the|your)|(?:message|mail|original) (?:headers?|text|header section|contents?|info)|non-delivered message|below this line/i;
const endings =
  /(?:follows?|headers?|below|enclosed|attached|text|message|origin\w{0,4} \w{1,12})[.:\s\-=*|#]*$/i;

/** The lines before the returned message, which may stand in the same text. */
function beforeOriginal(lines: string[]): string[] {
  const end = lines.findIndex((line, index) => {
    if (line.length > 200) return false;
    if (/^(?:received|return-path|message-id|mime-version|x-[a-z-]{2,30}):/i.test(line)) return index > 0;
    if (/^[\s>]{0,8}message details/i.test(line)) return false;
    return (
      marker.test(line) &&
      (decorated.test(line) ? !/problem|error|non-delivered info/i.test(line) : isEnding(line))
    );
  });
  return end === -1 ? lines : lines.slice(0, end);
}

function isEnding(line: string): boolean {
  return (
    /^[\s>]*(?:the |this is |below is |included is |enclosed is |here is )?(?:the |a |your )?(?:copy of |header of )?(?:original|returned|message|mail|undelivered|unsent|copy|header)/i.test(
      line,
    ) &&
    endings.test(line) &&
    /follow|copy|header|below|original/i.test(line)
  );
}

const headerLike =
  /^[\s>|]{0,10}(?:from|to|cc|bcc|subject|date|sent|sent date|reply-to|message-?id|sender|received|in-reply-to|references|mail from|return-path|errors-to|x-[\w-]{1,30})\s*:/i;
const contactLike =
  /\b(?:contact|assistance|support|questions?|help|write to|send (?:mail|e-?mail) to|postmaster for|report this)\b/i;
const atLineStart =
  /^[\s>|*•–-]{0,40}(?:\d{1,3}[.)]\s+)?(?:(?:recipient(?: address)?|address(?:ed to)?|(?:final|original)[- ]recipient|failed recipient|to|could not be delivered to|was not delivered to|delivered to)(?![\w.+-])\s?:?\s{0,4})?(?:rfc822;\s?)?["'<([]{0,3}(?=[^\s@<>"]{1,128}@[^\s@])/i;

function listedRecipients(lines: string[], isRecipient: (address: string) => boolean): Written['recipients'] {
  const found = new Map<string, { address: string; text: string }>();
  let current: { address: string; text: string } | undefined;
  for (const line of lines) {
    const start = line.length < 2_000 && !headerIn(line) ? atLineStart.exec(line) : null;
    const address = start ? firstAddress(line.slice(start[0].length - 0, start[0].length + 400)) : undefined;
    if (start && address && line.slice(start[0].length).startsWith(address) && isRecipient(address)) {
      const known = found.get(address.toLowerCase());
      const rest = line
        .slice(start[0].length + address.length)
        .replace(/^["'>)\]]*(?:<mailto:[^>]{1,300}>)?[\s:]*/, '');
      if (known) current = known;
      else if (found.size < maxRecipients) {
        current = { address, text: '' };
        found.set(address.toLowerCase(), current);
      }
      add(current, rest);
    } else if (line.trim() !== '') add(current, line);
  }
  return [...found.values()];
}

function headerIn(line: string): boolean {
  return headerLike.test(line) && !/^\s*to\s{0,20}:?\s{0,20}<[^>]{3,200}>\s{0,20}:?\s*$/i.test(line);
}

function add(current: { text: string } | undefined, words: string): void {
  if (current && words && current.text.length < 3_000)
    current.text += `${current.text ? '\n' : ''}${words.trim()}`;
}

/** Addresses in sentences, such as "your message to <name@example.com> was rejected". */
function mentioned(lines: string[], senders: ReadonlySet<string>): Written['recipients'] {
  const found = new Map<string, { address: string; text: string }>();
  for (const line of lines) {
    if (line.length > 2_000 || (headerLike.test(line) && !/rcpt to/i.test(line)) || contactLike.test(line))
      continue;
    for (const address of addressesIn(line)) {
      const key = address.toLowerCase();
      if (senders.has(key) || found.has(key) || found.size >= maxRecipients) continue;
      // Only one can be meant by what the whole notice says; so no words are tied to it.
      found.set(key, { address, text: '' });
    }
  }
  return [...found.values()];
}

/**
 * Sendmail's and Postfix's transcripts: what was said (`>>>`, `In:`), what was answered (`<<<`, `Out:`), and what became of
 * it (`550 <name@example.com>... User unknown`).
 */
function readTranscript(lines: string[]): Written['recipients'] {
  const found: Written['recipients'] = [];
  let said = '';
  let answered = '';
  let asked: string | undefined;
  for (const line of lines) {
    const command = /^\s*(?:>>>|In:|Sent (?:>>>|<<<))\s+(.{1,1000})/.exec(line)?.[1];
    const answer = /^\s*(?:<<<|Out:|Received (?:>>>|<<<))\s+([245]\d\d.{0,1000})/.exec(line)?.[1];
    const verdict = /^([45]\d\d) (<?\S{1,300}@\S{1,300}?)\.\.\. (.{0,1000})/.exec(line);
    if (command) {
      said = command;
      if (/^rcpt to/i.test(command)) asked = firstAddress(command) ?? asked;
    } else if (answer) {
      if (/^[45]/.test(answer) && !/^503|^421/.test(answer))
        answered += `${answered ? '\n' : `>>> ${said}\n`}${answer}`;
    } else if (verdict) {
      const address = firstAddress(verdict[2]!);
      const known = found.find((one) => one.address === address);
      if (address && !known)
        found.push({
          address,
          text: answered || (/^[45]\d\d /.test(verdict[3]!) ? verdict[3]! : `${verdict[1]} ${verdict[3]}`),
        });
      answered = '';
    }
  }
  if (found.length === 0 && asked && answered) found.push({ address: asked, text: answered });
  return found;
}

/**
 * The words of a recipient without what only repeats that there was a failure. In a Sendmail transcript the remote
 * server's words (`<<<`) say why; the lines around are Sendmail's own reading of them.
 */
export function telling(text: string): string {
  const quoted = quote.exec(text);
  if (quoted) return text.slice(quoted.index + quoted[0].length);
  const lines = text.split('\n').filter((line) => !queueLine.test(line));
  const answers = lines.filter((line) => answerLine.test(line) && !/(?:<<<|<--)\s*503/.test(line));
  if (answers.length === 0) return lines.join('\n');
  const commands = lines.filter((line) => /^\s*(?:>>>|[\w :-]{0,40}-->)/.test(line)).slice(0, 1);
  const reasons = lines.filter((line) => /^\s*\(reason: /.test(line));
  return [...reasons, ...commands, ...answers].join('\n');
}

// What the other server said: Sendmail's way of quoting it, and MDaemon's with the time in front.
const answerLine = /^\s*(?:<<<|Received >>>|[\w :-]{0,40}<--)\s*[45]\d\d/;

// Sendmail's lines about its own queue.
const queueLine =
  /^\s*\*\*|message still undelivered after|will keep trying until|message could not be delivered for|will be deleted from queue|original message was received|^\s*from \S{1,200} \[[\d.]{7,15}\]/i;

// What a server says of the other's answer is mostly the same whatever the answer.
const quote =
  /error that the other server returned was:|^\d\.\d\.\d - [a-z ]{5,60} \d{3}-'|remote (?:host|server) (?:said|returned):? ?'?|gave this error:|\bfailed with:|following error message:|-{3} ?server message/i;
