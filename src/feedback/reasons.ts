/**
 * Why a message was not delivered, in Broadsheet's own words. The names are the ones that postmasters and the open bounce
 * parsers use, so that figures can be compared.
 */
export const reasons = {
  userunknown: 'there is no such mailbox',
  hostunknown: 'there is no such domain or host',
  hasmoved: 'the recipient has moved to another address',
  notaccept: 'the domain or host takes no mail at all',
  mailboxfull: "the recipient's mailbox is full",
  suspend: 'the mailbox is there, but disabled, locked or not in use',
  filtered: "the recipient's own filter refused the message, often as if there were no mailbox",
  exceedlimit: 'the message is larger than this recipient may get',
  mesgtoobig: 'the message is larger than the server takes',
  spamdetected: 'the message looks like spam',
  virusdetected: 'the message looks like malware',
  policyviolation: "the message breaks a rule of the recipient's site",
  contenterror: 'something in the content or its encoding is not accepted',
  notcompliantrfc: 'the message is not written as RFC 5322 asks',
  blocked: 'the sending server or network is blocked',
  badreputation: "the sending server's or domain's reputation is too low",
  requireptr: 'the sending address lacks a name in the DNS, or its name does not fit',
  authfailure: 'SPF, DKIM or DMARC failed',
  rejected: "the sender's address is refused",
  norelaying: 'the server does not relay for this recipient',
  securityerror: 'access, authentication or encryption was asked for and missing',
  toomanyconn: 'too many connections or recipients at a time',
  speeding: 'too many messages in too short a time',
  expired: 'it could not be delivered in time, or the server did not answer',
  networkerror: 'the network, the DNS or the routing failed',
  systemerror: "the recipient's system failed",
  systemfull: "the recipient's server has no space left",
  mailererror: 'a delivery program or filter command failed',
  syntaxerror: 'the servers did not understand each other',
  onhold: 'a reason is given, but none that is understood',
  undefined: 'no reason is given',
  delivered: 'it was delivered',
  feedback: 'somebody reported it, as spam or otherwise',
  vacation: 'an automatic answer',
} as const;

/** One of `reasons`. */
export type Reason = keyof typeof reasons;

// What no waiting and no better message will change. A full or suspended mailbox may come back, and everything about the
// sender or the message says nothing of the mailbox.
const final: ReadonlySet<Reason> = new Set(['userunknown', 'hostunknown', 'hasmoved', 'notaccept']);

/** Whether the address itself is dead, so that it should not be mailed again. */
export function isHard(reason: Reason): boolean {
  return final.has(reason);
}

// They are about the sender, the message, or how mail is handed over: another sender or message would be taken.
const aboutUs: ReadonlySet<Reason> = new Set([
  'exceedlimit',
  'mesgtoobig',
  'spamdetected',
  'virusdetected',
  'policyviolation',
  'contenterror',
  'notcompliantrfc',
  'blocked',
  'badreputation',
  'requireptr',
  'authfailure',
  'rejected',
  'norelaying',
  'securityerror',
  'toomanyconn',
  'speeding',
  'syntaxerror',
]);

/** Whether a refusal is about us or the message, so that it must not count against the address. */
export function saysNothingOfMailbox(reason: Reason): boolean {
  return aboutUs.has(reason);
}
