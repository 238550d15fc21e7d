import { any, unless, type Wording } from '../wording.ts';

/**
 * What names the thing itself: success, as notifications report it, loops, databases, a recipient's own filter. It
 * counts whatever is said beside.
 */
export const certainWordings: Wording[] = [
  // Success, as notifications report it.
  { reason: 'delivered', words: any(/^(?:smtp; ?)?250[ -].{0,60}(?:ok|queued|accepted|received|delivered)/) },

  {
    reason: 'securityerror',
    words: any(
      /\btls (?:is )?(?:currently |temporarily )?(?:not available|unavailable) due to/,
      /encryption (?:is )?(?:needed|required)\b/,
      /^(?!.*relay).*(?:use|requires?|needs?) smtp[- ]auth\b/,
    ),
  },
  // An address in figures, and that it is not wanted; unless it is said why.
  {
    reason: 'blocked',
    words: unless(
      /reputation|\bptr\b|reverse/,
      any(
        /\b(?:ip|host|server|mta|address) \[?\d{1,3}(?:\.\d{1,3}){3}\]? (?:is |was |has been )(?:black-?listed|block-?listed|blocked|banned)/,
        /(?:hosts?|servers?|clients?) with (?:a )?dynamic ip/,
        /\bip[- ](?:based policy|blocked)\b/,
        /bad (?:sender|sending|source) ip\b/,
        /(?:host|server|ip) (?:was |is )?found (?:in|on) /,
        /\be-?mail from \d{1,3}(?:\.\d{1,3}){3} is (?:\S{1,12} )?blocked\b/,
      ),
    ),
  },
  // Loops and databases are named for certain, whatever is said beside.
  {
    reason: 'systemerror',
    words: any(
      /duplicated message-id/,
      /loop alert/,
      /\bldap (?:server|error|lookup|timeout|search)/,
      /(?:timeout|waiting)(?: \S{1,10}){0,4} ldap\b/,
      /\b(?:sql server|database error)\b/,
      /\bno mdb\b/,
      /forwarding loop broken/,
      /\bloop was found\b/,
      /insufficient permission/,
      /\b(?:data ?base|directory|backend|storage)(?: \S{1,12}){0,2} (?:not reachable|unreachable|not available|unavailable|down)\b/,
    ),
  },
  {
    reason: 'filtered',
    words: any(
      /message (?:was |has been )?filtered\b(?!\. (?:please )?(?:refer|see))/,
      /(?:recipient|user|addressee|owner)'?s? (?:own |personal |private |e?-?mail |spam )*(?:filter|black-?list|block-?list|preferences)/,
      /\bbounced address\b/,
      /\brule of (?:the |this )?(?:recipient|user|addressee)\b/,
      /\bfrom (?:known |own )?contacts only\b|\bonly from (?:known |own )?contacts\b/,
      /(?:personal|private) (?:filter|black-?list|block-?list)/,
      /(?:recipient|user|addressee|mail ?box) (?:only |does not |doesn't )accepts? (?:e?-?mails?|messages?) (?:only )?from (?:known|approved|listed|unknown|selected|certain|trusted)/,
    ),
  },
  {
    reason: 'userunknown',
    at: ['rcpt'],
    words: any(/\bno such mail ?box\b/, /\bunknown or (?:inactive|disabled|invalid)\b/),
  },
  { reason: 'hostunknown', words: any(/\bdomain (?:name )?(?:has |is )?expired\b/) },
  { reason: 'notaccept', words: any(/\bdomain is parked\b/) },
  {
    reason: 'userunknown',
    words: any(
      /recipient address rejected: (?:user unknown|unknown user|no such|undeliverable address)/,
      /address no longer accepts (?:e?-?mail|messages)/,
    ),
  },
  {
    reason: 'networkerror',
    words: any(/host not found, try again/, /temporary (?:failure in )?(?:name|dns)/),
  },
];
