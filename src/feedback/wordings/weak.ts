import { any, type Wording } from '../wording.ts';

/**
 * Words that decide only if nothing above did, as they are used for much: what they mean depends on where in the
 * conversation they came.
 */
export const weakWordings: Wording[] = [
  {
    reason: 'userunknown',
    at: ['rcpt'],
    words: any(/\bdo(?:es|s|esn|e)?n?'?t exists?\b/, /\bdoes not exist\b/, /\bnot found\.?$/),
  },
  { reason: 'spamdetected', at: ['data'], words: any(/\bspam\b/) },
  {
    reason: 'policyviolation',
    at: ['data'],
    words: any(/block/, /not (?:allowed|accept|permit)/, /unwanted/),
  },
  {
    reason: 'filtered',
    words: any(
      /filter/,
      /(?:recipient|user|message)s? (?:has |was |is |were )?(?:been )?(?:refused|rejected|blocked|denied)/,
      /(?:refused|rejected|blocked|denied) by (?:the )?(?:user|recipient)/,
    ),
  },
  { reason: 'blocked', words: any(/\b(?:blocked|banned)\b/) },
];
