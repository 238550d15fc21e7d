import { any, type Wording } from '../wording.ts';

/**
 * What names the thing itself: success, as notifications report it, loops, databases, a recipient's own filter. It
 * counts whatever is said beside.
 */
export const certainWordings: Wording[] = [
  // Success, as notifications report it.
  { reason: 'delivered', words: any(/^(?:smtp; ?)?250[ -].{0,60}(?:ok|queued|accepted|received|delivered)/) },

  {
    reason: 'securityerror',
    words: any(/\btls (?:is )?(?:currently |temporarily )?(?:not available|unavailable) due to/),
  },
  // Loops and databases are named for certain, whatever is said beside.
  {
    reason: 'systemerror',
    words: any(
      /duplicated message-id/,
      /loop alert/,
      /\bldap (?:server|error|lookup|timeout|search)/,
      /insufficient permission/,
    ),
  },
  {
    reason: 'filtered',
    words: any(/message (?:was |has been )?filtered\b/, /recipient'?s? (?:own |personal |e?-?mail )*filter/),
  },
  {
    reason: 'networkerror',
    words: any(/host not found, try again/, /temporary (?:failure in )?(?:name|dns)/),
  },
];
