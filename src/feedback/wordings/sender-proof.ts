import { any, type Wording } from '../wording.ts';

/**
 * What the sending host and domain could not prove: SPF, DKIM and DMARC, and their names in the DNS. Before
 * anything that says "policy", "rejected" or "spam".
 */
export const senderProofWordings: Wording[] = [
  // The sender's own proof. Before anything that says "policy", "rejected" or "spam".
  {
    reason: 'authfailure',
    words: any(/\b(?:spf|dkim|dmarc|domainkeys?|sender policy framework|sender id)\b/),
  },
  {
    reason: 'authfailure',
    words: any(
      /authentication (?:information|checks?|results?)\b/,
      /unauthenticated e?-?mail/,
      /not (?:allowed|permitted|authori[sz]ed|designated) to send (?:e?-?mail|messages?) (?:from|for|on behalf)(?! (?:this|that|your))/,
      /domain owner discourages/,
      /anti-?spoof/,
      /sender authentication fail/,
      /not (?:pass|align).{0,40}authentic/,
      /sender address verification failed due to authentication/,
    ),
  },

  // The name of the sending host.
  {
    reason: 'requireptr',
    words: any(
      /\bptr\b/,
      /reverse[ -]?(?:dns|lookup|mapping|record|host ?name|ip|name|resolution)/,
      /\brdns\b/,
      /ip-based host ?names? not/,
      /(?:can ?not|can't|could not|unable to|failed to) (?:find|resolve|verify|get) your (?:reverse |ip |host|real )?(?:host ?name|address|domain|ip|name|server)/,
    ),
  },
  {
    reason: 'requireptr',
    words: any(
      /forward[- ]confirmed/,
      /(?:unresolvable|unverifyable|unverifiable) (?:client|sending|host|ip|relay)/,
      /mismatche?s? client ip/,
      /client host ?name (?:does not|doesn't) match/,
      /fix (?:your )?(?:reverse|rdns)/,
      /no (?:valid )?(?:host ?name|dns name|dns record) for (?:your|client|ip)/,
      /(?:ip|host)(?: address)? (?:name )?lookup failed.{0,20}client/,
      /must have a (?:valid )?(?:dns|reverse|host)/,
      /helo.{0,40}does ?n[o']t (?:resolve|match)/,
      /sender ip must resolve/,
      /missing dns name/,
      /resolve (?:a |the )?(?:host ?)?names? (?:from|for|of) (?:the |your )?(?:ip|client|address|\[?\d)/,
    ),
  },
];
