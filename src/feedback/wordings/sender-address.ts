import { any, type Wording } from '../wording.ts';

/** The sender's address. Before the recipient's, which shares its words. */
export const senderAddressWordings: Wording[] = [
  // The sender's address. Before the recipient's, which shares its words.
  {
    reason: 'rejected',
    words: any(
      /sender (?:address |e?-?mail |domain |verif\w{1,10} )?(?:is |was |has been |been )?(?:rejected|denied|refused|blocked|invalid|unknown|not (?:allowed|permitted|accepted|found|valid|authorized|verified|exist)|verif\w{1,8} fail|fail|does not exist|missing|must|banned|prohibited|syntax|unrouteable|could not be verified)/,
    ),
  },
  {
    reason: 'rejected',
    words: any(
      /(?:invalid|unknown|bad|blocked|illegal|unroutable|unrouteable|denied|rejected|fake|forged|spoofed|null|empty|unverified|nonexistent|prohibited|blacklisted) (?:return[- ]path|envelope[- ]from|from address|mail ?from|sender)/,
      /domain of (?:the )?sender/,
      /\bcall ?(?:back|out)\b(?: \S{1,12}){0,3} (?:sender|from)\b/,
      /\bbad ?mail ?from\b/,
      /sender'?s?(?: address| domain)? (?:has no|have no|without|lacks|does not have) (?:a |an |any |valid )*(?:mx|a record|dns)/,
      /not (?:to )?(?:take|accept) (?:e?-?mail |messages? )?from this sender/,
      /sender (?:is |was )?(?:in|on) (?:my|our|the|a|this) /,
      /sender'?s? (?:address |e?-?mail )?domain/,
      /sender was rejected/,
      /server rejected mail from/,
      /mail from (?:command )?(?:rejected|refused|denied|not|address)/,
      /from address .{0,40}(?:not|invalid|reject|denied|den)/,
      /not (?:to )?(?:accept|take).{0,20} (?:mail |messages? )?from (?:this |that |your )?(?:sender|address|domain|e-?mail)/,
      /(?:do(?:es)? not|don't|doesn't|not|no longer) (?:accept|want|wish|like|receive|allowed).{0,40} from (?:you|your|this sender|sender|someone|<someone)/,
      /you (?:are|were|have been|weren't|are not).{0,20}(?:not allowed|blocked|refused|recognized as a valid sender|authorized to send|permitted to send)/,
      /not a valid sender/,
      /you are not a(?:n| valid| known| registered)? (?:known |valid |registered )*(?:user|customer|client)/,
      /your account (?:is|was) not/,
      /not (?:allowed|authori[sz]ed|permitted) to (?:send|use) (?:as|from|this) (?:this )?(?:sender|from|address|identity)/,
      /your (?:e?-?mail )?(?:address|domain|account)(?: \S{1,80})? (?:is |has been |was )?(?:blocked|rejected|refused|denied|banned|suspended)/,
      /access denied.{0,20}sender/,
      /denied by (?:the )?(?:recipient|user)/,
      /rejected by (?:the )?(?:recipient|user|addressee)/,
      /address in mail from/,
      /backscatter/,
      /bounce ?mail/,
      /null sender/,
      /sender not pre-?approved/,
      /closed list/,
      /members? only/,
      /not (?:a )?(?:member|subscrib\w{1,4}|authorized to post|allowed to post)/,
      /permission to post/,
      /cannot be (?:sent|posted) (?:by|from) you/,
      /mailbox does not accept.{0,20}bounce/,
    ),
  },
];
