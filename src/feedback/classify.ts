import { withoutAddresses } from './addresses.ts';
import { providerWordings } from './provider-wordings.ts';
import type { Reason } from './reasons.ts';
import type { Stage, Wording } from './wording.ts';
import { weakWordings, wordings } from './wordings.ts';

/** What is known about one recipient's failure. */
export interface Evidence {
  /** Words about this recipient, the most telling first; a later text counts only if the earlier ones say nothing. */
  texts: string[];
  /** Words about the message as a whole. They count if nothing else says why. */
  notice?: string;
  /** The exit code of a delivery program (`Diagnostic-Code: x-unix; 75`). */
  exitCode?: number;
  status: string | null;
  reply: number | null;
  stage?: Stage;
  /** Whether a reason was given at all, understood or not. */
  isStated: boolean;
  /** Whether the refusal comes from a rule that the recipient's side wrote, at a service that takes mail for whole domains. */
  byRule?: boolean;
  /** The DSN's action, if there is one. */
  action: string | null;
}

/** The reason for a failure: by the words, else by the status code (RFC 3463), else by where and how it was refused. */
export function classify(evidence: Evidence): Reason {
  if (/^(?:delivered|relayed|expanded)$/.test(evidence.action ?? '')) return 'delivered';
  const own = evidence.texts.map(plain).filter((text) => text.words);
  const notice = evidence.notice ? [plain(evidence.notice)] : [];
  return (
    byWords(own, evidence) ??
    inContext(bySpecificStatus(evidence), evidence) ??
    byExitCode(evidence) ??
    byTable(weakWordings, own, evidence) ??
    byWords(notice, evidence) ??
    byTable(weakWordings, notice, evidence) ??
    byVagueStatus(evidence) ??
    byReply(evidence)
  );
}

interface Plain {
  /** In lower case on one line, with links, for codes that stand in them. */
  words: string;
  /** Without addresses and links. */
  bare: string;
}

// What every failure has says nothing about this one.
const empty =
  /giving up on \S{1,100}|\(delivery attempts: \d{1,6}\)|i've given up|no (?:further|more) delivery attempts will be made/g;

