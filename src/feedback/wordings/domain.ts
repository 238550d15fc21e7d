import { any, type Wording } from '../wording.ts';

/** Relaying, the host and the domain; delivery programs that say themselves who they are. */
export const domainWordings: Wording[] = [
  // Relaying.
  {
    reason: 'norelaying',
    words: any(
      /\brelay(?:ing)?\b(?: \S{1,20}){0,4} (?:access |is |was )?(?:denied|not (?:permitted|allowed|accepted|authorized|supported|possible|enabled|opera\w{0,5})|prohibited|disallowed|refused|disabled|rejected|restricted|forbidden)/,
      /not (?:in|on|one of) (?:\S{1,12} ){0,3}relay (?:list|domains?|hosts?)/,
      /(?:no|not|unable to|cannot|can't|can not|won't|will not|do not|don't|does not|unauthorized|insecure|denied|refus\w{0,3}|attempt to|must .{0,20}to|illegal|prohibited|forbidden) (?:permitted to |allowed to |authorized to |act as |a |an |open |mail |be used as a? ?)*(?:relay(?:ing)?)\b/,
      /not (?:in|a|my|our|one of).{0,20}(?:rcpthosts|local domain)/,
      /isn't in my list of allowed rcpthosts/,
      /not a? ?gateway/,
      /not configured to relay/,
      /(?:not|n't) (?:handle|serve|host|process) (?:e?-?mail|messages?) for /,
      /authentication when (?:attempting )?(?:to )?send(?:ing)? to (?:a )?non-?local/,
      /we do not relay/,
      /relay not/,
      /(?:not|n't) (?:allow|permit|support|accept|do)(?:ing)? (?:any |open |mail )*relay/,
      /that domain isn't/,
      /domain isn't (?:allowed|local)/,
      /not (?:hosted|served|handled|local) (?:here|on this|by this)/,
      /mail (?:for|to) (?:this |that |your )?(?:domain|host) (?:is )?not (?:accepted|handled|served)/,
    ),
  },

  // What is wrong with the words of the conversation, not with what they name.
  {
    reason: 'syntaxerror',
    words: any(
      /syntactically invalid/,
      /(?:address|recipient|mailbox|command|parameter) syntax/,
      /syntax error/,
      /need fully-qualified/,
    ),
  },

  // The host or the domain.
  {
    reason: 'hostunknown',
    words: any(
      /domain (?:of (?:the )?recipient|name in the e?-?mail address|part|portion)(?: \S{1,12}){0,3} (?:not (?:exist|found|valid)|invalid)/,
      /cannot resolve [a-z0-9-]{1,63}\.[a-z0-9.-]{2,100}/,
    ),
  },
  {
    reason: 'notaccept',
    words: any(
      /(?:host|domain|server|system|site|machine|mail ?server|mx|destination|computer|address)s?(?: \S{1,60})? (?:does ?n[o']t|do ?n[o']t|does not seem to|seems? not to|never|will not|won't|cannot|refuses? to|is not|isn't) (?:currently |presently )?(?:accept(?:ing)?|receiv(?:e|ing)|tak(?:e|ing)|handle|process|have|support) (?:any |incoming |inbound |e-?)*(?:mail|e-?mail|messages?)/,
      /(?:seems?|appears?) to reject all/,
      /^(?:smtp; ?)?(?:[45]\d\d[ -])?(?:[45]\.\d\.\d{1,2} )?\S{1,80} does not accept (?:any |incoming |inbound )*(?:e?-?mail|messages)/,
      /send[- ]only (?:mail )?(?:server|host|domain|address)/,
      /null ?mx/,
      /(?:takes?|receives?|accepts?) no e?-?mail/,
      /\bmx 0 \./,
      /find a mail exchanger or ip/,
      /no (?:valid |usable |suitable )?mx\b/,
      /no mail (?:exchanger|server|host) (?:found|for|available|exists)/,
      /mail ?servers? .{0,30}(?:does not exist|none|not exist)/,
      /all relevant mx records/,
      /mx records? .{0,40}(?:point|not exist|missing|invalid|non-?exist|empty|loopback|localhost)/,
      /smtp protocol returned a permanent/,
      /does not run smtp/,
      /doesn't run a mail/,
    ),
  },
  {
    reason: 'hostunknown',
    words: any(
      /host ?(?:name)?(?: or domain(?: name)?)? ?(?:is )?(?:unknown|not (?:found|known)|does ?n[o']t (?:exist|resolve)|lookup did not|invalid)/,
      /unknown (?:host|domain|mail domain|mailhost|address domain)/,
      /(?:no such|invalid|bad|illegal|nonexistent|non-existent|unrouteable|unroutable|unresolvable|undefined) (?:mail )?(?:host|domain|host\/domain|destination (?:host|domain|system)|system address)/,
      /domain(?: name| \S{1,60})? (?:is |was |has )?(?:does ?n[o']t exist|not (?:found|exist|known|valid|resolv\w{1,5}|registered)|invalid|unknown|no longer exist|expired|must resolve|lookup failed: no)/,
      /bad destination (?:system|host|domain)/,
      /domain lookup failed/,
      /nxdomain/,
      /\benotfound\b/,
      /domain (?:is )?not reachable/,
      /all host address/,
      /(?:host|domain)(?: name)?(?: \S{1,60}){0,4} (?:could ?n[o']t|cannot|can't|can not) be (?:found|resolved|located)/,
      /(?:account or domain|destination|server|host|domain|mx) (?:may |does |do )?(?:not|n't) exist/,
      /(?:could|can)(?:not|n't| not) (?:find|resolve|locate|look ?up)(?: \S{1,40}){0,3} (?:domain|host|mail server|mx|address of)/,
      /dns (?:domain )?\S{0,80} ?does not exist/,
      /name (?:or service )?not known/,
      /\bno data known\b/,
      /not (?:a )?(?:known|valid) (?:host|domain)/,
      /host not found/,
      /domain must exist/,
      /(?:host|domain)(?: name)? \S{1,80} (?:was )?not found/,
      /recipient.{0,20}domain.{0,20}not (?:found|exist)/,
      /(?:^|\d\d\d )[a-z0-9-]{1,63}\.[a-z0-9.-]{2,100} does not exist\b/,
      /mail domain.{0,20}(?:not|un)/,
    ),
  },

  // A delivery program that says itself who it is.
  { reason: 'mailererror', words: any(/\bprocmail:/, /\bcommand (?:died|failed|output)/, /pipe to \|/) },
];
