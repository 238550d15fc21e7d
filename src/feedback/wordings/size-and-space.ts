import { any, type Wording } from '../wording.ts';

/** Sizes and quotas: of a message, a mailbox, a server. */
export const sizeAndSpaceWordings: Wording[] = [
  // Quotas of the sender's are rates; of the mailbox, space.
  {
    reason: 'speeding',
    words: any(
      /(?:sending|sender|send|daily|hourly|relay|outgoing) (?:\w{1,12} )?(?:quota|limit)/,
      /(?:quota|limit) for (?:your|this) (?:ip|host|sender|domain)/,
    ),
  },
  {
    reason: 'mailboxfull',
    words: any(
      /(?:mail ?box|disk|storage|user'?s?|account|recipient'?s?)(?: storage| disk| mail)? quota/,
      /\bover[- ]?quota\b/,
      /remaining (?:space|storage)/,
    ),
  },

  {
    reason: 'mailboxfull',
    words: any(
      /mail ?box (?:size )?(?:limit )?(?:has |is |was )?(?:been )?exceed\w{0,3}(?: the| its| allowed| maximum)* ?(?:size|limit|quota|space|storage)?/,
      /or (?:the )?recipient'?s? mail ?box is full/,
      /mail ?file (?:size )?(?:has )?exceed/,
      /too much mail data/,
    ),
  },

  // Size.
  {
    reason: 'exceedlimit',
    words: any(
      /(?:message|mail) (?:too (?:large|big)|exceeds).{0,30} for (?:this )?(?:recipient|user|mailbox)/,
      /exceeds? (?:the )?(?:recipient|user|mailbox|account)'?s? (?:maximum |max )?(?:message )?(?:size|limit)/,
    ),
  },
  {
    reason: 'mesgtoobig',
    words: any(
      /(?:message|mail|e-?mail|content|body|header|data|letter|attachment|file)s?(?: (?:size|length|file|header|body))? ?(?:is |was |are |are too |be |has )?(?:too (?:big|large|long)|exceed\w{0,3}|larger|bigger|greater|over)\b/,
      /(?:size|length) (?:of (?:the |this |your )?(?:message|mail) )?(?:exceed\w{0,3}|is too|limit|larger|greater|over)/,
      /exceed\w{0,3} (?:the |our |fixed |a |an |your |administrative |server'?s? |local |global |system )*(?:max\w{0,6} )?(?:allowed )?(?:message |mail |e-?mail |file |attachment )?(?:size|length)/,
      /max\w{0,5} (?:message|mail|e-?mail)? ?(?:size|length)/,
      /too (?:large|big) (?:message|mail|for)/,
      /message size/,
      /\b\d{1,9} ?(?:mb|kb|bytes|megabytes)\b.{0,20}\b(?:limit|maximum|allowed)\b/,
      /\b(?:limit|maximum) (?:is|of) \d{1,9} ?(?:mb|kb|bytes|megabytes)\b/,
      /message length exceed/,
    ),
  },

  // Space.
  {
    reason: 'systemfull',
    words: any(
      /insufficient (?:system |disk )(?:storage|space|resources?)/,
      /no space left on (?:device|server)/,
      /(?:disk|file ?system|server|system|spool|partition|queue)(?: is)? full\b/,
      /out of disk space/,
      /disk space (?:is )?(?:full|exhausted)/,
      /not enough (?:free )?space (?:on|in) (?:the )?(?:server|system|queue|spool)/,
      /mail system full/,
      /(?:low|not enough|insufficient) (?:on )?(?:server )?storage on server/,
    ),
  },
  {
    reason: 'mailboxfull',
    words: any(
      /over (?:the )?(?:allowed )?(?:disk |mail |mailbox |storage )?(?:quota|limit)/,
      /over ?quota/,
      /quota(?: \S{1,30}){0,4} (?:exceed\w{0,3}|violation|violat\w{1,3}|reached|full|limit|overdrawn|overrun|over)/,
      /quota[_ -]?exceed/,
      /exceed\w{0,3}(?: \S{1,20}){0,5} (?:quota|storage|mailbox|mail ?box|allocation|space|local limit)/,
      /exceed\w{0,3} quota/,
      /(?:mail ?box|inbox|mailfolder|mail ?folder|account|mail ?drop|maildir|mail ?file|user'?s? \S{1,20}|storage|folder|postfach|boite|buzon|bo\u00eete)s?(?: (?:for|of) \S{1,30}( \S{1,30})?)? ?(?:is |was |has been |are |too |currently |temporarily |almost |already |this |user |over )*(?:full|overfull|filled|overloaded|out of (?:storage|space)|over\b|at capacity|exceed\w{0,3}|reached (?:its|the) (?:limit|quota|max))/,
      /full mail ?box/,
      /mail ?box.{0,30} (?:reached|at) (?:its |the |his |their )?(?:\S{1,10} )?(?:capacity|limit|maximum)/,
      /(?:out of|no|not enough|insufficient|lack of|has no more|run out of) (?:more |enough |free |available |mail ?box |mailbox |storage |disk |mail |account )*(?:storage|space|disk space|quota|disk)\b/,
      /too many messages (?:in|on) (?:this|the|his|her|recipient|mail)(?! (?:last|past|hour|day|minute))/,
      /too many (?:mails|messages) in(?! (?:the (?:last|past)|an|one|this) )/,
      /(?:mail ?box|inbox|recipient|user)(?: \S{1,20}){0,4} (?:has|holds|contains|have) too many (?:e?-?mails|messages)/,
      /number of messages in recipient/,
      /mailbox (?:size|limit|storage|quota)/,
      /storage (?:limit|quota|space|allocation)/,
      /disk quota/,
      /user is over/,
      /\bover (?:its |their |the )?storage\b/,
      /(?:mail ?box|inbox|account|user|recipient)(?: \S{1,12}){0,5} (?:no (?:more )?(?:room|space)|out of room)\b/,
      /no (?:more )?(?:room|space)(?: \S{1,12}){0,4} (?:mail ?box|inbox|account|user|recipient)/,
      /mail ?box.{0,30}over.{0,20}(?:limit|size)/,
      /inbox.{0,20}full/,
      /\bquota\b/,
    ),
  },
];