function plain(text: string): Plain {
  const words = text
    .slice(0, 3_000)
    .toLowerCase()
    .replace(/[‘’`]/g, "'")
    .replace(/\s+/g, ' ')
    .replace(empty, '')
    .trim();
  // The codes at the beginning of a reply's further lines would stand in the middle of a sentence.
  const joined = words
    .replace(/ (?:<<< )?[245]\d\d[- ][245]\.\d{1,3}\.\d{1,3} /g, ' ')
    .replace(/ {2,}/g, ' ');
  return { words, bare: withoutAddresses(joined.replace(/https?:\/\/\S+/g, ' ')) };
}

function byWords(texts: Plain[], evidence: Evidence): Reason | undefined {
  for (const text of texts) {
    const exact = firstMatch(providerWordings, text.words, evidence.stage);
    if (exact) return exact;
    const reason = firstMatch(wordings, text.bare, evidence.stage);
    if (reason) return inContext(reason, evidence);
  }
  return undefined;
}

function byTable(rows: Wording[], texts: Plain[], { stage }: Evidence): Reason | undefined {
  for (const text of texts) {
    const reason = firstMatch(rows, text.bare, stage);
    if (reason) return reason;
  }
  return undefined;
}

/** What a wording means where it was said. */
function inContext<R extends Reason | undefined>(reason: R, evidence: Evidence): R | Reason {
  if (!reason) return reason;
  if (reason === 'userunknown' && isFilter(evidence)) return 'filtered';
  // Before a recipient was named, what does not exist is the sender.
  if (evidence.stage === 'mail' && /^(?:userunknown|hostunknown)$/.test(reason)) return 'rejected';
  if (evidence.stage === 'helo' && reason === 'hostunknown') return 'blocked';
  // Whoever has left an address for another is often said to be unknown there, or no longer active.
  if (evidence.status === '5.1.6' && /^(?:userunknown|suspend)$/.test(reason)) return 'hasmoved';
  // A sentence that could mean much does not outweigh a code that means one thing.
  const stated = vague.has(reason)
    ? certain.find(([pattern]) => pattern.test(evidence.status ?? ''))?.[1]
    : undefined;
  if (stated) return stated;
  if (reason === 'mesgtoobig' && evidence.status === '5.2.3') return 'exceedlimit';
  return reason;
}

function firstMatch(rows: Wording[], text: string, stage?: Stage): Reason | undefined {
  return rows.find((row) => (!row.at || (stage && row.at.includes(stage))) && row.words.test(text))?.reason;
}

/**
 * A server that knows its users refuses in answer to RCPT TO, with a status about the address, or with words of its own.
 * "User unknown" after the whole message was taken, or quoted without any of these, is often a recipient's filter (mobile
 * carriers answer so to what their customers do not want), so it does not prove that the address is dead.
 */
function isFilter({ status, stage, reply, byRule }: Evidence): boolean {
  if (byRule) return true;
  if (/^[45]\.1\.|^[45]\.2\.1$/.test(status ?? '') || stage === 'rcpt') return false;
  return stage === 'data' || reply !== null || /^5\.7\./.test(status ?? '');
}

const vague: ReadonlySet<Reason> = new Set(['securityerror', 'systemerror', 'contenterror', 'syntaxerror']);
const certain: [RegExp, Reason][] = [
  [/^5\.1\.(?:1|10)$/, 'userunknown'],
  [/^5\.6\.\d$/, 'contenterror'],
  [/^[45]\.1\.[78]$/, 'rejected'],
  [/^[45]\.2\.2$/, 'mailboxfull'],
  [/^5\.3\.4$/, 'mesgtoobig'],
  [/^5\.7\.26$/, 'authfailure'],
  [/^[45]\.7\.25$/, 'requireptr'],
];

// Codes that mean one thing, whoever uses them.
const statusReasons: [RegExp, Reason][] = [
  [/^[45]\.1\.[13]$|^5\.1\.10$|^5\.1\.351$/, 'userunknown'],
  [/^5\.1\.2$/, 'hostunknown'],
  [/^5\.1\.6$|^5\.7\.1[78]$/, 'hasmoved'],
  [/^[45]\.1\.[78]$/, 'rejected'],
  [/^5\.1\.0$/, 'userunknown'],
  [/^[45]\.2\.1$|^5\.7\.13$/, 'suspend'],
  [/^[45]\.2\.2$/, 'mailboxfull'],
  [/^5\.2\.3$/, 'exceedlimit'],
  [/^5\.2\.0$/, 'filtered'],
  [/^[45]\.3\.1$/, 'systemfull'],
  [/^5\.3\.4$/, 'mesgtoobig'],
  [/^[45]\.4\.[17]$|^4\.4\.[02]$/, 'expired'],
  [/^5\.4\.4$/, 'hostunknown'],
  [/^[45]\.4\.[346]$/, 'networkerror'],
  [/^[45]\.5\.3$/, 'toomanyconn'],
  [/^5\.5\.[0-6]$/, 'syntaxerror'],
  [/^5\.6\.\d+$/, 'contenterror'],
  [/^[45]\.7\.2[0-46]$|^5\.7\.[78]$/, 'authfailure'],
  [/^[45]\.7\.25$/, 'requireptr'],
  [/^[45]\.7\.28$/, 'speeding'],
  [/^5\.7\.9$/, 'policyviolation'],
];
const vagueStatusReasons: [RegExp, Reason][] = [
  [/^[45]\.3\.\d+$/, 'systemerror'],
  [/^[45]\.4\.\d+$/, 'networkerror'],
  [/^[45]\.7\.\d+$/, 'securityerror'],
  [/^4\.1\.\d+$/, 'onhold'],
];

function bySpecificStatus({ status }: Evidence): Reason | undefined {
  return statusReasons.find(([pattern]) => status && pattern.test(status))?.[1];
}

function byVagueStatus({ status }: Evidence): Reason | undefined {
  return vagueStatusReasons.find(([pattern]) => status && pattern.test(status))?.[1];
}

// sysexits.h: 67 is "no such user", 68 "no such host"; the others say that the delivery program failed.
function byExitCode({ exitCode }: Evidence): Reason | undefined {
  if (exitCode === undefined) return undefined;
  return exitCode === 67 ? 'userunknown' : exitCode === 68 ? 'hostunknown' : 'mailererror';
}

function byReply({ reply, stage, action, isStated }: Evidence): Reason {
  if (stage === 'connect' || stage === 'helo') return 'blocked';
  if (stage === 'mail') return 'rejected';
  if (action === 'delayed' || reply === 421) return 'expired';
  // RFC 7504: a host that takes no mail.
  if (reply === 521 || reply === 556) return 'notaccept';
  if (reply === 552) return 'mailboxfull';
  if (reply && reply >= 500 && reply <= 504) return 'syntaxerror';
  if (stage === 'data' && reply && reply >= 550) return 'filtered';
  return isStated ? 'onhold' : 'undefined';
}
