import { any, type Wording } from '../wording.ts';

/**
 * What mail programs write of themselves when they give up, in words of their own that would mean something else in an answer:
 * Exim, OpenSMTPD, Domino, qmail with LDAP, and Japanese carriers.
 */
export const ownReportWordings: Wording[] = [
  { reason: 'notaccept', words: any(/no host found for existing smtp connection/) },
  {
    reason: 'syntaxerror',
    words: any(/angle-brackets nested/, /source-routed address/, /\bmalformed address:/),
  },
  {
    reason: 'systemerror',
    words: any(
      /delivery to (?:file|pipe) forbidden/,
      /^local delivery failed\.?$/,
      /several matches found in/,
      /unable to chdir to/,
      /\binsufficient memory\b/,
    ),
  },
  {
    reason: 'expired',
    words: any(
      /all hosts have been failing/,
      /\bmessage (?:has been|was|is) frozen\b/,
      /\bfrozen on arrival\b/,
      /\bfor a long time and were last tried\b/,
    ),
  },
  {
    reason: 'networkerror',
    words: any(
      /(?:address family mismatch|network error) on destination mxs?\b/,
      /all routes to destination blocked/,
      /no valid route to (?:remote|destination) mx/,
      /temporary failure in mx\b/,
      /bad dns lookup error code/,
      /exceeded the maximum hop count/,
      /no mx found for (?:domain|destination)/,
    ),
  },
  { reason: 'filtered', words: any(/cannot route mail to user/) },
  {
    reason: 'userunknown',
    words: any(
      /répertorié dans l'annuaire/,
      /ディレクトリ(?:には|のリストに)\S{0,6}(?:見つかりません|ありません)/,
    ),
  },
  { reason: 'suspend', words: any(/account is temporarily limited/, /administrative?ly disabled/) },
  { reason: 'hostunknown', words: any(/remote domain does ?n[o']?t exist/) },
  { reason: 'norelaying', words: any(/due to the following smtp relay error/) },
  { reason: 'exceedlimit', words: any(/maximum size (?:that )?the (?:user|recipient) accepts/) },
  { reason: 'systemfull', words: any(/no space (?:left )?on (?:the|this) (?:server|disk|device)/) },
];
