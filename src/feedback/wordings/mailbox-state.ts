import { any, type Wording } from '../wording.ts';

/** The mailbox was there: it has moved, or it is shut. */
export const mailboxStateWordings: Wording[] = [
  // Moved.
  {
    reason: 'hasmoved',
    words: any(
      /(?:address|mailbox|user|recipient|account)(?: \S{1,40})? (?:has |have |was |is |been )*(?:moved|changed|replaced|relocated)/,
      /has (?:been )?(?:moved|changed|replaced) (?:to|by|with)/,
      /no longer (?:on|at) (?:this )?(?:server|site|domain)/,
      /user not local; please try/,
      /(?:try|use|write to|mail to|send (?:it |mail )?to|forward(?:ing)? to) someone(?: instead| from now on| in (?:the )?future)/,
      /has a new (?:e-?mail )?address/,
      /new (?:e-?mail )?address (?:is|:)/,
      /please (?:use|try|forward to) (?:the )?(?:new|following|instead)/,
    ),
  },

  // The mailbox is there and shut.
  {
    reason: 'suspend',
    words: any(
      /(?:account|mail ?box|mailbox|user|recipient|address|e-?mail|inbox|maildrop|domain)s?(?:\(s\))?(?:'s)?(?: (?:address|account|someone|e-?mail|that you tried to reach|you tried to reach|mail ?box|for \S{1,40}|\S?someone\S?))*(?: (?:is|has been|was|are|have been|been|has|currently|temporar\w{1,3}|temporally|permanently|administratively|now|either|not|over quota or))*[:,]? (?:disabled|suspended|inactive|deactivated|de-activated|locked|frozen|blocked|expired|closed|on hold|not active|not activated|inactivated|terminated|cancell?ed|restricted|dormant|under suspension|unused|turned off|shut down|bloqu\u00e9|bloque|desactiv\w{1,4}|suspendu|retired|discontinued|offline|paused|not in use|unavailable due|no longer (?:active|in use|available|accept|in service|used|valid))/,
    ),
  },
  {
    reason: 'suspend',
    words: any(
      /(?:disabled|suspended|inactive|deactivated|locked|frozen|blocked|expired|closed|dormant|retired|terminated) (?:recipient|mail ?box|mailbox|account|user|address|customer|e-?mail address)/,
      /recipient (?:address )?(?:rejected: )?(?:is )?temporar\w{0,3} (?:locked|disabled|suspended)/,
      /vdelivermail: account is locked/,
      /(?:disabled|suspended|locked|frozen|closed|deactivated|terminated|cancell?ed) (?:this|the|his|her|their|that) (?:mail ?box|account|address|user|recipient)/,
      /(?:mail ?box|account|user|recipient)(?: \S{1,12}){0,3} (?:not|n't|no longer) (?:\S{1,10} )?(?:active|enabled|activated|in service|able to receive|receiving)\b/,
      /not accepting (?:any )?(?:messages|mail)(?! (?:from|with))/,
      /^(?:[45]\d\d[ -])?(?:[45]\.\d\.\d{1,3} )?has been (?:suspended|disabled|deactivated|locked)/,
      /temporarily inactive/,
      /(?:user|customer|subscriber|owner)(?: \S{1,12}){0,3} (?:terminated|cancell?ed|ended|closed) (?:the|their|his|her) (?:service|account|contract|mail ?box)/,
      /recipient suspends? the service/,
      /user is (?:a )?(?:dormant|terminated|on hold)/,
      /account.{0,20}(?:closed|disabled|suspended|locked|inactive|deactivated)/,
      /has not logged/,
      /no(?:t)? (?:been )?log(?:ged)? in/,
      /mailbox.{0,16}disabled/,
      /user.{0,16}disabled/,
      /login disabled/,
      /blocked for (?:security|inactivity)/,
    ),
  },
];
